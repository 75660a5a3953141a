package listing

import (
	"context"
	"strings"

	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
)

const entryColumns = `e.id, e.batch, e.side, e.kind, e.subject, e.subject_id, e.name, e.enterprise, e.project, e.division, e.state, e.origin, e.rule, e.reason, e.score,
	e.homes, e.area, e.built, e.projects, e.inspections, COALESCE(e.inspection_score, -1), e.cases_found, e.cases_open, e.records_bad, e.records_good, e.red_line,
	e.nominated_by, e.nominator, e.notice, e.notified_on, e.reply_due, e.listed_on, e.until_day, e.ended_on, e.ended_why, e.record`

func (e *Entry) fields() []any {
	return []any{
		&e.ID, &e.Batch, &e.Side, &e.Kind, &e.Subject, &e.subjectID, &e.Name, &e.Enterprise, &e.Project, &e.Division, &e.State, &e.Origin, &e.Rule, &e.Reason, (*int64)(&e.Score),
		&e.Homes, (*int64)(&e.Area), &e.Built, &e.Projects, &e.Inspections, (*int64)(&e.InspectionScore), &e.CasesFound, &e.CasesOpen, &e.Bad, &e.Good, &e.RedLine,
		&e.NominatedBy, &e.nominator, &e.Notice, &e.NotifiedOn, &e.ReplyDue, &e.ListedOn, &e.Until, &e.EndedOn, &e.EndedWhy, &e.Record,
	}
}

func scanEntry(row db.Scanner) (e Entry, err error) { return e, row.Scan(e.fields()...) }

// rules says when what a rule found now replaces what stands for a subject: a candidate
// that nobody has taken, by a rule too, or nominated for the red list while a rule finds
// it for the black one.
const rules = `listing_entry.state = 'candidate' AND excluded.origin = 'RULE' AND (listing_entry.origin = 'RULE' OR listing_entry.side = 'RED' AND excluded.side = 'BLACK')`

// putCandidate stores a candidate, or brings one that nobody has taken up to date.
func putCandidate(ctx context.Context, tx *db.Tx, e Entry) (db.ID, error) {
	var inspection any
	if e.InspectionScore >= 0 {
		inspection = int64(e.InspectionScore)
	}
	scan := func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) }
	id, _, err := db.One(ctx, tx, scan, `
		INSERT INTO listing_entry (id, batch, side, kind, subject, subject_id, name, enterprise, project, division, state, origin, rule, reason, score,
			homes, area, built, projects, inspections, inspection_score, cases_found, cases_open, records_bad, records_good, red_line,
			nominated_by, nominator, notice, notified_on, reply_due, listed_on, until_day, ended_on, ended_why, record, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'candidate', $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, '', NULL, NULL, NULL, NULL, NULL, '', NULL, $28)
		ON CONFLICT (batch, kind, subject) DO UPDATE SET
			side = CASE WHEN `+rules+` THEN excluded.side ELSE listing_entry.side END,
			rule = CASE WHEN `+rules+` THEN excluded.rule ELSE listing_entry.rule END,
			reason = CASE WHEN `+rules+` THEN excluded.reason ELSE listing_entry.reason END,
			origin = CASE WHEN `+rules+` THEN excluded.origin ELSE listing_entry.origin END,
			score = CASE WHEN listing_entry.state = 'candidate' THEN excluded.score ELSE listing_entry.score END,
			changed_at = excluded.changed_at
		RETURNING id`,
		e.ID, e.Batch, string(e.Side), string(e.Kind), e.Subject, e.subjectID, e.Name, string(e.Enterprise), e.Project, string(e.Division), e.Origin, e.Rule, e.Reason, int64(e.Score),
		e.Homes, int64(e.Area), e.Built, e.Projects, e.Inspections, inspection, e.CasesFound, e.CasesOpen, e.Bad, e.Good, e.RedLine, e.NominatedBy, e.nominator, db.Millis(tx.Now))
	return id, err
}

func entryByID(ctx context.Context, tx *db.Tx, id db.ID) (Entry, error) {
	e, ok, err := db.One(ctx, tx, scanEntry, `SELECT `+entryColumns+` FROM listing_entry e WHERE e.id = $1`, id)
	if err == nil && !ok {
		err = noEntry()
	}
	return e, err
}

func noEntry() error {
	return fault.New(fault.NotFound, "listing.no-entry", "没有找到这条红黑榜条目。")
}

// entriesMax bounds the rows of one batch.
const entriesMax = 20_000

