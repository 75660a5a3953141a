package credit

import (
	"cmp"
	"iter"
	"slices"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
)

// planner distributes projects and persons over bundles.
type planner struct {
	l        *loader
	snap     *registry.Snapshot
	projects map[code.ProjectCode]*registry.Project
	held     map[code.USCC]map[code.ProjectCode][]Span
	terms    map[db.ID][]registry.ManagerTerm
	managers map[code.ProjectCode]int64 // in office on the day
	seen     map[Subject]int            // in how many bundles
}

func newPlanner(l *loader, snap *registry.Snapshot) *planner {
	p := &planner{
		l: l, snap: snap, seen: map[Subject]int{}, projects: make(map[code.ProjectCode]*registry.Project, len(snap.Projects)),
		held: map[code.USCC]map[code.ProjectCode][]Span{}, terms: map[db.ID][]registry.ManagerTerm{}, managers: map[code.ProjectCode]int64{},
	}
	for i := range snap.Projects {
		p.projects[snap.Projects[i].Code] = &snap.Projects[i]
	}
	for _, h := range snap.Holdings {
		if p.held[h.Enterprise] == nil {
			p.held[h.Enterprise] = map[code.ProjectCode][]Span{}
		}
		p.held[h.Enterprise][h.Project] = append(p.held[h.Enterprise][h.Project], Span{h.From, h.To})
	}
	for _, t := range snap.Managers {
		p.terms[t.Person] = append(p.terms[t.Person], t)
		if t.To == 0 || t.To >= snap.Day {
			p.managers[t.Project]++
		}
	}
	return p
}

// plan makes one bundle per enterprise, ordered by id.
func (p *planner) plan() []unitPlan {
	staff := p.staffOf()
	heads := map[string]db.ID{}
	for i := range p.snap.Enterprises {
		e := &p.snap.Enterprises[i]
		heads[string(e.USCC)], heads[e.Name] = e.ID, e.ID
	}
	plans := make([]unitPlan, 0, len(p.snap.Enterprises))
	for i := range p.snap.Enterprises {
		e := &p.snap.Enterprises[i]
		u := unitPlan{info: e}
		u.bundle.Unit = p.unit(e, heads)
		u.bundle.Projects = p.projectsOf(e.USCC)
		p.addPersons(&u.bundle, staff[e.USCC])
		subject := Subject{Enterprise, e.ID}
		u.bundle.Past = p.l.past[subject]
		plans = append(plans, u)
	}
	slices.SortFunc(plans, func(a, b unitPlan) int { return cmp.Compare(a.info.ID, b.info.ID) })
	p.underHeads(plans)
	for i := range plans {
		b := &plans[i].bundle
		for j := range b.Projects {
			p.seen[Subject{Project, b.Projects[j].ID}]++
		}
		for j := range b.Persons {
			p.seen[Subject{b.Persons[j].Kind, b.Persons[j].ID}]++
		}
	}
	p.noteShared(plans)
	p.noteListed(plans)
	return plans
}

// underHeads moves what a branch holds to its head office where the book counts
// it there (PC-02); the branch keeps an empty bundle and the status that says so.
func (p *planner) underHeads(plans []unitPlan) {
	at := make(map[db.ID]int, len(plans))
	for i := range plans {
		at[plans[i].info.ID] = i
	}
	for i := range plans {
		u := &plans[i]
		n, known := at[u.bundle.Unit.Head]
		if u.bundle.Unit.Form == Independent || p.l.book.Attribute(u.bundle.Unit.Form) != ToHead || !known || n == i {
			continue
		}
		own, head := Subject{Enterprise, u.info.ID}, &plans[n]
		p.seen[own] = 2
		head.shared = append(head.shared, own)
		for _, x := range u.bundle.Projects {
			p.seen[Subject{Project, x.ID}]++
		}
		for _, x := range u.bundle.Persons {
			p.seen[Subject{x.Kind, x.ID}]++
		}
		head.bundle.Projects = append(head.bundle.Projects, u.bundle.Projects...)
		head.bundle.Persons = append(head.bundle.Persons, u.bundle.Persons...)
		u.bundle.Projects, u.bundle.Persons = nil, nil
	}
}

