package registry

import (
	"context"
	"slices"
	"strings"

	"juli/internal/code"
	"juli/internal/db"
)

// keptPages is how many pages of a list are kept: all of a city's, unfiltered, or
// the first ones of many choices of filters; some 4 MB when full.
const keptPages = 256

// What is kept of the lists until the register changes: how many rows each
// choice of filters leaves, so that a page's cost does not grow with the city,
// and the rows of pages. Whatever is searched for is read each time.
var (
	keptEnterpriseCounts = db.NewKept[countKey, int64](512, "enterprise")
	keptProjectCounts    = db.NewKept[countKey, int64](512, "project")
	keptEnterprises      = db.NewKept[ListQuery, rowsOf[EnterpriseRow]](keptPages, "enterprise")
	keptProjects         = db.NewKept[ListQuery, rowsOf[ProjectRow]](keptPages, "project", "enterprise")
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

// page gives the rows of q, kept unless it is a search or longer than a page.
func page[R any](ctx context.Context, tx *db.Tx, kept *db.Kept[ListQuery, rowsOf[R]], q ListQuery, read func() ([]R, string, error)) ([]R, string, error) {
	if q.Limit > pageDefault || strings.TrimSpace(q.Text) != "" {
		return read()
	}
	p, err := kept.Get(ctx, tx, q, func() (p rowsOf[R], err error) {
		p.rows, p.next, err = read()
		return p, err
	})
	return slices.Clip(p.rows), p.next, err // what a caller appends is its own
}
