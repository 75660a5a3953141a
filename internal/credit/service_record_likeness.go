package credit

import (
	"context"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

// Likenesses shows the records that a proposal may repeat, those that the actor
// may see, and tells how many more there are.
func (s *Records) Likenesses(ctx context.Context, tx *db.Tx, who authz.Actor, p Proposal) (seen []Likeness, hidden int, err error) {
	f, err := s.locate(ctx, lookUp(tx), p)
	if err != nil {
		return nil, 0, err
	}
	if err := authz.Require(who, authz.CreditPropose, f.Place()); err != nil {
		return nil, 0, err
	}
	if f.Files, err = knownFiles(ctx, tx, p.Files); err != nil {
		return nil, 0, err
	}
	all, err := likenessesOf(ctx, tx, &f.Proposal, f.EnterpriseID, 0)
	for _, l := range all {
		if sees(who, l.place, l.State, l.body) {
			seen = append(seen, l)
		}
	}
	return seen, len(all) - len(seen), err
}

// refuseDuplicate holds the enterprise and the document, so that two at once
// don't pass, and looks for the same proof.
func (s *Records) refuseDuplicate(ctx context.Context, tx *db.Tx, f *Filed) error {
	if err := tx.Lock(ctx, "enterprise", f.Enterprise); err != nil {
		return err
	}
	if f.Document.Number != "" {
		if err := tx.Lock(ctx, "document", f.Document.Number+"|"+f.Document.Issuer); err != nil {
			return err
		}
	}
	alike, err := likenessesOf(ctx, tx, &f.Proposal, f.EnterpriseID, f.ID)
	if err != nil || len(alike) == 0 {
		return err
	}
	var subjects []Subject
	for _, e := range f.Subjects {
		subjects = append(subjects, e.Subject)
	}
	for _, l := range alike {
		if l.Item != f.Item {
			continue
		}
		same, err := sameSubjects(ctx, tx, l.Record, subjects)
		if err != nil {
			return err
		}
		if same {
			return fault.New(fault.Conflict, "credit.same", "%s的同一项目信息已经录入（编号%s，%s），不能重复录入。", l.Title(), l.Record, RecordMachine.StateTitle(l.State))
		}
	}
	if f.Known {
		return nil
	}
	l := alike[0]
	return fault.New(fault.Conflict, "credit.duplicate", "已有相似信息（%s，编号%s，%s）。请核对，如确属另一件事，请勾选确认后再提交。", l.Title(), l.Record, RecordMachine.StateTitle(l.State))
}
