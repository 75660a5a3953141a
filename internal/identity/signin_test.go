package identity_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
)

func TestTheFirstFourPersons(t *testing.T) {
	each(t, func(w *world) {
		first, err := w.s.Init(w.Context(), city)
		w.must(err)
		again, err := w.s.Init(w.Context(), city)
		w.must(err)
		if len(first) != 4 || len(again) != 4 {
			t.Fatalf("%d and %d codes, want 4", len(first), len(again))
		}
		_, err = w.s.Invited(w.Context(), home, first[0].Code)
		w.wantRule(err, "identity.code") // the newer code killed it

		w.now = w.now.Add(24*time.Hour + time.Second)
		_, err = w.s.Invited(w.Context(), home, again[0].Code)
		w.wantRule(err, "identity.code") // a day is over
		again, err = w.s.Init(w.Context(), city)
		w.must(err)

		sys := w.join(again[0].Code, w.number())
		_, err = w.s.Init(w.Context(), city)
		w.wantRule(err, "identity.initialised")
		_, err = w.s.Invited(w.Context(), home, again[0].Code)
		w.wantRule(err, "identity.code") // used

		who := w.actor(sys)
		if !who.Has(authz.SysAdmin) || !who.Second || len(who.Grants) != 1 || who.Name != "王小明" {
			t.Errorf("the first administrator is %+v", who)
		}
		// one natural person can't take two seats (AZ-4)
		e, err := w.s.Join(w.Context(), home, identity.Joining{Code: again[1].Code, Name: "王小明", Number: sys.number, Password: password})
		w.must(err)
		_, err = w.s.Enrol(w.Context(), home, e.Challenge, w.totp(e.Secret))
		w.wantRule(err, "authz.exclusive")
		if n := w.count(`SELECT COUNT(*) FROM identity_account WHERE password <> ''`); n != 1 {
			t.Errorf("%d accounts have a password, want 1", n)
		}
	})
}

func TestSigningInNeedsBothFactors(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		p, err := w.s.SignIn(w.Context(), home, "  SECADMIN1 ", password)
		w.must(err)
		if p.Session != "" || p.Need != identity.NeedSecond {
			t.Fatalf("a password alone leads to %+v", p)
		}
		_, err = w.s.Signed(w.Context(), p.Challenge)
		w.wantRule(err, "session.ended")
		_, err = w.s.SignInSecond(w.Context(), home, p.Challenge, "000000")
		w.wantRule(err, "identity.second")
		code := w.totp(f.sec1.secret)
		full, err := w.s.SignInSecond(w.Context(), home, p.Challenge, code)
		w.must(err)
		if full.Session == "" || full.Device == "" {
			t.Fatalf("both factors lead to %+v", full)
		}
		_, err = w.s.SignInSecond(w.Context(), home, p.Challenge, code)
		w.wantRule(err, "identity.challenge") // the challenge is used up

		p, err = w.s.SignIn(w.Context(), home, "secadmin1", password)
		w.must(err)
		_, err = w.s.SignInSecond(w.Context(), home, p.Challenge, code)
		w.wantRule(err, "identity.second") // so is the code (AUT-5)

		w.now = w.now.Add(11 * time.Minute)
		_, err = w.s.SignInSecond(w.Context(), home, p.Challenge, w.totp(f.sec1.secret))
		w.wantRule(err, "identity.challenge") // and challenges end
		if w.events("identity.signed-in") == 0 || w.events("identity.second-failed") != 2 {
			t.Error("signing in and failing leave events")
		}
	})
}

func TestACodeOfTheNeighbouringStepIsGoodOnce(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		for _, tt := range []struct {
			shift time.Duration
			ok    bool
		}{{-60 * time.Second, false}, {-30 * time.Second, true}, {60 * time.Second, false}, {30 * time.Second, true}} {
			w.now = w.now.Add(10 * time.Minute).Truncate(30 * time.Second)
			p, err := w.s.SignIn(w.Context(), home, f.sys.login, password)
			w.must(err)
			code, err := identity.Code(f.sys.secret, w.now.Add(tt.shift))
			w.must(err)
			_, err = w.s.SignInSecond(w.Context(), home, p.Challenge, code)
			if (err == nil) != tt.ok {
				t.Errorf("a code of %v: %v, want good %v", tt.shift, err, tt.ok)
			}
		}
	})
}

func TestNobodyLearnsWhichAccountsExist(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		inv, err := w.s.Invite(w.Context(), w.actor(f.sec1), identity.Invite{Login: "waiting", Role: authz.Association, Scope: authz.Scope{Division: city}, To: until})
		w.must(err)
		w.must(w.s.Suspend(w.Context(), w.actor(f.sec1), inv.Account, "test"))
		var texts []string
		for _, login := range []string{"secadmin1", "nobody", "waiting", "", strings.Repeat("x", 5000)} {
			_, err := w.s.SignIn(w.Context(), home, login, "Wrong-Horse-77-Battery")
			w.wantRule(err, "identity.signin")
			texts = append(texts, err.Error())
		}
		for _, text := range texts {
			if text != texts[0] {
				t.Errorf("answers differ: %q and %q", texts[0], text)
			}
		}
	})
}

