package notify_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/notify"
	"juli/internal/seal"
)

const firm code.USCC = "91230103MA1BXXXX2A"

func staffOf(n int64, c code.USCC) authz.Actor {
	return authz.Actor{Account: db.ID(n), Person: db.ID(n), Second: true, Grants: []authz.Grant{{Role: authz.Enterprise, Scope: authz.Scope{Enterprise: c}}}}
}

var (
	clerk    = authz.Actor{Account: 1, Person: 1, Second: true, Grants: []authz.Grant{{Role: authz.DistrictBureau, Scope: authz.Scope{Division: "230103"}}}}
	ann      = staffOf(2, firm)
	bob      = staffOf(3, firm)
	stranger = staffOf(4, "91230102MA1BXXXX3B")
)

func notice(number string) notify.Message {
	return notify.Message{
		Kind: "credit.notice", Title: "信用信息告知书", Body: "贵公司联系人 13800001111 请于十个工作日内答复。",
		Object: "credit_record:1", Link: "/enterprise/records/1", Number: number, Deemed: day.MustTerm("7d"),
		To: []notify.Party{notify.ToEnterprise(firm), notify.ToBody(authz.DistrictBureau, "230103")},
	}
}

func write(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func TestANoticeIsDeliveredOpenedAndProven(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		sent, opened := dbtest.Clock(d, "2021-06-01"), dbtest.Clock(d, "2021-06-03")
		var id db.ID
		write(t, sent, func(ctx context.Context, tx *db.Tx) (err error) {
			id, err = notify.Send(ctx, tx, clerk, notice(""))
			return err
		})
		write(t, opened, func(ctx context.Context, tx *db.Tx) error {
			if n, err := notify.Unread(ctx, tx, ann); err != nil || n != 1 {
				t.Errorf("unread %d, %v", n, err)
			}
			if _, err := notify.Open(ctx, tx, stranger, id); !fault.Is(err, "notify.not-found") {
				t.Error("a stranger opened it:", err)
			}
			items, _, err := notify.Inbox(ctx, tx, ann, notify.Cursor{}, 10)
			if err != nil || len(items) != 1 || items[0].Message.Body != "" || !items[0].OpenedAt.IsZero() {
				t.Errorf("box %+v, %v", items, err)
			}
			for _, who := range []authz.Actor{ann, bob, ann} {
				item, err := notify.Open(ctx, tx, who, id)
				if err != nil || item.OpenedBy != ann.Account || !strings.Contains(item.Message.Body, "十个工作日") {
					t.Errorf("open: %+v, %v", item, err)
				}
			}
			if n, err := notify.Unread(ctx, tx, bob); err != nil || n != 0 {
				t.Errorf("unread after a colleague read it: %d, %v", n, err)
			}
			return nil
		})
		write(t, dbtest.Clock(d, "2021-06-08"), func(ctx context.Context, tx *db.Tx) error {
			proofs, err := notify.ProofOf(ctx, tx, day.DefaultCalendar(), id)
			if err != nil || len(proofs) != 2 {
				t.Fatal(len(proofs), err)
			}
			body, ent := proofs[0], proofs[1]
			if ent.Served.How != notify.ByOpening || ent.Served.On != day.MustParse("2021-06-03") || ent.OpenedBy != ann.Account || len(ent.Receipts) != 2 {
				t.Errorf("enterprise %+v", ent)
			}
			if body.Served.How != notify.ByTerm || body.Served.On != day.MustParse("2021-06-08") || len(body.Receipts) != 0 {
				t.Errorf("body %+v", body)
			}
			about, err := notify.Of(ctx, tx, "credit_record:1")
			if err != nil || len(about) != 1 || about[0].ID != id {
				t.Errorf("about the record: %+v, %v", about, err)
			} else if about[0].OpenedAt.IsZero() {
				t.Error("about the record: its opening is not known")
			}
			mine, err := notify.Received(ctx, tx, ann, "credit_record:1")
			if err != nil || len(mine) != 1 || mine[0].ID != id || mine[0].Party.Key() == "" {
				t.Errorf("received by ann: %+v, %v", mine, err)
			}
			if none, err := notify.Received(ctx, tx, authz.Anonymous, "credit_record:1"); err != nil || len(none) != 0 {
				t.Errorf("received by nobody: %+v, %v", none, err)
			}
			return nil
		})
	})
}

func TestWhatMayNotBeSent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for name, spoil := range map[string]func(*notify.Message){
			"title":                  func(m *notify.Message) { m.Title = "致13800001111的告知书" },
			"kind":                   func(m *notify.Message) { m.Kind = "" },
			"to":                     func(m *notify.Message) { m.To = []notify.Party{{}} },
			"to (nobody)":            func(m *notify.Message) { m.To = nil },
			"link":                   func(m *notify.Message) { m.Link = "https://evil.example/" },
			"link (another host)":    func(m *notify.Message) { m.Link = "//evil.example/" },
			"title (in the address)": func(m *notify.Message) { m.Link = "/x?tel=13800001111" },
		} {
			m := notice("")
			spoil(&m)
			field, _, _ := strings.Cut(name, " ")
			err := d.Write(t.Context(), func(tx *db.Tx) error { _, err := notify.Send(t.Context(), tx, clerk, m); return err })
			if !fault.Is(err, "notify.message") || fault.From(err).Fields[field] == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestDocumentNumbersHaveNoGap(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				err := d.Write(t.Context(), func(tx *db.Tx) error {
					if _, err := notify.NextNumber(t.Context(), tx, "哈物信告", 2021); err != nil {
						return err
					}
					if i%4 == 0 {
						return errors.New("the act failed after all")
					}
					return nil
				})
				if err != nil && i%4 != 0 {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			for _, tt := range []struct {
				series string
				year   int
				want   string
			}{{"哈物信告", 2021, "哈物信告〔2021〕16号"}, {"哈物信告", 2022, "哈物信告〔2022〕1号"}, {"哈物信复", 2021, "哈物信复〔2021〕1号"}} {
				if got, err := notify.NextNumber(ctx, tx, tt.series, tt.year); err != nil || got != tt.want {
					t.Errorf("%s %d: %s, %v, want %s", tt.series, tt.year, got, err, tt.want)
				}
			}
			if _, err := notify.NextNumber(ctx, tx, "", 2021); !fault.Is(err, "notify.series") {
				t.Error(err)
			}
			return nil
		})
	})
}

