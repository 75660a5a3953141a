//go:build !postgres

package app_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// oddities are values at which parsers stumble.
var oddities = slices.Concat(injections, payloads[:8], []string{
	"", " ", "0", "-0", "00", "1", "-1", "1.0", "1e9", "١٢", "１２", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "0x1f", "1_000", "1,000.00", "+1", "Infinity", "0.001",
	"2021-07-01", "2021-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "-0001-01-01", "2021-7-1", "２０２１-０７-０１", "2021-07-01T00:00:00Z", "2021-W01",
	"2301", "230102", "230103001", "000000", "91230102MAGPU0141Y", "91230102magpu0141y", "0000000000001", "7ZZZZZZZZZZZZ", "ZZZZZZZZZZZZZ", "0OIL0OIL0OIL0", "true", "on", "null", "undefined", "[]", "{}", "draft", "submit", "open", "act", "csv", "xlsx",
	"㛃𠮷·", "é", "e\u0301", "\u202e", "\u200b", "\ufeff", "a\r\nb", "\x7f", "\ud7ff", "\U0010ffff", "%", "%%", "%s%n", "$1", "_", "*", "{}", strings.Repeat("长", 400), strings.Repeat("9", 400), strings.Repeat("[", 400),
})

// A chance draws requests; every choice comes from one seed.
type chance struct {
	*rand.Rand
	k      *clerk
	routes []route
	real   []string // addresses that pages link to
	forms  map[string][]sending
	names  []string // of parameters
	tokens map[string]string
}

func one[T any](c *chance, list []T) T { return list[c.IntN(len(list))] }

// odd is a value that somebody could send: one of ours, part of one, or noise.
func (c *chance) odd() string {
	switch c.IntN(8) {
	case 0:
		b := make([]byte, c.IntN(40))
		for i := range b {
			b[i] = byte(c.Uint32())
		}
		return string(b)
	case 1:
		var s strings.Builder
		for range c.IntN(12) {
			s.WriteRune(rune(c.IntN(0x11_0000)))
		}
		return s.String()
	case 2:
		return one(c, oddities) + one(c, oddities)
	case 3:
		return strconv.FormatInt(int64(c.Uint64())>>c.IntN(64), 10)
	}
	return one(c, oddities)
}

func (c *chance) address(r route) string {
	path := unnamed.ReplaceAllStringFunc(strings.ReplaceAll(r.path, "{$}", ""), func(string) string {
		return url.PathEscape(c.odd())
	})
	if c.IntN(3) == 0 {
		path = one(c, c.real)
	}
	q := url.Values{}
	for range c.IntN(4) {
		q.Add(one(c, c.names), c.odd())
	}
	if len(q) == 0 {
		return path
	}
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + q.Encode()
}

// post is a form of a page with some of its fields changed, or what is none.
func (c *chance) post(login string) (path, kind string, body []byte) {
	s := one(c, c.forms[login])
	s.values = maps.Clone(s.values)
	s.files = slices.Clone(s.files)
	names := slices.Sorted(maps.Keys(s.values))
	for range 1 + c.IntN(3) {
		if len(names) == 0 {
			break
		}
		switch name := one(c, names); c.IntN(8) {
		case 0:
			s.values.Del(name)
		case 1:
			s.values[name] = append(slices.Clone(s.values[name]), c.odd())
		case 2:
			s.values.Set(c.odd(), c.odd())
		default:
			s.values[name] = []string{c.odd()}
		}
	}
	s.values.Set("_csrf", c.tokens[login])
	s.values.Set("_once", fmt.Sprintf("%020d", c.Uint32()))
	for i := range s.files {
		if c.IntN(2) == 0 {
			s.files[i].name, s.files[i].body = c.odd()+one(c, []string{".pdf", ".csv", ".xlsx", ".png", ".docx", ""}), []byte(c.odd()+c.odd())
		}
	}
	if c.IntN(10) == 0 {
		s.action = strings.TrimPrefix(unnamed.ReplaceAllString(one(c, c.k.post), url.PathEscape(c.odd())), "POST ")
	}
	kind, body = s.encode(c.k.t)
	switch c.IntN(12) {
	case 0: // bytes here and there
		for range 1 + c.IntN(4) {
			if len(body) > 0 {
				body[c.IntN(len(body))] = byte(c.Uint32())
			}
		}
	case 1:
		body = body[:c.IntN(len(body)+1)]
	}
	return s.action, kind, body
}

