package app_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"juli/internal/app"
	"juli/internal/db"
)

// A record keeps what was logged.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *record) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *record) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// logged makes everything of the test's program go to a record.
func logged(t *testing.T) *record {
	t.Helper()
	l, before := new(record), slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(before) })
	return l
}

// served runs a city on a listener, and metrics on another, until the test ends.
func (tn town) served(t *testing.T) (base, admin string, stop func()) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if tn.Admin, err = app.AdminListen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- tn.Serve(ctx, ln, tn.site, io.Discard) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve ended with %v", err)
		}
	})
	t.Cleanup(stop)
	return "http://" + ln.Addr().String(), "http://" + tn.Admin.Addr().String(), stop
}

func fetch(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := new(http.Client).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

// OBS-1: what an administrator watches is not to be found from outside, and
// what it shows names no page and no person.
func TestMetricsStandApart(t *testing.T) {
	tn := newTown(t)
	base, admin, _ := tn.served(t)
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap", "/debug/vars", "/debug/", "/admin/metrics", "/status", "/server-status", "/actuator", "/.env", "/.git/config", "/phpinfo.php", "/api/v1/metrics"} {
		if res, text := fetch(t, base+path); res.StatusCode != http.StatusNotFound && !strings.HasSuffix(res.Request.URL.Path, "/login") || strings.Contains(text, "go_gc") {
			t.Errorf("%s: %d from outside", path, res.StatusCode)
		}
	}
	name := firstName(t, tn)
	fetch(t, base+"/search?q="+name)
	fetch(t, base+"/api/v1/nope")
	res, text := fetch(t, admin+"/metrics")
	if res.StatusCode != 200 {
		t.Fatalf("metrics: %d", res.StatusCode)
	}
	for _, part := range []string{`juli_http_request_seconds_count{method="GET",route="GET /search",status="200"} 1`, "go_goroutines", "juli_disk_free_bytes", "juli_database_up 1", "process_resident_memory_bytes"} {
		if !strings.Contains(text, part) {
			t.Errorf("the metrics lack %s", part)
		}
	}
	if strings.Contains(text, name) || strings.Contains(text, "nope") {
		t.Error("the metrics tell what was asked for")
	}
	if res, text := fetch(t, admin+"/debug/pprof/goroutine?debug=1"); res.StatusCode != 200 || !strings.Contains(text, "goroutine profile") {
		t.Errorf("profiles: %d", res.StatusCode)
	}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, admin+"/metrics", nil)
	req.RequestURI, req.Host = "", "evil.example"
	res, err := new(http.Client).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("metrics under a foreign name: %d", res.StatusCode)
	}
	for _, addr := range []string{"0.0.0.0:0", "[::]:0", ":0", "8.8.8.8:9090", "localhost:9090", "", "127.0.0.1"} {
		if ln, err := app.AdminListen(addr); err == nil {
			ln.Close()
			t.Errorf("metrics may listen on %q", addr)
		}
	}
}

func firstName(t *testing.T, tn town) (name string) {
	t.Helper()
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		name, err = db.Value[string](t.Context(), tx, `SELECT name FROM enterprise ORDER BY id LIMIT 1`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// OBS-1: readiness asks for real and names the cause in a word, no more.
func TestReadinessNamesItsCause(t *testing.T) {
	tn := newTown(t)
	log := logged(t)
	base, _, stop := tn.served(t)
	is := func(want string) {
		t.Helper()
		res, text := fetch(t, base+"/readyz")
		if (res.StatusCode == 200) != (want == "ready\n") || text != want {
			t.Errorf("readyz: %d %q, want %q", res.StatusCode, text, want)
		}
		if res, _ := fetch(t, base+"/healthz"); res.StatusCode != 200 {
			t.Errorf("healthz: %d", res.StatusCode)
		}
	}
	is("ready\n")
	exec := func(query string) {
		t.Helper()
		if err := tn.DB.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), query); return err }); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`)
	is("not ready: schema\n")
	exec(`DELETE FROM goose_db_version WHERE version_id = 99999`)
	is("ready\n")
	exec(`ALTER TABLE meta RENAME TO meta_away`)
	is("not ready: write\n")
	if said := log.String(); !strings.Contains(said, `"probe":"write"`) || !strings.Contains(said, "meta") {
		t.Errorf("the cause is not in the log: %s", said)
	}
	exec(`ALTER TABLE meta_away RENAME TO meta`)
	is("ready\n")
	stop()
}

var numberOf = regexp.MustCompile(`请求编号 <code>([^<]+)</code>`)

// OBS-1: every 5xx page carries the number under which the log tells why, and
// nothing of the why.
func TestEveryFailureCanBeFoundByItsNumber(t *testing.T) {
	tn := newTown(t)
	log := logged(t)
	err := tn.DB.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `ALTER TABLE enterprise RENAME TO enterprise_away`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	who := tn.actor(t, "city1")
	who.Second = true
	site := as(tn, who)
	failed := 0
	for _, r := range routes(t) {
		if r.method != http.MethodGet || strings.HasPrefix(r.path, "/api") {
			continue
		}
		res := tn.get(t, site, r, "t")
		text, _ := io.ReadAll(res.Body)
		if res.StatusCode < 500 {
			continue
		}
		failed++
		id := res.Header.Get("X-Request-Id")
		if m := numberOf.FindSubmatch(text); m == nil || string(m[1]) != id || id == "" {
			t.Errorf("%s: the page tells no number, the header %q", r.path, id)
		}
		if !regexp.MustCompile(`"level":"(ERROR|WARN)"[^\n]*"request":"` + id).MatchString(log.String()) {
			t.Errorf("%s: %s is not in the log", r.path, id)
		}
		for _, word := range []string{"enterprise_away", "no such table", "SELECT", "SQLITE", "pq:", "ERROR:", "goroutine", ".go:", "does not exist"} {
			if strings.Contains(string(text), word) {
				t.Errorf("%s: the page tells %q", r.path, word)
			}
		}
	}
	if failed < 5 {
		t.Errorf("only %d pages failed", failed)
	}
	for _, path := range []string{"/api/v1/enterprises", "/api/v1/nope", "/api/nope", "/api/v1/enterprises?limit=x", "/api/v1/enterprises/%27"} {
		res := tn.get(t, site, route{http.MethodGet, path}, "")
		text, _ := io.ReadAll(res.Body)
		if kind := res.Header.Get("Content-Type"); kind != "application/problem+json" || res.StatusCode < 400 || strings.Contains(string(text), "SELECT") {
			t.Errorf("%s: %d %s %s", path, res.StatusCode, kind, text)
		}
		if id := res.Header.Get("X-Request-Id"); res.StatusCode >= 500 && !strings.Contains(log.String(), `"request":"`+id) {
			t.Errorf("%s: %q is not in the log", path, id)
		}
	}
}
