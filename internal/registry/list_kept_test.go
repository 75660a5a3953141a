package registry_test

import (
	"fmt"
	"strings"
	"testing"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/registry"
)

// lists is what pages show: rows, totals, names of places.
func (w *world) lists(q registry.ListQuery) string {
	w.t.Helper()
	var b strings.Builder
	w.read(func(tx *db.Tx) error {
		ctx := w.t.Context()
		firms, _, err := registry.ListEnterprises(ctx, tx, q)
		if err != nil {
			return err
		}
		n, err := registry.CountEnterprises(ctx, tx, q)
		if err != nil {
			return err
		}
		homes, _, err := registry.ListProjects(ctx, tx, q)
		if err != nil {
			return err
		}
		m, err := registry.CountProjects(ctx, tx, q)
		if err != nil {
			return err
		}
		fmt.Fprint(&b, n, "家")
		for _, e := range firms {
			fmt.Fprint(&b, " ", e.Name, e.Projects)
		}
		fmt.Fprint(&b, "；", m, "个")
		for _, p := range homes {
			fmt.Fprint(&b, " ", p.Name, "/", p.EnterpriseName)
		}
		names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) { _ = yield("230103") && yield("999999") })
		fmt.Fprint(&b, "；", names["230103"], len(names))
		return err
	})
	return b.String()
}

// Pages and totals are kept until the register changes: every change is
// on the next page that anybody opens, and a page twice in a row is the same.
func TestTheNextListShowsTheChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		see := func(q registry.ListQuery, want string) {
			t.Helper()
			for range 2 {
				if got := w.lists(q); got != want {
					t.Fatalf("%q, want %q", got, want)
				}
			}
		}
		all, south, west := registry.ListQuery{}, registry.ListQuery{Division: "230103"}, registry.ListQuery{Division: "230102"}
		see(all, "0家；0个；南岗区1")
		e := w.enterprise(1, "甲物业", nangang)
		see(all, "1家 甲物业0；0个；南岗区1")
		see(west, "0家；0个；南岗区1")
		w.project("花园", nangang, e.USCC, "1000")
		see(all, "1家 甲物业1；1个 花园/甲物业；南岗区1")
		see(south, "1家 甲物业1；1个 花园/甲物业；南岗区1")
		e.Name, e.Projects, e.Managed = "乙物业", 1, 0
		if _, err := w.PutEnterprise(t.Context(), w.clerk, e, "更名"); err != nil {
			t.Fatal(err)
		}
		see(all, "1家 乙物业1；1个 花园/乙物业；南岗区1")
		w.write(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE division SET name = '新南岗区' WHERE code = '230103'`)
			return err
		})
		see(all, "1家 乙物业1；1个 花园/乙物业；新南岗区1")
		w.write(func(tx *db.Tx) error { // who writes sees the own change before anybody else
			if _, err := tx.Exec(t.Context(), `UPDATE enterprise SET name = '丙物业'`); err != nil {
				return err
			}
			rows, _, err := registry.ListEnterprises(t.Context(), tx, all)
			if err == nil && rows[0].Name != "丙物业" {
				t.Errorf("the writer sees %s", rows[0].Name)
			}
			return err
		})
		see(all, "1家 丙物业1；1个 花园/丙物业；新南岗区1")
		w.write(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE enterprise SET name = '乙物业'`)
			return err
		})
		see(all, "1家 乙物业1；1个 花园/乙物业；新南岗区1")
	})
}

// A further page is kept as a first one is, apart from it, and shows the change as soon.
func TestTheNextFurtherPageShowsTheChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		var last registry.Enterprise
		for i, name := range []string{"甲物业", "乙物业", "丙物业"} {
			last = w.enterprise(i+1, name, nangang)
			w.project(name+"花园", nangang, last.USCC, "1000")
		}
		q := registry.ListQuery{Sort: registry.ByCode, Limit: 2}
		see := func(firms, homes string) {
			t.Helper()
			for range 2 {
				if got := w.pages(q); got != [2]string{firms, homes} {
					t.Fatalf("%q, want %q and %q", got, firms, homes)
				}
			}
		}
		see("甲物业 乙物业 | 丙物业", "甲物业 乙物业 | 丙物业")
		last.Name, last.Projects, last.Managed = "丁物业", 1, 1000_00
		if _, err := w.PutEnterprise(t.Context(), w.clerk, last, "更名"); err != nil {
			t.Fatal(err)
		}
		see("甲物业 乙物业 | 丁物业", "甲物业 乙物业 | 丁物业")
		e := w.enterprise(4, "戊物业", nangang)
		w.project("戊花园", nangang, e.USCC, "1000")
		see("甲物业 乙物业 | 丁物业 戊物业", "甲物业 乙物业 | 丁物业 戊物业")
	})
}

// pages is the names of the enterprises on each page of q, and of those that
// hold the projects on each.
func (w *world) pages(q registry.ListQuery) (out [2]string) {
	w.t.Helper()
	w.read(func(tx *db.Tx) error {
		var lists [2][]string
		for at := q; ; {
			rows, next, err := registry.ListEnterprises(w.t.Context(), tx, at)
			if err != nil {
				return err
			}
			for _, r := range rows {
				lists[0] = append(lists[0], r.Name)
			}
			if at.After = next; next == "" {
				break
			}
			lists[0] = append(lists[0], "|")
		}
		for at := q; ; {
			rows, next, err := registry.ListProjects(w.t.Context(), tx, at)
			if err != nil {
				return err
			}
			for _, r := range rows {
				lists[1] = append(lists[1], r.EnterpriseName)
			}
			if at.After = next; next == "" {
				break
			}
			lists[1] = append(lists[1], "|")
		}
		out = [2]string{strings.Join(lists[0], " "), strings.Join(lists[1], " ")}
		return nil
	})
	return out
}

// What a caller appends to kept rows is not in anybody else's.
func TestKeptRowsAreNotLengthened(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for i := range 3 {
		w.enterprise(i+1, fmt.Sprint("物业", i), nangang)
	}
	q := registry.ListQuery{Limit: 2}
	w.read(func(tx *db.Tx) error {
		one, _, err := registry.ListEnterprises(t.Context(), tx, q)
		if err != nil {
			return err
		}
		two, _, err := registry.ListEnterprises(t.Context(), tx, q)
		a, b := append(one, one[0]), append(two, two[1])
		if a[2].USCC == b[2].USCC {
			t.Error("two pages share what was appended")
		}
		return err
	})
}
