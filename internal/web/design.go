package web

import (
	"net/http"
	"slices"
	"strings"

	"juli/internal/day"
	"juli/internal/money"
)

// design is the living page of all components: the one place where a component
// is looked at in every state, with invented data of believable length.
func design(w http.ResponseWriter, r *http.Request) error {
	l, err := ReadList(r, designList)
	if err != nil {
		return err
	}
	rows := designRows(l)
	if l.Format != "" {
		return Export(w, r, l, "项目", designTable(l, rows))
	}
	return Show(w, r, http.StatusOK, designPage(l, rows, designForm()))
}

// designSent answers the page's form: it reads and refuses like any other, and
// changes nothing.
func designSent(w http.ResponseWriter, r *http.Request) error {
	f, err := ReadForm(r, designFields...)
	if err != nil {
		return err
	}
	l := &List{Spec: designList, Path: "/design", total: -1}
	if f.Date("happened") > Today(r) {
		f.Refuse("happened", "发生日期不能晚于今天。")
	}
	if !f.OK() {
		return Show(w, r, http.StatusUnprocessableEntity, designPage(l, designRows(l), f))
	}
	Say(r, "收到了，没有保存：这是组件页。")
	return Redirect(w, r, "/design")
}

var designList = ListSpec{
	Sorts:  []string{"name", "-area", "-points"},
	Search: "项目名称或街道",
	Size:   3,
	Filters: []Filter{
		{Name: "body", Label: "业主组织", Chips: true, Options: []Option{{Value: "yes", Text: "已成立", Count: "3"}, {Value: "no", Text: "未成立", Count: "2"}}},
		{Name: "district", Label: "区县", Options: []Option{{Value: "230103", Text: "南岗区"}, {Value: "230102", Text: "道里区"}}},
	},
}

type designProject struct {
	name, street, district, body string
	tone                         Tone
	area                         money.Area
	homes                        int64
	points                       money.Points
	fee                          money.Fen
}

var designProjects = []designProject{
	{"松江雅园", "奋斗路街道", "230103", "业委会 至 2024-05", Good, 312_480_65, 2816, 94_2000, 160},
	{"平安里小区（改造后老旧小区）", "大成街道", "230103", "物管会 至 2022-03", Warn, 86_215_00, 1104, 78_5000, 62},
	{"学府里", "和兴路街道", "230103", "", Bad, 140_972_30, 1532, 85_1000, 89},
	{"和兴嘉园", "和兴路街道", "230103", "业委会 至 2025-11", Good, 128_910_40, 1204, 88_3500, 135},
	{"群力第五街区", "群力街道", "230102", "", Bad, 402_118_72, 3960, 81_0000, 180},
}

// designRows filters, sorts and pages a handful of projects as a feature's query would.
func designRows(l *List) []designProject {
	rows := slices.Clone(designProjects)
	rows = slices.DeleteFunc(rows, func(p designProject) bool {
		return l.Get("district") != "" && p.district != l.Get("district") ||
			l.Get("body") == "yes" && p.body == "" || l.Get("body") == "no" && p.body != "" ||
			!strings.Contains(p.name+p.street, l.Q)
	})
	slices.SortStableFunc(rows, func(a, b designProject) int {
		n := strings.Compare(a.name, b.name)
		switch l.Sort {
		case "area":
			n = int(a.area - b.area)
		case "points":
			n = int(a.points - b.points)
		}
		if l.Desc {
			n = -n
		}
		return n
	})
	all := int64(len(rows))
	if after := l.After(); after != nil {
		if i := slices.IndexFunc(rows, func(p designProject) bool { return p.name == after[0] }); i >= 0 {
			rows = rows[i+1:]
		}
	}
	return Cut(l.Total(all), rows, func(p designProject) []string { return []string{p.name} })
}

