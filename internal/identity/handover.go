package identity

import (
	"context"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Handover moves a leaver's work to a successor of the same body.
type Handover struct {
	From, To db.ID
	Reason   string
	Leaves   bool // the leaver's account is suspended, too
}

// HandOver moves what a leaver claimed to the successor (OnHandover) and says how
// many things moved. The event "identity.handed-over" tells the others.
func (s *Service) HandOver(ctx context.Context, who authz.Actor, h Handover) (moved int, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		moved, err = s.HandOverIn(ctx, tx, who, h)
		return err
	})
	return moved, err
}

// HandOverIn is HandOver inside the caller's transaction.
func (s *Service) HandOverIn(ctx context.Context, tx *db.Tx, who authz.Actor, h Handover) (int, error) {
	if err := requireOver(ctx, tx, who, authz.AccountHandover, h.From); err != nil {
		return 0, err
	}
	if h.From == h.To {
		return 0, fault.New(fault.Invalid, "identity.successor", "不能移交给本人。").With("to", "请选择另一人。")
	}
	to, err := s.successor(ctx, tx, h)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO identity_handover (id, from_account, to_account, reason, by_person, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		tx.NewID(), h.From, h.To, h.Reason, who.Person, db.Millis(tx.Now))
	if err != nil {
		return 0, err
	}
	moved := 0
	if s.OnHandover != nil {
		if moved, err = s.OnHandover(ctx, tx, who, h.From, to, h.Reason); err != nil {
			return 0, err
		}
	}
	err = audit.Append(ctx, tx, who, "identity.handed-over", object("account", h.From), map[string]any{
		"from": h.From, "to": h.To, "moved": moved, "leaves": h.Leaves,
	})
	if err != nil || !h.Leaves {
		return moved, err
	}
	return moved, s.SuspendIn(ctx, tx, who, h.From, h.Reason)
}

// successor is an active colleague: somebody with a grant of one of the leaver's bodies.
func (s *Service) successor(ctx context.Context, tx *db.Tx, h Handover) (authz.Actor, error) {
	bad := fault.New(fault.Invalid, "identity.successor", "接手人应是本单位的在岗人员。").With("to", "请选择本单位的在岗人员。")
	a, err := accountByID(ctx, tx, h.To)
	if fault.Is(err, "identity.not-found") || err == nil && a.state != "active" {
		return authz.Actor{}, bad
	}
	if err != nil {
		return authz.Actor{}, err
	}
	to, err := s.ActorOf(ctx, tx, h.To)
	if err != nil {
		return authz.Actor{}, err
	}
	theirs, err := db.All(ctx, tx, scanGrant, `SELECT `+grantColumns+` FROM identity_grant g WHERE g.account_id = $1 AND g.state IN ('active', 'ended') AND g.deputy_of IS NULL ORDER BY g.id DESC LIMIT 200`, h.From)
	if err != nil {
		return authz.Actor{}, err
	}
	for _, g := range theirs {
		if colleagues(to.Grants, g) {
			return to, nil
		}
	}
	return authz.Actor{}, bad
}

func colleagues(grants []authz.Grant, g authz.Grant) bool {
	for _, mine := range grants {
		if mine.Deputy == 0 && authz.Body(mine.Role, mine.Scope) == authz.Body(g.Role, g.Scope) {
			return true
		}
	}
	return false
}

// A PeopleRow is one row of a file by which a body's manager looks after its
// people; new people come by [Service.InviteRows].
type PeopleRow struct {
	Login  string
	Act    string // suspend, resume, handover, leave (handover and suspend)
	To     string // login of the successor
	Reason string
}

// PeopleRows does many of these acts from a file: all or none, with a result for
// each row. With dry nothing is written.
func (s *Service) PeopleRows(ctx context.Context, who authz.Actor, rows []PeopleRow, dry bool) (results []RowResult, ok bool, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		results, ok, err = s.PeopleRowsIn(ctx, tx, who, rows, dry)
		return err
	})
	return results, ok, err
}

// PeopleRowsIn is PeopleRows inside the caller's transaction, which goes on where
// the rows were undone.
func (s *Service) PeopleRowsIn(ctx context.Context, tx *db.Tx, who authz.Actor, rows []PeopleRow, dry bool) (results []RowResult, ok bool, err error) {
	if len(rows) > rowsMax {
		return nil, false, fault.New(fault.TooLarge, "identity.rows", "一次最多办理%d行。", rowsMax)
	}
	undo := fault.New(fault.Conflict, "identity.rows-undone", "有不合格的行，全部未办理。")
	err = tx.Try(ctx, func() error {
		results, ok = nil, true
		for i, r := range rows {
			res := RowResult{Row: i + 1}
			if rowErr := tx.Try(ctx, func() error { return s.peopleRow(ctx, tx, who, r) }); rowErr != nil {
				res.Err, ok = fault.From(rowErr), false
				if res.Err.Kind == fault.Internal || res.Err.Kind == fault.StepUp {
					return rowErr
				}
			}
			results = append(results, res)
		}
		if dry || !ok {
			return undo
		}
		return nil
	})
	if fault.Is(err, undo.Rule) {
		err = nil
	}
	return results, ok, err
}

func (s *Service) peopleRow(ctx context.Context, tx *db.Tx, who authz.Actor, r PeopleRow) error {
	find := func(login, field string) (account, error) {
		a, ok, err := accountByLogin(ctx, tx, FoldLogin(login))
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "identity.not-found", "没有账号“%s”。", login).With(field, "没有这个账号。")
		}
		return a, err
	}
	a, err := find(r.Login, "login")
	if err != nil {
		return err
	}
	switch r.Act {
	case "suspend":
		return s.SuspendIn(ctx, tx, who, a.id, r.Reason)
	case "resume":
		return s.ResumeIn(ctx, tx, who, a.id, r.Reason)
	case "handover", "leave":
		to, err := find(r.To, "to")
		if err != nil {
			return err
		}
		_, err = s.HandOverIn(ctx, tx, who, Handover{From: a.id, To: to.id, Reason: r.Reason, Leaves: r.Act == "leave"})
		return err
	}
	return fault.New(fault.Invalid, "identity.row", "办理事项应为停用、恢复、移交或离任。").With("act", "办理事项应为停用、恢复、移交或离任。")
}
