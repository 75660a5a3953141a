package web

import (
	"net/http"
	"net/url"
	"strings"
)

// Redirect sends the browser to a page of ours (303). Any address that leads
// elsewhere becomes the front page, so no link of ours can be made to lure
// people away (INP-9).
func Redirect(w http.ResponseWriter, r *http.Request, to string) error {
	st := stateOf(r.Context())
	if st.said != "" {
		st.set = append(st.set, st.site.cookie(saidCookie, encodeSaid(st.said), minute))
	}
	st.flush(w)
	w.Header().Set("Location", Local(to))
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// Local is to if it is a path on this site, else "/".
func Local(to string) string {
	if len(to) > 2048 || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t\x00") {
		return "/"
	}
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") {
		return "/"
	}
	return u.String()
}

// here is the address of the request itself, for coming back to it.
func here(r *http.Request) string {
	if r == nil || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		return "/"
	}
	return Local(r.URL.RequestURI())
}

// Signin is the address of the sign-in page that comes back to the page asked for.
func Signin(r *http.Request) string { return "/login?to=" + url.QueryEscape(cameFrom(r)) }

// cameFrom is the page asked for; for a form that was sent, the page it stood on.
func cameFrom(r *http.Request) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return here(r)
	}
	ref, err := url.Parse(r.Referer())
	if err != nil || ref.Host != r.Host {
		return "/"
	}
	return Local(ref.RequestURI())
}
