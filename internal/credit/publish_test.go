package credit

import (
	"context"
	"strings"
	"sync"
	"testing"

	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
)

// propose puts up what was evaluated; decide decides it as another person.
func (k *desk) propose(e Evaluation) (p Release, err error) {
	err = k.d.Write(k.t.Context(), func(tx *db.Tx) (err error) {
		p, err = k.svc.ProposePublication(k.t.Context(), tx, authz.System("test"), e.ID, "")
		return err
	})
	return p, err
}

func (k *desk) proposed(e Evaluation) Release {
	k.t.Helper()
	p, err := k.propose(e)
	if err != nil {
		k.t.Fatal(err)
	}
	return p
}

func (k *desk) decide(p Release, publish bool) error {
	return k.d.Write(k.t.Context(), func(tx *db.Tx) error {
		_, err := k.svc.DecidePublication(k.t.Context(), tx, official(12, 22), p.ID, publish, "经审核")
		return err
	})
}

func (k *desk) approve(p Release) {
	k.t.Helper()
	if err := k.decide(p, true); err != nil {
		k.t.Fatal(err)
	}
}

func (k *desk) inForce(want ...db.ID) {
	k.t.Helper()
	k.do(func(ctx context.Context, tx *db.Tx) error {
		list, err := k.svc.Cycles(ctx, tx)
		if len(list) != len(want) {
			k.t.Errorf("in force are %+v, want %v", list, want)
			return err
		}
		for i, p := range list {
			if p.ID != want[i] {
				k.t.Errorf("in force is %s of %s, want %s", p.ID, p.Period, want[i])
			}
		}
		return err
	})
}

func (k *desk) correction() Request {
	q := k.cycle()
	q.Purpose = ForCorrection
	return q
}

func TestOfTwoProposalsForAPeriodOneIsPublished(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, dbtest.Clock(d, "2021-10-08"), 1)
		both := []Release{k.proposed(k.street.run(k.cycle())), k.proposed(k.street.run(k.cycle()))}
		errs := make([]error, len(both))
		var wait sync.WaitGroup
		for i, p := range both {
			wait.Go(func() { errs[i] = k.decide(p, true) })
		}
		wait.Wait()
		won := 0
		if errs[0] != nil {
			won = 1
		}
		if errs[won] != nil || !fault.Is(errs[1-won], "credit.published") {
			t.Fatalf("two proposals for one period are approved: %v", errs)
		}
		k.inForce(both[won].ID)
		if err := k.decide(both[1-won], false); err != nil {
			t.Errorf("the other can't be refused: %v", err)
		}
	})
}

// PC-50: a correction corrects the newest published result; corrections of
// corrections form a chain whose last is in force.
func TestACorrectionCorrectsTheResultInForce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, dbtest.Clock(d, "2021-10-08"), 1)
		first := k.proposed(k.street.run(k.cycle()))
		k.approve(first)
		one, two := k.proposed(k.street.run(k.correction())), k.proposed(k.street.run(k.correction()))
		if one.Corrects != first.ID || two.Corrects != first.ID {
			t.Fatalf("corrections correct %s and %s, want %s", one.Corrects, two.Corrects, first.ID)
		}
		k.approve(two)
		if err := k.decide(one, true); !fault.Is(err, "credit.corrected") {
			t.Errorf("a second correction of one result: %v", err)
		}
		k.inForce(two.ID)
		three := k.proposed(k.street.run(k.correction()))
		k.approve(three)
		if three.Corrects != two.ID {
			t.Errorf("the third corrects %s, want %s", three.Corrects, two.ID)
		}
		k.inForce(three.ID)
	})
}

// The schema itself holds one first result of a period and one correction of a
// result, whatever the program does.
func TestTheSchemaHoldsOneResultInForce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, dbtest.Clock(d, "2021-10-08"), 1)
		first := k.proposed(k.street.run(k.cycle()))
		k.approve(first)
		k.approve(k.proposed(k.street.run(k.correction())))
		put := func(state string, corrects db.ID) error {
			e := k.street.run(k.cycle())
			return d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `
					INSERT INTO credit_publication (id, evaluation, period, as_of, number, state, proposed_at, decided_at, why, corrects)
					VALUES ($1, $2, $3, $4, '', $5, 0, 0, '', $6)`, tx.NewID(), e.ID, e.Period.Name, e.AsOf, state, corrects)
				return err
			})
		}
		if err := put(Published, 0); !db.IsUnique(err) {
			t.Errorf("a second first result: %v", err)
		}
		if err := put(Published, first.ID); !db.IsUnique(err) {
			t.Errorf("a second correction of one result: %v", err)
		}
		for _, state := range []string{PublishProposed, PublishRefused} {
			if err := put(state, first.ID); err != nil {
				t.Errorf("%s stands beside: %v", state, err)
			}
		}
	})
}

