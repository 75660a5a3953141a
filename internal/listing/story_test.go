package listing_test

import (
	"context"
	"testing"
	"time"

	"juli/internal/audit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/listing"
	"juli/internal/notify"
)

// TestABatchIsHeardByAllAndPublishedByTwo walks a batch from its candidates to
// its publication: rules and a nomination, another person of the district, the
// enterprise's reply, two officials of the city.
func TestABatchIsHeardByAllAndPublishedByTwo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.inspected(0, 52) // 花园小区 of 甲
		w.inspected(3, 97) // 阳光新城 of 乙
		b, found := w.collected(listing.Both)
		bad, good := found["花园小区"], found["阳光新城"]
		if len(found) != 2 || bad.Side != listing.Black || bad.Rule != "B4" || good.Side != listing.Red || bad.Score.String() != "76" || bad.Homes != 300 || bad.Inspections != 3 {
			t.Fatalf("candidates %+v", found)
		}
		var named listing.Entry
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) (err error) {
			named, err = s.NominateIn(ctx, tx, w.nangang, listing.Nomination{Batch: b.ID, Side: listing.Black, Kind: listing.OfProject, Subject: string(w.tn.Projects[1].Code), Reason: "积水多日不排", Files: w.papers(ctx, tx)})
			return err
		})
		w.refused("listing.both-sides", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			_, err := s.NominateIn(ctx, tx, w.street, listing.Nomination{Batch: b.ID, Side: listing.Red, Kind: listing.OfProject, Subject: named.Subject, Reason: "服务好", Files: w.papers(ctx, tx)})
			return err
		})
		w.refused("authz.not-found", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			_, err := s.NominateIn(ctx, tx, w.daoli, listing.Nomination{Batch: b.ID, Side: listing.Red, Kind: listing.OfProject, Subject: good.Subject, Reason: "服务好"})
			return err
		})
		w.sent(b, bad, good, named)
		w.refused("authz.same-person", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			_, err := s.ReviewIn(ctx, tx, w.nangang, entryAt(ctx, tx, named.ID, ""), true) // who nominated
			return err
		})
		w.refused("listing.no-entry", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			_, err := s.Entry(ctx, tx, w.jia, bad.ID) // not told yet
			return err
		})
		w.confirmed(bad, good)
		if st := w.batch(b.ID).State; st != listing.Reviewing {
			t.Errorf("after two of three reviews the batch is %s", st)
		}
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			_, err := s.ReviewIn(ctx, tx, w.nangang2, entryAt(ctx, tx, named.ID, "证据不足"), false)
			return err
		})
		if st := w.batch(b.ID).State; st != listing.Replying {
			t.Errorf("after the last review the batch is %s", st)
		}
		w.reply(b, bad, good)
		w.publish(b, bad, good)
	})
}

func (w *world) batch(id db.ID) (b listing.Batch) {
	w.t.Helper()
	w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) (err error) {
		b, err = s.Batch(ctx, tx, w.maker, id)
		return err
	})
	return b
}

// reply: the clock of the reply, what it may hold, and who may give it.
func (w *world) reply(b listing.Batch, bad, good listing.Entry) {
	w.t.Helper()
	if e := w.entry(bad.ID); e.ReplyDue != day.MustParse("2021-08-09") || e.Notice == "" {
		w.t.Errorf("told on %s by %q, reply due %s", e.NotifiedOn, e.Notice, e.ReplyDue)
	}
	w.refused("listing.no-entry", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		_, err := s.ReplyIn(ctx, tx, w.yi, entryAt(ctx, tx, bad.ID, "不是我们"), nil)
		return err
	})
	w.refused("listing.private", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		_, err := s.ReplyIn(ctx, tx, w.jia, entryAt(ctx, tx, bad.ID, "请致电 13812345678"), nil)
		return err
	})
	w.refused("casework.not-holder", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		_, err := s.ApproveIn(ctx, tx, w.maker, batchAt(ctx, tx, b.ID)) // replies are awaited
		return err
	})
	w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		_, err := s.ReplyIn(ctx, tx, w.jia, entryAt(ctx, tx, bad.ID, "检查当日正在更换保洁公司，已整改。"), w.papers(ctx, tx))
		return err
	})
	w.on = day.MustParse("2021-08-09") // the last day itself is in time
	w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		if n, _, err := s.AdvanceIn(ctx, tx); err != nil || n != 0 {
			w.t.Errorf("on the last day %d replies lapse, %v", n, err)
		}
		return nil
	})
	w.on = day.MustParse("2021-08-10")
	w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		n, _, err := s.AdvanceIn(ctx, tx)
		if n != 1 {
			w.t.Errorf("after it %d replies lapse", n)
		}
		return err
	})
	if e := w.entry(good.ID); e.State != listing.Answered {
		w.t.Errorf("who did not answer is %s", e.State)
	}
}

