package app

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"juli/internal/audit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/web"
)

// scrapeMax bounds what one look at the metrics may cost the database.
const scrapeMax = 3 * time.Second

// A watch is what the administrators' listener shows: never names, addresses or
// anything else of a request but its route's pattern (PI-7).
type watch struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newWatch(a *App) *watch {
	w := &watch{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "juli_http_request_seconds", Help: "Time until a request was answered, by route and status.",
			Buckets: []float64{.001, .005, .02, .1, .5, 2, 10},
		}, []string{"route", "method", "status"}),
	}
	w.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		w.requests, &gauges{a},
	)
	return w
}

// seen counts one answer. Methods that nobody serves share one name, so that
// strangers cannot make series.
func (w *watch) seen(r *http.Request, status int, took time.Duration) {
	method := r.Method
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		method = "other"
	}
	w.requests.WithLabelValues(r.Pattern, method, strconv.Itoa(status)).Observe(took.Seconds())
}

// gauges are read from the database and the disk when somebody looks.
type gauges struct{ a *App }

var (
	jobsWait = prometheus.NewDesc("juli_jobs", "Jobs by state.", []string{"state"}, nil)
	events   = prometheus.NewDesc("juli_outbox_events", "Audit events that wait for their reaction.", []string{"consumer", "failing"}, nil)
	diskLeft = prometheus.NewDesc("juli_disk_free_bytes", "Room left where files and the database lie.", nil, nil)
	reading  = prometheus.NewDesc("juli_database_up", "1 if the database answered.", nil, nil)
)

// Describe tells the collector's series.
func (g *gauges) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{jobsWait, events, diskLeft, reading} {
		to <- d
	}
}

type stateCount struct {
	state string
	n     int64
}

// Collect reads them.
func (g *gauges) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v int64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), labels...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), scrapeMax)
	defer cancel()
	gauge(diskLeft, g.a.disk.free())
	var states []stateCount
	var waiting []audit.Backlog
	err := g.a.DB.Read(ctx, func(tx *db.Tx) (err error) {
		states, err = db.All(ctx, tx, func(row db.Scanner) (s stateCount, err error) {
			return s, row.Scan(&s.state, &s.n)
		}, `SELECT state, COUNT(*) FROM job WHERE state IN ('queued', 'running', 'failed') GROUP BY state`)
		if err == nil {
			waiting, err = audit.Backlogs(ctx, tx)
		}
		return err
	})
	if err != nil {
		slog.LogAttrs(ctx, slog.LevelError, "metrics", slog.Any("err", err))
		gauge(reading, 0)
		return
	}
	gauge(reading, 1)
	for _, s := range states {
		gauge(jobsWait, s.n, s.state)
	}
	for _, b := range waiting {
		gauge(events, b.Waiting-b.Failing, b.Consumer, "no")
		gauge(events, b.Failing, b.Consumer, "yes")
	}
}

// AdminListen opens the listener of metrics and profiles. Only an address that
// the outside cannot reach is taken: loopback or a private network, written as
// a number (OBS-1).
func AdminListen(addr string) (net.Listener, error) {
	at, err := netip.ParseAddrPort(addr)
	if err != nil || !at.Addr().IsLoopback() && !at.Addr().IsPrivate() {
		return nil, fault.New(fault.Invalid, "app.admin-addr", "管理地址应是本机或内网的 IP 和端口，如 127.0.0.1:9090。")
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "app.listen", "不能在 %s 监听。", addr)
	}
	return ln, nil
}

// admin serves metrics and profiles on a listener of their own.
func (a *App) admin(ln net.Listener) *http.Server {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.watch.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, Timeout: 2 * scrapeMax}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return web.Server(ln.Addr().String(), byNumber(mux), a.log())
}

// byNumber refuses a Host that is a name: a page elsewhere whose name was made
// to point here must not read what an administrator's browser can reach.
func byNumber(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if _, err := netip.ParseAddr(host); err != nil && host != "localhost" {
			http.Error(w, "unknown host", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
