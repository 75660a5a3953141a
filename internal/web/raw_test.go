package web_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"juli/internal/web"
)

// A wire is a server that counts what reaches its pages.
type wire struct {
	at, from       string // its address; the address to come from, "" for any
	hits, smuggled atomic.Int64
	addr           atomic.Value // of the last request, as the site sees it
	site           *web.Site
}

func newWire(t *testing.T) *wire {
	t.Helper()
	w := &wire{site: &web.Site{Hosts: []string{"juli"}, Log: slog.New(slog.DiscardHandler), Sessions: web.SessionsFunc(sessions)}}
	mux := http.NewServeMux()
	mux.Handle("/page", web.Handler(func(rw http.ResponseWriter, r *http.Request) error {
		w.hits.Add(1)
		w.addr.Store(web.Actor(r).Addr + " " + r.Method)
		_, err := io.WriteString(rw, "page")
		return err
	}))
	mux.Handle("/smuggled", web.Handler(func(http.ResponseWriter, *http.Request) error { w.smuggled.Add(1); return nil }))
	server := httptest.NewUnstartedServer(nil)
	server.Config = web.Server("", w.site.Handler(mux), slog.New(slog.DiscardHandler))
	server.Start()
	t.Cleanup(server.Close)
	w.at = server.Listener.Addr().String()
	return w
}

