package identity_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
)

func bureau(d code.Division) (authz.Role, authz.Scope) {
	switch len(d) {
	case 4:
		return authz.CityBureau, authz.Scope{Division: d}
	case 6:
		return authz.DistrictBureau, authz.Scope{Division: d}
	}
	return authz.Subdistrict, authz.Scope{Division: d}
}

func (f *founded) official(d code.Division, manager bool) *citizen {
	f.Helper()
	role, scope := bureau(d)
	return f.staff(role, scope, manager)
}

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

func TestManagersLookAfterTheirOwnPeopleOnly(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		boss := f.official(district, true)
		firmBoss := f.staff(authz.Enterprise, authz.Scope{Enterprise: firm}, true)
		clerk := f.official(district, false)
		otherClerk := f.official("230108", false)
		pm := f.staff(authz.ProjectManager, authz.Scope{Enterprise: firm, Project: project}, false)
		committee := f.staff(authz.Committee, authz.Scope{Project: project}, false)

		for _, tt := range []struct {
			name string
			by   *citizen
			role authz.Role
			at   authz.Scope
			rule string
		}{
			{"own people", boss, authz.DistrictBureau, authz.Scope{Division: district}, ""},
			{"a street below", boss, authz.Subdistrict, authz.Scope{Division: street}, ""},
			{"a committee within", boss, authz.Committee, authz.Scope{Project: project}, ""},
			{"the city above", boss, authz.CityBureau, authz.Scope{Division: city}, "authz.not-found"},
			{"another district", boss, authz.DistrictBureau, authz.Scope{Division: "230108"}, "authz.not-found"},
			{"an administrator", boss, authz.SecAdmin, authz.Scope{Division: district}, "identity.role"},
			{"a firm's people", boss, authz.Enterprise, authz.Scope{Enterprise: firm}, "authz.not-found"},
			{"an owner", boss, authz.Owner, authz.Scope{Project: project}, "identity.role"},
			{"an owner by a firm", firmBoss, authz.Owner, authz.Scope{Enterprise: firm, Project: project}, "identity.role"},
			{"a firm's manager of a project", firmBoss, authz.ProjectManager, authz.Scope{Enterprise: firm, Project: project}, ""},
			{"another firm", firmBoss, authz.Enterprise, authz.Scope{Enterprise: "91230103MAL8YBKB50"}, "authz.not-found"},
			{"an official by a firm", firmBoss, authz.DistrictBureau, authz.Scope{Division: district}, "authz.not-found"},
			{"by a clerk", clerk, authz.DistrictBureau, authz.Scope{Division: district}, "authz.denied"},
			{"by a project manager", pm, authz.ProjectManager, authz.Scope{Enterprise: firm, Project: project}, "authz.denied"},
			{"by the system administrator", f.sys, authz.CityBureau, authz.Scope{Division: city}, "authz.denied"},
			{"an owner by the security administrator", f.sec1, authz.Owner, authz.Scope{Project: project}, "identity.role"},
		} {
			_, err := w.s.Invite(w.Context(), w.actor(tt.by), identity.Invite{Role: tt.role, Scope: tt.at, To: until})
			if tt.rule == "" && err != nil || tt.rule != "" && !fault.Is(err, tt.rule) {
				t.Errorf("%s: %v, want %q", tt.name, err, tt.rule)
			}
		}
		w.wantRule(w.s.Suspend(w.Context(), w.actor(boss), otherClerk.account, "x"), "identity.not-found")
		w.wantRule(w.s.Suspend(w.Context(), w.actor(boss), pm.account, "x"), "identity.not-found")
		w.wantRule(w.s.Suspend(w.Context(), w.actor(firmBoss), committee.account, "x"), "identity.not-found")
		w.wantRule(w.s.Suspend(w.Context(), w.actor(clerk), clerk.account, "x"), "authz.denied")
		w.must(w.s.Suspend(w.Context(), w.actor(boss), committee.account, "x"))
		w.must(w.s.Suspend(w.Context(), w.actor(firmBoss), pm.account, "调离"))
		_, err := w.s.Signed(w.Context(), pm.token)
		w.wantRule(err, "session.ended")
		w.must(w.s.Resume(w.Context(), w.actor(firmBoss), pm.account, "回来"))
		w.signIn(pm, home)

		names := func(by *citizen, q identity.PeopleQuery) (n int) {
			q.Limit = 100
			w.read(func(ctx context.Context, tx *db.Tx) error {
				list, err := w.s.People(ctx, tx, w.actor(by), q)
				for _, a := range list {
					if len(a.Grants)+len(a.Proposed) == 0 {
						t.Errorf("%s has no grants in the list", a.Login)
					}
				}
				n = len(list)
				return err
			})
			return n
		}
		// boss, clerk, committee; invited: district, street, committee
		if n := names(boss, identity.PeopleQuery{}); n != 6 {
			t.Errorf("the district's manager sees %d people, want 6", n)
		}
		if n := names(boss, identity.PeopleQuery{Role: authz.Committee, State: "suspended"}); n != 1 {
			t.Errorf("suspended committee members: %d, want 1", n)
		}
		if n := names(boss, identity.PeopleQuery{Text: "%"}); n != 0 {
			t.Errorf("a sign of the pattern finds %d", n)
		}
		if n := names(firmBoss, identity.PeopleQuery{}); n != 3 {
			t.Errorf("the firm's manager sees %d people, want 3", n)
		}
		if n := names(f.sec1, identity.PeopleQuery{Text: "secadmin"}); n != 2 {
			t.Errorf("logins that begin with secadmin: %d, want 2", n)
		}
	})
}

