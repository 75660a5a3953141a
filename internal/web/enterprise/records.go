package enterprise

import (
	"net/http"
	"strconv"

	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/web"
)

func (d *Desk) records(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var l *web.List
	var t web.Table
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		counts, err := d.Records.Counts(ctx, tx, who, credit.RecordQuery{})
		if err != nil {
			return err
		}
		b, err := d.Books.InForce(ctx, tx, tx.Today())
		if err != nil {
			return err
		}
		if l, err = web.ReadList(r, recordSpec(counts, b)); err != nil {
			return err
		}
		q := credit.RecordQuery{Class: l.Get("class"), Sort: l.Sort, Contested: l.Get("contested") == "1"}
		if s := l.Get("state"); s != "" {
			q.States = []string{s}
		}
		rows, err := web.Paged(l, func(after string, limit int) ([]credit.RecordRow, string, error) {
			q.After, q.Limit = after, limit
			return d.Records.List(ctx, tx, who, q)
		})
		t = recordTable(l, rows, tx.Today())
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "本单位信用信息", t)
	}
	p := page("信用信息")
	p.Lead = "告知本单位的信用信息，和本单位申报的信息"
	p.Acts = []web.Link{{Text: "申报良好信息", Href: "/enterprise/records/new", Main: true}}
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.TableView(t))))
}

func recordSpec(counts []credit.StateCount, b *credit.Book) web.ListSpec {
	var states, classes []web.Option
	n := map[string]int64{}
	for _, c := range counts {
		n[c.State] = c.N
	}
	for _, s := range credit.RecordMachine.States {
		states = append(states, web.Option{Value: s.Name, Text: s.Title, Count: strconv.FormatInt(n[s.Name], 10)})
	}
	for _, c := range b.Classes {
		classes = append(classes, web.Option{Value: c.Code, Text: c.Title})
	}
	return web.ListSpec{
		Sorts: []string{"new", "event", "due"},
		Filters: []web.Filter{
			{Name: "state", Label: "状态", Options: states, Chips: true},
			{Name: "class", Label: "类别", Options: classes},
			{Name: "contested", Label: "异议", Options: []web.Option{{Value: "1", Text: "处理中"}}},
		},
	}
}

func recordTable(l *web.List, rows []credit.RecordRow, today day.Date) web.Table {
	t := web.Table{
		Caption: "信用信息", List: l,
		Cols: []web.Col{{Name: "信用信息"}, {Name: "项目"}, {Name: "发生日期"}, {Name: "依据文件"}, {Name: "状态"}, {Name: "期限"}, {Name: "有效至"}},
		None: web.Nothing{Text: "还没有信用信息。", Act: web.Link{Text: "申报良好信息", Href: "/enterprise/records/new"}},
	}
	for _, x := range rows {
		href := "/enterprise/records/" + x.ID.String()
		t.Rows = append(t.Rows, web.Row{
			Off: x.State == credit.RecordAnnulled || x.State == credit.RecordUpheld || x.State == credit.RecordWithdrawn,
			Cells: []web.Cell{
				{Text: orElse(orElse(x.ItemTitle, x.Item), "未选项目的草稿"), Sub: x.Item, Href: href},
				web.T(x.ProjectName), web.D(x.Event),
				{Text: x.Document.Number, Sub: x.Document.Issuer},
				web.Tagged(x.StateTitle, toneOf(x.State)), dueCell(x.Deadline, today), dateOr(x.Until),
			},
		})
	}
	return t
}

func toneOf(state string) web.Tone {
	switch state {
	case credit.RecordNoticed, credit.RecordObjected, credit.RecordRepairing:
		return web.Warn
	case credit.RecordEffective:
		return web.Info
	case credit.RecordRepaired:
		return web.Good
	}
	return web.Plain
}

// dueCell is a deadline in people's words.
func dueCell(due, today day.Date) web.Cell {
	if due == 0 {
		return web.T("—")
	}
	x := web.DueOf(due, today)
	return web.Cell{Text: x.Text, Sub: x.Sub, Tone: x.Tone, Value: due}
}

func dateOr(d day.Date) web.Cell {
	if d == 0 {
		return web.T("—")
	}
	return web.D(d)
}