func designTable(l *List, rows []designProject) Table {
	t := Table{
		Caption: "服务项目", List: l,
		Cols: []Col{
			{Name: "项目", Key: "name"},
			{Name: "街道"},
			{Name: "面积（㎡）", Key: "area", Num: true},
			{Name: "户数", Num: true},
			{Name: "业主组织"},
			{Name: "得分", Key: "points", Num: true},
			{Name: "物业费（元/㎡·月）", Num: true},
		},
	}
	var area money.Area
	var homes int64
	for _, p := range rows {
		body, tone := p.body, p.tone
		if body == "" {
			body = "未成立"
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{L(p.name, "#list"), T(p.street), A(p.area), N(p.homes, "#list"), Tagged(body, tone), P(p.points, false), F(p.fee)}})
		area, homes = area+p.area, homes+p.homes
	}
	t.Total = []Cell{T("本页合计"), A(area), N(homes, ""), T(""), T(""), T("")}
	return t
}

func designLines() Table {
	return Table{
		Caption: "为什么是 91.35 分",
		Cols:    []Col{{Name: "事项"}, {Name: "对象"}, {Name: "依据"}, {Name: "有效至"}, {Name: "分值", Num: true}},
		Rows: []Row{
			{Cells: []Cell{T("项目得分（按面积加权）"), T("7 个项目"), L("展开各项目", "#tables"), T(""), P(88_3500, false)}},
			{Cells: []Cell{T("市级示范项目"), T("松江雅园"), L("市住建局通报 2021-06-18", "#tables"), D(day.MustParse("2022-06-18")), P(5_0000, true)}},
			{Cells: []Cell{T("积雪未按时限清理"), T("平安里小区"), L("整改通知 2021-11-26", "#tables"), D(day.MustParse("2022-11-26")), P(-2_0000, true)}},
			{Off: true, Cells: []Cell{{Text: "投诉未按期答复", Sub: "异议成立，不计分"}, T("平安里小区"), L("复核决定 2021-10-12", "#tables"), T(""), P(-1_0000, true)}},
		},
		Total: []Cell{{Text: "合计", Sub: "良好信息上限 20 分，已计 5 分"}, P(91_3500, false)},
	}
}

var designFields = []Field{
	{Name: "subject", Label: "企业名称", Required: true, Max: 60, Hint: "营业执照上的全称", Auto: "organization"},
	{Name: "item", Label: "事项", Kind: Select, Required: true, Options: []Option{{Value: "L-03", Text: "获得市级示范项目"}, {Value: "B-11", Text: "积雪未按时限清理"}, {Value: "B-12", Text: "公共收益未公示"}}},
	{Name: "happened", Label: "发生日期", Kind: Date, Required: true, Hint: "例如 2021-11-26"},
	{Name: "amount", Label: "涉及金额", Kind: MoneyIn},
	{Name: "area", Label: "涉及面积", Kind: AreaIn, Hint: "最多两位小数"},
	{Name: "source", Label: "来源", Kind: Radio, Required: true, Options: []Option{{Value: "patrol", Text: "日常巡查"}, {Value: "report", Text: "居民投诉", Hint: "请在说明里写投诉编号"}, {Value: "court", Text: "法院判决"}}},
	{Name: "kinds", Label: "涉及的服务", Kind: Checks, Options: []Option{{Value: "clean", Text: "保洁"}, {Value: "guard", Text: "秩序维护"}, {Value: "repair", Text: "维修养护"}}},
	{Name: "note", Label: "说明", Kind: Long, Max: 500, Hint: "不要写当事人的姓名、电话和证件号码"},
	{Name: "evidence", Label: "证据", Kind: Files, Required: true, Accept: ".pdf,.jpg,.jpeg,.png", Hint: "PDF、JPG 或 PNG，每个不超过 20 MB，最多 10 个"},
	{Name: "sure", Label: "我已核对企业名称和发生日期", Kind: Check, Required: true},
}

func designForm() *Form {
	return NewForm(designFields...).Set("subject", "冰城安居物业服务有限公司")
}

