package app_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/identity"
)

// exec changes the database behind the program's back: what time or a disaster does.
func (tn town) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	err := tn.DB.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), query, args...); return err })
	if err != nil {
		t.Fatal(err)
	}
}

// TestSessionsByHTTP is SES-1: a token is new at every step, none that was
// planted before holds, every cookie is kept from scripts and other sites, and no
// live token stands in the database.
func TestSessionsByHTTP(t *testing.T) {
	tn := newTown(t)
	tn.Secure = true
	h := tn.Handler()
	const cookie = "__Host-juli"
	planted := newClient(h, cookie, strings.Repeat("P", 43), "__Host-juli-form", strings.Repeat("Q", 26))
	var set []string
	for _, r := range routes(t) { // a visitor's cookies
		if r.method == "GET" && !strings.Contains(r.path, "{id}") {
			set = append(set, planted.get(t.Context(), strings.TrimSuffix(r.path, "{$}")).header.Values("Set-Cookie")...)
		}
	}
	c := tn.enter(t, "nangang1", h)
	first := c.jar[cookie]
	if first == "" || first == strings.Repeat("P", 43) || len(first) != 43 {
		t.Fatalf("the session's token is %q", first)
	}
	planted.jar[cookie] = strings.Repeat("P", 43)
	if a := planted.get(t.Context(), "/account"); a.status == http.StatusOK {
		t.Error("a planted token is a session")
	}
	code := func() string {
		tn.exec(t, `UPDATE identity_account SET second_step = 0`)
		text, err := identity.Code(tn.accounts["nangang1"].Secret, tn.realNow(t))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	a := c.send(t, c.form(t, "/stepup", "/stepup", "code", code()))
	set = append(set, a.header.Values("Set-Cookie")...)
	second := c.jar[cookie]
	if a.status != http.StatusSeeOther || second == first {
		t.Errorf("after the step-up: %d, the same token %v", a.status, second == first)
	}
	old := newClient(h, cookie, first)
	if a := old.get(t.Context(), "/account"); a.status == http.StatusOK {
		t.Error("the token before the step-up still holds")
	}
	for _, r := range routes(t) { // and a signed-in person's
		if r.method == "GET" && !strings.Contains(r.path, "{") {
			set = append(set, c.get(t.Context(), r.path).header.Values("Set-Cookie")...)
		}
	}
	tn.noTokenIn(t, second)
	out := c.send(t, c.form(t, "/account", "/logout"))
	set = append(set, out.header.Values("Set-Cookie")...)
	last := newClient(h, cookie, second)
	if a := last.get(t.Context(), "/account"); a.status == http.StatusOK {
		t.Error("the token holds after signing out")
	}
	if len(set) < 5 {
		t.Errorf("only %d cookies seen", len(set))
	}
	for _, line := range set {
		k, err := http.ParseSetCookie(line)
		if err != nil {
			t.Errorf("cookie %q: %v", line, err)
			continue
		}
		strict := k.SameSite == http.SameSiteLaxMode || k.SameSite == http.SameSiteStrictMode
		if !k.Secure || !k.HttpOnly || !strict || k.Path != "/" || k.Domain != "" || !strings.HasPrefix(k.Name, "__Host-") && k.Name != "juli-view" {
			t.Errorf("cookie %s", line)
		}
	}
}

// noTokenIn looks for a live token in the files of the database.
func (tn town) noTokenIn(t *testing.T, token string) {
	t.Helper()
	path, ok := strings.CutPrefix(tn.Config.DB, "sqlite://")
	if !ok {
		return
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if text, err := os.ReadFile(name); err == nil && bytes.Contains(text, []byte(token)) {
			t.Errorf("a live token stands in %s", filepath.Base(name))
		}
	}
}

// An ending is one way in which somebody's right to write ends; undo makes the
// next race possible.
type ending struct {
	name     string
	do, undo func(i int, session db.ID, token string)
}

// endings are the ways in which a session's right to write ends.
func (tn town) endings(t *testing.T, who, boss authz.Actor) []ending {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	return []ending{
		{"logout", func(_ int, _ db.ID, token string) { must(tn.Identity.SignOut(t.Context(), identity.Origin{}, token)) }, nil},
		{"ended by the manager", func(_ int, session db.ID, _ string) { must(tn.Identity.EndSession(t.Context(), boss, session)) }, nil},
		{
			"suspended", func(int, db.ID, string) { must(tn.Identity.Suspend(t.Context(), boss, who.Account, "测试")) },
			func(int, db.ID, string) { must(tn.Identity.Resume(t.Context(), boss, who.Account, "测试")) },
		},
		{
			"grant revoked", func(int, db.ID, string) { must(tn.Identity.Revoke(t.Context(), boss, who.Grants[0].ID, "测试")) },
			func(int, db.ID, string) {
				tn.exec(t, `UPDATE identity_grant SET state = 'active' WHERE id = $1`, who.Grants[0].ID)
			},
		},
		{"term over", func(int, db.ID, string) {
			tn.exec(t, `UPDATE identity_grant SET valid_to = '2020-01-02', valid_from = '2020-01-01' WHERE id = $1`, who.Grants[0].ID)
		}, func(int, db.ID, string) {
			tn.exec(t, `UPDATE identity_grant SET valid_to = $2, valid_from = $3 WHERE id = $1`, who.Grants[0].ID, who.Grants[0].To, who.Grants[0].From)
		}},
	}
}

// TestNoWriteAfterTheEnd is SES-3: a thousand races by HTTP of one write against
// the end of the session, the account, the grant or its term. What was begun
// before may still be written; after the end was acknowledged, nothing is.
func TestNoWriteAfterTheEnd(t *testing.T) {
	tn := newTown(t)
	h := tn.Handler()
	writer := tn.enter(t, "firm1", h)
	who := tn.actor(t, "firm1")
	form := writer.form(t, "/enterprise/filings/new?subject=enterprise", "filings/new?subject=enterprise")
	boss := tn.actor(t, "secadmin1")
	boss.Second, boss.StepUp = true, tn.realNow(t)
	endings := tn.endings(t, who, boss)
	runs, wrote := 1000, 0
	if strings.HasPrefix(tn.Config.DB, "postgres") {
		runs = 200
	}
	for i := range runs {
		e := endings[i%len(endings)]
		token := fmt.Sprintf("%043d", i)
		session := tn.session(t, who.Account, token)
		c := newClient(h, "juli", token)
		page := c.get(t.Context(), "/account")
		list := forms("/account", page.body)
		if page.status != http.StatusOK || len(list) == 0 {
			t.Fatalf("run %d: %d", i, page.status)
		}
		s := form.with("_csrf", list[0].controls[0].value).with("_once", fmt.Sprintf("%020d", i))
		var all sync.WaitGroup
		all.Go(func() { c.send(t, s) })
		all.Go(func() {
			for range i % 10 { // so that either comes first
				newClient(h).get(t.Context(), "/login")
			}
			e.do(i, session, token)
		})
		all.Wait()
		before := tn.drafts(t, who.Account)
		c.send(t, s.with("_once", fmt.Sprintf("late-%020d", i)))
		if now := tn.drafts(t, who.Account); now != before {
			t.Fatalf("run %d, %s: a write after the acknowledged end", i, e.name)
		}
		if e.undo != nil {
			e.undo(i, session, token)
		}
		wrote = int(before)
	}
	late := tn.count(t, `
		SELECT COUNT(*) FROM audit_event w JOIN audit_event e ON e.id < w.id
		WHERE w.kind = 'registry.drafted' AND w.outcome = 'done' AND w.session <> 0
		  AND e.kind = 'identity.signed-out' AND e.session = w.session`)
	if late != 0 {
		t.Errorf("%d writes stand after the end of their session", late)
	}
	if wrote == 0 || wrote >= runs {
		t.Errorf("%d of %d writes came first: no race", wrote, runs)
	}
	t.Logf("%d races, %d writes came first", runs, wrote)
}

func (tn town) drafts(t *testing.T, account db.ID) int64 {
	t.Helper()
	return tn.count(t, `SELECT COUNT(*) FROM registry_filing f JOIN casework_step s ON s.case_id = f.id AND s.version = 1 WHERE s.account = $1`, account)
}

// session opens a session as a sign-in does.
func (tn town) session(t *testing.T, account db.ID, token string) (id db.ID) {
	t.Helper()
	sum := sha256.Sum256([]byte(token))
	err := tn.DB.Write(t.Context(), func(tx *db.Tx) error {
		id = tx.NewID()
		now := db.Millis(tx.Real)
		_, err := tx.Exec(t.Context(), `
			INSERT INTO identity_session (id, account_id, token_hash, second, staff, created_real, seen_real, idle_ms, ends_real, second_real, addr, agent)
			VALUES ($1, $2, $3, TRUE, TRUE, $4, $4, 900000, $5, $4, '', '')`, id, account, sum[:], now, now+3_600_000)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}
