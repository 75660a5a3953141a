package identity_test

import (
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/fault"
	"juli/internal/identity"
)

func TestRecoveryNeverSkipsTheSecondFactor(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		clerk := f.official(district, false)
		rc, err := w.s.Recover(w.Context(), w.actor(f.sec1), clerk.account, "手机丢失")
		w.must(err)
		if rc.Code != "" {
			t.Fatal("an official's recovery needs a second person")
		}
		_, err = w.s.Recover(w.Context(), w.actor(f.sec1), clerk.account, "again")
		w.wantRule(err, "identity.recovering")
		_, err = w.s.ApproveRecovery(w.Context(), w.actor(f.sec1), rc.ID)
		w.wantRule(err, "authz.same-person")
		rc, err = w.s.ApproveRecovery(w.Context(), w.actor(f.sec2), rc.ID)
		w.must(err)
		_, err = w.s.ApproveRecovery(w.Context(), w.actor(f.sec2), rc.ID)
		w.wantRule(err, "identity.decided")
		_, err = w.s.Invited(w.Context(), home, rc.Code)
		w.wantRule(err, "identity.code") // the hold of a day
		if n := w.count(`SELECT COUNT(*) FROM notify_message WHERE kind = 'identity.recovery'`); n != 1 {
			t.Errorf("%d notices to the old channel", n)
		}
		w.now = rc.Opens
		old := clerk.secret
		j := identity.Joining{Code: rc.Code, Name: "王小明", Number: w.number(), Password: "Another-Horse-88-Staple"}
		_, err = w.s.Join(w.Context(), home, j)
		if e := fault.From(err); e == nil || e.Fields["number"] == "" {
			t.Errorf("recovery with another's number: %v", err)
		}
		j.Number = clerk.number
		e, err := w.s.Join(w.Context(), home, j)
		w.must(err)
		if e.Secret == "" || e.Secret == old || e.Progress.Session != "" {
			t.Fatal("recovery skips the second factor")
		}
		p, err := w.s.Enrol(w.Context(), home, e.Challenge, w.totp(e.Secret))
		w.must(err)
		_, err = w.s.Signed(w.Context(), p.Session)
		w.must(err)
		if n := w.count(`SELECT COUNT(*) FROM identity_recovery WHERE state = 'done'`); n != 1 {
			t.Error("the recovery is not done")
		}

		// the owner objects to another one
		w.now = w.now.Add(time.Hour)
		rc, err = w.s.Recover(w.Context(), w.actor(f.sec2), f.audit.account, "x")
		w.must(err)
		w.must(w.s.CancelRecovery(w.Context(), w.actor(f.audit), rc.ID))
		_, err = w.s.ApproveRecovery(w.Context(), w.actor(f.sec1), rc.ID)
		w.wantRule(err, "identity.decided")
	})
}

func TestAResidentNeedsNoSecondFactor(t *testing.T) {
	each(t, func(w *world) {
		inv, err := w.s.Invite(w.Context(), authz.System("test"), identity.Invite{Login: "resident", Role: authz.Owner, Scope: authz.Scope{Project: project}, To: until})
		w.must(err)
		_, err = w.s.Join(w.Context(), home, identity.Joining{Code: inv.Code, Name: "赵六", Password: "12345678"})
		w.wantRule(err, "identity.password")
		e, err := w.s.Join(w.Context(), home, identity.Joining{Code: inv.Code, Name: "赵六", Password: "cloudy-pines-by-the-river"})
		w.must(err)
		who, err := w.s.Signed(w.Context(), e.Progress.Session)
		w.must(err)
		if e.Secret != "" || !who.Has(authz.Owner) || who.Second || who.Name != "赵*" {
			t.Errorf("the resident is %+v", who)
		}
		w.now = w.now.Add(29 * time.Minute)
		if who, err = w.s.Signed(w.Context(), e.Progress.Session); err != nil {
			t.Errorf("after 29 minutes: %v", err)
		}
		p, err := w.s.SignIn(w.Context(), home, "resident", "cloudy-pines-by-the-river")
		w.must(err)
		if p.Session == "" || p.Need != identity.NeedNothing {
			t.Errorf("signing in: %+v", p)
		}

		// a staff role is not reached by the password: the account is invited again
		f := found(w)
		_, err = w.s.Propose(w.Context(), w.actor(f.sec1), identity.GrantRequest{Account: who.Account, Role: authz.Committee, Scope: authz.Scope{Project: project}, To: until})
		w.must(err)
		if who, err = w.s.Signed(w.Context(), p.Session); err != nil || who.Has(authz.Committee) {
			t.Errorf("the committee's seat with a password alone: %+v, %v", who, err)
		}
		_, err = w.s.SignIn(w.Context(), home, "resident", "cloudy-pines-by-the-river")
		w.wantRule(err, "identity.need-second")
		inv, err = w.s.InviteAgain(w.Context(), w.actor(f.sec1), who.Account)
		w.must(err)
		member := w.join(inv.Code, w.number())
		if who := w.actor(member); !who.Has(authz.Committee) || !who.Has(authz.Owner) || !who.Second {
			t.Errorf("after enrolling: %+v", who)
		}
	})
}