func TestGuessingEndsAndTheOwnerStillGetsIn(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		for _, login := range []string{f.sys.login, "nobody"} {
			evaluated := 0
			for i := range 12 {
				_, err := w.s.SignIn(w.Context(), identity.Origin{Addr: fmt.Sprint("198.51.100.", i)}, login, "Wrong-Horse-77-Battery")
				if fault.Is(err, "identity.signin") {
					evaluated++
				} else {
					w.wantRule(err, "identity.too-many")
				}
			}
			if evaluated != 5 {
				t.Errorf("%s: %d guesses were evaluated, want 5", login, evaluated)
			}
		}
		_, err := w.s.SignIn(w.Context(), identity.Origin{Addr: "203.0.113.9"}, f.sys.login, password)
		w.wantRule(err, "identity.too-many") // outsiders are locked out, even with the password
		known := identity.Origin{Addr: "203.0.113.9", Device: f.sys.device}
		w.signIn(f.sys, known) // the owner on a known device is not
		w.now = w.now.Add(16 * time.Minute)
		w.signIn(f.sys, identity.Origin{Addr: "203.0.113.9"}) // nor is anybody later
	})
}

func TestAnAddressMayTryAHundredTimes(t *testing.T) {
	each(t, func(w *world) {
		evaluated := 0
		for i := range 104 {
			_, err := w.s.SignIn(w.Context(), home, fmt.Sprint("user", i), "x")
			if fault.Is(err, "identity.signin") {
				evaluated++
			}
		}
		if evaluated != 100 {
			t.Errorf("%d tries evaluated, want 100", evaluated)
		}
	})
}

func TestSixCodesAreTooMany(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		p, err := w.s.SignIn(w.Context(), home, f.sys.login, password)
		w.must(err)
		for range 5 {
			_, err := w.s.SignInSecond(w.Context(), home, p.Challenge, "000000")
			w.wantRule(err, "identity.second")
		}
		_, err = w.s.SignInSecond(w.Context(), home, p.Challenge, w.totp(f.sys.secret))
		w.wantRule(err, "identity.challenge")
		p, err = w.s.SignIn(w.Context(), home, f.sys.login, password)
		w.must(err)
		_, err = w.s.SignInSecond(w.Context(), home, p.Challenge, w.totp(f.sys.secret))
		w.wantRule(err, "identity.too-many") // a new challenge brings no new tries
	})
}

func TestPasswordsOfStaffGrowOld(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		w.now = w.now.Add(89 * 24 * time.Hour)
		w.signIn(f.sys, home)
		w.now = w.now.Add(2 * 24 * time.Hour)
		p, err := w.s.SignIn(w.Context(), home, f.sys.login, password)
		w.must(err)
		p, err = w.s.SignInSecond(w.Context(), home, p.Challenge, w.totp(f.sys.secret))
		w.must(err)
		if p.Need != identity.NeedRenewal || p.Session != "" {
			t.Fatalf("after 91 days: %+v", p)
		}
		_, err = w.s.RenewPassword(w.Context(), home, p.Challenge, password)
		w.wantRule(err, "identity.password")
		p, err = w.s.RenewPassword(w.Context(), home, p.Challenge, "Another-Horse-88-Staple")
		w.must(err)
		if _, err := w.s.Signed(w.Context(), p.Session); err != nil {
			t.Error(err)
		}
	})
}

func TestChangingThePasswordEndsTheOtherSessions(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		who := w.actor(f.sys)
		w.wantRule(w.s.ChangePassword(w.Context(), home, who, "wrong", "Another-Horse-88-Staple"), "identity.reauth")
		w.wantRule(w.s.ChangePassword(w.Context(), home, who, password, "Short-1"), "identity.password")
		w.must(w.s.ChangePassword(w.Context(), home, who, password, "Another-Horse-88-Staple"))
		_, err := w.s.Signed(w.Context(), f.sys.token)
		w.must(err)
		_, err = w.s.SignIn(w.Context(), home, f.sys.login, password)
		w.wantRule(err, "identity.signin")
		if w.events("identity.password-changed") != 1 {
			t.Error("no event of the change")
		}
	})
}

func TestAnotherAuthenticatorNeedsTheOldOne(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		who := w.actor(f.sys)
		stale := who
		stale.StepUp = time.Time{}
		_, err := w.s.BeginSecond(w.Context(), home, stale, password)
		w.wantRule(err, "authz.step-up")
		e, err := w.s.BeginSecond(w.Context(), home, who, password)
		w.must(err)
		w.wantRule(w.s.ConfirmSecond(w.Context(), who, e.Challenge, "000000"), "identity.second")
		other := w.actor(f.audit)
		w.wantRule(w.s.ConfirmSecond(w.Context(), other, e.Challenge, w.totp(e.Secret)), "identity.challenge")
		w.must(w.s.ConfirmSecond(w.Context(), who, e.Challenge, w.totp(e.Secret)))
		f.sys.secret = e.Secret
		w.signIn(f.sys, home)
	})
}

// signInRenewed keeps an account from being idle, without the sign-in that idle
// accounts are refused.
func (w *world) signInRenewed(c *citizen) {
	w.Helper()
	w.must(w.s.DB.Write(w.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(w.Context(), `UPDATE identity_account SET seen_real = $2 WHERE id = $1`, c.account, db.Millis(w.now))
		return err
	}))
}
