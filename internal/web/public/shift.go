package public

import (
	"context"
	"slices"

	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/money"
	"juli/internal/web"
)

// partsShown is how many projects whose scores moved are listed.
const partsShown = 10

// A shift is why a published score differs from the one before.
type shift struct {
	Has      bool
	Lead     string
	By       money.Points
	Lines    web.Table
	Projects web.Table
	Rest     string // projects that are not listed
}

// shiftOf compares a subject's newest published result with the one before.
func (d *Desk) shiftOf(ctx context.Context, tx *db.Tx, y why, s credit.Subject) (v shift, err error) {
	cycles, err := d.Evaluations.Cycles(ctx, tx)
	if err != nil || len(cycles) < 2 || !y.Outcome.Scored {
		return v, err
	}
	before, ok, err := d.Evaluations.Standing(ctx, tx, cycles[1].Evaluation, s)
	if err != nil || !ok || !before.Scored {
		return v, err
	}
	e, err := d.Evaluations.Evaluation(ctx, tx, cycles[1].Evaluation)
	if err != nil {
		return v, err
	}
	book, err := d.Books.ByDigest(ctx, tx, e.Book)
	if err != nil {
		return v, err
	}
	r, err := d.Evaluations.Explained(ctx, tx, cycles[1].Evaluation, before.Enterprise)
	if err != nil {
		return v, err
	}
	was, ok := r.OutcomeOf(s)
	if !ok {
		return v, nil
	}
	v = shift{Has: true, By: y.Outcome.Score - was.Score, Lead: cycles[1].Period + " " + web.ScoreText(was.Score, false) + " 分 → " + cycles[0].Period + " " + web.ScoreText(y.Outcome.Score, false) + " 分"}
	if e.Book != y.Book.Digest {
		v.Lead += "；两期适用的规则不同"
	}
	v.Lines = y.shifts(credit.Shifts(&was, book, &y.Outcome, y.Book))
	v.Projects, v.Rest = y.parts(was.Parts)
	return v, nil
}

func (y why) shifts(list []credit.Shift) web.Table {
	t := web.Table{
		Caption: "与上期相比的变化", None: web.Nothing{Text: "计分的事项和上期相同。"},
		Cols: []web.Col{{Name: "事项"}, {Name: "对象"}, {Name: "上期（分）", Num: true}, {Name: "本期（分）", Num: true}, {Name: "变化（分）", Num: true}},
	}
	var sum money.Points
	for _, m := range list {
		title, sub := m.Kind.String(), ""
		if m.Item != nil {
			title, sub = m.Item.Title, m.Item.Code+" "
		}
		if m.Class != "" && m.Kind == credit.CapLine {
			title = m.Class + "上下限调整"
		}
		switch {
		case m.Record == 0:
		case m.New:
			sub += "本期新增"
		case m.Gone:
			sub += "本期不再列入"
		case m.After == 0:
			sub += m.Reason.String()
		}
		sum += m.After - m.Before
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			{Text: title, Sub: sub, Href: recordHref(m.Record)},
			y.subject(&credit.Line{Kind: m.Kind, From: m.From}),
			web.P(m.Before, false), web.P(m.After, false), web.P(m.After-m.Before, true),
		}})
	}
	if len(list) > 1 {
		t.Total = []web.Cell{web.T("得分变化"), web.T(""), web.T(""), web.T(""), web.P(sum, true)}
	}
	return t
}

// parts are the projects whose score or weight moved, the greatest difference of
// scores first.
func (y why) parts(before []credit.Part) (t web.Table, rest string) {
	t = web.Table{Caption: "项目得分的变化", Cols: []web.Col{{Name: "项目"}, {Name: "上期（分）", Num: true}, {Name: "本期（分）", Num: true}, {Name: "上期占比", Num: true}, {Name: "本期占比", Num: true}}}
	type pair struct{ was, is credit.Part }
	pairs := map[db.ID]*pair{}
	var order []db.ID
	var total pair
	read := func(list []credit.Part, sum *int64, put func(p *pair, x credit.Part)) {
		for _, x := range list {
			if x.Missing {
				continue
			}
			if pairs[x.Project] == nil {
				pairs[x.Project], order = &pair{}, append(order, x.Project)
			}
			*sum += x.Weight
			put(pairs[x.Project], x)
		}
	}
	read(y.Outcome.Parts, &total.is.Weight, func(p *pair, x credit.Part) { p.is = x })
	read(before, &total.was.Weight, func(p *pair, x credit.Part) { p.was = x })
	size := func(id db.ID) money.Points {
		p := pairs[id]
		return max(p.is.Score-p.was.Score, p.was.Score-p.is.Score)
	}
	slices.SortStableFunc(order, func(a, b db.ID) int { return int(size(b) - size(a)) })
	left := 0
	for _, id := range order {
		p := pairs[id]
		shares := [2]string{web.Percent(p.was.Weight, total.was.Weight), web.Percent(p.is.Weight, total.is.Weight)}
		if p.was.Score == p.is.Score && shares[0] == shares[1] {
			continue
		}
		if len(t.Rows) == partsShown {
			left++
			continue
		}
		n := y.Projects[id]
		if n.Name == "" {
			n = named{Name: "编号 " + id.String()}
		}
		cells := []web.Cell{web.L(n.Name, n.Href), web.P(p.was.Score, false), web.P(p.is.Score, false), web.T(shares[0]), web.T(shares[1])}
		for i, x := range []credit.Part{p.was, p.is} {
			if x.Project == 0 {
				cells[1+i], cells[3+i] = web.T("不在其中"), web.T("—")
			}
		}
		t.Rows = append(t.Rows, web.Row{Cells: cells})
	}
	if left > 0 {
		rest = "另有 " + web.Count(int64(left)) + " 个项目的得分或占比也有变化。"
	}
	return t, rest
}
