package open311

import (
	"net/http"
	"slices"
	"strings"

	"juli/internal/api"
	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/resident"
	"juli/internal/seal"
	"juli/internal/web"
)

const prefix = "/open311/"

// An API answers the clients. It knows no sessions.
type API struct {
	DB           *db.DB
	Keys         *seal.Keys
	Reports      *resident.Reports
	Files        *blob.Store
	Jurisdiction string       // "hrb.gov.cn"; another's is not found
	CityName     string       // 哈尔滨市
	Full         func() error // refuses while only the disk's reserve is left

	allow func(addr string) bool
}

// Routes adds the interface.
func (a *API) Routes(g *web.Gates) {
	a.allow = api.NewRate()
	g.On(prefix, authz.Open311, http.HandlerFunc(a.serve))
}

// A question is a request of a client that was taken apart.
type question struct {
	w      http.ResponseWriter
	r      *http.Request
	what   string // "requests"
	id     string // of one, "" none
	format string
}

// answers are the resources, by name and method.
func (a *API) answers() map[string]func(question) (document, error) {
	return map[string]func(question) (document, error){
		"GET discovery": a.discovery, "GET v2/discovery": a.discovery,
		"GET v2/services": a.services, "GET v2/services/": a.definition,
		"GET v2/requests": a.requests, "GET v2/requests/": a.request, "POST v2/requests": a.submit,
		"GET v2/tokens/":                a.token,
		"GET v2/servicerequestupdates":  a.updates,
		"POST v2/servicerequestupdates": a.update,
	}
}

func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	q := parse(w, r)
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Origin", "*") // public data, no cookies
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	if r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if !a.allow(web.Actor(r).Addr) {
		refuse(w, r, q.format, fault.New(fault.TooMany, "api.rate", "请求太频繁，请稍后再试。"))
		return
	}
	if number, ok := strings.CutPrefix(q.what, mediaPath); ok && method(r) == http.MethodGet {
		if err := a.media(q, strings.TrimSuffix(number, "/")); err != nil {
			refuse(w, r, q.format, err)
		}
		return
	}
	d, err := a.answer(q)
	if err != nil {
		refuse(w, r, q.format, err)
		return
	}
	status := http.StatusOK
	if r.Method == http.MethodPost {
		status = http.StatusCreated
	}
	write(w, r, q.format, status, d)
}

// parse takes the address apart: resource, id and format.
func parse(w http.ResponseWriter, r *http.Request) question {
	q := question{w: w, r: r, format: asXML}
	path := strings.TrimPrefix(r.URL.Path, prefix)
	for _, f := range []string{asJSON, asXML} {
		if p, ok := strings.CutSuffix(path, "."+f); ok {
			path, q.format = p, f
			break
		}
	}
	q.what = path
	if i := strings.LastIndexByte(path, '/'); i > len("v2") {
		q.what, q.id = path[:i+1], path[i+1:]
	}
	return q
}

// method is the request's; HEAD asks for what GET gives.
func method(r *http.Request) string {
	if r.Method == http.MethodHead {
		return http.MethodGet
	}
	return r.Method
}

func (a *API) answer(q question) (document, error) {
	all := a.answers()
	do, ok := all[method(q.r)+" "+q.what]
	if !ok {
		for _, m := range []string{http.MethodGet, http.MethodPost} {
			if _, known := all[m+" "+q.what]; known {
				q.w.Header().Set("Allow", m)
				return document{}, fault.New(fault.Invalid, "request.method", "不支持这种请求方法。")
			}
		}
		return document{}, fault.New(fault.NotFound, "open311.none", "没有这个接口。")
	}
	return do(q)
}

// jurisdiction holds what a client asked for against ours. One that serves a
// single jurisdiction may not insist on being told its name.
func (a *API) jurisdiction(name string) error {
	if name != "" && name != a.Jurisdiction {
		return fault.New(fault.NotFound, "open311.jurisdiction", "jurisdiction_id was not found: 没有这个辖区，本接口的辖区是 %s。", a.Jurisdiction)
	}
	return nil
}

func (a *API) discovery(q question) (document, error) {
	return both(Discovery{
		Changeset: changeset, Contact: a.CityName + "住房和城乡建设局", KeyService: a.CityName + "住房和城乡建设局系统管理员发放",
		Endpoints: []Endpoint{{
			Specification: "http://wiki.open311.org/GeoReport_v2", URL: web.Address(q.r, prefix+"v2"), Changeset: changeset, Type: "production",
			Formats: slices.Clone(formats),
		}},
	}), nil
}

const changeset = "2021-12-31T00:00:00+08:00"

var formats = []string{"text/xml", "application/json"}
