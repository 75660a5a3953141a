package hook_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/city/town"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/feed"
	"juli/internal/hook"
	"juli/internal/notify"
	"juli/internal/resident"
	"juli/internal/rulebook"
	"juli/internal/supervision"
	"juli/internal/volunteer"
)

// A receiver is another system: it speaks TLS and checks what it gets with the
// library of the format's authors.
type receiver struct {
	t        *testing.T
	srv      *httptest.Server
	mu       sync.Mutex
	answer   int
	verifies *standardwebhooks.Webhook
	got      []received
	before   func(path string) // what it does before it answers
}

type received struct {
	id, signature string
	good          bool
	text          string
	body          body
}

// body is what the documents promise.
type body struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      struct {
		ID, Kind, Title, Summary, State, URL, Project, Topic string
		Places                                               []string
	} `json:"data"`
}

func listen(t *testing.T) *receiver {
	r := &receiver{t: t, answer: http.StatusNoContent}
	r.srv = httptest.NewTLSServer(http.HandlerFunc(r.take))
	t.Cleanup(r.srv.Close)
	return r
}

func (r *receiver) take(w http.ResponseWriter, req *http.Request) {
	text, err := io.ReadAll(req.Body)
	if r.before != nil {
		r.before(req.URL.Path)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	x := received{id: req.Header.Get("Webhook-Id"), signature: req.Header.Get("Webhook-Signature"), text: string(text)}
	d := json.NewDecoder(bytes.NewReader(text))
	if err != nil || d.Decode(&x.body) != nil || req.Method != http.MethodPost || req.Header.Get("Content-Type") != "application/json" {
		r.t.Errorf("%s with %q, %v", req.Method, text, err)
	}
	x.good = r.verifies != nil && r.verifies.Verify(text, req.Header) == nil
	r.got = append(r.got, x)
	w.WriteHeader(r.answer)
}

// all is what came so far.
func (r *receiver) all() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]received(nil), r.got...)
}

func (r *receiver) answers(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = status
}

func (r *receiver) knows(secret string) {
	hook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.verifies = hook
}

// A world is a town that tells a receiver of its news.
type world struct {
	*town.Town
	t     *testing.T
	hooks *hook.Service
	to    *receiver
	admin authz.Actor
	now   time.Time    // by the real clock
	drift atomic.Int64 // seconds that passed while something was sent
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, to: listen(t), now: time.Now()}
	w.Town = town.New(t, d)
	w.DB = w.DB.WithRealClock(func() time.Time { return w.now.Add(time.Duration(w.drift.Load()) * time.Second) })
	w.Registry.DB = w.DB
	install := &rulebook.Service{DB: w.DB, Kinds: rulebook.KindsOf(resident.Kind(), supervision.Kind(), credit.Kind())}
	for _, name := range []string{"resident/harbin", "supervision/harbin", "credit/harbin-2021"} {
		text, err := os.ReadFile("../../rulebooks/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := install.InstallIn(ctx, tx, authz.System("test"), text)
			return err
		})
	}
	books := &credit.Books{City: "2301"}
	cases := &supervision.Cases{DB: w.DB, Books: &supervision.Books{City: "2301"}, Records: &credit.Records{DB: w.DB, Books: books.InForce}}
	feeds := &feed.Feeds{
		City: "2301", Cases: cases, Volunteers: &volunteer.Service{DB: w.DB, Keys: w.Keys, Books: &volunteer.Books{City: "2301"}},
		Reports: &resident.Reports{DB: w.DB, Keys: w.Keys, City: "2301", Books: &resident.Books{City: "2301"}, Registry: w.Registry, Cases: cases, Evaluations: &credit.Evaluations{DB: w.DB, City: "2301", Books: books}},
	}
	pool := x509.NewCertPool()
	pool.AddCert(w.to.srv.Certificate())
	w.hooks = &hook.Service{
		DB: w.DB, Keys: w.Keys, City: "2301", Feeds: feeds, Base: "https://wuye.example.cn", Policy: hook.Policy{FailuresMax: 3},
		Way: notify.Webhook{Now: func() time.Time { return w.now }, Out: notify.Outbound{
			Hosts: []string{strings.TrimPrefix(w.to.srv.URL, "https://"), "localhost"}, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Roots: &tls.Config{RootCAs: pool},
		}},
	}
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		routes := audit.Routes{}
		for _, kind := range feed.Events() {
			routes[kind] = []string{hook.Consumer}
		}
		return audit.SetRoutes(ctx, tx, routes)
	})
	w.admin = authz.Actor{Account: 901, Person: 901, Second: true, StepUp: time.Now(), Grants: []authz.Grant{{Role: authz.SysAdmin, Scope: authz.Scope{Division: "2301"}}}}
	return w
}

// subscribe makes a subscription of a scope at the receiver.
func (w *world) subscribe(s feed.Scope) (id db.ID) {
	w.t.Helper()
	return w.subscribeAt("/in", s)
}

func (w *world) subscribeAt(path string, s feed.Scope) (id db.ID) {
	w.t.Helper()
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		made, secret, err := w.hooks.MakeIn(ctx, tx, w.admin, hook.Draft{Name: "城市运行平台", Address: w.to.srv.URL + path + "?token=gateway", Scope: s})
		id = made
		w.to.knows(secret)
		return err
	})
	return id
}

func (w *world) call(at code.Division, title string) (id db.ID) {
	w.t.Helper()
	w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = w.hooks.Feeds.Volunteers.PublishIn(ctx, tx, w.Community(at), volunteer.Call{
			Division: at, Title: title, Task: "清扫楼道积雪", Place: "三号楼", On: day.MustParse("2021-06-10"), At: "09:00", Minutes: 120, Places: 5,
		})
		return err
	})
	return id
}

func (w *world) report(project int, topic string) {
	w.t.Helper()
	if _, err := w.hooks.Feeds.Reports.Submit(w.t.Context(), authz.Anonymous, resident.Submission{
		Channel: resident.Web, Topic: topic, Project: w.Projects[project].Code, Spot: "二单元701室", Body: "我叫张三丰，门关不上", Phone: "13812349876",
	}); err != nil {
		w.t.Fatal(err)
	}
}

// push does what the periodic work does.
func (w *world) push() (sent, failed int) {
	w.t.Helper()
	if err := w.hooks.Take(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	sent, failed, err := w.hooks.DeliverDue(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return sent, failed
}

func (w *world) see(id db.ID) (x hook.Subscription) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) error {
		list, err := w.hooks.List(ctx, tx, w.admin)
		for _, one := range list {
			if one.ID == id {
				x = one
			}
		}
		return err
	})
	return x
}
