package web

import (
	"net/http"
	"slices"
	"strings"

	"juli/internal/fault"
)

// kept is a form that could not be taken because the session had ended
// meanwhile; the page offers it again, so nothing typed is lost (SES-2, ACC-4).
type kept struct {
	Action string
	Values [][2]string
	Files  bool // files cannot be sent back to the browser
	Signin string
}

// keptOf keeps what was posted from one of our own pages. What another site
// sent is never echoed.
func keptOf(r *http.Request, f *fault.Error) *kept {
	st := stateOf(r.Context())
	if st.form == nil || (f.Kind != fault.Unauthenticated && f.Rule != "csrf.token") {
		return nil
	}
	if !st.ownPage() {
		return nil
	}
	k := &kept{Action: Local(r.URL.RequestURI()), Files: len(st.form.files) > 0}
	if f.Kind == fault.Unauthenticated {
		k.Signin = Signin(r)
	}
	for name, values := range st.form.values {
		if name == csrfField || confidential(name) {
			continue
		}
		for _, v := range values {
			k.Values = append(k.Values, [2]string{name, v})
		}
	}
	slices.SortStableFunc(k.Values, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return k
}

func confidential(name string) bool {
	for _, word := range []string{"password", "code", "secret", "totp", "token"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// ownPage says whether the browser tells that a page of ours sent the request.
func (st *state) ownPage() bool {
	return st.req.Header.Get("Sec-Fetch-Site") == "same-origin" || st.req.Header.Get("Origin") == st.origin()
}

// Origin is the address at which a visitor reached this site: https://host.
func Origin(r *http.Request) string { return stateOf(r.Context()).origin() }

func (st *state) origin() string {
	if st.site.Secure {
		return "https://" + st.req.Host
	}
	return "http://" + st.req.Host
}
