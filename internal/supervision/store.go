package supervision

import (
	"context"
	"fmt"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
)

const noDue = "9999-12-31" // sorts last

func dueText(d day.Date) string {
	if d == 0 {
		return noDue
	}
	return d.String()
}

func projectID(ctx context.Context, tx *db.Tx, c code.ProjectCode) (db.ID, error) {
	return db.Value[db.ID](ctx, tx, `SELECT id FROM project WHERE code = $1`, string(c))
}

func insertCase(ctx context.Context, tx *db.Tx, c *Case) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO supervision_case (id, no, book, channel, project, project_id, enterprise, division, district, street, violation, severity,
			facts, spot, found_on, registered_on, body, state, due, reply_due, replied, verified, order_no, ordered_on, deadline, class,
			extended, reopened, late, fixed, closed_on, into_case, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, NULL, NULL, NULL, '', NULL, NULL, '',
			FALSE, 0, FALSE, '', NULL, NULL, $20)`,
		c.ID, c.No, c.Book, string(c.Channel), string(c.Project), c.ProjectID, string(c.Enterprise), string(c.Division),
		string(c.Division.Up(code.District)), string(c.Division.Up(code.Street)), c.Violation, c.Severity,
		c.Facts, c.Spot, c.FoundOn, c.RegisteredOn, c.Body, c.State, dueText(c.Due), db.Millis(c.ChangedAt))
	if err != nil {
		return fmt.Errorf("insert supervision case: %w", err)
	}
	return nil
}

func updateCase(ctx context.Context, tx *db.Tx, c *Case) error {
	_, err := tx.Exec(ctx, `
		UPDATE supervision_case SET violation = $2, severity = $3, facts = $4, body = $5, state = $6, due = $7, reply_due = $8, replied = $9,
			verified = $10, order_no = $11, ordered_on = $12, deadline = $13, class = $14, extended = $15, reopened = $16, late = $17,
			fixed = $18, closed_on = $19, into_case = $20, changed_at = $21, wished = $22, handed_to = $23, handed_document = $24, asked_until = $25
		WHERE id = $1`,
		c.ID, c.Violation, c.Severity, c.Facts, c.Body, c.State, dueText(c.Due), c.ReplyDue, c.Replied,
		c.Verified, c.OrderNo, c.OrderedOn, c.Deadline, c.Class, c.Extended, c.Reopened, c.Late,
		c.Fixed, c.ClosedOn, c.Into, db.Millis(c.ChangedAt), c.Wished, c.HandedTo, c.HandedDocument, c.AskedUntil)
	if err != nil {
		return fmt.Errorf("update supervision case: %w", err)
	}
	if !c.Late {
		return nil
	}
	_, err = tx.Exec(ctx, `UPDATE supervision_case SET late_on = $2 WHERE id = $1 AND late_on IS NULL`, c.ID, tx.Today())
	return err
}

const caseColumns = `id, no, book, channel, project, project_id, enterprise, division, violation, severity, facts, spot, found_on, registered_on,
	body, state, due, reply_due, replied, verified, order_no, ordered_on, deadline, class, extended, reopened, late, fixed, closed_on, into_case, changed_at,
	wished, handed_to, handed_document, asked_until`

func scanCase(row db.Scanner) (c Case, err error) {
	var due string
	var changed int64
	if err = row.Scan(&c.ID, &c.No, &c.Book, &c.Channel, &c.Project, &c.ProjectID, &c.Enterprise, &c.Division, &c.Violation, &c.Severity,
		&c.Facts, &c.Spot, &c.FoundOn, &c.RegisteredOn, &c.Body, &c.State, &due, &c.ReplyDue, &c.Replied, &c.Verified, &c.OrderNo,
		&c.OrderedOn, &c.Deadline, &c.Class, &c.Extended, &c.Reopened, &c.Late, &c.Fixed, &c.ClosedOn, &c.Into, &changed,
		&c.Wished, &c.HandedTo, &c.HandedDocument, &c.AskedUntil); err != nil {
		return c, err
	}
	c.ChangedAt = db.FromMillis(changed)
	if due != noDue {
		c.Due, err = day.Parse(due)
	}
	return c, err
}

func caseByID(ctx context.Context, tx *db.Tx, id db.ID) (Case, bool, error) {
	return db.One(ctx, tx, scanCase, `SELECT `+caseColumns+` FROM supervision_case WHERE id = $1`, id)
}

func mergedInto(ctx context.Context, tx *db.Tx, id db.ID) ([]Case, error) {
	return db.All(ctx, tx, scanCase, `SELECT `+caseColumns+` FROM supervision_case WHERE into_case = $1 ORDER BY id LIMIT 100`, id)
}

const aroundMax = 50

func casesAround(ctx context.Context, tx *db.Tx, project code.ProjectCode, from, to day.Date) ([]Case, error) {
	return db.All(ctx, tx, scanCase, `
		SELECT `+caseColumns+` FROM supervision_case
		WHERE project = $1 AND found_on >= $2 AND found_on <= $3 ORDER BY id DESC LIMIT $4`, string(project), from, to, aroundMax)
}

func closedBefore(ctx context.Context, tx *db.Tx, on day.Date, limit int) ([]db.ID, error) {
	return db.All(ctx, tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) },
		`SELECT id FROM supervision_case WHERE state = $1 AND closed_on < $2 ORDER BY id LIMIT $3`, Closed, on, limit)
}

// foundAbout counts verified cases of an enterprise at a project with a violation
// since a day.
func foundAbout(ctx context.Context, tx *db.Tx, c *Case, since day.Date) (int64, error) {
	return db.Value[int64](ctx, tx, `
		SELECT COUNT(*) FROM supervision_case
		WHERE project = $1 AND violation = $2 AND enterprise = $3 AND verified >= $4 AND state <> $5`, string(c.Project), c.Violation, string(c.Enterprise), since, Merged)
}

func addSource(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, n int64, f Fault) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO supervision_source (case_id, n, channel, ref, facts, spot, found_on, added_at, added_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, n, string(f.Channel), f.SourceRef, f.Facts, f.Spot, f.FoundOn, db.Millis(tx.Now), who.Account)
	if err != nil {
		return fmt.Errorf("insert source: %w", err)
	}
	return nil
}

// knownPhoto says whether a file of this content is kept with any case already.
func knownPhoto(ctx context.Context, tx *db.Tx, sha string) (bool, error) {
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM (SELECT 1 FROM supervision_file WHERE sha256 = $1 LIMIT 1) x`, sha)
	return n > 0, err
}

