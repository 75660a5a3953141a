package resident_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
)

// gateway keeps what would go out by SMS.
type gateway struct{ sent map[string][]string }

func (g *gateway) Text(_ context.Context, phone, text string) error {
	g.sent[phone] = append(g.sent[phone], text)
	return nil
}

func (w *world) begin(from, phone string, d resident.Draft) (ticket, code string, err error) {
	err = w.act(func(ctx context.Context, tx *db.Tx) (err error) {
		ticket, code, err = w.BeginIn(ctx, tx, authz.Actor{Addr: from}, phone, d)
		return err
	})
	return ticket, code, err
}

func (w *world) confirm(ticket, code string) (out resident.Receipt, err error) {
	if err := w.CheckCode(w.t.Context(), ticket, code); err != nil {
		return out, err
	}
	err = w.act(func(ctx context.Context, tx *db.Tx) (err error) {
		out, err = w.ConfirmIn(ctx, tx, authz.Anonymous, ticket, code)
		return err
	})
	return out, err
}

// at is the same world at another real time.
func (w *world) at(after time.Duration) *world {
	later := *w
	town := *w.Town
	town.DB = w.Town.DB.WithRealClock(func() time.Time { return time.Now().Add(after) })
	later.Town = &town
	reports := *w.Reports
	reports.DB = town.DB
	later.Reports = &reports
	return &later
}

func other(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

func TestACodeOpensOneDraftOnceWithinFiveMinutesAndFiveTries(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		in := w.submission("door", "")
		begin := func() (string, string) {
			ticket, code, err := w.begin("10.0.0.1", anna, resident.Draft{Submission: &in})
			wantRule(t, err, "")
			return ticket, code
		}
		ticket, code := begin()
		g := &gateway{sent: map[string][]string{}}
		n, err := w.SendTexts(t.Context(), g)
		if err != nil || n != 1 || len(g.sent[anna]) != 1 || g.sent[anna][0] != "验证码 "+code+"，5分钟内有效，用于反映诉求。非本人操作请忽略。" {
			t.Errorf("sent %d: %v, %v", n, g.sent, err)
		}
		_, err = w.confirm(ticket, other(code))
		wantRule(t, err, "resident.code")
		out, err := w.confirm(ticket, code)
		wantRule(t, err, "")
		if w.see(out.Report).State != resident.Dispatched {
			t.Error("the confirmed draft is no report")
		}
		_, err = w.confirm(ticket, code)
		wantRule(t, err, "authz.not-found")

		ticket, code = begin()
		for range 5 {
			_, err = w.confirm(ticket, other(code))
			wantRule(t, err, "resident.code")
		}
		_, err = w.confirm(ticket, code)
		wantRule(t, err, "resident.code-tries")

		ticket, code = begin()
		_, second := begin()
		if second != code {
			_, err = w.confirm(ticket, second) // another draft's code
			wantRule(t, err, "resident.code")
		}
		_, err = w.at(5*time.Minute+time.Second).confirm(ticket, code)
		wantRule(t, err, "resident.code")
	})
}

func TestCodesAreSentTenTimesADayToATelephoneAndFiftyForAnAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		in := w.submission("door", "")
		for i := range 10 {
			_, _, err := w.begin(fmt.Sprintf("10.0.1.%d", i), anna, resident.Draft{Submission: &in})
			wantRule(t, err, "")
		}
		_, _, err := w.begin("10.0.1.99", anna, resident.Draft{Submission: &in})
		wantRule(t, err, "resident.codes")
		for i := range 50 {
			_, _, err := w.begin("10.0.2.1", fmt.Sprintf("137%08d", i), resident.Draft{Submission: &in})
			wantRule(t, err, "")
		}
		_, _, err = w.begin("10.0.2.1", bob, resident.Draft{Submission: &in})
		wantRule(t, err, "resident.codes")
		_, _, err = w.at(25*time.Hour).begin("10.0.2.1", anna, resident.Draft{Submission: &in})
		wantRule(t, err, "")
	})
}

func TestOneIPv6NetworkIsOneCallerForCodes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		in := w.submission("door", "")
		for i := range 50 {
			_, _, err := w.begin(fmt.Sprintf("2001:db8:1:2::%x", i+1), fmt.Sprintf("137%08d", i), resident.Draft{Submission: &in})
			wantRule(t, err, "")
		}
		_, _, err := w.begin("2001:db8:1:2:abcd::1", bob, resident.Draft{Submission: &in})
		wantRule(t, err, "resident.codes")
		_, _, err = w.begin("2001:db8:1:3::1", bob, resident.Draft{Submission: &in})
		wantRule(t, err, "")
	})
}

// photos keeps files of a size that wait with a draft.
func (w *world) photos(names ...string) (ids []db.ID) {
	w.t.Helper()
	for _, name := range names {
		up, err := w.Files.Park(w.t.Context(), "门.png", bytes.NewReader(padded(w.t, name)))
		if err != nil {
			w.t.Fatal(err)
		}
		defer up.Close()
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			f, err := up.Keep(ctx, tx)
			ids = append(ids, f.ID)
			return err
		}))
	}
	return ids
}

// padded is a picture with twenty megabytes of something else behind it.
func padded(t testing.TB, word string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), bytes.Repeat([]byte(word), (blob.SizeMax-b.Len())/len(word))...)
}

