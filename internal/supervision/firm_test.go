package supervision_test

import (
	"context"
	"testing"

	"juli/internal/authz"
	"juli/internal/city/town"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/registry"
	"juli/internal/supervision"
)

// changes gives the first project to the other enterprise from a day on.
func (w *world) changes(on day.Date) {
	w.t.Helper()
	w.tn.On(on.String()).Change(w.tn.Projects[0], func(p *registry.Project) { p.Enterprise, p.ContractFrom = w.tn.Yi.USCC, on })
}

// lays registers a fault of a day against an enterprise ("" for whoever it falls on).
func (w *world) lays(enterprise code.USCC, violation string, found day.Date) (id db.ID, err error) {
	w.t.Helper()
	err = w.at(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) (err error) {
		f := w.fault()
		f.Enterprise, f.Violation, f.FoundOn = enterprise, violation, found
		id, err = s.RegisterIn(ctx, tx, w.first, f)
		return err
	})
	return id, err
}

// find leads a registered case to found, by two persons.
func (w *world) find(id db.ID) {
	w.t.Helper()
	w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
		if err := s.VerifyIn(ctx, tx, w.first, w.take(ctx, tx, id, "现场看到。"), supervision.Finding{}); err != nil {
			return err
		}
		return s.ConfirmIn(ctx, tx, w.second, w.take(ctx, tx, id, ""))
	})
}

func TestACaseIsLaidToTheEnterpriseThatServedWhenTheFaultWasFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		before := w.on
		w.on = before.AddDays(20)
		w.changes(before.AddDays(10))
		jia, yi := w.tn.Jia.USCC, w.tn.Yi.USCC
		for _, x := range []struct {
			named     code.USCC
			violation string
			found     day.Date
			want      code.USCC
		}{
			{"", "Q03", before, jia}, // not today's
			{"", "Q03", w.on, yi},
			{jia, "Q03", before, jia},
			{yi, "Q03", before, ""}, // was not there yet
			{jia, "Q03", w.on, ""},  // is not there any more
			{jia, "", w.on, ""},
			{jia, "H01", w.on, jia},                    // owes the papers
			{town.USCC("230102", 77), "H01", w.on, ""}, // never was there
		} {
			id, err := w.lays(x.named, x.violation, x.found)
			got := code.USCC("")
			if err == nil {
				got = w.state(id).Enterprise
			}
			if got != x.want {
				t.Errorf("%q named, %s of %s: falls on %q (%v), want %q", x.named, x.violation, x.found, got, err, x.want)
			}
		}
		left, err := w.lays(jia, "H01", w.on)
		if err != nil {
			t.Fatal(err)
		}
		w.refused("supervision.not-holder", w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.VerifyIn(ctx, tx, w.first, w.take(ctx, tx, left, "门坏了。"), supervision.Finding{Violation: "Q03"})
		})
		w.find(left)
		w.on = w.state(left).ReplyDue.AddDays(1)
		w.refused("supervision.measure", w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error { // the points would be the other's
			_, err := s.ProposeMeasureIn(ctx, tx, w.first, left, supervision.Wish{Kind: supervision.Deduct, Reason: "拒不移交。"})
			return err
		})
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			_, err := s.ProposeMeasureIn(ctx, tx, w.first, left, supervision.Wish{Kind: supervision.Summons, Reason: "拒不移交。"})
			return err
		})
	})
}

func TestThePointsOfACaseFallOnTheEnterpriseThatItNames(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		found := w.on
		w.changes(found.AddDays(3))
		w.on = found.AddDays(5)
		id, err := w.lays(w.tn.Jia.USCC, "Q03", found)
		if err != nil {
			t.Fatal(err)
		}
		w.find(id)
		record := w.deducted(id)
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			r, err := s.Records.Record(ctx, tx, w.third, record)
			if err == nil && r.Enterprise != w.tn.Jia.USCC {
				t.Errorf("the points fall on %s", r.Enterprise)
			}
			return err
		})

		next, err := w.lays("", "Q03", w.on.AddDays(-1)) // the same fault, and nothing of the former one's ladder
		if err != nil {
			t.Fatal(err)
		}
		w.find(next)
		w.must(w.state(next).ReplyDue.AddDays(1), func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			c, err := s.CaseFor(ctx, tx, w.first, next)
			if err != nil {
				return err
			}
			for _, p := range c.Possible {
				if p.Kind == supervision.Deduct && !p.OK {
					t.Errorf("the next enterprise's own fault: %s", p.Why)
				}
				if p.Kind == supervision.Summons && p.OK {
					t.Error("the former enterprise's points lead the next one up the ladder")
				}
			}
			m, err := s.ProposeMeasureIn(ctx, tx, w.first, next, supervision.Wish{Kind: supervision.Deduct, Reason: "屡查屡犯。"})
			if err != nil {
				return err
			}
			x, err := s.MeasureFor(ctx, tx, w.second, m)
			if x.Repeated != 1 || len(x.Earlier) != 0 {
				t.Errorf("found %d times, %d earlier measures", x.Repeated, len(x.Earlier))
			}
			return err
		})
	})
}