// publish: one approves, another publishes, with a fresh second factor; credit,
// the audit log and the enterprise learn of it; what was published stands.
func (w *world) publish(b listing.Batch, bad, good listing.Entry) {
	w.t.Helper()
	w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		_, err := s.ApproveIn(ctx, tx, w.maker, batchAt(ctx, tx, b.ID))
		return err
	})
	w.refused("authz.same-person", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		_, err := s.PublishIn(ctx, tx, w.maker, batchAt(ctx, tx, b.ID))
		return err
	})
	stale := w.checker
	stale.StepUp = time.Time{}
	w.refused("authz.step-up", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
		_, err := s.PublishIn(ctx, tx, stale, batchAt(ctx, tx, b.ID))
		return err
	})
	w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) (err error) {
		if b, err = s.PublishIn(ctx, tx, w.checker, seenAt(ctx, tx, b.ID)); err != nil {
			return err
		}
		tally, err := listing.TallyOf(ctx, tx, "", tx.Today())
		if err != nil || tally != (listing.Tally{Batches: 1, Red: 1, Black: 1}) {
			w.t.Errorf("counted %+v, %v", tally, err)
		}
		events, err := audit.History(ctx, tx, b.Object(), 20)
		if err != nil || events[len(events)-1].Kind != "listing.published" {
			w.t.Errorf("the audit log ends with %v, %v", events[len(events)-1].Kind, err)
		}
		mail, _, err := notify.Inbox(ctx, tx, w.jia, notify.Cursor{}, 10)
		if err != nil || len(mail) != 2 || mail[0].Message.Kind != "listing.published" {
			w.t.Errorf("甲 got %d letters, %v", len(mail), err)
		}
		return nil
	})
	if b.Number != "物业红黑榜公告〔2021〕1号" || len(b.Digest) != 64 || !b.Public() {
		w.t.Errorf("published as %+v", b)
	}
	e := w.entry(bad.ID)
	if e.State != listing.Listed || e.Until != day.MustParse("2022-02-10") || w.entry(good.ID).Until != day.MustParse("2022-08-10") {
		w.t.Errorf("stands %s from %s to %s", e.State, e.ListedOn, e.Until)
	}
	if err := w.do(func(ctx context.Context, tx *db.Tx, _ *listing.Service) error {
		_, err := tx.Exec(ctx, `UPDATE listing_entry SET reason = 'x' WHERE id = $1`, e.ID)
		return err
	}); err == nil {
		w.t.Error("the reason of a published entry can be changed")
	}
	if err := w.do(func(ctx context.Context, tx *db.Tx, _ *listing.Service) error {
		_, err := tx.Exec(ctx, `UPDATE listing_batch SET digest = 'x' WHERE id = $1`, b.ID)
		return err
	}); err == nil {
		w.t.Error("the digest of a published batch can be changed")
	}
}

// TestAnOpenCaseOnARedLineBlocksPraise: at the candidates, and again before the
// city approves.
func TestAnOpenCaseOnARedLineBlocksPraise(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.inspected(3, 97)
		open := []listing.Cased{{Enterprise: w.tn.Yi.USCC, Project: w.tn.Projects[3].Code, RedLine: true}}
		w.cases = open
		if _, found := w.collected(listing.Red); len(found) != 0 {
			t.Errorf("candidates %v", found)
		}
		w.cases = nil
		b, found := w.collected(listing.Red)
		e := found["阳光新城"]
		w.sent(b, e)
		w.confirmed(e)
		w.on = w.on.AddDays(14)
		w.cases = open
		w.refused("listing.red-line", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			if _, _, err := s.AdvanceIn(ctx, tx); err != nil {
				return err
			}
			_, err := s.ApproveIn(ctx, tx, w.maker, batchAt(ctx, tx, b.ID))
			return err
		})
	})
}

// TestWithoutEvidenceNobodyIsNamed: a nomination needs papers where the city
// knows nothing.
func TestWithoutEvidenceNobodyIsNamed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		b, found := w.collected(listing.Both)
		if len(found) != 0 {
			t.Errorf("candidates out of nothing: %v", found)
		}
		w.refused("listing.nomination", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			_, err := s.NominateIn(ctx, tx, w.guild, listing.Nomination{Batch: b.ID, Side: listing.Red, Kind: listing.OfEnterprise, Subject: string(w.tn.Jia.USCC), Reason: "行业标兵"})
			return err
		})
		w.refused("listing.empty", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			_, err := s.ScoreIn(ctx, tx, w.maker, batchAt(ctx, tx, b.ID))
			return err
		})
	})
}