func TestInboxPagesByKey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		both := ann
		both.Grants = append(both.Grants[:1:1], clerk.Grants...)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			for range 5 {
				if _, err := notify.Send(ctx, tx, clerk, notice("")); err != nil {
					return err
				}
			}
			seen := map[string]bool{}
			after := notify.Cursor{}
			for page := 1; ; page++ {
				items, next, err := notify.Inbox(ctx, tx, both, after, 4)
				if err != nil {
					return err
				}
				for _, it := range items {
					seen[it.ID.String()+it.Party.Key()] = true
				}
				if next == (notify.Cursor{}) {
					if page != 3 || len(seen) != 10 {
						t.Errorf("%d items on %d pages, want 10 on 3", len(seen), page)
					}
					return nil
				}
				after = next
			}
		})
	})
}

// flaky fails as often as it is told, then delivers.
type flaky struct {
	fail int
	sent []notify.Outward
	to   []string
}

func (f *flaky) Name() string { return "flaky" }

func (f *flaky) Deliver(_ context.Context, to notify.Target, o notify.Outward) error {
	if f.fail--; f.fail >= 0 {
		return fmt.Errorf("550 no such user %s", to.Address)
	}
	f.sent, f.to = append(f.sent, o), append(f.to, to.Address)
	return nil
}

func TestNoticesLeaveWithoutTheirBodyAndAreRetried(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC)
		d = d.WithRealClock(func() time.Time { return now })
		dir := t.TempDir()
		ch := &flaky{fail: 2}
		post := &notify.Post{DB: d, Keys: seal.Ephemeral(), Channels: []notify.Channel{ch, notify.File{Dir: dir}}, Base: "https://wuye.example.cn/"}
		var address db.ID
		write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			if _, err := post.SetAddress(ctx, tx, stranger, notify.ToEnterprise(firm), "flaky", notify.Target{Address: "x@example.cn"}); !fault.Is(err, "notify.not-found") {
				t.Error("a stranger's address:", err)
			}
			if _, err := post.SetAddress(ctx, tx, ann, notify.ToEnterprise(firm), "pigeon", notify.Target{Address: "x"}); !fault.Is(err, "notify.channel") {
				t.Error("an unknown channel:", err)
			}
			if _, err = post.SetAddress(ctx, tx, ann, notify.ToEnterprise(firm), "file", notify.Target{Address: "file"}); err != nil {
				return err
			}
			if address, err = post.SetAddress(ctx, tx, ann, notify.ToEnterprise(firm), "flaky", notify.Target{Address: "ann@example.cn"}); err != nil {
				return err
			}
			_, err = notify.Send(ctx, tx, clerk, notice("哈物信告〔2021〕1号"))
			return err
		})
		for i, tt := range []struct {
			wait         time.Duration
			sent, failed int
		}{{0, 1, 1}, {0, 0, 0}, {time.Minute, 0, 1}, {time.Minute, 0, 0}, {4 * time.Minute, 1, 0}, {time.Hour, 0, 0}} {
			now = now.Add(tt.wait)
			if sent, failed, err := post.DeliverDue(t.Context()); err != nil || sent != tt.sent || failed != tt.failed {
				t.Errorf("round %d: %d sent, %d failed, %v; want %d, %d", i, sent, failed, err, tt.sent, tt.failed)
			}
		}
		if len(ch.sent) != 1 || ch.to[0] != "ann@example.cn" || ch.sent[0].Link != "https://wuye.example.cn/enterprise/records/1" {
			t.Fatalf("sent %+v to %v", ch.sent, ch.to)
		}
		if text := ch.sent[0].Text(); strings.Contains(text, "13800001111") || !strings.Contains(text, "哈物信告〔2021〕1号") {
			t.Errorf("text left: %s", text)
		}
		files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
		if len(files) != 1 {
			t.Fatalf("%d files", len(files))
		}
		if text, _ := os.ReadFile(files[0]); strings.Contains(string(text), "13800001111") {
			t.Errorf("the body left: %s", text)
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			stored, err := db.All(ctx, tx, func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) }, `SELECT failure FROM notify_delivery ORDER BY id`)
			if strings.Contains(strings.Join(stored, " "), "@") {
				t.Errorf("an address stands in the failures: %q", stored)
			}
			if err != nil {
				return err
			}
			if err := post.EndAddress(ctx, tx, stranger, address); !fault.Is(err, "notify.not-found") {
				t.Error("a stranger ended it:", err)
			}
			if err := post.EndAddress(ctx, tx, bob, address); err != nil {
				return err
			}
			_, err = notify.Send(ctx, tx, clerk, notice(""))
			return err
		})
		if sent, failed, err := post.DeliverDue(t.Context()); err != nil || sent != 1 || failed != 0 {
			t.Errorf("after the address ended: %d sent, %d failed, %v", sent, failed, err)
		}
	})
}
