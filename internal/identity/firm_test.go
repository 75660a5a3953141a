package identity_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
)

const elsewhere = code.Division("230108")

func (w *world) request(typed code.Division) identity.Request {
	return identity.Request{
		Enterprise: firm, Name: "某物业公司", Division: typed, Legal: "张三", Proof: 1,
		Contact: identity.Contact{Name: "李四", Number: w.number(), Phone: "13800002222"},
	}
}

// registered lets the register have the firm in a district.
func (w *world) registered(d code.Division) {
	w.s.Registered = func(_ context.Context, _ *db.Tx, uscc code.USCC) (identity.Firm, bool, error) {
		return identity.Firm{Name: "某物业公司", Division: d, Legal: "张三"}, uscc == firm, nil
	}
}

func (w *world) ask(addr string, r identity.Request) db.ID {
	w.Helper()
	id, err := w.s.Ask(w.Context(), identity.Origin{Addr: addr}, r)
	w.must(err)
	return id
}

func TestTheRegisterSaysWhoDecidesARequest(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		here, there := f.official(district, false), f.official(elsewhere, false)
		listed := func(c *citizen) (n int) {
			w.read(func(ctx context.Context, tx *db.Tx) error {
				list, err := w.s.Requests(ctx, tx, w.actorIn(ctx, tx, c), "open", 0, 10)
				n = len(list)
				return err
			})
			return n
		}
		early := w.ask("192.0.2.8", w.request(elsewhere)) // before the register knows the firm
		w.registered(district)
		id := w.ask("192.0.2.9", w.request(elsewhere))
		for _, x := range []db.ID{early, id} {
			_, err := w.s.Confirm(w.Context(), w.actor(there), x, until)
			w.wantRule(err, "authz.not-found")
			w.wantRule(w.s.RefuseRequest(w.Context(), w.actor(there), x, "不符"), "authz.not-found")
		}
		w.actor(here)
		if a, b := listed(here), listed(there); a != 1 || b != 1 {
			t.Errorf("before the sweep: %d here, %d there", a, b)
		}
		_, err := w.s.Sweep(w.Context())
		w.must(err)
		if a, b := listed(here), listed(there); a != 2 || b != 0 {
			t.Errorf("after the sweep: %d here, %d there", a, b)
		}
		who := w.actor(here)
		w.must(w.s.DB.Write(w.Context(), func(tx *db.Tx) error {
			r, err := w.s.Request(w.Context(), tx, who, early)
			if r.Firm == nil || r.Firm.Legal != "张三" || r.Division != district || len(r.Managers) != 0 {
				t.Errorf("the request beside the register: %+v", r)
			}
			return err
		}))
		_, err = w.s.Confirm(w.Context(), who, id, until)
		w.must(err)
	})
}

func TestNoRequestKeepsTheFirmFromAsking(t *testing.T) {
	each(t, func(w *world) {
		for range 3 {
			w.ask("192.0.2.8", w.request(district))
		}
		_, err := w.s.Ask(w.Context(), identity.Origin{Addr: "192.0.2.8"}, w.request(district))
		w.wantRule(err, "identity.request-open")
		other := w.request(district)
		other.Enterprise = "91230103MAL8YBKB50"
		w.ask("192.0.2.8", other)
		for i := range 17 {
			w.ask(fmt.Sprint("192.0.2.", 100+i), w.request(district))
		}
		_, err = w.s.Ask(w.Context(), identity.Origin{Addr: "192.0.2.99"}, w.request(district))
		w.wantRule(err, "identity.request-open")
	})
}

