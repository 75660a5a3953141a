package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"juli/internal/fault"
	"juli/internal/web"
)

const stopMax = 20 * time.Second // for requests under way (SHD-1)

func (a *App) log() *slog.Logger { return slog.Default() }

// Serve answers requests on a listener until ctx ends; then it takes readiness
// back, lets what is under way finish, hands jobs over and returns (SHD-1).
// site is what it serves, usually [App.Handler]; on SQLite the caller holds
// the database's [db.DB.Exclusive] lock. When it is ready it writes one line with its address.
func (a *App) Serve(ctx context.Context, ln net.Listener, site http.Handler, out io.Writer) error {
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

	failed := make(chan error, 2)
	scheme := "http"
	if a.TLS != nil {
		scheme, ln = "https", tls.NewListener(ln, a.TLS)
	}
	go func() { failed <- server.Serve(ln) }()
	if a.Admin != nil {
		admin := a.admin(a.Admin)
		defer admin.Close()
		go func() { failed <- admin.Serve(a.Admin) }()
	}
	fmt.Fprintf(out, "聚力已启动：%s://%s/\n", scheme, ln.Addr())
	if a.Admin != nil {
		fmt.Fprintf(out, "监控指标：http://%s/metrics\n", a.Admin.Addr())
	}
	select {
	case err := <-failed:
		return err // the deferred calls end jobs and listeners
	case <-ctx.Done():
	}
	stopping.Store(true)
	select { // a proxy that asks for readiness sends the next requests elsewhere
	case <-time.After(a.Drain):
	case err := <-failed:
		return err
	}
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopMax)
	defer cancel()
	err := server.Shutdown(finish)
	endJobs()
	work.Wait()
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	return err
}

// Certificate reads a certificate and its key for TLS 1.2 or newer (CRY-5);
// without files there is none, and a proxy in front speaks TLS.
func Certificate(cert, key string) (*tls.Config, error) {
	if cert == "" && key == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "app.cert", "不能读取 TLS 证书或私钥，--cert 和 --cert-key 须一起给出并且配套。")
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}, nil
}
