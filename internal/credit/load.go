package credit

import (
	"context"
	"fmt"
	"iter"

	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/registry"
)

// A loader turns the register and the scoring table into one bundle per
// enterprise. The register (thousands of rows) is held in memory; the scoring
// table (a million rows) streams past in the order of enterprises, so that
// memory holds the records of one enterprise only. Subjects that stand in more
// than one bundle (a project that changed hands, a manager who moved) are few;
// their records are read before and handed to each.
type loader struct {
	book    *Book
	asOf    day.Date
	units   []unitPlan // by enterprise id
	shared  map[Subject][]Entry
	inputs  map[Subject]Facts
	past    map[Subject][]Past
	listed  map[Subject][]Listing // who stands on a red or black list
	records int64                 // read so far
}

// A unitPlan is a bundle without its records.
type unitPlan struct {
	info   *registry.SnapEnterprise
	bundle Bundle
	shared []Subject
}

// newLoader reads everything but the records.
func newLoader(ctx context.Context, tx *db.Tx, b *Book, snap *registry.Snapshot, asOf day.Date) (*loader, error) {
	l := &loader{book: b, asOf: asOf, shared: map[Subject][]Entry{}}
	var err error
	if l.inputs, err = inputsOn(ctx, tx, asOf); err != nil {
		return nil, err
	}
	if l.past, err = pastBefore(ctx, tx, b, asOf); err != nil {
		return nil, err
	}
	if l.listed, err = listedOn(ctx, tx, asOf); err != nil {
		return nil, err
	}
	p := newPlanner(l, snap)
	l.units = p.plan()
	for s := range p.sharedSubjects() {
		entries, err := db.All(ctx, tx, func(row db.Scanner) (e Entry, err error) { return e, scanEntry(row, &e) },
			entrySelect+`WHERE subject_kind = $1 AND subject = $2 AND identified <= $3 ORDER BY id`, int64(s.Kind), s.ID, asOf)
		if err != nil {
			return nil, err
		}
		l.shared[s] = entries
	}
	return l, nil
}

// bundles yields one bundle per enterprise, in the order of their ids. A bundle
// is valid until the next one.
func (l *loader) bundles(ctx context.Context, tx *db.Tx) iter.Seq2[*Bundle, error] {
	return func(yield func(*Bundle, error) bool) {
		l.records = 0
		at := 0
		var records []Record
		flush := func() bool {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return false
			}
			u := &l.units[at]
			for _, s := range u.shared {
				for i := range l.shared[s] {
					r := l.book.record(&l.shared[s][i])
					if sameKind(s.Kind, Enterprise) { // a branch's own, counted under its head
						r.Subject.ID = u.bundle.Unit.ID
					}
					records = append(records, r)
				}
			}
			u.bundle.Records = records
			ok := yield(&u.bundle, nil)
			u.bundle.Records, records = nil, records[:0]
			at++
			return ok
		}
		var e Entry
		scan := func(row db.Scanner) (struct{}, error) { return struct{}{}, scanEntry(row, &e) }
		for _, err := range db.Rows(ctx, tx, scan, entrySelect+`WHERE identified <= $1 ORDER BY enterprise, id`, l.asOf) {
			if err != nil {
				yield(nil, fmt.Errorf("read records: %w", err))
				return
			}
			for at < len(l.units) && l.units[at].info.ID < e.Enterprise {
				if !flush() {
					return
				}
			}
			if at == len(l.units) || l.units[at].info.ID != e.Enterprise {
				continue // not in the register on the day
			}
			l.records++
			if _, elsewhere := l.shared[e.Subject]; !elsewhere {
				records = append(records, l.book.record(&e))
			}
		}
		for at < len(l.units) {
			if !flush() {
				return
			}
		}
	}
}
