package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
)

var clerk = authz.Actor{
	Account: 11, Person: 12, Name: "王小明", Session: 13, Second: true, Request: "r-1", Addr: "192.0.2.7",
	Grants: []authz.Grant{
		{Role: authz.DistrictBureau, Scope: authz.Scope{Division: "230103"}},
		{Role: authz.Committee, Scope: authz.Scope{Project: "2301030010030001"}},
	},
}

var auditor = authz.Actor{
	Account: 21, Person: 22, Second: true,
	Grants: []authz.Grant{{Role: authz.AuditAdmin, Scope: authz.Scope{Division: "2301"}}},
}

func write(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func all(t *testing.T, d *db.DB, q audit.Query) []audit.Event {
	t.Helper()
	q.Limit = 200
	events, err := (&audit.Log{DB: d}).List(t.Context(), auditor, q)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func TestAnEventSaysWhoDidWhatWhenAndWhence(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		d = dbtest.Clock(d, "2021-06-01")
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return audit.Append(ctx, tx, clerk, "credit.identified", "credit_record:1", audit.Change{
				Act: authz.CreditIdentify, At: authz.Place{Division: "230103001"},
				Before: "proposed", After: "identified", Detail: map[string]any{"points": -5},
			})
		})
		events := all(t, d, audit.Query{Kind: "credit."})
		if len(events) != 1 {
			t.Fatalf("%d events, want 1", len(events))
		}
		e := events[0]
		if e.Account != 11 || e.Person != 12 || e.Session != 13 || e.Request != "r-1" || e.Addr != "192.0.2.7" {
			t.Errorf("actor of %+v", e)
		}
		if e.Role != "district_bureau" || e.Scope != "230103" || e.Act != "credit.identify" {
			t.Errorf("standing %s %s %s, want the grant that allowed it alone", e.Role, e.Scope, e.Act)
		}
		if e.At.Year() != 2021 || time.Since(e.Real) > time.Minute {
			t.Errorf("clocks %v and %v", e.At, e.Real)
		}
		if len(e.Before) != 64 || len(e.After) != 64 || e.Before == e.After || string(e.Detail) != `{"points":-5}` {
			t.Errorf("change %q → %q, %s", e.Before, e.After, e.Detail)
		}
		if read := all(t, d, audit.Query{Kind: "audit.read"}); len(read) != 1 || read[0].Account != 21 {
			t.Errorf("the reading itself: %+v", read)
		}
	})
}

