package public

import (
	"cmp"
	"net/http"
	"slices"

	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/supervision"
	"juli/internal/web"
)

// publicCase is one verified case for everybody, with the measures that followed.
func (d *Desk) publicCase(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := db.ParseID(r.PathValue("id"))
	if err != nil || id == 0 {
		return fault.New(fault.NotFound, "supervision.no-case", "没有找到这件案件。")
	}
	var c supervision.PublicCase
	if err := d.DB.Read(ctx, func(tx *db.Tx) (err error) { c, err = d.Cases.PublicCase(ctx, tx, id); return err }); err != nil {
		return err
	}
	p := web.Page{
		Title: c.ViolationTitle, Lead: c.No + " · " + c.ProjectName, Crumbs: []web.Link{{Text: "整改案件", Href: "/cases"}},
		Tags: []web.Mark{{Text: c.StateTitle(), Tone: publicCaseTone(&c.Case)}},
	}
	return web.Show(w, r, http.StatusOK, web.Whole(p,
		web.SideBySide(
			web.Section(web.Box{Title: "查实的问题", Cols: 8}, web.Facts(publicCaseFacts(&c))),
			web.Section(web.Box{Title: "办理经过", Cols: 4}, web.Timeline(publicCaseEvents(c.Steps)), web.Quiet("反映人、内容和照片不公开。")),
		),
		web.Section(web.Box{Title: "处置措施"}, web.TableView(publicMeasures(c.Measures))),
	))
}

func publicCaseTone(c *supervision.Case) web.Tone {
	switch {
	case c.ClosedOn != 0:
		return web.Good
	case c.Late:
		return web.Bad
	}
	return web.Warn
}

func publicCaseFacts(c *supervision.PublicCase) []web.Fact {
	facts := []web.Fact{
		{Name: "小区项目", Text: c.ProjectName, Href: "/projects/" + string(c.Project)},
		{Name: "物业企业", Text: c.EnterpriseName, Href: "/enterprises/" + string(c.Enterprise)},
		{Name: "查实日期", Text: c.Verified.String()},
	}
	if c.OrderNo != "" {
		late := ""
		if c.Late {
			late = "，曾逾期"
		}
		facts = append(facts, web.Fact{Name: "整改通知", Text: c.OrderNo}, web.Fact{Name: "整改期限", Text: c.Deadline.String() + late})
	}
	if c.State == supervision.Handed && c.HandedTo != "" {
		facts = append(facts, web.Fact{Name: "移送部门", Text: c.HandedTo}, web.Fact{Name: "受理文书", Text: cmp.Or(c.HandedDocument, "—")})
	}
	if c.Reopened > 0 {
		facts = append(facts, web.Fact{Name: "重新打开", Text: web.Count(c.Reopened) + " 次"})
	}
	if c.ClosedOn != 0 {
		facts = append(facts, web.Fact{Name: "结案日期", Text: c.ClosedOn.String()})
	}
	return append(facts, web.Fact{Name: "依据", Text: c.Rule.Basis, Wide: true})
}

func publicCaseEvents(steps []casework.Step) []web.Event {
	var events []web.Event
	for _, s := range slices.Backward(steps) {
		events = append(events, web.Event{When: day.FromTime(s.At).String(), Title: s.ActTitle})
	}
	return events
}

func publicMeasures(list []supervision.Measure) web.Table {
	t := web.Table{
		Caption: "处置措施", None: web.Nothing{Text: "没有采取处置措施。"},
		Cols: []web.Col{{Name: "措施"}, {Name: "文号"}, {Name: "决定日期"}, {Name: "依据"}, {Name: "状态"}},
	}
	for i := range list {
		m := &list[i]
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(supervision.KindTitle(m.Kind)), {Text: m.Number, Nowrap: true}, web.D(m.Decided), web.T(m.Basis), web.T(m.StateTitle())}})
	}
	return t
}

// measureFacts say which measure of which case credit information came from.
func measureFacts(m supervision.Measure) []web.Fact {
	if m.Case == 0 {
		return nil
	}
	return []web.Fact{
		{Name: "整改案件", Text: m.CaseNo, Href: "/cases/" + m.Case.String()},
		{Name: "处置措施", Text: supervision.KindTitle(m.Kind) + " " + m.Number},
	}
}
