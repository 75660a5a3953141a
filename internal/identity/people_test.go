package identity_test

import (
	"context"
	"fmt"
	"testing"

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
		f.lists(boss, firmBoss)
	})
}

// lists: each manager's list holds the people whom the manager looks after.
func (f *founded) lists(boss, firmBoss *citizen) {
	f.Helper()
	names := func(by *citizen, q identity.PeopleQuery) (n int) {
		q.Limit = 100
		f.read(func(ctx context.Context, tx *db.Tx) error {
			list, err := f.s.People(ctx, tx, f.actor(by), q)
			for _, a := range list {
				if len(a.Grants)+len(a.Proposed) == 0 {
					f.Errorf("%s has no grants in the list", a.Login)
				}
			}
			n = len(list)
			return err
		})
		return n
	}
	// boss, clerk, committee; invited: district, street, committee
	if n := names(boss, identity.PeopleQuery{}); n != 6 {
		f.Errorf("the district's manager sees %d people, want 6", n)
	}
	if n := names(boss, identity.PeopleQuery{Role: authz.Committee, State: "suspended"}); n != 1 {
		f.Errorf("suspended committee members: %d, want 1", n)
	}
	if n := names(boss, identity.PeopleQuery{Text: "%"}); n != 0 {
		f.Errorf("a sign of the pattern finds %d", n)
	}
	if n := names(firmBoss, identity.PeopleQuery{}); n != 3 {
		f.Errorf("the firm's manager sees %d people, want 3", n)
	}
	if n := names(f.sec1, identity.PeopleQuery{Text: "secadmin"}); n != 2 {
		f.Errorf("logins that begin with secadmin: %d, want 2", n)
	}
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
