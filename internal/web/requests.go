package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"juli/internal/authz"
	"juli/internal/fault"
)

// requests gives each request its state, an id, security headers, an end even
// if the code panics, and one line in the log without personal data: the route's
// pattern, never the address.
func (s *Site) requests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		st := &state{site: s, id: rand.Text()[:16], view: viewOf(r)}
		r = r.WithContext(context.WithValue(r.Context(), stateKey{}, st))
		st.req = r
		st.who = authz.Anonymous
		st.who.Request, st.who.Addr = st.id, s.addr(r)
		rec := &recorder{ResponseWriter: w}
		s.secure(rec.Header(), st.id)
		defer func() {
			if p := recover(); p != nil && p != any(http.ErrAbortHandler) {
				s.log().LogAttrs(r.Context(), slog.LevelError, "panic", slog.String("request", st.id),
					slog.String("panic", fmt.Sprint(p)), slog.String("stack", string(debug.Stack())))
				if rec.status == 0 {
					answerFault(rec, r, &fault.Error{Rule: "internal", Text: fault.From(errPanic).Text})
				}
			}
			if st.form != nil {
				st.form.close()
			}
			if s.Seen != nil {
				s.Seen(r, rec.status, time.Since(start))
			}
			s.log().LogAttrs(r.Context(), slog.LevelInfo, "request",
				slog.String("request", st.id), slog.String("method", r.Method), slog.String("route", r.Pattern),
				slog.Int("status", rec.status), slog.Int("bytes", rec.bytes), slog.Duration("took", time.Since(start)),
				slog.String("account", st.who.Account.String()))
		}()
		next.ServeHTTP(rec, r)
	})
}

var errPanic = fmt.Errorf("panic")

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status, bytes int
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// policy allows nothing but our own files (INP-6); there is no inline script or
// style anywhere, so none is allowed.
const policy = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; script-src-attr 'none'; style-src-attr 'none'"

func (s *Site) secure(h http.Header, id string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
	h.Set("X-Request-Id", id)
	h.Set("Cache-Control", "no-store")
	if s.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// addr is the client's address. X-Forwarded-For is believed only from our own
// proxies, and only its nearest entry that is not one of them (INP-9).
func (s *Site) addr(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		return host
	}
	at := peer.Addr().Unmap()
	if !s.ours(at) {
		return at.String()
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = hop.Unmap()
		if !s.ours(at) {
			break
		}
	}
	return at.String()
}

func (s *Site) ours(a netip.Addr) bool {
	for _, p := range s.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
