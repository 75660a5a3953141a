package bureau

import (
	"context"
	"net/http"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/supervision"
	"juli/internal/web"
)

var (
	caseWork = work{supervision.CaseMachine, map[string]string{
		supervision.Registered: "核实", supervision.Verifying: "第二人核实", supervision.Found: "责令整改", supervision.Longer: "决定整改期限", supervision.Handing: "决定是否移送", supervision.Ending: "决定是否终止",
		supervision.Asking:  "审批延期",
		supervision.Overdue: "责令整改或采取措施", supervision.Reported: "复查", supervision.Passed: "回访居民",
	}, "/bureau/cases/"}
	measureWork = work{supervision.MeasureMachine, map[string]string{
		supervision.MeasureProposed: "决定措施", supervision.MeasureDecided: "执行措施", supervision.MeasureSent: "登记答复", supervision.MeasureAccepted: "登记结果", supervision.MeasureListed: "登记移出",
	}, "/bureau/measures/"}
)

// routesOf adds a feature's routes.
type routesOf = func(pattern string, act authz.Act, h web.Handler)

func (d *Desk) caseRoutes(on routesOf) {
	on("GET /bureau/cases", authz.SupervisionRead, d.cases)
	on("GET /bureau/cases/new", authz.SupervisionRegister, d.newCase)
	on("POST /bureau/cases/new", authz.SupervisionRegister, d.addCase)
	on("GET /bureau/cases/{id}", authz.SupervisionRead, d.oneCase)
	on("POST /bureau/cases/{id}", authz.SupervisionRead, d.actOnCase)
	on("POST /bureau/cases/{id}/measures", authz.SupervisionPropose, d.proposeMeasure)
	on("GET /bureau/cases/{id}/files/{file}", authz.FileRead, d.caseFile)
	on("GET /bureau/measures/{id}", authz.SupervisionRead, d.oneMeasure)
	on("POST /bureau/measures/{id}", authz.SupervisionPropose, d.actOnMeasure)
	on("POST /bureau/measures/{id}/decide", authz.SupervisionDecide, d.decideMeasure)
}

func namedOptions(list []supervision.Named) []web.Option {
	out := make([]web.Option, len(list))
	for i, n := range list {
		out[i] = web.Option{Value: n.Code, Text: n.Title}
	}
	return out
}

func caseStates() []web.Option {
	var out []web.Option
	for _, s := range supervision.CaseMachine.States {
		out = append(out, web.Option{Value: s.Name, Text: s.Title})
	}
	return out
}

func caseSpec(b *supervision.Book, districts []web.Option) web.ListSpec {
	var kinds []web.Option
	for _, v := range b.Violations {
		kinds = append(kinds, web.Option{Value: v.Code, Text: v.Title})
	}
	return web.ListSpec{Filters: []web.Filter{
		{Name: "state", Label: "状态", Options: caseStates()},
		{Name: "channel", Label: "来源", Options: namedOptions(supervision.Channels)},
		{Name: "violation", Label: "违规事项", Options: kinds},
		{Name: "late", Label: "期限", Chips: true, Options: []web.Option{{Value: "1", Text: "曾逾期"}}},
		{Name: "district", Label: "区县", Options: districts},
	}}
}

// cases lists the cases of the actor's area, newest first.
func (d *Desk) cases(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var l *web.List
	t := web.Table{
		Caption: "整改案件", None: web.Nothing{Text: "没有符合条件的案件。", Act: web.Link{Text: "登记问题线索", Href: "/bureau/cases/new"}},
		Cols: []web.Col{{Name: "案件"}, {Name: "项目"}, {Name: "企业"}, {Name: "来源"}, {Name: "状态"}, {Name: "发现日期"}, {Name: "整改期限"}},
	}
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		b, err := d.Cases.Books.InForce(ctx, tx, tx.Today())
		if err != nil {
			return err
		}
		districts, err := districtOptions(ctx, tx)
		if err != nil {
			return err
		}
		if l, err = web.ReadList(r, caseSpec(b, districts)); err != nil {
			return err
		}
		at := code.Division(l.Get("district"))
		if own := area(who); at == "" || !own.Contains(at) {
			at = own
		}
		rows, err := web.Paged(l, func(after string, limit int) ([]supervision.Case, string, error) {
			last, err := db.ParseID(after)
			if err != nil {
				last = 0
			}
			part, err := d.Cases.List(ctx, tx, who, supervision.Query{
				Division: at, State: l.Get("state"), Channel: supervision.Channel(l.Get("channel")), Violation: l.Get("violation"), Late: l.Get("late") == "1", After: last, Limit: limit + 1,
			})
			if err != nil || len(part) <= limit {
				return part, "", err
			}
			return part[:limit], part[limit-1].ID.String(), nil
		})
		t.List, t.Rows = l, nil
		for i := range rows {
			t.Rows = append(t.Rows, caseRow(&rows[i]))
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		if err := d.noteExport(ctx, who, authz.SupervisionRead, "supervision.exported", "supervision_case", len(t.Rows)); err != nil {
			return err
		}
		return web.Export(w, r, l, "整改案件", t)
	}
	p := web.Page{Title: "整改案件", Desk: Key, Lead: "各渠道发现的问题，一事一案，一个期限"}
	if authz.Can(who, authz.SupervisionRegister) {
		p.Acts = []web.Link{{Text: "登记问题线索", Href: "/bureau/cases/new", Main: true}}
	}
	return web.Show(w, r, http.StatusOK, page(p, card(web.Box{}, web.TableView(t))))
}

func caseRow(c *supervision.Case) web.Row {
	title := c.ViolationTitle
	if title == "" {
		title = "待核实问题"
	}
	deadline := web.T("—")
	if c.Deadline != 0 {
		deadline = web.D(c.Deadline)
		if c.Late {
			deadline.Sub = "曾逾期"
		}
	}
	return web.Row{Cells: []web.Cell{
		{Text: title, Sub: c.No, Href: "/bureau/cases/" + c.ID.String()},
		web.T(c.ProjectName), web.T(c.EnterpriseName), web.T(c.Channel.Title()),
		web.Tagged(c.StateTitle(), caseTone(c)), web.D(c.FoundOn), deadline,
	}}
}

func caseTone(c *supervision.Case) web.Tone {
	switch c.State {
	case supervision.Overdue:
		return web.Bad
	case supervision.Closed, supervision.Archived:
		return web.Good
	case supervision.Registered, supervision.Verifying, supervision.Longer, supervision.Handing, supervision.Ending, supervision.Reported, supervision.Asking, supervision.Passed:
		return web.Warn
	}
	return web.Plain
}

func (d *Desk) bookNow(ctx context.Context) (b *supervision.Book, today string, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		today = tx.Today().String()
		b, err = d.Cases.Books.InForce(ctx, tx, tx.Today())
		return err
	})
	return b, today, err
}

// missingAt turns "not there" into a refusal of what was typed into a field.
func missingAt(err error, field string) error {
	if f := fault.From(err); err != nil && (f.Kind == fault.NotFound || f.Kind == fault.Conflict) {
		return fault.New(fault.Invalid, f.Rule, "%s", f.Text).With(field, f.Text)
	}
	return err
}

func idsOf(ctx context.Context, tx *db.Tx, up web.Uploads) ([]db.ID, error) {
	kept, err := up.Keep(ctx, tx)
	var ids []db.ID
	for _, k := range kept {
		ids = append(ids, k.ID)
	}
	return ids, err
}