// INP-10: random requests to every route by people of every role: no panic, and
// nothing is our fault. JULI_FUZZ_REQUESTS sets how many, JULI_SEED repeats a run.
func TestRandomRequestsNeverFail(t *testing.T) {
	seed, most := uint64(time.Now().UnixNano()), 16_000
	if n, err := strconv.ParseUint(os.Getenv("JULI_SEED"), 10, 64); err == nil {
		seed = n
	}
	if n, err := strconv.Atoi(os.Getenv("JULI_FUZZ_REQUESTS")); err == nil {
		most = n
	}
	t.Logf("JULI_SEED=%d JULI_FUZZ_REQUESTS=%d", seed, most)
	tn := newTown(t)
	said := new(record)
	slog.SetDefault(slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelError})))
	t.Cleanup(func() { slog.SetDefault(slog.New(slog.DiscardHandler)) })
	people := slices.DeleteFunc(slices.Sorted(maps.Keys(doors)), func(login string) bool { return login == "" })
	c := &chance{Rand: rand.New(rand.NewPCG(seed, 1)), k: newClerk(t, tn, people...), routes: routes(t), names: filters(t), forms: map[string][]sending{}, tokens: map[string]string{}}
	for _, path := range []string{"/api/v1/enterprises", "/api/v1/enterprises/{uscc}", "/api/v1/projects", "/api/v1/projects/{code}", "/api/v1/results", "/openapi.json"} {
		c.routes = append(c.routes, route{http.MethodGet, path})
	}
	c.learn(t)
	people = append(people, "")
	status := map[int]int{}
	for i := range most {
		login := one(c, people)
		method, path, kind, body := http.MethodGet, c.address(one(c, c.routes)), "", []byte(nil)
		if c.IntN(2) == 0 {
			method = http.MethodPost
			path, kind, body = c.post(login)
		}
		u, err := url.ParseRequestURI(path)
		if err != nil {
			continue // net/http refuses such a line
		}
		req := httptest.NewRequestWithContext(t.Context(), method, "/", bytes.NewReader(body))
		req.URL, req.RequestURI, req.RemoteAddr = u, path, fmt.Sprintf("10.%d.%d.%d:4000", i>>16&255, i>>8&255, i&255)
		if kind != "" {
			req.Header.Set("Content-Type", kind)
		}
		for name, value := range c.k.as(login).jar {
			req.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		w := httptest.NewRecorder()
		c.k.h.ServeHTTP(w, req)
		if status[w.Code]++; w.Code >= 500 {
			t.Fatalf("request %d: %s %.300q as %q, %q: %d\n%.2000s", i, method, path, login, body, w.Code, said)
		}
	}
	if text := said.String(); strings.Contains(text, "panic") {
		t.Errorf("a panic: %.3000s", text)
	}
	t.Logf("%v", status)
	if status[http.StatusOK] < most/20 || status[http.StatusUnprocessableEntity] < most/50 || status[http.StatusSeeOther] < most/100 {
		t.Errorf("answers %v: what was sent came nowhere", status)
	}
}

// learn walks over the pages for addresses and forms.
func (c *chance) learn(t *testing.T) {
	t.Helper()
	c.k.wide = true
	known := map[string]int{}
	for _, login := range slices.Sorted(maps.Keys(doors)) {
		starts := doors[login]
		c.tokens[login] = csrfOf(t, c.k.as(login))
		c.k.walk(login, 2, slices.Concat(starts, homes), func(path string, a answer) {
			c.real = append(c.real, path)
			for i, f := range forms(path, a.body) {
				p := login + " " + c.k.pattern(f.action)
				if known[p]++; known[p] <= 4 && f.action != "/logout" && f.action != "/session/keep" {
					c.forms[login] = append(c.forms[login], c.k.fill(f, i, nil))
				}
			}
		})
	}
	slices.Sort(c.real) // maps have no order, and a seed is to repeat a run
}