func TestPhotosThatWaitForACodeFillAPartOfTheDiskOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		with := func(files ...db.ID) resident.Draft {
			in := w.submission("door", "")
			in.Files = files
			return resident.Draft{Submission: &in}
		}
		same := w.photos("a", "b", "c", "d", "e", "f")
		var tickets, codes []string
		for i := range 2 {
			ticket, code, err := w.begin(fmt.Sprintf("2001:db8:1:2::%x", i+1), fmt.Sprintf("137%08d", i), with(same...))
			wantRule(t, err, "")
			tickets, codes = append(tickets, ticket), append(codes, code)
		}
		_, _, err := w.begin("2001:db8:1:2::9", bob, with(same[:1]...))
		wantRule(t, err, "resident.draft-bytes")
		_, _, err = w.begin("2001:db8:1:2::9", bob, with())
		wantRule(t, err, "")
		_, _, err = w.begin("10.0.0.1", bob, with(same...))
		wantRule(t, err, "")
		_, err = w.confirm(tickets[0], codes[0]) // no stranger's any more
		wantRule(t, err, "")
		_, _, err = w.begin("2001:db8:1:2::9", bob, with(same...))
		wantRule(t, err, "")
		most := int64(4 << 30)
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE resident_draft SET size = $1 WHERE id = (SELECT MIN(id) FROM resident_draft WHERE size > 0)`, most)
			return err
		}))
		_, _, err = w.begin("10.0.0.2", anna, with(same[:1]...))
		wantRule(t, err, "resident.draft-bytes")
	})
}

func TestACodeIsSentAgainAndTheDraftStays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		in := w.submission("door", "")
		ticket, code, err := w.begin("10.0.0.1", anna, resident.Draft{Submission: &in})
		wantRule(t, err, "")
		for range 5 {
			_, err = w.confirm(ticket, other(code))
			wantRule(t, err, "resident.code")
		}
		again := func(w *world, ticket string) (code string, err error) {
			err = w.act(func(ctx context.Context, tx *db.Tx) (err error) {
				code, err = w.CodeAgainIn(ctx, tx, authz.Actor{Addr: "10.0.0.1"}, ticket)
				return err
			})
			return code, err
		}
		late := w.at(time.Hour) // the first code is long over
		second, err := again(late, ticket)
		wantRule(t, err, "")
		g := &gateway{sent: map[string][]string{}}
		if _, err := late.SendTexts(t.Context(), g); err != nil || len(g.sent[anna]) == 0 || !strings.Contains(g.sent[anna][len(g.sent[anna])-1], second) {
			t.Errorf("sent %v, %v", g.sent, err)
		}
		if second != code {
			_, err = late.confirm(ticket, code)
			wantRule(t, err, "resident.code")
		}
		out, err := late.confirm(ticket, second)
		wantRule(t, err, "")
		if r := w.see(out.Report); r.Body != in.Body {
			t.Errorf("the report says %q", r.Body)
		}
		_, err = again(late, ticket)
		wantRule(t, err, "authz.not-found")

		ticket, _, err = w.begin("10.0.0.9", bob, resident.Draft{Submission: &in})
		wantRule(t, err, "")
		for range 9 {
			_, err = again(w, ticket)
			wantRule(t, err, "")
		}
		_, err = again(w, ticket)
		wantRule(t, err, "resident.codes")
		_, err = again(w.at(25*time.Hour), ticket)
		wantRule(t, err, "authz.not-found")
	})
}

func TestWhoLostTheLinkGetsANewOneByTelephone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.report("door", anna)
		ticket, code, err := w.begin("10.0.0.1", bob, resident.Draft{Find: a.Report})
		wantRule(t, err, "")
		_, err = w.confirm(ticket, code)
		wantRule(t, err, "resident.not-yours")
		ticket, code, err = w.begin("10.0.0.1", anna, resident.Draft{Find: a.Report})
		wantRule(t, err, "")
		out, err := w.confirm(ticket, code)
		wantRule(t, err, "")
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.Follow(ctx, tx, a.Follow)
			wantRule(t, err, "authz.not-found")
			f, err := w.Follow(ctx, tx, out.Follow)
			if err != nil || f.Report.ID != a.Report {
				t.Errorf("the new link: %v, %v", f.Report, err)
			}
			return nil
		})
	})
}

func TestDraftsThatNobodyConfirmedAreSwept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		in := w.submission("door", "")
		ticket, _, err := w.begin("10.0.0.1", anna, resident.Draft{Submission: &in})
		wantRule(t, err, "")
		w.must(w.Sweep(t.Context()))
		left := func() (n int64) {
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
				n, err = db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM resident_draft`)
				return err
			})
			return n
		}
		if left() != 1 {
			t.Error("a fresh draft was swept")
		}
		w.must(w.at(25 * time.Hour).Sweep(t.Context()))
		if left() != 0 {
			t.Error("an old draft stays")
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.Waiting(ctx, tx, ticket)
			wantRule(t, err, "authz.not-found")
			return nil
		})
	})
}

// Whoever waits for a code does not wait for the notices of others.
func TestACodeLeavesBeforeAHundredNotices(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for i := range 101 {
			out := w.report("door", fmt.Sprint(13700000000+i))
			w.answer(out.Report)
			w.pass(out.Report, true)
		}
		in := w.submission("door", "")
		_, code, err := w.begin("10.0.0.1", anna, resident.Draft{Submission: &in})
		wantRule(t, err, "")
		g := &gateway{sent: map[string][]string{}}
		if n, err := w.SendTexts(t.Context(), g); err != nil || n != 100 {
			t.Fatalf("%d sent, %v", n, err)
		}
		if len(g.sent[anna]) != 1 || !strings.Contains(g.sent[anna][0], code) {
			t.Errorf("to who waits for a code: %v", g.sent[anna])
		}
	})
}
