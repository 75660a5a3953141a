//go:build !postgres

package app_test

import (
	"bytes"
	"fmt"
	"image"
	"io/fs"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"juli/internal/db"
)

// kept are the types in which files may be answered: none that runs.
var kept = map[string]string{
	"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "text/csv": ".csv",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":       ".xlsx",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}

// scriptable says why an answer with a file could run in our name; "" if it can't.
func scriptable(a answer) string {
	h := a.header
	disposition, params, err := mime.ParseMediaType(h.Get("Content-Disposition"))
	ext, known := kept[h.Get("Content-Type")]
	policy := h.Get("Content-Security-Policy")
	switch {
	case err != nil || disposition != "attachment":
		return "it is no attachment: " + h.Get("Content-Disposition")
	case !known:
		return "its type is " + h.Get("Content-Type")
	case filepath.Ext(params["filename"]) != ext || strings.ContainsAny(params["filename"], "/\\<>\"\x00\n\u202e"):
		return "it is called " + params["filename"]
	case h.Get("X-Content-Type-Options") != "nosniff":
		return "a browser may guess its type"
	case !strings.Contains(policy, "sandbox") || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "allow-"):
		return "its policy is " + policy
	}
	if strings.HasPrefix(h.Get("Content-Type"), "image/") {
		if _, _, err := image.Decode(strings.NewReader(a.body)); err != nil || strings.Contains(a.body, "xss7") {
			return "it is a picture with something else in it"
		}
	}
	return ""
}

// INP-2: files that are two things at once come in by the form of a visitor, and
// go out to the official who decides: whatever was taken cannot run.
func TestPolyglotsNeverRun(t *testing.T) {
	tn := newTown(t)
	k := newClerk(t, tn, "nangang1")
	list, outside := polyglots(), tn.outside(t)
	taken := map[string]int{}
	blank := newClient(k.h).form(t, "/enterprise-account", "/enterprise-account", "division", "230103", "legal", "李", "contact", "王", "name", "物业", "phone", "13900001234")
	token := csrfOf(t, k.as(""))
	for i, f := range list {
		uscc := spareUSCC(20_000 + i)
		c := k.as("")
		c.addr = fmt.Sprintf("203.0.%d.%d", 1+i/250, 1+i%250)
		s := blank.with("uscc", uscc).with("number", idNumber(i)).with("_once", fmt.Sprintf("%020d", i)).with("_csrf", token)
		s.files = []file{f}
		a := c.send(t, s)
		if a.status != http.StatusSeeOther {
			if a.status < 400 || a.status >= 500 {
				t.Errorf("%q (%.30q): %d", f.name, f.body, a.status)
			}
			continue
		}
		out := k.as("nangang1").get(t.Context(), "/admin/requests/"+tn.requestOf(t, uscc).String()+"/proof")
		if why := scriptable(out); out.status != http.StatusOK || why != "" {
			t.Errorf("%q (%.30q) is answered with %d: %s", f.name, f.body, out.status, why)
		}
		taken[out.header.Get("Content-Type")]++
	}
	for _, path := range tn.outside(t) {
		if !strings.Contains(strings.Join(outside, "\n"), path) {
			t.Errorf("a file outside the folder of uploads: %s", path)
		}
	}
	t.Logf("%d files sent, taken: %v", len(list), taken)
	if len(list) < 300 || len(taken) != len(kept) {
		t.Errorf("%d files, taken as %v", len(list), taken)
	}
}

