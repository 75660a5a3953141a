package authz_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/fault"
)

// Two towns, A and B, of one city: whoever belongs to A sees nothing of B.
const (
	cityA      = code.Division("2301")
	firmA      = code.USCC("91350100M000100Y43")
	firmB      = code.USCC("91230103MAL8YBKB50")
	projectA   = "2301030010030001"
	projectB   = "2301080010030001"
	otherTown  = code.Division("2302")
	districtA  = code.Division("230103")
	streetA    = code.Division("230103001")
	communityA = code.Division("230103001003")
	districtB  = code.Division("230108")
	communityB = code.Division("230108001003")
)

func scopeOf(r authz.Role) authz.Scope {
	switch r {
	case authz.CityBureau, authz.Association, authz.SysAdmin, authz.SecAdmin, authz.AuditAdmin:
		return authz.Scope{Division: cityA}
	case authz.DistrictBureau:
		return authz.Scope{Division: districtA}
	case authz.Subdistrict:
		return authz.Scope{Division: streetA}
	case authz.Community:
		return authz.Scope{Division: communityA}
	case authz.Enterprise:
		return authz.Scope{Enterprise: firmA}
	case authz.ProjectManager:
		return authz.Scope{Enterprise: firmA, Project: projectA}
	}
	return authz.Scope{Project: projectA}
}

// where lists the places of the test: name, place, and whether each kind of
// scope covers it, written down by hand.
var where = []struct {
	name  string
	place authz.Place
	own   []authz.Role // whose own scope covers it
	above []authz.Role // for whom it is a division above
}{
	{"nowhere", authz.Place{}, nil, nil},
	{
		"the city",
		authz.Place{Division: cityA},
		[]authz.Role{authz.CityBureau, authz.Association, authz.SysAdmin, authz.SecAdmin, authz.AuditAdmin},
		[]authz.Role{authz.DistrictBureau, authz.Subdistrict, authz.Community},
	},
	{
		"A's district",
		authz.Place{Division: districtA},
		[]authz.Role{authz.CityBureau, authz.Association, authz.DistrictBureau, authz.SysAdmin, authz.SecAdmin, authz.AuditAdmin},
		[]authz.Role{authz.Subdistrict, authz.Community},
	},
	{
		"firm A, registered in A's district",
		authz.Place{Division: districtA, Enterprise: firmA},
		[]authz.Role{authz.CityBureau, authz.Association, authz.DistrictBureau, authz.Enterprise, authz.SysAdmin, authz.SecAdmin, authz.AuditAdmin},
		[]authz.Role{authz.Subdistrict, authz.Community},
	},
	{
		"project A of firm A",
		authz.Place{Division: communityA, Enterprise: firmA, Project: projectA},
		[]authz.Role{
			authz.CityBureau, authz.Association, authz.DistrictBureau, authz.Subdistrict, authz.Community, authz.Enterprise,
			authz.ProjectManager, authz.Committee, authz.Owner, authz.SysAdmin, authz.SecAdmin, authz.AuditAdmin,
		},
		nil,
	},
	{
		"project A after firm B took it over",
		authz.Place{Division: communityA, Enterprise: firmB, Project: projectA},
		[]authz.Role{
			authz.CityBureau, authz.Association, authz.DistrictBureau, authz.Subdistrict, authz.Community,
			authz.Committee, authz.Owner, authz.SysAdmin, authz.SecAdmin, authz.AuditAdmin,
		},
		nil,
	},
	{
		"project B of firm B",
		authz.Place{Division: communityB, Enterprise: firmB, Project: projectB},
		[]authz.Role{authz.CityBureau, authz.Association, authz.SysAdmin, authz.SecAdmin, authz.AuditAdmin},
		nil,
	},
	{
		"project B of firm A",
		authz.Place{Division: communityB, Enterprise: firmA, Project: projectB},
		[]authz.Role{authz.CityBureau, authz.Association, authz.Enterprise, authz.SysAdmin, authz.SecAdmin, authz.AuditAdmin},
		nil,
	},
	{
		"another district",
		authz.Place{Division: districtB},
		[]authz.Role{authz.CityBureau, authz.Association, authz.SysAdmin, authz.SecAdmin, authz.AuditAdmin},
		nil,
	},
	{"another city", authz.Place{Division: otherTown, Enterprise: firmB}, nil, nil},
	{"an object without division", authz.Place{Project: projectB}, nil, nil},
}

