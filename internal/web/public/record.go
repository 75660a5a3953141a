package public

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/supervision"
	"juli/internal/web"
)

// record is the public core of credit information that took effect: a line of
// every result leads here.
func (d *Desk) record(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := db.ParseID(r.PathValue("id"))
	if err != nil || id == 0 {
		return fault.New(fault.NotFound, "credit.no-record", "没有找到这条信用信息。")
	}
	var x credit.PublicRecord
	var m supervision.Measure
	err = d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if x, err = d.Records.Public(ctx, tx, id); err == nil {
			m, _, err = supervision.OfRecord(ctx, tx, id)
		}
		return err
	})
	if err != nil {
		return err
	}
	p := web.Page{
		Title: x.ItemTitle, Lead: "信用信息编号 " + x.ID.String(), Tags: []web.Mark{{Text: x.StateTitle, Tone: recordTone(x.State)}},
		Crumbs: []web.Link{{Text: "物业服务企业", Href: "/enterprises"}, {Text: x.EnterpriseName, Href: "/enterprises/" + string(x.Enterprise)}},
	}
	if p.Title == "" {
		p.Title = x.Item
	}
	var parts []templ.Component
	if x.Banner != "" {
		parts = append(parts, web.Assumed(x.Banner))
	}
	parts = append(parts, web.SideBySide(
		web.Section(web.Box{Title: "事实和依据", Cols: 8}, web.Facts(append(recordFacts(x), measureFacts(m)...))),
		web.Section(web.Box{Title: "办理经过", Cols: 4}, web.Timeline(recordEvents(x)), web.Quiet("办理人员和个人信息不公开。")),
	))
	return web.Show(w, r, http.StatusOK, web.Whole(p, parts...))
}

func recordTone(state string) web.Tone {
	switch state {
	case credit.RecordRepaired:
		return web.Good
	case credit.RecordEffective, credit.RecordRepairing:
		return web.Info
	}
	return web.Plain
}

func recordFacts(x credit.PublicRecord) []web.Fact {
	subject := "企业"
	if len(x.Subjects) > 0 {
		subject = x.Subjects[0].Subject.Kind.String()
	}
	facts := []web.Fact{
		{Name: "评价项目", Text: strings.TrimSpace(x.Item + " " + x.ItemTitle)},
		{Name: "类别", Text: x.ClassTitle},
		{Name: "企业", Text: x.EnterpriseName, Href: "/enterprises/" + string(x.Enterprise)},
		{Name: "计分对象", Text: subject},
	}
	if x.Project != "" {
		facts = append(facts, web.Fact{Name: "小区项目", Text: x.ProjectName, Href: "/projects/" + string(x.Project)})
	}
	for _, one := range []struct {
		name string
		at   day.Date
	}{
		{"发生日期", x.Event}, {"认定日期", x.Identified}, {"生效日期", x.Effective}, {"有效至", x.Until}, {"整改完成", x.Rectified}, {"修复日期", x.Repaired}, {"撤销日期", x.Annulled},
	} {
		if one.at != 0 {
			facts = append(facts, web.Fact{Name: one.name, Text: one.at.String()})
		}
	}
	entry := strings.TrimSpace("评分项目 " + x.Item + " " + x.ItemTitle)
	if x.Basis == "" {
		x.Basis = x.BookTitle + "，" + entry
	}
	return append(facts,
		web.Fact{Name: "依据文件", Text: x.Document.Number}, web.Fact{Name: "制发机关", Text: x.Document.Issuer}, web.Fact{Name: "告知文号", Text: x.Number},
		web.Fact{Name: "规则依据", Text: x.Basis, Wide: true}, web.Fact{Name: "规则条目", Text: "版本 " + x.BookVersion + " · " + entry, Href: "/rulebooks/" + x.Book, Wide: true},
	)
}

func recordEvents(x credit.PublicRecord) []web.Event {
	var events []web.Event
	for _, s := range slices.Backward(x.History) {
		events = append(events, web.Event{When: day.FromTime(s.At).String(), Title: s.Title})
	}
	return events
}
