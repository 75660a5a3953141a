package main

import (
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"juli/internal/authz"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/web"
	"juli/internal/web/public"
)

// pageTimes is how many requests one measurement sends.
const pageTimes = 3000

// pages measures the server's CPU per request of list pages drawn from the
// database, of a page kept drawn, and of a bare net/http answer, over loopback
// with kept connections; the client is another process.
func (b *bench) pages(ctx context.Context) ([]ratio, error) {
	if b.firms == 0 {
		if err := b.grow(ctx, benchFirms, benchHomes, 10_000); err != nil {
			return nil, err
		}
	}
	if err := b.publish(ctx); err != nil {
		return nil, err
	}
	weight := ballast() // as serve has it
	defer runtime.KeepAlive(weight)
	bare := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	kept, drawn := b.Handler(), b.uncached()
	furtherFirms, err := further(ctx, drawn, "/enterprises")
	if err != nil {
		return nil, err
	}
	furtherHomes, err := further(ctx, drawn, "/projects")
	if err != nil {
		return nil, err
	}
	cases := []struct {
		key, name, path string
		handler         http.Handler
		goal            float64
	}{
		{"list_page", "列表页（企业，来自数据库）", "/enterprises", drawn, 150},
		{"list_page_projects", "列表页（项目，来自数据库）", "/projects", drawn, 150},
		{"list_page_anew", "列表页（企业，第二页，逐行读取）", furtherFirms, drawn, 150},
		{"list_page_projects_anew", "列表页（项目，第二页，逐行读取）", furtherHomes, drawn, 150},
		{"list_page_league", "列表页（信用排行，来自数据库）", "/league", drawn, 150},
		{"cached_page", "已缓存的公开页面", "/enterprises", kept, 30},
	}
	costs, bares := make([][]float64, len(cases)), []float64(nil)
	b.tell("请求页面，每种 %d 次 %d 个请求……", benchRounds, pageTimes)
	for range benchRounds {
		x, err := serverCost(ctx, bare, "/")
		if err != nil {
			return nil, err
		}
		bares = append(bares, x)
		for i, c := range cases {
			if x, err = serverCost(ctx, c.handler, c.path); err != nil {
				return nil, fmt.Errorf("%s: %w", c.path, err)
			}
			costs[i] = append(costs[i], x)
		}
	}
	var out []ratio
	for i, c := range cases {
		out = append(out, ratio{Key: c.key, Name: c.name, Cost: median(costs[i]), Bare: median(bares), Unit: "µs", Goal: c.goal, Of: "cost"}.judged())
	}
	return out, nil
}

// uncached is the public site without its cache of drawn pages.
func (b *bench) uncached() http.Handler {
	mux := http.NewServeMux()
	(&public.Desk{DB: b.DB, City: b.City, CityName: b.Name, Registry: b.Registry, Evaluations: b.Evaluations, Books: b.Books, Cache: web.NewCache(0)}).Routes(web.NewGates(mux))
	site := &web.Site{City: b.Name, DB: b.DB, Search: "/search", Desks: []web.Desk{{Key: "public", Name: "公众", Home: "/", Nav: []web.Link{
		{Text: "企业", Href: "/enterprises"}, {Text: "项目", Href: "/projects"}, {Text: "信用排行", Href: "/league"},
	}}}}
	return site.Handler(mux)
}

// publish makes one published cycle, so that lists have grades to show.
func (b *bench) publish(ctx context.Context) error {
	e, err := b.Evaluations.Evaluate(ctx, b.who, credit.Request{Book: b.book, Purpose: credit.ForCycle, Period: b.book.Period(benchDay.AddDays(-1))})
	if err != nil {
		return err
	}
	official := func(n db.ID) authz.Actor {
		return authz.Actor{Account: n, Person: n, Second: true, StepUp: time.Now(), Grants: []authz.Grant{
			{ID: n, Role: authz.CityBureau, Scope: authz.Scope{Division: b.City}, From: day.Of(2015, time.January, 1), To: day.Of(2049, time.December, 31)},
		}}
	}
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := b.Evaluations.ProposePublication(ctx, tx, official(1), e.ID, "性能测量")
		if err == nil {
			_, err = b.Evaluations.DecidePublication(ctx, tx, official(2), p.ID, true, "")
		}
		return err
	})
}

var nextPage = regexp.MustCompile(`rel="next" href="([^"]+)"`)

// further is the address of a list's second page. First pages' rows are kept
// until the register changes; those of further pages are read each time.
func further(ctx context.Context, h http.Handler, path string) (string, error) {
	url, done, err := serving(h)
	if err != nil {
		return "", err
	}
	defer done()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+path, nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	found := nextPage.FindSubmatch(text)
	if found == nil {
		return "", fault.New(fault.Internal, "bench.next", "%s 没有第二页。", path)
	}
	return html.UnescapeString(string(found[1])), nil
}

// serving serves a handler on loopback until done.
func serving(h http.Handler) (url string, done func(), err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := web.Server(ln.Addr().String(), h, slog.Default())
	go func() { _ = server.Serve(ln) }()
	return "http://" + ln.Addr().String(), func() { server.Close() }, nil
}

// serverCost serves a handler on loopback and gives this process's CPU time per
// request in microseconds. A tenth as many requests warm it up first.
func serverCost(ctx context.Context, h http.Handler, path string) (float64, error) {
	url, done, err := serving(h)
	if err != nil {
		return 0, err
	}
	defer done()
	url += path
	if err := askApart(ctx, url, pageTimes/10); err != nil {
		return 0, err
	}
	before := processCPU()
	if err := askApart(ctx, url, pageTimes); err != nil {
		return 0, err
	}
	return float64((processCPU() - before).Nanoseconds()) / 1000 / pageTimes, nil
}

// askApart lets another process of this program send the requests, so that the
// client's work is not counted.
func askApart(ctx context.Context, url string, times int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, "bench", "--ask", url, "--times", strconv.Itoa(times))
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// askers is how many connections ask at once.
const askers = 16

// ask is that process: it asks for one page again and again.
func ask(ctx context.Context, url string, times int) error {
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: askers}}
	work, ctx := errgroup.WithContext(ctx)
	for i := range askers {
		work.Go(func() error {
			for range times*(i+1)/askers - times*i/askers {
				if err := askOnce(ctx, client, url); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return work.Wait()
}

func askOnce(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fault.New(fault.Internal, "bench.status", "%s：%s", url, res.Status)
	}
	return nil
}
