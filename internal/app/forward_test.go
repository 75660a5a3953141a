package app_test

import (
	"testing"
	"time"

	"juli/internal/app"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// TestADemoCityGoesForwardDayByDay: what falls due in the days that are skipped
// is done as if they had been lived, each term on the day after its last.
func TestADemoCityGoesForwardDayByDay(t *testing.T) {
	const days = 10
	tn := newTown(t)
	type term struct {
		id  int64
		due day.Date
	}
	scan := func(row db.Scanner) (x term, err error) { return x, row.Scan(&x.id, &x.due) }
	start := day.FromTime(tn.DB.Now())
	var replies []term // of enterprises, which run out by the calendar alone
	read := func(fn func(tx *db.Tx) error) {
		t.Helper()
		if err := tn.DB.Read(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	read(func(tx *db.Tx) (err error) {
		replies, err = db.All(t.Context(), tx, scan, `SELECT id, due FROM casework_case WHERE (machine = 'credit_record' AND state = 'noticed' OR machine = 'supervision_plea' AND state = 'open' OR machine = 'supervision_case' AND state = 'ordered') AND due >= $1 AND due < $2 ORDER BY id`, start, start.AddDays(days))
		return err
	})
	if len(replies) < 3 {
		t.Fatalf("only %d terms run out in the next %d days", len(replies), days)
	}
	var seen []day.Date
	if err := tn.Forward(t.Context(), days, func(d day.Date) { seen = append(seen, d) }); err != nil {
		t.Fatal(err)
	}
	if len(seen) != days || seen[0] != start.AddDays(1) || seen[days-1] != start.AddDays(days) {
		t.Errorf("from %s, %d days went by: %v", start, days, seen)
	}
	read(func(tx *db.Tx) error {
		for _, x := range replies {
			at, done, err := db.One(t.Context(), tx, func(row db.Scanner) (ms int64, err error) { return ms, row.Scan(&ms) }, `SELECT at FROM casework_step WHERE case_id = $1 AND system <> '' AND at > $2 ORDER BY version LIMIT 1`, x.id, start.AddDays(1).Time().UnixMilli())
			if err != nil {
				return err
			}
			if on := day.FromTime(time.UnixMilli(at)); !done || on != x.due.AddDays(1) {
				t.Errorf("a term until %s was ended on %s (%v)", x.due, on, done)
			}
		}
		n, err := db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM audit_event WHERE kind = 'city.forwarded'`)
		if n != days {
			t.Errorf("the audit log tells of %d days", n)
		}
		return err
	})
	for _, n := range []int{0, -1, 367} {
		if err := tn.Forward(t.Context(), n, func(day.Date) {}); !fault.Is(err, "app.forward") {
			t.Errorf("%d days: %v", n, err)
		}
	}
}

func TestARealCityIsNotMovedForward(t *testing.T) {
	a, err := app.Open(t.Context(), townConfig(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if err := a.Forward(t.Context(), 1, func(day.Date) {}); !fault.Is(err, "db.demo") {
		t.Errorf("a real city: %v", err)
	}
}
