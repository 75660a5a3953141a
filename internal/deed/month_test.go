package deed_test

import (
	"context"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/city/town"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/deed"
	"juli/internal/money"
)

// TestTheCityIsTheSumOfItsFrozenDistricts: each district is asked once for each
// month, freezes what its rows say, and an outside total stands beside it with a
// flag (trap 3).
func TestTheCityIsTheSumOfItsFrozenDistricts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.walk(w.collect(draft), ways[deed.Closed]...)
		other := *w
		other.chief, other.worker, other.caller = w.Fresh(w.District(town.Daoli)), w.Fresh(w.District(town.Daoli)), w.Fresh(w.District(town.Daoli))
		f := draft
		f.Division = string(town.Daoli)
		other.walk(other.collect(f), ways[deed.Closed]...)

		july := w.on("2021-07-01")
		opened := 0
		for _, want := range []int{18, 0} { // one duty for each of 18 districts, once
			july.Write(func(ctx context.Context, tx *db.Tx) (err error) { opened, err = july.AdvanceIn(ctx, tx); return err })
			if opened != want {
				t.Errorf("opened %d months, want %d", opened, want)
			}
		}
		r := july.report("2021-06", w.city)
		if len(r.Lines) != 18 || r.Frozen != 0 || r.Sum.Matters != 2 || r.Sum.People != 480 || r.Published != nil {
			t.Errorf("before: %d lines, %d frozen, %+v", len(r.Lines), r.Frozen, r.Sum)
		}
		line := lineOf(r, "230103")
		if line.Case.Due.String() != "2021-07-07" || line.Case.Holder.Key() != "district_bureau@230103" {
			t.Errorf("the duty: due %s with %s", line.Case.Due, line.Case.Holder.Key())
		}
		wantRule(t, july.freeze(w.Fresh(w.District(town.Daoli)), line.Case), "authz.not-found")
		w.must(july.freeze(w.chief, line.Case))
		wantRule(t, july.freeze(w.chief, line.Case), "casework.stale")

		w.walk(w.collect(draft), ways[deed.Closed]...) // June still runs in the other world's clock: a row after the freeze
		r = july.report("2021-06", w.city)
		line = lineOf(r, "230103")
		if r.Frozen != 1 || line.Totals.Matters != 1 || line.Now.Matters != 2 || !line.Changed() || r.Sum.Matters != 2 {
			t.Errorf("after: %d frozen, line %+v, now %+v, city %+v", r.Frozen, line.Totals, line.Now, r.Sum)
		}

		for _, tt := range []struct {
			people  int64
			differs bool
		}{{481, true}, {480, false}} {
			july.must(july.published("2021-06", w.city, deed.Published{Matters: 2, People: tt.people, Source: "市级专报"}))
			if r = july.report("2021-06", w.city); r.Differs() != tt.differs || r.Sum.People != 480 {
				t.Errorf("published %d: differs %v, city %+v", tt.people, r.Differs(), r.Sum)
			}
		}
		wantRule(t, july.published("2021-06", w.chief, deed.Published{Source: "x"}), "authz.denied")
		if own := july.report("2021-06", w.chief); len(own.Lines) != 1 || own.Published != nil {
			t.Errorf("a district reads %d lines, published %v", len(own.Lines), own.Published)
		}
	})
}

func (w *world) report(m deed.Month, who authz.Actor) (r deed.MonthReport) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) { r, err = w.Report(ctx, tx, who, m); return err })
	return r
}

func (w *world) published(m deed.Month, who authz.Actor, p deed.Published) error {
	return w.DB().Write(w.t.Context(), func(tx *db.Tx) error { return w.PublishedIn(w.t.Context(), tx, who, m, p) })
}

func (w *world) freeze(who authz.Actor, c casework.Case) error {
	return w.DB().Write(w.t.Context(), func(tx *db.Tx) error {
		return w.FreezeIn(w.t.Context(), tx, who, deed.Take{Deed: c.ID, Version: c.Version})
	})
}

func lineOf(r deed.MonthReport, d code.Division) deed.Line {
	for _, l := range r.Lines {
		if l.District == d {
			return l
		}
	}
	return deed.Line{}
}

