package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"juli/internal/authz"
	"juli/internal/db"
)

// An Outcome is how the act ended.
type Outcome string

// The outcomes: done, refused by permission, or failed (a wrong password).
const (
	Done   Outcome = "done"
	Denied Outcome = "denied"
	Failed Outcome = "failed"
)

// An Event says who did what, when, from where (AUD-2). Its id is its number:
// ids grow with time.
type Event struct {
	ID              db.ID
	Kind            string // "credit.identified"
	Outcome         Outcome
	At, Real        time.Time // city time and real time
	Account, Person db.ID
	Role            string // of the grant that allowed it; all roles if it is not known
	Scope           string // 230103, an enterprise's code, a project's code
	Deputy          db.ID  // the account stood in for
	Program         string // "job", "import": the program itself acted
	Session         db.ID
	Request, Addr   string
	Act             string // of the duty matrix, where it was given
	Object          string // "credit_record:0ABC…"
	Before, After   string // digests of the object's states, hex SHA-256
	Detail          json.RawMessage
}

// A Change may be given to [Append] as detail. It says by which act of the
// matrix and at which place it was done, so that the event names the one grant
// that allowed it, and what the object was before and is after.
type Change struct {
	Act           authz.Act
	At            authz.Place
	Before, After any // only their digests are kept
	Detail        any
}

// Append writes an event in the caller's transaction, and one pending row for
// each consumer of its kind. detail is nil, a [Change], or a small value without
// personal data that becomes JSON.
func Append(ctx context.Context, tx *db.Tx, who authz.Actor, kind, object string, detail any) error {
	_, err := Write(ctx, tx, who, kind, object, Done, detail)
	return err
}

// Write is [Append] for any outcome, and tells the event's number.
func Write(ctx context.Context, tx *db.Tx, who authz.Actor, kind, object string, outcome Outcome, detail any) (db.ID, error) {
	e := Event{
		ID: tx.NewID(), Kind: clean(kind, shortMax), Outcome: outcome, At: tx.Now, Real: tx.Real,
		Account: who.Account, Person: who.Person, Program: clean(who.SystemName(), shortMax), Session: who.Session,
		Request: clean(who.Request, shortMax), Addr: clean(who.Addr, shortMax), Object: clean(object, objectMax),
	}
	grants := who.Grants
	if c, ok := detail.(Change); ok {
		e.Act = string(c.Act)
		if g, ok := authz.GrantFor(who, c.Act, c.At); ok {
			grants = []authz.Grant{g}
		}
		var err error
		if e.Before, err = digest(c.Before); err != nil {
			return 0, err
		}
		if e.After, err = digest(c.After); err != nil {
			return 0, err
		}
		detail = c.Detail
	}
	e.Role, e.Scope, e.Deputy = standing(grants)
	var err error
	if e.Detail, err = cleanJSON(detail); err != nil {
		return 0, err
	}
	return e.ID, insert(ctx, tx, e)
}

// standing writes down under which roles and scopes somebody acts.
func standing(grants []authz.Grant) (roles, scopes string, deputy db.ID) {
	var r, s []string
	for _, g := range grants {
		at := g.Scope.Project
		if at == "" {
			at = string(g.Scope.Enterprise)
		}
		if at == "" {
			at = string(g.Scope.Division)
		}
		if !slices.Contains(r, string(g.Role)) {
			r = append(r, string(g.Role))
		}
		if !slices.Contains(s, at) {
			s = append(s, at)
		}
		if len(grants) == 1 {
			deputy = g.Deputy
		}
	}
	return clean(strings.Join(r, ","), objectMax), clean(strings.Join(s, ","), objectMax), deputy
}

func digest(state any) (string, error) {
	if state == nil {
		return "", nil
	}
	text, err := json.Marshal(state)
	if err != nil {
		return "", fmt.Errorf("digest of %T: %w", state, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
