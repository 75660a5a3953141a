package listing_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"strings"
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
	"juli/internal/listing"
	"juli/internal/money"
	"juli/internal/rulebook"
	"juli/rulebooks"
)

// A world is a town with its rulebooks and the people who make a list.
type world struct {
	t     *testing.T
	tn    *town.Town
	on    day.Date
	db    *db.DB
	files *blob.Store

	visits []listing.Inspected
	cases  []listing.Cased

	maker, checker, nangang, nangang2, daoli, street, guild, jia, yi authz.Actor
}

// newWorld makes one; edits are pairs of old and new text in the lists' rulebook.
func newWorld(t *testing.T, d *db.DB, edits ...string) *world {
	t.Helper()
	w := &world{t: t, tn: town.New(t, d), db: d, on: day.MustParse("2021-08-02")}
	install := &rulebook.Service{DB: d, Kinds: rulebook.KindsOf(credit.Kind(), listing.Kind())}
	for _, name := range []string{"credit/harbin-2021.yaml", "listing/harbin-2021.yaml"} {
		text, err := rulebooks.Files.ReadFile(name)
		w.check(err)
		if strings.HasPrefix(name, "listing") {
			text = []byte(strings.NewReplacer(edits...).Replace(string(text)))
		}
		w.check(d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := install.InstallIn(t.Context(), tx, authz.System("install"), text)
			return err
		}))
	}
	var err error
	w.files, err = blob.At(t.TempDir())
	w.check(err)
	t.Cleanup(func() { w.files.Close() })
	w.maker, w.checker = w.tn.Fresh(w.tn.City()), w.tn.Fresh(w.tn.City())
	w.nangang, w.nangang2, w.daoli = w.tn.District(town.Huayuan), w.tn.District(town.Huayuan), w.tn.District(town.Daoli)
	w.street, w.guild, w.jia, w.yi = w.tn.Street(town.Huayuan), w.tn.Association(), w.tn.Firm(w.tn.Jia.USCC), w.tn.Firm(w.tn.Yi.USCC)
	return w
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err, fault.From(err))
	}
}

// do acts on the world's day and gives the error back.
func (w *world) do(act func(ctx context.Context, tx *db.Tx, s *listing.Service) error) error {
	w.t.Helper()
	d := dbtest.Clock(w.db, w.on.String())
	books := &credit.Books{City: "2301"}
	s := &listing.Service{
		DB: d, City: "2301", Books: &listing.Books{City: "2301"}, Evaluations: &credit.Evaluations{DB: d, City: "2301", Books: books}, Records: &credit.Records{DB: d, Books: books.InForce},
		Inspections: func(context.Context, *db.Tx, day.Date, day.Date) ([]listing.Inspected, error) { return w.visits, nil },
		Cases: func(context.Context, *db.Tx, day.Date, day.Date, []string) ([]listing.Cased, error) {
			return w.cases, nil
		},
	}
	return d.Write(w.t.Context(), func(tx *db.Tx) error { return act(w.t.Context(), tx, s) })
}

func (w *world) must(act func(ctx context.Context, tx *db.Tx, s *listing.Service) error) {
	w.t.Helper()
	if err := w.do(act); err != nil {
		w.t.Fatal(err, fault.From(err).Fields)
	}
}

func (w *world) refused(rule string, act func(ctx context.Context, tx *db.Tx, s *listing.Service) error) {
	w.t.Helper()
	if err := w.do(act); !fault.Is(err, rule) {
		w.t.Fatalf("got %v, want %s", err, rule)
	}
}

// inspected says what inspections found of a project.
func (w *world) inspected(project int, score int64) {
	w.visits = append(w.visits, listing.Inspected{Project: w.tn.Projects[project].Code, Made: 3, Score: money.Points(score) * money.Point})
}

func (w *world) papers(ctx context.Context, tx *db.Tx) []db.ID {
	w.t.Helper()
	var b bytes.Buffer
	w.check(png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))))
	f, err := w.files.Put(ctx, tx, "整改照片.png", &b)
	w.check(err)
	return []db.ID{f.ID}
}

