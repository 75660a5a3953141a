package web

import (
	"fmt"
	"net/http"
	"slices"

	"juli/internal/authz"
	"juli/internal/fault"
)

// A Route is one page or form, with what opens it.
type Route struct {
	Pattern string // as net/http writes it: "GET /bureau/records"
	Act     authz.Act
	Desk    string // whose desk it stands at; "" for everybody's pages
}

// Gates are the site's routes, each with the act of the duty matrix that opens
// it (AZ-1). There is no other way to add a page to the site: one without an act,
// or with an act that the matrix does not know, ends the program as it starts.
// Where exactly somebody may act, the services ask; the gates know no objects.
type Gates struct {
	mux  *http.ServeMux
	list []Route
}

// NewGates puts its routes on mux.
func NewGates(mux *http.ServeMux) *Gates { return &Gates{mux: mux} }

// On adds a route: for everybody, where the matrix opens the act to the public;
// otherwise for who is signed in by all factors and may do the act somewhere.
func (g *Gates) On(pattern string, act authz.Act, h http.Handler) {
	g.add(Route{pattern, act, ""}, h, nil)
}

// An Audience is who a desk is for, and what the others are told.
type Audience struct {
	Key     string
	For     func(authz.Actor) bool
	Refusal string // 这是企业的工作台，您的角色不能使用。
}

// At gives the function that adds the routes of one desk.
func (g *Gates) At(a Audience) func(pattern string, act authz.Act, h Handler) {
	return func(pattern string, act authz.Act, h Handler) { g.add(Route{pattern, act, a.Key}, h, &a) }
}

// Routes lists what stands there, in the order of its making.
func (g *Gates) Routes() []Route { return slices.Clone(g.list) }

func (g *Gates) add(r Route, h http.Handler, a *Audience) {
	row, ok := authz.RowOf(r.Act)
	if !ok {
		panic(fmt.Sprintf("route %s: the duty matrix has no act %q", r.Pattern, r.Act))
	}
	g.list = append(g.list, r)
	if a == nil && row.Cell(authz.Public).How == authz.Anywhere {
		g.mux.Handle(r.Pattern, h)
		return
	}
	g.mux.Handle(r.Pattern, SignedInOnly(func(w http.ResponseWriter, req *http.Request) error {
		who := Actor(req)
		if a != nil && !a.For(who) {
			return fault.New(fault.Forbidden, "authz.denied", "%s", a.Refusal)
		}
		if err := authz.RequireAny(who, r.Act); err != nil {
			return err
		}
		h.ServeHTTP(w, req)
		return nil
	}))
}