func TestAProgrammeIsTheSumOfItsDeeds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := newWorld(t, d)
		p := deed.Programme{Kind: "home", Name: "共建美好家园", Division: "2301", Goal: "修门修路", Starts: w.Today(), Ends: w.Today().AddDays(200), Budget: 20_000 * money.Yuan, Open: true}
		add := func(who authz.Actor, p deed.Programme) (id db.ID, err error) {
			err = w.DB().Write(ctx, func(tx *db.Tx) error { id, err = w.AddProgrammeIn(ctx, tx, who, p, "年度计划"); return err })
			return id, err
		}
		_, err := add(w.chief, p)
		wantRule(t, err, "authz.not-found")
		p.ID, err = add(w.city, p)
		w.must(err)
		_, err = add(w.city, p)
		wantRule(t, err, "deed.programme-twice")
		daoli := p
		daoli.Division = "230102"
		daoli.ID, err = add(w.city, daoli)
		w.must(err)

		accept := func(id, programme db.ID) error {
			return w.take(id, func(ctx context.Context, tx *db.Tx, t deed.Take) error {
				return w.AcceptIn(ctx, tx, w.chief, t, deed.Acceptance{Lead: authz.DistrictBureau, Leader: "副局长", Programme: programme})
			})
		}
		one, two := w.collect(draft), w.collect(draft)
		wantRule(t, accept(one, daoli.ID), "deed.accept")
		w.must(accept(one, p.ID))
		w.must(accept(two, p.ID))
		w.walk(one, ways[deed.Closed][1:]...)
		read := func() (x deed.Programme) {
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
				x, err = w.Programme(ctx, tx, w.city, p.ID)
				return err
			})
			return x
		}
		if x := read(); x.Deeds != 2 || x.Solved != 1 || x.Percent != 50 || x.People != 240 || x.Spent != 18_000*money.Yuan || x.Over() {
			t.Errorf("programme: %+v", x)
		}
		w.must(w.DB().Write(ctx, func(tx *db.Tx) error { return w.SetBudgetIn(ctx, tx, w.city, p.ID, 17_000*money.Yuan, "压减") }))
		if x := read(); !x.Over() || x.Budget != 17_000*money.Yuan {
			t.Errorf("with less: %+v", x)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			q := deed.Query{Programme: p.ID, Limit: 10}
			list, err := deed.List(ctx, tx, w.city, q)
			sum, err2 := deed.Sum(ctx, tx, w.city, q)
			if err != nil || err2 != nil || len(list) != 2 || sum.Matters != 2 {
				t.Errorf("its deeds: %d, %+v, %v %v", len(list), sum, err, err2)
			}
			public, err := deed.Programmes(ctx, tx, true)
			if err != nil || len(public) != 2 || public[1].Deeds != 0 {
				t.Errorf("the public counts open deeds alone: %+v, %v", public, err)
			}
			return nil
		})
	})
}

// TestListsPageInEveryOrderAndAddUp walks each order page by page: every row
// once, and their sum is the list's.
func TestListsPageInEveryOrderAndAddUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for range 3 {
			w.walk(w.collect(draft), ways[deed.Doing]...)
		}
		w.walk(w.collect(draft), ways[deed.Closed]...)
		w.collect(draft)
		late := w.on("2021-08-01")
		late.Read(func(ctx context.Context, tx *db.Tx) error {
			for _, sort := range []string{"entered", "deadline", "people"} {
				for _, desc := range []bool{false, true} {
					q := deed.Query{Sort: sort, Desc: desc, Limit: 2}
					seen, people := map[db.ID]bool{}, int64(0)
					for {
						page, err := deed.List(ctx, tx, w.city, q)
						if err != nil {
							return err
						}
						for _, x := range page {
							if seen[x.ID] {
								t.Errorf("%s twice by %s", x.Number, sort)
							}
							seen[x.ID] = true
							people += x.People
						}
						if len(page) < 2 {
							break
						}
						q.After = page[1].Key(sort)
					}
					if len(seen) != 5 || people != 240 {
						t.Errorf("by %s, %v: %d rows, %d people", sort, desc, len(seen), people)
					}
				}
			}
			for _, tt := range []struct {
				name string
				q    deed.Query
				who  authz.Actor
				n    int64
			}{
				{"late", deed.Query{Late: true}, w.city, 3},
				{"closed in June", deed.Query{Month: "2021-06"}, w.city, 1},
				{"in July", deed.Query{Month: "2021-07"}, w.city, 0}, {"in May", deed.Query{Month: "2021-05"}, w.city, 0},
				{"by state", deed.Query{State: deed.Collected}, w.city, 1},
				{"by words", deed.Query{Text: "单元门"}, w.city, 5},
				{"other words", deed.Query{Text: "电%"}, w.city, 0},
				{"by category", deed.Query{Category: "heat"}, w.city, 0},
				{"another district", deed.Query{}, w.District(town.Daoli), 0},
				{"the street", deed.Query{}, w.Street(town.Huayuan), 5},
				{"the public", deed.Query{Open: true}, authz.Anonymous, 0},
				{"a district", deed.Query{District: "230103"}, w.city, 5},
			} {
				list, err := deed.List(ctx, tx, tt.who, deed.Query{
					District: tt.q.District, State: tt.q.State, Category: tt.q.Category, Late: tt.q.Late, Month: tt.q.Month, Text: tt.q.Text, Open: tt.q.Open, Limit: 100,
				})
				sum, err2 := deed.Sum(ctx, tx, tt.who, tt.q)
				if err != nil || err2 != nil || int64(len(list)) != tt.n || sum.Matters != tt.n {
					t.Errorf("%s: %d rows, sum %d, want %d; %v %v", tt.name, len(list), sum.Matters, tt.n, err, err2)
				}
			}
			return nil
		})
	})
}