func (tn town) requestOf(t *testing.T, uscc string) (id db.ID) {
	t.Helper()
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		id, err = db.Value[db.ID](t.Context(), tx, `SELECT id FROM identity_request WHERE uscc = $1`, uscc)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// stored is how the folder of uploads names its files.
var stored = regexp.MustCompile(`^(tmp/)?([0-9a-f]{2}/)?[0-9A-Za-z]{20,64}$`)

// outside lists what lies in and around the folder of uploads but is no upload.
func (tn town) outside(t *testing.T) (list []string) {
	t.Helper()
	root := filepath.Dir(tn.Config.Folder)
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		inner, err := filepath.Rel(tn.Config.Folder, path)
		if err != nil || !stored.MatchString(filepath.ToSlash(inner)) {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// climbs are ways to write "one folder up", or somewhere else.
var climbs = []string{
	"../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", `..\`, "%2e%2e%5c", "..%252f", "%252e%252e%252f", "..%c0%af", "..%c1%9c", "%c0%ae%c0%ae/", "%e0%80%ae%e0%80%ae/", "%f0%80%80%ae/", "..%ef%bc%8f", "%ef%bc%8e%ef%bc%8e/",
	"....//", "....%5c%5c", "..;/", "..%00/", "%00../", "..%0a/", "..%0d/", "..%09/", "./../", ".%2e/", "%2e./", "..//", "..%20/", "..%e2%80%ae/", "%uff0e%uff0e/", "..%u2215", "%%32%65%%32%65/", "///", "%2f", "%5c%5c127.0.0.1%5cc$%5c", "//127.0.0.1/", "file:///", "C:%5c", "C:/", "..%bg%qf",
}

// aims are what lies outside and would be worth reading.
var aims = []string{"etc/passwd", "keys", "town.db", "town.db-wal", "secret.txt", "files/secret.txt", "go.mod", "app_test.go", "proc/self/environ", "dev/zero", ".env", ".git/config", "CON", "secret.txt%00.pdf", "secret.txt/.", strings.Repeat("%e9%95%bf", 85), strings.Repeat("%e9%95%bf", 255), strings.Repeat("a", 4000)}

// bases are the addresses below which files are answered.
var bases = []string{"/assets/", "/open-data/", "/log/tile/", "/log/entries/", "/admin/requests/0000000000001/", "/bureau/records/0000000000001/files/", "/enterprise/records/0000000000001/files/", "/rulebooks/", "/bureau/import/", "/"}

// INP-2: some ten thousand ways of asking for a file outside: none leads to one.
func TestNoPathLeadsOutside(t *testing.T) {
	tn := newTown(t)
	const mark = "the secret outside of every root"
	for _, dir := range []string{filepath.Dir(tn.Config.Folder), tn.Config.Folder} {
		if err := os.WriteFile(filepath.Join(dir, "secret.txt"), []byte(mark), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link")); err != nil {
			t.Fatal(err)
		}
	}
	key, err := os.ReadFile(tn.Config.Keys)
	if err != nil {
		t.Fatal(err)
	}
	secrets := [][]byte{[]byte(mark), []byte("root:x:0:0"), []byte("SQLite format 3"), []byte("PATH=/"), []byte("module juli"), bytes.TrimSpace(key)[:16]}
	k := newClerk(t, tn, "city1", "firm1")
	asked, seen := 0, map[int]int{}
	for i, base := range bases {
		login := []string{"", "city1", "firm1"}[i%3]
		for _, up := range climbs {
			for _, deep := range []int{1, 6} {
				for _, aim := range append(aims, "link") {
					target := base + strings.Repeat(up, deep) + aim
					asked++
					a, ok := k.raw(t, login, target)
					if !ok {
						seen[0]++
						continue
					}
					seen[a.status]++
					for _, s := range secrets {
						if strings.Contains(a.body, string(s)) {
							t.Errorf("%.80s as %q answers with what lies outside: %.20q", target, login, s)
						}
					}
					to, err := url.Parse(a.to())
					if a.status >= 500 || err != nil || to.Host != "" || strings.HasPrefix(a.to(), "//") {
						t.Errorf("%.80s as %q: %d to %q", target, login, a.status, a.to())
					}
				}
			}
		}
	}
	t.Logf("%d paths, %v", asked, seen)
	if asked < 10_000 || seen[0] > asked/2 {
		t.Errorf("%d paths, of which %d are no address", asked, seen[0])
	}
}

// raw asks for an address as it is written, unless no request can be made of it.
func (k *clerk) raw(t *testing.T, login, target string) (answer, bool) {
	t.Helper()
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return answer{}, false // net/http refuses such a line
	}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	req.URL, req.RequestURI = u, target
	if login != "" {
		req.AddCookie(&http.Cookie{Name: "juli", Value: login})
	}
	w := httptest.NewRecorder()
	k.h.ServeHTTP(w, req)
	return answer{w.Code, w.Header(), w.Body.String()}, true
}