// designRefused is the form as it comes back.
func designRefused() *Form {
	f := NewForm(
		Field{Name: "code", Label: "统一社会信用代码", Required: true, Max: 18, Hint: "18 位，在营业执照上"},
		Field{Name: "day", Label: "整改期限", Kind: Date, Required: true},
		Field{Name: "choice", Label: "您的选择", Kind: Radio, Required: true, Options: []Option{{Value: "y", Text: "同意"}, {Value: "n", Text: "反对"}, {Value: "a", Text: "弃权"}}},
	).Set("code", "91350100M000100Y4")
	f.Refuse("code", "统一社会信用代码应为 18 位，现在是 17 位。")
	f.Refuse("day", "请填写整改期限。")
	f.Refuse("choice", "请选择同意、反对或弃权。")
	return f
}

var designTodos = []Todo{
	{Title: "复查整改：平安里小区单元门损坏", Href: "#work", Detail: "居民说“没修好”，已重新打开 · 整改照片 2 张 · 案件 A-2021-03417", Due: DueOf(day.MustParse("2021-12-30"), day.MustParse("2021-12-31")), Act: "复查"},
	{Title: "认定不良信息：学府里公共收益未公示", Href: "#work", Detail: "街道录入，证据 3 份 · 认定后 5 个工作日内通知企业", Due: DueOf(day.MustParse("2021-12-31"), day.MustParse("2021-12-31")), Act: "认定"},
	{Title: "审查业主大会议题：和兴嘉园选聘物业服务企业", Href: "#work", Detail: "参与门槛 2/3 + 2/3，表决过半数 · 名册 1,204 户已核对", Due: DueOf(day.MustParse("2022-01-03"), day.MustParse("2021-12-31")), Act: "审查"},
	{Title: "答复异议：冰城安居 −2 分（积雪清理）", Href: "#work", Detail: "企业提交气象记录和作业照片 · 需与录入人不同的人答复", Due: DueOf(0, day.MustParse("2021-12-31")), Act: "答复"},
}

var designFigures = []Figure{
	{Label: "企业", Value: "118", Of: "其中 AAA 9 家", Href: "#figures"},
	{Label: "项目", Value: "406", Of: "2,914.3 万㎡", Href: "#figures"},
	{Label: "业主组织覆盖率", Value: "46.3%", Of: "188 / 406，目标 60%", Href: "#figures"},
	{Label: "整改逾期", Value: "11", Unit: "件", Of: "共 134 件，近 90 天", Href: "#figures", Tone: Bad},
	{Label: "回访“已解决”", Value: "83.0%", Of: "312 / 376", Href: "#figures", Tone: Good},
	{Label: "老旧小区接管", Value: "1,328", Unit: "万㎡", Of: "改造后移交", Href: "#figures"},
}

var designSteps = []Step{
	{Name: "受理", When: "12-12", Place: StepDone},
	{Name: "整改通知", When: "12-13 · 限 7 天", Place: StepDone},
	{Name: "约谈", Place: StepSkipped},
	{Name: "企业整改", When: "12-19", Place: StepDone},
	{Name: "复查", When: "应于 12-30", Place: StepLate},
	{Name: "居民确认", Place: StepAhead},
	{Name: "办结", Place: StepAhead},
}

var designProofs = []Proof{
	{Name: "整改通知书（南住建物改〔2021〕112号）", Href: "#work", Kind: "PDF", Size: "214 KB", When: "2021-12-13", Issuer: "南岗区住建局", SHA256: "9f2c4e1b7a60d5388c1c2b7f4fd0a3e1"},
	{Name: "单元门修复前后照片", Href: "#work", Kind: "照片", Size: "3.1 MB", When: "2021-12-19", Issuer: "企业上传", SHA256: "07be31ad55f2c9e4418b6fd0c2a19b77", NotVerified: true},
}

var designEvents = []Event{
	{When: "2021-12-30 24:00", Title: "复查逾期", Detail: "法定期限已过，已自动提醒科长。", Tone: Bad},
	{When: "2021-12-19 15:42", Title: "企业提交整改结果", Who: "冰城安居物业服务有限公司", Proof: designProofs},
	{When: "2021-12-13 09:20", Title: "发出整改通知", Who: "李敏（南岗区住建局）", Detail: "限 7 天，送达回执已签收。", Tone: Good, Href: "#work"},
	{When: "2021-12-12 18:05", Title: "居民投诉", Who: "业主（已隐去姓名）", Tone: Warn},
}