// PC-50: what was published is never changed, whoever holds the database's
// ordinary rights; a proposal can only be decided.
func TestAPublicationIsNeverChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, dbtest.Clock(d, "2021-10-08"), 1)
		published := k.proposed(k.street.run(k.cycle()))
		k.approve(published)
		proposed := k.proposed(k.street.run(k.correction()))
		refused := k.proposed(k.street.run(k.correction()))
		if err := k.decide(refused, false); err != nil {
			t.Fatal(err)
		}
		change := func(query string, args ...any) error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), query, args...)
				return err
			})
		}
		for _, p := range []Release{published, refused} {
			for _, set := range []string{`state = 'proposed'`, `number = '信用评价公告〔2021〕9号'`, `why = '别的'`, `as_of = '2021-06-30'`, `decided_by = 1`, `decided_at = 1`} {
				if err := change(`UPDATE credit_publication SET `+set+` WHERE id = $1`, p.ID); err == nil {
					t.Errorf("%s of what was decided was set", set)
				}
			}
		}
		for _, set := range []string{`id = 7`, `evaluation = 1`, `period = '2021-Q2'`, `as_of = '2021-06-30'`, `proposed_by = 21`, `proposed_at = 1`, `corrects = NULL`} {
			if err := change(`UPDATE credit_publication SET `+set+` WHERE id = $1`, proposed.ID); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s of a proposal: %v, want a refusal", set, err)
			}
		}
		for _, p := range []Release{published, refused, proposed} {
			if err := change(`DELETE FROM credit_publication WHERE id = $1`, p.ID); err == nil {
				t.Errorf("%s was deleted", p.ID)
			}
		}
		k.approve(proposed)
		k.inForce(proposed.ID)
	})
}

// PC-11: a period whose last day lies under a later rulebook isn't published
// under the earlier one, nor beside the periods of the later one.
func TestASupersededBookPublishesNoLaterPeriod(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, dbtest.Clock(d, "2021-10-08"), 1)
		old := shipped(t, "harbin-2020")
		half := func(on string) Request {
			return Request{Book: old, Purpose: ForCycle, Period: old.Period(day.MustParse(on))}
		}
		last := k.proposed(k.street.run(half("2020-12-31")))
		k.approve(last)
		if _, err := k.propose(k.street.run(half("2021-02-15"))); !fault.Is(err, "credit.book-ended") {
			t.Errorf("2021-H1 under a book that ended on 2021-04-14: %v", err)
		}
		q := half("2020-12-31")
		q.Purpose = ForCorrection
		again := k.proposed(k.street.run(q))
		k.approve(again)
		k.inForce(again.ID)
		quarter := k.cycle()
		quarter.Period = k.book.Period(day.MustParse("2021-06-30"))
		k.approve(k.proposed(k.street.run(quarter)))
	})
}

func TestPeriodsOfTwoLengthsDoNotOverlap(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, dbtest.Clock(d, "2021-10-08"), 1)
		quarter := k.cycle()
		quarter.Period = k.book.Period(day.MustParse("2021-06-30"))
		half := quarter
		half.Period = calendarPeriod(halfYearly, day.MustParse("2021-06-30"))
		half.Period.Cutoff = half.Period.To
		one, two := k.proposed(k.street.run(quarter)), k.proposed(k.street.run(half))
		k.approve(one)
		if err := k.decide(two, true); !fault.Is(err, "credit.period-overlap") {
			t.Errorf("2021-H1 beside 2021-Q2: %v", err)
		}
		if _, err := k.propose(k.street.run(half)); !fault.Is(err, "credit.period-overlap") {
			t.Errorf("2021-H1 is proposed beside 2021-Q2: %v", err)
		}
		next := k.proposed(k.street.run(k.cycle()))
		k.approve(next)
		k.inForce(next.ID, one.ID)
	})
}
