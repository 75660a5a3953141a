package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"juli/internal/app"
	"juli/internal/db"
)

func (tn town) anyColumn(t *testing.T, table string) string {
	t.Helper()
	return tn.texts(t, "", `SELECT column_name FROM information_schema.columns WHERE table_name = '`+table+`' ORDER BY ordinal_position LIMIT 1`)[0]
}

// INP-8, AUD-3: on PostgreSQL the program runs under a role that can define nothing:
// docs/operations.md, "two roles". Everything that the pages do goes on.
func TestTheProgramRunsWithoutDefiningAnything(t *testing.T) {
	tn := newTown(t)
	if tn.DB.Engine() != "postgres" {
		return // SQLite has no roles
	}
	owner, err := url.Parse(tn.Config.DB)
	if err != nil {
		t.Fatal(err)
	}
	role := "runs_" + strings.Trim(owner.Path, "/")
	exec := func(d *db.DB, query string) error {
		return d.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), query); return err })
	}
	if err := exec(tn.DB, "CREATE ROLE "+role+" LOGIN"); err != nil {
		t.Fatal(err)
	}
	if err := tn.DB.GrantRun(t.Context(), role); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exec(tn.DB, fmt.Sprintf("DROP OWNED BY %s; DROP ROLE %s", role, role)) })
	cfg := tn.Config
	at := *owner
	at.User = url.User(role)
	cfg.DB = at.String()
	a, err := app.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for _, query := range []string{"CREATE TABLE evil (id BIGINT)", "ALTER TABLE enterprise ADD COLUMN evil TEXT", "DROP TABLE enterprise", "DROP TRIGGER audit_event_append_only ON audit_event", "TRUNCATE enterprise CASCADE", "CREATE FUNCTION evil() RETURNS INT LANGUAGE sql AS 'SELECT 1'"} {
		if err := exec(a.DB, query); err == nil {
			t.Errorf("the program's role may %s", query)
		}
	}
	never, err := db.AppendOnly() // AUD-3
	if err != nil || len(never) < 20 {
		t.Fatalf("%d append-only tables, %v", len(never), err)
	}
	for _, table := range never {
		err := exec(a.DB, "UPDATE "+table+" SET "+tn.anyColumn(t, table)+" = NULL WHERE FALSE")
		if err == nil || !strings.Contains(err.Error(), "SQLSTATE 42501") { // not by a trigger: no right at all
			t.Errorf("the program's role may change rows of %s: %v", table, err)
		}
	}
	found, err := app.Doctor(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Key == "db.role" && f.Detail != "不能改动表结构" || !f.OK {
			t.Errorf("doctor: %s: %s", f.Name, f.Detail)
		}
	}
	limited := town{App: a, site: a.Handler(), accounts: tn.accounts}
	c := limited.enter(t, "city1", limited.site)
	for _, path := range []string{"/bureau/", "/bureau/enterprises", "/search?q=%E7%89%A9%E4%B8%9A"} {
		if res := c.get(t.Context(), path); res.status != http.StatusOK {
			t.Errorf("%s: %d", path, res.status)
		}
	}
	if res := c.send(t, c.form(t, "/account", "/logout")); res.status != http.StatusSeeOther {
		t.Errorf("signing out: %d", res.status)
	}
	if err := a.Jobs.Drain(t.Context()); err != nil {
		t.Errorf("jobs: %v", err)
	}
}
