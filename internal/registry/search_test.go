package registry_test

import (
	"fmt"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/registry"
)

func TestSearch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := newWorld(t, d)
		xinhua := w.enterprise(1, "哈尔滨新华物业管理有限公司", "230103")
		w.enterprise(2, "新华", "230103")
		w.enterprise(3, "长江Ａ区物业（黑龙江）有限公司", "230102")
		p := w.project("花园小区", nangang, xinhua.USCC, "1000")
		w.project("音乐家园", nangang, xinhua.USCC, "1000")
		_, err := w.PutStaff(ctx, w.clerk, registry.Staff{Name: "李新华", Identity: identity(1), Enterprise: xinhua.USCC, Project: p.Code, Post: registry.Manager, From: w.DBToday()})
		wantRule(t, err, "")
		w.write(func(tx *db.Tx) error {
			return registry.PutDoc(ctx, tx, registry.Doc{Kind: registry.DocDocument, Code: "哈住建物罚〔2021〕15号", Title: "哈住建物罚〔2021〕15号", Detail: "责令限期改正", Division: "230103", Enterprise: xinhua.USCC})
		})
		inside, outside := district(1, "230103"), district(2, "230102")
		for _, tt := range []struct {
			name, text string
			who        authz.Actor
			want       string
		}{
			{"one character", "华", authz.Anonymous, "新华 哈尔滨新华物业管理有限公司"},
			{"the name itself first", "新华", authz.Anonymous, "新华 哈尔滨新华物业管理有限公司"},
			{"the beginning before the middle", "哈尔滨", authz.Anonymous, "哈尔滨新华物业管理有限公司"},
			{"two words, both", "新华 物业", authz.Anonymous, "哈尔滨新华物业管理有限公司"},
			{"two words, one missing", "新华 花园", authz.Anonymous, ""},
			{"initials from the middle", "xhwy", authz.Anonymous, "哈尔滨新华物业管理有限公司"},
			{"initials in capitals", "HYXQ", authz.Anonymous, "花园小区"},
			{"pinyin", "xinhua", authz.Anonymous, "新华 哈尔滨新华物业管理有限公司"},
			{"pinyin not finished", "huayu", authz.Anonymous, "花园小区"},
			{"a character of two readings", "changjiang", authz.Anonymous, "长江Ａ区物业（黑龙江）有限公司"},
			{"a word that reads otherwise", "yinyuejia", authz.Anonymous, "音乐家园"},
			{"full width is half width", "a区", authz.Anonymous, "长江Ａ区物业（黑龙江）有限公司"},
			{"brackets make no difference", "物业黑龙江", authz.Anonymous, "长江Ａ区物业（黑龙江）有限公司"},
			{"address", "红旗大街123", authz.Anonymous, "新华 哈尔滨新华物业管理有限公司 长江Ａ区物业（黑龙江）有限公司"},
			{"beginning of a code", strings.ToLower(string(xinhua.USCC[:16])), authz.Anonymous, "哈尔滨新华物业管理有限公司"},
			{"project code", string(p.Code), authz.Anonymous, "花园小区"},
			{"nothing", "没有这家", authz.Anonymous, ""},
			{"a percent sign is no pattern", "%", authz.Anonymous, ""},
			{"people, inside", "李新", inside, "李新华"},
			{"people, to the public", "李新", authz.Anonymous, ""},
			{"people, of another district", "李新", outside, ""},
			{"own people", "lixinhua", firm(3, xinhua.USCC), "李新华"},
			{"document number", "哈住建物罚〔2021〕15", inside, "哈住建物罚〔2021〕15号"},
			{"part of a document number", "2021〕15号", inside, "哈住建物罚〔2021〕15号"},
			{"documents are not public by themselves", "哈住建物罚", authz.Anonymous, ""},
		} {
			t.Run(tt.name, func(t *testing.T) {
				w.read(func(tx *db.Tx) error {
					hits, err := registry.Search(ctx, tx, tt.who, registry.Query{Text: tt.text})
					var got []string
					for _, h := range hits {
						got = append(got, h.Title)
					}
					if err != nil || strings.Join(got, " ") != tt.want {
						t.Errorf("%q = %v, %v; want %s", tt.text, got, err, tt.want)
					}
					return nil
				})
			})
		}
	})
}

func TestSearchFollowsChanges(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := newWorld(t, d)
		e := w.enterprise(1, "甲物业有限公司", "230103")
		p := w.project("旧名小区", nangang, e.USCC, "1000")
		p.Name = "新名家园"
		_, err := w.PutProject(ctx, w.clerk, p, "更名")
		wantRule(t, err, "")
		look := func(text string, want int) {
			t.Helper()
			w.read(func(tx *db.Tx) error {
				hits, err := registry.Search(ctx, tx, authz.Anonymous, registry.Query{Text: text, Kinds: []registry.DocKind{registry.DocProject}})
				if err != nil || len(hits) != want {
					t.Errorf("%s: %v, %v; want %d", text, hits, err, want)
				}
				return nil
			})
		}
		look("新名", 1)
		look("旧名", 0)
		w.write(func(tx *db.Tx) error { return registry.CompactSearch(ctx, tx) })
		look("家园", 1)
		look("xmjy", 1)
		look("旧名", 0)
		w.write(func(tx *db.Tx) error {
			return registry.PutDoc(ctx, tx, registry.Doc{Kind: registry.DocDocument, Code: "D1", Title: "临时文书", Open: true})
		})
		w.write(func(tx *db.Tx) error { return registry.Remove(ctx, tx, registry.DocDocument, "D1") })
		w.read(func(tx *db.Tx) error {
			hits, err := registry.Search(ctx, tx, authz.Anonymous, registry.Query{Text: "临时文书"})
			if err != nil || len(hits) != 0 {
				t.Errorf("removed, but found: %v, %v", hits, err)
			}
			return nil
		})
	})
}

