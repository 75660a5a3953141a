package supervision

import (
	"context"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
)

// The states of an enterprise's right to be heard.
const (
	PleaOpen = "open"
	PleaSaid = "said"
	PleaPast = "past"
)

const (
	pleaGive  = "give"
	pleaSay   = "say"
	pleaLapse = "lapse"
)

// PleaMachine is the right to be heard (陈述申辩): its own clock beside the case's,
// so that it waits on the enterprise's desk while the case waits with the office.
var PleaMachine = casework.Must(casework.Machine{
	Name: "supervision_plea", Title: "案件的陈述申辩", Basis: "行政处罚法第四十五条；期限由监管规则规定",
	States: []casework.State{
		{Name: PleaOpen, Title: "可以陈述申辩（期限含当日）"},
		{Name: PleaSaid, Title: "已陈述申辩", Final: true},
		{Name: PleaPast, Title: "期满未申辩", Final: true},
	},
	Acts: []casework.Act{
		{Name: pleaGive, Title: "告知可以陈述申辩", From: []string{casework.Start}, To: PleaOpen, Holder: authz.Enterprise},
		{Name: pleaSay, Title: "陈述申辩", From: []string{PleaOpen}, To: PleaSaid, May: authz.SupervisionReply},
		{Name: pleaLapse, Title: "期满", From: []string{PleaOpen}, To: PleaPast},
	},
})

// givePlea begins the enterprise's term once the fault is verified.
func (s *Cases) givePlea(ctx context.Context, tx *db.Tx, o *opened) error {
	if _, ok := casework.HolderAt(authz.Enterprise, o.Place()); !ok {
		return nil // nobody manages the estate
	}
	_, err := casework.Open(ctx, tx, robot, PleaMachine, casework.Opening{
		Object: o.Object(), Title: o.book.caseTitle(&o.Case), Place: o.Place(), Way: casework.Way{Act: pleaGive, Due: o.ReplyDue, Calendar: s.Calendar},
	})
	return err
}

// endPlea ends the term: the enterprise was heard, or it is over.
func endPlea(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, act string) error {
	p, ok, err := casework.About(ctx, tx, PleaMachine, o.Object())
	if err != nil || !ok || p.State != PleaOpen {
		return err
	}
	if _, err := casework.Do(ctx, tx, who, PleaMachine, casework.Move{Case: p.ID, Version: p.Version, Way: casework.Way{Act: act}}); err != nil || act == pleaSay {
		return err
	}
	return audit.Append(ctx, tx, who, "supervision.plea-past", o.Object(), map[string]any{"no": o.No, "enterprise": o.Enterprise})
}

// lapsePleas ends the terms whose last day is over.
func (s *Cases) lapsePleas(ctx context.Context, tx *db.Tx, batch int) (n int, more bool, err error) {
	list, err := casework.PastDue(ctx, tx, PleaMachine, PleaOpen, tx.Today(), casework.Cursor{}, batch)
	if err != nil {
		return 0, false, err
	}
	for _, p := range list {
		id, err := caseOfObject(p.Object)
		if err != nil {
			return n, false, err
		}
		o, err := s.open(ctx, tx, robot, id)
		if err != nil {
			return n, false, err
		}
		if err := endPlea(ctx, tx, robot, o, pleaLapse); err != nil {
			return n, false, err
		}
		n++
	}
	return n, len(list) == batch, nil
}
