package web

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// Cookie names; over https they carry the __Host- prefix, which no other host
// and no plain connection can forge.
const (
	sessionCookie = "juli"
	visitorCookie = "juli-form"
	viewCookie    = "juli-view"
	saidCookie    = "juli-said"
)

func (s *Site) cookieName(name string) string {
	if s.Secure {
		return "__Host-" + name
	}
	return name
}

func (s *Site) cookie(name, value string, keep time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", MaxAge: int(keep / time.Second),
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode,
	}
}

func (s *Site) readCookie(r *http.Request, name string) string {
	c, err := r.Cookie(s.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// SetSession gives the browser a session's token. Call it after every sign-in,
// second factor, step-up and change of role, with a new token each time (SES-1).
func SetSession(r *http.Request, token string) {
	st := stateOf(r.Context())
	st.set = append(st.set, st.site.cookie(sessionCookie, token, 0))
}

// ClearSession takes the token back and has the browser forget what it kept of
// our pages (PI-7). The edition (长辈版) stays.
func ClearSession(w http.ResponseWriter, r *http.Request) {
	st := stateOf(r.Context())
	st.set = append(st.set, st.site.cookie(sessionCookie, "", -time.Second))
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
}

// SessionToken is the token the request came with, for ending that session.
func SessionToken(r *http.Request) string {
	if st := stateOf(r.Context()); st.signed {
		return st.secret
	}
	return ""
}

// Say shows one sentence at the top of the next page this browser opens. It
// must hold no personal data.
func Say(r *http.Request, text string) { stateOf(r.Context()).said = text }

// flush writes the cookies that the request has earned; it must run before the
// status line.
func (st *state) flush(w http.ResponseWriter) {
	if st.used && st.secret != "" && !st.signed && st.site.readCookie(st.req, visitorCookie) != st.secret {
		st.set = append(st.set, st.site.cookie(visitorCookie, st.secret, 0))
	}
	for _, c := range st.set {
		http.SetCookie(w, c)
	}
	st.set = nil
}

// takeSaid reads the sentence of the last act and forgets it.
func (st *state) takeSaid() string {
	if st.req == nil {
		return ""
	}
	raw := st.site.readCookie(st.req, saidCookie)
	if raw == "" {
		return ""
	}
	st.set = append(st.set, st.site.cookie(saidCookie, "", -time.Second))
	text, err := base64.RawURLEncoding.DecodeString(raw)
	if err != nil {
		return ""
	}
	return string(text)
}

func newSecret() string { return rand.Text() }

// viewOf reads how the visitor wants pages, such as "large.1.dark".
func viewOf(r *http.Request) (v View) {
	c, err := r.Cookie(viewCookie)
	if err != nil {
		return v
	}
	for word := range strings.SplitSeq(c.Value, ".") {
		switch word {
		case "large":
			v.Large = true
		case "1", "2":
			v.Zoom = int(word[0] - '0')
		case "dark", "light":
			v.Theme = word
		}
	}
	if !v.Large {
		v.Zoom = 0
	}
	return v
}

func (v View) String() string {
	var words []string
	if v.Large {
		words = append(words, "large", itoa(v.Zoom))
	}
	if v.Theme != "" {
		words = append(words, v.Theme)
	}
	return strings.Join(words, ".")
}

// setView remembers the edition and the theme. It is a link, not a form, since
// cached public pages carry no token; all it changes is a cookie of the visitor.
func setView(w http.ResponseWriter, r *http.Request) error {
	st := stateOf(r.Context())
	q, v := r.URL.Query(), st.view
	if q.Has("large") {
		v.Large = q.Get("large") == "1"
	}
	if zoom := q.Get("zoom"); zoom == "0" || zoom == "1" || zoom == "2" {
		v.Zoom = int(zoom[0] - '0')
	}
	if theme := q.Get("theme"); theme == "dark" || theme == "light" || theme == "auto" {
		v.Theme = theme
		if theme == "auto" {
			v.Theme = ""
		}
	}
	c := st.site.cookie(viewCookie, v.String(), 400*24*time.Hour)
	c.Name = viewCookie // not a secret, so it needs no prefix
	st.set = append(st.set, c)
	return Redirect(w, r, q.Get("to"))
}

// deviceCookie marks a browser in which somebody signed in with both factors
// before: guesses from elsewhere can't lock that person out (AUT-3).
const (
	deviceCookie = "juli-device"
	deviceKeep   = 365 * 24 * time.Hour
)

// Device is the browser's device token, or "".
func Device(r *http.Request) string { return stateOf(r.Context()).site.readCookie(r, deviceCookie) }

// SetDevice gives the browser a device token.
func SetDevice(r *http.Request, token string) {
	st := stateOf(r.Context())
	st.set = append(st.set, st.site.cookie(deviceCookie, token, deviceKeep))
}
