package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"juli/internal/day"
	"juli/internal/db"
)

const messagesMax = 200 // about one object

func insertMessage(ctx context.Context, tx *db.Tx, id, sender db.ID, m Message) error {
	deemed := ""
	if m.Deemed.N > 0 {
		deemed = m.Deemed.String()
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO notify_message (id, kind, title, body, object, link, number, deemed, sender, sent_at, sent_real)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		id, m.Kind, m.Title, m.Body, m.Object, m.Link, m.Number, deemed, sender, db.Millis(tx.Now), db.Millis(tx.Real))
	if err != nil {
		return fmt.Errorf("insert message: %w", err)
	}
	for _, p := range m.To {
		if _, err := tx.Exec(ctx, `
			INSERT INTO notify_recipient (message_id, party) VALUES ($1, $2)
			ON CONFLICT (message_id, party) DO NOTHING`, id, p.Key()); err != nil {
			return fmt.Errorf("insert recipient: %w", err)
		}
	}
	return nil
}

// box merges the newest rows of each party's box: one indexed walk per party.
func box(ctx context.Context, tx *db.Tx, parties []Party, after Cursor, limit int) ([]Item, error) {
	if len(parties) == 0 {
		return nil, nil
	}
	if after.ID == 0 {
		after.ID = db.ID(1<<63 - 1)
	}
	args := []any{after.ID, after.Party, limit}
	var walks []string
	for _, p := range parties {
		args = append(args, p.Key())
		walks = append(walks, fmt.Sprintf(`
			SELECT message_id, party, opened_at, opened_by FROM (
				SELECT message_id, party, opened_at, opened_by FROM notify_recipient
				WHERE party = $%d AND (message_id, party) < ($1, $2)
				ORDER BY message_id DESC LIMIT $3
			) AS walk%d`, len(args), len(args)))
	}
	return db.All(ctx, tx, scanItem, `
		SELECT m.id, m.kind, m.title, '', m.object, m.link, m.number, m.deemed, m.sent_at, r.party, r.opened_at, r.opened_by
		FROM (`+strings.Join(walks, " UNION ALL ")+`) AS r
		JOIN notify_message m ON m.id = r.message_id
		ORDER BY r.message_id DESC, r.party DESC
		LIMIT $3`, args...)
}

