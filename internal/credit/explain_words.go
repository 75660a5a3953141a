package credit

import (
	"context"
	"slices"
	"strings"

	"juli/internal/day"
	"juli/internal/db"
)

// A Limit says in words why a grade is set or bounded, with the records that
// cause it: a veto, a ceiling or an entry in the blacklist.
type Limit struct {
	Title   string // 等级不高于 A
	Why     string // 有三件以上整改尚未完成
	Until   day.Date
	Records []db.ID
}

// Limits explains the restraints of a subject's outcome on the cut-off day.
// Entries are those of [EntriesIn].
func (b *Book) Limits(r *Result, s Subject, entries map[db.ID]Entry, asOf day.Date) []Limit {
	o, ok := r.of(s)
	if !ok {
		return nil
	}
	var out []Limit
	for _, x := range o.Restraints {
		l := Limit{Title: "等级不高于 " + x.Grade, Until: x.Until}
		if x.Set {
			l.Title = "一票否决，等级定为 " + x.Grade
		}
		switch it, c := b.Item(x.Item), b.ceiling(x.Path); {
		case it != nil:
			l.Why = it.Title + "（" + it.Code + "）"
		case c != nil:
			l.Why, l.Records = c.Reason(b), b.causes(r, s, c, entries, asOf)
		}
		if x.Record != 0 {
			l.Records = []db.ID{x.Record}
		}
		out = append(out, l)
	}
	for _, x := range o.Blacklist {
		l := Limit{Title: "列入" + b.Blacklist.Title, Until: x.Until, Records: []db.ID{x.Record}}
		if it := b.Item(x.Item); it != nil {
			l.Why = it.Title + "（" + it.Code + "）"
		}
		out = append(out, l)
	}
	return out
}

func (b *Book) ceiling(path string) *Ceiling {
	i := slices.IndexFunc(b.Ceilings, func(c Ceiling) bool { return c.Path == path })
	if i < 0 {
		return nil
	}
	return &b.Ceilings[i]
}

// Reason is when a ceiling holds, in words.
func (c *Ceiling) Reason(b *Book) string {
	if c.Why != "" {
		return c.Why
	}
	var titles []string
	for _, no := range c.Items {
		if it := b.Item(no); it != nil {
			titles = append(titles, it.Title+"（"+it.Code+"）")
		}
	}
	return strings.Join(titles, "、")
}

// causes are the records that a ceiling counts: those of its items, or the
// orders that were not carried out by the day.
func (b *Book) causes(r *Result, s Subject, c *Ceiling, entries map[db.ID]Entry, asOf day.Date) []db.ID {
	counts := func(l *Line) bool { return slices.Contains(c.Items, l.Item) }
	if c.When != nil {
		if !strings.Contains(c.When.Source, "unrectified") {
			return nil
		}
		counts = func(l *Line) bool {
			e, known := entries[l.Record]
			return known && l.Kind != DerivedLine && e.Due != 0 && (e.Rectified == 0 || e.Rectified > asOf)
		}
	}
	var out []db.ID
	for _, o := range r.under(s) {
		for i := range o.Lines {
			l := &o.Lines[i]
			if l.Record != 0 && l.Reason.Counts() && counts(l) && !slices.Contains(out, l.Record) {
				out = append(out, l.Record)
			}
		}
	}
	return out
}

// under is a subject's own outcome, for the enterprise with its projects'.
func (r *Result) under(s Subject) []*Outcome {
	if s.ID == r.Enterprise.Subject.ID && sameKind(s.Kind, r.Enterprise.Subject.Kind) {
		out := []*Outcome{&r.Enterprise}
		for i := range r.Projects {
			out = append(out, &r.Projects[i])
		}
		return out
	}
	for _, list := range [][]Outcome{r.Projects, r.Persons} {
		for i := range list {
			if list[i].Subject == s {
				return []*Outcome{&list[i]}
			}
		}
	}
	return nil
}

// EntriesIn reads the scoring rows of every record in a result by record: those of
// the enterprise, and what its projects brought along from earlier ones.
func EntriesIn(ctx context.Context, tx *db.Tx, enterprise db.ID, r *Result) (map[db.ID]Entry, error) {
	entries, err := EntriesOf(ctx, tx, enterprise)
	if err != nil {
		return nil, err
	}
	var missing []db.ID
	for _, o := range r.under(r.Enterprise.Subject) {
		for i := range o.Lines {
			if id := o.Lines[i].Record; id != 0 && entries[id].Record == 0 && !slices.Contains(missing, id) {
				missing = append(missing, id)
			}
		}
	}
	scan := func(row db.Scanner) (e Entry, err error) { return e, scanEntry(row, &e) }
	for part := range slices.Chunk(missing, 200) {
		var args []any
		for _, id := range part {
			args = append(args, id)
		}
		found, err := db.All(ctx, tx, scan, entrySelect+`WHERE record IN (`+marks(len(part))+`) ORDER BY id`, args...)
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			entries[e.Record] = e
		}
	}
	return entries, nil
}

// Words says how project scores make the enterprise's, as a regulation would.
func (c *Compose) Words() string {
	method := map[string]string{
		"area": "各在管项目的得分按建筑面积加权平均", "mean": "各在管项目得分的平均数", "sum": "各在管项目得分之和", "min": "各在管项目得分中最低的一个",
	}[c.Method]
	if method == "" {
		return "项目得分不计入企业得分"
	}
	if c.Moved == "time" {
		return method + "；期内易主的项目按服务天数计"
	}
	return method + "；以截止日在管的项目为准"
}
