//go:build browser

package web_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// proxyConfig is an nginx with two doors to the same site: one as
// docs/operations.md has it, and one that keeps its connections to us, where a
// hidden request would do more harm.
const proxyConfig = `daemon off; worker_processes 1; pid DIR/pid; error_log DIR/error.log;
events { worker_connections 256; }
http {
	access_log off; client_body_temp_path DIR/body; proxy_temp_path DIR/proxy; fastcgi_temp_path DIR/f; uwsgi_temp_path DIR/u; scgi_temp_path DIR/s;
	upstream kept { server UPSTREAM; keepalive 8; }
	server { listen 127.0.0.1:FIRST; listen 127.0.0.1:SECOND; client_max_body_size 21m; LOCATION }
	server { listen 127.0.0.1:KEPT; underscores_in_headers on; ignore_invalid_headers off; location / { proxy_pass http://kept; proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; proxy_http_version 1.1; proxy_set_header Connection ""; } }
}`

var locationBlock = regexp.MustCompile(`(?s)location / \{.*?\n    \}`)

// behindNginx starts nginx before the wire and gives its doors.
func behindNginx(t *testing.T, w *wire) (documented, kept string) {
	t.Helper()
	guide, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	location := strings.Replace(string(locationBlock.Find(guide)), "127.0.0.1:8080", w.at, 1)
	if !strings.Contains(location, w.at) {
		t.Fatalf("docs/operations.md has no location block: %q", location)
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("DIR", dir, "UPSTREAM", w.at, "LOCATION", location, "FIRST", freePort(t), "SECOND", freePort(t), "KEPT", freePort(t)).Replace(proxyConfig)
	conf := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	path, err := exec.LookPath("nginx")
	if err != nil {
		path = "/usr/sbin/nginx"
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), path, "-p", dir, "-c", conf, "-e", filepath.Join(dir, "error.log"))
	if err := cmd.Start(); err != nil {
		t.Fatalf("no nginx: run make test, which installs it: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	ports := regexp.MustCompile(`listen (127\.0\.0\.1:\d+)`).FindAllStringSubmatch(text, -1)
	documented, kept = ports[0][1], ports[2][1]
	for deadline := time.Now().Add(10 * time.Second); ; {
		c, err := net.Dial("tcp", kept)
		if err == nil {
			c.Close()
			return documented, kept
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(dir, "error.log"))
			t.Fatalf("nginx does not listen: %v\n%s", err, log)
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	return port
}

// last ends a connection, so that nobody waits for more.
const last = "GET /page HTTP/1.1\r\nHost: juli\r\nConnection: close\r\n\r\n"

// INP-9: the same corpus through nginx. As many requests reach pages as answers
// come back, and whoever comes next gets an answer to what was asked.
func TestRawRequestsHaveOneReadingBehindNginx(t *testing.T) {
	w := newWire(t)
	w.site.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	documented, kept := behindNginx(t, w)
	direct := w.at
	corpus := append(served(), refused()...)
	for _, door := range []string{documented, kept} {
		reached := 0
		for i, raw := range corpus {
			raw += last
			before := w.hits.Load() + w.smuggled.Load()
			w.at = door
			statuses, open := w.say(t, raw, 9)
			good := 0
			for _, s := range statuses {
				if s == http.StatusOK || s == http.StatusForbidden { // a page's own answer, or our refusal of a form without a token
					good++
				}
			}
			got := int(w.hits.Load() + w.smuggled.Load() - before)
			reached += got
			if got > good {
				t.Errorf("%q: %d requests reached pages, answers %v", short(raw), got, statuses)
			}
			if got > strings.Count(raw, " HTTP/1.") {
				t.Errorf("%q: %d requests reached pages, more than were sent (open: %v)", short(raw), got, open)
			}
			if next := w.next(t, door, i); next != "" {
				t.Errorf("after %q: %s", short(raw), next)
			}
		}
		if reached < 20 {
			t.Errorf("only %d requests reached pages through %s", reached, door)
		}
	}
	w.at = direct
	t.Logf("%d requests through each of two doors", len(corpus))
}

// next is another visitor's request: its answer must be its own.
func (w *wire) next(t *testing.T, door string, i int) string {
	t.Helper()
	c, err := net.Dial("tcp", door)
	if err != nil {
		return err.Error()
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	path := fmt.Sprintf("/nobody-%d", i)
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: juli\r\nConnection: close\r\n\r\n", path)
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err.Error()
	}
	if res.StatusCode != http.StatusNotFound || !strings.Contains(string(body), "没有这个页面") {
		return fmt.Sprintf("the next visitor got %d %.60q", res.StatusCode, body)
	}
	return ""
}

// INP-9: behind nginx as the guide sets it up, who asks is who connected,
// whatever the request says of itself.
func TestForwardedForCannotBeForgedBehindNginx(t *testing.T) {
	w := newWire(t)
	w.site.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	documented, _ := behindNginx(t, w)
	w.from, w.at = "127.0.0.9", documented
	for _, forged := range []string{"", "X-Forwarded-For: 1.2.3.4\r\n", "X-Forwarded-For: 127.0.0.1\r\n", "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 5.6.7.8\r\n", "x-forwarded-for: 1.2.3.4, 127.0.0.1\r\n", "X_Forwarded_For: 1.2.3.4\r\n", "X-Forwarded-For : 1.2.3.4\r\n", "X-Real-Ip: 1.2.3.4\r\n", "Forwarded: for=1.2.3.4\r\n", "True-Client-Ip: 1.2.3.4\r\n", "Connection: X-Forwarded-For\r\n", "Connection: close, X-Forwarded-For\r\nX-Forwarded-For: 1.2.3.4\r\n"} {
		before := w.hits.Load()
		w.say(t, "GET /page HTTP/1.1\r\nHost: juli\r\n"+forged+"\r\n", 1)
		if got := fmt.Sprint(w.addr.Load()); w.hits.Load() > before && !strings.HasPrefix(got, "127.0.0.9 ") {
			t.Errorf("%q: seen as %s", forged, got)
		}
		if forged == "" && w.hits.Load() == before {
			t.Error("nothing reaches the page")
		}
	}
}
