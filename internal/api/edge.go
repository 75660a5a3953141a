package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"golang.org/x/time/rate"

	"juli/internal/authz"
	"juli/internal/fault"
	"juli/internal/web"
)

const (
	perSecond  = 10  // requests of one address, on average
	burst      = 100 // and at once
	callersMax = 10_000
	cacheFor   = "public, max-age=60"
)

// An edge is what stands before every operation: a modest rate for each address
// and an ETag, so that asking again costs little.
type edge struct {
	mu      sync.Mutex
	callers map[string]*rate.Limiter
}

func newEdge() *edge { return &edge{callers: map[string]*rate.Limiter{}} }

// allow counts one request of an address. Those of one IPv6 network are one caller.
func (e *edge) allow(addr string) bool {
	if _, err := netip.ParseAddr(addr); err != nil {
		return true // not from the network
	}
	who := authz.Network(addr)
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.callers[who]
	if l == nil {
		if len(e.callers) >= callersMax {
			clear(e.callers)
		}
		l = rate.NewLimiter(perSecond, burst)
		e.callers[who] = l
	}
	return l.Allow()
}

func (e *edge) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !e.allow(web.Actor(r).Addr):
			w.Header().Set("Retry-After", "10")
			writeProblem(w, r, problemOf(r.Context(), fault.New(fault.TooMany, "api.rate", "请求太频繁，请稍后再试。大量数据请下载开放数据文件。")))
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			writeProblem(w, r, problemOf(r.Context(), fault.New(fault.Invalid, "request.method", "接口只能读取，请使用 GET。")))
		default:
			tagged(w, r, next)
		}
	})
}

// held is an answer held back until its tag is known.
type held struct {
	http.ResponseWriter
	body   bytes.Buffer
	status int
}

func (h *held) WriteHeader(status int)      { h.status = status }
func (h *held) Write(p []byte) (int, error) { return h.body.Write(p) }

// tagged answers with an ETag, or with 304 where the caller has the answer.
func tagged(w http.ResponseWriter, r *http.Request, next http.Handler) {
	rec := &held{ResponseWriter: w, status: http.StatusOK}
	next.ServeHTTP(rec, r)
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*") // public data, no cookies
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	if rec.status == http.StatusOK {
		sum := sha256.Sum256(rec.body.Bytes())
		tag := `"` + hex.EncodeToString(sum[:12]) + `"`
		h.Set("ETag", tag)
		h.Set("Cache-Control", cacheFor)
		if matches(r.Header.Get("If-None-Match"), tag) {
			h.Del("Content-Type")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(rec.status)
	if r.Method != http.MethodHead {
		w.Write(rec.body.Bytes()) //nolint:errcheck // the client has gone
	}
}

// matches compares weakly, as RFC 9110 §13.1.2 wants for If-None-Match.
func matches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}

// nothing answers addresses that are no operation.
func nothing(w http.ResponseWriter, r *http.Request) {
	writeProblem(w, r, problemOf(r.Context(), fault.New(fault.NotFound, "api.none", "没有这个接口，请看 /api 的说明。")))
}
