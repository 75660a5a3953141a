package registry_test

import (
	"testing"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/registry"
)

// registered files values for a project and has the district accept them.
func (w *world) registered(who, official authz.Actor, f registry.Filing) registry.Filing {
	w.t.Helper()
	f, err := w.SaveDraft(w.t.Context(), who, f, 0)
	if err == nil {
		f, err = w.File(w.t.Context(), who, f.ID, f.Case.Version)
	}
	if err == nil {
		f, err = w.Accept(w.t.Context(), official, f.ID, f.Case.Version)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// wantHeld compares who held a project, oldest first, as "甲 2019-01-01 –".
func (w *world) wantHeld(project string, want ...registry.Holding) {
	w.t.Helper()
	w.read(func(tx *db.Tx) error {
		got, err := registry.HoldingsOfProject(w.t.Context(), tx, code.ProjectCode(project))
		if err != nil || len(got) != len(want) {
			w.t.Fatalf("held by %+v, %v; want %+v", got, err, want)
		}
		for i, h := range got {
			if h.Enterprise != want[i].Enterprise || h.From != want[i].From || h.To != want[i].To {
				w.t.Errorf("held by %+v, want %+v", h, want[i])
			}
		}
		return nil
	})
}

// TestATakeOverLeavesTheFormerManagerItsDays: whatever contract the new firm
// types, it holds the project from the day it filed at the earliest.
func TestATakeOverLeavesTheFormerManagerItsDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b := w.enterprise(1, "甲物业有限公司", "230103"), w.enterprise(2, "乙物业有限公司", "230103")
		mine, theirs, here := firm(1, a.USCC), firm(2, b.USCC), district(3, "230103")
		f := w.registered(mine, here, registry.Filing{Subject: registry.ProjectSubject, Enterprise: a.USCC, Values: map[string]string{
			"division": string(nangang), "name": "花园小区", "built": "2008", "area": "100", "kind": "住宅", "address": "花园街88号", "contract_from": "2019-01-01",
		}})
		take := registry.Filing{Subject: registry.ProjectSubject, Code: f.Code, Enterprise: b.USCC, Values: map[string]string{"enterprise": string(b.USCC), "contract_from": "2019-01-01"}}
		x, err := w.SaveDraft(t.Context(), theirs, take, 0)
		wantRule(t, err, "")
		_, err = w.File(t.Context(), theirs, x.ID, x.Case.Version)
		wantFields(t, err, "contract_from")

		take.Values["contract_from"] = "2019-03-01"
		w.on("2021-06-21").registered(theirs, here, take)
		w.wantHeld(f.Code, held(a.USCC, "2019-01-01", "2021-06-20"), held(b.USCC, "2021-06-21", ""))
	})
}

// TestAManagerThatComesLaterDoesNotOverlapOneThatLeft: a backdated contract
// begins after the last day of who left.
func TestAManagerThatComesLaterDoesNotOverlapOneThatLeft(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b := w.enterprise(1, "甲物业有限公司", "230103"), w.enterprise(2, "乙物业有限公司", "230103")
		p := w.project("花园小区", nangang, a.USCC, "1000")
		p.State = registry.Left
		p, err := w.on("2021-07-01").PutProject(t.Context(), w.clerk, p, "退出")
		wantRule(t, err, "")
		p.State, p.Enterprise, p.ContractFrom = registry.Active, b.USCC, p.ContractFrom.AddDays(30)
		_, err = w.on("2021-07-20").PutProject(t.Context(), w.clerk, p, "接管")
		wantRule(t, err, "")
		w.wantHeld(string(p.Code), held(a.USCC, "2020-01-01", "2021-06-30"), held(b.USCC, "2021-07-01", ""))
	})
}

// TestAnImportThatNamesAnotherFirmUnderTheOldContractCountsFromToday: the
// contract's first day is the former manager's.
func TestAnImportThatNamesAnotherFirmUnderTheOldContractCountsFromToday(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b := w.enterprise(1, "甲物业有限公司", "230103"), w.enterprise(2, "乙物业有限公司", "230103")
		p := w.project("花园小区", nangang, a.USCC, "1000")
		p.Enterprise = b.USCC
		_, err := w.on("2021-07-20").PutProject(t.Context(), w.clerk, p, "更正")
		wantRule(t, err, "")
		w.wantHeld(string(p.Code), held(a.USCC, "2020-01-01", "2021-07-19"), held(b.USCC, "2021-07-20", ""))
	})
}

// TestADraftOfATakeOverStaysOne: a draft that no longer takes the project over
// would change another's project, and nobody files a project to a third firm.
func TestADraftOfATakeOverStaysOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b, c := w.enterprise(1, "甲物业有限公司", "230103"), w.enterprise(2, "乙物业有限公司", "230103"), w.enterprise(3, "丙物业有限公司", "230103")
		p := w.project("花园小区", nangang, a.USCC, "1000")
		x, err := w.SaveDraft(t.Context(), firm(2, b.USCC), registry.Filing{
			Subject: registry.ProjectSubject, Code: string(p.Code), Enterprise: b.USCC, Values: map[string]string{"enterprise": string(b.USCC), "contract_from": "2021-06-01"},
		}, 0)
		wantRule(t, err, "")
		for values, rule := range map[*map[string]string]string{
			{"area": "1.00"}: "registry.not-manager", {"enterprise": string(c.USCC)}: "registry.other-manager", {"enterprise": ""}: "registry.other-manager",
		} {
			x.Values = *values
			_, err = w.SaveDraft(t.Context(), firm(2, b.USCC), x, x.Case.Version)
			wantRule(t, err, rule)
		}
		_, err = w.SaveDraft(t.Context(), firm(1, a.USCC), registry.Filing{
			Subject: registry.ProjectSubject, Code: string(p.Code), Enterprise: a.USCC, Values: map[string]string{"enterprise": string(c.USCC)},
		}, 0)
		wantRule(t, err, "registry.other-manager")
	})
}

func held(by code.USCC, from, to string) registry.Holding {
	h := registry.Holding{Enterprise: by, From: day.MustParse(from)}
	if to != "" {
		h.To = day.MustParse(to)
	}
	return h
}
