//go:build !postgres

package app_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"juli/internal/db"
)

// read are the tables that reading a page may change, and why.
var read = map[string]string{
	"identity_session": "when a session was last used (SES-2); once a minute",
	"node_lease":       "which program holds the database; every few seconds, whoever reads",
	"audit_event":      "who exported a list, read the audit log or was refused (AUD-1)",
	"notify_receipt":   "who opened a letter: that is its receipt",
	"notify_recipient": "the same, at the recipient",
}

// readKinds are the events that reading writes.
var readKinds = map[string]bool{
	"registry.exported": true, "credit.exported": true, "audit.exported": true, "resident.exported": true, "supervision.exported": true, "deed.exported": true,
	"listing.file-read": true, "supervision.file-read": true, "deed.file-read": true, "audit.read": true, "file.read": true, "credit.file-read": true,
	"survey.slips-seen": true, "volunteer.slip-seen": true,
	"identity.read": true, "notify.opened": true, "request.denied": true,
}

// INP-7: GET and HEAD never write. Every route and every kind of page, twice, by
// people who are really signed in, leaves each byte of the database as it was,
// but for what is about reading itself.
func TestReadingWritesNothing(t *testing.T) {
	tn := newTown(t)
	asked, changes := 0, map[string]bool{}
	for login, starts := range doors {
		c := newClient(tn.site)
		if login != "" {
			c = tn.enter(t, login, tn.site)
		}
		events := tn.readEvents(t)
		before := tn.digest(t)
		for round := range 2 {
			paths := slices.Clone(starts)
			for _, r := range routes(t) {
				if r.method == http.MethodGet {
					path := strings.NewReplacer("{$}", "", "{uscc}", "91230102MAGPU0141Y", "{code}", "2301020150080001").Replace(r.path)
					paths = append(paths, unnamed.ReplaceAllString(path, "0000000000001"))
				}
			}
			visit(t, c, 3, paths, func(path string, a answer) {
				if asked++; a.status >= 500 {
					t.Errorf("%s as %q: %d", path, login, a.status)
				}
				if round > 0 {
					return
				}
				if head := c.do(t.Context(), http.MethodHead, path, "", nil); head.status >= 500 {
					t.Errorf("HEAD %s as %q: %d", path, login, head.status)
				}
				asked++
			})
		}
		for _, table := range changed(before, tn.digest(t)) {
			if changes[table] = true; read[table] == "" {
				t.Errorf("reading as %q changed %s", login, table)
			}
		}
		for kind, n := range tn.readEvents(t) {
			if n > events[kind] && !readKinds[kind] {
				t.Errorf("reading as %q wrote %d events %s", login, n-events[kind], kind)
			}
		}
	}
	t.Logf("%d requests, changed %v", asked, changes)
	if asked < 5000 {
		t.Errorf("only %d requests", asked)
	}
}

// readEvents counts the audit log by kind.
func (tn town) readEvents(t *testing.T) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) error {
		type line struct {
			kind string
			n    int64
		}
		lines, err := db.All(t.Context(), tx, func(row db.Scanner) (l line, err error) { return l, row.Scan(&l.kind, &l.n) },
			`SELECT kind, COUNT(*) FROM audit_event GROUP BY kind`)
		for _, l := range lines {
			out[l.kind] = l.n
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A letter counts as received once it is opened: not by asking for its head, and
// not by a browser that fetches ahead of a click.
func TestOnlyOpeningALetterLeavesAReceipt(t *testing.T) {
	tn := newTown(t)
	k := newClerk(t, tn, "firm1", "nangang1")
	for login, list := range map[string]string{"firm1": "/enterprise/messages", "nangang1": "/bureau/messages"} {
		c := k.as(login)
		letter := ""
		for _, to := range links(c.get(t.Context(), list).body) {
			if strings.HasPrefix(to, list+"/") {
				letter = to
			}
		}
		if letter == "" {
			t.Fatalf("%s has no letter", login)
		}
		receipts := func() int64 { return tn.count(t, `SELECT COUNT(*) FROM notify_receipt`) }
		tn.exec(t, `DROP TRIGGER IF EXISTS notify_receipt_no_delete`)
		tn.exec(t, `DELETE FROM notify_receipt`)
		if a := c.do(t.Context(), http.MethodHead, letter, "", nil); a.status != http.StatusMethodNotAllowed || receipts() != 0 {
			t.Errorf("HEAD %s: %d, %d receipts", letter, a.status, receipts())
		}
		for name, value := range map[string]string{"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch", "X-Moz": "prefetch"} {
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, letter, nil)
			req.AddCookie(&http.Cookie{Name: "juli", Value: login})
			req.Header.Set(name, value)
			w := httptest.NewRecorder()
			if k.h.ServeHTTP(w, req); w.Code != http.StatusServiceUnavailable || receipts() != 0 {
				t.Errorf("%s ahead by %s: %d, %d receipts", letter, name, w.Code, receipts())
			}
		}
		if a := c.get(t.Context(), letter); a.status != http.StatusOK || receipts() == 0 {
			t.Errorf("GET %s: %d, %d receipts", letter, a.status, receipts())
		}
	}
}
