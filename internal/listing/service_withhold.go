package listing

import (
	"context"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
)

// A Reply is what an enterprise said to an entry, as it will stand beside it.
type Reply struct {
	Entry Entry
	Word  Word
}

// Suspect says whether the filter finds personal data in what would be public.
func (r Reply) Suspect() bool { return notify.Personal(r.Word.Public()) }

// Replies lists what will be published with a batch of what enterprises said, for
// who takes part in making it.
func (s *Service) Replies(ctx context.Context, tx *db.Tx, who authz.Actor, batch db.ID) ([]Reply, error) {
	if !worksOn(who) {
		return nil, noBatch()
	}
	return repliesOf(ctx, tx, batch)
}

func repliesOf(ctx context.Context, tx *db.Tx, batch db.ID) (out []Reply, err error) {
	all, err := entriesOf(ctx, tx, batch)
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		words, err := WordsOf(ctx, tx, e.ID)
		if err != nil {
			return nil, err
		}
		for _, w := range words {
			if w.Kind == wordReply {
				out = append(out, Reply{e, w})
			}
		}
	}
	return out, nil
}

// seen holds who publishes to having read every reply that will be public: the
// filter knows numbers, not names.
func seen(ctx context.Context, tx *db.Tx, t Take) error {
	replies, err := repliesOf(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	for _, r := range replies {
		if r.Suspect() {
			return fault.New(fault.Conflict, "listing.private", "“%s”的申辩里有电话、证件号码、银行账号或邮箱，请先隐去。", r.Entry.Name)
		}
	}
	if len(replies) > 0 && !t.Seen {
		return fault.New(fault.Invalid, "listing.unseen", "请先逐条看过将公开的申辩。").With("seen", "逐条看过将公开的申辩后，请勾选确认。")
	}
	return nil
}

// A Withholding names the passage of a reply that is not to be public.
type Withholding struct {
	Word    db.ID
	Passage string // as it stands in the reply; wherever it does
	Why     string
}

// WithholdIn keeps personal data of a reply from the public: the second person
// who is to publish the batch finds it and says of what kind it is. The reply
// itself stays whole for the enterprise and for who decides.
func (s *Service) WithholdIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, x Withholding) error {
	r, err := s.reply(ctx, tx, who, t, x.Word)
	if err != nil {
		return err
	}
	bad := fault.New(fault.Invalid, "listing.passage", "请改正标出的内容。")
	if whyTitle(x.Why) == "" {
		bad.With("why", "请选择涉及哪一类个人信息。")
	}
	passage := strings.TrimSpace(x.Passage)
	at := find(r.Word.Text, passage)
	length := int64(len([]rune(passage)))
	switch {
	case length < passageMin:
		bad.With("passage", "请照原文抄写要隐去的文字，至少两个字。")
	case len(at) == 0:
		bad.With("passage", "这条申辩里没有这段文字，请照原文抄写。")
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	if _, err := s.move(ctx, tx, who, t, ActWithhold, ""); err != nil {
		return err
	}
	for _, start := range at {
		if _, err := tx.Exec(ctx, `
			INSERT INTO listing_withheld (word, start_at, length, why, account, at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (word, start_at) DO UPDATE SET length = excluded.length, why = excluded.why, account = excluded.account, at = excluded.at`,
			r.Word.ID, start, length, x.Why, who.Account, db.Millis(tx.Now)); err != nil {
			return err
		}
	}
	return audit.Append(ctx, tx, who, "listing.withheld", r.Entry.Object(), audit.Change{
		Act: authz.ListPublish, At: s.place(), Detail: map[string]any{"why": x.Why, "count": len(at), "characters": length},
	})
}

// UncoverIn takes back what was withheld of a reply, before the batch is published.
func (s *Service) UncoverIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, word db.ID) error {
	r, err := s.reply(ctx, tx, who, t, word)
	if err != nil {
		return err
	}
	if _, err := s.move(ctx, tx, who, t, ActUncover, ""); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `DELETE FROM listing_withheld WHERE word = $1`, word)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "listing.not-withheld", "这条申辩没有隐去的文字。")
	}
	if err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "listing.uncovered", r.Entry.Object(), audit.Change{Act: authz.ListPublish, At: s.place(), Detail: map[string]any{"count": n}})
}

// reply is a reply of the batch, for who may publish it.
func (s *Service) reply(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, word db.ID) (Reply, error) {
	if err := authz.Require(who, authz.ListPublish, s.place()); err != nil {
		return Reply{}, err
	}
	all, err := repliesOf(ctx, tx, t.ID)
	if err != nil {
		return Reply{}, err
	}
	for _, r := range all {
		if r.Word.ID == word {
			return r, nil
		}
	}
	return Reply{}, fault.New(fault.Invalid, "listing.reply", "请从将公开的申辩中选择。").With("word", "请从将公开的申辩中选择。")
}
