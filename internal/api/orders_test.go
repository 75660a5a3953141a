package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"juli/internal/api"
	"juli/internal/app"
	"juli/internal/authz"
	"juli/internal/city/town"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
	"juli/internal/rulebook"
	"juli/internal/web"
)

// An exchange is the hotline's system before a town.
type exchange struct {
	*town.Town
	site    http.Handler
	reports *resident.Reports
	key     string
	t       *testing.T
}

func newExchange(t *testing.T, d *db.DB) *exchange {
	t.Helper()
	x := &exchange{Town: town.New(t, d), t: t}
	text, err := os.ReadFile("../../rulebooks/resident/harbin.yaml")
	if err != nil {
		t.Fatal(err)
	}
	x.reports = &resident.Reports{DB: x.DB, Keys: x.Keys, City: "2301", Books: &resident.Books{City: "2301"}, Registry: x.Registry}
	x.Write(func(ctx context.Context, tx *db.Tx) error {
		if _, err := (&rulebook.Service{DB: x.DB, Kinds: app.Kinds()}).InstallIn(ctx, tx, x.Program, text); err != nil {
			return err
		}
		_, x.key, err = x.reports.MakeKeyIn(ctx, tx, x.Fresh(x.Actor(authz.SysAdmin, authz.Scope{Division: "2301"})), resident.KeyAsk{Channel: resident.Hotline, Name: "12345 热线"})
		return err
	})
	mux := http.NewServeMux()
	(&api.API{DB: x.DB, City: "2301", CityName: "哈尔滨市", Registry: x.Registry, Reports: x.reports}).Routes(web.NewGates(mux))
	x.site = (&web.Site{City: "哈尔滨市", DB: x.DB, Log: slog.New(slog.DiscardHandler)}).Handler(mux)
	return x
}

func (x *exchange) asks(method, path, key, once string, body any) (int, map[string]any) {
	x.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		x.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(x.t.Context(), method, path, strings.NewReader(string(text)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+key)
	if once != "" {
		r.Header.Set("Idempotency-Key", once)
	}
	rec := httptest.NewRecorder()
	x.site.ServeHTTP(rec, r)
	if rec.Header().Get("Cache-Control") != "no-store" || rec.Header().Get("Access-Control-Allow-Origin") != "" {
		x.t.Errorf("%s %s may be kept or read by other origins", method, path)
	}
	var out map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		x.t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	return rec.Code, out
}

func TestTheHotlineSendsAnOrderOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newExchange(t, d)
		order := map[string]any{"order_no": "GD-77", "class": "COMPLAINT", "estate": "文昌家园", "district": "230103", "text": "楼道三天没有打扫", "phone": "13900000001"}
		for _, key := range []string{"", "juli-nothing", strings.ToLower(x.key)} {
			if status, _ := x.asks("POST", "/api/v1/orders", key, "request-1", order); status != http.StatusUnauthorized {
				t.Errorf("with the key %q: %d", key, status)
			}
		}
		if status, _ := x.asks("POST", "/api/v1/orders", x.key, "", order); status != http.StatusUnprocessableEntity {
			t.Errorf("without a number of the request: %d", status)
		}
		status, first := x.asks("POST", "/api/v1/orders", x.key, "request-1", order)
		if status != http.StatusOK || first["state"] != resident.Dispatched || first["known"] != false || first["due_on"] != "2021-06-21" {
			t.Fatalf("taken: %d %v", status, first)
		}
		if status, again := x.asks("POST", "/api/v1/orders", x.key, "request-1", order); status != http.StatusOK || again["number"] != first["number"] || again["known"] != false {
			t.Errorf("the same request again: %d %v", status, again)
		}
		if status, again := x.asks("POST", "/api/v1/orders", x.key, "request-2", order); status != http.StatusOK || again["number"] != first["number"] || again["known"] != true {
			t.Errorf("the same order in another request: %d %v", status, again)
		}
		order["text"] = "另一件事"
		if status, _ := x.asks("POST", "/api/v1/orders", x.key, "request-1", order); status != http.StatusUnprocessableEntity {
			t.Errorf("the same number for another request: %d", status)
		}
		order["order_no"], order["estate"] = "GD-78", "没有的小区"
		if status, out := x.asks("POST", "/api/v1/orders", x.key, "request-3", order); status != http.StatusUnprocessableEntity || out["rule"] != "resident.place" {
			t.Errorf("an estate that is none: %d %v", status, out)
		}
	})
}