func TestLists(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := newWorld(t, d)
		var firms []registry.Enterprise
		for i, name := range []string{"丙物业", "甲物业", "乙物业", "甲物业", "A%物业"} {
			division := code.Division("230103")
			if i == 4 {
				division = "230102"
			}
			firms = append(firms, w.enterprise(i+1, name, division))
		}
		for i := range 7 {
			w.project(fmt.Sprintf("小区%d", i), nangang, firms[i%3].USCC, fmt.Sprint(100*(i+1)))
		}
		walk := func(q registry.ListQuery) (names []string) {
			for range 20 {
				var rows []registry.EnterpriseRow
				w.read(func(tx *db.Tx) (err error) { rows, q.After, err = registry.ListEnterprises(ctx, tx, q); return err })
				for _, r := range rows {
					names = append(names, r.Name+fmt.Sprint(r.Projects))
				}
				if q.After == "" {
					return names
				}
			}
			t.Error("the pages do not end")
			return names
		}
		for _, tt := range []struct {
			name string
			q    registry.ListQuery
			want string
		}{
			{"by pinyin", registry.ListQuery{}, "A%物业0 丙物业3 甲物业2 甲物业0 乙物业2"},
			{"backwards", registry.ListQuery{Desc: true}, "乙物业2 甲物业0 甲物业2 丙物业3 A%物业0"},
			{"by projects", registry.ListQuery{Sort: registry.ByProjects, Desc: true, Division: "230103"}, "丙物业3 乙物业2 甲物业2 甲物业0"},
			{"by area", registry.ListQuery{Sort: registry.ByArea, Desc: true, Division: "230103"}, "丙物业3 乙物业2 甲物业2 甲物业0"},
			{"of a district", registry.ListQuery{Division: "230102"}, "A%物业0"},
			{"of the city", registry.ListQuery{Division: "2301", Text: "丙"}, "丙物业3"},
			{"a percent sign", registry.ListQuery{Text: "%"}, "A%物业0"},
			{"of a kind", registry.ListQuery{Kind: "BRANCH"}, ""},
			{"by code", registry.ListQuery{Sort: registry.ByCode, Text: string(firms[0].USCC)}, "丙物业3"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				for _, limit := range []int{0, 1, 2} {
					tt.q.Limit = limit
					if got := strings.Join(walk(tt.q), " "); got != tt.want {
						t.Errorf("limit %d: %s, want %s", limit, got, tt.want)
					}
				}
			})
		}
		w.read(func(tx *db.Tx) error {
			rows, next, err := registry.ListProjects(ctx, tx, registry.ListQuery{Enterprise: firms[0].USCC, Sort: registry.ByArea, Desc: true, Limit: 2})
			if err != nil || len(rows) != 2 || rows[0].Area != 70_000 || rows[0].EnterpriseName != "丙物业" || next == "" {
				t.Errorf("projects = %+v, %q, %v", rows, next, err)
			}
			n, err := registry.CountProjects(ctx, tx, registry.ListQuery{Division: "230103"})
			if err != nil || n != 7 {
				t.Errorf("count = %d, %v", n, err)
			}
			_, _, err = registry.ListProjects(ctx, tx, registry.ListQuery{Sort: "name; DROP"})
			wantRule(t, err, "registry.sort")
			_, _, err = registry.ListProjects(ctx, tx, registry.ListQuery{Sort: registry.ByArea, After: "x~y"})
			wantRule(t, err, "registry.cursor")
			return nil
		})
	})
}

// city is as many enterprises as Harbin has subjects.
func BenchmarkSearch(b *testing.B) {
	w := newWorld(b, dbtest.SQLite(b))
	w.write(func(tx *db.Tx) error {
		in := registry.Input{Columns: keys(registry.EnterpriseColumns()), Rows: manyEnterprises(4000)}
		_, err := w.ImportEnterprises(b.Context(), tx, w.clerk, in, func(registry.Problem) {})
		return err
	})
	for _, text := range []string{"华", "物业", "新华", "xhwy", "hongda", "红旗大街12", "91230103MA0000", "没有这家"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				w.read(func(tx *db.Tx) error {
					_, err := registry.Search(b.Context(), tx, authz.Anonymous, registry.Query{Text: text})
					return err
				})
			}
		})
	}
}

func BenchmarkList(b *testing.B) {
	w := newWorld(b, dbtest.SQLite(b))
	w.write(func(tx *db.Tx) error {
		in := registry.Input{Columns: keys(registry.EnterpriseColumns()), Rows: manyEnterprises(4000)}
		_, err := w.ImportEnterprises(b.Context(), tx, w.clerk, in, func(registry.Problem) {})
		return err
	})
	for b.Loop() {
		w.read(func(tx *db.Tx) error {
			_, _, err := registry.ListEnterprises(b.Context(), tx, registry.ListQuery{Division: "230103", Limit: 20})
			return err
		})
	}
}
