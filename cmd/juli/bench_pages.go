package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
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
const (
	pageTimes = 3000
	warmTimes = pageTimes / 10 // before, not counted
)

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
	firms, err := walk(ctx, drawn, "/enterprises")
	if err != nil {
		return nil, err
	}
	homes, err := walk(ctx, drawn, "/projects")
	if err != nil {
		return nil, err
	}
	anewFirms, err := anew(firms[1])
	if err != nil {
		return nil, err
	}
	anewHomes, err := anew(homes[1])
	if err != nil {
		return nil, err
	}
	cases := []struct {
		key, name string
		paths     []string
		handler   http.Handler
		goal      float64
	}{
		{"list_page", "列表页（企业，首页）", firms[:1], drawn, 150},
		{"list_page_projects", "列表页（项目，首页）", homes[:1], drawn, 150},
		{"list_page_further", "列表页（企业，逐页轮流）", firms, drawn, 150},
		{"list_page_projects_further", "列表页（项目，逐页轮流）", homes, drawn, 150},
		{"list_page_anew", "列表页（企业，第二页，每次重读各行）", anewFirms, drawn, 150},
		{"list_page_projects_anew", "列表页（项目，第二页，每次重读各行）", anewHomes, drawn, 150},
		{"list_page_league", "列表页（信用排行，来自数据库）", []string{"/league"}, drawn, 150},
		{"cached_page", "已缓存的公开页面", firms[:1], kept, 30},
	}
	costs, bares := make([][]float64, len(cases)), []float64(nil)
	b.tell("请求页面，每种 %d 次 %d 个请求……", benchRounds, pageTimes)
	for range benchRounds {
		x, err := serverCost(ctx, bare, []string{"/"})
		if err != nil {
			return nil, err
		}
		bares = append(bares, x)
		for i, c := range cases {
			if x, err = serverCost(ctx, c.handler, c.paths); err != nil {
				return nil, fmt.Errorf("%s: %w", c.key, err)
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

// walkMax is how many pages of a list are asked for in turn.
const walkMax = 60

// walk is the addresses of a list's pages, each the next of the one before. Their
// rows are kept until the register changes.
func walk(ctx context.Context, h http.Handler, path string) ([]string, error) {
	base, done, err := serving(h)
	if err != nil {
		return nil, err
	}
	defer done()
	paths := []string{path}
	for len(paths) < walkMax {
		text, err := fetch(ctx, http.DefaultClient, base+paths[len(paths)-1])
		if err != nil {
			return nil, err
		}
		found := nextPage.FindSubmatch(text)
		if found == nil {
			break
		}
		paths = append(paths, html.UnescapeString(string(found[1])))
	}
	if len(paths) == 1 {
		return nil, fault.New(fault.Internal, "bench.next", "%s 没有第二页。", path)
	}
	return paths, nil
}

// anew makes of a further page's address as many as one measurement asks for, all
// different and all of the same rows, so that none is found among the kept ones:
// each begins after a name that nobody has, right behind the last one before it.
func anew(path string) ([]string, error) {
	u, err := url.Parse(path)
	if err != nil {
		return nil, err
	}
	q := u.Query()
	raw, err := base64.RawURLEncoding.DecodeString(q.Get("after"))
	if err != nil {
		return nil, err
	}
	var key []string
	if err := json.Unmarshal(raw, &key); err != nil {
		return nil, err
	}
	var paths []string
	for n := range pageTimes + warmTimes {
		raw, err := json.Marshal([]string{fmt.Sprint(key[0], " ", n)})
		if err != nil {
			return nil, err
		}
		q.Set("after", base64.RawURLEncoding.EncodeToString(raw))
		paths = append(paths, u.Path+"?"+q.Encode())
	}
	return paths, nil
}

// serving serves a handler on loopback until done.
func serving(h http.Handler) (base string, done func(), err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := web.Server(ln.Addr().String(), h, slog.Default())
	go func() { _ = server.Serve(ln) }()
	return "http://" + ln.Addr().String(), func() { server.Close() }, nil
}

// serverCost serves a handler on loopback and gives this process's CPU time per
// request in microseconds, of pages asked for in turn.
func serverCost(ctx context.Context, h http.Handler, paths []string) (float64, error) {
	base, done, err := serving(h)
	if err != nil {
		return 0, err
	}
	defer done()
	var urls []string
	for i := range pageTimes + warmTimes {
		urls = append(urls, base+paths[i%len(paths)])
	}
	if err := askApart(ctx, urls[pageTimes:]); err != nil {
		return 0, err
	}
	before := processCPU()
	if err := askApart(ctx, urls[:pageTimes]); err != nil {
		return 0, err
	}
	return float64((processCPU() - before).Nanoseconds()) / 1000 / pageTimes, nil
}

// askApart lets another process of this program send the requests, so that the
// client's work is not counted.
func askApart(ctx context.Context, urls []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, "bench", "--ask")
	cmd.Stdin, cmd.Stderr = strings.NewReader(strings.Join(urls, "\n")), os.Stderr
	return cmd.Run()
}

// askers is how many connections ask at once.
const askers = 16

// ask is that process: it asks for each page that in names, one a line.
func ask(ctx context.Context, in io.Reader) error {
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	urls := strings.Split(string(text), "\n")
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: askers}}
	work, ctx := errgroup.WithContext(ctx)
	for i := range askers {
		work.Go(func() error {
			for n := i; n < len(urls); n += askers {
				if _, err := fetch(ctx, client, urls[n]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return work.Wait()
}

func fetch(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fault.New(fault.Internal, "bench.status", "%s：%s", address, res.Status)
	}
	return text, err
}
