package rulebook_test

import (
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/rulebook"
)

const sample = `kind: test
code: sample
title: 测试规则
city: "2301"
version: "1"
status: adopted
mark: assumed
effective: {from: 2020-01-01}
basis: [{title: 测试依据}]
sources: {S1: 来源一}
value: 85
list:
  - {code: A, points: 1}
  - {code: B, points: 2}
`

// testKind is a kind with one number and one list.
func testKind() rulebook.Kinds {
	return rulebook.KindsOf(rulebook.Kind{
		Name: "test", Title: "测试", Words: map[string]string{"value": "数值", "list": "列表", "points": "分值"},
		Check: func(d *rulebook.Document) error {
			d.Root().Get("value").Points()
			for _, e := range d.Root().Get("list").List() {
				o := e.Object()
				o.Need("code").Text()
				o.Get("points").Points()
			}
			return d.Finish()
		},
	})
}

func official(n int64, role authz.Role) authz.Actor {
	return authz.Actor{
		Account: db.ID(n), Person: db.ID(1000 + n), Second: true, StepUp: day.MustParse("2020-06-01").Time(),
		Grants: []authz.Grant{{ID: db.ID(n), Role: role, Scope: authz.Scope{Division: "2301"}, From: day.MustParse("2020-01-01")}},
	}
}

// AZ-5, PC-11: a rulebook comes into force by two people, after its comment
// period, and an old day finds the old version.
func TestVersionsComeIntoForceByTwoPeople(t *testing.T) {
	maker, checker, clerk := official(1, authz.CityBureau), official(2, authz.CityBureau), official(3, authz.Subdistrict)
	second := strings.NewReplacer(`version: "1"`, `version: "2"`, "2020-01-01}", "2021-04-15}", "85", "80").Replace(sample)

	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		svc := &rulebook.Service{DB: dbtest.Clock(d, "2020-06-01"), Kinds: testKind()}
		ctx := t.Context()
		v1, err := svc.Upload(ctx, maker, []byte(sample))
		if err != nil {
			t.Fatal(err)
		}
		refused := func(what string, err error, rule string) {
			t.Helper()
			if !fault.Is(err, rule) {
				t.Errorf("%s: %v, want rule %s", what, err, rule)
			}
		}
		_, err = svc.Upload(ctx, maker, []byte(sample))
		refused("the same file again", err, "rulebook.same")
		_, err = svc.Upload(ctx, clerk, []byte(second))
		refused("upload by a street", err, "authz.denied")
		_, err = svc.Adopt(ctx, maker, v1.ID)
		if err == nil {
			t.Error("the maker adopted their own upload")
		}
		_, err = svc.AddComment(ctx, clerk, v1.ID, "", "太严")
		refused("comment on a draft", err, "rulebook.comment-closed")
		_, err = svc.OpenComment(ctx, maker, v1.ID, day.MustParse("2020-06-01"))
		refused("comment until today", err, "rulebook.comment-until")
		if _, err := svc.OpenComment(ctx, maker, v1.ID, day.MustParse("2020-06-30")); err != nil {
			t.Fatal(err)
		}
		if _, err := svc.AddComment(ctx, clerk, v1.ID, "value", "建议改为 80"); err != nil {
			t.Fatal(err)
		}
		_, err = svc.Adopt(ctx, checker, v1.ID)
		refused("adoption within the comment period", err, "rulebook.comment-open")

		later := &rulebook.Service{DB: dbtest.Clock(d, "2020-07-01"), Kinds: testKind()}
		if _, err := later.Adopt(ctx, checker, v1.ID); err != nil {
			t.Fatal(err)
		}
		v2, err := later.Upload(ctx, maker, []byte(second))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := later.Adopt(ctx, checker, v2.ID); err != nil {
			t.Fatal(err)
		}
		err = later.DB.Read(ctx, func(tx *db.Tx) error {
			for on, want := range map[string]db.ID{"2020-01-01": v1.ID, "2021-04-14": v1.ID, "2021-04-15": v2.ID, "2030-01-01": v2.ID} {
				got, err := rulebook.InForce(ctx, tx, "test", "230103", day.MustParse(on))
				if err != nil || got.ID != want {
					t.Errorf("in force on %s: %s, %v", on, got.Name(), err)
				}
			}
			_, err := rulebook.InForce(ctx, tx, "test", "2301", day.MustParse("2019-12-31"))
			refused("before the first", err, "rulebook.none-in-force")
			_, err = rulebook.InForce(ctx, tx, "test", "2302", day.MustParse("2020-12-31"))
			refused("another city", err, "rulebook.none-in-force")
			list, err := rulebook.List(ctx, tx, rulebook.Filter{Kind: "test"}, 0, 10)
			if err != nil || len(list) != 2 || list[0].ID != v2.ID || list[1].State != rulebook.Retired {
				t.Errorf("List = %v, %v", list, err)
			}
			remarks, err := rulebook.Remarks(ctx, tx, v1.ID, 0, 10)
			if err != nil || len(remarks) != 1 || remarks[0].Path != "value" {
				t.Errorf("Remarks = %v, %v", remarks, err)
			}
			text, err := rulebook.TextOf(ctx, tx, v1.ID)
			if err != nil || string(text) != sample {
				t.Errorf("TextOf differs: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Shipped rulebooks are installed once, and adopted if their file says so.
func TestInstallIsIdempotent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		svc := &rulebook.Service{DB: d, Kinds: testKind()}
		var first, again rulebook.Version
		err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
			if first, err = svc.InstallIn(t.Context(), tx, authz.System("setup"), []byte(sample)); err != nil {
				return err
			}
			again, err = svc.InstallIn(t.Context(), tx, authz.System("setup"), []byte(sample))
			return err
		})
		if err != nil || first.State != rulebook.Adopted || again.ID != first.ID {
			t.Errorf("install = %v, again %v, %v", first, again, err)
		}
	})
}
