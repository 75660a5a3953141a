package resident_test

import (
	"fmt"
	"os"
	"testing"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
)

func TestAnAccountReportsAndJoinsFiveTimesADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		others := []resident.Receipt{w.report("door", anna), w.report("door", bob)}
		rival := authz.Actor{Account: 7001, Person: 7001}
		complain := func(w *world, who authz.Actor) error {
			in := w.submission("attitude", "")
			in.Channel, in.Class, in.Account, in.Body = resident.Owner, "COMPLAINT", who.Account, "保安态度很差"
			_, err := w.Submit(t.Context(), who, in)
			return err
		}
		join := func(who authz.Actor, report db.ID) error {
			_, err := w.Join(t.Context(), who, report, who.Account, "", "")
			return err
		}
		wantRule(t, join(rival, others[0].Report), "")
		for range 4 {
			wantRule(t, complain(w, rival), "")
		}
		wantRule(t, complain(w, rival), "resident.daily")
		wantRule(t, join(rival, others[1].Report), "resident.daily")
		wantRule(t, complain(w, authz.Actor{Account: 7002, Person: 7002}), "")
		w.report("door", "13800000077") // who proves a telephone is bounded by codes
		wantRule(t, complain(w.on(w.Today().AddDays(1).String()), rival), "")
	})
}

func TestTheRulebookSaysHowOftenAnAccountReportsADay(t *testing.T) {
	text, err := os.ReadFile("../../rulebooks/resident/harbin.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for more, want := range map[string]int64{"": 5, "daily: {value: 3, mark: assumed}\n": 3, "daily: {value: 100, mark: assumed}\n": 100, "daily: {value: 0, mark: assumed}\n": 0, "daily: {value: 101, mark: assumed}\n": 0} {
		book, err := resident.Parse(fmt.Appendf(nil, "%s\n%s", text, more))
		if (err == nil) != (want > 0) || err == nil && book.Daily != want {
			t.Errorf("%q: %v", more, err)
		}
	}
}
