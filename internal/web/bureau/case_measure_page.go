package bureau

import (
	"github.com/a-h/templ"

	"juli/internal/supervision"
	"juli/internal/web"
)

// measurePage shows what is decided about beside the decision: the fault, where
// it stands and what was done before, and which milder measures are passed over.
func measurePage(v measureView, carry, decide *web.Form) templ.Component {
	m := &v.d
	events := caseHistory(caseView{d: supervision.Dossier{Steps: m.Steps}, body: v.body})
	return page(
		web.Page{
			Title: m.Title, Desk: Key, Lead: join(m.Case.ProjectName, m.Case.EnterpriseName, m.Case.No), Crumbs: []web.Link{{Text: "整改案件", Href: "/bureau/cases"}, {Text: m.Case.No, Href: "/bureau/cases/" + m.Case.ID.String()}},
			Tags: []web.Mark{{Text: m.StateTitle(), Tone: measureTone(m.State)}},
		},
		measureWarnings(m),
		web.SideBySide(
			web.Section(web.Box{Title: "提出的措施", Cols: 8}, web.Facts(measureFacts(m)), web.Facts([]web.Fact{{Name: "理由", Text: m.Reason, Wide: true}})),
			web.Section(web.Box{Title: "办理", Cols: 4}, measureActs(m, carry, decide)...),
		),
		card(web.Box{Title: "所针对的问题"}, web.Facts(faultFacts(m)), web.TableView(earlierTable(m))),
		card(web.Box{Title: "办理经过"}, web.Timeline(events)),
	)
}

func measureWarnings(m *supervision.MeasureDossier) templ.Component {
	if words := skippedWords(m.Skipped); words != "" && m.State == supervision.MeasureProposed {
		return web.Notice(web.Warn, "越级措施", words+"。")
	}
	return templ.NopComponent
}

func measureFacts(m *supervision.MeasureDossier) []web.Fact {
	facts := []web.Fact{
		{Name: "案件", Text: m.CaseNo, Href: "/bureau/cases/" + m.Measure.Case.String()},
		{Name: "项目", Text: m.Case.ProjectName, Href: "/bureau/projects/" + string(m.Case.Project)},
		{Name: "企业", Text: m.Case.EnterpriseName, Href: "/bureau/enterprises/" + string(m.Case.Enterprise)},
		{Name: "依据", Text: m.Basis},
		{Name: "文号", Text: orDash(m.Number)},
	}
	if m.Ground != "" {
		facts = append(facts, web.Fact{Name: "退出情形", Text: m.Ground, Wide: true})
	}
	if m.Decided != 0 {
		facts = append(facts, web.Fact{Name: "决定日期", Text: m.Decided.String()})
	}
	if m.Record != 0 {
		facts = append(facts, web.Fact{Name: "信用信息", Text: "查看扣分", Href: "/bureau/records/" + m.Record.String()})
	}
	if m.Document != "" {
		facts = append(facts, web.Fact{Name: "对方文书", Text: m.Document})
	}
	if m.ListedFrom != 0 {
		facts = append(facts, web.Fact{Name: "列入期间", Text: m.ListedFrom.String() + " 至 " + m.ListedTo.String()})
	}
	if m.Outcome != "" {
		facts = append(facts, web.Fact{Name: "结果", Text: m.Outcome, Wide: true})
	}
	return facts
}

// faultFacts say what the enterprise did or left undone, and whether it was heard.
func faultFacts(m *supervision.MeasureDossier) []web.Fact {
	c := &m.Case
	reply := "没有答复，期限 " + c.ReplyDue.String() + "（含当日）"
	if c.Replied != 0 {
		reply = "企业已于 " + c.Replied.String() + " 答复"
	}
	facts := []web.Fact{
		{Name: "违规事项", Text: m.Rule.Title, Wide: true},
		{Name: "事实", Text: c.Facts, Wide: true},
		{Name: "案件现在", Text: c.StateTitle()},
		{Name: "查实日期", Text: c.Verified.String()},
		{Name: "陈述申辩", Text: reply},
	}
	if c.OrderNo != "" {
		late := ""
		if c.Late {
			late = "，曾逾期"
		}
		facts = append(facts, web.Fact{Name: "整改通知", Text: c.OrderNo + "，期限 " + c.Deadline.String() + late})
	}
	return append(facts, web.Fact{Name: m.Window.Chinese() + "内查实", Text: itoa(int64(m.Repeated)) + " 次（同一项目、同一问题，含本次）"})
}

func earlierTable(m *supervision.MeasureDossier) web.Table {
	t := web.Table{
		Caption: "此前对同一问题采取或提出的措施", None: web.Nothing{Text: "在此之前，" + m.Window.Chinese() + "内对这一问题没有采取过其他措施。"},
		Cols: []web.Col{{Name: "措施"}, {Name: "案件"}, {Name: "状态"}, {Name: "决定日期"}},
	}
	for i := range m.Earlier {
		e := &m.Earlier[i]
		day := web.T("—")
		if e.Decided != 0 {
			day = web.D(e.Decided)
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.L(supervision.KindTitle(e.Kind), "/bureau/measures/"+e.ID.String()), web.L(e.CaseNo, "/bureau/cases/"+e.Case.String()), web.Tagged(e.StateTitle(), measureTone(e.State)), day}})
	}
	return t
}

func measureActs(m *supervision.MeasureDossier, carry, decide *web.Form) (acts []templ.Component) {
	at := "/bureau/measures/" + m.ID.String()
	if len(m.Barred) > 0 {
		acts = append(acts, web.Notice(web.Info, "须由另一人办理", m.Barred[0].String()))
	}
	if m.Flow.Due != 0 {
		acts = append(acts, quiet("本步期限 "+m.Flow.Due.String()+"（含当日）。"))
	}
	if decide != nil {
		acts = append(acts, web.FormView(decide, web.FormBox{Action: at + "/decide", Submit: "决定"}))
	}
	if carry != nil {
		acts = append(acts, web.FormView(carry, web.FormBox{Action: at, Submit: "办理"}))
	}
	if decide == nil && carry == nil {
		acts = append(acts, quiet("这一步不由您办理。"))
	}
	return acts
}