// say sends bytes as they are and returns the statuses that came back, until most
// came or the server hung up; open means that it still waited for more.
func (w *wire) say(t *testing.T, raw string, most int) (statuses []int, open bool) {
	t.Helper()
	d := net.Dialer{}
	if w.from != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(w.from)}
	}
	c, err := d.DialContext(t.Context(), "tcp", w.at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, raw); err != nil {
		return nil, false
	}
	_ = c.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	r := bufio.NewReader(c)
	for len(statuses) < most {
		asked := &http.Request{Method: http.MethodGet}
		if len(statuses) == 0 && strings.HasPrefix(raw, "HEAD ") {
			asked.Method = http.MethodHead
		}
		res, err := http.ReadResponse(r, asked)
		if err != nil {
			return statuses, errors.Is(err, os.ErrDeadlineExceeded)
		}
		statuses = append(statuses, res.StatusCode)
		if to := res.Header.Get("Location"); to != "" && to != web.Local(to) {
			t.Errorf("%q leads to %q", short(raw), to)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
	return statuses, false
}

const hidden = "GET /smuggled HTTP/1.1\r\nHost: juli\r\n\r\n"

// served are requests with one reading: each is answered once.
func served() []string {
	var all []string
	for _, host := range []string{"juli", "juli:80", "JULI", "juli:8080"} {
		all = append(all, "GET /page HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
	}
	for _, line := range []string{"X-A: b", "X-A:b", "X-A:", "X-A: \tb \t", "Accept: */*", "X-Http-Method-Override: DELETE", "X-Method-Override: POST", "Connection: keep-alive, Host", "Upgrade: h2c", "TE: trailers", "Content-Length: 0", "Forwarded: for=1.2.3.4;host=evil", "X-Forwarded-Host: evil.example", "X-Original-Url: /smuggled", "X-Rewrite-Url: /smuggled"} {
		all = append(all, "GET /page HTTP/1.1\r\nHost: juli\r\n"+line+"\r\n\r\n")
	}
	for _, path := range []string{"/page?_method=DELETE", "/page?a=b", "/page?a=%00", "/page?a=%ff", "/%70age"} {
		all = append(all, "GET "+path+" HTTP/1.1\r\nHost: juli\r\n\r\n")
	}
	return append(all, "HEAD /page HTTP/1.1\r\nHost: juli\r\n\r\n", "GET /page HTTP/1.0\r\nHost: juli\r\n\r\n")
}

// refused are requests that two programs could read in two ways, or that mean
// something we don't do: none may reach a page.
func refused() []string {
	var all []string
	get := func(lines ...string) {
		all = append(all, "GET /page HTTP/1.1\r\nHost: juli\r\n"+strings.Join(lines, "\r\n")+"\r\n\r\n"+hidden)
	}
	post := func(body string, lines ...string) {
		all = append(all, "POST /page HTTP/1.1\r\nHost: juli\r\n"+strings.Join(lines, "\r\n")+"\r\n\r\n"+body)
	}
	for _, cl := range []string{"5, 5", "5,6", "+5", "-1", "0x5", "5;", "5a", "", "٥", "99999999999999999999", "5 5", "1e1", "5\x00", "\"5\"", "05x", "NaN"} {
		post("hello"+hidden, "Content-Length: "+cl)
	}
	post("hello"+hidden, "Content-Length: 5", "Content-Length: 6")
	post("hello"+hidden, "Content-Length: 0", "Content-Length: 5")
	for _, te := range []string{"xchunked", "chunked, chunked", "identity", "gzip, chunked", "chunked, identity", "chunked\x0b", "\"chunked\"", "cow", "chunked;q=1", "chunke", "deflate", "chunked, gzip", "x", ",chunked", "chunked,", "\x00chunked"} {
		post("0\r\n\r\n"+hidden, "Transfer-Encoding: "+te)
	}
	post("0\r\n\r\n"+hidden, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked")
	post("0\r\n\r\n"+hidden, "Transfer-Encoding: identity", "Transfer-Encoding: chunked")
	post("0\r\n\r\n"+hidden, "Transfer-Encoding : chunked")
	post("0\r\n\r\n"+hidden, "Transfer-Encoding:\r\n chunked, x")
	post("0\r\n\r\n"+hidden, "Transfer_Encoding: chunked")
	post("hello"+hidden, "Content_Length: 5", "Content-Length: 5")
	for _, line := range []string{"X A: b", " X-A: b", "\tX-A: b", "X-A : b", "X-A", ": b", "X-A\x00: b", "X-A: b\x00c", "X-A: b\x01c", "X-A: b\x7fc", "X(A): b", "X\"A: b", "Ｘ-A: b", "X-A: b\rX-B: c", "X\x80A: b", "X[]: b", "X{}: b", "X@Y: b", "X,Y: b", "X/Y: b", "X=Y: b", "X?Y: b", "X;Y: b"} {
		get(line)
	}
	for _, line := range []string{"X_Forwarded_For: 1.2.3.4", "X_Real_IP: 1.2.3.4", "Content_Type: text/html", "_: a", "A_: a", "X-A_B: a", "Host_: evil", "X_Forwarded_Host: evil", "X_Forwarded_Proto: https", "Cookie_: juli=token-of-li"} {
		get(line)
	}
	for _, host := range []string{"evil.example", "juli, evil", "juli evil", "juli@evil", "evil@juli", "juli/evil", "juli#evil", "juli?evil", "", "evil.example:80", "juli.evil.example", "julix", "xjuli", "127.0.0.1", "[::1]", "juli.", "ju_li", "juli\x00", "juli%00", "juli\\evil", "http://juli", "juli:80:80", "localhost"} {
		all = append(all, "GET /page HTTP/1.1\r\nHost: "+host+"\r\n\r\n"+hidden)
	}
	all = append(all,
		"GET /page HTTP/1.1\r\n\r\n"+hidden,
		"GET /page HTTP/1.1\r\nHost: juli\r\nHost: juli\r\n\r\n"+hidden,
		"GET /page HTTP/1.1\r\nHost: juli\r\nHost: evil\r\n\r\n"+hidden,
		"GET /page HTTP/1.1\r\n Host: juli\r\n\r\n"+hidden,
	)
	for _, line := range []string{"GET http://juli/page HTTP/1.1", "GET http://evil.example/page HTTP/1.1", "GET https://juli/page HTTP/1.1", "GET juli/page HTTP/1.1", "GET page HTTP/1.1", "GET * HTTP/1.1", "OPTIONS * HTTP/1.1", "CONNECT juli:80 HTTP/1.1", "CONNECT /page HTTP/1.1", "TRACE /page HTTP/1.1", "TRACK /page HTTP/1.1", "DEBUG /page HTTP/1.1", "BREW /page HTTP/1.1", "get /page HTTP/1.1", "Get /page HTTP/1.1", "G ET /page HTTP/1.1", "GET  /page HTTP/1.1", "GET\t/page\tHTTP/1.1", "GET /page  HTTP/1.1", "GET /page HTTP/1.1 x", "GET /page", "GET /page HTTP/0.9", "GET /page HTTP/2.0", "GET /page HTTP/1.1x", "GET /page HTTP/11", "GET /page http/1.1", "GET /page HTTP/9.9", "GET /page HTTP/1.", "GET /page\x00 HTTP/1.1", "GET /pa%00ge HTTP/1.1", "GET /pa%zzge HTTP/1.1", "GET /page%2 HTTP/1.1", "GET /\x01page HTTP/1.1", "PROPFIND /page HTTP/1.1", "LOCK /page HTTP/1.1", "MKCOL /page HTTP/1.1", "SEARCH /page HTTP/1.1", "PRI * HTTP/2.0", "GET\x00/page HTTP/1.1", " GET /page HTTP/1.1", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"} {
		all = append(all, line+"\r\nHost: juli\r\n\r\n"+hidden)
	}
	// Other pages than the one asked for: no page, and above all no redirect that leads away.
	for _, path := range []string{"//evil.example/page", "/page/", "/Page", "/./page", "/../page", "/x/../page", "//page", "///page", "/page//", "/%2e%2e/page", "/page;a=b", "/page%20", "/page%2f", "/\\page", "/page\\", "/;/page", "/page/..;/page", "/%2fpage", "/page%23", "/．．/page"} {
		all = append(all, "GET "+path+" HTTP/1.1\r\nHost: juli\r\nConnection: close\r\n\r\n"+hidden)
	}
	for _, chunk := range []string{"5\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n", "g\r\nhello\r\n0\r\n\r\n", "\r\nhello\r\n0\r\n\r\n", "5 5\r\nhello\r\n0\r\n\r\n", "ffffffffffffffffff\r\nhello", "4\r\nhello\r\n0\r\n\r\n", "6\r\nhello\r\n0\r\n\r\n", "5\r\nhelloXX0\r\n\r\n", "5\rhello\r\n0\r\n\r\n", "5;" + strings.Repeat("a", 70_000) + "\r\nhello\r\n0\r\n\r\n", "5\r\nhello0\r\n\r\n"} {
		all = append(all, "POST /page HTTP/1.1\r\nHost: juli\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"+chunk+hidden)
	}
	return append(all, framed()...)
}

// framed are two lengths for one body, in every spelling that some program reads
// as one of them: which of the two is right nobody can know.
func framed() (all []string) {
	lengths := []string{"Content-Length: 5", "Content-length: 5", "CONTENT-LENGTH:5", "Content-Length: 05", "Content-Length:\t5 ", "Content-Length: 5\r\nContent-Length: 5\r\nContent-Length: 6", "Content-Length: 5,5", "Content-Length : 5", "Content-Length\t: 5", " Content-Length: 5", "Content-Length: 5\x00", "Content-Length: 5\r\n 0", "Content-Length:\r\n 5", "X: y\nContent-Length: 5", "X: y\rContent-Length: 5"}
	codings := []string{"Transfer-Encoding: xchunked", "Transfer-Encoding : chunked", "Transfer-Encoding\t: chunked", " Transfer-Encoding: chunked", "Transfer-Encoding:\x0bchunked", "Transfer-Encoding: chunked\x00", "Transfer-Encoding: chunked, identity", "transfer-encoding: x, chunked", "Transfer-Encoding: identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x", "Transfer-Encoding: \"chunked\"", "Transfer-Encoding: chunked;a=b", "X: y\rTransfer-Encoding: chunked", "Transfer-Encoding:\r\n x"}
	for _, length := range lengths {
		for _, coding := range codings {
			all = append(all, "POST /page HTTP/1.1\r\nHost: juli\r\n"+length+"\r\n"+coding+"\r\n\r\n0\r\n\r\n"+hidden)
		}
	}
	return all
}

// INP-9: a corpus of raw requests. What has one reading is answered once; what
// has two reaches no page, and nothing hidden behind it is ever answered.
func TestRawRequestsHaveOneReading(t *testing.T) {
	w := newWire(t)
	good, bad := served(), refused()
	for _, raw := range good {
		before := w.hits.Load()
		statuses, _ := w.say(t, raw, 1)
		if len(statuses) != 1 || statuses[0] != 200 || w.hits.Load() != before+1 {
			t.Errorf("%q: statuses %v, %d hits", raw, statuses, w.hits.Load()-before)
		}
		if got := fmt.Sprint(w.addr.Load()); !strings.HasPrefix(got, "127.0.0.1 ") || strings.HasSuffix(got, "DELETE") {
			t.Errorf("%q: seen as %s", raw, got)
		}
	}
	for _, raw := range bad {
		before := w.hits.Load()
		statuses, open := w.say(t, raw, 9)
		switch {
		case w.hits.Load() != before:
			t.Errorf("%q reached the page", short(raw))
		case w.smuggled.Swap(0) != 0:
			t.Errorf("%q: what was hidden behind it was answered: %v", short(raw), statuses)
		case open:
			t.Errorf("%q: %v, and the connection stays open", short(raw), statuses)
		case len(statuses) > 1, len(statuses) == 1 && statuses[0] < 300:
			t.Errorf("%q: statuses %v", short(raw), statuses)
		}
	}
	t.Logf("%d requests", len(good)+len(bad))
}

func short(s string) string { return s[:min(len(s), 160)] }

// INP-9: what stands in X-Forwarded-For is believed from our own proxies alone,
// and only its last foreign entry.
func TestForwardedForIsBelievedFromProxiesAlone(t *testing.T) {
	w := newWire(t)
	ask := func(lines string) string {
		w.say(t, "GET /page HTTP/1.1\r\nHost: juli\r\n"+lines+"Connection: close\r\n\r\n", 9)
		addr, _, _ := strings.Cut(fmt.Sprint(w.addr.Load()), " ")
		return addr
	}
	for _, forged := range []string{"X-Forwarded-For: 1.2.3.4\r\n", "X-Real-Ip: 1.2.3.4\r\n", "Forwarded: for=1.2.3.4\r\n", "True-Client-Ip: 1.2.3.4\r\n", "X-Client-Ip: 1.2.3.4\r\n"} {
		if got := ask(forged); got != "127.0.0.1" {
			t.Errorf("without a proxy %q is believed: %s", forged, got)
		}
	}
	w.site.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	for lines, want := range map[string]string{
		"X-Forwarded-For: 1.2.3.4\r\n":                                         "1.2.3.4",
		"X-Forwarded-For: 6.6.6.6, 1.2.3.4\r\n":                                "1.2.3.4", // the visitor wrote the first himself
		"X-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.0.0.7\r\n":                      "1.2.3.4",
		"X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 1.2.3.4\r\n":             "1.2.3.4",
		"X-Forwarded-For: ::ffff:1.2.3.4\r\n":                                  "1.2.3.4",
		"X-Forwarded-For: 6.6.6.6, nonsense\r\n":                               "127.0.0.1",
		"X-Forwarded-For: nonsense\r\nX-Real-Ip: 6.6.6.6\r\n":                  "127.0.0.1",
		"X-Forwarded-For: " + strings.Repeat("6.6.6.6, ", 500) + "1.2.3.4\r\n": "1.2.3.4",
		"": "127.0.0.1",
	} {
		if got := ask(lines); got != want {
			t.Errorf("%.80q: seen as %s, want %s", lines, got, want)
		}
	}
}
