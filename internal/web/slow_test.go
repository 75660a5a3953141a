package web_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"juli/internal/web"
)

// pipes is a listener without a network, so that a bubble's clock rules it.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// trickle sends text, then a piece at every beat until the server has answered
// or hung up; it tells when that was and what was answered.
func trickle(t *testing.T, at pipes, text, piece string, beat time.Duration) (took time.Duration, answer string) {
	t.Helper()
	mine, theirs := net.Pipe()
	defer mine.Close()
	at <- theirs
	begun := time.Now()
	stop := make(chan struct{})
	go func() {
		if _, err := io.WriteString(mine, text); err != nil {
			return
		}
		for piece != "" {
			select {
			case <-stop:
				return
			case <-time.After(beat):
			}
			if _, err := io.WriteString(mine, piece); err != nil {
				return
			}
		}
	}()
	said, err := io.ReadAll(mine)
	close(stop)
	if err != nil && len(said) == 0 {
		t.Log(err)
	}
	return time.Since(begun), string(said)
}

// INP-1: whoever sends slowly loses the connection, at the head, in the body and
// between requests; whoever keeps the pace is served.
func TestSlowSendersAreCutOff(t *testing.T) {
	const form = "POST /form HTTP/1.1\r\nHost: juli\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	for _, tt := range []struct {
		name, text, piece string
		beat              time.Duration
		from, to          time.Duration // when the connection ends
		status            string
	}{
		{"a head that never ends", "GET /form HTTP/1.1\r\nHost: juli\r\n", "X-A: b\r\n", time.Second, 4 * time.Second, 6 * time.Second, ""},
		{"silence", "", "", 0, 4 * time.Second, 6 * time.Second, ""},
		{"a body of one byte a second", form + "Content-Length: 100000\r\n\r\n", "a", time.Second, 9 * time.Second, 12 * time.Second, "408"},
		{"a chunked body of one byte a second", form + "Transfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n", time.Second, 9 * time.Second, 12 * time.Second, "408"},
		{"a body that stops", form + "Content-Length: 100000\r\n\r\nabc", "", 0, 9 * time.Second, 12 * time.Second, "408"},
		{"a body of 1 kB a second", form + "Content-Length: 100000\r\n\r\n", strings.Repeat("a", 1000), time.Second, 9 * time.Second, 15 * time.Second, "408"},
		{"nothing after an answer", "GET /form HTTP/1.1\r\nHost: juli\r\n\r\n", "", 0, 59 * time.Second, 61 * time.Second, "200"},
		{"a body of 20 kB a second", form + "Content-Length: 1000000\r\nConnection: close\r\n\r\n", strings.Repeat("a", 20_000), time.Second, 49 * time.Second, 51 * time.Second, "403"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, false)
				w.Close()
				at := make(pipes)
				server := web.Server("", w.Config.Handler, slog.New(slog.DiscardHandler))
				go func() { _ = server.Serve(at) }()
				took, said := trickle(t, at, tt.text, tt.piece, tt.beat)
				if took < tt.from || took > tt.to {
					t.Errorf("ended after %v, want %v to %v", took, tt.from, tt.to)
				}
				if status, _, _ := strings.Cut(strings.TrimPrefix(said, "HTTP/1.1 "), " "); status != tt.status {
					t.Errorf("answered %.300q, want status %q", said, tt.status)
				}
				close(at)
				server.Close()
			})
		})
	}
}

// manners are the four ways of holding a connection without using it.
var manners = []string{
	"GET /form HTTP/1.1\r\nHost: juli\r\nX-A:", // the head stops
	"POST /form HTTP/1.1\r\nHost: juli\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 900000\r\n\r\ntitle=a",     // the body stops
	"POST /form HTTP/1.1\r\nHost: juli\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nti", // a chunk stops
	"GET /form HTTP/1.1\r\nHost: juli\r\n\r\nGET /form HTT",                                                                             // the answer isn't read, the next is begun
}

