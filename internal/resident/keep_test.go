package resident_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
)

// TestWhatATermEndsIsErased is PI-6: a year after a report ended nobody can be
// reached by it, five years after it nothing of what was said is left; what was
// counted stays, and the log says what was erased.
func TestWhatATermEndsIsErased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, key, err := w.newKey(authz.System("test"), resident.KeyAsk{Channel: resident.Open311, Name: "城市随手拍"})
		wantRule(t, err, "")
		a, err := w.request(key)
		wantRule(t, err, "")
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.JoinIn(ctx, tx, authz.Anonymous, a.Report, 0, bob, "三楼也是")
			return err
		}))
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			c, err := w.ClientOf(ctx, tx, resident.Open311, key)
			if err != nil {
				return err
			}
			_, err = w.AddRequestIn(ctx, tx, authz.System("open311"), c, resident.Addition{Report: a.Report, Text: "门锁也坏了", Media: []string{"https://pictures.example.cn/zhang.jpg"}, Once: []byte("2"), Digest: []byte("2")})
			return err
		}))
		b := w.report("clean", "13800000003") // stays open
		w.photographed(a.Report)
		w.answer(a.Report)
		w.pass(a.Report, false)
		w.must(w.rate(a.Follow, true, true))
		released := w.take(a.Report, "")
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			return w.ReleaseIn(ctx, tx, w.street, released, "单元门损坏", "已修好", false)
		}))
		w.must(w.on("2021-07-20").Advance(t.Context()))
		closed := w.see(a.Report).ClosedOn
		if closed == 0 {
			t.Fatal("the report is not closed")
		}
		rates := w.rates()
		reachable := func(id db.ID) (n int64) {
			w.Read(func(ctx context.Context, tx *db.Tx) error {
				list, err := w.MaskedIn(ctx, tx, w.community, id)
				n = int64(len(list))
				return err
			})
			return n
		}
		erase := func(on string) *world { later := w.on(on); w.must(later.Erase(t.Context())); return later }

		erase(closed.AddYears(1).AddDays(-1).String())
		if reachable(a.Report) != 2 {
			t.Error("a contact is gone before its term")
		}
		later := erase(closed.AddYears(1).String())
		if reachable(a.Report) != 0 || reachable(b.Report) != 1 {
			t.Errorf("after a year %d contacts of the ended report, %d of the open one", reachable(a.Report), reachable(b.Report))
		}
		later.Read(func(ctx context.Context, tx *db.Tx) error {
			_, err := later.Follow(ctx, tx, a.Follow)
			wantRule(t, err, "authz.not-found")
			left, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM resident_voice v WHERE v.report = $1 AND (phone_sealed IS NOT NULL OR phone_blind IS NOT NULL OR account IS NOT NULL OR note <> '' OR said <> '')`, a.Report)
			if err != nil || left != 0 {
				t.Errorf("%d voices can be told apart, %v", left, err)
			}
			if brought, err := w.BroughtOf(ctx, tx, a.Report); err != nil || len(brought.Media) != 0 {
				t.Errorf("the client's pictures are still known: %+v, %v", brought, err)
			}
			given, err := db.Value[[]byte](ctx, tx, `SELECT given_sealed FROM open311_request WHERE report = $1`, a.Report)
			if err != nil || len(given) != 0 {
				t.Errorf("%d bytes of what the client gave, %v", len(given), err)
			}
			return nil
		})
		if r := w.see(a.Report); r.Body == "" || r.PublicBody == "" {
			t.Error("the words went with the contacts")
		}
		erase(closed.AddYears(5).AddDays(-1).String())
		if r := w.see(a.Report); r.Body == "" {
			t.Error("the words are gone before their term")
		}
		erase(closed.AddYears(5).String())
		if r := w.see(a.Report); r.Body+r.Spot+r.Answer+r.PublicBody+r.PublicAns != "" || r.Outcome != resident.ByResident {
			t.Errorf("after five years: %q, %q", r.Body+r.Answer+r.PublicBody, r.Outcome)
		}
		for _, table := range []string{"resident_photo", "resident_reply", "blob_file"} {
			if n := w.rows(table); n != 0 {
				t.Errorf("%d rows are left in %s", n, table)
			}
		}
		if w.see(b.Report).Body == "" {
			t.Error("an open report lost its words")
		}
		if got := w.rates(); got != rates {
			t.Errorf("the rates moved from %v to %v", rates, got)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			for _, kind := range []string{"resident.contacts-erased", "resident.words-erased"} {
				n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM audit_event WHERE kind = $1 AND object = $2`, kind, "resident_report:"+a.Report.String())
				if err != nil || n != 1 {
					t.Errorf("%d events %s, %v", n, kind, err)
				}
			}
			return nil
		})
	})
}

