package supervision

import (
	"cmp"
	"context"
	"slices"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
)

// CaseFor reads all that a case's page shows; to whom it is not shown it isn't
// there (AZ-2).
func (s *Cases) CaseFor(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (d Dossier, err error) {
	o, err := s.load(ctx, tx, who, id)
	if err != nil {
		return d, err
	}
	d = Dossier{Case: o.Case, BookTitle: o.book.Title}
	d.Rule, _ = o.book.Violation(o.Violation)
	d.ViolationTitle = d.Rule.Title
	if d.Flow, err = casework.Find(ctx, tx, CaseMachine, id); err != nil {
		return d, err
	}
	d.Words, d.LateNow = casework.Waits(d.Flow.Due, tx.Today(), d.Flow.Assumed)
	if d.Steps, err = casework.History(ctx, tx, d.Flow); err != nil {
		return d, err
	}
	d.Allowed, d.Barred = casework.AllowedBy(who, d.Flow, d.Steps), casework.BarredFor(who, d.Flow, d.Steps)
	if !o.book.reopenable(&o.Case, tx.Today()) {
		d.Allowed = slices.DeleteFunc(d.Allowed, func(a casework.Act) bool { return a.Name == ActReopen })
	}
	if d.Heard = !mayPlead(&o.Case, tx.Today()) || casework.Often(d.Flow, d.Steps, ActReply); d.Heard {
		d.Allowed = slices.DeleteFunc(d.Allowed, func(a casework.Act) bool { return a.Name == ActReply })
	}
	if o.State == Ordered || o.State == Asking {
		d.ExtendTo = s.longest(o)
	}
	if err := s.parts(ctx, tx, who, o, &d); err != nil {
		return d, err
	}
	lead := o.orderer()
	name, err := registry.BodyNames(ctx, tx, []authz.Scope{{Division: lead.Division}})
	if err != nil {
		return d, err
	}
	d.Authority = name(lead.Role, authz.Scope{Division: lead.Division})
	firms, err := registry.EnterpriseNames(ctx, tx, []code.USCC{o.Enterprise})
	if err != nil {
		return d, err
	}
	projects, err := registry.ProjectNames(ctx, tx, []code.ProjectCode{o.Project})
	d.EnterpriseName, d.ProjectName = firms[o.Enterprise], projects[o.Project]
	return d, err
}

// parts reads what hangs on the case.
func (s *Cases) parts(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, d *Dossier) (err error) {
	if d.Merged, err = mergedInto(ctx, tx, o.ID); err != nil {
		return err
	}
	if err := s.names(ctx, tx, d.Merged); err != nil {
		return err
	}
	if o.State == Merged && o.Into != 0 {
		goal, _, err := caseByID(ctx, tx, o.Into)
		if err != nil {
			return err
		}
		d.IntoNo = goal.No
	}
	ids := []db.ID{o.ID}
	for _, m := range d.Merged {
		ids = append(ids, m.ID)
	}
	for _, id := range ids {
		list, err := sourcesOf(ctx, tx, id)
		if err != nil {
			return err
		}
		d.Sources = append(d.Sources, list...)
		proofs, err := proofsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		d.Proofs = append(d.Proofs, proofs...)
	}
	if d.Measures, err = measuresOf(ctx, tx, o.ID); err != nil {
		return err
	}
	if !authz.May(who, authz.SupervisionRegister, o.Place()) { // who reported stays with the officials
		d.Sources, d.Merged = nil, nil
		d.Steps = slices.DeleteFunc(d.Steps, func(s casework.Step) bool { return s.Act == ActPress }) // a measure is told once it is decided
	}
	if authz.May(who, authz.SupervisionMerge, o.Place()) && (o.State == Registered || o.State == Verifying) {
		if d.Alike, err = s.alike(ctx, tx, o); err != nil {
			return err
		}
	}
	return s.possible(ctx, tx, who, o, d)
}

// alike lists cases that may be the same fault: the same project, the same violation
// or one not known yet, found within the rulebook's days; known ones come first. Of a
// case whose own violation is not known yet nobody can say more.
func (s *Cases) alike(ctx context.Context, tx *db.Tx, o *opened) ([]Case, error) {
	all, err := casesAround(ctx, tx, o.Project, o.FoundOn.AddDays(-o.book.Alike), o.FoundOn.AddDays(o.book.Alike))
	if err != nil {
		return nil, err
	}
	list := slices.DeleteFunc(all, func(c Case) bool {
		same := o.Violation == "" || c.Violation == "" || c.Violation == o.Violation
		return c.ID == o.ID || !same || c.Enterprise != o.Enterprise || !c.joinable()
	})
	slices.SortStableFunc(list, func(a, b Case) int { return cmp.Compare(b.Violation, a.Violation) })
	return list, s.names(ctx, tx, list)
}

// possible tells of each measure whether it may be proposed, and why not.
func (s *Cases) possible(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, d *Dossier) error {
	if !authz.May(who, authz.SupervisionPropose, o.Place()) || o.Verified == 0 {
		return nil
	}
	st, err := s.standing(ctx, tx, o)
	if err != nil {
		return err
	}
	for _, step := range append(slices.Clone(o.book.Ladder), o.book.Outside...) {
		ok, why := o.book.May(step.Kind, st, tx.Today())
		p := Possible{Step: step, OK: ok, Why: why}
		if ok {
			p.Skipped = o.book.Skipped(step.Kind, st)
		}
		d.Possible = append(d.Possible, p)
	}
	return nil
}

// File names a file of a case for who may read the case.
func (s *Cases) File(ctx context.Context, tx *db.Tx, who authz.Actor, id, file db.ID) (db.ID, error) {
	d, err := s.CaseFor(ctx, tx, who, id)
	if err != nil {
		return 0, err
	}
	for _, p := range d.Proofs {
		if p.File == file {
			return file, nil
		}
	}
	return 0, missing()
}

func withNames(ctx context.Context, tx *db.Tx, list []Proof) ([]Proof, error) {
	var ids []db.ID
	for _, p := range list {
		ids = append(ids, p.File)
	}
	files, err := blob.Files(ctx, tx, ids...)
	for i := range list {
		list[i].Name = files[list[i].File].Name
	}
	return list, err
}
