package supervision_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"os"
	"testing"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/casework"
	"juli/internal/city/town"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/rulebook"
	"juli/internal/supervision"
)

// A world is a town with its rulebooks and the people of one project.
type world struct {
	t     *testing.T
	tn    *town.Town
	on    day.Date
	db    *db.DB
	files *blob.Store
	shots uint16 // photos taken: no two are the same

	first, second, third, street, community, firm, city authz.Actor
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	tn := town.New(t, d)
	installed(t, d)
	files, err := blob.At(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { files.Close() })
	return &world{
		t: t, tn: tn, db: d, files: files, on: day.MustParse(town.Start),
		first: tn.District(town.Huayuan), second: tn.District(town.Huayuan), third: tn.District(town.Huayuan),
		street: tn.Street(town.Huayuan), community: tn.Community(town.Huayuan), firm: tn.Firm(tn.Jia.USCC), city: tn.City(),
	}
}

// installed puts the rulebooks into force and gives the digest of supervision's.
func installed(t testing.TB, d *db.DB) (digest string) {
	t.Helper()
	install := &rulebook.Service{DB: d, Kinds: rulebook.KindsOf(credit.Kind(), supervision.Kind())}
	for _, name := range []string{"credit/harbin-2021.yaml", "supervision/harbin.yaml"} {
		text, err := os.ReadFile("../../rulebooks/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			v, err := install.InstallIn(t.Context(), tx, authz.System("install"), text)
			digest = v.Digest
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	return digest
}

// at acts on a day and gives the error back.
func (w *world) at(on day.Date, act func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error) error {
	w.t.Helper()
	w.on = on
	d := dbtest.Clock(w.db, on.String())
	s := &supervision.Cases{DB: d, Books: &supervision.Books{City: "2301"}, Records: &credit.Records{DB: d, Books: (&credit.Books{City: "2301"}).InForce}}
	return d.Write(w.t.Context(), func(tx *db.Tx) error { return act(w.t.Context(), tx, s) })
}

// must acts and ends the test on an error.
func (w *world) must(on day.Date, act func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error) {
	w.t.Helper()
	if err := w.at(on, act); err != nil {
		w.t.Fatal(err, fault.From(err).Fields)
	}
}

// refused acts and wants the rule by which it is refused.
func (w *world) refused(rule string, on day.Date, act func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error) {
	w.t.Helper()
	if err := w.at(on, act); !fault.Is(err, rule) {
		w.t.Fatalf("got %v, want %s", err, rule)
	}
}

func (w *world) photo(ctx context.Context, tx *db.Tx) []db.ID {
	w.t.Helper()
	var b bytes.Buffer
	w.shots++
	shot := image.NewGray(image.Rect(0, 0, 8, 8))
	shot.Pix[0], shot.Pix[1] = uint8(w.shots), uint8(w.shots>>8)
	if err := png.Encode(&b, shot); err != nil {
		w.t.Fatal(err)
	}
	f, err := w.files.Put(ctx, tx, "现场.png", &b)
	if err != nil {
		w.t.Fatal(err)
	}
	return []db.ID{f.ID}
}

func (w *world) fault() supervision.Fault {
	return supervision.Fault{Channel: supervision.PublicReport, Project: w.tn.Projects[0].Code, Violation: "Q03", Facts: "单元门损坏，关不上。", Spot: "3号楼2单元", FoundOn: w.on}
}

func (w *world) take(ctx context.Context, tx *db.Tx, id db.ID, note string) supervision.Take {
	w.t.Helper()
	c, err := casework.Find(ctx, tx, supervision.CaseMachine, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return supervision.Take{ID: id, Version: c.Version, Note: note}
}

func (w *world) takeMeasure(ctx context.Context, tx *db.Tx, id db.ID, note string) supervision.Take {
	w.t.Helper()
	c, err := casework.Find(ctx, tx, supervision.MeasureMachine, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return supervision.Take{ID: id, Version: c.Version, Note: note}
}

// found registers, verifies twice and orders; it gives the case in state ordered.
func (w *world) ordered() db.ID {
	w.t.Helper()
	var id db.ID
	w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) (err error) {
		if id, err = s.RegisterIn(ctx, tx, w.first, w.fault()); err != nil {
			return err
		}
		if err = s.VerifyIn(ctx, tx, w.first, w.take(ctx, tx, id, "现场看到。"), supervision.Finding{}); err != nil {
			return err
		}
		if err = s.ConfirmIn(ctx, tx, w.first, w.take(ctx, tx, id, "")); !fault.Is(err, "authz.same-person") {
			w.t.Errorf("one person verified alone: %v", err)
		}
		if err = s.ConfirmIn(ctx, tx, w.second, w.take(ctx, tx, id, "")); err != nil {
			return err
		}
		return s.OrderIn(ctx, tx, w.first, w.take(ctx, tx, id, ""), supervision.Order{Class: "deadline"})
	})
	return id
}

func (w *world) state(id db.ID) supervision.Dossier {
	w.t.Helper()
	var d supervision.Dossier
	w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) (err error) {
		d, err = s.CaseFor(ctx, tx, w.first, id)
		return err
	})
	return d
}

