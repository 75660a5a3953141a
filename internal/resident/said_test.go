package resident_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/job"
	"juli/internal/resident"
)

func (w *world) sayings(who authz.Actor, id db.ID) (list []resident.Saying, err error) {
	w.t.Helper()
	err = w.act(func(ctx context.Context, tx *db.Tx) error { list, err = w.SayingsIn(ctx, tx, who, id); return err })
	return list, err
}

func (w *world) add(secret, text string) error {
	return w.act(func(ctx context.Context, tx *db.Tx) error { return w.AddIn(ctx, tx, authz.Anonymous, secret, text) })
}

// TestWhoAnswersAndWhoReviewsReadWhatEveryNeighbourWrote: a note written when joining, a
// report that was merged, and what was added before the answer.
func TestWhoAnswersAndWhoReviewsReadWhatEveryNeighbourWrote(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, other := w.report("door", anna), w.report("door", "13800000003")
		b, err := w.Join(t.Context(), authz.Anonymous, a.Report, 0, bob, "我家那层的门也关不上")
		wantRule(t, err, "")
		take := w.take(other.Report, "")
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error { return w.MergeIn(ctx, tx, w.street, take, a.Report) }))
		w.must(w.add(b.Follow, "今天又掉了一块玻璃"))
		for name, who := range map[string]authz.Actor{"the firm": w.firm, "the community": w.community} {
			list, err := w.sayings(who, a.Report)
			if err != nil || len(list) != 3 {
				t.Fatalf("%s reads %v, %v", name, list, err)
			}
			for _, want := range []resident.Saying{
				{By: resident.SaidMerged, Text: "二号楼单元门关不上，晚上很冷", Number: other.Number},
				{By: resident.SaidJoining, Text: "我家那层的门也关不上", Number: a.Number}, {By: resident.SaidAdding, Text: "今天又掉了一块玻璃", Number: a.Number},
			} {
				want.On = w.see(a.Report).ReceivedOn
				found := false
				for _, got := range list {
					found = found || got == want
				}
				if !found {
					t.Errorf("%s does not read %+v but %+v", name, want, list)
				}
			}
		}
		_, err = w.sayings(w.Firm(w.Yi.USCC), a.Report)
		wantRule(t, err, "authz.not-found")
		sealed, err := w.sealedAddition(a.Report)
		if err != nil || len(sealed) == 0 || bytes.Contains(sealed, []byte("玻璃")) {
			t.Errorf("the addition is kept in clear: %q, %v", sealed, err)
		}
	})
}

func (w *world) sealedAddition(report db.ID) (b []byte, err error) {
	w.Read(func(ctx context.Context, tx *db.Tx) error {
		b, err = db.Value[[]byte](ctx, tx, `SELECT said_sealed FROM resident_addition WHERE report = $1`, report)
		return nil
	})
	return b, err
}

func TestAResidentAddsToAReportOnlyWhileAnAnswerIsOwed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.report("door", anna)
		wantRule(t, w.add(a.Follow, "又"), "resident.form")
		wantRule(t, w.add(a.Follow, strings.Repeat("长", 501)), "resident.form")
		wantRule(t, w.add("none", "又坏了"), "authz.not-found")
		wantRule(t, w.add(a.Follow, "又坏了一扇"), "")
		w.answer(a.Report)
		wantRule(t, w.add(a.Follow, "还有一扇"), "resident.not-addable")
		w.pass(a.Report, false)
		wantRule(t, w.add(a.Follow, "还有一扇"), "resident.not-addable")
		w.must(w.rate(a.Follow, false, false))
		for range 4 {
			wantRule(t, w.add(a.Follow, "仍然没有修"), "")
		}
		wantRule(t, w.add(a.Follow, "仍然没有修"), "resident.added-often")
		wantRule(t, w.act(func(ctx context.Context, tx *db.Tx) error {
			return w.AddIn(ctx, tx, w.firm, a.Follow, "企业自己说的")
		}), "resident.insider")
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			f, err := w.Follow(ctx, tx, a.Follow)
			if err != nil || len(f.Added) != 5 || f.Added[0].Text != "又坏了一扇" {
				t.Errorf("the resident sees %+v of their own, %v", f.Added, err)
			}
			return nil
		})
	})
}

// TestAResidentOpensTheirOwnPhotosAndThoseOfAnAnswerThatPassed: who joined opens
// neither before, and the first reporter's only once they were released.
func TestAResidentOpensTheirOwnPhotosAndThoseOfAnAnswerThatPassed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		whole := withPlace(t)
		keep := func(ctx context.Context, tx *db.Tx) ([]db.ID, error) {
			up, err := w.Files.Park(ctx, "门.jpg", bytes.NewReader(whole))
			if err != nil {
				return nil, err
			}
			f, err := up.Keep(ctx, tx)
			return []db.ID{f.ID}, err
		}
		var a resident.Receipt
		w.must(w.act(func(ctx context.Context, tx *db.Tx) (err error) {
			in := w.submission("door", anna)
			in.Spot = "三单元门口"
			if in.Files, err = keep(ctx, tx); err == nil {
				a, err = w.SubmitIn(ctx, tx, authz.Anonymous, in)
			}
			return err
		}))
		b, err := w.Join(t.Context(), authz.Anonymous, a.Report, 0, bob, "")
		wantRule(t, err, "")
		take := w.take(a.Report, "")
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			files, err := keep(ctx, tx)
			if err != nil {
				return err
			}
			return w.AnswerIn(ctx, tx, w.firm, take, "已更换闭门器", files)
		}))
		jobs := job.NewRunner(w.Town.DB)
		jobs.Handle(resident.PhotoJob, w.HandlePhotos)
		w.must(jobs.Drain(t.Context()))
		var photos []resident.Photo
		w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
			photos, err = resident.PhotosOf(ctx, tx, a.Report)
			return err
		})
		if len(photos) != 2 || photos[0].Side != "report" || photos[1].Side != "answer" {
			t.Fatalf("photos: %+v", photos)
		}
		opens := func(secret string, photo db.ID) error {
			return w.act(func(ctx context.Context, tx *db.Tx) error {
				_, err := w.FollowedPhotoIn(ctx, tx, secret, photo)
				return err
			})
		}
		const no = "authz.not-found"
		check := func(when string, want map[string][2]string) {
			t.Helper()
			for secret, rules := range want {
				for i, rule := range rules {
					wantRule(t, opens(secret, photos[i].ID), rule)
				}
			}
			if t.Failed() {
				t.Fatalf("%s", when)
			}
		}
		check("answered", map[string][2]string{a.Follow: {"", no}, b.Follow: {no, no}, "none": {no, no}})
		w.pass(a.Report, true)
		check("passed", map[string][2]string{a.Follow: {"", ""}, b.Follow: {no, ""}})
		take = w.take(a.Report, "")
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			return w.ReleaseIn(ctx, tx, w.street, take, "单元门损坏", "", true)
		}))
		check("released", map[string][2]string{a.Follow: {"", ""}, b.Follow: {"", ""}})
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			own, err := w.Follow(ctx, tx, a.Follow)
			joined, err2 := w.Follow(ctx, tx, b.Follow)
			if err != nil || err2 != nil || own.Spot != "三单元门口" || joined.Spot != "" || own.Own.Building != 2 {
				t.Errorf("places: %q and %q, %v, %v", own.Spot, joined.Spot, err, err2)
			}
			return nil
		})
	})
}
