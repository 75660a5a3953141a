package registry_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/seal"
)

// Communities of the shipped list: two of 南岗 (230103), one of 道里 (230102).
const (
	nangang = code.Division("230103001003")
	daoli   = code.Division("230102001001")
)

// A world is a register with divisions and nobody in it.
type world struct {
	*registry.Service
	t     testing.TB
	clerk authz.Actor // the program
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	d = dbtest.Clock(d, "2021-06-01")
	w := &world{&registry.Service{DB: d, Keys: seal.Ephemeral()}, t, authz.System("test")}
	w.write(func(tx *db.Tx) error { return registry.EnsureDivisions(t.Context(), tx) })
	t.Cleanup(func() { // whatever a test did, the register agrees with itself
		ctx := context.WithoutCancel(t.Context())
		err := w.DB.Read(ctx, func(tx *db.Tx) error {
			broken, err := registry.Broken(ctx, tx)
			for _, b := range broken {
				t.Error(b)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) on(date string) *world {
	s := *w.Service
	s.DB = dbtest.Clock(w.DB, date)
	return &world{&s, w.t, w.clerk}
}

func (w *world) write(fn func(tx *db.Tx) error) {
	w.t.Helper()
	if err := w.DB.Write(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(fn func(tx *db.Tx) error) {
	w.t.Helper()
	if err := w.DB.Read(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// uscc is the n-th valid code of a district, both check characters right.
func uscc(district string, n int) code.USCC {
	for x := n * 50; ; x++ {
		body := fmt.Sprintf("MA%06d", x)
		for _, c := range "0123456789X" {
			u, err := code.MakeUSCC("91" + district + body + string(c))
			if err == nil && u.InnerOK() {
				return u
			}
		}
	}
}

func identity(n int) code.IDNumber {
	body := fmt.Sprintf("2301031980%02d15%03d", n%12+1, n)
	for _, c := range "0123456789X" {
		if id, err := code.ParseIDNumber(body + string(c)); err == nil {
			return id
		}
	}
	panic("no check digit fits")
}

func (w *world) enterprise(n int, name string, division code.Division) registry.Enterprise {
	w.t.Helper()
	e, err := w.PutEnterprise(w.t.Context(), w.clerk, registry.Enterprise{
		USCC: uscc("230103", n), Name: name, Kind: registry.Local, Division: division,
		LegalPerson: "王建国", Phone: "13812345678", Address: "南岗区红旗大街123号", Staff: 40, PartyMembers: 3,
	}, "首次登记")
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

func (w *world) project(name string, division code.Division, by code.USCC, area string) registry.Project {
	w.t.Helper()
	p := complete(name, division, by)
	var err error
	if p.Area, err = parseArea(area); err != nil {
		w.t.Fatal(err)
	}
	p, err = w.PutProject(w.t.Context(), w.clerk, p, "首次登记")
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func complete(name string, division code.Division, by code.USCC) registry.Project {
	return registry.Project{
		Name: name, Division: division, Enterprise: by, Address: "花园街88号", Use: registry.Residential, Built: 2008, Area: 1_000_000,
		Lifts: 4, ContractParty: "业主大会", ContractKind: registry.Owners, ContractFrom: day.MustParse("2020-01-01"), ContractTo: day.MustParse("2022-12-31"),
		ServiceLevel: 2, Fee: 120,
	}
}

// DBToday is the day of the clock.
func (w *world) DBToday() day.Date { return day.FromTime(w.DB.Now()) }

// Actors of the tests.
func actor(n int64, role authz.Role, scope authz.Scope) authz.Actor {
	return authz.Actor{Account: db.ID(n), Person: db.ID(n + 1000), Second: true, Grants: []authz.Grant{{
		ID: db.ID(n), Role: role, Scope: scope, From: day.MustParse("2019-01-01"), To: day.MustParse("2030-01-01"),
	}}}
}

func district(n int64, d code.Division) authz.Actor {
	return actor(n, authz.DistrictBureau, authz.Scope{Division: d})
}

func firm(n int64, u code.USCC) authz.Actor {
	return actor(n, authz.Enterprise, authz.Scope{Enterprise: u})
}

func wantRule(t testing.TB, err error, rule string) {
	t.Helper()
	switch {
	case rule == "" && err != nil:
		t.Errorf("refused: %v", err)
	case rule != "" && !fault.Is(err, rule):
		t.Errorf("error = %v, want rule %s", err, rule)
	}
}

func wantFields(t *testing.T, err error, fields ...string) {
	t.Helper()
	e := fault.From(err)
	if e == nil {
		t.Errorf("no refusal, want one of %v", fields)
		return
	}
	if got := slices.Sorted(maps.Keys(e.Fields)); !slices.Equal(got, fields) {
		t.Errorf("fields = %v, want %v (%v)", got, fields, err)
	}
}

func titles(diffs []registry.Difference) string {
	var b strings.Builder
	for _, d := range diffs {
		fmt.Fprintf(&b, "%s:%s→%s;", d.Title, d.Before, d.After)
	}
	return b.String()
}
