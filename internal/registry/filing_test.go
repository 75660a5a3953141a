package registry_test

import (
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/registry"
)

// TestFilingAsAStory follows one project from a draft with holes to a change of
// the register.
func TestFilingAsAStory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := newWorld(t, d)
		e := w.enterprise(1, "甲物业有限公司", "230103")
		mine, theirs := firm(1, e.USCC), firm(2, uscc("230103", 9))
		here, there := district(3, "230103"), district(4, "230102")

		draft := registry.Filing{
			Subject: registry.ProjectSubject, Enterprise: e.USCC, Reason: "新接项目",
			Values: map[string]string{"division": string(nangang), "name": "花园小区", "built": "二〇〇八"},
		}
		_, err := w.SaveDraft(ctx, theirs, draft, 0)
		wantRule(t, err, "authz.not-found")
		f, err := w.SaveDraft(ctx, mine, draft, 0)
		wantRule(t, err, "")

		_, err = w.File(ctx, mine, f.ID, f.Case.Version)
		wantFields(t, err, "built")
		f.Values["built"], f.Values["area"], f.Values["kind"] = "2008", "12345.60", "住宅"
		f, err = w.SaveDraft(ctx, mine, f, f.Case.Version)
		wantRule(t, err, "")
		_, err = w.File(ctx, mine, f.ID, f.Case.Version+5)
		wantRule(t, err, "casework.stale")
		f, err = w.File(ctx, mine, f.ID, f.Case.Version)
		wantRule(t, err, "")
		if f.Case.State != registry.Filed || f.Case.Due.String() != "2021-06-08" {
			t.Errorf("filed: %s, due %s", f.Case.State, f.Case.Due)
		}
		_, err = w.SaveDraft(ctx, mine, f, f.Case.Version)
		wantRule(t, err, "registry.not-draft")

		_, err = w.Accept(ctx, mine, f.ID, f.Case.Version)
		wantRule(t, err, "authz.denied")
		_, err = w.Accept(ctx, there, f.ID, f.Case.Version)
		wantRule(t, err, "authz.not-found")
		_, err = w.Return(ctx, here, f.ID, f.Case.Version, "")
		wantRule(t, err, "casework.note")
		f, err = w.Return(ctx, here, f.ID, f.Case.Version, "请补充地址")
		wantRule(t, err, "")
		f.Values["address"] = "花园街88号"
		f, err = w.SaveDraft(ctx, mine, f, f.Case.Version)
		wantRule(t, err, "")
		f, err = w.File(ctx, mine, f.ID, f.Case.Version)
		wantRule(t, err, "")
		f, err = w.Accept(ctx, here, f.ID, f.Case.Version)
		wantRule(t, err, "")
		if f.Code != string(nangang)+"0001" {
			t.Errorf("project code = %q", f.Code)
		}
		w.read(func(tx *db.Tx) error {
			p, err := w.Project(ctx, tx, code.ProjectCode(f.Code))
			if err != nil || p.Enterprise != e.USCC || p.Area != 1_234_560 || p.Source != registry.FromFiling || p.Reason != "新接项目" {
				t.Errorf("registered: %+v, %v", p, err)
			}
			steps, err := casework.History(ctx, tx, f.Case)
			if err != nil || len(steps) != 5 {
				t.Errorf("steps = %d, %v; want 5", len(steps), err)
			}
			_, err = w.Filing(ctx, tx, theirs, f.ID)
			wantRule(t, err, "authz.not-found")
			rows, err := registry.Filings(ctx, tx, here, "", 0, 10)
			if err != nil || len(rows) != 1 || rows[0].State != registry.Accepted {
				t.Errorf("filings = %+v, %v", rows, err)
			}
			none, err := registry.Filings(ctx, tx, there, "", 0, 10)
			if err != nil || len(none) != 0 {
				t.Errorf("another district sees %v, %v", none, err)
			}
			return nil
		})
	})
}

