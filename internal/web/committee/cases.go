package committee

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/supervision"
	"juli/internal/web"
)

// The cases about the committee's estate. Whether a mended fault is gone for those
// who live there is theirs to say, not an office's.

func (d *Desk) caseRoutes(on func(pattern string, act authz.Act, h web.Handler)) {
	on("GET /committee/cases", authz.SupervisionRead, d.cases)
	on("GET /committee/cases/{id}", authz.SupervisionRead, d.oneCase)
	on("POST /committee/cases/{id}", authz.SupervisionAgree, d.actOnCase)
}

func (d *Desk) cases(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, web.ListSpec{Filters: []web.Filter{{Name: "state", Label: "状态", Chips: true, Options: []web.Option{{Value: supervision.Passed, Text: "待居民确认"}}}}})
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "整改案件", List: l, None: web.Nothing{Text: "没有查实的问题。", Act: web.Link{Text: "返回待办", Href: Home}},
		Cols: []web.Col{{Name: "问题"}, {Name: "项目"}, {Name: "状态"}, {Name: "查实日期"}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := web.Paged(l, func(after string, limit int) ([]supervision.Case, string, error) {
			last, err := db.ParseID(after)
			if err != nil {
				last = 0
			}
			part, err := d.Cases.List(ctx, tx, who, supervision.Query{State: l.Get("state"), After: last, Limit: limit + 1})
			if err != nil || len(part) <= limit {
				return part, "", err
			}
			return part[:limit], part[limit-1].ID.String(), nil
		})
		t.Rows = nil
		for i := range rows {
			c := &rows[i]
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				{Text: c.ViolationTitle, Sub: c.No, Href: "/committee/cases/" + c.ID.String()}, web.T(c.ProjectName), web.Tagged(c.StateTitle(), tone(c)), web.D(c.Verified),
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "整改案件", t)
	}
	p := page("整改案件")
	p.Lead = "本小区查实的问题；复查合格后，由业委会（物管会）确认是否真的解决"
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.TableView(t))))
}

func tone(c *supervision.Case) web.Tone {
	switch c.State {
	case supervision.Overdue:
		return web.Bad
	case supervision.Closed, supervision.Archived:
		return web.Good
	case supervision.Passed:
		return web.Warn
	}
	return web.Plain
}

func (d *Desk) caseOf(r *http.Request) (x supervision.Dossier, err error) {
	id, err := db.ParseID(r.PathValue("id"))
	if err != nil {
		return x, fault.New(fault.NotFound, "supervision.no-case", "没有找到这件案件。")
	}
	err = d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		x, err = d.Cases.CaseFor(r.Context(), tx, web.Actor(r), id)
		return err
	})
	return x, err
}

func (d *Desk) oneCase(w http.ResponseWriter, r *http.Request) error {
	x, err := d.caseOf(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, casePage(&x, caseForm(&x, x.Allowed)))
}

// caseForm asks what the committee may say; nil where it is asked nothing.
func caseForm(x *supervision.Dossier, allowed []casework.Act) *web.Form {
	which := web.Field{Name: "act", Label: "问题解决了吗", Kind: web.Radio, Required: true}
	for _, o := range []web.Option{{Value: supervision.ActAgree, Text: "已经解决", Hint: "案件结案，公开显示“居民已确认”"}, {Value: supervision.ActReopen, Text: "没有解决或再次发生", Hint: "案件重新打开，企业须再次整改"}} {
		if slices.ContainsFunc(allowed, func(a casework.Act) bool { return a.Name == o.Value }) {
			which.Options = append(which.Options, o)
		}
	}
	if len(which.Options) == 0 {
		return nil
	}
	return web.NewForm(web.Field{Name: "version", Kind: web.Carried, Max: 20}, which,
		web.Field{Name: "note", Label: "看到的情况", Kind: web.Long, Required: true, Hint: "写明谁在什么时候看过；不要写住户姓名和电话"}).Set("version", strconv.FormatInt(x.Flow.Version, 10))
}

func casePage(x *supervision.Dossier, f *web.Form) templ.Component {
	p := page(x.ViolationTitle)
	p.Lead = x.No + " · " + x.ProjectName
	p.Crumbs = []web.Link{{Text: "整改案件", Href: "/committee/cases"}}
	p.Tags = []web.Mark{{Text: x.StateTitle(), Tone: tone(&x.Case)}}
	facts := []web.Fact{{Name: "物业企业", Text: x.EnterpriseName}, {Name: "查实日期", Text: x.Verified.String()}, {Name: "依据", Text: x.Rule.Basis, Wide: true}}
	if x.Spot != "" {
		facts = append(facts, web.Fact{Name: "具体位置", Text: x.Spot})
	}
	if x.OrderNo != "" {
		facts = append(facts, web.Fact{Name: "整改期限", Text: x.Deadline.String()})
	}
	acts := web.Quiet("现在不需要业委会（物管会）办理。")
	if f != nil {
		acts = web.FormView(f, web.FormBox{Submit: "提交"})
		if x.State == supervision.Passed && x.Due != 0 {
			acts = web.Words(web.Quiet("请在 "+x.Due.String()+" 以前确认；到期没有意见的，按复查合格结案。"), acts)
		}
	}
	var events []web.Event
	for _, s := range slices.Backward(x.Steps) {
		if s.From != casework.Start {
			events = append(events, web.Event{When: day.FromTime(s.At).String(), Title: s.ActTitle})
		}
	}
	return web.Whole(p, web.SideBySide(
		web.Section(web.Box{Title: "查实的问题", Cols: 7}, web.Facts(facts), web.Para(x.Facts)),
		web.Section(web.Box{Title: "办理", Cols: 5}, acts),
	), web.Section(web.Box{Title: "办理经过"}, web.Timeline(events)))
}

func (d *Desk) actOnCase(w http.ResponseWriter, r *http.Request) error {
	x, err := d.caseOf(r)
	if err != nil {
		return err
	}
	f := caseForm(&x, x.Allowed)
	if f == nil { // sent again, or too late: the service or the form's key answers
		f = caseForm(&x, supervision.CaseMachine.Acts)
	}
	f, err = web.ReadForm(r, f.Fields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		t := supervision.Take{ID: x.ID, Version: f.Int("version"), Note: f.Str("note")}
		do := d.Cases.AgreeIn
		if f.Str("act") == supervision.ActReopen {
			do = d.Cases.ReopenIn
		}
		web.Say(r, "已提交。")
		return "/committee/cases/" + x.ID.String(), do(ctx, tx, web.Actor(r), t)
	}, func() templ.Component { return casePage(&x, f) })
}