// entriesOf reads the entries of a batch that were taken and not dropped, in the
// order in which they are published.
func entriesOf(ctx context.Context, tx *db.Tx, batch db.ID) ([]Entry, error) {
	return db.All(ctx, tx, scanEntry, `SELECT `+entryColumns+` FROM listing_entry e
		WHERE e.batch = $1 AND e.state NOT IN ('candidate', 'dropped') ORDER BY e.side DESC, e.score DESC, e.id LIMIT $2`, batch, entriesMax)
}

// setEntry notes where an entry stands; the other columns only grow.
func setEntry(ctx context.Context, tx *db.Tx, e Entry) error {
	_, err := tx.Exec(ctx, `
		UPDATE listing_entry SET state = $2, notice = $3, notified_on = $4, reply_due = $5, listed_on = $6, until_day = $7, ended_on = $8, ended_why = $9, record = $10, changed_at = $11
		WHERE id = $1`, e.ID, e.State, e.Notice, e.NotifiedOn, e.ReplyDue, e.ListedOn, e.Until, e.EndedOn, e.EndedWhy, e.Record, db.Millis(tx.Now))
	return err
}

// A Proof is one thing that an entry rests on.
type Proof struct {
	Kind string // CASE, INSPECTION, RECORD, RESULT, NOMINATION
	Ref  string
	Text string
}

// Title is the kind in Chinese.
func (p Proof) Title() string {
	return map[string]string{"CASE": "查实案件", "INSPECTION": "检查", "RECORD": "信用信息", "RESULT": "信用评价结果", "NOMINATION": "提名"}[p.Kind]
}

// Counts says whether a proof counts the cases found in the batch's period.
func (p Proof) Counts() bool { return p.Kind == "CASE" && strings.Contains(p.Text, "查实案件") }

func addProofs(ctx context.Context, tx *db.Tx, entry db.ID, proofs []Proof) error {
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM listing_evidence WHERE entry = $1`, entry)
	if err != nil {
		return err
	}
	for i, p := range proofs {
		if _, err := tx.Exec(ctx, `INSERT INTO listing_evidence (entry, place, kind, ref, text) VALUES ($1, $2, $3, $4, $5)`, entry, n+int64(i), p.Kind, p.Ref, p.Text); err != nil {
			return err
		}
	}
	return nil
}

// ProofsOf lists what an entry rests on.
func ProofsOf(ctx context.Context, tx *db.Tx, entry db.ID) ([]Proof, error) {
	return db.All(ctx, tx, func(row db.Scanner) (p Proof, err error) { return p, row.Scan(&p.Kind, &p.Ref, &p.Text) },
		`SELECT kind, ref, text FROM listing_evidence WHERE entry = $1 ORDER BY place`, entry)
}

// A Word is what somebody said about an entry in writing.
type Word struct {
	ID       db.ID
	Kind     string // REPLY, REPAIR, DECISION
	Text     string // in full
	At       int64
	Withheld []Passage // of the text, from the public
}

func addWord(ctx context.Context, tx *db.Tx, entry db.ID, kind, text string, account db.ID) error {
	_, err := tx.Exec(ctx, `INSERT INTO listing_word (id, entry, kind, text, account, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		tx.NewID(), entry, kind, text, account, db.Millis(tx.Now))
	return err
}

// WordsOf lists what was said, oldest first.
func WordsOf(ctx context.Context, tx *db.Tx, entry db.ID) ([]Word, error) {
	words, err := db.All(ctx, tx, func(row db.Scanner) (w Word, err error) { return w, row.Scan(&w.ID, &w.Kind, &w.Text, &w.At) },
		`SELECT id, kind, text, at FROM listing_word WHERE entry = $1 ORDER BY id LIMIT 100`, entry)
	if err != nil || len(words) == 0 {
		return words, err
	}
	type row struct {
		word db.ID
		Passage
	}
	hidden, err := db.All(ctx, tx, func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.word, &x.Start, &x.Length, &x.Why) },
		`SELECT h.word, h.start_at, h.length, h.why FROM listing_word w JOIN listing_withheld h ON h.word = w.id WHERE w.entry = $1 ORDER BY h.word, h.start_at`, entry)
	for _, x := range hidden {
		for i := range words {
			if words[i].ID == x.word {
				words[i].Withheld = append(words[i].Withheld, x.Passage)
			}
		}
	}
	return words, err
}

// scoreOrNone is a mean score as stored, -1 for none.
func scoreOrNone(e *Evidence) money.Points {
	if e.Inspections == 0 {
		return -1
	}
	return e.InspectionScore
}
