package resident_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/city/town"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/resident"
	"juli/internal/rulebook"
	"juli/internal/supervision"
)

// A world is a town whose residents may report.
type world struct {
	*town.Town
	*resident.Reports
	t testing.TB

	firm, community, street, district, city authz.Actor // of the first project
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := &world{Town: town.New(t, d), t: t}
	books := &rulebook.Service{DB: w.Town.DB, Kinds: rulebook.KindsOf(resident.Kind(), supervision.Kind(), credit.Kind())}
	for _, name := range []string{"resident/harbin-2021", "supervision/harbin", "credit/harbin-2021"} {
		text, err := os.ReadFile("../../rulebooks/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := books.InstallIn(ctx, tx, authz.System("test"), text)
			return err
		})
	}
	files, err := blob.At(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { files.Close() })
	w.Reports = &resident.Reports{DB: w.Town.DB, Keys: w.Town.Keys, City: "2301", Books: &resident.Books{City: "2301"}, Registry: w.Town.Registry, Files: files}
	w.wire()
	w.firm, w.community, w.street = w.Firm(w.Jia.USCC), w.Community(town.Huayuan), w.Street(town.Huayuan)
	w.district, w.city = w.District(town.Huayuan), w.Town.City()
	return w
}

// on is the same world on another day.
func (w *world) on(date string) *world {
	later := *w
	later.Town = w.On(date)
	reports := *w.Reports
	reports.DB, reports.Registry = later.Town.DB, later.Town.Registry
	later.Reports = &reports
	later.wire()
	return &later
}

// wire makes the services that stand beside the reports, on the same calendar.
func (w *world) wire() {
	books := &credit.Books{City: "2301"}
	records := &credit.Records{DB: w.Town.DB, Books: books.InForce}
	w.Evaluations = &credit.Evaluations{DB: w.Town.DB, City: "2301", Books: books}
	w.Cases = &supervision.Cases{DB: w.Town.DB, Books: &supervision.Books{City: "2301"}, Records: records}
}

const anna, bob = "13800000001", "13800000002"

func (w *world) submission(topic, phone string) resident.Submission {
	return resident.Submission{Channel: resident.Web, Topic: topic, Project: w.Projects[0].Code, Building: 2, Body: "二号楼单元门关不上，晚上很冷", Phone: phone}
}

func (w *world) report(topic, phone string) resident.Receipt {
	w.t.Helper()
	out, err := w.Submit(w.t.Context(), authz.Anonymous, w.submission(topic, phone))
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// act runs one act in a transaction of its own.
func (w *world) act(fn func(ctx context.Context, tx *db.Tx) error) error {
	return w.Town.DB.Write(w.t.Context(), func(tx *db.Tx) error { return fn(w.t.Context(), tx) })
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) see(id db.ID) (r *resident.Report) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = w.Find(ctx, tx, authz.System("test"), id)
		return err
	})
	return r
}

func (w *world) take(id db.ID, note string) resident.Take {
	w.t.Helper()
	return resident.Take{Report: id, Version: w.see(id).Case.Version, Note: note}
}

func (w *world) answer(id db.ID) {
	w.t.Helper()
	t := w.take(id, "")
	w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
		return w.AnswerIn(ctx, tx, w.firm, t, "已更换闭门器", nil)
	}))
}

func (w *world) pass(id db.ID, seen bool) {
	w.t.Helper()
	t := w.take(id, "")
	w.must(w.act(func(ctx context.Context, tx *db.Tx) error { return w.PassIn(ctx, tx, w.community, t, seen) }))
}

func (w *world) rate(secret string, solved, satisfied bool) error {
	return w.act(func(ctx context.Context, tx *db.Tx) error {
		return w.RateIn(ctx, tx, authz.Anonymous, secret, resident.Rating{Solved: solved, Satisfied: satisfied})
	})
}

func wantRule(t testing.TB, err error, rule string) {
	t.Helper()
	if rule == "" && err != nil || rule != "" && !fault.Is(err, rule) {
		t.Errorf("got %v, want rule %q", err, rule)
	}
}

var errUndo = errors.New("undo")

// would says whether an act succeeds, and takes it back.
func (w *world) would(fn func(ctx context.Context, tx *db.Tx) error) error {
	err := w.act(func(ctx context.Context, tx *db.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		return errUndo
	})
	if errors.Is(err, errUndo) {
		return nil
	}
	return err
}
