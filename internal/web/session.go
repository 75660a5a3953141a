package web

import (
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"juli/internal/fault"
)

const minute = time.Minute

// sessions finds out who asks. A token that no longer holds is taken back and
// the visitor goes on as nobody; pages that need somebody then ask to sign in.
func (s *Site) sessions(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isAPI(r) || strings.HasPrefix(r.URL.Path, assetPath) {
			next.ServeHTTP(w, r)
			return
		}
		st := stateOf(r.Context())
		st.secret = s.readCookie(r, visitorCookie)
		token := s.readCookie(r, sessionCookie)
		if token != "" && s.Sessions != nil {
			who, err := s.Sessions.Actor(r.Context(), token)
			switch {
			case err == nil:
				who.Request, who.Addr = st.who.Request, st.who.Addr
				st.who, st.secret, st.signed = who, token, true
			case fault.From(err).Kind == fault.Unauthenticated:
				st.set = append(st.set, s.cookie(sessionCookie, "", -time.Second))
			default:
				answerFault(w, r, fault.From(err))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// keepSession answers the "stay signed in" button: that the request came with a
// live session has already moved its idle time (SES-2).
func keepSession(w http.ResponseWriter, r *http.Request) error {
	if !SignedIn(r) {
		return NeedSignin()
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// NeedSignin is the fault that leads to the sign-in page.
func NeedSignin() error {
	return fault.New(fault.Unauthenticated, "session.none", "请先登录。")
}

// SignedInOnly wraps every handler of a desk that has no public pages. Who holds
// a role of staff has given both factors before any page opens (AUT-2).
func SignedInOnly(h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		who := Actor(r)
		if !SignedIn(r) || who.Staff() && !who.Second {
			return NeedSignin()
		}
		return h(w, r)
	}
}

func encodeSaid(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
