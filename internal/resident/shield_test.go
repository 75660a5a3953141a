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
		now := resident.QuarterOf(w.Today())
		later := now.Last().AddDays(1)
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
				s, err := resident.ShieldOf(ctx, tx, book, "2301", now, later, tt.q.Way())
				if got := s.List(tt.q, "2301"); err != nil || got != tt.want {
					t.Errorf("%s: withheld %v, %v; want %v", tt.name, got, err, tt.want)
				}
			}
			before, err := resident.ShieldOf(ctx, tx, book, "2301", now.Before(), later, resident.ByEnterprise)
			if err != nil || before.List(resident.RatingQuery{Enterprise: jia.Enterprise}, "2301") {
				t.Errorf("nothing is withheld where nothing was rated, %v", err)
			}
			early, err := resident.ShieldOf(ctx, tx, book, "2301", now, now.Last(), resident.ByDistrict)
			if err != nil || !early.List(resident.RatingQuery{}, "2301") || !early.Place("", "2301") || !early.Row(resident.ByDistrict, resident.RateRow{Key: "230103"}, true) {
				t.Errorf("a quarter that still grows is published, %v", err)
			}
			return nil
		})
	})
}

// PI-3: the streets of a district add up to it, so where the district is withheld
// they all are.
func TestTheStreetsOfAWithheldDistrictDoNotAddUpToIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		street := w.Projects[0].Division.Up(code.Street)
		w.rated(0, 12)
		now := resident.QuarterOf(w.Today())
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error { // another district with three, beside the nine
			_, err := tx.Exec(ctx, `UPDATE resident_rating SET division = '230102001001' WHERE voice IN (SELECT voice FROM resident_rating ORDER BY voice LIMIT 3)`)
			return err
		}))
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			book, err := w.Books.InForce(ctx, tx, w.Today())
			if err != nil {
				return err
			}
			s, err := resident.ShieldOf(ctx, tx, book, "2301", now, now.Last().AddDays(1), resident.ByStreet)
			if err != nil || !s.Place(street.Up(code.District), "2301") || !s.Place(street, "2301") {
				t.Errorf("the street shows the nine that its district withholds, %v", err)
			}
			return nil
		})
	})
}