// TestABrokenDoorComesBackAndCostsPoints walks the life of one case: mended,
// re-checked by another person, not fixed after all, reopened, late, a measure
// whose points stand in credit.
func TestABrokenDoorComesBackAndCostsPoints(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.ordered()
		w.refused("supervision.no-proof", w.on.AddDays(2), func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.ReportIn(ctx, tx, w.firm, w.take(ctx, tx, id, "修好了。"))
		})
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			take := w.take(ctx, tx, id, "修好了。")
			take.Files, take.Spot = w.photo(ctx, tx), "3号楼2单元"
			return s.ReportIn(ctx, tx, w.firm, take)
		})
		w.refused("supervision.no-case", w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.PassIn(ctx, tx, w.tn.Community(town.Daoli), w.take(ctx, tx, id, "看过了。"))
		})
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.PassIn(ctx, tx, w.community, w.take(ctx, tx, id, "看过了，门能关上。"))
		})
		if c := w.state(id); c.State != supervision.Passed || c.Fixed != supervision.FixedRechecked || len(c.Proofs) != 1 {
			t.Fatalf("after the re-check: %s %q %d proofs", c.State, c.Fixed, len(c.Proofs))
		}
		w.must(w.on.AddDays(1), func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.ReopenIn(ctx, tx, w.community, w.take(ctx, tx, id, "居民说门又坏了。"))
		})
		c := w.state(id)
		if c.State != supervision.Ordered || c.Fixed != "" || c.Reopened != 1 || c.Deadline <= w.on {
			t.Fatalf("reopened: %s %q %d, deadline %s", c.State, c.Fixed, c.Reopened, c.Deadline)
		}
		w.must(c.Deadline, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			_, _, err := s.AdvanceIn(ctx, tx)
			return err
		})
		if c := w.state(id); c.State != supervision.Ordered {
			t.Fatalf("on its last day: %s", c.State)
		}
		w.must(c.Deadline.AddDays(1), func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			_, _, err := s.AdvanceIn(ctx, tx)
			return err
		})
		if c := w.state(id); c.State != supervision.Overdue || !c.Late || c.Flow.Holder.Role != authz.DistrictBureau {
			t.Fatalf("late: %s %v %s", c.State, c.Late, c.Flow.Holder.Key())
		}
		var measure db.ID
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) (err error) {
			measure, err = s.ProposeMeasureIn(ctx, tx, w.first, id, supervision.Wish{Kind: supervision.Deduct, Reason: "逾期未整改。"})
			return err
		})
		w.refused("authz.same-person", w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.DecideMeasureIn(ctx, tx, w.tn.Fresh(w.first), w.takeMeasure(ctx, tx, measure, ""))
		})
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.DecideMeasureIn(ctx, tx, w.tn.Fresh(w.second), w.takeMeasure(ctx, tx, measure, ""))
		})
		c = w.state(id)
		if len(c.Measures) != 1 || c.Measures[0].State != supervision.MeasureDone || c.Measures[0].Record == 0 {
			t.Fatalf("measures: %+v", c.Measures)
		}
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			r, err := s.Records.Record(ctx, tx, w.third, c.Measures[0].Record)
			if err == nil && (r.Item != "HRB-N04" || r.Document.Number != c.OrderNo) {
				t.Errorf("record %s by %s, want HRB-N04 by %s", r.Item, r.Document.Number, c.OrderNo)
			}
			return err
		})
		w.refused("supervision.measure", w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			_, err := s.ProposeMeasureIn(ctx, tx, w.first, id, supervision.Wish{Kind: supervision.Deduct, Reason: "再扣一次。"})
			return err
		})
	})
}
