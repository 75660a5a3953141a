package hook

import (
	"context"
	"strings"
	"time"

	"juli/internal/db"
	"juli/internal/feed"
)

const (
	listMax = 500
	rowsMax = 200
)

func insert(ctx context.Context, tx *db.Tx, id, by db.ID, host string, d Draft, sealed []byte) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO hook_subscription (id, name, host, target_sealed, kinds, division, project, topic, state, failures, hold_until, made_at, made_real, made_by, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'active', 0, 0, $9, $10, $11, $9)`,
		id, d.Name, host, sealed, joined(d.Scope.Kinds), string(d.Scope.Division), string(d.Scope.Project), d.Scope.Topic, db.Millis(tx.Now), db.Millis(tx.Real), by)
	return err
}

func joined(kinds []feed.Kind) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	return strings.Join(words, " ")
}

const columns = `h.id, h.name, h.host, h.kinds, h.division, h.project, h.topic, h.state, h.failures, h.made_at, h.made_real`

func scanBase(row db.Scanner, more ...any) (x Subscription, err error) {
	var kinds string
	var made, real int64
	err = row.Scan(append([]any{&x.ID, &x.Name, &x.Host, &kinds, &x.Scope.Division, &x.Scope.Project, &x.Scope.Topic, &x.State, &x.Failures, &made, &real}, more...)...)
	for k := range strings.FieldsSeq(kinds) {
		x.Scope.Kinds = append(x.Scope.Kinds, feed.Kind(k))
	}
	x.MadeAt, x.made = db.FromMillis(made), db.FromMillis(real)
	return x, err
}

func byID(ctx context.Context, tx *db.Tx, id db.ID) (Subscription, error) {
	x, ok, err := db.One(ctx, tx, func(row db.Scanner) (Subscription, error) { return scanBase(row) }, `SELECT `+columns+` FROM hook_subscription h WHERE h.id = $1`, id)
	if err == nil && !ok {
		err = missing()
	}
	return x, err
}

// list gives those in use first, the newest first, each with its newest delivery
// that was tried and how many wait.
func list(ctx context.Context, tx *db.Tx) ([]Subscription, error) {
	all, err := db.All(ctx, tx, func(row db.Scanner) (x Subscription, err error) {
		var waiting int64
		x, err = scanBase(row, &waiting)
		x.Waiting = waiting
		return x, err
	}, `
		SELECT `+columns+`, (SELECT COUNT(*) FROM hook_delivery d WHERE d.subscription = h.id AND d.state = 'waiting')
		FROM hook_subscription h ORDER BY CASE h.state WHEN 'paused' THEN 0 WHEN 'active' THEN 1 ELSE 2 END, h.id DESC LIMIT $1`, listMax)
	if err != nil {
		return nil, err
	}
	for i := range all {
		last, ok, err := db.One(ctx, tx, scanDelivery, `SELECT `+deliveryColumns+` FROM hook_delivery WHERE subscription = $1 AND tries > 0 ORDER BY id DESC LIMIT 1`, all[i].ID)
		if err != nil {
			return nil, err
		}
		if ok {
			all[i].Last = last
		}
	}
	return all, nil
}

const deliveryColumns = `id, type, state, tries, next_at, done_at, failure`

func scanDelivery(row db.Scanner) (d Delivery, err error) {
	var next, done int64
	err = row.Scan(&d.ID, &d.Type, &d.State, &d.Tries, &next, &done, &d.Failure)
	d.NextAt, d.DoneAt = instant(next), instant(done)
	return d, err
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return db.FromMillis(ms)
}

func deliveriesOf(ctx context.Context, tx *db.Tx, id db.ID, state string, before db.ID, limit int) ([]Delivery, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return db.All(ctx, tx, scanDelivery, `SELECT `+deliveryColumns+` FROM hook_delivery WHERE subscription = $1 AND ($2 = '' OR state = $2) AND id < $3 ORDER BY id DESC LIMIT $4`,
		id, state, before, min(max(limit, 1), rowsMax))
}

// live are the subscriptions that are to hear of news, paused ones too.
func live(ctx context.Context, tx *db.Tx) ([]Subscription, error) {
	return db.All(ctx, tx, func(row db.Scanner) (Subscription, error) { return scanBase(row) },
		`SELECT `+columns+` FROM hook_subscription h WHERE h.state <> 'ended' ORDER BY h.id LIMIT $1`, listMax)
}

func enqueue(ctx context.Context, tx *db.Tx, sub, event, item db.ID, kind string, body []byte) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO hook_delivery (id, subscription, event, item, type, body, state, tries, next_at, done_at, failure)
		VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 0, $7, 0, '') ON CONFLICT (subscription, event, item) DO NOTHING`,
		tx.NewID(), sub, event, item, kind, string(body), db.Millis(tx.Real))
	return err
}
