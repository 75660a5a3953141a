package feed_test

import (
	"context"
	"os"
	"testing"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/campaign"
	"juli/internal/casework"
	"juli/internal/city/town"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/feed"
	"juli/internal/listing"
	"juli/internal/resident"
	"juli/internal/rulebook"
	"juli/internal/supervision"
	"juli/internal/volunteer"
)

// A world is a town whose news are read.
type world struct {
	*town.Town
	*feed.Feeds
	t testing.TB
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	tn := town.New(t, d)
	install := &rulebook.Service{DB: tn.DB, Kinds: rulebook.KindsOf(resident.Kind(), supervision.Kind(), credit.Kind())}
	for _, name := range []string{"resident/harbin", "supervision/harbin", "credit/harbin-2021"} {
		text, err := os.ReadFile("../../rulebooks/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		tn.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := install.InstallIn(ctx, tx, authz.System("test"), text)
			return err
		})
	}
	files, err := blob.At(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { files.Close() })
	books := &credit.Books{City: "2301"}
	cases := &supervision.Cases{DB: tn.DB, Books: &supervision.Books{City: "2301"}, Records: &credit.Records{DB: tn.DB, Books: books.InForce}}
	return &world{tn, &feed.Feeds{
		City: "2301", Cases: cases, Listing: &listing.Service{DB: tn.DB, City: "2301", Books: &listing.Books{City: "2301"}}, Campaigns: &campaign.Campaigns{DB: tn.DB, City: "2301"},
		Volunteers: &volunteer.Service{DB: tn.DB, Keys: tn.Keys, Books: &volunteer.Books{City: "2301"}},
		Reports: &resident.Reports{
			DB: tn.DB, Keys: tn.Keys, City: "2301", Books: &resident.Books{City: "2301"}, Registry: tn.Registry, Files: files, Cases: cases,
			Evaluations: &credit.Evaluations{DB: tn.DB, City: "2301", Books: books},
		},
	}, t}
}

// What nobody may read who asks in public.
const (
	phone  = "13812349876"
	secret = "我叫张三丰，电话13912345678，门关不上"
)

func (w *world) report(project int, topic string) (id db.ID) {
	w.t.Helper()
	out, err := w.Reports.Submit(w.t.Context(), authz.Anonymous, resident.Submission{
		Channel: resident.Web, Topic: topic, Project: w.Projects[project].Code, Building: 2, Spot: "二单元701室", Body: secret, Phone: phone,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.Report
}

func (w *world) call(at code.Division, title string) (id db.ID) {
	w.t.Helper()
	w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = w.Volunteers.PublishIn(ctx, tx, w.Community(at), volunteer.Call{
			Division: at, Title: title, Task: "清扫楼道和门前积雪", Place: "三号楼", On: day.MustParse("2021-06-10"), At: "09:00", Minutes: 120, Places: 5,
		})
		return err
	})
	return id
}

// registered is a case that was only reported: nobody found it true yet.
func (w *world) registered(project int) (id db.ID) {
	w.t.Helper()
	w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = w.Cases.RegisterIn(ctx, tx, w.District(w.Projects[project].Division), supervision.Fault{
			Channel: supervision.PublicReport, Project: w.Projects[project].Code, Violation: "Q03", Facts: secret, Spot: "二单元701室", FoundOn: tx.Today(),
		})
		return err
	})
	return id
}

// ordered finds a case true, by two persons, and orders that it be mended.
func (w *world) ordered(id db.ID, project int) {
	w.t.Helper()
	first, second := w.District(w.Projects[project].Division), w.District(w.Projects[project].Division)
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		take := func() supervision.Take {
			c, err := casework.Find(ctx, tx, supervision.CaseMachine, id)
			if err != nil {
				w.t.Fatal(err)
			}
			return supervision.Take{ID: id, Version: c.Version, Note: secret}
		}
		if err := w.Cases.VerifyIn(ctx, tx, first, take(), supervision.Finding{}); err != nil {
			return err
		}
		if err := w.Cases.ConfirmIn(ctx, tx, second, take()); err != nil {
			return err
		}
		return w.Cases.OrderIn(ctx, tx, first, take(), supervision.Order{Class: "deadline"})
	})
}

func (w *world) ask(s feed.Scope, read func(context.Context, *db.Tx, feed.Scope) ([]feed.Item, error)) (items []feed.Item) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
		if err := w.Check(ctx, tx, &s); err != nil {
			return err
		}
		items, err = read(ctx, tx, s)
		return err
	})
	return items
}
