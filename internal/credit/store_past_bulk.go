package credit

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/db"
)

// A proof is the digest of an item, one of its subjects and what proves it: the
// document's number and issuer, or the honour. Two records never share one.
type proof [16]byte

func proofOf(item, kind, what, by string, s Subject) (p proof) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s\x00%d\x00%d", item, kind, what, by, s.Kind, s.ID))
	copy(p[:], sum[:])
	return p
}

// proofsOf are those of a record.
func proofsOf(f *Filed) []proof {
	var out []proof
	for _, s := range f.Subjects {
		if f.Document.Number != "" {
			out = append(out, proofOf(f.Item, "document", f.Document.Number, f.Document.Issuer, s.Subject))
		}
		if f.Honour != "" {
			out = append(out, proofOf(f.Item, "honour", f.Honour, f.EnterpriseID.String(), s.Subject))
		}
	}
	return out
}

// standing finds the record that stands for the same item and subject by the
// same proof.
func (t *TakeOver) standing(ctx context.Context, f *Filed) (db.ID, bool, error) {
	if f.Honour != "" {
		if err := t.learn(ctx, "honour "+f.EnterpriseID.String()+" "+f.Honour, `r.enterprise_id = $1 AND r.honour = $2`, f.EnterpriseID, f.Honour); err != nil {
			return 0, false, err
		}
	}
	for _, p := range proofsOf(f) {
		if id, there := t.proofs[p]; there {
			return id, true, nil
		}
	}
	return 0, false, nil
}

// learnProofs reads what stands under the documents of the rows at hand.
func (t *TakeOver) learnProofs(ctx context.Context) error {
	var numbers []string
	for i := range t.chunk {
		n := t.chunk[i].Document.Number
		if n != "" && !t.asked["document "+n] {
			t.asked["document "+n] = true
			numbers = append(numbers, n)
		}
	}
	for part := range slices.Chunk(numbers, takeRows/2) {
		args := make([]any, len(part))
		for i, n := range part {
			args[i] = n
		}
		if err := t.learn(ctx, "", `r.document_number IN (`+marks(len(part))+`)`, args...); err != nil {
			return err
		}
	}
	return nil
}

// learn reads the proofs of the records that stand under a condition, once.
func (t *TakeOver) learn(ctx context.Context, key, where string, args ...any) error {
	if t.asked[key] && key != "" {
		return nil
	}
	t.asked[key] = true
	var id db.ID
	var f Filed
	subject := []EntrySubject{{}}
	scan := func(row db.Scanner) (struct{}, error) {
		return struct{}{}, row.Scan(&id, &f.Item, &f.Document.Number, &f.Document.Issuer, &f.Honour, &f.EnterpriseID, (*kindColumn)(&subject[0].Subject.Kind), &subject[0].Subject.ID)
	}
	for _, err := range db.Rows(ctx, t.tx, scan, `
		SELECT r.id, r.item, r.document_number, r.document_issuer, r.honour, r.enterprise_id, s.kind, s.subject
		FROM credit_record r JOIN credit_current c ON c.record = r.id JOIN credit_record_subject s ON s.record = r.id
		WHERE `+where+` AND c.state NOT IN (`+goneStates+`) ORDER BY r.id`, args...) {
		if err != nil {
			return err
		}
		f.Subjects = subject
		for _, p := range proofsOf(&f) {
			if _, older := t.proofs[p]; !older {
				t.proofs[p] = id
			}
		}
	}
	return nil
}

// marks are n parameters from the first on.
func marks(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ", $%d", i+1)
	}
	return b.String()[2:]
}

// knownRecords finds where the records lie that rows name by an export's number.
func knownRecords(ctx context.Context, tx *db.Tx, rows []PastRow) (map[db.ID]authz.Place, error) {
	out := map[db.ID]authz.Place{}
	var ids []any
	for i := range rows {
		if rows[i].Record != 0 {
			ids = append(ids, rows[i].Record)
		}
	}
	scan := func(row db.Scanner) (struct{}, error) {
		var id db.ID
		var p authz.Place
		err := row.Scan(&id, &p.Division, &p.Enterprise, &p.Project)
		out[id] = p
		return struct{}{}, err
	}
	for part := range slices.Chunk(ids, takeRows/2) {
		_, err := db.All(ctx, tx, scan, `SELECT record, division, enterprise, project FROM credit_current WHERE record IN (`+marks(len(part))+`) AND state NOT IN (`+goneStates+`)`, part...)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

var filedNames = []string{
	"id", "book", "opened", "item", "class", "level", "enterprise", "enterprise_id", "project", "project_id", "person",
	"division", "event", "summary", "document_type", "document_number", "document_issuer", "document_date", "document_expires",
	"honour", "value", "parent", "rectify_by", "source", "body", "account", "made_at",
}

// insertTaken stores records that are in effect, with their scoring rows.
func insertTaken(ctx context.Context, tx *db.Tx, list []taken) error {
	state := append([]string{"record"}, strings.Split(conditionColumns, ", ")...)
	current := append(slices.Clone(state), "division", "enterprise", "project", "item", "class", "event", "body")
	each := func(values func(x *taken) []any) func(yield func([]any) bool) {
		return func(yield func([]any) bool) {
			for i := range list {
				if !yield(values(&list[i])) {
					return
				}
			}
		}
	}
	subjects := func(yield func([]any) bool) {
		for i := range list {
			for _, s := range list[i].f.Subjects {
				if !yield([]any{list[i].f.ID, s.Entry, int64(s.Subject.Kind), s.Subject.ID}) {
					return
				}
			}
		}
	}
	for _, x := range []struct {
		table   string
		columns []string
		rows    func(yield func([]any) bool)
	}{
		{"credit_record", filedNames, each(func(x *taken) []any { return x.f.values() })},
		{"credit_record_subject", []string{"record", "entry", "kind", "subject"}, subjects},
		{"credit_record_state", state, each(func(x *taken) []any { return x.c.values(x.f.ID) })},
		{"credit_current", current, each(func(x *taken) []any { return x.c.current(&x.f) })},
	} {
		if _, err := tx.Bulk(ctx, x.table, x.columns, x.rows); err != nil {
			return err
		}
	}
	return addEntries(ctx, tx, func(yield func(Entry) bool) {
		for i := range list {
			for _, e := range entriesOf(&list[i].f, list[i].c) {
				if !yield(e) {
					return
				}
			}
		}
	})
}
