package app

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"juli/internal/city"
	"juli/internal/web"
)

// A growth is a demo city being built while people already look at the address:
// until it stands, every page tells how far it is.
type growth struct {
	site http.Handler
	mu   sync.Mutex
	last string
	done atomic.Pointer[http.Handler]
}

// Grow builds a demo city in the background of a serving program. The returned
// handler shows progress, then the site; ready is called when the city stands.
func (a *App) Grow(ctx context.Context, opt city.Options, ready func([]city.Account, error)) http.Handler {
	g := &growth{last: "正在准备数据库"}
	mux := http.NewServeMux()
	mux.Handle("GET /", web.Handler(g.progress))
	g.site = (&web.Site{City: a.Name}).HandlerOf(mux)
	opt.Progress = g
	go func() {
		list, err := a.BuildDemo(ctx, opt)
		if err == nil {
			h := a.Handler()
			g.done.Store(&h)
		} else {
			g.tell("建立演示城市失败：" + err.Error())
		}
		ready(list, err)
	}()
	return g
}

// ServeHTTP shows the site once it stands.
func (g *growth) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := g.done.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	g.site.ServeHTTP(w, r)
}

// Write takes the builder's progress, a line at a time.
func (g *growth) Write(b []byte) (int, error) {
	if lines := strings.Fields(string(bytes.TrimSpace(b))); len(lines) > 0 {
		g.tell(strings.Join(lines, " "))
	}
	return len(b), nil
}

func (g *growth) tell(s string) { g.mu.Lock(); g.last = s; g.mu.Unlock() }

func (g *growth) progress(w http.ResponseWriter, r *http.Request) error {
	g.mu.Lock()
	last := g.last
	g.mu.Unlock()
	w.Header().Set("Refresh", "2")
	w.Header().Set("Retry-After", "2")
	return web.Show(w, r, http.StatusServiceUnavailable, web.Growing(last))
}
