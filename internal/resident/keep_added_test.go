package resident_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
)

// TestWhatWasAddedLaterIsErasedWithTheReport is PI-6 for words that came after the
// report: what a client added over the open interface, sealed, and what residents
// said when they joined and rated. Of a report that was merged they go with the one
// that it became part of; of a report that is open they stay.
func TestWhatWasAddedLaterIsErasedWithTheReport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, key, err := w.newKey(authz.System("test"), resident.KeyAsk{Channel: resident.Open311, Name: "城市随手拍"})
		wantRule(t, err, "")
		brought, err := w.request(key)
		wantRule(t, err, "")
		w.adds(key, brought.Report, "1", "门锁也坏了，找张小凤")
		main := w.report("door", bob)
		_, err = w.Join(t.Context(), authz.Anonymous, main.Report, 0, "13800000003", "三楼李大爷摔了一跤")
		wantRule(t, err, "")
		take := w.take(brought.Report, "")
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error { return w.MergeIn(ctx, tx, w.street, take, main.Report) }))
		w.answer(main.Report)
		w.pass(main.Report, false)
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			return w.RateIn(ctx, tx, authz.Anonymous, main.Follow, resident.Rating{Solved: true, Satisfied: true, Said: "赵师傅修得好"})
		}))
		w.must(w.on("2021-07-20").Advance(t.Context()))
		closed := w.see(main.Report).ClosedOn
		if closed == 0 {
			t.Fatal("the report is not closed")
		}
		before := w.on(closed.AddYears(1).AddDays(-1).String())
		w.must(before.Erase(t.Context()))
		if got, sealed := w.later(key, brought.Report, main.Report); got != "门锁也坏了，找张小凤 三楼李大爷摔了一跤 赵师傅修得好" || sealed != 2 {
			t.Errorf("the day before the term %q is left, %d sealed", got, sealed)
		}
		w.must(w.on(closed.AddYears(1).String()).Erase(t.Context()))
		if got, sealed := w.later(key, brought.Report, main.Report); got != "" || sealed != 0 {
			t.Errorf("after the term of contacts %q is left, %d sealed", got, sealed)
		}
		if r := w.see(brought.Report); !strings.Contains(r.Body, "张小凤") {
			t.Error("the report's own words went with the contacts")
		}
		w.must(w.on(closed.AddYears(5).String()).Erase(t.Context()))
		for _, id := range []db.ID{main.Report, brought.Report} {
			if r := w.see(id); r.Body+r.Spot+r.Answer+r.PublicBody+r.PublicAns != "" {
				t.Errorf("after the term of words %q is left", r.Body+r.Spot+r.Answer+r.PublicBody+r.PublicAns)
			}
		}
	})
}

// TestWhatWasAddedToAnOpenReportIsKept: a term begins when the report ends.
func TestWhatWasAddedToAnOpenReportIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, key, err := w.newKey(authz.System("test"), resident.KeyAsk{Channel: resident.Open311, Name: "城市随手拍"})
		wantRule(t, err, "")
		open, err := w.request(key)
		wantRule(t, err, "")
		w.adds(key, open.Report, "1", "门锁也坏了")
		w.must(w.on("2030-01-01").Erase(t.Context()))
		if got, sealed := w.later(key, open.Report); got != "门锁也坏了" || sealed != 2 {
			t.Errorf("of an open report %q is left, %d sealed", got, sealed)
		}
	})
}

// adds says something more over the open interface.
func (w *world) adds(key string, report db.ID, once, text string) {
	w.t.Helper()
	w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
		c, err := w.ClientOf(ctx, tx, resident.Open311, key)
		if err != nil {
			return err
		}
		_, err = w.AddRequestIn(ctx, tx, authz.System("open311"), c, resident.Addition{Report: report, Text: text, Once: []byte(once), Digest: []byte(once)})
		return err
	}))
}

// later is all that was said of reports after they came in and can still be read,
// over the interface and of the voices, and how many requests and additions hold something, sealed or as a digest.
func (w *world) later(key string, reports ...db.ID) (said string, sealed int64) {
	w.t.Helper()
	var all []string
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		c, err := w.ClientOf(ctx, tx, resident.Open311, key)
		if err != nil {
			return err
		}
		list, err := w.AddedBy(ctx, tx, c.ID, reports, time.Unix(0, 0), time.Unix(1<<33, 0), 100)
		if err != nil {
			return err
		}
		for _, x := range list {
			all = append(all, x.Text)
		}
		for _, id := range reports {
			n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM open311_update WHERE report = $1 AND (said_sealed IS NOT NULL OR media_sealed IS NOT NULL OR length(digest) > 0 OR length(once) > 0)`, id)
			if err != nil {
				return err
			}
			given, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM open311_request WHERE report = $1 AND (length(given_sealed) > 0 OR length(digest) > 0 OR length(once) > 0)`, id)
			if err != nil {
				return err
			}
			sealed += n + given
			words, err := db.All(ctx, tx, func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) }, `SELECT note || ' ' || said FROM resident_voice WHERE report = $1 ORDER BY id DESC`, id)
			if err != nil {
				return err
			}
			all = append(all, words...)
		}
		return nil
	})
	return strings.Join(strings.Fields(strings.Join(all, " ")), " "), sealed
}
