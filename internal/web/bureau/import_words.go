package bureau

import (
	"strings"

	"github.com/a-h/templ"

	"juli/internal/importing"
	"juli/internal/resident"
	"juli/internal/web"
)

// ruleTitles name the rules of files that people break most often.
var ruleTitles = map[string]string{
	"sheet.required": "必填", "registry.required": "必填", "sheet.option": "可选项", "registry.choice": "可选项", "sheet.date": "日期格式", "sheet.time": "日期格式",
	"sheet.int": "数字格式", "sheet.number": "数字格式", "sheet.min": "数值范围", "sheet.max": "数值范围", "sheet.text-max": "长度", "registry.text-max": "长度", "sheet.text": "文字格式",
	"sheet.formula": "公式", "sheet.lost-digits": "位数丢失", "sheet.columns": "表头", "registry.twice": "重复", "registry.exists": "重复",
	"resident.form": "诉求内容", "resident.project": "小区", "resident.place": "小区", "resident.topic": "问题类别", "resident.order": "工单编号", "resident.order-other": "工单编号", "resident.order-day": "受理日期",
}

// ruleKinds name the rest by the room whose rule it is.
var ruleKinds = map[string]string{
	"sheet": "文件格式", "registry": "登记规则", "credit": "信用信息规则", "deed": "实事规则", "resident": "诉求办理规则", "importing": "导入规则", "blob": "文件", "code": "编码格式", "day": "日期格式", "money": "金额格式", "authz": "权限",
}

// ruleTitle is a broken rule in Chinese: its code means nothing to who mends a file.
func ruleTitle(rule string) string {
	if t, ok := ruleTitles[rule]; ok {
		return t
	}
	room, _, _ := strings.Cut(rule, ".")
	if t, ok := ruleKinds[room]; ok {
		return t
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
