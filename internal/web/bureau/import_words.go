package bureau

import (
	"strings"

	"github.com/a-h/templ"

	"juli/internal/importing"
	"juli/internal/resident"
	"juli/internal/web"
)

// cellTitles name the rules of cells that people break most often, in whatever room
// they are checked.
var cellTitles = map[string]string{
	"required": "必填", "option": "可选项", "choice": "可选项", "date": "日期格式", "time": "日期格式", "int": "数字格式", "number": "数字格式", "min": "数值范围", "max": "数值范围",
	"text-max": "长度", "text": "文字格式", "formula": "公式", "lost-digits": "位数丢失", "columns": "表头", "twice": "重复", "exists": "重复",
}

// orderTitles name the rules of 12345 orders.
var orderTitles = map[string]string{
	"form": "诉求内容", "project": "小区", "place": "小区", "topic": "问题类别", "order": "工单编号", "order-other": "工单编号", "order-day": "受理日期",
}

// ruleKinds name the rest by the room whose rule it is.
var ruleKinds = map[string]string{
	"sheet": "文件格式", "registry": "登记规则", "credit": "信用信息规则", "deed": "实事规则", "resident": "诉求办理规则", "importing": "导入规则", "blob": "文件", "code": "编码格式", "day": "日期格式", "money": "金额格式", "authz": "权限", "casework": "办理步骤",
}

// ruleTitle is a broken rule in Chinese: its code means nothing to who mends a file.
func ruleTitle(rule string) string {
	room, name, _ := strings.Cut(rule, ".")
	titles := cellTitles
	if room == "resident" {
		titles = orderTitles
	}
	for _, t := range []string{titles[name], ruleKinds[room]} {
		if t != "" {
			return t
		}
	}
	return "其他规则"
}

// importOrders lead from the orders of a file to the reports that were made of them.
func importOrders(run importing.Run) templ.Component {
	out := run.Outcome
	if len(out.Orders) == 0 {
		return templ.NopComponent
	}
	t := web.Table{Caption: "工单对应的诉求", Cols: []web.Col{{Name: "工单编号"}, {Name: "诉求编号"}, {Name: "结果"}}}
	for _, x := range out.Orders {
		was := "本次登记"
		if x.Known {
			was = "以前已登记"
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(x.Ref), {Text: x.Number, Href: "/bureau/reports/" + x.Report.String(), Nowrap: true}, web.T(was)}})
	}
	parts := []templ.Component{web.TableView(t)}
	if out.New+out.Same > int64(len(out.Orders)) {
		parts = append(parts, web.Quiet("只列出前 "+web.Count(int64(len(out.Orders)))+" 件；其余请在居民诉求中按工单编号查找。"))
	}
	return web.Section(web.Box{Title: "工单对应的诉求", More: web.Link{Text: "全部12345工单", Href: "/bureau/reports?channel=" + resident.Hotline}}, parts...)
}
