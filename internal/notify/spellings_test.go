package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// A lair is a machine with things that are to stay unreached: every connection
// to its loopback counts as a hit. friend is the one address that is allowed.
type lair struct {
	port   string
	hits   atomic.Int64
	friend *httptest.Server
	path   http.HandlerFunc
	asked  atomic.Int64 // names resolved
}

const friendly = "127.0.0.2" // stands for an address that may be dialled

func newLair(t *testing.T) (*lair, Outbound) {
	t.Helper()
	l := &lair{}
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.trap(t, first)
	_, l.port, _ = net.SplitHostPort(first.Addr().String())
	for _, also := range []string{"[::1]:", "127.127.127.127:"} {
		if ln, err := net.Listen("tcp", also+l.port); err == nil { // not every machine has both
			l.trap(t, ln)
		}
	}
	l.friend = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.path != nil {
			l.path(w, r)
		}
	}))
	l.friend.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	l.friend.Listener.Close()
	if l.friend.Listener, err = net.Listen("tcp", friendly+":"+l.port); err != nil {
		t.Fatal(err)
	}
	l.friend.StartTLS()
	t.Cleanup(l.friend.Close)
	pool := x509.NewCertPool()
	pool.AddCert(l.friend.Certificate())
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go l.resolve(theirs)
		return ours, nil
	}}
	t.Cleanup(func() { net.DefaultResolver = before })
	return l, Outbound{Networks: []netip.Prefix{netip.MustParsePrefix(friendly + "/32")}, Roots: &tls.Config{RootCAs: pool}}
}

func (l *lair) trap(t *testing.T, ln net.Listener) {
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			l.hits.Add(1)
			c.Close()
		}
	}()
}

// resolve answers one question of the resolver: "example.com" leads to the
// friend, "rebinding" there once and inside from then on, "both" to either, and
// any other name inside, as a hostile name server, or an old C library, has it.
func (l *lair) resolve(c net.Conn) {
	defer c.Close()
	size := make([]byte, 2) // a pipe is a stream, so messages have their length before them
	for {
		if _, err := io.ReadFull(c, size); err != nil {
			return
		}
		raw := make([]byte, int(size[0])<<8|int(size[1]))
		if _, err := io.ReadFull(c, raw); err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(raw) != nil || len(m.Questions) != 1 {
			return
		}
		m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
		q := m.Questions[0]
		for _, at := range l.answer(strings.TrimSuffix(strings.ToLower(q.Name.String()), ".")) {
			ip := netip.MustParseAddr(at)
			head := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET}
			switch {
			case ip.Is4() && q.Type == dnsmessage.TypeA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: ip.As4()}})
			case ip.Is6() && q.Type == dnsmessage.TypeAAAA:
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
			}
		}
		packed, err := m.Pack()
		if err != nil {
			return
		}
		if _, err := c.Write(append([]byte{byte(len(packed) >> 8), byte(len(packed))}, packed...)); err != nil {
			return
		}
	}
}

func (l *lair) answer(name string) []string {
	n := l.asked.Add(1)
	switch {
	case name == "example.com":
		return []string{friendly}
	case name == "rebinding.example" && n <= 2: // A and AAAA of the first dial
		return []string{friendly}
	case name == "both.example":
		return []string{"127.0.0.3", "127.0.0.1", "::1"}
	}
	return []string{"127.0.0.1", "::1"}
}

// spellings are ways to write an address of this machine.
func spellings() (list []string) {
	forms := []func(n int) string{
		func(n int) string { return fmt.Sprint(n) }, func(n int) string { return fmt.Sprintf("0%o", n) }, func(n int) string { return fmt.Sprintf("0x%x", n) },
	}
	for i := range 81 {
		var parts []string
		for j, n := range []int{127, 0, 0, 1} {
			parts = append(parts, forms[i/[]int{27, 9, 3, 1}[j]%3](n))
		}
		list = append(list, strings.Join(parts, "."))
	}
	for _, f := range forms {
		for _, g := range forms {
			list = append(list, f(127)+"."+g(1), f(127)+".0."+g(1), f(127)+"."+g(0)+"."+g(1), f(127)+"."+g(0x7f7f7f))
		}
		list = append(list, f(2130706433), f(2130706433)+".", f(4294967296+2130706433), f(0), f(0)+".0.0.0", strings.ToUpper(f(2130706433)))
	}
	list = append(list, "0000000177.0.0.1", "127.0.0.01", "127.000.000.001", "127.0.0.1.", "127.0.0.1..", "127.127.127.127", "127.0.0.3", "127.255.255.254", "0.0.0.0", "255.255.255.255", "169.254.169.254", "100.100.100.200", "10.0.0.1", "172.16.0.1", "192.168.0.1", "198.18.0.1")
	for _, six := range []string{"::1", "::", "0:0:0:0:0:0:0:1", "0000:0000:0000:0000:0000:0000:0000:0001", "::0001", "::ffff:127.0.0.1", "::FFFF:7f00:1", "::ffff:0:127.0.0.1", "::127.0.0.1", "::7f00:1", "0:0:0:0:0:ffff:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "fe80::1%25lo", "::1%25lo", "::1%251", "fe80::1%lo", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:169.254.169.254", "2001:db8::1", "100::1", "5f00::1", "fec0::1"} {
		list = append(list, "["+six+"]")
	}
	for _, name := range []string{"localhost", "LOCALHOST", "localhost.", "LocalHost.localdomain", "ip6-localhost", "a.localhost", "127.0.0.1.nip.example", "7f000001.nip.example", "inner.example", "both.example", "metadata.google.internal", "kubernetes.default.svc", "ⓛocalhost", "ｌｏｃａｌｈｏｓｔ", "１２７.０.０.１", "127。0。0。1", "①②⑦.⓪.⓪.①", "127.0.0.1%00.example.com", "127.0.0.1%2eexample.com", "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "127.0.0.1%09", "xn--1-7ga.example", "_.example", "-.example", "a..example", "local\u00adhost", "localhost%20", "example.com.inner.example", "inner.example.", "INNER.example"} {
		list = append(list, name)
	}
	return list
}

