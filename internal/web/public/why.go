package public

import (
	"context"

	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
	"juli/internal/web"
)

// A why is a result line by line: what a person needs to understand, and
// contest, every point.
type why struct {
	All      string // the page that lists the projects, "" for this one
	Outcome  credit.Outcome
	Book     *credit.Book
	Entries  map[db.ID]credit.Entry // by record
	Limits   []credit.Limit         // what sets or bounds the grade
	Projects map[db.ID]named        // names of the subjects in lines
}

type named struct{ Name, Href string }

// table shows the lines. Those that don't count stay, struck through, with
// their reason; nothing is left out.
func (y why) table() web.Table {
	t := web.Table{
		Caption: "得分逐条说明",
		Cols:    []web.Col{{Name: "事项"}, {Name: "对象"}, {Name: "认定日期"}, {Name: "有效至"}, {Name: "分值（分）", Num: true}},
		None:    web.Nothing{Text: "本期没有计分事项。"},
	}
	var sum money.Points
	for i := range y.Outcome.Lines {
		l := &y.Outcome.Lines[i]
		sum += l.Points
		t.Rows = append(t.Rows, y.row(l))
	}
	if y.Outcome.Scored {
		t.Total = []web.Cell{web.T("合计"), web.P(sum, false)}
	}
	return t
}

func (y why) row(l *credit.Line) web.Row {
	name, sub := l.Kind.String(), ""
	if it := y.Book.Item(l.Item); it != nil {
		name, sub = it.Title, it.Code
	}
	if !l.Reason.Counts() || l.Reason == credit.PartlyCounted {
		sub += " " + l.Reason.String()
	}
	if l.Kind == credit.CapLine {
		sub = y.capWords(l)
	}
	at, until := "—", "—"
	if e, ok := y.Entries[l.Record]; ok {
		at = e.Identified.String()
	}
	if l.Until != 0 {
		until = l.Until.String()
	}
	return web.Row{
		Off: !l.Reason.Counts(),
		Cells: []web.Cell{
			{Text: name, Sub: sub, Href: recordHref(l.Record)},
			y.subject(l),
			{Text: at, Nowrap: true},
			{Text: until, Nowrap: true},
			y.points(l),
		},
	}
}

// points is what a line adds; a veto adds none, but isn't nothing.
func (y why) points(l *credit.Line) web.Cell {
	if it := y.Book.Item(l.Item); it != nil && l.Points == 0 && l.Reason.Counts() && it.Effect() != "" {
		return web.T(it.Effect())
	}
	return web.P(l.Points, l.Kind != credit.BaseLine && l.Kind != credit.ProjectsLine)
}

func recordHref(id db.ID) string {
	if id == 0 {
		return ""
	}
	return "/records/" + id.String()
}

func (y why) subject(l *credit.Line) web.Cell {
	s := y.Outcome.Subject
	if l.From.ID != 0 {
		s = l.From
	}
	if n, ok := y.Projects[s.ID]; ok {
		return web.L(n.Name, n.Href)
	}
	if l.Kind == credit.ProjectsLine {
		return web.L("各在管项目", y.All+"#composite")
	}
	return web.T(s.Kind.String())
}

// notes are what holds besides the score: vetoes, ceilings, trial, provisional.
func (y why) notes() []web.Mark {
	o := y.Outcome
	var out []web.Mark
	add := func(on bool, text string, tone web.Tone) {
		if on {
			out = append(out, web.Mark{Text: text, Tone: tone})
		}
	}
	add(o.Provisional, "新进企业，暂定等级", web.Info)
	add(o.Trial, "试行期，结果不用于奖惩", web.Info)
	add(o.Incomplete, "部分区县尚未报送", web.Warn)
	for _, l := range y.Limits {
		add(true, l.Title, web.Bad)
	}
	if o.Grade != o.ByScore && o.ByScore != "" && o.Grade != "" {
		add(true, "按得分应为 "+o.ByScore, web.Warn)
	}
	return out
}

// uses are the consequences of a result, each with its basis; without one it is
// shown as advice only (PC-55).
func (y why) uses() web.Table {
	t := web.Table{Caption: "结果运用", Cols: []web.Col{{Name: "措施"}, {Name: "性质"}, {Name: "依据"}}, None: web.Nothing{Text: "本期结果没有对应的措施。"}}
	for _, u := range y.Outcome.Uses {
		kind, tone := "依法适用", web.Info
		if u.Advice {
			kind, tone = "仅作建议", web.Plain
		}
		basis := u.Basis
		if basis == "" {
			basis = "没有法律依据，不作为惩戒"
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(u.Title), web.Tagged(kind, tone), web.T(basis)}})
	}
	return t
}

// whyOf reads a subject's explained outcome in an evaluation.
func (d *Desk) whyOf(ctx context.Context, tx *db.Tx, evaluation, enterprise db.ID, s credit.Subject) (y why, ok bool, err error) {
	e, err := d.Evaluations.Evaluation(ctx, tx, evaluation)
	if err != nil {
		return y, false, err
	}
	if y.Book, err = d.Books.ByDigest(ctx, tx, e.Book); err != nil {
		return y, false, err
	}
	r, err := d.Evaluations.Explained(ctx, tx, evaluation, enterprise)
	if err != nil {
		return y, false, err
	}
	if y.Outcome, ok = r.OutcomeOf(s); !ok {
		return y, false, nil
	}
	if y.Entries, err = credit.EntriesIn(ctx, tx, enterprise, &r); err != nil {
		return y, false, err
	}
	y.Limits = y.Book.Limits(&r, s, y.Entries, e.AsOf)
	return y, true, nil
}

// historyChart draws the published scores of a subject.
func historyChart(title string, past []credit.Past) web.Chart {
	c := web.Chart{Kind: web.Lines, Title: title, Unit: "分", Places: 2, Series: []web.Series{{Name: "得分"}}}
	for _, p := range past {
		if !p.Scored {
			continue
		}
		c.Labels = append(c.Labels, p.Period.Name)
		c.Notes = append(c.Notes, p.Grade)
		c.Series[0].Values = append(c.Series[0].Values, int64(p.Score)/100)
	}
	if v := c.Series[0].Values; len(v) > 0 {
		low := v[0]
		for _, x := range v {
			low = min(low, x)
		}
		c.From = low/1000*1000 - 500
	}
	return c
}

func until(d day.Date) string {
	if d == 0 {
		return "至今"
	}
	return "至 " + d.String()
}
