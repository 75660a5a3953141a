package registry

import (
	"context"
	"slices"
	"strings"

	"juli/internal/code"
	"juli/internal/db"
)

// What is kept of the lists until the register changes: how many rows each
// choice of filters leaves, so that a page's cost does not grow with the city,
// and the rows of first pages, which are what people open. Further pages and
// whatever is searched for are read each time.
var (
	keptEnterpriseCounts = db.NewKept[countKey, int64](512, "enterprise")
	keptProjectCounts    = db.NewKept[countKey, int64](512, "project")
	keptEnterprises      = db.NewKept[ListQuery, rowsOf[EnterpriseRow]](64, "enterprise")
	keptProjects         = db.NewKept[ListQuery, rowsOf[ProjectRow]](64, "project", "enterprise")
)

type countKey struct {
	division   code.Division
	kind       string
	state      State
	enterprise code.USCC
}

// rowsOf is a page's rows and the cursor of the next page.
type rowsOf[R any] struct {
	rows []R
	next string
}

func (l lister) count(ctx context.Context, tx *db.Tx, query string, kept *db.Kept[countKey, int64], q ListQuery) (int64, error) {
	read := func() (int64, error) {
		c := &clause{}
		l.filter(c, q)
		return db.Value[int64](ctx, tx, query+strings.Join(append(c.where, "TRUE"), " AND "), c.args...)
	}
	if strings.TrimSpace(q.Text) != "" {
		return read()
	}
	return kept.Get(ctx, tx, countKey{q.Division, q.Kind, q.State, q.Enterprise}, read)
}

// firstPage gives the rows of q, kept if it is a first page.
func firstPage[R any](ctx context.Context, tx *db.Tx, kept *db.Kept[ListQuery, rowsOf[R]], q ListQuery, read func() ([]R, string, error)) ([]R, string, error) {
	if q.After != "" || q.Limit > pageDefault || strings.TrimSpace(q.Text) != "" {
		return read()
	}
	p, err := kept.Get(ctx, tx, q, func() (p rowsOf[R], err error) {
		p.rows, p.next, err = read()
		return p, err
	})
	return slices.Clip(p.rows), p.next, err // what a caller appends is its own
}
