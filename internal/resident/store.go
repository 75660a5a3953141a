package resident

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// newSecret is 130 bits that are shown once; only the hash is kept.
func newSecret() (shown string, hash []byte) {
	shown = rand.Text()
	return shown, hashOf(shown)
}

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

func nextNumber(ctx context.Context, tx *db.Tx, on day.Date) (string, error) {
	n, err := db.Value[int64](ctx, tx, `
		INSERT INTO resident_serial (year, last) VALUES ($1, 1)
		ON CONFLICT (year) DO UPDATE SET last = resident_serial.last + 1 RETURNING last`, on.Year())
	return Number(on.Year(), n), err
}

const reportCols = `r.id, r.number, r.project, r.division, r.enterprise, r.channel, r.source_ref, r.class, r.topic, r.building, r.spot, r.body, r.book, r.state,
	r.office, r.review, r.received_on, r.received_at, r.due, r.answer, r.answered_on, r.in_time, r.late, r.checked, r.outcome, r.public_body, r.public_answer,
	r.released_at, r.merged_into, r.voices, r.reopened, r.supervised, r.closed_on, r.changed_at, r.release_no`

func scanReport(row db.Scanner) (r Report, err error) {
	var received, released, changed int64
	err = row.Scan(&r.ID, &r.Number, &r.Project, &r.Division, &r.Enterprise, &r.Channel, &r.SourceRef, &r.Class, &r.Topic, &r.Building, &r.Spot, &r.Body, &r.Book, &r.State,
		&r.Office, &r.Review, &r.ReceivedOn, &received, &r.Due, &r.Answer, &r.AnsweredOn, &r.InTime, &r.Late, &r.Checked, &r.Outcome, &r.PublicBody, &r.PublicAns,
		&released, &r.MergedInto, &r.Voices, &r.Reopened, &r.Supervised, &r.ClosedOn, &changed, &r.Release)
	r.ReceivedAt, r.ChangedAt = db.FromMillis(received), db.FromMillis(changed)
	if released != 0 {
		r.Released = db.FromMillis(released)
	}
	return r, err
}

func insertReport(ctx context.Context, tx *db.Tx, r *Report) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO resident_report (id, number, project, division, enterprise, channel, source_ref, class, topic, building, spot, body, book, state,
			office, review, received_on, received_at, due, answer, answered_on, in_time, late, checked, outcome, public_body, public_answer,
			released_at, merged_into, voices, reopened, supervised, closed_on, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, '', NULL, FALSE, FALSE, '', '', '', '', 0, NULL, 1, 0, NULL, NULL, $20)`,
		r.ID, r.Number, string(r.Project), string(r.Division), string(r.Enterprise), r.Channel, r.SourceRef, r.Class, r.Topic, r.Building, r.Spot, r.Body, r.Book, r.State,
		string(r.Office), string(r.Review), r.ReceivedOn, db.Millis(r.ReceivedAt), r.Due, db.Millis(tx.Now))
	return err
}

// updateReport writes what acts change.
func updateReport(ctx context.Context, tx *db.Tx, r *Report) error {
	released := int64(0)
	if !r.Released.IsZero() {
		released = db.Millis(r.Released)
	}
	_, err := tx.Exec(ctx, `
		UPDATE resident_report SET state = $2, office = $3, review = $4, due = $5, answer = $6, answered_on = $7, in_time = $8, late = $9, checked = $10, outcome = $11,
			public_body = $12, public_answer = $13, released_at = $14, merged_into = $15, voices = $16, reopened = $17, supervised = $18, closed_on = $19, changed_at = $20, topic = $21
		WHERE id = $1`,
		r.ID, r.State, string(r.Office), string(r.Review), r.Due, r.Answer, r.AnsweredOn, r.InTime, r.Late, r.Checked, r.Outcome,
		r.PublicBody, r.PublicAns, released, r.MergedInto, r.Voices, r.Reopened, r.Supervised, r.ClosedOn, db.Millis(tx.Now), r.Topic)
	return err
}

func noReport() error {
	return fault.New(fault.NotFound, "authz.not-found", "没有找到您要查看的内容。")
}

// reportOf reads a report with its case.
func reportOf(ctx context.Context, tx *db.Tx, id db.ID) (*Report, error) {
	r, ok, err := db.One(ctx, tx, scanReport, `SELECT `+reportCols+` FROM resident_report r WHERE r.id = $1`, id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, noReport()
	}
	r.Case, err = casework.Find(ctx, tx, Machine, id)
	return &r, err
}

// ByNumber finds a report by what people dictate.
func ByNumber(ctx context.Context, tx *db.Tx, number string) (*Report, error) {
	id, ok, err := db.One(ctx, tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) },
		`SELECT id FROM resident_report WHERE number = $1`, number)
	if err == nil && !ok {
		err = noReport()
	}
	if err != nil {
		return nil, err
	}
	return reportOf(ctx, tx, id)
}

// bySource finds an order that came before.
func bySource(ctx context.Context, tx *db.Tx, channel, ref string) (id db.ID, number string, err error) {
	type row struct {
		id     db.ID
		number string
	}
	r, _, err := db.One(ctx, tx, func(s db.Scanner) (r row, err error) { return r, s.Scan(&r.id, &r.number) },
		`SELECT id, number FROM resident_report WHERE channel = $1 AND source_ref = $2 AND source_ref <> ''`, channel, ref)
	return r.id, r.number, err
}

const voiceCols = `id, report, account, joined_on, note, solved, satisfied, said, rated_on`

func scanVoice(row db.Scanner) (v Voice, err error) {
	return v, row.Scan(&v.ID, &v.Report, &v.Account, &v.Joined, &v.Note, &v.Solved, &v.Satisfied, &v.Said, &v.RatedOn)
}

func voicesOf(ctx context.Context, tx *db.Tx, report db.ID) ([]Voice, error) {
	return db.All(ctx, tx, scanVoice, `SELECT `+voiceCols+` FROM resident_voice WHERE report = $1 ORDER BY id LIMIT 1000`, report)
}

// insertVoice keeps who says so, the telephone sealed, and gives the secret.
func (s *Reports) insertVoice(ctx context.Context, tx *db.Tx, r *Report, account db.ID, phone, note string) (voice db.ID, follow string, err error) {
	voice = tx.NewID()
	follow, hash := newSecret()
	var sealed, blind []byte
	if phone != "" {
		if sealed, err = s.Keys.Seal("resident_voice", "phone_sealed", voice, []byte(phone)); err != nil {
			return 0, "", err
		}
		blind = s.blind(phone)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO resident_voice (id, report, account, phone_sealed, phone_blind, follow, note, joined_on, division, enterprise, project, received_on, solved, satisfied, said, rated_on)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, '', NULL)`,
		voice, r.ID, account, sealed, blind, hash, note, tx.Today(), string(r.Division), string(r.Enterprise), string(r.Project), r.ReceivedOn)
	if err != nil {
		return 0, "", fmt.Errorf("insert voice: %w", err)
	}
	return voice, follow, nil
}

func (s *Reports) blind(phone string) []byte {
	return s.Keys.Blind("resident_voice.phone", []byte(phone))
}
