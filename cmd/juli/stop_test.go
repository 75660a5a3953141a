package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A balancer is a proxy before two copies: it asks each for readiness and sends
// a request once, to the first that is ready.
type balancer struct {
	mu     sync.Mutex
	copies []string
}

func (b *balancer) set(i int, base string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.copies[i] = base
}

// watch takes copies out of use while they are not ready.
func (b *balancer) watch(ctx context.Context, ready []atomic.Bool) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		for i := range ready {
			b.mu.Lock()
			base := b.copies[i]
			b.mu.Unlock()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", nil)
			ok := err == nil && base != ""
			if ok {
				res, err := new(http.Client).Do(req)
				if ok = err == nil; ok {
					ok = res.StatusCode == http.StatusOK
					res.Body.Close()
				}
			}
			ready[i].Store(ok)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

func (b *balancer) serve(ready []atomic.Bool) http.Handler {
	return &httputil.ReverseProxy{
		Transport: &http.Transport{DisableKeepAlives: true},
		Rewrite: func(r *httputil.ProxyRequest) {
			b.mu.Lock()
			defer b.mu.Unlock()
			for i := range ready {
				if to, err := url.Parse(b.copies[i]); ready[i].Load() && err == nil {
					r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
					r.SetURL(to)
					return
				}
			}
		},
	}
}

// SHD-1: two copies on one database behind a proxy are restarted in turn while
// people fill in forms. No request fails, and every acknowledged form is there.
func TestARollingRestartFailsNobody(t *testing.T) {
	places(t, func(t *testing.T, c place) {
		if strings.HasPrefix(c.address, "sqlite") {
			return // one copy alone may serve a SQLite file
		}
		c.env = append(c.env, "JULI_PROXIES=127.0.0.1", "JULI_DRAIN=300ms")
		b, ready := &balancer{copies: make([]string, 2)}, make([]atomic.Bool, 2)
		var running [2]*exec.Cmd
		for i := range running {
			var base string
			running[i], base = c.serve(t)
			b.set(i, base)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go b.watch(ctx, ready)
		proxy := httptest.NewServer(b.serve(ready))
		defer proxy.Close()
		await(t, func() bool { return ready[0].Load() && ready[1].Load() })

		load, stop := context.WithCancel(ctx)
		l, requests := &ledger{}, atomic.Int64{}
		var writers sync.WaitGroup
		for range 4 {
			writers.Go(func() {
				for load.Err() == nil {
					requests.Add(2)
					client := &http.Client{CheckRedirect: noRedirect}
					q, err := fillIn(ctx, client, proxy.URL, l.number())
					if err != nil {
						t.Errorf("a page: %v", err)
						return
					}
					acked, err := q.send(ctx, client, proxy.URL)
					if err != nil {
						t.Errorf("a form: %v", err)
						return
					}
					l.keep(q, acked, nil)
				}
			})
		}
		began := time.Now()
		for round := range 4 {
			i := round % 2
			old := running[i]
			if err := old.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if err := old.Wait(); err != nil {
				t.Errorf("a copy ended with %v", err)
			}
			var base string
			running[i], base = c.serve(t)
			b.set(i, base)
			await(t, func() bool { return ready[i].Load() })
		}
		took := time.Since(began)
		stop()
		writers.Wait()
		t.Logf("4 restarts in %v, %d requests, %.0f a second, %d forms", took, requests.Load(), float64(requests.Load())/took.Seconds(), len(l.acked))
		if requests.Load() < 100 {
			t.Errorf("only %d requests", requests.Load())
		}
		l.check(t, c)
	})
}

// await asks until something holds, a quarter of a minute at most.
func await(t *testing.T, holds func() bool) {
	t.Helper()
	tick, end := time.NewTicker(5*time.Millisecond), time.After(15*time.Second)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("it never came")
		}
	}
}

// SHD-1: after the first signal a form under way is still taken and nobody new
// let in; a second signal ends the program at once.
func TestStoppingFinishesWhatIsUnderWay(t *testing.T) {
	places(t, func(t *testing.T, c place) {
		c.env = append(c.env, "JULI_PROXIES=127.0.0.1")
		for _, signals := range []int{1, 2} {
			cmd, base := c.serve(t)
			q, err := fillIn(t.Context(), &http.Client{}, base, 900_000+signals)
			if err != nil {
				t.Fatal(err)
			}
			at := strings.TrimPrefix(base, "http://")
			conn, err := net.Dial("tcp", at)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			half := len(q.body) / 2
			fmt.Fprintf(conn, "POST /enterprise-account HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nContent-Type: %s\r\nX-Forwarded-For: %s\r\nContent-Length: %d\r\n\r\n%s", at, q.cookie, q.kind, q.from, len(q.body), q.body[:half])
			await(t, func() bool { return served(base) })
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			await(t, func() bool { return !served(base) })
			if signals == 2 {
				began := time.Now()
				_ = cmd.Process.Signal(syscall.SIGTERM)
				if err := cmd.Wait(); err == nil || time.Since(began) > 2*time.Second {
					t.Errorf("a second signal: %v after %v", err, time.Since(began))
				}
				continue
			}
			if _, err := io.Copy(conn, bytes.NewReader(q.body[half:])); err != nil {
				t.Fatal(err)
			}
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil || res.StatusCode != http.StatusSeeOther {
				t.Fatalf("the form under way: %v, %v", res, err)
			}
			res.Body.Close()
			if err := cmd.Wait(); err != nil {
				t.Errorf("after one signal: %v, want status 0", err)
			}
			if times, _ := requestsOf(t, c); times[q.uscc] != 1 {
				t.Errorf("the form under way is there %d times", times[q.uscc])
			}
		}
	})
}

// served says whether a new connection is answered.
func served(base string) bool {
	res, err := new(http.Client).Get(base + "/healthz")
	if err != nil {
		return false
	}
	res.Body.Close()
	return true
}
