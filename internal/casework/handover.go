package casework

import (
	"context"
	"fmt"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

// Steps that change who works on a case, but not its state.
const (
	claimed    = "casework.claim"
	released   = "casework.release"
	reassigned = "casework.reassign"
)

var handTitles = map[string]string{claimed: "认领", released: "退回本单位", reassigned: "移交"}

// HandOverMax is how many cases one hand-over moves.
const HandOverMax = 2000

// Claim puts the actor's name on a case that the actor's body holds, so that two
// colleagues don't work on the same.
func Claim(ctx context.Context, tx *db.Tx, who authz.Actor, m *Machine, id db.ID, version int64) (Case, error) {
	c, err := held(ctx, tx, who, m, id, version)
	if err != nil {
		return Case{}, err
	}
	if c.Account != 0 {
		return Case{}, fault.New(fault.Conflict, "casework.claimed", "这件事项已有人认领。")
	}
	err = hand(ctx, tx, who, &c, claimed, who.Account, "")
	return c, err
}

// Release gives a claimed case back to the body.
func Release(ctx context.Context, tx *db.Tx, who authz.Actor, m *Machine, id db.ID, version int64) (Case, error) {
	c, err := held(ctx, tx, who, m, id, version)
	if err != nil {
		return Case{}, err
	}
	if err := mine(who, c); err != nil {
		return Case{}, err
	}
	err = hand(ctx, tx, who, &c, released, 0, "")
	return c, err
}

// Reassign gives a case to a colleague: by whoever claimed it, or by who manages
// the body's people. to is the colleague as identity gives it.
func Reassign(ctx context.Context, tx *db.Tx, who authz.Actor, m *Machine, id db.ID, version int64, to authz.Actor, note string) (Case, error) {
	c, err := held(ctx, tx, who, m, id, version)
	if err != nil {
		return Case{}, err
	}
	if c.Account != 0 || to.Account != who.Account {
		if err := mine(who, c); err != nil {
			return Case{}, err
		}
	}
	to.Second = true // to hold a case asks for the grant, not for a session
	if to.Account == 0 || !Holds(to, c.Holder) {
		return Case{}, fault.New(fault.Invalid, "casework.colleague", "只能移交给本单位的在岗人员。").With("to", "请选择本单位的在岗人员。")
	}
	err = hand(ctx, tx, who, &c, reassigned, to.Account, note)
	return c, err
}

// HandOver gives everything that a leaver claimed to a successor and tells how
// many cases moved. What the leaver did not claim waits for the body anyway.
func HandOver(ctx context.Context, tx *db.Tx, who authz.Actor, from db.ID, to authz.Actor, note string) (int, error) {
	cases, err := db.All(ctx, tx, scanCase, `
		SELECT `+caseColumns+` FROM casework_case c WHERE c.account = $1 ORDER BY c.id LIMIT $2`, from, HandOverMax)
	if err != nil {
		return 0, err
	}
	to.Second = true
	for i := range cases {
		c := &cases[i]
		if err := tx.Lock(ctx, "case", c.ID); err != nil {
			return 0, err
		}
		if err := authz.Require(who, authz.AccountHandover, holderPlace(c.Holder)); err != nil {
			return 0, err
		}
		next := to.Account
		if !Holds(to, c.Holder) {
			next = 0 // the successor is of another body: back to the body
		}
		if err := hand(ctx, tx, who, c, reassigned, next, note); err != nil {
			return 0, err
		}
	}
	return len(cases), nil
}

// held locks and reads a case that the actor's body holds; to others it is not there.
func held(ctx context.Context, tx *db.Tx, who authz.Actor, m *Machine, id db.ID, version int64) (Case, error) {
	if err := tx.Lock(ctx, "case", id); err != nil {
		return Case{}, err
	}
	c, err := Find(ctx, tx, m, id)
	if err != nil {
		return Case{}, err
	}
	if c.Closed || !Holds(who, c.Holder) {
		return Case{}, fault.New(fault.NotFound, "casework.not-found", "没有找到这件事项。")
	}
	if c.Version != version {
		return Case{}, stale(c)
	}
	return c, nil
}

// mine refuses who neither claimed the case nor manages the body's people.
func mine(who authz.Actor, c Case) error {
	if who.StandsFor(c.Account) || authz.May(who, authz.AccountHandover, holderPlace(c.Holder)) {
		return nil
	}
	return fault.New(fault.Forbidden, "casework.claimed", "这件事项已由同事认领，请由本人或单位管理员移交。")
}

func holderPlace(h Holder) authz.Place {
	return authz.Place{Division: h.Division, Enterprise: h.Enterprise, Project: h.Project}
}

func hand(ctx context.Context, tx *db.Tx, who authz.Actor, c *Case, act string, to db.ID, note string) error {
	if len([]rune(note)) > noteMax {
		return fault.New(fault.Invalid, "casework.note", "说明不超过%d字。", noteMax)
	}
	c.Account, c.MovedAt = to, tx.Now
	c.Version++
	if err := updateCase(ctx, tx, *c); err != nil {
		return err
	}
	step := Step{
		Version: c.Version, Act: act, From: c.State, To: c.State, Account: who.Account, Person: who.Person,
		System: who.SystemName(), Body: c.Holder.Key(), Note: note, Due: c.Due, Holder: c.Holder, At: tx.Now, AtReal: tx.Real,
	}
	if err := insertStep(ctx, tx, c.ID, step, who.Request); err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	return audit.Append(ctx, tx, who, act, c.Object, map[string]any{"case": c.ID, "to": to})
}
