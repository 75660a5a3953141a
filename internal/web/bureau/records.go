package bureau

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/web"
)

// recordOrders are the orders of the list of records.
var recordOrders = []web.Option{{Value: "new", Text: "最新录入"}, {Value: "event", Text: "最近发生"}, {Value: "due", Text: "最先到期"}}

// ages are how long a record has stood in its state, in days: from, below (0 open).
var ages = []struct {
	key, title  string
	from, below int
}{{"7", "7 天以内", 0, 8}, {"30", "8 至 30 天", 8, 31}, {"90", "31 至 90 天", 31, 91}, {"over", "90 天以上", 91, 0}}

// waitingStates are those in which an official has to act.
var waitingStates = []string{credit.RecordProposed, credit.RecordChecked, credit.RecordIdentified, credit.RecordObjected, credit.RecordRepairing}

// aged narrows a query to records that have stood so long.
func aged(q *credit.RecordQuery, key string, today day.Date) {
	for _, a := range ages {
		if a.key != key {
			continue
		}
		q.Before = today.AddDays(1 - a.from)
		if a.below > 0 {
			q.Since = today.AddDays(1 - a.below)
		}
	}
}

func recordQuery(l *web.List, today day.Date) credit.RecordQuery {
	q := credit.RecordQuery{
		Division: code.Division(l.Get("district")), Enterprise: code.USCC(strings.ToUpper(l.Get("enterprise"))), Item: l.Get("item"), Class: l.Get("class"),
		Own: l.Get("own") == "1", Contested: l.Get("contested") == "1", Identified: l.Get("identified") == "1", Sort: l.Get("order"),
	}
	if s := l.Get("state"); s == "waiting" {
		q.States = waitingStates
	} else if s != "" {
		q.States = []string{s}
	}
	aged(&q, l.Get("age"), today)
	return q
}

// records lists the credit records that the actor sees.
func (d *Desk) records(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var l *web.List
	var t web.Table
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		spec, err := d.recordSpec(ctx, tx)
		if err != nil {
			return err
		}
		if l, err = web.ReadList(r, spec); err != nil {
			return err
		}
		q := recordQuery(l, tx.Today())
		if err := d.countStates(ctx, tx, who, l, q); err != nil {
			return err
		}
		rows, err := web.Paged(l, func(after string, limit int) ([]credit.RecordRow, string, error) {
			q.After, q.Limit = after, limit
			return d.Records.List(ctx, tx, who, q)
		})
		if err != nil {
			return err
		}
		t, err = recordTable(ctx, tx, l, rows)
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		if err := d.noteExport(ctx, who, authz.CreditExport, "credit.exported", "credit_record", len(t.Rows)); err != nil {
			return err
		}
		return web.Export(w, r, l, "信用信息", t)
	}
	return web.Show(w, r, http.StatusOK, page(web.Page{
		Title: "信用信息", Desk: Key,
		Acts: []web.Link{{Text: "批量办理", Href: "/bureau/records/many"}, {Text: "录入", Href: "/bureau/records/new", Main: true}},
	}, card(web.Box{}, web.TableView(t))))
}

// noteExport asks for the permission to take a list away and writes it down (AUD-1).
func (d *Desk) noteExport(ctx context.Context, who authz.Actor, act authz.Act, kind, object string, rows int) error {
	return d.DB.Write(ctx, func(tx *db.Tx) error {
		if err := authz.RequireAny(who, act); err != nil {
			return err
		}
		return audit.Append(ctx, tx, who, kind, object, map[string]any{"rows": rows})
	})
}

func (d *Desk) recordSpec(ctx context.Context, tx *db.Tx) (web.ListSpec, error) {
	book, err := d.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return web.ListSpec{}, err
	}
	districts, err := districtOptions(ctx, tx)
	if err != nil {
		return web.ListSpec{}, err
	}
	states := []web.Option{{Value: "waiting", Text: "待办理"}}
	for _, s := range credit.RecordMachine.States {
		states = append(states, web.Option{Value: s.Name, Text: s.Title})
	}
	var classes, items, spans []web.Option
	for _, c := range book.Classes {
		classes = append(classes, web.Option{Value: c.Code, Text: c.Title})
	}
	for i := range book.Items {
		items = append(items, web.Option{Value: book.Items[i].Code, Text: book.Items[i].Code + " " + short(book.Items[i].Title, 24)})
	}
	for _, a := range ages {
		spans = append(spans, web.Option{Value: a.key, Text: a.title})
	}
	yes := []web.Option{{Value: "1", Text: "是"}}
	return web.ListSpec{Filters: []web.Filter{
		{Name: "state", Label: "状态", Options: states, Chips: true},
		{Name: "class", Label: "类别", Options: classes},
		{Name: "item", Label: "项目", Options: items},
		{Name: "district", Label: "区县", Options: districts},
		{Name: "enterprise", Label: "企业代码", Like: web.LikeCode},
		{Name: "age", Label: "在此状态已有", Options: spans},
		{Name: "own", Label: "本单位提出", Options: yes},
		{Name: "identified", Label: "已认定", Options: yes},
		{Name: "contested", Label: "有异议", Options: yes},
		{Name: "order", Label: "排序", Any: "默认", Options: recordOrders},
	}}, nil
}

