//go:build !postgres

package app_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"juli/internal/db"
)

// sealedColumns hold what is never to be seen in clear outside the program.
var sealedColumns = [][2]string{
	{"identity_person", "number_sealed"},
	{"identity_person", "phone_sealed"},
	{"identity_account", "second_sealed"},
	{"staff_person", "identity_sealed"},
	{"staff_person", "phone_sealed"},
}

type secret struct{ what, text string }

// secrets are the town's own numbers, opened with its keys, and its accounts'
// passwords and authenticators.
func (tn town) secrets(t *testing.T) (all []secret) {
	t.Helper()
	type cell struct {
		id    db.ID
		bytes []byte
	}
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) error {
		for _, c := range sealedColumns {
			cells, err := db.All(t.Context(), tx, func(row db.Scanner) (c cell, err error) { return c, row.Scan(&c.id, &c.bytes) },
				fmt.Sprintf(`SELECT id, %s FROM %s WHERE %s IS NOT NULL ORDER BY id LIMIT 120`, c[1], c[0], c[1]))
			if err != nil {
				return err
			}
			for _, x := range cells {
				plain, err := tn.Keys.Open(c[0], c[1], x.id, x.bytes)
				if err != nil {
					return err
				}
				all = append(all, secret{c[0] + "." + c[1], string(plain)})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for login, a := range tn.accounts {
		all = append(all, secret{"password of " + login, a.Password})
		if a.Secret != "" {
			all = append(all, secret{"authenticator of " + login, a.Secret})
		}
	}
	return all
}

// absent reports every secret that stands in a text.
func absent(t *testing.T, where string, text []byte, all []secret) {
	t.Helper()
	for _, s := range all {
		if bytes.Contains(text, []byte(s.text)) {
			t.Errorf("%s holds the %s", where, s.what)
		}
	}
}

// PI-7, CRY-2: a city in use, seen from behind. Numbers, passwords, tokens and
// authenticators are neither in its log nor in its metrics, not in an address on
// any page nor on an error page, and not in any file that it wrote: database,
// WAL, uploads, temporary files.
func TestSecretsStayInside(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	tn := newTown(t)
	log := logged(t)
	base, admin, _ := tn.served(t)
	all := tn.secrets(t)
	if len(all) < 60 {
		t.Fatalf("only %d secrets to look for", len(all))
	}
	var addresses, refusals strings.Builder
	for _, login := range []string{"city1", "firm1", "secadmin1"} {
		c := tn.enter(t, login, tn.site)
		token := c.jar["juli"]
		if len(token) < 20 {
			t.Fatalf("%s: no session", login)
		}
		all = append(all, secret{"session of " + login, token})
		visit(t, c, 2, doors[login], func(path string, a answer) {
			addresses.WriteString(path + "\n")
			for _, one := range links(a.body) {
				addresses.WriteString(one + "\n")
			}
		})
		c.get(t.Context(), "/bureau/enterprises/"+token) // as if somebody pasted it there: not in the log
		for _, bad := range []answer{
			c.send(t, sending{action: "/login", values: url.Values{"login": {"city1"}, "password": {tn.accounts[login].Password}}}),
			c.do(t.Context(), "POST", "/bureau/records/new", "text/plain", []byte(token)),
		} {
			if bad.status < 400 {
				continue
			}
			refusals.WriteString(bad.body)
		}
		out := c.send(t, c.form(t, "/account", "/logout"))
		if h := out.header.Get("Clear-Site-Data"); out.status != http.StatusSeeOther || !strings.Contains(h, `"cache"`) || !strings.Contains(h, `"storage"`) {
			t.Errorf("%s signs out: %d, Clear-Site-Data %q", login, out.status, h)
		}
	}
	fetch(t, base+"/search?q="+url.QueryEscape(all[0].text))
	_, metrics := fetch(t, admin+"/metrics")
	absent(t, "the log", []byte(log.String()), all)
	absent(t, "the metrics", []byte(metrics), all)
	absent(t, "an address", []byte(addresses.String()), all)
	absent(t, "an error page", []byte(refusals.String()), all)
	if strings.Count(log.String(), "\n") < 100 || strings.Count(addresses.String(), "\n") < 200 || refusals.Len() == 0 {
		t.Errorf("%d lines of log, %d addresses, %d bytes of refusals: too few", strings.Count(log.String(), "\n"), strings.Count(addresses.String(), "\n"), refusals.Len())
	}
	tn.nothingInFiles(t, temp, all)
}

// nothingInFiles looks into every file of the city and of its temporary folder.
func (tn town) nothingInFiles(t *testing.T, temp string, all []secret) {
	t.Helper()
	roots := []string{temp, tn.Folder}
	if path := tn.DB.Path(); path != "" {
		roots = append(roots, filepath.Dir(path))
	}
	looked := 0
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() || e.Name() == "demo-accounts.json" {
				return err // the demo accounts are there to be read, by their owner alone
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			looked++
			absent(t, filepath.Base(path), text, all)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if tn.DB.Path() != "" && looked < 3 {
		t.Errorf("only %d files", looked)
	}
}
