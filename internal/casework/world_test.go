package casework_test

import (
	"context"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

const (
	city     code.Division = "2301"
	district code.Division = "230103"
	street   code.Division = "230103001"
	firm     code.USCC     = "91230103MA1BXXXX2A"
)

// order is a small correction procedure with every feature of a machine.
var order = casework.Must(casework.Machine{
	Name: "test_order", Title: "整改通知", Basis: "测试",
	States: []casework.State{
		{Name: "draft", Title: "草稿"},
		{Name: "proposed", Title: "待审核"},
		{Name: "issued", Title: "待整改"},
		{Name: "closed", Title: "已办结", Final: true},
		{Name: "refused", Title: "不予受理", Final: true},
	},
	Acts: []casework.Act{
		{Name: "draft", Title: "起草", From: []string{casework.Start}, To: "draft", May: authz.CreditPropose, Holder: authz.Subdistrict},
		{Name: "propose", Title: "提出", From: []string{casework.Start, "draft"}, To: "proposed", May: authz.CreditPropose, Holder: authz.DistrictBureau, Term: day.MustTerm("5wd")},
		{Name: "issue", Title: "发出", From: []string{"proposed"}, To: "issued", May: authz.CreditIdentify, ByHolder: true, Not: []string{"propose"}, Holder: authz.Enterprise, Term: day.MustTerm("7d")},
		{Name: "refuse", Title: "退回", From: []string{"proposed"}, To: "refused", May: authz.CreditIdentify, ByHolder: true, NeedsNote: true},
		{Name: "close", Title: "办结", From: []string{"issued"}, To: "closed", May: authz.CreditAnnul, Not: []string{"issue"}},
		{Name: "remark", Title: "说明", From: []string{"proposed", "issued"}, To: casework.Same, May: authz.CreditRead, NeedsNote: true},
		{Name: "lapse", Title: "到期办结", From: []string{"issued"}, To: "closed"},
	},
})

var place = authz.Place{Division: street, Enterprise: firm}

func official(n int64, role authz.Role, at code.Division) authz.Actor {
	return authz.Actor{
		Account: db.ID(n), Person: db.ID(1000 + n), Second: true,
		Grants: []authz.Grant{{ID: db.ID(n), Role: role, Scope: authz.Scope{Division: at}}},
	}
}

var (
	clerk   = official(1, authz.Subdistrict, street)
	officer = official(2, authz.DistrictBureau, district)
	second  = official(3, authz.DistrictBureau, district)
	other   = official(4, authz.DistrictBureau, "230102")
	bureau  = official(5, authz.CityBureau, city)
	manager = authz.Actor{
		Account: 6, Person: 1006, Second: true,
		Grants: []authz.Grant{{Role: authz.Enterprise, Scope: authz.Scope{Enterprise: firm}}},
	}
	robot = authz.System("job")
)

func write(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx)) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { fn(t.Context(), tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

func opened(t *testing.T, d *db.DB, object string) (c casework.Case) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) {
		var err error
		c, err = casework.Open(ctx, tx, clerk, order, casework.Opening{Object: object, Title: "未清冰雪", Place: place, Way: casework.Way{Act: "propose"}})
		if err != nil {
			t.Fatal(err)
		}
	})
	return c
}

// do takes an act in a transaction of its own and tells the rule that refused it.
func do(t *testing.T, d *db.DB, who authz.Actor, c casework.Case, act, note string) (casework.Case, string) {
	t.Helper()
	var next casework.Case
	err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
		next, err = casework.Do(t.Context(), tx, who, order, casework.Move{Case: c.ID, Version: c.Version, Way: casework.Way{Act: act, Note: note}})
		return err
	})
	if err != nil {
		f := fault.From(err)
		if f.Kind == fault.Internal {
			t.Fatal(err)
		}
		return c, f.Rule
	}
	return next, ""
}