func TestInvitingFromAFile(t *testing.T) {
	each(t, func(w *world) {
		f := found(w)
		boss := f.staff(authz.Enterprise, authz.Scope{Enterprise: firm}, true)
		rows := make([]identity.Invite, 5)
		for i := range rows {
			rows[i] = identity.Invite{
				Login: fmt.Sprint("pm-", i), Name: "李四", Number: w.number(), Role: authz.ProjectManager,
				Scope: authz.Scope{Enterprise: firm, Project: fmt.Sprintf("23010300100300%02d", i+1)}, To: until,
			}
		}
		bad := append([]identity.Invite(nil), rows...)
		bad[1].Login, bad[2].Number, bad[3].To = "pm-0", "123", 0
		who := w.actor(boss)
		before := w.count(`SELECT COUNT(*) FROM identity_account`)
		results, ok, err := w.s.InviteRows(w.Context(), who, bad, false)
		w.must(err)
		var refused []int
		for _, r := range results {
			if r.Err != nil {
				refused = append(refused, r.Row)
			}
		}
		if ok || fmt.Sprint(refused) != "[2 3 4]" || w.count(`SELECT COUNT(*) FROM identity_account`) != before {
			t.Errorf("ok %v, refused rows %v", ok, refused)
		}
		if _, ok, err = w.s.InviteRows(w.Context(), who, rows, true); err != nil || !ok || w.count(`SELECT COUNT(*) FROM identity_account`) != before {
			t.Errorf("a dry run: %v %v", ok, err)
		}
		results, ok, err = w.s.InviteRows(w.Context(), who, rows, false)
		w.must(err)
		if !ok || w.count(`SELECT COUNT(*) FROM identity_account`) != before+5 {
			t.Error("the good file was not imported")
		}
		pm := w.join(results[4].Invited.Code, rows[4].Number)
		if who := w.actor(pm); !who.Has(authz.ProjectManager) || who.Name != "王**" {
			t.Errorf("an invited project manager: %+v", who)
		}
		_, err = w.s.Join(w.Context(), home, identity.Joining{Code: results[3].Invited.Code, Name: "李四", Number: w.number(), Password: password})
		if f := fault.From(err); f == nil || f.Fields["number"] == "" {
			t.Errorf("somebody else's code: %v", err)
		}
	})
}

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
		w.now = w.now.Add(time.Hour)
		from := w.today().AddDays(1)
		ids, err := w.s.Deputise(w.Context(), w.actor(boss), identity.Deputising{Deputy: deputy.account, From: from, To: from.AddDays(6)})
		w.must(err)
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
		if len(ids) != 1 || deputised() != 1 {
			t.Errorf("on the first day %d deputised grants", deputised())
		}
		w.now = w.now.Add(7 * 24 * time.Hour)
		if deputised() != 0 {
			t.Error("it holds after the last day")
		}
		_, err = w.s.Deputise(w.Context(), w.actor(f.sys), identity.Deputising{Deputy: f.audit.account, From: w.today(), To: w.today()})
		w.wantRule(err, "identity.deputy-admin")
		_, err = w.s.Deputise(w.Context(), w.actor(boss), identity.Deputising{Deputy: f.sec1.account, From: w.today(), To: w.today()})
		w.wantRule(err, "identity.deputy")

		ids, err = w.s.Deputise(w.Context(), w.actor(boss), identity.Deputising{Deputy: deputy.account, From: w.today(), To: w.today()})
		w.must(err)
		w.must(w.s.EndDeputy(w.Context(), w.actor(deputy), ids[0]))
		if deputised() != 0 {
			t.Error("it holds after its end")
		}
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
		_, err = w.s.Ask(w.Context(), home, r)
		w.wantRule(err, "identity.request-open")
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