func TestAnotherOrderUnderAUsedNumberIsRefusedAndTheSameOneIsKnown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newExchange(t, d)
		request := 0
		send := func(change map[string]any) (int, map[string]any) {
			t.Helper()
			order := map[string]any{"order_no": "GD-77", "class": "COMPLAINT", "estate": "文昌家园", "district": "230103", "building": 1, "text": "楼道三天没有打扫", "phone": "13900000001", "received_on": x.Today().AddDays(-1).String()}
			for name, v := range change {
				if order[name] = v; v == nil {
					delete(order, name)
				}
			}
			request++
			return x.asks("POST", "/api/v1/orders", x.key, fmt.Sprintf("request-%d", request), order)
		}
		status, first := send(nil)
		if status != http.StatusOK {
			t.Fatalf("%d %v", status, first)
		}
		for _, same := range []map[string]any{nil, {"received_on": nil}, {"phone": nil}, {"text": " 楼道三天没有打扫"}, {"order_no": " GD-77 "}} {
			if status, out := send(same); status != http.StatusOK || out["known"] != true || out["number"] != first["number"] {
				t.Errorf("the same order as %v: %d %v", same, status, out)
			}
		}
		for _, other := range []map[string]any{
			{"text": "电梯停了"}, {"class": "HELP"}, {"building": 2}, {"spot": "三楼"}, {"topic": "lift"}, {"phone": "13900000002"}, {"received_on": x.Today().String()}, {"estate": nil, "project": x.Projects[0].Code},
		} {
			status, out := send(other)
			if status != http.StatusConflict || out["rule"] != "resident.order-other" || !strings.Contains(out["detail"].(string), first["number"].(string)) {
				t.Errorf("another order with %v: %d %v", other, status, out)
			}
		}
		if status, out := x.asks("GET", "/api/v1/orders/GD-77", x.key, "", nil); status != http.StatusOK || out["number"] != first["number"] {
			t.Errorf("the first order: %d %v", status, out)
		}
	})
}

func TestAnOrderOfLongAgoOrTomorrowOrUnderNoNumberIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newExchange(t, d)
		today := x.Today()
		for i, tt := range []struct {
			no, on string
			status int
			where  string
		}{
			{"GD-1", "1970-01-01", http.StatusUnprocessableEntity, "received_on"},
			{"GD-1", today.AddDays(-93).String(), http.StatusUnprocessableEntity, "received_on"},
			{"GD-1", today.AddDays(1).String(), http.StatusUnprocessableEntity, "received_on"},
			{"GD-1", "2021-02-30", http.StatusUnprocessableEntity, ""},
			{"GD-1", today.AddDays(-92).String(), http.StatusOK, ""},
			{"GD-2", today.String(), http.StatusOK, ""},
			{"12345〔2021〕3号", today.String(), http.StatusOK, ""},
			{"GD\x00-3", "", http.StatusUnprocessableEntity, "order_no"},
			{"GD\n-3", "", http.StatusUnprocessableEntity, "order_no"},
			{"GD\u202e-3", "", http.StatusUnprocessableEntity, "order_no"},
			{"GD 3", "", http.StatusUnprocessableEntity, "order_no"},
			{"   ", "", http.StatusUnprocessableEntity, "order_no"},
			{strings.Repeat("工", 22), "", http.StatusUnprocessableEntity, "order_no"},
		} {
			order := map[string]any{"order_no": tt.no, "project": x.Projects[0].Code, "text": "单元门坏了"}
			if tt.on != "" {
				order["received_on"] = tt.on
			}
			status, out := x.asks("POST", "/api/v1/orders", x.key, fmt.Sprintf("request-%d", i), order)
			if status != tt.status || tt.where != "" && !strings.Contains(fmt.Sprint(out["errors"]), tt.where) {
				t.Errorf("%q on %s: %d %v", tt.no, tt.on, status, out)
			}
		}
		if status, out := x.asks("GET", "/api/v1/orders/GD%E2%80%AE", x.key, "", nil); status != http.StatusNotFound {
			t.Errorf("a number that can be none: %d %v", status, out)
		}
		order := map[string]any{"order_no": "GD-9", "estate": "花园\x00小区", "district": "230103", "text": "单元门坏了"}
		if status, out := x.asks("POST", "/api/v1/orders", x.key, "request-nul", order); status >= http.StatusInternalServerError {
			t.Errorf("a name with a null: %d %v", status, out)
		}
	})
}

