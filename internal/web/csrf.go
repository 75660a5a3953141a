package web

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"juli/internal/fault"
)

// Names of the two fields every form carries.
const (
	csrfField = "_csrf"
	onceField = "_once"
)

const nonceLen = 12

// csrfToken proves that a form was drawn for this session (INP-7). It is bound
// to the session's own token, or to a visitor's cookie before sign-in, and looks
// different on every page, so that compression tells nothing of it.
func csrfToken(ctx context.Context) string {
	st := stateOf(ctx)
	st.used = true
	if st.secret == "" {
		st.secret = newSecret()
	}
	nonce := make([]byte, nonceLen)
	rand.Read(nonce)
	return base64.RawURLEncoding.EncodeToString(append(nonce, mac(st.secret, nonce)...))
}

func mac(secret string, nonce []byte) []byte {
	h := hmac.New(sha256.New, []byte("juli form "+secret))
	h.Write(nonce)
	return h.Sum(nil)[:20]
}

func csrfHolds(secret, token string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != nonceLen+20 || secret == "" {
		return false
	}
	return hmac.Equal(raw[nonceLen:], mac(secret, raw[:nonceLen]))
}

// forms reads what was posted, once, and refuses it without a token of this
// session. The API stands apart: it knows no cookies, so it needs no tokens.
func (s *Site) forms(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if safe(r.Method) || isAPI(r) {
			next.ServeHTTP(w, r)
			return
		}
		st := stateOf(r.Context())
		b, err := readBody(r)
		if err != nil {
			w.Header().Set("Connection", "close")
			answerFault(w, r, fault.From(err))
			return
		}
		st.form = b
		if s.Full != nil && !spared(r.URL.Path) {
			if err := s.Full(); err != nil {
				answerFault(w, r, fault.From(err))
				return
			}
		}
		token := b.values.Get(csrfField)
		if token == "" {
			token = r.Header.Get("X-Csrf-Token")
		}
		if !csrfHolds(st.secret, token) {
			answerFault(w, r, fault.New(fault.Forbidden, "csrf.token", "这个页面打开的时间太久，或者登录状态已经改变。请核对后重新提交。"))
			return
		}
		delete(b.values, csrfField)
		next.ServeHTTP(w, r)
	})
}

// sparing are the paths that may use the disk's reserve: signing in, one's own
// account and administration.
var sparing = []string{"/login", "/logout", "/join", "/recover", "/stepup", "/session/", "/account", "/admin/"}

func spared(path string) bool {
	return slices.ContainsFunc(sparing, func(p string) bool { return strings.HasPrefix(path, p) })
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// isAPI says whether a program asks: no session, no form, no page in answer.
func isAPI(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/open311/") || r.URL.Path == "/openapi.json"
}
