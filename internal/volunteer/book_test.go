package volunteer_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/rulebook"
	"juli/internal/volunteer"
	"juli/rulebooks"
)

func shippedText(t *testing.T) string {
	t.Helper()
	text, err := rulebooks.Files.ReadFile("volunteer/harbin.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestWhatACitySetsForVolunteersHolds: terms and limits are the rulebook's, a city
// without one has those of the shipped one.
func TestWhatACitySetsForVolunteersHolds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		text := shippedText(t)
		file, err := volunteer.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			b, err := w.svc.Books.InForce(ctx, tx, tx.Today())
			if err != nil {
				return err
			}
			own := *b
			own.Title = file.Title
			if !reflect.DeepEqual(own, *file) {
				t.Errorf("without a rulebook %+v, shipped is %+v", own, *file)
			}
			return nil
		})
		for from, to := range map[string]string{"day_minutes: {value: 720": "day_minutes: {value: 150", "beyond_minutes: {value: 60": "beyond_minutes: {value: 20", "ahead_days: {value: 366": "ahead_days: {value: 30", "note: {value: 5d": "note: {value: 2d", "confirm: {value: 5wd": "confirm: {value: 3d", "accept: {value: 5wd": "accept: {value: 2d"} {
			if !strings.Contains(text, from) {
				t.Fatalf("no %q", from)
			}
			text = strings.Replace(text, from, to, 1)
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := (&rulebook.Service{DB: w.DB, Kinds: rulebook.KindsOf(volunteer.Kind())}).InstallIn(ctx, tx, authz.System("test"), []byte(text))
			return err
		})
		ann := w.enter("张三丰", "13800000001")
		call := w.call(3)
		w.wantDue(volunteer.CallMachine, call, "2021-06-12")
		far := volunteer.Call{Division: w.callOf(call).Division, Title: "扫雪", Task: "扫雪", Place: "门前", On: w.Today().AddDays(31), Minutes: 120, Places: 2}
		publish := func(ctx context.Context, tx *db.Tx) error {
			_, err := w.svc.PublishIn(ctx, tx, w.community, far)
			return err
		}
		w.refused("too early", "volunteer.call", publish)
		far.On, far.Minutes = w.Today().AddDays(30), 151
		w.refused("too long", "volunteer.call", publish)
		far.Minutes = 150
		if err := w.try(publish); err != nil {
			t.Error(err)
		}
		if err := w.signUp(call, "张三丰", "13800000001"); err != nil {
			t.Fatal(err)
		}
		if err := w.signUp(call, "王五", "13800000003"); err != nil {
			t.Fatal(err)
		}
		for _, x := range w.signedUp(call) {
			if x.ID != ann {
				w.wantDue(volunteer.RosterMachine, x.ID, w.Today().AddDays(2).String())
			}
		}
		w.on(w.On("2021-06-10"))
		hold := func(minutes int64) func(context.Context, *db.Tx) error {
			return func(ctx context.Context, tx *db.Tx) error {
				return w.svc.HoldIn(ctx, tx, w.community, w.take(call), map[db.ID]int64{ann: minutes})
			}
		}
		w.refused("longer than the rulebook allows", "volunteer.minutes", hold(141))
		if err := w.try(hold(140)); err != nil {
			t.Fatal(err)
		}
		w.wantDue(volunteer.CallMachine, call, "2021-06-15") // the 13th is a Sunday, the 14th a holiday
	})
}

func (w *world) callOf(id db.ID) (c volunteer.Call) {
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
		c, err = w.svc.Call(ctx, tx, id)
		return err
	})
	return c
}

func (w *world) wantDue(m *casework.Machine, id db.ID, due string) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) error {
		c, err := casework.Find(ctx, tx, m, id)
		if c.Due != day.MustParse(due) {
			w.t.Errorf("%s is due on %s, want %s", c.Title, c.Due, due)
		}
		return err
	})
}

// TestARulebookOfVolunteersWithoutATermIsRefused says with which key.
func TestARulebookOfVolunteersWithoutATermIsRefused(t *testing.T) {
	for from, to := range map[string]string{"note: {value: 5d": "note: {value: 0d", "day_minutes: {value: 720": "day_minutes: {value: 1441", "ahead_days:": "ahead:", "kind: volunteer": "kind: deed"} {
		if _, err := volunteer.Parse([]byte(strings.Replace(shippedText(t), from, to, 1))); err == nil {
			t.Errorf("%q is taken", to)
		}
	}
}