// at is an act on a case as it stands now.
func at(ctx context.Context, tx *db.Tx, m *casework.Machine, id db.ID, note string) listing.Take {
	c, err := casework.Find(ctx, tx, m, id)
	if err != nil {
		panic(err)
	}
	return listing.Take{ID: id, Version: c.Version, Note: note}
}

func batchAt(ctx context.Context, tx *db.Tx, id db.ID) listing.Take {
	return at(ctx, tx, listing.BatchMachine, id, "")
}

// seenAt is publishing by who read the replies.
func seenAt(ctx context.Context, tx *db.Tx, id db.ID) listing.Take {
	t := batchAt(ctx, tx, id)
	t.Seen = true
	return t
}

func entryAt(ctx context.Context, tx *db.Tx, id db.ID, note string) listing.Take {
	return at(ctx, tx, listing.EntryMachine, id, note)
}

// collected opens a batch and finds its candidates, by name.
func (w *world) collected(sides listing.Side) (listing.Batch, map[string]listing.Entry) {
	w.t.Helper()
	var b listing.Batch
	found := map[string]listing.Entry{}
	w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) (err error) {
		if b, err = s.OpenIn(ctx, tx, w.maker, listing.Opening{Sides: sides, Theme: "DAILY", From: w.on.AddMonths(-2), To: w.on, Media: "哈尔滨日报"}); err != nil {
			return err
		}
		if _, err = s.CollectIn(ctx, tx, w.maker, b.ID); err != nil {
			return err
		}
		list, err := s.Entries(ctx, tx, w.maker, listing.Query{Batch: b.ID, State: listing.Candidate, Limit: 100})
		for _, e := range list {
			found[e.Name] = e
		}
		return err
	})
	return b, found
}

// sent takes candidates and sends them to their districts.
func (w *world) sent(b listing.Batch, entries ...listing.Entry) {
	w.t.Helper()
	w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		var ids []db.ID
		for _, e := range entries {
			ids = append(ids, e.ID)
		}
		if err := s.TakeIn(ctx, tx, w.maker, b.ID, ids); err != nil {
			return err
		}
		if _, err := s.ScoreIn(ctx, tx, w.maker, batchAt(ctx, tx, b.ID)); err != nil {
			return err
		}
		_, err := s.SendIn(ctx, tx, w.maker, batchAt(ctx, tx, b.ID))
		return err
	})
}

// confirmed has each district confirm its entries.
func (w *world) confirmed(entries ...listing.Entry) {
	w.t.Helper()
	w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		for _, e := range entries {
			who := w.nangang2
			if e.Division.Up(3) == "230102" {
				who = w.daoli
			}
			if _, err := s.ReviewIn(ctx, tx, who, entryAt(ctx, tx, e.ID, ""), true); err != nil {
				return err
			}
		}
		return nil
	})
}

// published lets the terms of reply run out and has two persons publish.
func (w *world) published(b listing.Batch) listing.Batch {
	w.t.Helper()
	w.on = w.on.AddDays(14)
	w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) (err error) {
		if _, _, err = s.AdvanceIn(ctx, tx); err != nil {
			return err
		}
		if _, err = s.ApproveIn(ctx, tx, w.maker, batchAt(ctx, tx, b.ID)); err != nil {
			return err
		}
		b, err = s.PublishIn(ctx, tx, w.checker, seenAt(ctx, tx, b.ID))
		return err
	})
	return b
}

// black publishes a batch that names one project of 花园小区 as black.
func (w *world) black() (listing.Batch, listing.Entry) {
	w.t.Helper()
	b, found := w.collected(listing.Both)
	e := found["花园小区"]
	w.sent(b, e)
	w.confirmed(e)
	return w.published(b), w.entry(e.ID)
}

func (w *world) entry(id db.ID) (e listing.Entry) {
	w.t.Helper()
	w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) (err error) {
		e, err = s.Entry(ctx, tx, w.maker, id)
		return err
	})
	return e
}