// countStates writes the counts of the other filters' records into the chips.
func (d *Desk) countStates(ctx context.Context, tx *db.Tx, who authz.Actor, l *web.List, q credit.RecordQuery) error {
	q.States = nil
	counts, err := d.Records.Counts(ctx, tx, who, q)
	if err != nil {
		return err
	}
	n := map[string]int64{}
	for _, c := range counts {
		n[c.State] = c.N
		if slices.Contains(waitingStates, c.State) {
			n["waiting"] += c.N
		}
	}
	kept := l.Spec.Filters[0].Options[:0:0]
	for _, o := range l.Spec.Filters[0].Options {
		if n[o.Value] > 0 || o.Value == l.Get("state") || o.Value == "waiting" {
			o.Count = web.Count(n[o.Value])
			kept = append(kept, o)
		}
	}
	l.Spec.Filters[0].Options = kept
	return nil
}

func recordTable(ctx context.Context, tx *db.Tx, l *web.List, rows []credit.RecordRow) (web.Table, error) {
	t := web.Table{
		Caption: "信用信息", List: l,
		Cols: []web.Col{{Name: "事项"}, {Name: "企业"}, {Name: "小区项目"}, {Name: "区县"}, {Name: "发生日期"}, {Name: "依据文件"}, {Name: "状态"}, {Name: "期限"}},
		None: web.Nothing{Text: "还没有信用信息。", Act: web.Link{Text: "录入一条", Href: "/bureau/records/new"}},
	}
	at := make([]code.Division, len(rows))
	for i, r := range rows {
		at[i] = r.Division.Up(code.District)
	}
	names, err := registry.DivisionNames(ctx, tx, slices.Values(at))
	if err != nil {
		return t, err
	}
	for _, r := range rows {
		due := web.T("—")
		if r.Deadline != 0 {
			w := web.DueOf(r.Deadline, tx.Today())
			due = web.Cell{Text: w.Text, Sub: r.Deadline.String(), Tone: w.Tone, Nowrap: true}
		}
		t.Rows = append(t.Rows, web.Row{
			Off: r.Annulled != 0 || r.State == credit.RecordUpheld,
			Cells: []web.Cell{
				{Text: titleOf(r), Sub: r.Item, Href: "/bureau/records/" + r.ID.String()},
				web.L(r.EnterpriseName, "/bureau/enterprises/"+string(r.Enterprise)), projectCell(r),
				{Text: names[r.Division.Up(code.District)], Nowrap: true},
				web.D(r.Event),
				{Text: r.Document.Number, Sub: r.Document.Issuer},
				web.Tagged(r.StateTitle, stateTone(r.State)), due,
			},
		})
	}
	return t, nil
}

func titleOf(r credit.RecordRow) string {
	switch {
	case r.ItemTitle != "":
		return r.ItemTitle
	case r.Item != "":
		return r.Item
	}
	return "未选择项目"
}

func projectCell(r credit.RecordRow) web.Cell {
	if r.Project == "" {
		return web.T("—")
	}
	return web.L(r.ProjectName, "/bureau/projects/"+string(r.Project))
}

func stateTone(state string) web.Tone {
	switch state {
	case credit.RecordObjected, credit.RecordRepairing:
		return web.Warn
	case credit.RecordEffective:
		return web.Good
	case credit.RecordProposed, credit.RecordChecked, credit.RecordIdentified, credit.RecordNoticed:
		return web.Info
	}
	return web.Plain
}

// short cuts a text for a narrow place.
func short(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// districtOptions are the districts and counties, to filter by.
func districtOptions(ctx context.Context, tx *db.Tx) ([]web.Option, error) {
	list, err := registry.Districts(ctx, tx, tx.Today())
	if err != nil {
		return nil, err
	}
	options := make([]web.Option, len(list))
	for i, x := range list {
		options[i] = web.Option{Value: string(x.Code), Text: x.Name}
	}
	return options, nil
}
