package registry

import (
	"context"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

func (s *Service) sealValues(f Filing) ([]byte, error) {
	plain, err := encodeValues(f.Values)
	if err != nil {
		return nil, err
	}
	return s.Keys.Seal("registry_filing", "content_sealed", f.ID, plain)
}

func (s *Service) insertFiling(ctx context.Context, tx *db.Tx, f Filing) error {
	content, err := s.sealValues(f)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO registry_filing (id, subject, code, title, enterprise, division, base_version, content_sealed, reason, state, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		f.ID, string(f.Subject), f.Code, f.Title, string(f.Enterprise), string(f.Division), f.BaseVersion, content, f.Reason, Draft, db.Millis(tx.Now))
	return err
}

func (s *Service) updateFiling(ctx context.Context, tx *db.Tx, f Filing, state string) error {
	content, err := s.sealValues(f)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE registry_filing SET code = $2, title = $3, content_sealed = $4, reason = $5, state = $6, changed_at = $7
		WHERE id = $1`, f.ID, f.Code, f.Title, content, f.Reason, state, db.Millis(tx.Now))
	return err
}

const filingCols = `id, subject, code, title, enterprise, division, base_version, content_sealed, reason`

func (s *Service) scanFiling(row db.Scanner) (f Filing, err error) {
	var content []byte
	if err = row.Scan(&f.ID, &f.Subject, &f.Code, &f.Title, &f.Enterprise, &f.Division, &f.BaseVersion, &content, &f.Reason); err != nil {
		return f, err
	}
	plain, err := s.Keys.Open("registry_filing", "content_sealed", f.ID, content)
	if err != nil {
		return f, err
	}
	f.Values, err = decodeValues(plain)
	return f, err
}

// filingIn reads a filing and its case, if the actor may do act at its place.
func (s *Service) filingIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, act authz.Act) (Filing, error) {
	f, ok, err := db.One(ctx, tx, s.scanFiling, `SELECT `+filingCols+` FROM registry_filing WHERE id = $1`, id)
	if err != nil {
		return Filing{}, err
	}
	if !ok {
		return Filing{}, fault.New(fault.NotFound, "authz.not-found", "没有找到您要查看的内容。")
	}
	if err := authz.Require(who, act, f.place()); err != nil {
		return Filing{}, err
	}
	f.Case, err = casework.Find(ctx, tx, FilingMachine, id)
	return f, err
}

// A FilingRow is a filing in a list.
type FilingRow struct {
	ID         db.ID
	Subject    Subject
	Code       string
	Title      string
	Enterprise code.USCC
	Division   code.Division
	State      string
	ChangedAt  int64 // milliseconds; see [db.FromMillis]
}

// StateTitle is the state in Chinese.
func (r FilingRow) StateTitle() string { return FilingMachine.StateTitle(r.State) }

// Filings lists the filings that an actor may read, newest first; state "" asks
// for all, before 0 for the first page.
func Filings(ctx context.Context, tx *db.Tx, who authz.Actor, state string, before db.ID, limit int) ([]FilingRow, error) {
	cond, args := authz.Filter(authz.Scopes(who, authz.RegistryRead), authz.Columns{Division: "division", Enterprise: "enterprise"}, 4)
	scan := func(row db.Scanner) (r FilingRow, err error) {
		return r, row.Scan(&r.ID, &r.Subject, &r.Code, &r.Title, &r.Enterprise, &r.Division, &r.State, &r.ChangedAt)
	}
	return db.All(ctx, tx, scan, `
		SELECT id, subject, code, title, enterprise, division, state, changed_at
		FROM registry_filing
		WHERE ($1 = '' OR state = $1) AND (CAST($2 AS BIGINT) = 0 OR id < CAST($2 AS BIGINT)) AND `+cond+`
		ORDER BY id DESC LIMIT $3`, append([]any{state, int64(before), min(max(limit, 1), pageMax)}, args...)...)
}

// maskValue hides the personal fields of a form.
func maskValue[T any](fields []field[T]) func(key, value string) string {
	return func(key, value string) string {
		for _, f := range fields {
			if f.Key == key && f.Private {
				return maskText(key, value)
			}
		}
		return value
	}
}

func maskText(key, value string) string {
	switch key {
	case "phone":
		return code.MaskPhone(value)
	case "identity":
		return code.MaskID(value)
	}
	return code.MaskName(value)
}

func mapValues(m map[string]string, fn func(key, value string) string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = fn(k, v)
	}
	return out
}

// compareForms lists the declared fields that differ; personal ones are masked
// on both sides before they are compared, and told apart by being declared.
func compareForms[T any](fields []field[T], before, declared map[string]string) []Difference {
	var out []Difference
	for _, f := range fields {
		after, given := declared[f.Key]
		if !given {
			continue
		}
		var v T
		if f.set(&v, clean(after)) == nil {
			after = f.get(&v)
		}
		if f.Private {
			after = maskText(f.Key, after)
		}
		if after != before[f.Key] {
			out = append(out, Difference{Key: f.Key, Title: f.Title, Before: before[f.Key], After: after, Private: f.Private})
		}
	}
	return out
}
