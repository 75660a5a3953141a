package audit

import (
	"context"
	"fmt"
	"strings"

	"juli/internal/db"
)

const columns = `id, kind, outcome, at, at_real, account, person, role, scope, deputy, program, session,
	request, addr, act, object, before_digest, after_digest, detail`

func insert(ctx context.Context, tx *db.Tx, e Event) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO audit_event (`+columns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		e.ID, e.Kind, string(e.Outcome), db.Millis(e.At), db.Millis(e.Real), e.Account, e.Person, e.Role, e.Scope, e.Deputy,
		e.Program, e.Session, e.Request, e.Addr, e.Act, e.Object, e.Before, e.After, string(e.Detail))
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.Kind, err)
	}
	group, _, _ := strings.Cut(e.Kind, ".")
	_, err = tx.Exec(ctx, `
		INSERT INTO audit_pending (consumer, event_id)
		SELECT DISTINCT consumer, CAST($1 AS BIGINT) FROM audit_route WHERE kind IN ($2, $3, '*')`,
		e.ID, e.Kind, group+".*")
	if err != nil {
		return fmt.Errorf("audit %s, outbox: %w", e.Kind, err)
	}
	return nil
}

func scanEvent(row db.Scanner) (e Event, err error) {
	var at, atReal int64
	var detail, outcome string
	err = row.Scan(&e.ID, &e.Kind, &outcome, &at, &atReal, &e.Account, &e.Person, &e.Role, &e.Scope, &e.Deputy, &e.Program,
		&e.Session, &e.Request, &e.Addr, &e.Act, &e.Object, &e.Before, &e.After, &detail)
	e.Outcome, e.At, e.Real, e.Detail = Outcome(outcome), db.FromMillis(at), db.FromMillis(atReal), []byte(detail)
	return e, err
}