// INP-1: many slow connections of four manners leave a healthy visitor unharmed.
// They come from another process, so that what grows here is the server alone.
// JULI_SLOW_CONNECTIONS says how many of each manner; 4,000 is the full check.
func TestSlowConnectionsHarmNobody(t *testing.T) {
	if os.Getenv("JULI_SLOW_SENDER") != "" {
		sendSlowly(t)
		return
	}
	n := "250"
	if s := os.Getenv("JULI_SLOW_CONNECTIONS"); s != "" {
		n = s
	}
	w := newWorld(t, false)
	for manner := range manners {
		at := httptest.NewUnstartedServer(nil)
		at.Config = web.Server("", w.Config.Handler, slog.New(slog.DiscardHandler))
		at.Start()
		healthy(t, at.URL) // what any visitor costs is there before
		before := resident(t)
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSlowConnectionsHarmNobody$")
		cmd.Env = append(os.Environ(), "JULI_SLOW_SENDER="+at.Listener.Addr().String(), "JULI_SLOW_CONNECTIONS="+n, "JULI_SLOW_MANNER="+strconv.Itoa(manner))
		done, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "open "+n+"\n" {
			t.Fatalf("the slow sender says %q, %v", line, err)
		}
		grown := resident(t) - before
		p99 := healthy(t, at.URL)
		t.Logf("%s slow connections of manner %d: healthy p99 %v, the server's memory +%d kB", n, manner, p99, grown>>10)
		if p99 > time.Second || grown > 64<<20 {
			t.Errorf("manner %d: a healthy visitor waits %v (p99), the server's memory grew by %d kB", manner, p99, grown>>10)
		}
		done.Close()
		_ = cmd.Wait()
		at.CloseClientConnections()
		at.Close()
	}
}

// sendSlowly is the other process: it opens its connections, says so and holds
// them until it is told to end.
func sendSlowly(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("JULI_SLOW_CONNECTIONS"))
	manner, err2 := strconv.Atoi(os.Getenv("JULI_SLOW_MANNER"))
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	for range n {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", os.Getenv("JULI_SLOW_SENDER"))
		if err == nil {
			_, err = io.WriteString(c, manners[manner])
		}
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	fmt.Fprintf(os.Stdout, "open %d\n", n)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// resident is this process's memory, in bytes, without what is only not given
// back yet.
func resident(t *testing.T) int64 {
	t.Helper()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// healthy is the 99th percentile of 300 visits on fresh connections.
func healthy(t *testing.T, url string) time.Duration {
	t.Helper()
	var mu sync.Mutex
	var took []time.Duration
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			for range 100 {
				begun := time.Now()
				res, err := c.Get(url + "/form")
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				res.Body.Close()
				mu.Lock()
				took = append(took, time.Since(begun))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(took) == 0 {
		t.Fatal("nobody was served")
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// A body that is too long is answered with the page that says so, and the
// connection closed, even where its sender does not stop to listen.
func TestTooLongABodyStillGetsItsPage(t *testing.T) {
	w := newWorld(t, false)
	hidden := w.hidden(w.client("token-of-li"))
	body := hidden.Encode() + "&title=" + strings.Repeat("a", 30<<20)
	for name, head := range map[string]string{
		"announced": fmt.Sprintf("Content-Length: %d\r\n", len(body)),
		"chunked":   "Transfer-Encoding: chunked\r\n",
		"foreign":   fmt.Sprintf("Origin: https://evil.example\r\nContent-Length: %d\r\n", len(body)),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := (&net.Dialer{}).DialContext(context.WithoutCancel(t.Context()), "tcp", w.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			sent := body
			if name == "chunked" {
				sent = fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
			}
			if _, err := io.WriteString(c, "POST /form HTTP/1.1\r\nHost: "+w.Listener.Addr().String()+"\r\nCookie: juli=token-of-li\r\nContent-Type: application/x-www-form-urlencoded\r\n"+head+"\r\n"+sent); err != nil {
				t.Fatalf("the server cut the sender off: %v", err)
			}
			res, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			text, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != 413 || !strings.Contains(string(text), "提交的内容太大") || !res.Close {
				t.Errorf("status %d, closes: %v, %.200q", res.StatusCode, res.Close, text)
			}
		})
	}
}
