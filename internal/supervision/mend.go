package supervision

import (
	"context"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
)

// The states of an enterprise's duty to mend what is late.
const (
	MendOwed = "owed"
	mendRest = "rest"
	mendOver = "over"
)

const (
	mendOwe    = "owe"
	mendAgain  = "owe-again"
	mendSettle = "settle"
	mendClose  = "close"
)

// MendMachine is the duty to mend that stays when the deadline is over: the case
// waits with the district, which decides what follows, while the fault still waits
// for the enterprise, with the deadline that it missed.
var MendMachine = casework.Must(casework.Machine{
	Name: "supervision_mend", Title: "逾期案件的整改", Basis: "物业管理条例；期限为责令整改的原期限",
	States: []casework.State{
		{Name: MendOwed, Title: "已逾期，仍须整改并报告"},
		{Name: mendRest, Title: "已报告或另定期限"},
		{Name: mendOver, Title: "案件已了结", Final: true},
	},
	Acts: []casework.Act{
		{Name: mendOwe, Title: "逾期未改", From: []string{casework.Start}, To: MendOwed, Holder: authz.Enterprise},
		{Name: mendAgain, Title: "再次逾期", From: []string{mendRest}, To: MendOwed, Holder: authz.Enterprise},
		{Name: mendSettle, Title: "已报告或另定期限", From: []string{MendOwed}, To: mendRest},
		{Name: mendClose, Title: "案件了结", From: []string{MendOwed, mendRest}, To: mendOver},
	},
})

// keepMend keeps the duty to mend in step with its case: it is owed while the case
// is overdue, rests once something was reported or ordered anew, and is over with it.
func (s *Cases) keepMend(ctx context.Context, tx *db.Tx, o *opened, from string) error {
	end, _ := CaseMachine.State(o.State)
	if o.State != Overdue && from != Overdue && !end.Final {
		return nil
	}
	m, ok, err := casework.About(ctx, tx, MendMachine, o.Object())
	if err != nil {
		return err
	}
	w := casework.Way{Act: mendClose}
	switch {
	case o.State == Overdue && !ok:
		if _, managed := casework.HolderAt(authz.Enterprise, o.Place()); !managed {
			return nil
		}
		_, err = casework.Open(ctx, tx, robot, MendMachine, casework.Opening{
			Object: o.Object(), Title: o.book.caseTitle(&o.Case), Place: o.Place(), Way: casework.Way{Act: mendOwe, Due: o.Deadline, Calendar: s.Calendar},
		})
		return err
	case !ok:
		return nil
	case o.State == Overdue && m.State == mendRest:
		w = casework.Way{Act: mendAgain, Due: o.Deadline, Calendar: s.Calendar}
	case end.Final && !m.Closed:
	case o.State != Overdue && m.State == MendOwed:
		w.Act = mendSettle
	default:
		return nil
	}
	_, err = casework.Do(ctx, tx, robot, MendMachine, casework.Move{Case: m.ID, Version: m.Version, Way: w})
	return err
}
