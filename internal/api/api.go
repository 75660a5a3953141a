package api

import (
	"context"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/web"
)

// Version is the version of the description, not of the program.
const Version = "1.0.0"

// prefix is where the first version of the operations lies.
const prefix = "/api/v1"

// An API answers programs.
type API struct {
	DB          *db.DB
	City        code.Division
	CityName    string
	Registry    *registry.Service
	Evaluations *credit.Evaluations
	Books       *credit.Books
	Reports     *resident.Reports

	huma huma.API
}

// Routes adds the operations, their description and its readable page.
func (a *API) Routes(g *web.Gates) {
	inner := http.NewServeMux()
	a.describe(inner)
	inner.HandleFunc("/", nothing)
	e := newEdge()
	g.On(prefix+"/", authz.CreditPublic, e.wrap(inner))
	exchange := e.private(a.orders())
	g.On(prefix+"/orders", authz.ReportOrders, exchange)
	g.On(prefix+"/orders/", authz.ReportOrders, exchange)
	g.On("/api/", authz.SiteUse, e.wrap(http.HandlerFunc(nothing)))
	g.On("GET /openapi.json", authz.SiteUse, e.wrap(a.description()))
	g.On("GET /api", authz.SiteUse, web.Handler(a.page))
}

// Describe is the OpenAPI description as JSON.
func (a *API) Describe() ([]byte, error) {
	a.describe(http.NewServeMux())
	return a.huma.OpenAPI().MarshalJSON()
}

// describe registers every operation on mux.
func (a *API) describe(mux *http.ServeMux) {
	a.huma = humago.New(mux, a.config())
	a.city()
	a.register()
	a.results()
	a.rules()
	a.finish()
}

// description serves the description, which is made once.
func (a *API) description() http.Handler {
	text := sync.OnceValues(a.huma.OpenAPI().MarshalJSON)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := text()
		if err != nil {
			writeProblem(w, r, problemOf(r.Context(), err))
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(body)
	})
}

// answer is what huma writes.
type answer[T any] struct{ Body T }

// get registers a reading operation: one snapshot of the database per request.
func get[I, O any](a *API, op huma.Operation, read func(ctx context.Context, tx *db.Tx, in *I) (O, error)) {
	op.Method, op.Path = http.MethodGet, prefix+op.Path
	op.Errors = []int{http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusInternalServerError}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*answer[O], error) {
		var out answer[O]
		err := a.DB.Read(ctx, func(tx *db.Tx) (err error) {
			out.Body, err = read(ctx, tx, in)
			return err
		})
		if err != nil {
			return nil, problemOf(ctx, err)
		}
		return &out, nil
	})
}

// one registers an operation that may not find its subject.
func one[I, O any](a *API, op huma.Operation, read func(ctx context.Context, tx *db.Tx, in *I) (O, error)) {
	op.Responses = map[string]*huma.Response{"404": a.problemResponse("没有这个对象")}
	get(a, op, read)
}
