package credit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"juli/internal/db"
)

// gone are the states in which a record no longer stands in another's way.
var gone = []string{RecordWithdrawn, RecordRefused, RecordUpheld, RecordAnnulled}

// likenessesOf finds records with the same file, the same document or the same
// honour. It is three indexed look-ups in one query.
func likenessesOf(ctx context.Context, tx *db.Tx, p *Proposal, enterprise, self db.ID) ([]Likeness, error) {
	args := []any{int64(self), p.Document.Number, p.Document.Issuer, int64(enterprise), p.Honour}
	arg := func(v string) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	var not, digests []string
	for _, s := range gone {
		not = append(not, arg(s))
	}
	parts := []string{} // that a text isn't empty is said for the sake of the partial indexes
	if p.Document.Number != "" {
		parts = append(parts, `SELECT id, 'document' AS why FROM credit_record WHERE document_number = $2 AND document_issuer = $3 AND document_number <> ''`)
	}
	if p.Honour != "" {
		parts = append(parts, `SELECT id, 'honour' AS why FROM credit_record WHERE enterprise_id = $4 AND honour = $5 AND honour <> ''`)
	}
	for _, f := range p.Files {
		if f.SHA256 != "" {
			digests = append(digests, arg(f.SHA256))
		}
	}
	if len(digests) > 0 {
		parts = append(parts, `SELECT record AS id, 'file' AS why FROM credit_record_file WHERE purpose = 'evidence' AND sha256 IN (`+strings.Join(digests, ", ")+`)`)
	}
	if len(parts) == 0 {
		return nil, nil
	}
	// every parameter must have its type on PostgreSQL, used or not
	return db.All(ctx, tx, func(row db.Scanner) (d Likeness, err error) {
		return d, row.Scan(&d.Record, &d.Why, &d.Item, &d.State, &d.Event, &d.place.Division, &d.place.Enterprise, &d.place.Project, &d.body)
	}, `
		SELECT DISTINCT r.id, l.why, r.item, c.state, r.event, r.division, r.enterprise, r.project, r.body
		FROM (`+strings.Join(parts, " UNION ALL ")+`) AS l
		JOIN credit_record r ON r.id = l.id
		JOIN credit_current c ON c.record = r.id
		WHERE r.id <> $1 AND c.state NOT IN (`+strings.Join(not, ", ")+`)
			AND (CAST($2 AS TEXT) IS NOT NULL AND CAST($3 AS TEXT) IS NOT NULL AND CAST($4 AS BIGINT) IS NOT NULL AND CAST($5 AS TEXT) IS NOT NULL)
		ORDER BY r.id DESC, l.why LIMIT 20`, args...)
}

// filesUsed says whether one of the files belongs to a record already.
func filesUsed(ctx context.Context, tx *db.Tx, ids []db.ID) (bool, error) {
	var in []string
	var args []any
	for _, id := range ids {
		args = append(args, int64(id))
		in = append(in, fmt.Sprintf("$%d", len(args)))
	}
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM credit_record_file WHERE file IN (`+strings.Join(in, ", ")+`)`, args...)
	return n > 0, err
}

func sameSubjects(ctx context.Context, tx *db.Tx, record db.ID, subjects []Subject) (bool, error) {
	f, ok, err := filedByID(ctx, tx, record)
	if err != nil || !ok {
		return false, err
	}
	return slices.ContainsFunc(f.Subjects, func(s EntrySubject) bool { return slices.Contains(subjects, s.Subject) }), nil
}
