package registry

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"juli/internal/db"
	"juli/internal/fault"
)

// chunkRows is how many rows one look-up or multi-row statement carries.
const chunkRows = 500

// params is "$from, …" for n parameters.
func params(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	return b.String()
}

// anys turns codes into arguments.
func anys[S ~string](list []S) []any {
	args := make([]any, len(list))
	for i, s := range list {
		args[i] = string(s)
	}
	return args
}

// null stores the empty code as NULL, for optional references.
func null[S ~string](s S) any {
	if s == "" {
		return nil
	}
	return string(s)
}

// A ledger is a table of current states with its append-only table of earlier
// ones (name_version) and the stage through which many changes pass (name_stage).
type ledger[T any] struct {
	name string
	key  string   // primary key
	cols []string // key first
	kept []string // columns that a change leaves alone
	row  func(s *Service, v *T, into []any) ([]any, error)
}

// insert adds subjects that are new.
func (l *ledger[T]) insert(ctx context.Context, tx *db.Tx, s *Service, all []T) error {
	return l.bulk(ctx, tx, s, l.name, all)
}

// replace moves the present states of the subjects to the version table and puts
// the new ones in their place. A subject that somebody else changed meanwhile is
// a conflict (CRS-7).
func (l *ledger[T]) replace(ctx context.Context, tx *db.Tx, s *Service, all []T) error {
	if len(all) == 0 {
		return nil
	}
	if err := l.bulk(ctx, tx, s, l.name+"_stage", all); err != nil {
		return err
	}
	cols := strings.Join(l.cols, ", ")
	_, err := tx.Exec(ctx, fmt.Sprintf(`INSERT INTO %[1]s_version (%[2]s) SELECT %[2]s FROM %[1]s WHERE %[3]s IN (SELECT %[3]s FROM %[1]s_stage)`, l.name, cols, l.key))
	if err != nil {
		if db.IsUnique(err) {
			return stale()
		}
		return err
	}
	n, err := tx.Exec(ctx, fmt.Sprintf(`INSERT INTO %[1]s (%[2]s) SELECT %[2]s FROM %[1]s_stage WHERE TRUE ON CONFLICT (%[3]s) DO UPDATE SET %[4]s WHERE %[1]s.version = excluded.version - 1`,
		l.name, cols, l.key, l.assignments()))
	if err != nil {
		return err
	}
	if n != int64(len(all)) {
		return stale()
	}
	_, err = tx.Exec(ctx, `DELETE FROM `+l.name+`_stage`)
	return err
}

func (l *ledger[T]) assignments() string {
	var set []string
	for _, c := range l.cols[1:] {
		if !slices.Contains(l.kept, c) {
			set = append(set, c+" = excluded."+c)
		}
	}
	return strings.Join(set, ", ")
}

func (l *ledger[T]) bulk(ctx context.Context, tx *db.Tx, s *Service, table string, all []T) error {
	if len(all) == 0 {
		return nil
	}
	var failed error
	n, err := tx.Bulk(ctx, table, l.cols, func(yield func([]any) bool) {
		for i := range all {
			row, err := l.row(s, &all[i], make([]any, 0, len(l.cols)))
			if err != nil {
				failed = err
				return
			}
			if !yield(row) {
				return
			}
		}
	})
	if failed != nil {
		return failed
	}
	if err != nil {
		return err
	}
	if n != int64(len(all)) {
		return fmt.Errorf("%s: stored %d of %d rows", table, n, len(all))
	}
	return nil
}

func stale() error {
	return fault.New(fault.Conflict, "registry.stale", "这条登记刚被他人修改，请核对最新内容后再提交。")
}
