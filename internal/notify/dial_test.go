package notify

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestAddressesThatAreNotThePublicInternet(t *testing.T) {
	var o Outbound
	for _, ip := range []string{
		"127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
		"100.64.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1",
		"64:ff9b::7f00:1", "2001:db8::1", "2002:7f00:1::", "2001::1",
		"::7f00:1", "::ffff:0:7f00:1", "64:ff9b:1::1", "100::1", "5f00::1", "fec0::1", "3fff::1", "192.88.99.1", "4000::1",
	} {
		if o.allowed(netip.MustParseAddr(ip)) {
			t.Errorf("%s may be dialled", ip)
		}
	}
	for _, ip := range []string{"8.8.8.8", "114.114.114.114", "2400:3200::1", "::ffff:8.8.8.8"} {
		if !o.allowed(netip.MustParseAddr(ip)) {
			t.Errorf("%s may not be dialled", ip)
		}
	}
	o.Networks = []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")}
	if !o.allowed(netip.MustParseAddr("10.20.3.4")) || o.allowed(netip.MustParseAddr("10.21.3.4")) {
		t.Error("an opened network is not what was opened")
	}
}

// trap is a server that an outbound request should not reach unless allowed.
func trap(t *testing.T, handler http.HandlerFunc) (*httptest.Server, Outbound) {
	srv := httptest.NewTLSServer(handler)
	t.Cleanup(srv.Close)
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	host := strings.TrimPrefix(srv.URL, "https://")
	return srv, Outbound{
		Hosts: []string{host}, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Roots: &tls.Config{RootCAs: pool},
	}
}

func TestWhatDoesNotLeave(t *testing.T) {
	hits := 0
	srv, open := trap(t, func(http.ResponseWriter, *http.Request) { hits++ })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(srv.URL, "https://"))
	closed := open
	closed.Networks = nil
	byName := closed
	byName.Hosts = []string{"localhost:" + port}
	for _, tt := range []struct {
		name, url string
		out       Outbound
	}{
		{"an inner address", srv.URL, closed},
		{"a name that leads inside", "https://localhost:" + port, byName},
		{"a host that is not listed", "https://example.cn", open},
		{"another port", "https://127.0.0.1:1", open},
		{"plain http", "http://127.0.0.1:" + port, open},
		{"a user in the address", "https://user@127.0.0.1:" + port, open},
		{"a file", "file:///etc/passwd", open},
		{"the same host in octal", "https://0177.0.0.1:" + port, open},
		{"the same host as a number", "https://2130706433:" + port, open},
		{"the same host in six", "https://[::ffff:127.0.0.1]:" + port, open},
	} {
		req, err := http.NewRequest(http.MethodPost, tt.url, nil)
		if err != nil {
			continue // not even an address
		}
		if _, _, err := tt.out.Do(t.Context(), req); !errors.Is(err, errRefused) {
			t.Errorf("%s: %v, want a refusal", tt.name, err)
		}
	}
	if hits != 0 {
		t.Errorf("the trap was hit %d times", hits)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	inner := 0
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inner++ }))
	defer target.Close()
	srv, out := trap(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, target.URL, http.StatusTemporaryRedirect)
		case "/big":
			_, _ = io.Copy(w, io.LimitReader(zeros{}, outAnswerMax+2))
		}
	})
	req, _ := http.NewRequest(http.MethodPost, srv.URL+"/away", nil)
	if status, _, err := out.Do(t.Context(), req); err != nil || status != http.StatusTemporaryRedirect || inner != 0 {
		t.Errorf("redirect: status %d, %v, followed %d times", status, err, inner)
	}
	req, _ = http.NewRequest(http.MethodPost, srv.URL+"/big", nil)
	if _, _, err := out.Do(t.Context(), req); err == nil {
		t.Error("an answer over 1 MB was taken")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestSignAsTheStandardSays(t *testing.T) {
	// the example of the Standard Webhooks specification
	got, err := Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; err != nil || got != want {
		t.Errorf("Sign = %q, %v, want %q", got, err, want)
	}
}

func TestWebhookArrivesSignedAndCanBeChecked(t *testing.T) {
	secret := NewSecret()
	var valid, late, forged bool
	var body []byte
	srv, out := trap(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		valid = Verify(secret, r.Header, body, time.Now())
		late = Verify(secret, r.Header, body, time.Now().Add(6*time.Minute))
		forged = Verify(secret, r.Header, append(body, ' '), time.Now())
	})
	hook := Webhook{Out: out, Now: time.Now}
	err := hook.Deliver(t.Context(), Target{Address: srv.URL + "/hook", Secret: secret}, Outward{ID: 5, Kind: "credit.notice", Title: "信用信息告知书", SentAt: time.Now()})
	if err != nil || !valid || late || forged {
		t.Errorf("delivered %v; valid %v, late %v, forged %v", err, valid, late, forged)
	}
	var got struct {
		Type string
		Data Outward
	}
	if err := json.Unmarshal(body, &got); err != nil || got.Type != "credit.notice" || got.Data.ID != 5 {
		t.Errorf("body %s: %v", body, err)
	}
}

func FuzzVerifyNeverPanics(f *testing.F) {
	f.Add("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg", "1614265330", "v1,x v1,y", []byte("{}"))
	f.Fuzz(func(t *testing.T, secret, id, at, signature string, body []byte) {
		h := http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {at}, "Webhook-Signature": {signature}}
		want, err := Sign(secret, id, time.Unix(1614265330, 0), body)
		if Verify(secret, h, body, time.Unix(1614265330, 0)) && (err != nil || !strings.Contains(signature, strings.TrimPrefix(want, "v1,")) && at == "1614265330") {
			t.Errorf("verified %q with %q", signature, secret)
		}
	})
}
