package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"juli/internal/db"
	"juli/internal/web"
)

const stopMax = 20 * time.Second // for requests under way (SHD-1)

func (a *App) log() *slog.Logger { return slog.Default() }

// Serve answers requests on a listener until ctx ends; then it takes readiness
// back, lets what is under way finish, hands jobs over and returns (SHD-1).
// site is what it serves, usually [App.Handler]. When it is ready it writes one line with its address.
func (a *App) Serve(ctx context.Context, ln net.Listener, site http.Handler, out io.Writer) error {
	release, err := a.DB.Exclusive("serve")
	if err != nil {
		return err
	}
	defer release()
	var stopping atomic.Bool
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { a.ready(w, r, stopping.Load()) })
	mux.Handle("/", site)
	server := web.Server(ln.Addr().String(), mux, a.log())

	var work sync.WaitGroup
	jobs, endJobs := context.WithCancel(context.WithoutCancel(ctx))
	defer endJobs()
	work.Go(func() { a.Jobs.Run(jobs) })

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(ln) }()
	fmt.Fprintf(out, "聚力已启动：http://%s/\n", ln.Addr())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stopping.Store(true)
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopMax)
	defer cancel()
	err = server.Shutdown(finish)
	endJobs()
	work.Wait()
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	return err
}

// ready is the real readiness: schema and a write (OBS-1).
func (a *App) ready(w http.ResponseWriter, r *http.Request, stopping bool) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	err := ctx.Err()
	if !stopping {
		err = a.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES ('ready', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, tx.Real.Format(time.RFC3339))
			return err
		})
	}
	if stopping || err != nil {
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}
