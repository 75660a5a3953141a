package identity_test

import (
	"context"
	"fmt"
	"testing"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
)

func TestAnEnterpriseAsksForItsAccount(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		here, there := f.official(district, false), f.official("230108", false)
		r := identity.Request{
			Enterprise: firm, Name: "某物业公司", Division: district, Legal: "张三", Proof: 1,
			Contact: identity.Contact{Name: "李四", Number: w.number(), Phone: "13800002222"},
		}
		_, err := w.s.Ask(w.Context(), home, identity.Request{})
		if e := fault.From(err); e == nil || len(e.Fields) < 7 {
			t.Errorf("an empty request: %v", err)
		}
		id, err := w.s.Ask(w.Context(), home, r)
		w.must(err)
		_, err = w.s.Confirm(w.Context(), w.actor(there), id, until)
		w.wantRule(err, "authz.not-found")
		w.read(func(ctx context.Context, tx *db.Tx) error {
			mine, err := w.s.Requests(ctx, tx, w.actor(here), "open", 0, 10)
			if err != nil {
				return err
			}
			theirs, err := w.s.Requests(ctx, tx, w.actor(there), "", 0, 10)
			if len(mine) != 1 || len(theirs) != 0 || mine[0].Legal != "" {
				t.Errorf("requests here %+v, there %+v", mine, theirs)
			}
			return err
		})
		w.must(w.s.DB.Write(w.Context(), func(tx *db.Tx) error {
			full, err := w.s.Request(w.Context(), tx, w.actorIn(w.Context(), tx, here), id)
			if full.Legal != "张三" || full.Contact != r.Contact || full.Proof != 1 {
				t.Errorf("the request in full: %+v", full)
			}
			return err
		}))
		inv, err := w.s.Confirm(w.Context(), w.actor(here), id, until)
		w.must(err)
		_, err = w.s.Confirm(w.Context(), w.actor(here), id, until)
		w.wantRule(err, "identity.decided")
		boss := w.join(inv.Code, r.Contact.Number)
		if who := w.actor(boss); !authz.May(who, authz.AccountInvite, authz.Place{Enterprise: firm}) {
			t.Errorf("the enterprise's manager: %+v", who.Grants)
		}
	})
}

func TestUnmaskingIsCountedAndBounded(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		boss := f.official(district, true)
		clerk := f.official(district, false)
		_, err := w.s.Unmask(w.Context(), w.actor(boss), clerk.account, "")
		w.wantRule(err, "identity.reason")
		p, err := w.s.Unmask(w.Context(), w.actor(boss), clerk.account, "核对身份")
		w.must(err)
		if p.Number != clerk.number || p.Phone != "13800001111" {
			t.Errorf("unmasked %+v", p)
		}
		err = w.s.DB.Write(w.Context(), func(tx *db.Tx) error {
			who := w.actorIn(w.Context(), tx, boss)
			for i := range 99 {
				if err := identity.Unmasked(w.Context(), tx, who, authz.Place{Division: district}, fmt.Sprint("person:", i), "核对身份"); err != nil {
					return err
				}
			}
			w.wantRule(identity.Unmasked(w.Context(), tx, who, authz.Place{Division: district}, "person:one-more", "核对身份"), "identity.unmask-quota")
			w.wantRule(identity.Unmasked(w.Context(), tx, who, authz.Place{Division: district}, "person:7", "核对身份"), "") // seen before
			return nil
		})
		w.must(err)
	})
}

func (w *world) actorIn(ctx context.Context, tx *db.Tx, c *citizen) authz.Actor {
	w.Helper()
	who, err := w.s.Actor(ctx, tx, c.token)
	w.must(err)
	return who
}
