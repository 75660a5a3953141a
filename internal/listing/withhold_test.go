package listing_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"juli/internal/audit"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/listing"
)

func TestAWithheldPassageSaysHowLongItWasAndOfWhatKind(t *testing.T) {
	for _, tt := range []struct {
		name     string
		withheld []listing.Passage
		public   string
		hidden   int
	}{
		{"nothing", nil, "保洁员王小丽家住三单元", 0},
		{"in the middle", []listing.Passage{{3, 3, "NAME"}}, "保洁员〔此处3字涉及个人信息（个人姓名），不公开〕家住三单元", 3},
		{"of two kinds", []listing.Passage{{3, 3, "NAME"}, {6, 5, "HOME"}}, "保洁员〔此处3字涉及个人信息（个人姓名），不公开〕〔此处5字涉及个人信息（住址、门牌或车牌），不公开〕", 8},
		{"over each other", []listing.Passage{{0, 6, "NAME"}, {3, 3, "NAME"}}, "〔此处6字涉及个人信息（个人姓名），不公开〕家住三单元", 6},
		{"past the end", []listing.Passage{{9, 40, "OTHER"}}, "保洁员王小丽家住三〔此处2字涉及个人信息（其他个人信息），不公开〕", 2},
	} {
		w := listing.Word{Text: "保洁员王小丽家住三单元", Withheld: tt.withheld}
		if got := w.Public(); got != tt.public || w.Hidden() != tt.hidden {
			t.Errorf("%s: %q, %d hidden; want %q, %d", tt.name, got, w.Hidden(), tt.public, tt.hidden)
		}
	}
}

// TestWhoPublishesReadsEveryReplyAndWithholdsWhatIsPersonal: the filter passes
// names; the second person finds them, the public does not read them, the
// enterprise reads all that it said.
func TestWhoPublishesReadsEveryReplyAndWithholdsWhatIsPersonal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.inspected(0, 52)
		b, found := w.collected(listing.Both)
		e := found["花园小区"]
		w.sent(b, e)
		w.confirmed(e)
		const said = "保洁员王小丽请假，王小丽已回岗。"
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			_, err := s.ReplyIn(ctx, tx, w.jia, entryAt(ctx, tx, e.ID, said), nil)
			return err
		})
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			_, err := s.ApproveIn(ctx, tx, w.maker, batchAt(ctx, tx, b.ID))
			return err
		})
		word := func() (x listing.Word) {
			w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
				list, err := s.Replies(ctx, tx, w.checker, b.ID)
				if len(list) != 1 || list[0].Entry.ID != e.ID || list[0].Word.Text != said {
					t.Fatalf("replies to be published: %+v", list)
				}
				x = list[0].Word
				return err
			})
			return x
		}
		ask := listing.Withholding{Word: word().ID, Passage: "王小丽", Why: "NAME"}
		withhold := func(change func(*listing.Withholding)) func(context.Context, *db.Tx, *listing.Service) error {
			x := ask
			change(&x)
			return func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
				return s.WithholdIn(ctx, tx, w.checker, batchAt(ctx, tx, b.ID), x)
			}
		}
		w.refused("listing.passage", withhold(func(x *listing.Withholding) { x.Passage = "李四" }))
		w.refused("listing.passage", withhold(func(x *listing.Withholding) { x.Passage = "王" }))
		w.refused("listing.passage", withhold(func(x *listing.Withholding) { x.Why = "" }))
		w.refused("listing.reply", withhold(func(x *listing.Withholding) { x.Word++ }))
		w.refused("authz.same-person", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			return s.WithholdIn(ctx, tx, w.maker, batchAt(ctx, tx, b.ID), ask)
		})
		stale := w.checker
		stale.StepUp = time.Time{}
		w.refused("authz.step-up", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			return s.WithholdIn(ctx, tx, stale, batchAt(ctx, tx, b.ID), ask)
		})
		w.refused("authz.denied", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			return s.WithholdIn(ctx, tx, w.tn.Fresh(w.nangang), batchAt(ctx, tx, b.ID), ask)
		})
		w.refused("listing.not-withheld", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			return s.UncoverIn(ctx, tx, w.checker, batchAt(ctx, tx, b.ID), ask.Word)
		})
		w.must(withhold(func(x *listing.Withholding) { x.Passage = "回岗" }))
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			return s.UncoverIn(ctx, tx, w.checker, batchAt(ctx, tx, b.ID), ask.Word)
		})
		if x := word(); x.Public() != said {
			t.Errorf("what was withheld by mistake stays so: %q", x.Public())
		}
		w.must(withhold(func(*listing.Withholding) {}))
		if x := word(); strings.Contains(x.Public(), "王小丽") || x.Hidden() != 6 || x.Text != said {
			t.Errorf("the public reads %q", x.Public())
		}
		w.refused("listing.unseen", func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			_, err := s.PublishIn(ctx, tx, w.checker, batchAt(ctx, tx, b.ID))
			return err
		})
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			_, err := s.PublishIn(ctx, tx, w.checker, seenAt(ctx, tx, b.ID))
			return err
		})
		w.refused("casework.state", withhold(func(*listing.Withholding) {}))
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			events, err := audit.History(ctx, tx, e.Object(), 50)
			kinds := ""
			for _, x := range events {
				kinds += x.Kind + " "
			}
			if strings.Count(kinds, "listing.withheld") != 2 || !strings.Contains(kinds, "listing.uncovered") {
				t.Errorf("the log tells %s", kinds)
			}
			return err
		})
	})
}

// TestAReplyThatTheFilterNowKnowsIsNotPublished: what was taken by an older filter
// is held back until it is withheld.
func TestAReplyThatTheFilterNowKnowsIsNotPublished(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.inspected(0, 52)
		b, found := w.collected(listing.Both)
		e := found["花园小区"]
		w.sent(b, e)
		w.confirmed(e)
		w.on = w.on.AddDays(14)
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			if _, _, err := s.AdvanceIn(ctx, tx); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `INSERT INTO listing_word (id, entry, kind, text, account, at) VALUES ($1, $2, 'REPLY', '请致电 13812345678', NULL, 0)`, tx.NewID(), e.ID); err != nil {
				return err
			}
			_, err := s.ApproveIn(ctx, tx, w.maker, batchAt(ctx, tx, b.ID))
			return err
		})
		publish := func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			_, err := s.PublishIn(ctx, tx, w.checker, seenAt(ctx, tx, b.ID))
			return err
		}
		w.refused("listing.private", publish)
		w.must(func(ctx context.Context, tx *db.Tx, s *listing.Service) error {
			list, err := s.Replies(ctx, tx, w.checker, b.ID)
			if err != nil || len(list) != 1 || !list[0].Suspect() {
				t.Fatalf("replies %+v, %v", list, err)
			}
			return s.WithholdIn(ctx, tx, w.checker, batchAt(ctx, tx, b.ID), listing.Withholding{Word: list[0].Word.ID, Passage: "13812345678", Why: "CONTACT"})
		})
		w.must(publish)
	})
}