func unread(ctx context.Context, tx *db.Tx, parties []Party) (int64, error) {
	if len(parties) == 0 {
		return 0, nil
	}
	in, args := placeholders(parties)
	return db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM notify_recipient WHERE opened_at = 0 AND party IN (`+in+`)`, args...)
}

func unopened(ctx context.Context, tx *db.Tx, parties []Party, limit int) ([]Item, error) {
	if len(parties) == 0 {
		return nil, nil
	}
	in, args := placeholders(parties, limit)
	return db.All(ctx, tx, scanItem, `
		SELECT m.id, m.kind, m.title, '', m.object, m.link, m.number, m.deemed, m.sent_at, r.party, r.opened_at, r.opened_by
		FROM notify_recipient r
		JOIN notify_message m ON m.id = r.message_id
		WHERE r.opened_at = 0 AND r.party IN (`+in+`)
		ORDER BY r.message_id, r.party
		LIMIT $1`, args...)
}

func placeholders(parties []Party, before ...any) (string, []any) {
	var in []string
	args := slices.Clone(before)
	for _, p := range parties {
		args = append(args, p.Key())
		in = append(in, fmt.Sprintf("$%d", len(args)))
	}
	return strings.Join(in, ", "), args
}

// openable reads a message with those of the parties that it was sent to.
func openable(ctx context.Context, tx *db.Tx, parties []Party, id db.ID) (item Item, to []Party, err error) {
	if len(parties) == 0 {
		return Item{}, nil, nil
	}
	in, args := placeholders(parties, id)
	rows, err := db.All(ctx, tx, scanItem, `
		SELECT m.id, m.kind, m.title, m.body, m.object, m.link, m.number, m.deemed, m.sent_at, r.party, r.opened_at, r.opened_by
		FROM notify_recipient r JOIN notify_message m ON m.id = r.message_id
		WHERE r.message_id = $1 AND r.party IN (`+in+`)
		ORDER BY r.party`, args...)
	if err != nil || len(rows) == 0 {
		return Item{}, nil, err
	}
	for _, row := range rows {
		to = append(to, row.Party)
	}
	return rows[0], to, nil
}

func insertReceipt(ctx context.Context, tx *db.Tx, id db.ID, p Party, account db.ID) (int64, error) {
	n, err := tx.Exec(ctx, `
		INSERT INTO notify_receipt (message_id, party, account, at, at_real) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (message_id, party, account) DO NOTHING`, id, p.Key(), account, db.Millis(tx.Now), db.Millis(tx.Real))
	if err != nil {
		return 0, fmt.Errorf("insert receipt: %w", err)
	}
	_, err = tx.Exec(ctx, `
		UPDATE notify_recipient SET opened_at = $3, opened_by = $4
		WHERE message_id = $1 AND party = $2 AND opened_at = 0`, id, p.Key(), db.Millis(tx.Now), account)
	return n, err
}

func messageByID(ctx context.Context, tx *db.Tx, id db.ID) (Item, bool, error) {
	return db.One(ctx, tx, scanItem, `
		SELECT id, kind, title, body, object, link, number, deemed, sent_at, '', 0, CAST(NULL AS BIGINT)
		FROM notify_message WHERE id = $1`, id)
}

func messagesOf(ctx context.Context, tx *db.Tx, object string) ([]Item, error) {
	return db.All(ctx, tx, scanItem, `
		SELECT m.id, m.kind, m.title, '', m.object, m.link, m.number, m.deemed, m.sent_at, '',
			COALESCE((SELECT MIN(r.opened_at) FROM notify_recipient r WHERE r.message_id = m.id AND r.opened_at > 0), 0), CAST(NULL AS BIGINT)
		FROM notify_message m WHERE m.object = $1 ORDER BY m.id LIMIT $2`, object, messagesMax)
}

// receivedOf are the messages about an object that were sent to the parties, a
// row for each party.
func receivedOf(ctx context.Context, tx *db.Tx, object string, parties []Party) ([]Item, error) {
	if len(parties) == 0 {
		return nil, nil
	}
	in, args := placeholders(parties, object, messagesMax)
	return db.All(ctx, tx, scanItem, `
		SELECT m.id, m.kind, m.title, '', m.object, m.link, m.number, m.deemed, m.sent_at, r.party, r.opened_at, r.opened_by
		FROM notify_message m JOIN notify_recipient r ON r.message_id = m.id
		WHERE m.object = $1 AND r.party IN (`+in+`)
		ORDER BY m.id, r.party LIMIT $2`, args...)
}

func recipientsOf(ctx context.Context, tx *db.Tx, id db.ID) ([]Proof, error) {
	return db.All(ctx, tx, func(row db.Scanner) (p Proof, err error) {
		var party string
		var opened int64
		err = row.Scan(&p.Message, &party, &opened, &p.OpenedBy)
		p.Party, p.OpenedAt = parseParty(party), db.FromMillis(opened)
		return p, err
	}, `SELECT message_id, party, opened_at, opened_by FROM notify_recipient WHERE message_id = $1 ORDER BY party LIMIT $2`, id, recipientsMax)
}

func receiptsOf(ctx context.Context, tx *db.Tx, id db.ID) ([]Receipt, error) {
	return db.All(ctx, tx, func(row db.Scanner) (r Receipt, err error) {
		var party string
		var at int64
		err = row.Scan(&party, &r.Account, &at)
		r.Party, r.At = parseParty(party), db.FromMillis(at)
		return r, err
	}, `SELECT party, account, at FROM notify_receipt WHERE message_id = $1 ORDER BY at, party, account LIMIT $2`, id, recipientsMax)
}

func scanItem(row db.Scanner) (it Item, err error) {
	var sent, opened int64
	var party, deemed string
	m := &it.Message
	if err = row.Scan(&it.ID, &m.Kind, &m.Title, &m.Body, &m.Object, &m.Link, &m.Number, &deemed, &sent, &party, &opened, &it.OpenedBy); err != nil {
		return it, err
	}
	it.SentAt, it.OpenedAt, it.Party = db.FromMillis(sent), db.FromMillis(opened), parseParty(party)
	if deemed != "" {
		m.Deemed, err = day.ParseTerm(deemed)
	}
	return it, err
}

func dateOf(t time.Time) day.Date {
	if t.IsZero() {
		return 0
	}
	return day.FromTime(t)
}
