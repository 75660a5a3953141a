package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"juli/internal/db"
)

// TestDefaultPairs is AUT-1: two hundred user names and passwords that devices
// and programs ship with, against every way in.
func TestDefaultPairs(t *testing.T) {
	tn := newTown(t)
	h := tn.Handler()
	names := []string{"admin", "administrator", "root", "sysadmin", "auditadmin", "secadmin", "secadmin1", "city1", "firm1", "test", "guest", "user", "demo", "juli", "postgres", "sa", "system", "operator", "manager", "nangang1"}
	words := []string{"", "admin", "123456", "password", "admin123", "Admin@123", "root", "Passw0rd!2021", "juli", "Juli@2026"}
	c := newClient(h)
	const entries = `SELECT COUNT(*) FROM audit_event WHERE kind IN ('identity.signed-in', 'identity.joined')`
	before, tries := tn.count(t, entries), 0
	for i, name := range names {
		for j, word := range words {
			tries++
			c.addr = fmt.Sprintf("127.%d.%d.9", i, j)
			for _, s := range []sending{
				c.form(t, "/login", "/login", "login", name, "password", word),
				c.form(t, "/join", "/join", "code", word, "name", name, "number", idNumber(tries), "password", "Correct-Horse-77-Battery"),
			} {
				a := c.send(t, s)
				if a.status == http.StatusSeeOther || a.status == http.StatusOK || c.jar["juli"] != "" {
					t.Errorf("%s with %q: %d", name, word, a.status)
				}
			}
			// the later steps of a sign-in, without the first
			form := c.form(t, "/login", "/login")
			for _, step := range []struct{ path, field string }{{"/login/second", "code"}, {"/login/renew", "fresh"}, {"/join/enrol", "code"}} {
				s := sending{action: step.path, values: url.Values{"_csrf": form.values["_csrf"], "challenge": {word + strings.Repeat("A", 43)}, step.field: {"123456"}}}
				if a := c.send(t, s); a.status < 400 || c.jar["juli"] != "" {
					t.Errorf("%s without a password: %d", step.path, a.status)
				}
			}
		}
	}
	if tries < 200 {
		t.Errorf("only %d pairs", tries)
	}
	if n := tn.count(t, entries); n != before {
		t.Errorf("%d sign-ins", n-before)
	}
}

func (tn town) count(t *testing.T, query string, args ...any) (n int64) {
	t.Helper()
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		n, err = db.Value[int64](t.Context(), tx, query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
