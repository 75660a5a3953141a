//go:build !postgres

package app_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/notify"
	reports "juli/internal/resident"
)

var shownSecret = regexp.MustCompile(`whsec_[A-Za-z0-9+/=]+`)

// The administrator makes a subscription on a page, another system hears of a
// resident's report, signed; it is paused, resumed and ended by buttons. INP-5: the
// host has to be one that the operator listed.
func TestASubscriptionIsMadePausedAndEnded(t *testing.T) {
	var mu sync.Mutex
	var bodies []string
	var heads []http.Header
	srv := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		bodies, heads = append(bodies, string(body)), append(heads, r.Header)
	}))
	defer srv.Close()
	t.Setenv("JULI_HOOK_HOSTS", " , "+strings.TrimPrefix(srv.URL, "https://"))
	t.Setenv("JULI_HOOK_NETWORKS", "127.0.0.1/32,nonsense")
	t.Setenv("JULI_BASE", "https://wuye.example.cn/")
	s := &story{clerk: newClerk(t, newTown(t), "sysadmin", "city1")}
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	if w := s.Hooks.Way.Out; len(w.Hosts) != 1 || len(w.Networks) != 1 || w.Networks[0] != netip.MustParsePrefix("127.0.0.1/32") {
		t.Fatalf("the way out is %+v", w)
	}
	s.Hooks.Way.Out.Roots = &tls.Config{RootCAs: pool}

	if home := s.reads("sysadmin", "/admin/"); !strings.Contains(home, "已暂停的数据推送") {
		t.Error("the administrator is not led to the paused subscription")
	}
	if a := s.as("city1").get(t.Context(), "/admin/hooks"); a.status != http.StatusForbidden {
		t.Errorf("a city official: %d", a.status)
	}
	fill := func(address string) []string {
		return []string{"name", "甲系统", "address", address, "kinds", "reports", "place", "", "street", "", "project", "", "topic", ""}
	}
	if a := s.fills("sysadmin", "/admin/hooks", "/admin/hooks", fill("https://evil.example/x")...); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "列入允许推送的主机") {
		t.Errorf("a host that is not listed: %d", a.status)
	}
	made := s.fills("sysadmin", "/admin/hooks", "/admin/hooks", fill(srv.URL+"/in")...)
	secret := shownSecret.FindString(made.body)
	if made.status != http.StatusOK || secret == "" {
		t.Fatalf("made: %d %s", made.status, complaint(made.body))
	}
	if again := s.reads("sysadmin", "/admin/hooks"); strings.Contains(again, "whsec_") {
		t.Error("the secret is shown again")
	}
	at := "/admin/hooks/" + s.where(`SELECT id FROM hook_subscription WHERE name = '甲系统'`).String()

	deliver := func() {
		t.Helper()
		s.must(s.Settle(t.Context()))
		_, _, err := s.Hooks.DeliverDue(t.Context())
		s.must(err)
	}
	s.reportsADoor("13812349876")
	deliver()
	mu.Lock()
	if len(bodies) != 1 || !notify.Verify(secret, heads[0], []byte(bodies[0]), s.Hooks.Way.Now()) || !strings.Contains(bodies[0], `"type":"resident.reported"`) ||
		!strings.Contains(bodies[0], `"url":"https://wuye.example.cn/reports/`) || strings.Contains(bodies[0], "13812349876") || strings.Contains(bodies[0], "张三丰") {
		t.Errorf("received %q", bodies)
	}
	mu.Unlock()
	if page := s.reads("sysadmin", at); !strings.Contains(page, "已送达") || !strings.Contains(page, "反映诉求") {
		t.Error("the page does not tell of the delivery")
	}

	s.does("sysadmin", at, at+"/pause")
	s.reportsADoor("13812349877")
	deliver()
	if page := s.reads("sysadmin", at); !strings.Contains(page, "推送已暂停") || !strings.Contains(page, "等待推送") {
		t.Error("the page does not tell that it is paused and what waits")
	}
	s.does("sysadmin", at, at+"/resume")
	deliver()
	s.does("sysadmin", at, at+"/end")
	s.reportsADoor("13812349878")
	deliver()
	mu.Lock()
	defer mu.Unlock()
	if len(bodies) != 2 {
		t.Errorf("%d deliveries, want the first report's and the paused one's", len(bodies))
	}
}

// reportsADoor is a resident who says more than anybody else may read.
func (s *story) reportsADoor(phone string) {
	s.t.Helper()
	var project code.ProjectCode
	s.must(s.DB.Read(s.t.Context(), func(tx *db.Tx) (err error) {
		project, err = db.Value[code.ProjectCode](s.t.Context(), tx, `SELECT project FROM resident_report ORDER BY id LIMIT 1`)
		return err
	}))
	_, err := s.Reports.Submit(s.t.Context(), authz.Anonymous, reports.Submission{
		Channel: reports.Web, Topic: "door", Project: project, Building: 1, Body: "我叫张三丰，单元门关不上", Phone: phone,
	})
	s.must(err)
}
