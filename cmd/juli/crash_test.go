package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"juli/internal/app"
)

// A ledger is what clients of a program that is killed remember.
type ledger struct {
	mu      sync.Mutex
	next    int
	acked   []string   // requests that were acknowledged
	unknown []*request // those of which nobody knows
	wrong   []error    // answers that no kill explains
}

func (l *ledger) number() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	return l.next
}

// keep notes what became of a request.
func (l *ledger) keep(q *request, acked bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case acked:
		l.acked = append(l.acked, q.uscc)
	case strings.HasPrefix(err.Error(), "refused"):
		l.wrong = append(l.wrong, err)
	default:
		l.unknown = append(l.unknown, q)
	}
}

// write fills in forms and sends them until the program is gone.
func (l *ledger) write(ctx context.Context, base string) {
	c := &http.Client{CheckRedirect: noRedirect, Transport: &http.Transport{}}
	defer c.CloseIdleConnections()
	for ctx.Err() == nil {
		q, err := fillIn(ctx, c, base, l.number())
		if err != nil {
			return
		}
		acked, err := q.send(ctx, c, base)
		l.keep(q, acked, err)
		if err != nil {
			return
		}
	}
}

// CRS-1 on the real program: forms with files, sent by several at once while the
// program is killed. What was acknowledged is there, once and with its file;
// what nobody knows is settled by sending the same form again; and the doctor
// finds nothing. JULI_CRASH_CYCLES makes more than the usual kills.
func TestKilledProgramsLoseNoForm(t *testing.T) {
	cycles := kills
	if n, err := strconv.Atoi(os.Getenv("JULI_CRASH_CYCLES")); err == nil {
		cycles = n
	}
	places(t, func(t *testing.T, c place) {
		c.env = append(c.env, "JULI_PROXIES=127.0.0.1")
		l := &ledger{}
		retried := 0
		for i := range cycles {
			cmd, base := c.serve(t)
			client := &http.Client{CheckRedirect: noRedirect}
			for _, q := range l.unknown {
				if acked, err := q.send(t.Context(), client, base); !acked {
					t.Fatalf("cycle %d: a form sent again: %v", i, err)
				}
				l.acked = append(l.acked, q.uscc)
				retried++
			}
			l.unknown = nil
			var writers sync.WaitGroup
			for range 3 {
				writers.Go(func() { l.write(t.Context(), base) })
			}
			stop := time.AfterFunc(time.Duration(150+53*(i%12))*time.Millisecond, func() { _ = cmd.Process.Kill() })
			writers.Wait()
			stop.Stop()
			_ = cmd.Process.Kill()
			if err := cmd.Wait(); err == nil {
				t.Fatal("a killed program ended well")
			}
			if len(l.wrong) > 0 {
				t.Fatal(l.wrong[0])
			}
		}
		l.check(t, c)
		t.Logf("%d kills, %d forms acknowledged, %d sent again", cycles, len(l.acked), retried)
		if len(l.acked) < 3*cycles {
			t.Errorf("only %d forms in %d cycles", len(l.acked), cycles)
		}
	})
}

func (l *ledger) check(t *testing.T, c place) {
	t.Helper()
	times, files := requestsOf(t, c)
	folder := ""
	for _, line := range c.env {
		if at, ok := strings.CutPrefix(line, "JULI_FILES="); ok {
			folder = at
		}
		if at, ok := strings.CutPrefix(line, "JULI_DB=sqlite://"); ok {
			folder = strings.TrimSuffix(at, ".db") + "-files"
		}
	}
	for _, uscc := range l.acked {
		if times[uscc] != 1 {
			t.Errorf("%s was acknowledged and is there %d times", uscc, times[uscc])
		}
	}
	for uscc, n := range times {
		text, err := os.ReadFile(filepath.Join(folder, files[uscc][:2], files[uscc]))
		sum := sha256.Sum256(text)
		if n != 1 || err != nil || hex.EncodeToString(sum[:]) != files[uscc] || !strings.Contains(string(text), uscc) {
			t.Errorf("%s: %d times, its file %v", uscc, n, err)
		}
	}
	findings, err := app.Doctor(t.Context(), app.Config{DB: c.address, Keys: envOf(c, "JULI_KEYS")})
	if err != nil || len(findings) < 5 {
		t.Fatalf("doctor: %d findings, %v", len(findings), err)
	}
	for _, f := range findings {
		if !f.OK {
			t.Errorf("doctor: %s: %s", f.Key, f.Detail)
		}
	}
}

func envOf(c place, name string) string {
	for _, line := range c.env {
		if v, ok := strings.CutPrefix(line, name+"="); ok {
			return v
		}
	}
	return ""
}