func TestFilingOverAChangedRegister(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := newWorld(t, d)
		e := w.enterprise(1, "甲物业有限公司", "230103")
		mine, here := firm(1, e.USCC), district(3, "230103")
		f, err := w.SaveDraft(ctx, mine, registry.Filing{
			Subject: registry.EnterpriseSubject, Code: string(e.USCC), Values: map[string]string{"address": "新址", "phone": "13900001111"},
		}, 0)
		wantRule(t, err, "")
		w.read(func(tx *db.Tx) error {
			diffs, err := w.Compare(ctx, tx, f)
			if err != nil || titles(diffs) != "注册地址:南岗区红旗大街123号→新址;联系电话:138****5678→139****1111;" {
				t.Errorf("compare = %s, %v", titles(diffs), err)
			}
			seen, err := w.Filing(ctx, tx, here, f.ID)
			if err != nil || seen.Values["phone"] != "139****1111" {
				t.Errorf("the district sees %v, %v", seen.Values, err)
			}
			own, err := w.Filing(ctx, tx, mine, f.ID)
			if err != nil || own.Values["phone"] != "13900001111" {
				t.Errorf("the firm sees %v, %v", own.Values, err)
			}
			return nil
		})
		f, err = w.File(ctx, mine, f.ID, f.Case.Version)
		wantRule(t, err, "")
		e.Staff = 41
		_, err = w.PutEnterprise(ctx, w.clerk, e, "核实")
		wantRule(t, err, "")
		_, err = w.Accept(ctx, here, f.ID, f.Case.Version)
		wantRule(t, err, "registry.stale")
		f, err = w.Return(ctx, here, f.ID, f.Case.Version, "登记已变，请重新填报")
		wantRule(t, err, "")
		f, err = w.Withdraw(ctx, mine, f.ID, f.Case.Version)
		wantRule(t, err, "")
		if f.Case.State != registry.Withdrawn {
			t.Errorf("state = %s", f.Case.State)
		}
	})
}

func TestFilingOfAnothersProject(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b := w.enterprise(1, "甲物业有限公司", "230103"), w.enterprise(2, "乙物业有限公司", "230103")
		p := w.project("花园小区", nangang, a.USCC, "1000")
		for _, tt := range []struct {
			name   string
			values map[string]string
			by     code.USCC
			rule   string
		}{
			{"of a project it serves", map[string]string{"fee": "1.50"}, a.USCC, ""},
			{"of a project that another serves", map[string]string{"fee": "0.01"}, b.USCC, "registry.not-manager"},
			{"taking it over", map[string]string{"enterprise": string(b.USCC)}, b.USCC, ""},
		} {
			t.Run(tt.name, func(t *testing.T) {
				_, err := w.SaveDraft(t.Context(), firm(9, tt.by), registry.Filing{
					Subject: registry.ProjectSubject, Code: string(p.Code), Enterprise: tt.by, Values: tt.values,
				}, 0)
				wantRule(t, err, tt.rule)
			})
		}
	})
}

func TestMakerIsNotChecker(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		e := w.enterprise(1, "甲物业有限公司", "230103")
		both := firm(1, e.USCC)
		f, err := w.SaveDraft(t.Context(), both, registry.Filing{Subject: registry.EnterpriseSubject, Code: string(e.USCC), Values: map[string]string{"staff": "50"}}, 0)
		wantRule(t, err, "")
		f, err = w.File(t.Context(), both, f.ID, f.Case.Version)
		wantRule(t, err, "")
		both.Grants = append(both.Grants, authz.Grant{ID: 77, Role: authz.DistrictBureau, Scope: authz.Scope{Division: "230103"}})
		_, err = w.Accept(t.Context(), both, f.ID, f.Case.Version)
		wantRule(t, err, "authz.same-person")
	})
}

// TestAFilingIsRefusedForAllItsFaultsAtOnce: whoever files mends a form once.
func TestAFilingIsRefusedForAllItsFaultsAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		e := w.enterprise(1, "甲物业有限公司", "230103")
		mine := firm(1, e.USCC)
		wrong := registry.Filing{Subject: registry.EnterpriseSubject, Code: string(e.USCC), Enterprise: e.USCC, Values: map[string]string{
			"name": "", "phone": "abc", "founded": "2040-01-01", "capital": "五百", "staff": "-1",
		}}
		all := []string{"capital", "founded", "name", "phone", "staff"}
		w.read(func(tx *db.Tx) error {
			wantFields(t, w.Faults(t.Context(), tx, mine, wrong), all...)
			wantRule(t, w.Faults(t.Context(), tx, firm(2, uscc("230103", 9)), wrong), "authz.not-found")
			return nil
		})
		f, err := w.SaveDraft(t.Context(), mine, wrong, 0)
		wantRule(t, err, "")
		_, err = w.File(t.Context(), mine, f.ID, f.Case.Version)
		wantFields(t, err, all...)
		f.Values = map[string]string{"phone": "0451-84600000 转 8"}
		f, err = w.SaveDraft(t.Context(), mine, f, f.Case.Version)
		wantRule(t, err, "")
		_, err = w.File(t.Context(), mine, f.ID, f.Case.Version)
		wantRule(t, err, "")
	})
}
