package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// Sessions tells who holds a session token; package identity answers it. A
// token that is unknown, idle or ended gives an Unauthenticated fault.
type Sessions interface {
	Actor(ctx context.Context, token string) (authz.Actor, error)
}

// SessionsFunc makes a function Sessions.
type SessionsFunc func(ctx context.Context, token string) (authz.Actor, error)

// Actor calls f.
func (f SessionsFunc) Actor(ctx context.Context, token string) (authz.Actor, error) {
	return f(ctx, token)
}

// A Desk is one audience's part of the site, as the header's switch lists it.
type Desk struct {
	Key  string // "bureau"; Page.Desk names it
	Name string // "住建局"
	Home string // "/bureau/"
	Nav  []Link // the desk's pages
	For  func(authz.Actor) bool
	Menu func(authz.Actor) []Link // instead of Nav, where it depends on who looks
}

func (d Desk) nav(who authz.Actor) []Link {
	if d.Menu != nil {
		return d.Menu(who)
	}
	return d.Nav
}

// A Site is what all desks share: names, the way to the database, and what the
// edge needs to know of the outside. Its fields are set once, before serving.
type Site struct {
	City     string // "哈尔滨市"
	DB       *db.DB
	Sessions Sessions
	Desks    []Desk // the first is the public's
	Footer   []Link
	Help     Link // stands in the same place on every page (WCAG 3.2.6)

	Secure  bool           // served over https: __Host- cookies, HSTS
	Hosts   []string       // host names we answer to; none = any
	Proxies []netip.Prefix // whose X-Forwarded-For is believed
	Log     *slog.Logger

	// Recheck reads the actor's rights again inside a writing transaction, so that
	// nothing commits after a revocation was acknowledged (SES-3).
	Recheck func(ctx context.Context, tx *db.Tx, who authz.Actor) (authz.Actor, error)
	// Idle is how long the actor's session lives without a request (SES-2).
	Idle func(authz.Actor) time.Duration
	// Denied writes the audit event of a refusal, in a transaction of its own,
	// since the refused one was rolled back. It is called at a bounded rate.
	Denied func(ctx context.Context, who authz.Actor, f *fault.Error, where string)
	// Seen counts an answer for the metrics: its route's pattern and its status.
	Seen func(r *http.Request, status int, took time.Duration)
	// Full refuses forms while only the disk's reserve is left; signing in and
	// administration go on (CRS-4).
	Full func() error
	// Search is the address of the city-wide search; "" hides the box.
	Search string
}

// Handler is mux inside everything the edge does: limits, headers, request ids,
// log, session, CSRF. Order matters and is read from the outside in.
func (s *Site) Handler(mux *http.ServeMux) http.Handler {
	Everybodys(NewGates(mux))
	return s.HandlerOf(mux)
}

// Everybodys are the pages that every site has.
func Everybodys(g *Gates) {
	g.On("GET /design", authz.SiteUse, Handler(design))
	g.On("POST /design", authz.SiteUse, Handler(designSent))
	g.On("GET /view", authz.SiteUse, Handler(setView))
	g.On("POST /session/keep", authz.AccountSelf, Handler(keepSession))
	g.On("/", authz.SiteUse, Handler(noPage))
}

// HandlerOf is a mux of few pages, without the site's own, inside the same edge.
func (s *Site) HandlerOf(mux *http.ServeMux) http.Handler {
	mux.HandleFunc("GET "+assetPath, serveAsset)
	inner := s.sessions(s.forms(mux))
	return s.requests(s.shapes(crossOrigin(inner)))
}

// today is the city's date, or the real one for a site without a database.
func (s *Site) now() time.Time {
	if s.DB == nil {
		return time.Now()
	}
	return s.DB.Now()
}

func (s *Site) log() *slog.Logger {
	if s.Log == nil {
		return slog.Default()
	}
	return s.Log
}

func (s *Site) desk(key string) Desk {
	for _, d := range s.Desks {
		if d.Key == key {
			return d
		}
	}
	if len(s.Desks) > 0 {
		return s.Desks[0]
	}
	return Desk{Home: "/"}
}

// Today is the city's civil date: in a demo city another than on the wall.
func Today(r *http.Request) day.Date { return day.FromTime(stateOf(r.Context()).site.now()) }

// Server is an http.Server with the limits of INP-1.
func Server(addr string, h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Addr: addr, Handler: h,
		ReadHeaderTimeout:            5 * time.Second,
		ReadTimeout:                  bodyLongest, // paced ends slow bodies much earlier
		WriteTimeout:                 5 * time.Minute,
		IdleTimeout:                  time.Minute,
		MaxHeaderBytes:               headerMax, // net/http reads on for some kilobytes; shapes is exact
		DisableGeneralOptionsHandler: true,      // OPTIONS * is refused like any other
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