func actor(r authz.Role, manager bool) authz.Actor {
	if r == authz.Public {
		return authz.Anonymous
	}
	return authz.Actor{
		Account: 7, Person: 8, Second: true, StepUp: time.Unix(1, 0),
		Grants: []authz.Grant{{Role: r, Scope: scopeOf(r), Manager: manager}},
	}
}

// TestEveryRoleActAndPlace compares Require, May and Scopes with the matrix in
// every cell: no leak, no false denial (AZ-1, AZ-2).
func TestEveryRoleActAndPlace(t *testing.T) {
	cells := 0
	for _, row := range authz.Matrix() {
		open := row.Cell(authz.Public).How == authz.Anywhere
		for _, duty := range authz.Roles() {
			for _, manager := range []bool{false, true} {
				for _, w := range where {
					cells++
					cell := row.Cell(duty.Role)
					able := cell.How != authz.Never && (manager || !cell.Manager)
					inside := cell.How == authz.Anywhere || slices.Contains(w.own, duty.Role) ||
						cell.How == authz.OwnAbove && slices.Contains(w.above, duty.Role)
					want := ""
					switch {
					case open:
					case duty.Role == authz.Public:
						want = "authz.anonymous"
					case !able:
						want = "authz.denied"
					case !inside:
						want = "authz.not-found"
					}
					name := fmt.Sprintf("%s: %s (manager %v) at %s", row.Act, duty.Role, manager, w.name)
					wantRule(t, name, authz.Require(actor(duty.Role, manager), row.Act, w.place), want)
				}
			}
		}
	}
	t.Logf("%d cells", cells)
}

func wantRule(t *testing.T, name string, err error, rule string) {
	t.Helper()
	if rule == "" && err != nil || rule != "" && !fault.Is(err, rule) {
		t.Errorf("%s: got %v, want rule %q", name, err, rule)
	}
}

// TestScopesAgreeWithRequire holds the lists to the same law as the single page.
func TestScopesAgreeWithRequire(t *testing.T) {
	for _, row := range authz.Matrix() {
		for _, duty := range authz.Roles() {
			who := actor(duty.Role, true)
			for _, w := range where {
				listed := false
				for _, s := range authz.Scopes(who, row.Act) {
					up := s.Above && w.place.Project == "" && w.place.Division != "" && w.place.Division.Contains(s.Division)
					listed = listed || s.Covers(w.place) || up
				}
				if may := authz.May(who, row.Act, w.place); may != listed {
					t.Errorf("%s: %s at %s: may %v, listed %v", row.Act, duty.Role, w.name, may, listed)
				}
			}
		}
	}
}

func TestNoRoleWithoutItsSecondFactor(t *testing.T) {
	for _, row := range authz.Matrix() {
		if row.Cell(authz.Public).How == authz.Anywhere {
			continue
		}
		for _, duty := range authz.Roles() {
			who := actor(duty.Role, true)
			who.Second = false
			if duty.Second && (authz.Can(who, row.Act) || authz.Require(who, row.Act, authz.Place{Division: cityA}) == nil) {
				t.Errorf("%s may do %s with a password alone", duty.Role, row.Act)
			}
		}
	}
}

