package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"juli/internal/app"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/resident"
)

// reportKills is how often the program is killed; JULI_CRASH_CYCLES=200 for the
// claim of a release.
const reportKills = 10

// A hotline sends orders and remembers which were acknowledged, with their numbers.
type hotline struct {
	mu      sync.Mutex
	next    int
	acked   map[int]string
	unknown []int
	wrong   error
	key     string
	project code.ProjectCode
}

// TestKilledProgramsLoseNoReport kills the program while reports come in: every
// acknowledged one is there, once, under the number that it got (issue 3 §6).
func TestKilledProgramsLoseNoReport(t *testing.T) {
	cycles := reportKills
	if n, err := strconv.Atoi(os.Getenv("JULI_CRASH_CYCLES")); err == nil {
		cycles = n
	}
	places(t, func(t *testing.T, c place) {
		c.env = append(c.env, "JULI_PROXIES=127.0.0.1")
		h := &hotline{acked: map[int]string{}}
		h.prepare(t, c)
		for i := range cycles {
			cmd, base := c.serve(t)
			client := &http.Client{}
			for _, n := range h.unknown {
				if err := h.send(t.Context(), client, base, n); err != nil {
					t.Fatalf("cycle %d: an order sent again: %v", i, err)
				}
			}
			h.unknown = nil
			var writers sync.WaitGroup
			for range 4 {
				writers.Go(func() { h.write(t.Context(), base) })
			}
			stop := time.AfterFunc(time.Duration(120+41*(i%9))*time.Millisecond, func() { _ = cmd.Process.Kill() })
			writers.Wait()
			stop.Stop()
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			if h.wrong != nil {
				t.Fatal(h.wrong)
			}
		}
		h.check(t, c, cycles)
	})
}

// prepare makes the city, a project and a key.
func (h *hotline) prepare(t *testing.T, c place) {
	t.Helper()
	ctx := t.Context()
	a, err := app.Open(ctx, app.Config{DB: c.address, Keys: envOf(c, "JULI_KEYS"), Folder: envOf(c, "JULI_FILES")})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	p, err := a.Registry.PutProject(ctx, authz.System("test"), registry.Project{Name: "花园小区", Division: "230103001003", Use: registry.Residential, Area: 100_00}, "测试")
	if err != nil {
		t.Fatal(err)
	}
	h.project = p.Code
	if err := a.DB.Write(ctx, func(tx *db.Tx) (err error) {
		_, h.key, err = a.Reports.MakeKeyIn(ctx, tx, authz.System("test"), resident.KeyAsk{Channel: resident.Hotline, Name: "热线"})
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func (h *hotline) write(ctx context.Context, base string) {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for {
		h.mu.Lock()
		h.next++
		n := h.next
		h.mu.Unlock()
		err := h.send(ctx, client, base, n)
		if err == nil {
			continue
		}
		h.mu.Lock()
		if h.unknown = append(h.unknown, n); strings.HasPrefix(err.Error(), "refused") {
			h.wrong = err
		}
		h.mu.Unlock()
		return
	}
}

func (h *hotline) send(ctx context.Context, client *http.Client, base string, n int) error {
	body := fmt.Sprintf(`{"order_no":"GD%06d","project":%q,"text":"第%d件：单元门坏了"}`, n, h.project, n)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/orders", strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+h.key)
	r.Header.Set("Idempotency-Key", fmt.Sprintf("order-%08d", n))
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("203.%d.%d.%d", n>>16&255, n>>8&255, n&255))
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var out struct{ Number, Detail string }
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		return err
	}
	if res.StatusCode == http.StatusServiceUnavailable {
		return fmt.Errorf("unavailable")
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("refused with %d: %s", res.StatusCode, out.Detail)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.acked[n] = out.Number
	return nil
}

func (h *hotline) check(t *testing.T, c place, cycles int) {
	t.Helper()
	ctx := t.Context()
	d, err := db.Open(ctx, c.address)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	there := map[string][]string{}
	serial := int64(0)
	err = d.Read(ctx, func(tx *db.Tx) error {
		type row struct{ order, number string }
		rows, err := db.All(ctx, tx, func(s db.Scanner) (r row, err error) { return r, s.Scan(&r.order, &r.number) }, `SELECT source_ref, number FROM resident_report ORDER BY id LIMIT 1000000`)
		for _, r := range rows {
			there[r.order] = append(there[r.order], r.number)
		}
		if err != nil {
			return err
		}
		serial, err = db.Value[int64](ctx, tx, `SELECT MAX(last) FROM resident_serial`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for n, number := range h.acked {
		if got := there[fmt.Sprintf("GD%06d", n)]; len(got) != 1 || got[0] != number {
			t.Errorf("order %d was acknowledged as %s and is there as %v", n, number, got)
		}
	}
	if serial != int64(len(there)) {
		t.Errorf("%d numbers were given to %d reports", serial, len(there))
	}
	if len(h.acked) < 3*cycles {
		t.Errorf("only %d reports in %d cycles", len(h.acked), cycles)
	}
	t.Logf("%d kills, %d reports acknowledged, %d there", cycles, len(h.acked), len(there))
}
