package credit_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/money"
	"juli/internal/rulebook"
	"juli/rulebooks"
)

// A live world is one whose grades are of the moment: 烟台's rulebook.
type live struct {
	*world
	svc *credit.Evaluations
}

func newLive(t *testing.T, d *db.DB, today string) *live {
	w := &live{world: newWorld(t, d, today)}
	text, err := rulebooks.Files.ReadFile("credit/yantai.yaml")
	w.must(err)
	text = []byte(strings.NewReplacer(`city: "3706"`, `city: "2301"`, "status: draft", "status: adopted").Replace(string(text)))
	w.write(func(ctx context.Context, tx *db.Tx) error {
		_, err := (&rulebook.Service{DB: w.d, Kinds: rulebook.KindsOf(credit.Kind())}).InstallIn(ctx, tx, authz.System("install"), text)
		if err != nil {
			return err
		}
		routes := audit.Routes{}
		for _, kind := range credit.JournalEvents() {
			routes[kind] = []string{credit.JournalConsumer}
		}
		return audit.SetRoutes(ctx, tx, routes)
	})
	books := &credit.Books{City: "2301"}
	w.s.Books = books.InForce
	w.svc = &credit.Evaluations{City: "2301", Books: books}
	return w
}

// goes turns the calendar, lets time do its work and keeps the journal.
func (w *live) goes(date string) {
	w.t.Helper()
	w.on(date)
	w.svc.DB = w.d
	w.advance()
	w.keep(false)
}

func (w *live) keep(whole bool) {
	w.t.Helper()
	_, err := w.svc.KeepJournal(w.t.Context(), whole)
	w.must(err)
}

// notices enters a record of the first enterprise and leads it to the notice.
func (w *live) notices(item string, points int64) (id db.ID) {
	w.t.Helper()
	enterprise := w.firm.Grants[0].Scope.Enterprise
	w.write(func(ctx context.Context, tx *db.Tx) (err error) {
		number := fmt.Sprintf("%s-%d-%s", item, points, w.today)
		id, err = w.s.ProposeIn(ctx, tx, city, credit.Proposal{
			Item: item, Enterprise: enterprise, Event: w.today.AddDays(-5), Summary: "事实", Document: credit.Document{Number: number, Issuer: "市局", Date: w.today.AddDays(-4)},
		})
		return err
	})
	take := w.take(id, "")
	w.write(func(ctx context.Context, tx *db.Tx) error {
		return w.s.IdentifyIn(ctx, tx, city2, take, credit.Discretion{Points: money.Points(points) * money.Point})
	})
	return id
}

// moves are the lines of the first enterprise, oldest first.
func (w *live) moves() (out []string) {
	w.t.Helper()
	w.must(w.d.Read(w.t.Context(), func(tx *db.Tx) error {
		id, err := db.Value[db.ID](w.t.Context(), tx, `SELECT id FROM enterprise WHERE uscc = $1`, string(w.firm.Grants[0].Scope.Enterprise))
		if err != nil {
			return err
		}
		lines, err := w.svc.Journal(w.t.Context(), tx, credit.Subject{Kind: credit.Enterprise, ID: id})
		for _, l := range lines {
			out = append([]string{fmt.Sprintf("%s %s→%s %s→%s %s %d", l.On, l.Before, l.Grade, l.ScoreBefore, l.Score, l.CauseTitle(), l.Record)}, out...)
		}
		return err
	}))
	return out
}

func (w *live) wants(lines ...string) {
	w.t.Helper()
	if got, want := strings.Join(w.moves(), "\n"), strings.Join(lines, "\n"); got != want {
		w.t.Fatalf("the journal says\n%s\nwant\n%s", got, want)
	}
}

// Every move of a real-time grade stands in the journal with the record that
// caused it (PC-06), also the one that nobody caused: a record that ends raises
// the grade overnight (trap 8).
func TestRealTimeGradesKeepAJournal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newLive(t, d, "2022-08-01")
		w.goes("2022-08-01")
		w.keep(true)
		begin := "2022-08-01 →C 0→0 开始实时评价 0"
		w.wants(begin)

		basic := w.notices("YT-BASIC", 78)
		w.wants(begin)
		w.goes("2022-08-17")
		first := fmt.Sprintf("2022-08-17 C→A 0→78 信用信息生效 %d", basic)
		w.wants(begin, first)
		w.keep(false) // once
		w.keep(true)
		w.wants(begin, first)

		good, bad := w.notices("YT-GOOD", 10), w.notices("YT-BAD", 25) // two in one round, each with its own line
		w.goes("2022-09-02")
		second := fmt.Sprintf("2022-09-02 A→AAA 78→88 信用信息生效 %d", good)
		third := fmt.Sprintf("2022-09-02 AAA→B 88→63 信用信息生效 %d", bad)
		w.wants(begin, first, second, third)

		if rule := w.annul(official(11, authz.CityBureau, "2301"), official(12, authz.CityBureau, "2301"), bad, "判决撤销"); rule != "" {
			t.Fatal(rule)
		}
		w.goes("2022-09-03")
		fourth := fmt.Sprintf("2022-09-03 B→AAA 63→88 信用信息撤销 %d", bad)
		w.wants(begin, first, second, third, fourth)

		again := w.notices("YT-BAD", 6)
		w.goes("2022-09-27")
		fifth := fmt.Sprintf("2022-09-27 AAA→AA 88→82 信用信息生效 %d", again)
		w.wants(begin, first, second, third, fourth, fifth)

		w.goes("2023-08-19") // good was identified on 2022-08-17 and counts a year
		w.keep(true)
		sixth := fmt.Sprintf("2023-08-19 AA→A 82→72 信用信息到期 %d", good)
		w.wants(begin, first, second, third, fourth, fifth, sixth)

		if rule := w.rectify(district2, again, w.today); rule != "" {
			t.Fatal(rule)
		}
		w.goes("2023-08-20")
		w.wants(begin, first, second, third, fourth, fifth, sixth)
	})
}

// A book with periods publishes; it keeps no journal, and nothing piles up.
func TestABookWithPeriodsKeepsNoJournal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newLive(t, d, "2022-06-01") // before 烟台's rulebook
		text, err := rulebooks.Files.ReadFile("credit/harbin-2021.yaml")
		w.must(err)
		w.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := (&rulebook.Service{DB: w.d, Kinds: rulebook.KindsOf(credit.Kind())}).InstallIn(ctx, tx, authz.System("install"), text)
			return err
		})
		w.effective("哈住建罚〔2022〕5号")
		waiting := func() (n int) {
			w.must(w.d.Read(t.Context(), func(tx *db.Tx) error {
				list, err := audit.Pending(t.Context(), tx, credit.JournalConsumer, 100)
				n = len(list)
				return err
			}))
			return n
		}
		if waiting() != 1 {
			t.Errorf("%d events wait, want the record's effect", waiting())
		}
		w.svc.DB = w.d
		w.keep(true)
		w.wants()
		if waiting() != 0 {
			t.Errorf("%d events wait for nobody", waiting())
		}
	})
}