func TestStepUpIsAskedForWhereTheMatrixSaysSo(t *testing.T) {
	for _, row := range authz.Matrix() {
		for _, duty := range authz.Roles() {
			who := actor(duty.Role, true)
			who.StepUp = time.Time{}
			at := authz.Place{Division: communityA, Enterprise: firmA, Project: projectA}
			if !authz.May(who, row.Act, at) {
				continue
			}
			err := authz.Require(who, row.Act, at)
			if got := err != nil && fault.From(err).Kind == fault.StepUp; got != row.StepUp {
				t.Errorf("%s by %s: step-up asked %v, matrix says %v", row.Act, duty.Role, got, row.StepUp)
			}
		}
	}
	wantStepUp := []authz.Act{authz.DataExport, authz.DataUnmask, authz.GrantPropose, authz.GrantApprove, authz.BackupReturn}
	for _, act := range wantStepUp { // SES-4 names them
		if row, _ := authz.RowOf(act); !row.StepUp {
			t.Errorf("%s must ask for a step-up", act)
		}
	}
	for _, act := range []authz.Act{authz.GrantApprove, authz.DataExport, authz.KeyRotate, authz.BackupReturn, authz.Retention, authz.CreditPublishApprove} {
		if row, _ := authz.RowOf(act); !row.FourEyes { // AZ-5 names them
			t.Errorf("%s must be another person's", act)
		}
	}
}

// TestTheThreeAdministrators pins AZ-4: none has business, none has another's work.
func TestTheThreeAdministrators(t *testing.T) {
	only := map[authz.Role][]string{
		authz.SysAdmin:   {"运行", "公共", "人员"},
		authz.SecAdmin:   {"人员", "公共"},
		authz.AuditAdmin: {"运行", "公共", "人员"},
	}
	for _, row := range authz.Matrix() {
		if row.Cell(authz.Public).How == authz.Anywhere {
			continue
		}
		for admin, groups := range only {
			if row.Cell(admin).How != authz.Never && !slices.Contains(groups, row.Group) {
				t.Errorf("%s may %s", admin, row.Act)
			}
		}
		if row.Group == "人员" && row.Act != authz.AccountSelf {
			for _, admin := range []authz.Role{authz.SysAdmin, authz.AuditAdmin} {
				if row.Cell(admin).How != authz.Never {
					t.Errorf("%s may %s", admin, row.Act)
				}
			}
		}
	}
	audit, _ := authz.RowOf(authz.AuditRead)
	for _, duty := range authz.Roles() {
		if got := audit.Cell(duty.Role).How != authz.Never; got != (duty.Role == authz.AuditAdmin) {
			t.Errorf("%s reads the audit log: %v", duty.Role, got)
		}
	}
}

func TestWhatIsNotInTheMatrixIsDenied(t *testing.T) {
	for _, duty := range authz.Roles()[1:] {
		wantRule(t, string(duty.Role), authz.Require(actor(duty.Role, true), "no.such-act", authz.Place{Division: cityA}), "authz.denied")
		wantRule(t, string(duty.Role), authz.RequireAny(actor(duty.Role, true), "no.such-act"), "authz.denied")
	}
	if who := actor(authz.CityBureau, true); authz.Can(who, "no.such-act") || authz.May(who, "", authz.Place{Division: cityA}) {
		t.Error("an act that is not in the matrix can be done")
	}
	wantRule(t, "no role", authz.Require(authz.Actor{Account: 1, Second: true}, authz.RegistryRead, authz.Place{Division: cityA}), "authz.denied")
	wantRule(t, "unknown role", authz.Require(authz.Actor{Account: 1, Second: true, Grants: []authz.Grant{{Role: "king", Scope: authz.Scope{Division: cityA}}}}, authz.RegistryRead, authz.Place{Division: cityA}), "authz.denied")
	wantRule(t, "empty scope", authz.Require(authz.Actor{Account: 1, Second: true, Grants: []authz.Grant{{Role: authz.CityBureau}}}, authz.RegistryRead, authz.Place{Division: cityA}), "authz.not-found")
	wantRule(t, "a granted public role", authz.Require(authz.Actor{Account: 1, Second: true, Grants: []authz.Grant{{Role: authz.Public}}}, authz.TodoRead, authz.Place{}), "authz.denied")
}

func TestAnotherPersonChecks(t *testing.T) {
	who := authz.Actor{Account: 1, Person: 5}
	wantRule(t, "the maker", authz.RequireOther(who, authz.GrantApprove, 5), "authz.same-person")
	wantRule(t, "one of the makers", authz.RequireOther(who, authz.GrantApprove, 4, 5), "authz.same-person")
	wantRule(t, "another", authz.RequireOther(who, authz.GrantApprove, 4), "")
	wantRule(t, "made by the system", authz.RequireOther(authz.Actor{}, authz.GrantApprove, 0), "")
}

