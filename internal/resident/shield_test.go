package resident_test

import (
	"context"
	"fmt"
	"testing"

	"juli/internal/authz"
	"juli/internal/city/town"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
)

// rated has so many residents of a project rate one report.
func (w *world) rated(project, residents int) {
	w.t.Helper()
	in := w.submission("clean", fmt.Sprintf("139%04d0000", project))
	in.Project, in.Building = w.Projects[project].Code, 0
	a, err := w.Submit(w.t.Context(), authz.Anonymous, in)
	w.must(err)
	follow := []string{a.Follow}
	for i := range residents - 1 {
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			out, err := w.JoinIn(ctx, tx, authz.Anonymous, a.Report, 0, fmt.Sprintf("139%04d%04d", project, i+1), "")
			follow = append(follow, out.Follow)
			return err
		}))
	}
	r := w.see(a.Report)
	take := w.take(a.Report, "")
	w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
		return w.AnswerIn(ctx, tx, w.Firm(r.Enterprise), take, "已清扫", nil)
	}))
	take = w.take(a.Report, "")
	w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
		return w.PassIn(ctx, tx, w.Community(r.Division), take, false)
	}))
	for _, secret := range follow {
		w.must(w.rate(secret, true, true))
	}
}

// PI-3: three ratings of one firm are withheld, and with them the six of the other
// one, which the city's nine would give away; a list says as little as the table.
func TestAListOfRatingsSaysNoMoreThanTheTable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.rated(0, 3)
		w.rated(3, 6)
		jia, yi := w.Projects[0], w.Projects[3]
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			book, err := w.Books.InForce(ctx, tx, w.Today())
			if err != nil {
				return err
			}
			for _, tt := range []struct {
				name string
				q    resident.RatingQuery
				want bool
			}{
				{"the whole city", resident.RatingQuery{}, false},
				{"three", resident.RatingQuery{Enterprise: jia.Enterprise}, true},
				{"six that give three away", resident.RatingQuery{Enterprise: yi.Enterprise}, true},
				{"a firm in a part of the city", resident.RatingQuery{Enterprise: yi.Enterprise, Division: yi.Division.Up(code.District)}, true},
				{"the district of all", resident.RatingQuery{Division: town.Huayuan.Up(code.District)}, false},
				{"a community", resident.RatingQuery{Division: yi.Division}, true},
			} {
				s, err := resident.ShieldOf(ctx, tx, book, "2301", w.Today(), w.Today(), tt.q.Way())
				if got := s.List(tt.q, "2301"); err != nil || got != tt.want {
					t.Errorf("%s: withheld %v, %v; want %v", tt.name, got, err, tt.want)
				}
			}
			before, err := resident.ShieldOf(ctx, tx, book, "2301", w.Today().AddDays(1), w.Today().AddDays(2), resident.ByEnterprise)
			if err != nil || before.List(resident.RatingQuery{Enterprise: jia.Enterprise}, "2301") {
				t.Errorf("nothing is withheld where nothing was rated, %v", err)
			}
			return nil
		})
	})
}