func TestAFirmWithAManagerGetsNoSecondOne(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		here := f.official(district, false)
		w.registered(district)
		one, two, three := w.request(district), w.request(district), w.request(district)
		ids := []db.ID{w.ask("192.0.2.7", one), w.ask("192.0.2.8", two)}

		stale, err := w.s.Signed(w.Context(), w.stale(here))
		w.must(err)
		_, err = w.s.Confirm(w.Context(), stale, ids[0], until)
		w.wantRule(err, "authz.step-up") // it grants rights

		who := w.actor(here)
		var wg sync.WaitGroup
		var mu sync.Mutex
		var codes []string
		for _, id := range ids {
			wg.Go(func() {
				inv, err := w.s.Confirm(w.Context(), who, id, until)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					codes = append(codes, inv.Code)
				} else if !fault.Is(err, "identity.managed") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(codes) != 1 {
			t.Fatalf("%d of two requests at once were confirmed", len(codes))
		}
		number := one.Contact.Number
		if w.count(`SELECT COUNT(*) FROM identity_request WHERE id = $1 AND state = 'open'`, ids[0]) == 1 {
			number = two.Contact.Number
		}
		w.join(codes[0], number)
		third := w.ask("192.0.2.9", three)
		if n := w.count(`SELECT COUNT(*) FROM notify_message WHERE kind = 'identity.requested'`); n != 1 {
			t.Errorf("the manager got %d messages", n)
		}
		_, err = w.s.Confirm(w.Context(), w.actor(here), third, until)
		w.wantRule(err, "identity.managed")
	})
}

func TestAnExpiredCodeLeavesTheFirmWithoutAManager(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		here := f.official(district, false)
		one, two := w.ask("192.0.2.7", w.request(district)), w.ask("192.0.2.8", w.request(district))
		inv, err := w.s.Confirm(w.Context(), w.actor(here), one, until)
		w.must(err)
		_, err = w.s.Confirm(w.Context(), w.actor(here), two, until)
		w.wantRule(err, "identity.managed")
		w.now = inv.Ends.Add(time.Second)
		_, err = w.s.Confirm(w.Context(), w.actor(here), two, until)
		w.must(err)
	})
}

// TestInvitingByNumberProvesNothing: who types a known person's number changes
// nothing of that person and learns nothing; the link comes when the person joins.
func TestInvitingByNumberProvesNothing(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		official := f.official(district, false)
		boss := f.staff(authz.Enterprise, authz.Scope{Enterprise: firm}, true)
		persons := func() int64 {
			return w.count(`SELECT COUNT(*) FROM identity_account WHERE person_id = (SELECT person_id FROM identity_account WHERE id = $1)`, official.account)
		}
		in := identity.Invite{Name: "被篡改", Number: official.number, Phone: "13999999999", Role: authz.Enterprise, Scope: authz.Scope{Enterprise: firm}, To: until}
		inv, err := w.s.Invite(w.Context(), w.actor(boss), in)
		w.must(err)
		if w.actor(official).Name != "王小明" || persons() != 1 {
			t.Errorf("after the invitation the official is %q with %d accounts", w.actor(official).Name, persons())
		}
		_, err = w.s.Join(w.Context(), home, identity.Joining{Code: inv.Code, Name: "李四", Number: w.number(), Password: password})
		if e := fault.From(err); e == nil || e.Fields["number"] == "" {
			t.Errorf("joining with another number than noted: %v", err)
		}

		again := &citizen{}
		e, err := w.s.Join(w.Context(), home, identity.Joining{Code: inv.Code, Name: "又一个名字", Number: official.number, Phone: "13999999999", Password: password})
		w.must(err)
		p, err := w.s.Enrol(w.Context(), home, e.Challenge, w.totp(e.Secret))
		w.must(err)
		again.login, again.secret, again.token, again.account = e.Login, e.Secret, p.Session, p.Account
		if persons() != 2 || w.actor(again).Person != w.actor(official).Person {
			t.Error("who joined with the number is not the person")
		}
		full, err := w.s.Unmask(w.Context(), authz.System("test"), official.account, "核对身份")
		w.must(err)
		if full != (identity.FullPerson{Name: "王小明", Number: official.number, Phone: "13800001111"}) {
			t.Errorf("the known person became %+v", full)
		}
		if n := w.count(`SELECT COUNT(*) FROM notify_message WHERE kind = 'identity.linked'`); n != 1 {
			t.Errorf("the person got %d messages", n)
		}
		if n := w.count(`SELECT COUNT(*) FROM identity_noted`); n != 0 {
			t.Errorf("%d notes left after the joining", n)
		}
	})
}