func TestExclusive(t *testing.T) {
	for _, tt := range []struct {
		roles []authz.Role
		ok    bool
	}{
		{nil, true},
		{[]authz.Role{authz.SysAdmin}, true},
		{[]authz.Role{authz.SysAdmin, authz.SysAdmin}, true},
		{[]authz.Role{authz.SysAdmin, authz.SecAdmin}, false},
		{[]authz.Role{authz.SecAdmin, authz.AuditAdmin}, false},
		{[]authz.Role{authz.CityBureau, authz.SecAdmin}, false},
		{[]authz.Role{authz.Owner, authz.SecAdmin}, true},
		{[]authz.Role{authz.Committee, authz.Owner, authz.ProjectManager}, true},
	} {
		if err := authz.Exclusive(tt.roles...); (err == nil) != tt.ok {
			t.Errorf("Exclusive(%v) = %v, want ok %v", tt.roles, err, tt.ok)
		}
	}
}

func TestCheckScope(t *testing.T) {
	for _, duty := range authz.Roles()[1:] {
		if err := authz.CheckScope(duty.Role, scopeOf(duty.Role)); err != nil {
			t.Errorf("%s: its own scope is refused: %v", duty.Role, err)
		}
		if err := authz.CheckScope(duty.Role, authz.Scope{}); err == nil {
			t.Errorf("%s: an empty scope passes", duty.Role)
		}
	}
	wantRule(t, "a street for a district", authz.CheckScope(authz.DistrictBureau, authz.Scope{Division: streetA}), "authz.scope")
	wantRule(t, "a city for a firm", authz.CheckScope(authz.Enterprise, authz.Scope{Division: cityA, Enterprise: firmA}), "authz.scope")
	wantRule(t, "the public", authz.CheckScope(authz.Public, authz.Scope{Division: cityA}), "authz.role")
}

func TestFilter(t *testing.T) {
	all := authz.Columns{Division: "d", Enterprise: "e", Project: "p"}
	for _, tt := range []struct {
		name   string
		scopes []authz.Scope
		cols   authz.Columns
		want   string
		args   []any
	}{
		{"nothing", nil, all, "FALSE", nil},
		{"everything", []authz.Scope{{Enterprise: firmA}, {Everywhere: true}}, all, "TRUE", nil},
		{"a subtree", []authz.Scope{{Division: districtA}}, all, "((d >= $3 AND d < $4))", []any{"230103", "230103:"}},
		{"a firm's project", []authz.Scope{{Enterprise: firmA, Project: projectA}}, all, "((e = $3 AND p = $4))", []any{string(firmA), projectA}},
		{"a column that is not there", []authz.Scope{{Project: projectA}}, authz.Columns{Division: "d"}, "FALSE", nil},
		{"half a column is no door", []authz.Scope{{Enterprise: firmA, Project: projectA}}, authz.Columns{Enterprise: "e"}, "FALSE", nil},
		{
			"above, but no projects",
			[]authz.Scope{{Division: streetA, Above: true}},
			all,
			"(((d >= $3 AND d < $4 OR d IN ($5, $6, $7) AND COALESCE(p, '') = '')))",
			[]any{"230103001", "230103001:", "23", "2301", "230103"},
		},
	} {
		got, args := authz.Filter(tt.scopes, tt.cols, 3)
		if got != tt.want || !slices.Equal(args, tt.args) {
			t.Errorf("%s: %s %v, want %s %v", tt.name, got, args, tt.want, tt.args)
		}
	}
}

func BenchmarkRequire(b *testing.B) {
	who := actor(authz.DistrictBureau, false)
	at := authz.Place{Division: communityA, Enterprise: firmA, Project: projectA}
	b.ReportAllocs()
	for b.Loop() {
		if err := authz.Require(who, authz.CreditIdentify, at); err != nil {
			b.Fatal(err)
		}
	}
}