// photographed gives a report a picture, as it came.
func (w *world) photographed(report db.ID) {
	w.t.Helper()
	var b bytes.Buffer
	w.must(png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))))
	w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
		f, err := w.Files.Put(ctx, tx, "门.png", &b)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO resident_photo (id, report, side, file, state, released, added_at) VALUES ($1, $2, 'report', $3, 'ready', FALSE, 0)`, tx.NewID(), report, f.ID)
		return err
	}))
}

func (w *world) rows(table string) (n int64) {
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM `+table)
		return err
	})
	return n
}

func (w *world) rates() (all resident.Rates) {
	w.Read(func(ctx context.Context, tx *db.Tx) error {
		rows, err := resident.RatesBy(ctx, tx, resident.ByDistrict, "2301", resident.QuarterOf(w.Today()))
		all = resident.Sum(rows)
		return err
	})
	return all
}

func TestMergedReportsAreErasedWithTheOneTheyBecamePartOf(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b := w.report("door", anna), w.report("door", bob)
		take := w.take(b.Report, "")
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error { return w.MergeIn(ctx, tx, w.street, take, a.Report) }))
		w.answer(a.Report)
		w.pass(a.Report, false)
		w.must(w.on("2021-07-20").Advance(t.Context()))
		later := w.on(w.see(a.Report).ClosedOn.AddYears(1).String())
		w.must(later.Erase(t.Context()))
		if n := w.sealed(); n != 0 {
			t.Errorf("%d telephones are left", n)
		}
	})
}

func (w *world) sealed() (n int64) {
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM resident_voice WHERE phone_sealed IS NOT NULL`)
		return err
	})
	return n
}

// TestAReportIsHeldWhileItsCaseIsOpen is the hold of PI-6, and many reports held
// back do not keep those behind them from their term.
func TestAReportIsHeldWhileItsCaseIsOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.report("door", anna)
		late := w.on("2021-06-10")
		w.must(late.Advance(t.Context()))
		take := late.take(a.Report, "")
		w.must(late.act(func(ctx context.Context, tx *db.Tx) error { return late.CaseIn(ctx, tx, w.district, take) }))
		late.answer(a.Report)
		late.pass(a.Report, true)
		w.must(w.on("2021-08-20").Advance(t.Context()))
		if w.see(a.Report).ClosedOn == 0 {
			t.Fatal("the report is not closed")
		}
		w.must(w.on("2030-01-01").Erase(t.Context()))
		if w.sealed() != 1 {
			t.Error("a report is erased although its case is open")
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE casework_case SET closed = TRUE WHERE id = $1`, w.see(a.Report).Supervised)
			return err
		})
		w.must(w.on("2030-01-01").Erase(t.Context()))
		if w.sealed() != 0 {
			t.Error("a report is kept although its case is closed")
		}
	})
}

// TestTermsAreTheSchemasAndNoShorterThanTheLaws: PI-6.
func TestTermsAreTheSchemasAndNoShorterThanTheLaws(t *testing.T) {
	schema, err := os.ReadFile("../db/schema/0080_resident.sql")
	if err != nil {
		t.Fatal(err)
	}
	for table, term := range map[string]string{"resident_voice": "办结后一年", "resident_report": "办结后五年"} {
		head, _, ok := strings.Cut(string(schema), "\nCREATE TABLE "+table+" (")
		if line := head[strings.LastIndexByte(head, '\n')+1:]; !ok || !strings.HasSuffix(line, "retention="+term) {
			t.Errorf("%s: %s", table, line)
		}
	}
	text, err := os.ReadFile("../../rulebooks/resident/harbin.yaml")
	if err != nil {
		t.Fatal(err)
	}
	book, err := resident.Parse(text)
	if err != nil || book.Keep != (resident.KeepRule{Contacts: 12, Words: 60}) || book.Small != 5 {
		t.Fatalf("a book without terms of its own: %+v, %d, %v", book.Keep, book.Small, err)
	}
	for _, tt := range []struct {
		contacts, words, small int
		ok                     bool
	}{{6, 36, 5, true}, {24, 120, 10, true}, {5, 60, 5, false}, {12, 35, 5, false}, {61, 60, 5, false}, {12, 60, 4, false}} {
		own := fmt.Sprintf("%s\nkeep: {contacts: {value: %d, mark: assumed}, words: {value: %d, mark: assumed}}\nsmall: {value: %d, mark: assumed}\n", text, tt.contacts, tt.words, tt.small)
		book, err := resident.Parse([]byte(own))
		if (err == nil) != tt.ok {
			t.Errorf("%+v: %v", tt, err)
		}
		if tt.ok && (book.Keep != resident.KeepRule{Contacts: tt.contacts, Words: tt.words} || book.Small != int64(tt.small)) {
			t.Errorf("%+v is read as %+v, %d", tt, book.Keep, book.Small)
		}
	}
}
