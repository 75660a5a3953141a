package credit

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/registry"
)

// A loader turns the register and the scoring table into one bundle per
// enterprise. The register (thousands of rows) is held in memory; the scoring
// table (a million rows) streams past in the order of enterprises, so that
// memory holds the records of one enterprise only. Subjects that stand in more
// than one bundle (a project that changed hands, a manager who moved) are few;
// their records are read before and handed to each.
type loader struct {
	book    *Book
	asOf    day.Date
	units   []unitPlan // by enterprise id
	shared  map[Subject][]Entry
	inputs  map[Subject]Facts
	past    map[Subject][]Past
	records int64 // read so far
}

// A unitPlan is a bundle without its records.
type unitPlan struct {
	info   *registry.SnapEnterprise
	bundle Bundle
	shared []Subject
}

// newLoader reads everything but the records.
func newLoader(ctx context.Context, tx *db.Tx, b *Book, snap *registry.Snapshot, asOf day.Date) (*loader, error) {
	l := &loader{book: b, asOf: asOf, shared: map[Subject][]Entry{}}
	var err error
	if l.inputs, err = inputsOn(ctx, tx, asOf); err != nil {
		return nil, err
	}
	if l.past, err = pastBefore(ctx, tx, b, asOf); err != nil {
		return nil, err
	}
	p := newPlanner(l, snap)
	l.units = p.plan()
	for s := range p.sharedSubjects() {
		entries, err := db.All(ctx, tx, func(row db.Scanner) (e Entry, err error) { return e, scanEntry(row, &e) },
			entrySelect+`WHERE subject_kind = $1 AND subject = $2 AND identified <= $3 ORDER BY id`, int64(s.Kind), s.ID, asOf)
		if err != nil {
			return nil, err
		}
		l.shared[s] = entries
	}
	return l, nil
}

// bundles yields one bundle per enterprise, in the order of their ids. A bundle
// is valid until the next one.
func (l *loader) bundles(ctx context.Context, tx *db.Tx) iter.Seq2[*Bundle, error] {
	return func(yield func(*Bundle, error) bool) {
		l.records = 0
		at := 0
		var records []Record
		flush := func() bool {
			u := &l.units[at]
			for _, s := range u.shared {
				for i := range l.shared[s] {
					r := l.book.record(&l.shared[s][i])
					if sameKind(s.Kind, Enterprise) { // a branch's own, counted under its head
						r.Subject.ID = u.bundle.Unit.ID
					}
					records = append(records, r)
				}
			}
			u.bundle.Records = records
			ok := yield(&u.bundle, nil)
			u.bundle.Records, records = nil, records[:0]
			at++
			return ok
		}
		var e Entry
		scan := func(row db.Scanner) (struct{}, error) { return struct{}{}, scanEntry(row, &e) }
		for _, err := range db.Rows(ctx, tx, scan, entrySelect+`WHERE identified <= $1 ORDER BY enterprise, id`, l.asOf) {
			if err != nil {
				yield(nil, fmt.Errorf("read records: %w", err))
				return
			}
			for at < len(l.units) && l.units[at].info.ID < e.Enterprise {
				if !flush() {
					return
				}
			}
			if at == len(l.units) || l.units[at].info.ID != e.Enterprise {
				continue // not in the register on the day
			}
			l.records++
			if _, elsewhere := l.shared[e.Subject]; !elsewhere {
				records = append(records, l.book.record(&e))
			}
		}
		for at < len(l.units) {
			if !flush() {
				return
			}
		}
	}
}

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
