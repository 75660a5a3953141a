package identity_test

import (
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/identity"
)

// TestAJoiningThatWasStoppedStaysStopped: a code that was typed in time gives
// nothing once it is cancelled, replaced, used, or its account closed.
func TestAJoiningThatWasStoppedStaysStopped(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		boss := f.staff(authz.Enterprise, authz.Scope{Enterprise: firm}, true)
		invite := func() identity.Invited {
			inv, err := w.s.Invite(w.Context(), w.actor(boss), identity.Invite{Role: authz.Enterprise, Scope: authz.Scope{Enterprise: firm}, To: until})
			w.must(err)
			return inv
		}
		begin := func(code, number string) identity.Enrolment {
			e, err := w.s.Join(w.Context(), home, identity.Joining{Code: code, Name: "王小明", Number: number, Password: "Another-Horse-88-Staple"})
			w.must(err)
			return e
		}
		stopped := func(what string, e identity.Enrolment) {
			t.Helper()
			p, err := w.s.Enrol(w.Context(), home, e.Challenge, w.totp(e.Secret))
			if err == nil || p.Session != "" {
				t.Errorf("%s: the joining went on", what)
			}
		}

		member := w.join(invite().Code, w.number())
		rc, err := w.s.Recover(w.Context(), w.actor(boss), member.account, "手机丢失")
		w.must(err)
		e := begin(rc.Code, member.number)
		w.must(w.s.CancelRecovery(w.Context(), w.actor(member), rc.ID))
		stopped("a recovery that its owner cancelled", e)
		if n := w.count(`SELECT COUNT(*) FROM identity_recovery WHERE state = 'cancelled'`); n != 1 {
			t.Error("the recovery is not cancelled any more")
		}
		w.actor(member)

		inv := invite()
		e = begin(inv.Code, w.number())
		_, err = w.s.InviteAgain(w.Context(), w.actor(boss), inv.Account)
		w.must(err)
		stopped("an invitation made anew", e)

		inv = invite()
		e = begin(inv.Code, w.number())
		w.must(w.s.Suspend(w.Context(), w.actor(boss), inv.Account, "停用"))
		w.must(w.s.Resume(w.Context(), w.actor(boss), inv.Account, "恢复"))
		stopped("an account that was suspended", e)

		inv = invite()
		e = begin(inv.Code, w.number())
		w.must(w.s.Revoke(w.Context(), w.actor(boss), inv.Grant, "不再需要"))
		stopped("a grant that was revoked", e)
		_, err = w.s.Invited(w.Context(), home, inv.Code)
		w.wantRule(err, "identity.code") // nothing is left to join for

		inv = invite()
		_, err = w.s.Propose(w.Context(), w.actor(boss), identity.GrantRequest{Account: inv.Account, Role: authz.ProjectManager, Scope: authz.Scope{Enterprise: firm, Project: project}, To: until})
		w.must(err)
		e = begin(inv.Code, w.number())
		w.must(w.s.Revoke(w.Context(), w.actor(boss), inv.Grant, "不再需要"))
		stopped("one of two grants that was revoked", e)
		w.join(inv.Code, w.number()) // for the other one

		inv = invite()
		e = begin(inv.Code, w.number())
		second := begin(inv.Code, w.number())
		_, err = w.s.Enrol(w.Context(), home, e.Challenge, w.totp(e.Secret))
		w.must(err)
		stopped("a second joining by the same code", second)

		inv = invite()
		w.now = inv.Ends.Add(-time.Minute)
		e = begin(inv.Code, w.number())
		w.now = inv.Ends.Add(time.Second)
		stopped("a joining after the code's last minute", e)
	})
}

// TestASuspendedAccountEntersByNoHalfDoneSignIn: what was begun before the
// suspension is dead, also after the account was resumed.
func TestASuspendedAccountEntersByNoHalfDoneSignIn(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		clerk := f.official(district, false)
		p, err := w.s.SignIn(w.Context(), home, clerk.login, password)
		w.must(err)
		w.must(w.s.Suspend(w.Context(), w.actor(f.sec1), clerk.account, "停用"))
		w.must(w.s.Resume(w.Context(), w.actor(f.sec1), clerk.account, "恢复"))
		_, err = w.s.SignInSecond(w.Context(), home, p.Challenge, w.totp(clerk.secret))
		w.wantRule(err, "identity.challenge")

		w.must(w.s.DB.Write(w.Context(), func(tx *db.Tx) error { // a password that grew too old
			_, err := tx.Exec(w.Context(), `UPDATE identity_account SET password_real = 0 WHERE id = $1`, clerk.account)
			return err
		}))
		p, err = w.s.SignIn(w.Context(), home, clerk.login, password)
		w.must(err)
		w.now = w.now.Add(31 * time.Second)
		p, err = w.s.SignInSecond(w.Context(), home, p.Challenge, w.totp(clerk.secret))
		w.must(err)
		if p.Need != identity.NeedRenewal {
			t.Fatalf("an old password: %+v", p)
		}
		w.must(w.s.Suspend(w.Context(), w.actor(f.sec1), clerk.account, "停用"))
		_, err = w.s.RenewPassword(w.Context(), home, p.Challenge, "Another-Horse-88-Staple")
		w.wantRule(err, "identity.challenge")
		if n := w.count(`SELECT COUNT(*) FROM identity_session WHERE account_id = $1 AND ended_real = 0`, clerk.account); n != 0 {
			t.Errorf("%d sessions of a suspended account", n)
		}
	})
}
