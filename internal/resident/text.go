package resident

import (
	"context"
	"fmt"
	"time"

	"juli/internal/db"
)

const (
	textFor  = 24 * time.Hour
	textsMax = 100 // of one round
)

// textBackoff is the pause after a failed try; a text that is too old is dropped.
var textBackoff = []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour}

// A Sender sends a short message.
type Sender interface {
	Text(ctx context.Context, phone, text string) error
}

// queueText seals a short message and lets a job send it: the act does not wait
// for a gateway, and what rolls back sends nothing.
func (s *Reports) queueText(ctx context.Context, tx *db.Tx, phone, text string, keep time.Duration) error {
	id := tx.NewID()
	to, err := s.Keys.Seal("resident_text", "phone_sealed", id, []byte(phone))
	if err != nil {
		return err
	}
	body, err := s.Keys.Seal("resident_text", "body_sealed", id, []byte(text))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO resident_text (id, phone_sealed, body_sealed, tries, next_at, until_at) VALUES ($1, $2, $3, 0, $4, $5)`,
		id, to, body, db.Millis(tx.Real), db.Millis(tx.Real.Add(keep)))
	return err
}

// tell sends every resident of a report word that something moved: its number,
// never its text nor its secret.
func (s *Reports) tell(ctx context.Context, tx *db.Tx, r *Report, what string) error {
	type row struct {
		id    db.ID
		phone []byte
	}
	rows, err := db.All(ctx, tx, func(sc db.Scanner) (x row, err error) { return x, sc.Scan(&x.id, &x.phone) }, `
		SELECT v.id, v.phone_sealed FROM resident_voice v JOIN resident_report o ON o.id = v.report
		WHERE (o.id = $1 OR o.merged_into = $1) AND v.phone_sealed IS NOT NULL ORDER BY v.id LIMIT 1000`, r.ID)
	if err != nil {
		return err
	}
	for _, x := range rows {
		phone, err := s.Keys.Open("resident_voice", "phone_sealed", x.id, x.phone)
		if err != nil {
			return err
		}
		if err := s.queueText(ctx, tx, string(phone), "您反映的诉求 "+r.Number+" "+what+"。", textFor); err != nil {
			return err
		}
	}
	return nil
}

// SendTexts sends what waits, first what is soonest of no use, such as a code that
// somebody waits for, and drops what is too old. It sends
// outside any transaction: after a crash in between a text may go out twice.
func (s *Reports) SendTexts(ctx context.Context, via Sender) (sent int, err error) {
	type row struct {
		id          db.ID
		phone, body []byte
		tries       int64
	}
	var rows []row
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if err := tx.Lock(ctx, "resident_text", 0); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM resident_text WHERE until_at < $1`, db.Millis(tx.Real)); err != nil {
			return err
		}
		if via == nil {
			return nil
		}
		rows, err = db.All(ctx, tx, func(sc db.Scanner) (x row, err error) { return x, sc.Scan(&x.id, &x.phone, &x.body, &x.tries) },
			`SELECT id, phone_sealed, body_sealed, tries FROM resident_text WHERE next_at <= $1 ORDER BY until_at, id LIMIT $2`, db.Millis(tx.Real), textsMax)
		for i := range rows {
			wait := textBackoff[min(int(rows[i].tries), len(textBackoff)-1)]
			if err == nil {
				_, err = tx.Exec(ctx, `UPDATE resident_text SET tries = tries + 1, next_at = $2 WHERE id = $1`, rows[i].id, db.Millis(tx.Real.Add(wait)))
			}
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, x := range rows {
		phone, err := s.Keys.Open("resident_text", "phone_sealed", x.id, x.phone)
		if err != nil {
			return sent, err
		}
		body, err := s.Keys.Open("resident_text", "body_sealed", x.id, x.body)
		if err != nil {
			return sent, err
		}
		if via.Text(ctx, string(phone), string(body)) != nil {
			continue // tried again after its pause
		}
		sent++
		if err := s.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM resident_text WHERE id = $1`, x.id)
			return err
		}); err != nil {
			return sent, fmt.Errorf("drop text: %w", err)
		}
	}
	return sent, nil
}
