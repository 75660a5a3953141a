package hook_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/city/town"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/feed"
	"juli/internal/hook"
)

func TestNewsReachASubscriberSignedAndOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.call(town.Huayuan, "以前的") // nobody wanted to hear of it then
		w.now = w.now.Add(time.Second)
		id := w.subscribe(feed.Scope{})
		w.now = w.now.Add(time.Second)
		w.report(0, "door")
		w.call(town.Daoli, "量血压")
		if sent, failed := w.push(); sent != 2 || failed != 0 {
			t.Fatalf("%d sent, %d failed", sent, failed)
		}
		if sent, failed := w.push(); sent != 0 || failed != 0 {
			t.Errorf("again: %d sent, %d failed", sent, failed)
		}
		got := w.to.all()
		if len(got) != 2 || !got[0].good || !got[1].good || got[0].id == got[1].id {
			t.Fatalf("received %+v", got)
		}
		report, call := got[0].body, got[1].body
		if report.Type != "resident.reported" || report.Data.Kind != "reports" || report.Data.Project != string(w.Projects[0].Code) || report.Data.Topic != "door" ||
			!strings.HasPrefix(report.Data.URL, "https://wuye.example.cn/reports/") || report.Timestamp.Format(time.DateOnly) != town.Start && report.Timestamp.IsZero() {
			t.Errorf("report %+v", report)
		}
		if call.Type != "volunteer.called" || call.Data.Title != "志愿服务：量血压" || !slices.Equal(call.Data.Places, []string{string(town.Daoli)}) {
			t.Errorf("call %+v", call)
		}
		for _, x := range got {
			for _, word := range []string{"13812349876", "张三丰", "门关不上", "701室"} {
				if strings.Contains(x.text, word) {
					t.Errorf("%q left the platform in %s", word, x.text)
				}
			}
		}
		if x := w.see(id); x.Waiting != 0 || x.Failures != 0 || x.Last.State != hook.Sent || x.State != hook.Active {
			t.Errorf("subscription %+v", x)
		}
	})
}

func TestASubscriptionHearsOnlyOfItsScope(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, tt := range []struct {
			name  string
			scope feed.Scope
			want  []string
		}{
			{"a street", feed.Scope{Division: town.Huayuan.Up(code.Street)}, []string{"volunteer.called 230103001003", "resident.reported 230103001003", "resident.reported 230103001005"}},
			{"a project", feed.Scope{Project: w.Projects[1].Code}, []string{"resident.reported 230103001005"}},
			{"a kind", feed.Scope{Kinds: []feed.Kind{feed.Volunteers}}, []string{"volunteer.called 230102001001", "volunteer.called 230103001003"}},
			{"a kind of report", feed.Scope{Topic: "snow"}, []string{"resident.reported 230103001005"}},
			{"nothing that happens", feed.Scope{Kinds: []feed.Kind{feed.Surveys}}, nil},
		} {
			id := w.subscribe(tt.scope)
			before := len(w.to.all())
			w.report(0, "door")
			w.report(1, "snow")
			w.call(town.Huayuan, "扫雪")
			w.call(town.Daoli, "扫雪")
			w.push()
			var got []string
			for _, x := range w.to.all()[before:] {
				got = append(got, x.body.Type+" "+x.body.Data.Places[0])
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
			}
			w.Write(func(ctx context.Context, tx *db.Tx) error { return w.hooks.EndIn(ctx, tx, w.admin, id) })
		}
	})
}

func TestAnEndedSubscriptionHearsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.subscribe(feed.Scope{})
		w.call(town.Huayuan, "扫雪")
		if err := w.hooks.Take(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error { return w.hooks.EndIn(ctx, tx, w.admin, id) })
		w.call(town.Huayuan, "又一次")
		w.push()
		if got := w.to.all(); len(got) != 0 {
			t.Errorf("it heard %+v", got)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			x, list, err := w.hooks.Deliveries(ctx, tx, w.admin, id, "", 0, 10)
			if _, none, err := w.hooks.Deliveries(ctx, tx, w.admin, id, hook.Waiting, 0, 10); err != nil || len(none) != 0 {
				t.Errorf("waiting still: %+v, %v", none, err)
			}
			if x.State != hook.Ended || len(list) != 1 || list[0].State != hook.GivenUp {
				t.Errorf("%+v with %+v", x, list)
			}
			return err
		})
		for _, act := range []func(context.Context, *db.Tx, authz.Actor, db.ID) error{w.hooks.EndIn, w.hooks.PauseIn, w.hooks.ResumeIn} {
			err := w.DB.Write(t.Context(), func(tx *db.Tx) error { return act(t.Context(), tx, w.admin, id) })
			if e := fault.From(err); e == nil || e.Kind != fault.NotFound && e.Kind != fault.Conflict {
				t.Errorf("an ended one: %v", err)
			}
		}
	})
}