// deducted proposes and decides points once the enterprise could reply.
func (w *world) deducted(id db.ID) (record db.ID) {
	w.t.Helper()
	w.must(w.state(id).ReplyDue.AddDays(1), func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
		m, err := s.ProposeMeasureIn(ctx, tx, w.first, id, supervision.Wish{Kind: supervision.Deduct, Reason: "没有整改。"})
		if err != nil {
			return err
		}
		return s.DecideMeasureIn(ctx, tx, w.tn.Fresh(w.second), w.takeMeasure(ctx, tx, m, ""))
	})
	return w.state(id).Measures[0].Record
}

func TestACaseIsNotMergedIntoWhatWasFoundMendedOrIsAnotherEnterprises(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		merge := func(into db.ID) func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			id, err := w.lays("", "Q03", w.on)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range w.state(id).Alike {
				if c.ID == into {
					t.Errorf("%s is offered", c.State)
				}
			}
			return func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
				return s.MergeIn(ctx, tx, w.first, w.take(ctx, tx, id, ""), into)
			}
		}
		for _, state := range []string{supervision.Passed, supervision.Closed, supervision.Ended} {
			over, _ := w.inState(state)
			w.refused("supervision.merge", w.on, merge(over))
			w.refused("supervision.join", w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
				return s.JoinIn(ctx, tx, w.first, over, w.fault())
			})
		}
		formers, _ := w.inState(supervision.Ordered)
		w.changes(w.on.AddDays(1))
		w.on = w.on.AddDays(2)
		w.refused("supervision.merge", w.on, merge(formers))
	})
}

func TestNoOfficeConfirmsInTheResidentsPlace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, _ := w.inState(supervision.Passed)
		colleague := w.tn.Community(town.Huayuan)
		w.refused("authz.denied", w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.AgreeIn(ctx, tx, colleague, w.take(ctx, tx, id, "居民说好。"))
		})
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.CallIn(ctx, tx, colleague, w.take(ctx, tx, id, "居民说好。"))
		})
		if c := w.state(id); c.State != supervision.Passed || c.Fixed != supervision.FixedRechecked {
			t.Fatalf("an office's word leads to %s %s", c.State, c.Fixed)
		}
		settled, _ := w.inState(supervision.Passed)
		said, _ := w.inState(supervision.Passed)
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			if err := s.SolvedIn(ctx, tx, said); err != nil {
				return err
			}
			return s.AgreeIn(ctx, tx, w.tn.Actor(authz.Committee, authz.Scope{Project: string(w.tn.Projects[0].Code)}), w.take(ctx, tx, id, "看过了，门能关上。"))
		})
		w.passes(w.state(settled).Due.AddDays(1))
		for id, want := range map[db.ID]string{id: supervision.FixedConfirmed, said: supervision.FixedConfirmed, settled: supervision.FixedRechecked} {
			if c := w.state(id); c.State != supervision.Closed || c.Fixed != want {
				t.Errorf("%s %s, want %s", c.State, c.Fixed, want)
			}
		}
	})
}

func TestWhatWasFoundTrueIsHandedOnOrEndedByTwoAndIsThenNotOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		hand := func(id db.ID, who authz.Actor, document string) func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
				return s.HandIn(ctx, tx, who, w.take(ctx, tx, id, "属特种设备违法。"), supervision.Receiver{Document: document})
			}
		}
		found, _ := w.inState(supervision.Found)
		w.refused("supervision.handing", w.on, hand(found, w.second, "市监受〔2021〕7号")) // nobody asked, to nobody
		id, _ := w.inState(supervision.Handing)
		w.refused("authz.same-person", w.on, hand(id, w.first, "市监受〔2021〕7号"))
		w.refused("supervision.handing", w.on, hand(id, w.second, ""))
		w.must(w.on, hand(id, w.second, "市监受〔2021〕7号"))
		if c := w.state(id); c.State != supervision.Handed || c.HandedTo != "城管局" || c.HandedDocument != "市监受〔2021〕7号" {
			t.Errorf("handed: %s to %q by %q", c.State, c.HandedTo, c.HandedDocument)
		}
		ending, _ := w.inState(supervision.Ending)
		w.refused("authz.same-person", w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.EndIn(ctx, tx, w.first, w.take(ctx, tx, ending, "项目已拆除。"))
		})
		w.inState(supervision.Ended)
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			list, err := supervision.FoundOf(ctx, tx, "", w.on, w.on)
			if len(list) != 1 || list[0].Found != 4 || list[0].Open != 2 { // found and ending are open, handed and ended are not
				t.Errorf("counted: %+v", list)
			}
			return err
		})
	})
}
