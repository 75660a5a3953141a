package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	outTimeout   = 10 * time.Second
	outAnswerMax = 1 << 20 // bytes of an answer
)

var errRefused = errors.New("outbound address refused")

// An Outbound is the only way for a request to leave the system (INP-5): https
// to listed hosts, no redirects, the address checked when it is dialled, so that
// a name that resolves anew to an inner address reaches nothing.
type Outbound struct {
	Hosts    []string       // "hook.example.cn" (port 443) or "hook.example.cn:8443"
	Networks []netip.Prefix // inner networks that the operator opens, e.g. the government extranet
	Roots    *tls.Config    // further trusted authorities; nil: the system's
}

// special networks that are not the public internet and not found by netip.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("3fff::/20"),
}

// six is all of IPv6 that was ever given out: what stands outside are addresses
// that hold others, such as ::7f00:1 and 64:ff9b::7f00:1, or lead nowhere.
var six = netip.MustParsePrefix("2000::/3")

// allowed says whether an address may be dialled.
func (o Outbound) allowed(ip netip.Addr) bool {
	ip = ip.Unmap()
	if slices.ContainsFunc(o.Networks, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return true
	}
	if !ip.IsValid() || ip.Zone() != "" || !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.Is6() && !six.Contains(ip) {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// Allows says whether a host with port is on the list.
func (o Outbound) Allows(host, port string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if port == "" {
		port = "443"
	}
	for _, h := range o.Hosts {
		if h = strings.ToLower(h); !strings.Contains(h, ":") {
			h += ":443"
		}
		if h == host+":"+port {
			return true
		}
	}
	return false
}

// dialer checks the address itself, after the name was resolved.
func (o Outbound) dialer() *net.Dialer {
	return &net.Dialer{
		Timeout: outTimeout,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil || !o.allowed(at.Addr()) {
				return errRefused
			}
			return nil
		},
	}
}

// Client is an http.Client bound to these limits. It keeps no connections, uses
// no proxy from the environment and follows no redirect.
func (o Outbound) Client() *http.Client {
	return &http.Client{
		Timeout: outTimeout,
		Transport: &http.Transport{
			DialContext:            o.dialer().DialContext,
			TLSClientConfig:        o.tls(),
			TLSHandshakeTimeout:    outTimeout,
			ResponseHeaderTimeout:  outTimeout,
			MaxResponseHeaderBytes: 64 << 10,
			DisableKeepAlives:      true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (o Outbound) tls() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.Roots != nil {
		c.RootCAs = o.Roots.RootCAs
	}
	return c
}

// Do sends a request within the limits and gives the status and at most 1 MB of answer.
func (o Outbound) Do(ctx context.Context, req *http.Request) (status int, answer []byte, err error) {
	if req.URL.Scheme != "https" || req.URL.User != nil || !o.Allows(req.URL.Hostname(), req.URL.Port()) {
		return 0, nil, errRefused
	}
	ctx, stop := context.WithTimeout(ctx, outTimeout)
	defer stop()
	resp, err := o.Client().Do(req.WithContext(ctx))
	if err != nil {
		return 0, nil, fmt.Errorf("send: %w", err)
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, outAnswerMax+1))
	switch {
	case err != nil:
		return resp.StatusCode, nil, fmt.Errorf("read answer: %w", err)
	case len(answer) > outAnswerMax:
		return resp.StatusCode, nil, errors.New("answer over 1 MB")
	}
	return resp.StatusCode, answer, nil
}
