package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"testing"

	"juli/internal/code"
	"juli/internal/db"
)

// A request is an enterprise's form with a file as a browser sent it: cookie, key
// and bytes, so that it can be sent again when its outcome is not known.
type request struct {
	uscc, cookie, kind, from string
	body                     []byte
}

var (
	hiddenField = regexp.MustCompile(`name="(_csrf|_once)" value="([^"]+)"`)
	noRedirect  = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
)

// usccOf is the n-th valid code that no demo city has.
func usccOf(n int) string {
	for _, last := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
		try := fmt.Sprintf("91230199MA%07d%c", n, last)
		if _, err := code.ParseUSCC(try); err == nil {
			return try
		}
	}
	return ""
}

// fillIn opens the form of an enterprise's account, each time from another
// address behind the proxy, and fills it in with a file of its own.
func fillIn(ctx context.Context, c *http.Client, base string, n int) (*request, error) {
	q := &request{uscc: usccOf(n), from: fmt.Sprintf("203.%d.%d.%d", n>>16&255, n>>8&255, n&255)}
	res, page, err := q.do(ctx, c, http.MethodGet, base, nil)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the form answers %d", res.StatusCode)
	}
	for _, k := range res.Cookies() {
		q.cookie = k.Name + "=" + k.Value
	}
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for _, found := range hiddenField.FindAllSubmatch(page, -1) {
		_ = m.WriteField(string(found[1]), string(found[2]))
	}
	typed := map[string]string{
		"uscc": q.uscc, "name": fmt.Sprintf("第%d物业", n), "division": "230103", "legal": "李𠮷㛃",
		"contact": "阿依·古丽", "number": "230103197001010016", "phone": "13900001234",
	}
	for name, v := range typed {
		_ = m.WriteField(name, v)
	}
	part, err := m.CreateFormFile("proof", "授权书.pdf")
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(part, "%%PDF-1.7\n%% %s\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%%%EOF\n", q.uscc)
	m.Close()
	q.kind, q.body = m.FormDataContentType(), b.Bytes()
	return q, nil
}

// send sends the form and tells whether it was acknowledged; an error means that
// nobody knows.
func (q *request) send(ctx context.Context, c *http.Client, base string) (acked bool, err error) {
	res, page, err := q.do(ctx, c, http.MethodPost, base, q.body)
	switch {
	case err != nil:
		return false, err
	case res.StatusCode == http.StatusServiceUnavailable:
		return false, errors.New("unavailable")
	case res.StatusCode != http.StatusSeeOther:
		return false, fmt.Errorf("refused with %d: %.2000s", res.StatusCode, page)
	}
	return true, nil
}

func (q *request) do(ctx context.Context, c *http.Client, method, base string, body []byte) (*http.Response, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, base+"/enterprise-account", bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("X-Forwarded-For", q.from)
	if q.cookie != "" {
		r.Header.Set("Cookie", q.cookie)
	}
	if body != nil {
		r.Header.Set("Content-Type", q.kind)
	}
	res, err := c.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	return res, page, err
}

// requestsOf reads how often each request is there, and what its file is called
// in the folder.
func requestsOf(t *testing.T, c place) (times map[string]int, files map[string]string) {
	t.Helper()
	d, err := db.Open(t.Context(), c.address)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	times, files = map[string]int{}, map[string]string{}
	err = d.Read(t.Context(), func(tx *db.Tx) error {
		_, err := db.All(t.Context(), tx, func(row db.Scanner) (none struct{}, err error) {
			var uscc, sha string
			err = row.Scan(&uscc, &sha)
			times[uscc]++
			files[uscc] = sha
			return none, err
		}, `SELECT r.uscc, f.sha256 FROM identity_request r JOIN blob_file f ON f.id = r.proof_id ORDER BY r.id`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return times, files
}
