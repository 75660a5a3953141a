package identity_test

import (
	"context"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/identity"
)

func TestHandingOver(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		boss := f.official(district, true)
		leaver, heir, stranger := f.official(district, false), f.official(district, false), f.official("230108", false)
		var moved []db.ID
		w.s.OnHandover = func(_ context.Context, _ *db.Tx, _ authz.Actor, from db.ID, to authz.Actor, _ string) (int, error) {
			moved = append(moved, from, to.Account)
			return 3, nil
		}
		_, err := w.s.HandOver(w.Context(), w.actor(boss), identity.Handover{From: leaver.account, To: stranger.account})
		w.wantRule(err, "identity.successor")
		_, err = w.s.HandOver(w.Context(), w.actor(heir), identity.Handover{From: leaver.account, To: heir.account})
		w.wantRule(err, "authz.denied")
		results, ok, err := w.s.PeopleRows(w.Context(), w.actor(boss), []identity.PeopleRow{{Login: leaver.login, Act: "leave", To: heir.login, Reason: "退休"}}, false)
		w.must(err)
		if !ok || len(moved) != 2 || moved[0] != leaver.account || moved[1] != heir.account {
			t.Errorf("results %+v, moved %v", results, moved)
		}
		_, err = w.s.Signed(w.Context(), leaver.token)
		w.wantRule(err, "session.ended")
		if w.events("identity.handed-over") != 1 || w.events("identity.suspended") != 1 {
			t.Error("the handover leaves its events")
		}
	})
}

func TestADeputyStandsInForItsTime(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		boss, deputy := f.official(district, true), f.official(district, false)
		stale, err := w.s.Signed(w.Context(), w.stale(boss))
		w.must(err)
		from := w.today().AddDays(1)
		_, err = w.s.Deputise(w.Context(), stale, identity.Deputising{Deputy: deputy.account, From: from, To: from, Reason: "年休假"})
		w.wantRule(err, "authz.step-up")
		w.now = w.now.Add(time.Hour)
		ids, err := w.s.Deputise(w.Context(), w.actor(boss), identity.Deputising{Deputy: deputy.account, From: from, To: from.AddDays(6), Reason: "年休假"})
		w.must(err)
		_, err = w.s.Deputise(w.Context(), w.actor(boss), identity.Deputising{Deputy: deputy.account, From: from.AddDays(6), To: from.AddDays(9), Reason: "年休假"})
		w.wantRule(err, "identity.deputy-twice")
		absent, stands := w.actor(boss), w.actor(deputy)
		w.read(func(ctx context.Context, tx *db.Tx) error {
			mine, err := w.s.Deputies(ctx, tx, absent)
			if err != nil || len(mine) != 1 || !mine[0].Mine || mine[0].HasBegun || mine[0].Reason != "年休假" {
				t.Errorf("who went on leave sees %+v, %v", mine, err)
			}
			theirs, err := w.s.Deputies(ctx, tx, stands)
			if err != nil || len(theirs) != 1 || theirs[0].Mine || theirs[0].Grant.Deputy != boss.account {
				t.Errorf("the deputy sees %+v, %v", theirs, err)
			}
			near, err := w.s.Colleagues(ctx, tx, absent)
			if err != nil || len(near) != 1 || near[0].Account != deputy.account {
				t.Errorf("colleagues %+v, %v", near, err)
			}
			return err
		})
		deputised := func() (n int) {
			for _, g := range w.actor(deputy).Grants {
				if g.Deputy == boss.account {
					if g.Manager {
						t.Error("a deputy manages people")
					}
					n++
				}
			}
			return n
		}
		if deputised() != 0 {
			t.Error("it holds before the first day")
		}
		w.now = w.now.Add(24 * time.Hour)
		if who := w.actor(deputy); !who.StandsFor(boss.account) || who.StandsFor(f.sec1.account) {
			t.Error("the deputy does what the absent one claimed, and nobody else's")
		}
		if len(ids) != 1 || deputised() != 1 {
			t.Errorf("on the first day %d deputised grants", deputised())
		}
		w.now = w.now.Add(7 * 24 * time.Hour)
		if deputised() != 0 {
			t.Error("it holds after the last day")
		}
		_, err = w.s.Deputise(w.Context(), w.actor(f.sys), identity.Deputising{Deputy: f.audit.account, From: w.today(), To: w.today(), Reason: "年休假"})
		w.wantRule(err, "identity.deputy-admin")
		_, err = w.s.Deputise(w.Context(), w.actor(boss), identity.Deputising{Deputy: f.sec1.account, From: w.today(), To: w.today(), Reason: "年休假"})
		w.wantRule(err, "identity.deputy")

		ids, err = w.s.Deputise(w.Context(), w.actor(boss), identity.Deputising{Deputy: deputy.account, From: w.today(), To: w.today(), Reason: "年休假"})
		w.must(err)
		w.must(w.s.EndDeputy(w.Context(), w.actor(deputy), ids[0]))
		if deputised() != 0 {
			t.Error("it holds after its end")
		}
	})
}
