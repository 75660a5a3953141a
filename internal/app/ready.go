package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
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
		{"schema", func(ctx context.Context) error {
			have, want, err := a.DB.SchemaVersion(ctx)
			if err == nil && have != want {
				err = fmt.Errorf("schema %d, want %d", have, want)
			}
			return err
		}},
		{"disk", func(context.Context) error { return a.disk.room() }},
		{"write", func(ctx context.Context) error {
			return a.DB.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES ('ready', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, tx.Real.Format(time.RFC3339))
				return err
			})
		}},
	}
}

// ready is the real readiness: schema, room on the disk and a write. The answer
// names what is wrong in one word; the cause goes to the log alone.
func (a *App) ready(w http.ResponseWriter, r *http.Request, stopping bool) {
	ctx, cancel := context.WithTimeout(r.Context(), readyMax)
	defer cancel()
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if stopping {
		refuse(w, "stopping")
		return
	}
	for _, p := range a.probes() {
		if err := p.ask(ctx); err != nil {
			slog.LogAttrs(ctx, slog.LevelError, "not ready", slog.String("probe", p.name), slog.Any("err", err))
			refuse(w, p.name)
			return
		}
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
