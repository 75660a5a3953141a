package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"golang.org/x/time/rate"

	"juli/internal/fault"
)

// A Handler answers a request or says what is wrong; the error becomes a page.
type Handler func(w http.ResponseWriter, r *http.Request) error

// ServeHTTP calls h and shows its error.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h(w, r); err != nil {
		answerFault(w, r, fault.From(err))
	}
}

var pages = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Show answers with a page. It is drawn whole before a byte is sent, so that an
// error in the middle still becomes an error page.
func Show(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	b := pages.Get().(*bytes.Buffer)
	defer func() {
		if b.Cap() < 1<<20 {
			b.Reset()
			pages.Put(b)
		}
	}()
	if err := page.Render(r.Context(), b); err != nil {
		return err
	}
	stateOf(r.Context()).flush(w)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", itoa(b.Len()))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes())
	}
	return nil
}

var statuses = map[fault.Kind]int{
	fault.Internal: http.StatusInternalServerError, fault.Invalid: http.StatusUnprocessableEntity,
	fault.NotFound: http.StatusNotFound, fault.Forbidden: http.StatusForbidden,
	fault.Unauthenticated: http.StatusUnauthorized, fault.StepUp: http.StatusForbidden,
	fault.Conflict: http.StatusConflict, fault.TooMany: http.StatusTooManyRequests,
	fault.TooLarge: http.StatusRequestEntityTooLarge, fault.Unavailable: http.StatusServiceUnavailable,
}

// Status is the HTTP status of a fault. What no form of ours can have sent is 400.
func Status(f *fault.Error) int {
	switch f.Rule {
	case "form.unknown", "form.twice", "form.encoding", "list.unknown", "form.part", "request.malformed", "request.host":
		return http.StatusBadRequest
	case "request.method":
		return http.StatusMethodNotAllowed
	case "request.header":
		return http.StatusRequestHeaderFieldsTooLarge
	case "db.full", "disk.reserve":
		return http.StatusInsufficientStorage
	case "request.slow":
		return http.StatusRequestTimeout
	}
	return statuses[f.Kind]
}

// answerFault logs a refusal and shows it: as the way to sign in, or as a page.
func answerFault(w http.ResponseWriter, r *http.Request, f *fault.Error) {
	st := stateOf(r.Context())
	st.said = "" // what was to be announced did not happen
	logFault(r, st, f)
	f = unseen(f)
	st.drain()
	if isAPI(r) {
		writeProblem(w, f)
		return
	}
	get := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case f.Kind == fault.Unauthenticated && get:
		_ = Redirect(w, r, Signin(r))
		return
	case f.Kind == fault.StepUp:
		if err := stepUp(w, r, f, "/stepup?to="+url.QueryEscape(cameFrom(r))); err == nil {
			return
		}
	case f.Kind == fault.TooMany, f.Kind == fault.Unavailable:
		w.Header().Set("Retry-After", "60")
	}
	w.Header().Set("Cache-Control", "no-store")
	if err := Show(w, r, Status(f), faultPage(f, keptOf(r, f))); err != nil {
		st.site.log().LogAttrs(r.Context(), slog.LevelError, "error page failed", slog.Any("err", err))
		http.Error(w, f.Text, Status(f))
	}
}

// unseen makes every object that is not there look alike, whether it is another's
// or nobody's (AZ-2); the log keeps what it was.
func unseen(f *fault.Error) *fault.Error {
	if f.Kind != fault.NotFound || f.Rule == "page.none" {
		return f
	}
	return fault.New(fault.NotFound, "authz.not-found", "没有找到您要查看的内容。")
}

// denials bounds how many audit events refusals can cause.
var denials = rate.NewLimiter(50, 200)

func logFault(r *http.Request, st *state, f *fault.Error) {
	level := slog.LevelInfo
	switch f.Kind { // every number of a 5xx page stands in the log (OBS-1)
	case fault.Internal:
		level = slog.LevelError
	case fault.Unavailable:
		level = slog.LevelWarn
	}
	attrs := []slog.Attr{
		slog.String("request", st.id), slog.String("route", r.Pattern), slog.String("rule", f.Rule),
		slog.String("account", st.who.Account.String()),
	}
	if f.Err != nil {
		attrs = append(attrs, slog.Any("err", f.Err))
	}
	st.site.log().LogAttrs(r.Context(), level, "refused", attrs...)
	if st.site.Denied != nil && strings.HasPrefix(f.Rule, "authz.") && denials.Allow() {
		st.site.Denied(context.WithoutCancel(r.Context()), st.who, f, r.Pattern)
	}
}

func noPage(_ http.ResponseWriter, _ *http.Request) error {
	return fault.New(fault.NotFound, "page.none", "没有这个页面。请检查网址，或从首页重新查找。")
}

// Opens refuses to show what counts as received once it is opened to somebody
// who does not open it: a HEAD, and a browser that fetches a page ahead of a
// click that may never come (INP-7).
func Opens(r *http.Request) error {
	if r.Method == http.MethodHead {
		return fault.New(fault.Invalid, "request.method", "打开文书即留下回执，不支持这种请求方法。")
	}
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Moz"} {
		if strings.Contains(strings.ToLower(r.Header.Get(name)), "prefetch") {
			return fault.New(fault.Unavailable, "request.ahead", "打开文书即留下回执，不能预先加载。")
		}
	}
	return nil
}
