package credit

import (
	"slices"

	"juli/internal/day"
)

// names resolves the names of expressions for one subject.
type names struct {
	e    *Evaluator
	slot int32
	rec  *Record
	item *Item
	out  *Outcome
}

// ResolveName gives the value of a name, see [builtins].
func (n *names) ResolveName(name string) (any, bool) {
	if f := n.e.book.Fact(trimHas(name)); f != nil {
		v, has := n.e.factsOf(n.slot)[f.Name]
		switch {
		case name != f.Name:
			return has, true
		case f.Type == BoolFact:
			return v != 0, true
		}
		return v, true
	}
	if v, ok := n.registerName(name); ok {
		return v, true
	}
	if n.out != nil {
		return n.scoreName(name)
	}
	return n.recordName(name)
}

func trimHas(name string) string {
	if len(name) > 4 && name[:4] == "has_" {
		return name[4:]
	}
	return name
}

func (n *names) registerName(name string) (any, bool) {
	e, u := n.e, &n.e.bundle.Unit
	switch name {
	case "today":
		return int64(e.opt.AsOf), true
	case "period_from":
		return int64(e.period.From), true
	case "since":
		return int64(u.Since), true
	case "last_service":
		return int64(e.lastService()), true
	case "projects", "projects_all", "area":
		return e.projectFigure(name), true
	case "registered":
		return u.Registered, true
	case "working":
		return u.Working, true
	case "form":
		return u.Form.Key(), true
	case "subject":
		return e.kindOf(n.slot).Key(), true
	case "project_kind":
		if n.slot > 0 && int(n.slot) <= len(e.bundle.Projects) {
			return e.bundle.Projects[n.slot-1].Kind, true
		}
		return "", true
	}
	return nil, false
}

// lastService is the last day on which the enterprise held a project in scope.
func (e *Evaluator) lastService() day.Date {
	last := day.Date(0)
	for i := range e.bundle.Projects {
		if !e.inScope[i] {
			continue
		}
		for _, s := range e.bundle.Projects[i].Held {
			to := s.To
			if to == 0 || to > e.opt.AsOf {
				to = e.opt.AsOf
			}
			if s.From <= e.opt.AsOf {
				last = max(last, to)
			}
		}
	}
	return last
}

func (e *Evaluator) projectFigure(name string) int64 {
	n := int64(0)
	for i := range e.bundle.Projects {
		switch {
		case !e.held[i], name != "projects_all" && !e.inScope[i]:
		case name == "area":
			n += int64(e.bundle.Projects[i].Area)
		default:
			n++
		}
	}
	return n
}

func (n *names) scoreName(name string) (any, bool) {
	switch name {
	case "score":
		return int64(n.out.graded), true
	case "unrectified":
		return int64(n.e.open[n.slot]), true
	case "vetoed":
		return slices.ContainsFunc(n.e.holds, func(h hold) bool { return h.slot == n.slot && !h.black }), true
	case "listed":
		return slices.ContainsFunc(n.e.bundle.Listed, func(x Listing) bool { return x.Subject.ID == n.out.Subject.ID }), true
	}
	for i := range n.e.book.Classes {
		switch code := n.e.book.Classes[i].Code; name {
		case "sum_" + code:
			return int64(n.out.Sums[i].Capped), true
		case "count_" + code:
			return n.e.countClass(n.slot, int16(i)), true
		}
	}
	return nil, false
}

// countClass counts the records of a class that count for a subject; for the
// enterprise with those on its projects in scope, each once.
func (e *Evaluator) countClass(slot int32, class int16) int64 {
	last, n := slot, int64(0)
	if slot == 0 {
		last = int32(len(e.bundle.Projects))
	}
	for s := slot; s <= last; s++ {
		for i := e.spans[s][0]; i < e.spans[s][1]; i++ {
			if r := &e.rows[i]; r.reason.Counts() && r.class() == class && (r.kind != DerivedLine || slot != 0) {
				n++
			}
		}
	}
	return n
}

func (n *names) recordName(name string) (any, bool) {
	r := n.rec
	if r == nil {
		r = &Record{}
	}
	switch name {
	case "value":
		return int64(r.Value), true
	case "level":
		if r.Level > 0 && int(r.Level) <= len(n.item.Levels) {
			return n.item.Levels[r.Level-1].Code, true
		}
		return "", true
	case "evidence":
		if r.Evidence > 0 && int(r.Evidence) <= len(n.e.book.Evidence) {
			return n.e.book.Evidence[r.Evidence-1].Code, true
		}
		return "", true
	case "event":
		return int64(r.date(ByEvent)), true
	case "decision":
		return int64(r.date(ByDecision)), true
	case "identified":
		return int64(r.date(ByIdentified)), true
	case "due":
		return int64(r.Due), true
	case "rectified":
		return r.Rectified != 0 && r.Rectified <= n.e.opt.AsOf, true
	case "overdue":
		return r.Due != 0 && n.e.opt.AsOf > r.Due && (r.Rectified == 0 || r.Rectified > r.Due), true
	}
	return nil, false
}
