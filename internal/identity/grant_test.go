package identity_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
)

func TestAnOfficialsGrantHasTwoPersons(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		role, scope := bureau(district)
		inv, err := w.s.Invite(w.Context(), w.actor(f.sec1), identity.Invite{Role: role, Scope: scope, To: until})
		w.must(err)
		if !inv.Proposed {
			t.Fatal("an official was granted a role by one person")
		}
		clerk := w.join(inv.Code, w.number())
		if who := w.actor(clerk); len(who.Grants) != 0 {
			t.Errorf("before the approval the clerk has %v", who.Grants)
		}
		w.wantRule(w.s.Approve(w.Context(), w.actor(f.sec1), inv.Grant), "authz.same-person")
		w.wantRule(w.s.Approve(w.Context(), w.actor(clerk), inv.Grant), "authz.denied")
		w.wantRule(w.s.Approve(w.Context(), w.actor(f.sys), inv.Grant), "authz.denied")
		w.read(func(ctx context.Context, tx *db.Tx) error {
			list, err := w.s.Proposals(ctx, tx, w.actor(f.sec2), 0, 10)
			if len(list) != 1 || list[0].Grant.ID != inv.Grant || list[0].Mine {
				t.Errorf("what waits: %+v", list)
			}
			return err
		})

		who := w.actor(f.sec2)
		var wg sync.WaitGroup
		var mu sync.Mutex
		done := 0
		for range 16 {
			wg.Go(func() {
				err := w.s.Approve(w.Context(), who, inv.Grant)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					done++
				} else if !fault.Is(err, "identity.decided") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if done != 1 || w.events("identity.granted") != 5 { // four first ones and this
			t.Errorf("%d of 16 approvals took effect, %d events", done, w.events("identity.granted"))
		}
		if who := w.actor(clerk); !who.Has(authz.DistrictBureau) {
			t.Errorf("after it the clerk has %v", who.Grants)
		}
	})
}

func TestTwoAccountsOfOnePersonAreOnePerson(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		role, scope := bureau(district)
		inv, err := w.s.Invite(w.Context(), w.actor(f.sec1), identity.Invite{Role: role, Scope: scope, Manager: true, To: until})
		w.must(err)
		e, err := w.s.Join(w.Context(), home, identity.Joining{Code: inv.Code, Name: "另一个名字", Number: f.sec1.number, Password: password})
		w.must(err)
		_, err = w.s.Enrol(w.Context(), home, e.Challenge, w.totp(e.Secret))
		w.wantRule(err, "authz.exclusive") // an administrator holds no other office

		first := f.official(district, true)
		inv, err = w.s.Invite(w.Context(), w.actor(first), identity.Invite{Role: role, Scope: scope, Manager: true, To: until})
		w.must(err)
		e, err = w.s.Join(w.Context(), home, identity.Joining{Code: inv.Code, Name: "王小明", Number: first.number, Password: password})
		w.must(err)
		_, err = w.s.Enrol(w.Context(), home, e.Challenge, w.totp(e.Secret))
		w.wantRule(err, "identity.own-grant") // the maker of the grant is its holder
	})
}

func TestTheTablesThemselvesRefuse(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		who := w.actor(f.sys)
		for name, change := range map[string]string{
			"a second seat":        `INSERT INTO identity_grant SELECT id + 1, account_id, person_id, 'auditadmin', division, enterprise, project, manager, official, admin, deputy_of, valid_from, valid_to, state, proposed_by, proposed_at, decided_by, decided_at, ended_by, ended_at, reason FROM identity_grant WHERE role = 'sysadmin'`,
			"an unmarked seat":     `UPDATE identity_grant SET admin = FALSE WHERE role = 'sysadmin'`,
			"no end":               `UPDATE identity_grant SET valid_to = NULL`,
			"maker and checker":    `UPDATE identity_grant SET proposed_by = 5, decided_by = 5 WHERE role = 'sysadmin'`,
			"no checker":           `UPDATE identity_grant SET proposed_by = 5, decided_by = NULL WHERE role = 'sysadmin'`,
			"one's own checker":    `UPDATE identity_grant SET decided_by = person_id WHERE role = 'sysadmin'`,
			"a login name twice":   `UPDATE identity_account SET login = 'x'`,
			"an ID number twice":   `UPDATE identity_person SET number_blind = (SELECT MAX(number_blind) FROM identity_person)`,
			"a state that is none": `UPDATE identity_account SET state = 'god'`,
		} {
			err := w.s.DB.Write(w.Context(), func(tx *db.Tx) error { _, err := tx.Exec(w.Context(), change); return err })
			if err == nil {
				t.Errorf("%s passed", name)
			}
		}
		_ = who
	})
}

func TestTheLastSecurityAdministratorStays(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		grantOf := func(c *citizen) db.ID { return w.actor(c).Grants[0].ID }
		own := grantOf(f.sec1)
		w.must(w.s.Revoke(w.Context(), w.actor(f.sec1), grantOf(f.sec2), "调离"))
		if who := w.actor(f.sec2); len(who.Grants) != 0 {
			t.Errorf("after the revocation: %v", who.Grants)
		}
		w.wantRule(w.s.Revoke(w.Context(), w.actor(f.sec1), own, "x"), "identity.last-secadmin")
		w.wantRule(w.s.Suspend(w.Context(), w.actor(f.sec1), f.sec1.account, "x"), "identity.self")
	})
}

func TestGrantsEndByThemselves(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		inv, err := w.s.Invite(w.Context(), w.actor(f.sec1), identity.Invite{Role: authz.Association, Scope: authz.Scope{Division: city}, To: w.today()})
		w.must(err)
		c := w.join(inv.Code, w.number())
		holds := func() (has bool) {
			w.read(func(ctx context.Context, tx *db.Tx) error {
				who, err := w.s.ActorOf(ctx, tx, c.account)
				has = who.Has(authz.Association)
				return err
			})
			return has
		}
		w.now = w.today().AddDays(1).Time().Add(-time.Second)
		if !holds() {
			t.Error("the last second of the last day does not hold")
		}
		w.now = w.now.Add(time.Second)
		if holds() || w.actor(c).Has(authz.Association) {
			t.Error("the next day still holds")
		}
		n, err := w.s.Sweep(w.Context())
		w.must(err)
		if n.Lapsed != 1 || w.events("identity.grant-lapsed") != 1 {
			t.Errorf("swept %+v", n)
		}
	})
}