func TestAnActFailsWithItsEvent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), `INSERT INTO meta (key, value) VALUES ('act', 'done')`); err != nil {
				return err
			}
			return audit.Append(t.Context(), tx, clerk, "x.y", "o", func() {})
		})
		if err == nil {
			t.Fatal("an event that can't be written was passed over")
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM meta WHERE key = 'act'`)
			if n != 0 {
				t.Error("the act stayed without its event")
			}
			return err
		})
	})
}

func TestEventsCannotBeChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return audit.Append(ctx, tx, clerk, "a.b", "o", nil) })
		for _, statement := range []string{
			`UPDATE audit_event SET kind = 'c'`,
			`UPDATE audit_event SET id = id + 1`,
			`DELETE FROM audit_event`,
		} {
			err := d.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), statement); return err })
			if err == nil {
				t.Errorf("%s passed", statement)
			}
		}
		if got := all(t, d, audit.Query{Kind: "a.b"}); len(got) != 1 {
			t.Errorf("%d events left", len(got))
		}
	})
}

func TestListFiltersAndPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			for _, kind := range []string{"a.x", "a.y", "a.x", "ab.x", "b.x"} {
				if err := audit.Append(ctx, tx, clerk, kind, "o:"+kind, nil); err != nil {
					return err
				}
			}
			_, err := audit.Write(ctx, tx, authz.Actor{Addr: "198.51.100.1"}, "a.z", "o", audit.Denied, nil)
			return err
		})
		for _, tt := range []struct {
			name string
			q    audit.Query
			want int
		}{
			{"one kind", audit.Query{Kind: "a.x"}, 2},
			{"a group, not its namesake", audit.Query{Kind: "a."}, 4},
			{"denied", audit.Query{Outcome: audit.Denied}, 1},
			{"an account", audit.Query{Account: 11}, 5},
			{"a person of a kind", audit.Query{Person: 12, Kind: "b.x"}, 1},
			{"an object", audit.Query{Object: "o:ab.x"}, 1},
			{"a request", audit.Query{Request: "r-1", Kind: "a.y"}, 1},
			{"later than all", audit.Query{Kind: "a.", From: time.Now().Add(time.Hour)}, 0},
			{"until later", audit.Query{Kind: "a.", To: time.Now().Add(time.Hour)}, 4},
		} {
			if got := all(t, d, tt.q); len(got) != tt.want {
				t.Errorf("%s: %d events, want %d", tt.name, len(got), tt.want)
			}
		}
		var seen []db.ID
		q := audit.Query{Kind: "a.", Limit: 1}
		for {
			page, err := (&audit.Log{DB: d}).List(t.Context(), auditor, q)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			seen, q.Before = append(seen, page[0].ID), page[0].ID
		}
		if len(seen) != 4 {
			t.Errorf("pages hold %d events, want 4", len(seen))
		}
	})
}

func TestOnlyTheAuditAdministratorReads(t *testing.T) {
	d := dbtest.SQLite(t)
	for _, who := range []authz.Actor{authz.Anonymous, clerk, {Account: 1, Second: true, Grants: []authz.Grant{{Role: authz.SysAdmin, Scope: authz.Scope{Division: "2301"}}}}} {
		if _, err := (&audit.Log{DB: d}).List(t.Context(), who, audit.Query{}); err == nil {
			t.Errorf("%v reads the log", who)
		}
	}
}

func TestNothingBreaksTheLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		nasty := "a\r\nb\x1b[31m\u202egnp\u2066\u200f\u2028\x00\xff 13812345678 11010519491231002X"
		who := clerk
		who.Request, who.Addr = nasty, strings.Repeat("x", 1<<20)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return audit.Append(ctx, tx, who, "n."+nasty, nasty, map[string]any{"name": nasty, nasty: []any{nasty}, "big": 12345678901234567})
		})
		e := all(t, d, audit.Query{Account: 11})[0]
		for _, s := range []string{e.Kind, e.Request, e.Addr, e.Object, string(e.Detail)} {
			for _, r := range s {
				if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' {
					t.Errorf("%q holds %U", s, r)
				}
			}
			if strings.Contains(s, "13812345678") || strings.Contains(s, "11010519491231002X") || len(s) > 2000 {
				t.Errorf("%.200q holds a person's number or is too long", s)
			}
		}
		var v map[string]any
		if err := json.Unmarshal(e.Detail, &v); err != nil || !strings.Contains(string(e.Detail), "12345678901234567") {
			t.Errorf("detail %s: %v", e.Detail, err)
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return audit.Append(ctx, tx, clerk, "big.x", "o", strings.Repeat("长", 1<<20))
		})
		if e := all(t, d, audit.Query{Kind: "big.x"})[0]; len(e.Detail) > 200 || !strings.Contains(string(e.Detail), "sha256") {
			t.Errorf("a megabyte of detail: %.300s", e.Detail)
		}
	})
}

func TestOutbox(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		routes := func(r audit.Routes) {
			write(t, d, func(ctx context.Context, tx *db.Tx) error { return audit.SetRoutes(ctx, tx, r) })
		}
		appendKind := func(kind string) {
			write(t, d, func(ctx context.Context, tx *db.Tx) error { return audit.Append(ctx, tx, clerk, kind, "o", nil) })
		}
		pending := func(consumer string) (events []audit.Event) {
			write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
				events, err = audit.Pending(ctx, tx, consumer, 10)
				return err
			})
			return events
		}
		routes(audit.Routes{"credit.identified": {"todo", "log"}, "credit.*": {"log"}, "gone.x": {"old"}})
		routes(audit.Routes{"credit.identified": {"todo", "log"}, "credit.*": {"log"}, "*": {"every"}})
		appendKind("credit.identified")
		appendKind("credit.proposed")
		appendKind("gone.x")
		if a, b, c, o := len(pending("todo")), len(pending("log")), len(pending("every")), len(pending("old")); a != 1 || b != 2 || c != 3 || o != 0 {
			t.Fatalf("waiting: todo %d log %d every %d old %d, want 1 2 3 0", a, b, c, o)
		}
		e := pending("log")[0]
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			first, err := audit.Take(ctx, tx, "log", e.ID)
			if err != nil {
				return err
			}
			second, err := audit.Take(ctx, tx, "log", e.ID)
			if !first || second {
				t.Errorf("taken %v, then %v", first, second)
			}
			return err
		})
		rest := pending("log")[0]
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return audit.Postpone(ctx, tx, "log", rest.ID, time.Minute, errors.New("no\nluck"))
		})
		if got := pending("log"); len(got) != 0 {
			t.Errorf("%d events before their time", len(got))
		}
		d = d.WithRealClock(func() time.Time { return time.Now().Add(2 * time.Minute) })
		if got := pending("log"); len(got) != 1 {
			t.Errorf("%d events after it, want 1", len(got))
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			b, err := audit.Backlogs(ctx, tx)
			if len(b) != 3 || b[1].Consumer != "log" || b[1].Failing != 1 {
				t.Errorf("backlogs %+v", b)
			}
			return err
		})
	})
}

func TestDenialsOutliveTheirTransactionAndAreBounded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Now()
		d = d.WithRealClock(func() time.Time { return now })
		n := &audit.Denials{DB: d}
		refusal := fault.New(fault.Forbidden, "authz.denied", "不行。")
		for range 100 {
			if err := n.Append(t.Context(), clerk, refusal, "POST /x"); err != nil {
				t.Fatal(err)
			}
		}
		got := all(t, d, audit.Query{Outcome: audit.Denied})
		if len(got) != 30 {
			t.Fatalf("%d events of one address at once, want 30", len(got))
		}
		now = now.Add(time.Minute)
		if err := n.Append(t.Context(), clerk, refusal, "POST /x"); err != nil {
			t.Fatal(err)
		}
		if e := all(t, d, audit.Query{Outcome: audit.Denied})[0]; !strings.Contains(string(e.Detail), `"dropped":70`) {
			t.Errorf("the next event says %s, want 70 dropped", e.Detail)
		}
	})
}

func FuzzCleanEvent(f *testing.F) {
	f.Add("a\r\n\x1b[0m\u202e")
	d := dbtest.SQLite(f)
	f.Fuzz(func(t *testing.T, s string) {
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			id, err := audit.Write(t.Context(), tx, authz.Actor{Addr: s}, s, s, audit.Done, map[string]string{s: s})
			if err != nil {
				return err
			}
			text, err := db.Value[string](t.Context(), tx, `SELECT kind || addr || object || detail FROM audit_event WHERE id = $1`, id)
			if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) {
				t.Errorf("%q became %q", s, text)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// A digest that happens to hold eleven digits in a row is what others compare with.
func TestADigestKeepsItsDigits(t *testing.T) {
	const digest = "1a6502b372d13541716781a1d433eb0431737389681c2301c1e2a994280726e5" // holds 13541716781
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return audit.Append(ctx, tx, clerk, "draw.sealed", "o", map[string]any{"seed_digest": digest, "text": "摘要 " + digest + "，电话 13812345678", "row": strings.Repeat("13812345678 ", 3), "run": strings.Repeat("13812345678", 3)})
		})
		detail := string(all(t, d, audit.Query{Kind: "draw.sealed"})[0].Detail)
		if strings.Count(detail, digest) != 2 || strings.Contains(detail, "电话 13812345678") || strings.Contains(detail, "13812345678 1") {
			t.Error(detail)
		}
	})
}
