package app_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// INP-9: who asks too often is stopped, whatever address the request claims to
// come from; only a proxy of ours is believed.
func TestClaimedAddressesDodgeNoLimit(t *testing.T) {
	tn := newTown(t)
	tn.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	site := tn.Handler()
	ask := func(from string, n int, headers ...string) int {
		c := newClient(site, "juli-form", "AVISITORSCOOKIE0123456789AB")
		s := c.form(t, "/enterprise-account", "/enterprise-account", "uscc", spareUSCC(31_000+n), "name", "某物业", "division", "230103", "legal", "李", "contact", "王", "number", idNumber(n), "phone", "13900001234")
		s.files = []file{{"proof", "授权书.pdf", fmt.Appendf(nil, "%s%% %d\n", pdf, n)}}
		kind, body := s.encode(t)
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, s.action, bytes.NewReader(body))
		req.RemoteAddr = from + ":4000"
		req.Header.Set("Content-Type", kind)
		req.AddCookie(&http.Cookie{Name: "juli-form", Value: c.jar["juli-form"]})
		for i := 0; i+1 < len(headers); i += 2 {
			req.Header.Add(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		site.ServeHTTP(w, req)
		return w.Code
	}
	n := 0
	for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "True-Client-Ip", "Cf-Connecting-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "Client-Ip", "X-Original-Forwarded-For"} {
		from := fmt.Sprintf("198.51.100.%d", 10+n)
		stopped := 0
		for i := range 9 {
			n++
			claimed := fmt.Sprintf("192.0.2.%d", i+1)
			if name == "Forwarded" {
				claimed = "for=" + claimed
			}
			if ask(from, n, name, claimed) == http.StatusTooManyRequests {
				stopped++
			}
		}
		if stopped < 4 {
			t.Errorf("with %s only %d of 9 are stopped", name, stopped)
		}
	}
	// behind our proxy each visitor has a limit, and cannot lengthen the list
	for i := range 9 {
		n++
		if status := ask("10.0.0.1", n, "X-Forwarded-For", fmt.Sprintf("192.0.2.%d", i+1)); status != http.StatusSeeOther {
			t.Errorf("visitor %d behind the proxy: %d", i, status)
		}
	}
	stopped := 0
	for i := range 9 {
		n++
		if ask("10.0.0.1", n, "X-Forwarded-For", fmt.Sprintf("203.0.113.%d, 192.0.2.200", i+1)) == http.StatusTooManyRequests {
			stopped++
		}
	}
	if stopped < 4 {
		t.Errorf("with a longer list only %d of 9 are stopped", stopped)
	}
}
