package identity_test

import (
	"context"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/identity"
	"juli/internal/seal"
)

const (
	city     = code.Division("2301")
	district = code.Division("230103")
	street   = code.Division("230103001")
	firm     = code.USCC("91350100M000100Y43")
	project  = "2301030010030001"
	password = "Correct-Horse-77-Battery"
)

var until = day.MustParse("2028-12-31")

// A world is a service on a clock that the test moves.
type world struct {
	*testing.T
	s   *identity.Service
	now time.Time
	n   int
}

// A citizen is somebody with an account who is signed in.
type citizen struct {
	login, secret, token, device, number string
	account                              db.ID
}

func each(t *testing.T, fn func(w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{T: t, now: time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)}
		clock := func() time.Time { return w.now }
		w.s = identity.New(d.WithClock(clock).WithRealClock(clock), seal.Ephemeral())
		fn(w)
	})
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) wantRule(err error, rule string) {
	w.Helper()
	if rule == "" && err != nil || rule != "" && !fault.Is(err, rule) {
		w.Errorf("got %v, want rule %q", err, rule)
	}
}

// number makes the next ID number.
func (w *world) number() string {
	w.n++
	body := "230103199001" + string(rune('0'+w.n/10%3)) + string(rune('1'+w.n%9)) + string(rune('0'+w.n/100%10)) + string(rune('0'+w.n/10%10)) + string(rune('0'+w.n%10))
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(body[i]-'0') * weight
	}
	return body + string("10X98765432"[sum%11])
}

func (w *world) totp(secret string) string {
	w.Helper()
	c, err := identity.Code(secret, w.now)
	w.must(err)
	return c
}

var home = identity.Origin{Addr: "192.0.2.1", Agent: "test", Request: "r"}

// join takes an account over and moves the clock to the next code.
func (w *world) join(invitation, number string) *citizen {
	w.Helper()
	e, err := w.s.Join(w.Context(), home, identity.Joining{Code: invitation, Name: "王小明", Number: number, Phone: "13800001111", Password: password})
	w.must(err)
	c := &citizen{login: e.Login, secret: e.Secret, number: number}
	p := e.Progress
	if e.Secret != "" {
		p, err = w.s.Enrol(w.Context(), home, e.Challenge, w.totp(e.Secret))
		w.must(err)
	}
	c.token, c.device, c.account = p.Session, p.Device, p.Account
	w.now = w.now.Add(31 * time.Second)
	return c
}

func (w *world) signIn(c *citizen, from identity.Origin) identity.Progress {
	w.Helper()
	w.now = w.now.Add(31 * time.Second)
	p, err := w.s.SignIn(w.Context(), from, c.login, password)
	w.must(err)
	if p.Need == identity.NeedSecond {
		p, err = w.s.SignInSecond(w.Context(), from, p.Challenge, w.totp(c.secret))
		w.must(err)
	}
	c.token = p.Session
	return p
}

// actor is the citizen with a fresh step-up.
func (w *world) actor(c *citizen) authz.Actor {
	w.Helper()
	who, err := w.s.Signed(w.Context(), c.token)
	if fault.Is(err, "session.ended") {
		w.signIn(c, identity.Origin{Addr: "192.0.2.1", Device: c.device})
		who, err = w.s.Signed(w.Context(), c.token)
	}
	w.must(err)
	if who.Second && who.StepUp.IsZero() {
		w.now = w.now.Add(31 * time.Second)
		c.token, err = w.s.StepUp(w.Context(), home, c.token, w.totp(c.secret))
		w.must(err)
		who, err = w.s.Signed(w.Context(), c.token)
		w.must(err)
	}
	return who
}

// founded is a world with its first four administrators.
type founded struct {
	*world
	sys, audit, sec1, sec2 *citizen
}

func found(w *world) *founded {
	w.Helper()
	first, err := w.s.Init(w.Context(), city)
	w.must(err)
	f := &founded{world: w}
	for i, to := range []**citizen{&f.sys, &f.audit, &f.sec1, &f.sec2} {
		*to = w.join(first[i].Code, w.number())
	}
	return f
}

// staff invites somebody by the security administrators and lets them join.
func (f *founded) staff(role authz.Role, scope authz.Scope, manager bool) *citizen {
	f.Helper()
	inv, err := f.s.Invite(f.Context(), f.actor(f.sec1), identity.Invite{Role: role, Scope: scope, Manager: manager, To: until})
	f.must(err)
	if inv.Proposed {
		f.must(f.s.Approve(f.Context(), f.actor(f.sec2), inv.Grant))
	}
	return f.join(inv.Code, f.number())
}

func (w *world) read(fn func(ctx context.Context, tx *db.Tx) error) {
	w.Helper()
	w.must(w.s.DB.Read(w.Context(), func(tx *db.Tx) error { return fn(w.Context(), tx) }))
}

// events counts the audit events of a kind.
func (w *world) events(kind string) (n int64) {
	w.Helper()
	w.read(func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM audit_event WHERE kind = $1`, kind)
		return err
	})
	return n
}

func (w *world) count(query string, args ...any) (n int64) {
	w.Helper()
	w.read(func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.Value[int64](ctx, tx, query, args...)
		return err
	})
	return n
}

func (w *world) today() day.Date { return day.FromTime(w.now) }

// stale is the token of a citizen whose second factor is no longer fresh.
func (w *world) stale(c *citizen) string {
	w.Helper()
	w.actor(c)
	w.now = w.now.Add(5 * time.Minute)
	return c.token
}