// sharedSubjects are those in several bundles, and persons who worked for
// several enterprises, whose records were attributed to each.
func (p *planner) sharedSubjects() iter.Seq[Subject] {
	return func(yield func(Subject) bool) {
		for s, n := range p.seen {
			if (n > 1 || p.moved(s)) && !yield(s) {
				return
			}
		}
	}
}

func (p *planner) moved(s Subject) bool {
	if s.Kind != Manager {
		return false
	}
	t := p.terms[s.ID]
	return slices.ContainsFunc(t, func(x registry.ManagerTerm) bool { return x.Enterprise != t[0].Enterprise })
}

func (p *planner) noteShared(plans []unitPlan) {
	for i := range plans {
		u := &plans[i]
		note := func(s Subject) {
			if p.seen[s] > 1 || p.moved(s) {
				u.shared = append(u.shared, s)
			}
		}
		for j := range u.bundle.Projects {
			note(Subject{Project, u.bundle.Projects[j].ID})
		}
		for j := range u.bundle.Persons {
			note(Subject{u.bundle.Persons[j].Kind, u.bundle.Persons[j].ID})
		}
	}
}

// noteListed tells each bundle which of its subjects stand on a list.
func (p *planner) noteListed(plans []unitPlan) {
	for i := range plans {
		b := &plans[i].bundle
		b.Listed = append(b.Listed, p.l.listed[Subject{Enterprise, b.Unit.ID}]...)
		for j := range b.Projects {
			b.Listed = append(b.Listed, p.l.listed[Subject{Project, b.Projects[j].ID}]...)
		}
	}
}

func (p *planner) unit(e *registry.SnapEnterprise, heads map[string]db.ID) Unit {
	u := Unit{ID: e.ID, Division: districtOf(e.Division), Registered: true, Since: e.Entered, Head: heads[e.Head]}
	u.Working = e.State == registry.Active && e.Projects > 0
	switch e.Kind {
	case registry.Branch:
		u.Form = LocalBranch
	case registry.OutsideBranch:
		u.Form = OutsideBranch
	}
	u.Facts = p.l.merge(Subject{Enterprise, e.ID}, p.enterpriseFacts(e))
	return u
}

func (p *planner) projectsOf(uscc code.USCC) []ProjectFact {
	held := p.held[uscc]
	out := make([]ProjectFact, 0, len(held))
	for c, spans := range held {
		if f, ok := p.project(c); ok {
			f.Held = spans
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b ProjectFact) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func (p *planner) project(c code.ProjectCode) (ProjectFact, bool) {
	info, known := p.projects[c]
	if !known {
		return ProjectFact{}, false
	}
	return ProjectFact{
		ID: info.ID, Kind: kindWord(info.Use), Area: info.Area, District: districtOf(info.Division),
		Facts: p.l.merge(Subject{Project, info.ID}, p.projectFacts(info)),
	}, true
}

// staffOf gives each manager to the employer of the newest term.
func (p *planner) staffOf() map[code.USCC][]db.ID {
	out := map[code.USCC][]db.ID{}
	for person, terms := range p.terms {
		newest := slices.MaxFunc(terms, func(a, b registry.ManagerTerm) int { return cmp.Compare(a.From, b.From) })
		out[newest.Enterprise] = append(out[newest.Enterprise], person)
	}
	for _, list := range out {
		slices.Sort(list)
	}
	return out
}

// addPersons adds the managers with all their terms; a project that another
// enterprise holds comes along, unheld, for what they earned on it.
func (p *planner) addPersons(b *Bundle, persons []db.ID) {
	known := map[db.ID]bool{}
	for i := range b.Projects {
		known[b.Projects[i].ID] = true
	}
	for _, id := range persons {
		person := Person{ID: id, Kind: Manager, Facts: p.l.merge(Subject{Manager, id}, nil)}
		for _, t := range p.terms[id] {
			f, ok := p.project(t.Project)
			if !ok {
				continue
			}
			person.Terms = append(person.Terms, Term{f.ID, Span{t.From, t.To}})
			if !known[f.ID] {
				known[f.ID] = true
				b.Projects = append(b.Projects, f)
			}
		}
		b.Persons = append(b.Persons, person)
	}
}