var designJobs = []Job{
	{ID: "1", Title: "导入企业基本信息", Done: 412, Of: 902, Unit: "行", State: "stopped", Detail: "已暂停，可以离开本页", Href: "#progress"},
	{ID: "2", Title: "2021 年第四季度信用评价", Done: 902, Of: 902, Unit: "家", State: "done", Href: "#progress"},
	{ID: "3", Title: "导入信用记录", Done: 1180, Of: 1200, Unit: "行", State: "failed", Bad: 20, Detail: "没有写入任何一行", Href: "#progress"},
}

var designCharts = []Chart{
	{
		Kind: Bars, Title: "各区业主组织覆盖率", Unit: "%", Places: 1, Labels: []string{"道里区", "南岗区", "松北区", "香坊区", "道外区", "平房区", "呼兰区", "阿城区"},
		Series: []Series{{Name: "覆盖率", Values: []int64{550, 502, 460, 437, 407, 347, 287, 250}}},
		Notes:  []string{"231 / 420", "204 / 406", "103 / 224", "167 / 382", "142 / 349", "41 / 118", "43 / 150", "33 / 132"},
		Hrefs:  []string{"#charts", "#charts", "#charts", "#charts", "#charts", "#charts", "#charts", "#charts"},
		Goal:   &Goal{Value: 600, Text: "2022 年目标 60%"},
	},
	{
		Kind: Lines, Title: "四个季度得分", Unit: "分", Places: 2, From: 8000, Labels: []string{"一季度", "二季度", "三季度", "四季度"},
		Series: []Series{{Name: "冰城安居", Values: []int64{8410, 8760, 9020, 9135}}},
	},
	{
		Kind: Lines, Title: "按期办结率", Unit: "%", Places: 1, From: 600, Labels: []string{"1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"},
		Series: []Series{
			{Name: "南岗区", Values: []int64{812, 820, 845, 861, 870, 866, 882, 890, 905, 911, 897, 918}},
			{Name: "道里区", Values: []int64{760, 771, 790, 802, 799, 815, 828, 833, 841, 850, 846, 861}},
			{Name: "全市", Values: []int64{741, 755, 768, 780, 786, 793, 801, 812, 820, 829, 822, 840}},
		},
	},
	{
		Kind: Columns, Title: "良好与不良信息", Unit: "条", Labels: []string{"一季度", "二季度", "三季度", "四季度"},
		Series: []Series{{Name: "良好", Values: []int64{312, 405, 388, 460}}, {Name: "不良", Values: []int64{140, 122, 131, 98}}},
	},
	{
		Kind: Stack, Title: "信用等级分布", Unit: "家", Labels: []string{"一季度", "二季度", "三季度", "四季度"},
		Series: []Series{{Name: "AAA", Values: []int64{51, 55, 59, 64}}, {Name: "AA", Values: []int64{150, 158, 161, 173}}, {Name: "A", Values: []int64{402, 399, 397, 388}}, {Name: "B", Values: []int64{243, 239, 237, 231}}, {Name: "C", Values: []int64{50, 46, 43, 41}}},
	},
}

var designDocument = Document{
	Issuer: "哈尔滨市南岗区住房和城乡建设局", Number: "南住建物信〔2021〕37号", Title: "物业服务企业不良信息认定通知书",
	To: "冰城安居物业服务有限公司：",
	Text: []string{
		"经核查，你公司服务的平安里小区在 2021 年 11 月 24 日降雪停止后，未在规定时限内完成主要道路积雪清理。依据《哈尔滨市物业服务企业信用评价管理办法》，认定为不良信息，扣 2.00 分，自 2021 年 11 月 26 日起一年内有效。",
		"如对本认定有异议，请自收到本通知之日起 5 个工作日内，在企业端提出并上传证据。逾期未提出的，认定生效。",
	},
	Sign: "哈尔滨市南岗区住房和城乡建设局", Date: "2021年12月31日",
	Proof: "https://juli.example/proof/0Q5K8W1R2T3Y4", Record: "公开日志第 18,204 条",
}
