package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"juli/internal/db"
	"juli/internal/tlog"
)

// AUD-4: every published cycle and every adopted rulebook of the city stands in
// the public log, an outsider proves it over HTTP, and what the log says leads
// to the page.
func TestThePublicLogHoldsEveryOfficialAct(t *testing.T) {
	tn := newTown(t)
	fetch := func(path string) ([]byte, error) {
		res := tn.getURL(t, "/log/"+path)
		if res.Code != http.StatusOK {
			return nil, fmt.Errorf("/log/%s: %d", path, res.Code)
		}
		return res.Body.Bytes(), nil
	}
	key, err := fetch("key")
	if err != nil {
		t.Fatal(err)
	}
	r := &tlog.Reader{Verifier: strings.TrimSpace(string(key)), Fetch: fetch}
	tree, _, err := r.Head()
	if err != nil {
		t.Fatal(err)
	}
	logged := map[string]int{}
	err = r.All(tree, func(e tlog.Entry) error {
		logged[e.Kind]++
		if page := tn.getURL(t, e.Href); page.Code != http.StatusOK {
			t.Errorf("entry %d leads to %s: %d", e.Number, e.Href, page.Code)
		}
		proof, err := fetch(fmt.Sprintf("entries/%d/proof", e.Number))
		if err != nil {
			return err
		}
		if got, err := tlog.CheckFile(proof, r.Verifier); err != nil || got.Object != e.Object {
			t.Errorf("proof of entry %d: %v", e.Number, err)
		}
		if page := tn.getURL(t, fmt.Sprintf("/log/entries/%d", e.Number)).Body.String(); !strings.Contains(page, e.Title) || !strings.Contains(page, e.Digest) {
			t.Errorf("the proof page of entry %d lacks its title or digest", e.Number)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for kind, query := range map[string]string{
		"credit.published": `SELECT COUNT(*) FROM credit_publication WHERE state = 'published'`,
		"rulebook.adopted": `SELECT COUNT(*) FROM audit_event WHERE kind = 'rulebook.adopted' AND outcome = 'done'`,
	} {
		var want int
		err := tn.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			want, err = db.Value[int](t.Context(), tx, query)
			return err
		})
		if err != nil || want == 0 || logged[kind] != want {
			t.Errorf("%s: %d in the log, %d in the city, %v", kind, logged[kind], want, err)
		}
	}
	for _, gone := range []string{"/log/entries/99999", "/log/entries/x", "/log/tile/0/001", "/log/tile/9/000", "/log?after=x"} {
		if res := tn.getURL(t, gone); res.Code < 400 || res.Code >= 500 {
			t.Errorf("%s: %d", gone, res.Code)
		}
	}
}

// getURL gets a page as a visitor.
func (tn town) getURL(t *testing.T, url string) *httptest.ResponseRecorder {
	t.Helper()
	rec := httptest.NewRecorder()
	tn.site.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, url, nil))
	return rec
}