func TestTheHotlineHearsTheAnswerAndCallsBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newExchange(t, d)
		x.asks("POST", "/api/v1/orders", x.key, "request-1", map[string]any{"order_no": "GD-1", "project": x.Projects[0].Code, "text": "单元门坏了"})
		act := func(fn func(ctx context.Context, tx *db.Tx, t resident.Take) error) {
			t.Helper()
			x.Write(func(ctx context.Context, tx *db.Tx) error {
				r, err := resident.OrderOf(ctx, tx, "GD-1")
				if err != nil {
					return err
				}
				return fn(ctx, tx, resident.Take{Report: r.ID, Version: r.Case.Version})
			})
		}
		act(func(ctx context.Context, tx *db.Tx, t resident.Take) error {
			return x.reports.AnswerIn(ctx, tx, x.Firm(x.Jia.USCC), t, "已修好", nil)
		})
		if status, out := x.asks("GET", "/api/v1/orders/GD-1", x.key, "", nil); status != http.StatusOK || out["answer"] != nil {
			t.Errorf("before the review: %d %v", status, out)
		}
		if status, _ := x.asks("POST", "/api/v1/orders/GD-1/callback", x.key, "callback-1", map[string]any{"solved": true, "satisfied": true}); status != http.StatusConflict {
			t.Errorf("called back too early: %d", status)
		}
		act(func(ctx context.Context, tx *db.Tx, t resident.Take) error {
			return x.reports.PassIn(ctx, tx, x.Community(town.Huayuan), t, false)
		})
		if status, out := x.asks("GET", "/api/v1/orders/GD-1", x.key, "", nil); status != http.StatusOK || out["answer"] != "已修好" || out["outcome"] != nil {
			t.Errorf("after the review: %d %v", status, out)
		}
		if status, out := x.asks("POST", "/api/v1/orders/GD-1/callback", x.key, "callback-2", map[string]any{"solved": false, "satisfied": false}); status != http.StatusOK || out["state"] != resident.Reopened {
			t.Errorf("called back: %d %v", status, out)
		}
		if status, _ := x.asks("GET", "/api/v1/orders/GD-2", x.key, "", nil); status != http.StatusNotFound {
			t.Errorf("an order that is none: %d", status)
		}
		x.Write(func(ctx context.Context, tx *db.Tx) error {
			admin := x.Fresh(x.Actor(authz.SysAdmin, authz.Scope{Division: "2301"}))
			keys, err := x.reports.KeysOf(ctx, tx, admin, resident.Hotline)
			if err != nil || len(keys) != 1 || keys[0].Used.IsZero() {
				t.Errorf("keys: %v, %v", keys, err)
			}
			return x.reports.EndKeyIn(ctx, tx, admin, resident.Hotline, keys[0].ID)
		})
		if status, _ := x.asks("GET", "/api/v1/orders/GD-1", x.key, "", nil); status != http.StatusUnauthorized {
			t.Errorf("with an ended key: %d", status)
		}
	})
}
