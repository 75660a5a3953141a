package identity_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
)

// TestRevokingRacesWithWriting is SES-3: once the end was acknowledged, nothing
// of that session commits.
func TestRevokingRacesWithWriting(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		for i := range 40 {
			who, boss := w.actor(f.sys), w.actor(f.sec1)
			var ended, wrote int64
			var seq atomic.Int64
			var wg sync.WaitGroup
			wg.Go(func() {
				err := w.s.DB.Write(w.Context(), func(tx *db.Tx) error {
					wrote = 0
					if _, err := w.s.Recheck(w.Context(), tx, who); err != nil {
						return err
					}
					_, err := tx.Exec(w.Context(), `INSERT INTO meta (key, value) VALUES ($1, 'x')`, fmt.Sprint("race", i))
					wrote = seq.Add(1) // before the commit, so before the end can be acknowledged
					return err
				})
				if err != nil {
					wrote = 0
					w.wantRule(err, "session.ended")
				}
			})
			wg.Go(func() {
				if err := w.s.EndSession(w.Context(), boss, who.Session); err != nil {
					t.Error(err)
				}
				ended = seq.Add(1)
			})
			wg.Wait()
			if wrote > ended {
				t.Fatalf("run %d: a write came after the acknowledged end", i)
			}
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		alive := func(want bool) {
			t.Helper()
			_, err := w.s.Signed(w.Context(), f.sys.token)
			if (err == nil) != want {
				t.Errorf("at %v the session lives: %v, want %v (%v)", w.now, err == nil, want, err)
			}
		}
		w.signIn(f.sys, home)
		w.now = w.now.Add(15*time.Minute - time.Millisecond)
		alive(true) // and moves the idle time
		w.now = w.now.Add(15 * time.Minute)
		alive(false)

		w.signIn(f.sys, home)
		began := w.now
		for w.now.Sub(began) < 12*time.Hour-10*time.Minute {
			w.now = w.now.Add(10 * time.Minute)
			alive(true)
		}
		w.now = began.Add(12 * time.Hour)
		alive(false) // absolute end, however busy

		w.signIn(f.sys, home)
		old := f.sys.token
		w.signIn(f.sys, home)
		_, err := w.s.Signed(w.Context(), old)
		w.wantRule(err, "session.ended") // one session of staff at a time
		alive(true)
		w.must(w.s.SignOut(w.Context(), home, f.sys.token))
		alive(false)
		w.must(w.s.SignOut(w.Context(), home, f.sys.token))

		w.signIn(f.sys, home)
		w.now = w.now.Add(-time.Hour)
		alive(false) // a clock that went back fails safe
	})
}

func TestStepUpIsShortAndRenewsTheToken(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		w.signIn(f.sec1, home)
		who, err := w.s.Signed(w.Context(), f.sec1.token)
		w.must(err)
		if who.StepUp.IsZero() {
			t.Error("a second factor given a moment ago is fresh")
		}
		w.now = w.now.Add(5 * time.Minute)
		who, err = w.s.Signed(w.Context(), f.sec1.token)
		w.must(err)
		if !who.StepUp.IsZero() {
			t.Error("five minutes later it is not")
		}
		_, err = w.s.Invite(w.Context(), who, identity.Invite{Role: authz.Association, Scope: authz.Scope{Division: city}, To: until})
		if fault.From(err).Kind != fault.StepUp {
			t.Errorf("granting without step-up: %v", err)
		}
		_, err = w.s.StepUp(w.Context(), home, f.sec1.token, "000000")
		w.wantRule(err, "identity.second")
		fresh, err := w.s.StepUp(w.Context(), home, f.sec1.token, w.totp(f.sec1.secret))
		w.must(err)
		_, err = w.s.Signed(w.Context(), f.sec1.token)
		w.wantRule(err, "session.ended") // the old token is dead
		if who, err = w.s.Signed(w.Context(), fresh); err != nil || who.StepUp.IsZero() {
			t.Errorf("after the step-up: %+v, %v", who, err)
		}
	})
}

func TestNoWriteAfterTheSessionEnded(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		who := w.actor(f.sys)
		w.must(w.s.EndSession(w.Context(), w.actor(f.sec1), who.Session))
		err := w.s.DB.Write(w.Context(), func(tx *db.Tx) error {
			_, err := w.s.Recheck(w.Context(), tx, who)
			return err
		})
		w.wantRule(err, "session.ended")
	})
}

func TestSecretsAreNotInTheTables(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		for _, secret := range []string{f.sys.token, f.sys.secret, f.sys.number, password, f.sys.device, "13800001111"} {
			for _, where := range []string{
				`SELECT COUNT(*) FROM identity_person WHERE display LIKE $1`,
				`SELECT COUNT(*) FROM identity_account WHERE login || password || reason LIKE $1`,
				`SELECT COUNT(*) FROM audit_event WHERE kind || object || detail || request LIKE $1`,
				`SELECT COUNT(*) FROM identity_session WHERE addr || agent LIKE $1`,
			} {
				if w.count(where, "%"+secret+"%") != 0 {
					t.Errorf("%q stands in the clear: %s", secret, where)
				}
			}
		}
	})
}

func TestIdleAccountsAreDisabled(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		w.now = w.now.Add(91 * 24 * time.Hour)
		w.signInRenewed(f.sec1)
		n, err := w.s.Sweep(w.Context())
		w.must(err)
		if n.Idle != 3 {
			t.Errorf("%d accounts disabled, want 3 of 4", n.Idle)
		}
		_, err = w.s.SignIn(w.Context(), home, f.sys.login, password)
		w.wantRule(err, "identity.signin")
	})
}