// INP-5: only https, only hosts that the operator listed, and the address itself is
// looked at when it is dialled.
func TestASubscriptionReachesOnlyListedHosts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		host := strings.TrimPrefix(w.to.srv.URL, "https://")
		for _, address := range []string{"", "http://" + host, "https://127.0.0.1:1/", "https://user@" + host, "https://evil.example/", "file:///etc/passwd", "https://" + host + "/" + strings.Repeat("a", 600), "//" + host} {
			err := w.DB.Write(t.Context(), func(tx *db.Tx) error {
				_, _, err := w.hooks.MakeIn(t.Context(), tx, w.admin, hook.Draft{Name: "甲", Address: address})
				return err
			})
			if !fault.Is(err, "hook.form") || fault.From(err).Fields["address"] == "" {
				t.Errorf("%.60s: %v", address, err)
			}
		}
		id := w.subscribe(feed.Scope{})
		w.hooks.Way.Out.Networks = nil // the inner network is closed now
		w.call(town.Huayuan, "扫雪")
		if sent, failed := w.push(); sent != 0 || failed != 1 || len(w.to.all()) != 0 {
			t.Errorf("%d sent, %d failed, %d received", sent, failed, len(w.to.all()))
		}
		if x := w.see(id); x.Last.State != hook.GivenUp || x.Last.Failure != "refused" {
			t.Errorf("%+v", x.Last)
		}
	})
}

func TestOnlyAFreshSystemAdministratorManagesSubscriptions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		stale := w.admin
		stale.StepUp = time.Time{}
		for name, who := range map[string]authz.Actor{"nobody": authz.Anonymous, "the city": w.City(), "a firm": w.Firm(w.Jia.USCC), "an old second factor": stale} {
			err := w.DB.Write(t.Context(), func(tx *db.Tx) error {
				_, _, err := w.hooks.MakeIn(t.Context(), tx, who, hook.Draft{Name: "甲", Address: w.to.srv.URL})
				return err
			})
			if e := fault.From(err); e == nil || !strings.HasPrefix(e.Rule, "authz.") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// The address may hold a key of its own, so it is kept sealed, as the secret is.
func TestAddressAndSecretAreKeptSealed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.subscribe(feed.Scope{})
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			sealed, err := db.Value[[]byte](ctx, tx, `SELECT target_sealed FROM hook_subscription`)
			if err != nil || len(sealed) < 100 || strings.Contains(string(sealed), "whsec_") || strings.Contains(string(sealed), "gateway") {
				t.Errorf("%d bytes, %v", len(sealed), err)
			}
			detail, err := db.Value[string](ctx, tx, `SELECT detail FROM audit_event WHERE kind = 'hook.made'`)
			if strings.Contains(detail, "gateway") || strings.Contains(detail, "whsec_") {
				t.Errorf("the audit log says %s", detail)
			}
			return err
		})
	})
}

func TestWhatIsOverIsPurged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.subscribe(feed.Scope{})
		w.call(town.Huayuan, "扫雪")
		w.push()
		w.now = w.now.Add(31 * 24 * time.Hour)
		w.call(town.Huayuan, "又一次")
		w.push()
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			n, err := hook.Purge(ctx, tx, tx.Real.Add(-hook.Kept))
			if n != 1 {
				t.Errorf("%d purged, want the old one", n)
			}
			_, left, err2 := w.hooks.Deliveries(ctx, tx, w.admin, id, "", 0, 10)
			if len(left) != 1 || err2 != nil {
				t.Errorf("%s left, %v", fmt.Sprint(left), err2)
			}
			return err
		})
	})
}