func sourcesOf(ctx context.Context, tx *db.Tx, id db.ID) ([]Source, error) {
	return db.All(ctx, tx, func(row db.Scanner) (x Source, err error) {
		var at int64
		err = row.Scan(&x.Case, &x.N, &x.Channel, &x.Ref, &x.Facts, &x.Spot, &x.FoundOn, &at)
		x.At = db.FromMillis(at)
		return x, err
	}, `SELECT case_id, n, channel, ref, facts, spot, found_on, added_at FROM supervision_source WHERE case_id = $1 ORDER BY n LIMIT 200`, id)
}

func insertFile(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, purpose, spot string, file db.ID, sha string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO supervision_file (case_id, file, purpose, sha256, spot, added_at, added_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (case_id, file) DO NOTHING`,
		id, file, purpose, sha, spot, db.Millis(tx.Now), who.Account)
	if err != nil {
		return fmt.Errorf("insert case file: %w", err)
	}
	return nil
}

func proofsOf(ctx context.Context, tx *db.Tx, id db.ID) ([]Proof, error) {
	list, err := db.All(ctx, tx, func(row db.Scanner) (p Proof, err error) {
		var at int64
		err = row.Scan(&p.Case, &p.File, &p.Purpose, &p.SHA256, &p.Spot, &at)
		p.At = db.FromMillis(at)
		return p, err
	}, `SELECT case_id, file, purpose, sha256, spot, added_at FROM supervision_file WHERE case_id = $1 ORDER BY added_at, file LIMIT 200`, id)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return withNames(ctx, tx, list)
}