// confusing are addresses whose reader could take another part for the host than
// their writer: the listed host is example.com.
func confusing(port string) (list []string) {
	for _, s := range []string{"https://example.com@127.0.0.1:P/", "https://example.com:P@127.0.0.1:P/", "https://127.0.0.1:P#@example.com:P/", "https://127.0.0.1:P\\@example.com:P/", "https://example.com:P\\@127.0.0.1:P/", "https://127.0.0.1:P?@example.com:P/", "https://127.0.0.1:P/@example.com:P/", "https://example.com:P:127.0.0.1:P/", "https://example.com%00.127.0.0.1:P/", "https://example.com%2523@127.0.0.1:P/", "https://example.com%40127.0.0.1:P/", "https:127.0.0.1:P", "https:/127.0.0.1:P/", "https:///127.0.0.1:P/", "https:\\\\127.0.0.1:P/", "//127.0.0.1:P/", "http://127.0.0.1:P/", "HTTP://example.com:P/", "ftp://127.0.0.1:P/", "gopher://127.0.0.1:P/", "file:///etc/passwd", "unix:///run/x", "https://example.com :P@127.0.0.1:P/", "https://example.com\t@127.0.0.1:P/", "https://[::1]:P@example.com:P/", "https://example.com.:P@[::1]:P/", "https://127.0.0.1:P;example.com:P/", "https://127.0.0.1:P,example.com:P/", "https://{127.0.0.1}:P/", "https://127.0.0.1:00P/", "https://127.0.0.1: P/", "https://example.com:1P/", "jar:https://127.0.0.1:P/!/"} {
		list = append(list, strings.ReplaceAll(s, "P", port))
	}
	return list
}

func (l *lair) refuse(t *testing.T, o Outbound, address string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, nil)
	if err == nil {
		if _, _, err = o.Do(t.Context(), req); !errors.Is(err, errRefused) && !unresolved(err) {
			t.Errorf("%q: %v, want a refusal", address, err)
		}
	}
	if n := l.hits.Swap(0); n > 0 {
		t.Errorf("%q reached the trap %d times", address, n)
	}
}

// unresolved says whether a name is none that could be looked up.
func unresolved(err error) bool {
	_, ok := errors.AsType[*net.DNSError](err)
	return ok
}

// INP-5: however an inner address is written, by number, by name, by a redirect
// or by a name that changes its mind, nothing inside is reached, even where the
// list of hosts names it.
func TestNoSpellingReachesInside(t *testing.T) {
	l, o := newLair(t)
	all := spellings()
	for _, host := range all {
		o.Hosts = []string{host + ":" + l.port, strings.Trim(host, "[]") + ":" + l.port}
		l.refuse(t, o, "https://"+host+":"+l.port+"/hook")
	}
	o.Hosts = []string{"example.com:" + l.port}
	odd := confusing(l.port)
	for _, address := range odd {
		l.refuse(t, o, address)
	}
	sent := 0
	for i, host := range append([]string{"127.0.0.1", "localhost", "[::1]"}, all[:97]...) {
		status := []int{301, 302, 303, 307, 308}[i%5]
		l.path = func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Location"] = []string{"https://" + host + ":" + l.port + "/"}
			w.WriteHeader(status)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://example.com:"+l.port+"/hook", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := o.Do(t.Context(), req); err != nil || got != status {
			t.Errorf("redirect to %s: %d, %v", host, got, err)
		}
		sent++
		if n := l.hits.Swap(0); n > 0 {
			t.Errorf("a redirect to %s reached the trap %d times", host, n)
		}
	}
	t.Logf("%d spellings, %d confusing addresses, %d redirects", len(all), len(odd), sent)
	if len(all) < 200 {
		t.Errorf("only %d spellings", len(all))
	}
}

// INP-5: a name that was harmless when it was looked at leads nowhere once it
// leads inside; and the trap is one that is hit when it is opened.
func TestRebindingReachesNothing(t *testing.T) {
	l, o := newLair(t)
	o.Hosts = []string{"rebinding.example:" + l.port}
	for i := range 5 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://rebinding.example:"+l.port+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = o.Do(t.Context(), req)
		if inside := l.asked.Load() > 2; inside && !errors.Is(err, errRefused) || l.hits.Load() != 0 {
			t.Errorf("dial %d: %v, %d hits", i, err, l.hits.Load())
		}
	}
	if l.asked.Load() < 6 {
		t.Errorf("the name was resolved %d times: it did not change its mind", l.asked.Load())
	}
	o.Networks = append(o.Networks, netip.MustParsePrefix("127.0.0.0/8"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://rebinding.example:"+l.port+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := o.Do(t.Context(), req); err == nil || l.hits.Load() == 0 {
		t.Errorf("with an open network: %v, %d hits", err, l.hits.Load())
	}
}
