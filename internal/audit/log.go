package audit

import (
	"context"
	"strconv"
	"strings"
	"time"

	"juli/internal/authz"
	"juli/internal/db"
)

const pageMax = 200

// A Query chooses events; fields that are zero choose all. Events come newest
// first; Before is the last number of the page before.
type Query struct {
	Kind     string // "credit.identified", or "credit." for all of a group
	Outcome  Outcome
	Account  db.ID
	Person   db.ID
	Object   string
	Request  string
	From, To time.Time // city time, To excluded
	Before   db.ID
	Limit    int
}

// A Log is the audit log as the audit administrator reads it.
type Log struct{ DB *db.DB }

// List reads a page of events. Reading is itself an event (AUD-1).
func (l *Log) List(ctx context.Context, who authz.Actor, q Query) (events []Event, err error) {
	err = l.DB.Write(ctx, func(tx *db.Tx) error {
		events, err = l.ListIn(ctx, tx, who, q)
		return err
	})
	return events, err
}

// ListIn is List inside the caller's transaction.
func (l *Log) ListIn(ctx context.Context, tx *db.Tx, who authz.Actor, q Query) ([]Event, error) {
	if err := authz.Require(who, authz.AuditRead, authz.Place{}); err != nil {
		return nil, err
	}
	events, err := list(ctx, tx, q)
	if err != nil {
		return nil, err
	}
	return events, Append(ctx, tx, who, "audit.read", "audit_event", Change{
		Act: authz.AuditRead, Detail: map[string]any{"kind": q.Kind, "object": q.Object, "rows": len(events)},
	})
}

// History lists what happened to one object, oldest first, for a timeline. The
// caller has asked for permission to read the object.
func History(ctx context.Context, tx *db.Tx, object string, limit int) ([]Event, error) {
	return db.All(ctx, tx, scanEvent, `SELECT `+columns+` FROM audit_event WHERE object = $1 ORDER BY id LIMIT $2`,
		object, min(max(limit, 1), pageMax))
}

func list(ctx context.Context, tx *db.Tx, q Query) ([]Event, error) {
	var conds []string
	var args []any
	where := func(cond string, arg any) {
		args = append(args, arg)
		conds = append(conds, strings.ReplaceAll(cond, "?", "$"+strconv.Itoa(len(args))))
	}
	switch {
	case strings.HasSuffix(q.Kind, "."):
		where("kind >= ?", q.Kind)
		where("kind < ?", strings.TrimSuffix(q.Kind, ".")+"/") // '/' follows '.'
	case q.Kind != "":
		where("kind = ?", q.Kind)
	}
	if q.Outcome != "" {
		where("outcome = ?", string(q.Outcome))
	}
	if q.Account != 0 {
		where("account = ?", q.Account)
	}
	if q.Person != 0 {
		where("person = ?", q.Person)
	}
	if q.Object != "" {
		where("object = ?", q.Object)
	}
	if q.Request != "" {
		where("request = ?", q.Request)
	}
	if !q.From.IsZero() {
		where("at >= ?", db.Millis(q.From))
	}
	if !q.To.IsZero() {
		where("at < ?", db.Millis(q.To))
	}
	if q.Before != 0 {
		where("id < ?", q.Before)
	}
	where("TRUE ORDER BY id DESC LIMIT ?", int64(min(max(q.Limit, 1), pageMax)))
	return db.All(ctx, tx, scanEvent, `SELECT `+columns+` FROM audit_event WHERE `+strings.Join(conds, " AND "), args...)
}
