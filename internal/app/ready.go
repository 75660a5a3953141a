package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"juli/internal/db"
	"juli/internal/fault"
)

const (
	readyMax    = 3 * time.Second
	reserve     = 64 << 20 // bytes of disk kept for sign-in, audit and administration (CRS-4)
	measureEach = time.Second
)

// A probe is one thing that readiness asks; its name is all that an answer tells.
type probe struct {
	name string
	ask  func(ctx context.Context) error
}

// probes are asked in this order, the first failure ends them (OBS-1).
func (a *App) probes() []probe {
	return []probe{
		{"disk", func(context.Context) error { return a.disk.room() }},
		{"write", func(ctx context.Context) error {
			return a.DB.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES ('ready', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, tx.Real.Format(time.RFC3339))
				return err
			})
		}},
		{"schema", func(ctx context.Context) error {
			have, want, err := a.DB.SchemaVersion(ctx)
			if err == nil && have != want {
				err = fmt.Errorf("schema %d, want %d", have, want)
			}
			return err
		}},
	}
}

// A gate lets one round of probes run at a time; who waited meanwhile takes its
// result if it began after they came. So a storm of questions writes little.
type gate struct {
	mu    sync.Mutex
	begun time.Time
	why   string // the probe that failed
}

func (g *gate) ask(ctx context.Context, probes []probe) (why string) {
	came := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.begun.After(came) {
		return g.why
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyMax)
	defer cancel()
	g.begun, g.why = time.Now(), ""
	for _, p := range probes {
		if err := p.ask(ctx); err != nil {
			slog.LogAttrs(ctx, slog.LevelError, "not ready", slog.String("probe", p.name), slog.Any("err", err))
			g.why = p.name
			break
		}
	}
	return g.why
}

// ready is the real readiness: room on the disk, a write and the schema. The
// answer names what is wrong in one word; the cause goes to the log alone.
func (a *App) ready(w http.ResponseWriter, r *http.Request, stopping bool) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if stopping {
		refuse(w, "stopping")
		return
	}
	if why := a.gate.ask(r.Context(), a.probes()); why != "" {
		refuse(w, why)
		return
	}
	fmt.Fprintln(w, "ready")
}

func refuse(w http.ResponseWriter, why string) {
	w.Header().Set("Retry-After", "5")
	w.WriteHeader(http.StatusServiceUnavailable)
	fmt.Fprintln(w, "not ready:", why)
}

// A disk tells how much room is left where files and the SQLite database lie.
type disk struct {
	paths    []string
	measured atomic.Int64 // when, ms
	left     atomic.Int64 // the least of all
}

// free is the room left, measured once a second at most.
func (d *disk) free() int64 {
	now := time.Now().UnixMilli()
	if last := d.measured.Load(); now-last < measureEach.Milliseconds() && last > 0 {
		return d.left.Load()
	}
	least := int64(1) << 62
	for _, path := range d.paths {
		var s syscall.Statfs_t
		if err := syscall.Statfs(path, &s); err == nil { // a path that is gone fails the write itself
			least = min(least, int64(s.Bavail)*s.Bsize)
		}
	}
	d.left.Store(least)
	d.measured.Store(now)
	return least
}

// room refuses where only the reserve is left.
func (d *disk) room() error {
	if d.free() < reserve {
		return fault.New(fault.Unavailable, "disk.reserve", "服务器磁盘快满了，暂时不能保存新内容，已有内容仍可查看。您填写的内容没有提交，请稍后再试。")
	}
	return nil
}
