package supervision_test

import (
	"context"
	"fmt"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/supervision"
)

var caseNames = []string{
	"id", "no", "book", "channel", "project", "project_id", "enterprise", "division", "district", "street", "violation", "severity",
	"facts", "spot", "found_on", "registered_on", "body", "state", "due", "reply_due", "replied", "verified", "order_no", "ordered_on", "deadline", "class",
	"extended", "reopened", "late", "fixed", "closed_on", "into_case", "changed_at",
}

var flowNames = []string{
	"id", "machine", "object", "title", "division", "enterprise", "project", "state", "version",
	"due", "due_assumed", "holder", "account", "closed", "opened_at", "opened_by", "moved_at",
}

const million = 1_000_000

// fillCases fills the tables with a million cases: 18 districts of 20 streets of 20
// communities, one in forty open.
func fillCases(b *testing.B, d *db.DB, book string) {
	b.Helper()
	const project, firm = "2301030010030001", "91230103MA00000001"
	err := d.Write(b.Context(), func(tx *db.Tx) error {
		at := func(i int) (string, string, bool) {
			division := fmt.Sprintf("2301%02d%03d%03d", i%18+1, i/18%20+1, i/360%20+1)
			if i%40 == 0 {
				return division, []string{supervision.Registered, supervision.Ordered, supervision.Overdue, supervision.Reported}[i/40%4], false
			}
			return division, supervision.Archived, true
		}
		_, err := tx.Bulk(b.Context(), "supervision_case", caseNames, func(yield func([]any) bool) {
			for i := range million {
				division, state, _ := at(i)
				if !yield([]any{
					int64(i + 1), fmt.Sprintf("案〔2021〕%d号", i), book, "INSPECTION", project, int64(1), firm, division, division[:6], division[:9], "Q03", "ordinary",
					"单元门损坏。", "3号楼", "2021-03-01", "2021-03-01", "district_bureau@" + division[:6], state, "2021-04-01", nil, nil, "2021-03-03", "", nil, nil, "",
					false, int64(0), i%97 == 0, "", nil, nil, int64(1_600_000_000_000),
				}) {
					return
				}
			}
		})
		if err != nil {
			return err
		}
		_, err = tx.Bulk(b.Context(), "casework_case", flowNames, func(yield func([]any) bool) {
			for i := range million {
				division, state, closed := at(i)
				holder := ""
				if !closed {
					holder = "district_bureau@" + division[:6]
				}
				if !yield([]any{
					int64(i + 1), "supervision_case", fmt.Sprint("supervision_case:", i), "单元门损坏", division, firm, project, state, int64(3),
					fmt.Sprintf("2021-%02d-%02d", i%12+1, i%28+1), false, holder, nil, closed, int64(0), nil, int64(0),
				}) {
					return
				}
			}
		})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	analyze(b, d)
}

func analyze(b *testing.B, d *db.DB) {
	b.Helper()
	if err := d.Write(b.Context(), func(tx *db.Tx) error { _, err := tx.Exec(b.Context(), `ANALYZE`); return err }); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkAMillionCases measures first pages of lists and to-dos among a million
// cases: at most 10 ms each (docs/performance.md).
func BenchmarkAMillionCases(b *testing.B) {
	d := dbtest.Any(b)
	digest := installed(b, d)
	fillCases(b, d, digest)
	s := &supervision.Cases{DB: d, Books: &supervision.Books{City: "2301"}, Records: &credit.Records{DB: d, Books: (&credit.Books{City: "2301"}).InForce}}
	official := func(role authz.Role, at code.Division) authz.Actor {
		return authz.Actor{Account: 1, Person: 1, Second: true, Grants: []authz.Grant{{ID: 1, Role: role, Scope: authz.Scope{Division: at}}}}
	}
	city, district := official(authz.CityBureau, "2301"), official(authz.DistrictBureau, "230103")
	street, community := official(authz.Subdistrict, "230103003"), official(authz.Community, "230103003004")
	list := func(who authz.Actor, q supervision.Query) func(context.Context, *db.Tx) error {
		q.Limit = 51
		return func(ctx context.Context, tx *db.Tx) error {
			rows, err := s.List(ctx, tx, who, q)
			if err == nil && len(rows) == 0 {
				err = fmt.Errorf("nothing found")
			}
			return err
		}
	}
	public := func(q supervision.Query) func(context.Context, *db.Tx) error {
		q.Limit = 51
		return func(ctx context.Context, tx *db.Tx) error {
			rows, err := s.Public(ctx, tx, q)
			if err == nil && len(rows) == 0 {
				err = fmt.Errorf("nothing found")
			}
			return err
		}
	}
	for _, x := range []struct {
		name string
		do   func(context.Context, *db.Tx) error
	}{
		{"city", list(city, supervision.Query{Division: "2301"})},
		{"city-late", list(city, supervision.Query{Division: "2301", Late: true})},
		{"city-overdue", list(city, supervision.Query{Division: "2301", State: supervision.Overdue})},
		{"district", list(district, supervision.Query{Division: "230103"})},
		{"district-ordered", list(district, supervision.Query{Division: "230103", State: supervision.Archived})},
		{"district-late", list(district, supervision.Query{Division: "230103", Late: true})},
		{"street", list(street, supervision.Query{Division: "230103003"})},
		{"community", list(community, supervision.Query{Division: "230103003004"})},
		{"page-1000", list(district, supervision.Query{Division: "230103", After: 100_000})},
		{"public", public(supervision.Query{})},
		{"public-firm", public(supervision.Query{Enterprise: "91230103MA00000001", Late: true})},
		{"todos", func(ctx context.Context, tx *db.Tx) error {
			todos, _, err := casework.Todos(ctx, tx, district, []*casework.Machine{supervision.CaseMachine}, casework.Filter{}, casework.Cursor{}, 50)
			if err == nil && len(todos) == 0 {
				err = fmt.Errorf("no to-dos")
			}
			return err
		}},
		{"todo-counts", func(ctx context.Context, tx *db.Tx) error {
			_, err := casework.TodoCounts(ctx, tx, district, []*casework.Machine{supervision.CaseMachine})
			return err
		}},
	} {
		b.Run(x.name, func(b *testing.B) {
			for b.Loop() {
				if err := d.Read(b.Context(), func(tx *db.Tx) error { return x.do(b.Context(), tx) }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
