package credit

import (
	"context"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
)

// Record reads all that one record's page shows: facts, evidence, steps,
// deadlines, letters, and what this actor may do now. To whom it is not shown it
// isn't there (AZ-2).
func (s *Records) Record(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Dossier, error) {
	o, err := s.load(ctx, tx, who, id)
	if err != nil {
		return Dossier{}, err
	}
	d := Dossier{Filed: o.f, Condition: o.c, StateTitle: RecordMachine.StateTitle(o.c.State), Banner: o.b.Banner}
	if it := o.item(); it != nil {
		d.ItemTitle, d.ItemPoints = it.Title, it.pointsOrZero(o.f.Level)
	}
	if d.Case, err = casework.Find(ctx, tx, RecordMachine, id); err != nil {
		return d, err
	}
	d.Words, d.Late = casework.Waits(d.Case.Due, tx.Today(), d.Case.Assumed)
	if d.Steps, err = casework.History(ctx, tx, d.Case); err != nil {
		return d, err
	}
	if d.EnterpriseName, d.ProjectName, err = namesOf(ctx, tx, o.f.Enterprise, o.f.Project); err != nil {
		return d, err
	}
	if d.Files, err = namedFiles(ctx, tx, &o.f, o.c.State); err != nil {
		return d, err
	}
	if d.Pleas, err = pleasOf(ctx, tx, id); err != nil {
		return d, err
	}
	if d.Messages, err = notify.Of(ctx, tx, o.f.Object()); err != nil {
		return d, err
	}
	if err := s.allow(ctx, tx, who, o, &d); err != nil {
		return d, err
	}
	return d, s.mendFor(ctx, tx, who, o, &d)
}

// allow fills in what the actor may do, narrowed by the rulebook's verdicts and
// by whose proposal it is.
func (s *Records) allow(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, d *Dossier) (err error) {
	if objectable(o.c.State) {
		ground := ""
		if len(o.b.Objection.Grounds) > 0 {
			ground = o.b.Objection.Grounds[0].Code
		}
		if d.MayObject, err = s.mayObject(ctx, tx, o, ground); err != nil {
			return err
		}
	}
	if o.c.State == RecordEffective {
		if d.MayRepair, err = s.mayRepair(ctx, tx, o); err != nil {
			return err
		}
	}
	var owned, annullable bool
	if d.Owner, owned, err = OwnerOf(ctx, tx, o.f.ID); err != nil {
		return err
	}
	for _, a := range casework.AllowedBy(who, d.Case, d.Steps) {
		switch a.Name {
		case ActObject:
			if !d.MayObject.OK {
				continue
			}
		case ActApplyRepair:
			if !d.MayRepair.OK {
				continue
			}
		case ActWithdraw, ActEdit:
			if owned || !ofBody(who, o.f.Body) {
				continue
			}
		case ActPropose, ActSubmit:
			if a.Name == ActSubmit || !ofBody(who, o.f.Body) {
				continue // one button hands a draft in, whatever comes next
			}
		case ActAnnul:
			if err := notByThoseBelow(ctx, tx, who, o); err != nil {
				if fault.From(err).Kind == fault.Forbidden {
					continue
				}
				return err
			}
			annullable = true
			continue // by two persons
		case ActRectify:
			if owned || !o.bad() || o.c.Rectified != 0 || o.c.Identified == 0 {
				continue
			}
		}
		d.Allowed = append(d.Allowed, a)
	}
	more, err := s.annulActs(ctx, tx, who, d, annullable)
	d.Allowed = append(d.Allowed, more...)
	return err
}

// List is one page of the records that the actor may see, and the next page's cursor.
func (s *Records) List(ctx context.Context, tx *db.Tx, who authz.Actor, q RecordQuery) ([]RecordRow, string, error) {
	if err := authz.RequireAny(who, authz.CreditRead); err != nil {
		return nil, "", err
	}
	rows, next, err := q.page(ctx, tx, who)
	if err != nil {
		return nil, "", err
	}
	b, err := s.Books(ctx, tx, tx.Today())
	if err != nil {
		return nil, "", err
	}
	for i := range rows {
		if it := b.Item(b.ItemNo(rows[i].Item)); it != nil {
			rows[i].ItemTitle = it.Title
		}
	}
	return rows, next, nil
}

// Counts tells how many records of a query the actor sees in each state, in the
// order of the procedure.
func (s *Records) Counts(ctx context.Context, tx *db.Tx, who authz.Actor, q RecordQuery) ([]StateCount, error) {
	if err := authz.RequireAny(who, authz.CreditRead); err != nil {
		return nil, err
	}
	return q.counts(ctx, tx, who)
}

// Proposable lists the items that the actor's bodies may propose under the
// rulebook in force, for the form.
func (s *Records) Proposable(ctx context.Context, tx *db.Tx, who authz.Actor) ([]*Item, error) {
	b, err := s.Books(ctx, tx, tx.Today())
	if err != nil {
		return nil, err
	}
	var out []*Item
	for i := range b.Items {
		it := &b.Items[i]
		proc, ok := b.ProcedureOf(ItemNo(i), 0)
		if !ok {
			continue
		}
		step, _ := proc.Step(StepPropose)
		for _, g := range who.Grants {
			if len(step.Roles) == 0 && authz.Can(who, authz.CreditPropose) || proposes(g.Role, step.Roles) {
				out = append(out, it)
				break
			}
		}
	}
	return out, nil
}

func proposes(role authz.Role, words []string) bool {
	for _, w := range words {
		if r, ok := RoleOf(w); ok && r == role {
			return true
		}
	}
	return false
}

func namesOf(ctx context.Context, tx *db.Tx, c code.USCC, p code.ProjectCode) (enterprise, project string, err error) {
	e, err := lookUp(tx).enterprise(ctx, c)
	if err != nil || p == "" {
		return e.name, "", err
	}
	row, err := lookUp(tx).project(ctx, p)
	return e.name, row.name, err
}

// namedFiles are the files of a record with their names; a draft's are still
// those that it was saved with.
func namedFiles(ctx context.Context, tx *db.Tx, f *Filed, state string) ([]FileRow, error) {
	files, err := filesOf(ctx, tx, f.ID)
	if state == RecordDraft {
		for _, ref := range f.Files {
			files = append(files, FileRow{FileRef: ref, Purpose: "evidence"})
		}
	}
	if err != nil || len(files) == 0 {
		return files, err
	}
	var ids []db.ID
	for _, f := range files {
		ids = append(ids, f.ID)
	}
	known, err := blob.Files(ctx, tx, ids...)
	for i := range files {
		files[i].Name = known[files[i].ID].Name
		if state == RecordDraft {
			files[i].SHA256, files[i].At = known[files[i].ID].SHA256, known[files[i].ID].Created
		}
	}
	return files, err
}
