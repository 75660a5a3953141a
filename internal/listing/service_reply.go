package listing

import (
	"context"
	"fmt"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
)

// What was said: [Word.Kind].
const (
	wordReply    = "REPLY"
	wordRepair   = "REPAIR"
	wordDecision = "DECISION"
)

// wordMax is how long what is said may be, in characters.
const wordMax = 2000

// public refuses words that cannot stand on a public page.
func public(text string) error {
	n := len([]rune(text))
	switch {
	case n == 0 || n > wordMax:
		return fault.New(fault.Invalid, "listing.words", "内容为1至%d字。", wordMax).With("text", fmt.Sprintf("请写1至%d字。", wordMax))
	case notify.Personal(text):
		return fault.New(fault.Invalid, "listing.private", "内容会公开，不能含有电话、证件号码、银行账号或邮箱。").With("text", "请删去电话、证件号码、银行账号和邮箱。")
	}
	return nil
}

// ReplyIn is the enterprise's answer to what is to be published of it. It will
// stand beside the entry for everybody.
func (s *Service) ReplyIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, files []db.ID) (Entry, error) {
	e, err := s.entryFor(ctx, tx, who, t.ID)
	if err != nil {
		return e, err
	}
	if err := authz.Require(who, authz.ListReply, e.Place()); err != nil {
		return e, err
	}
	text := tidy(t.Note)
	if err := public(text); err != nil {
		return e, err
	}
	if e, err = s.step(ctx, tx, who, e, t.Version, casework.Way{Act: ActReply}); err != nil {
		return e, err
	}
	if err := s.say(ctx, tx, who, e, wordReply, text, files); err != nil {
		return e, err
	}
	if err := audit.Append(ctx, tx, who, "listing.replied", e.Object(), audit.Change{Act: authz.ListReply, At: e.Place()}); err != nil {
		return e, err
	}
	return e, s.replied(ctx, tx, e.Batch)
}

// say keeps words and files and where the entry stands now.
func (s *Service) say(ctx context.Context, tx *db.Tx, who authz.Actor, e Entry, kind, text string, files []db.ID) error {
	if err := addWord(ctx, tx, e.ID, kind, text, who.Account); err != nil {
		return err
	}
	if err := addFiles(ctx, tx, e.ID, kind, files); err != nil {
		return err
	}
	return setEntry(ctx, tx, e)
}

// ApplyRepairIn asks to take a black entry off the list before its term.
func (s *Service) ApplyRepairIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, files []db.ID) (Entry, error) {
	e, err := s.entryFor(ctx, tx, who, t.ID)
	if err != nil {
		return e, err
	}
	if err := authz.Require(who, authz.ListRepair, e.Place()); err != nil {
		return e, err
	}
	why, err := s.MayRepair(ctx, tx, e)
	if err != nil {
		return e, err
	}
	if why != "" {
		return e, fault.New(fault.Conflict, "listing.no-repair", "%s", why)
	}
	text := tidy(t.Note)
	if err := public(text); err != nil {
		return e, err
	}
	if len(files) == 0 {
		return e, fault.New(fault.Invalid, "listing.proof", "请上传整改的证明材料。").With("files", "请上传整改的证明材料。")
	}
	book, err := s.bookOf(ctx, tx, e)
	if err != nil {
		return e, err
	}
	if e, err = s.step(ctx, tx, who, e, t.Version, casework.Way{Act: ActApplyRepair, Term: &book.Terms.Repair}); err != nil {
		return e, err
	}
	if err := s.say(ctx, tx, who, e, wordRepair, text, files); err != nil {
		return e, err
	}
	return e, audit.Append(ctx, tx, who, "listing.repair-applied", e.Object(), audit.Change{Act: authz.ListRepair, At: e.Place()})
}

// MayRepair says why an entry cannot be repaired now, "" if it can.
func (s *Service) MayRepair(ctx context.Context, tx *db.Tx, e Entry) (string, error) {
	if e.Side != Black || e.State != Listed {
		return "只有在榜的黑榜条目可以申请修复。", nil
	}
	book, err := s.bookOf(ctx, tx, e)
	if err != nil {
		return "", err
	}
	if first, _ := s.calendar().End(e.ListedOn, book.Repair.After); tx.Today() < first {
		return "列榜满" + book.Repair.After.Chinese() + "后可以申请修复，最早" + first.Chinese() + "。", nil
	}
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM listing_word WHERE entry = $1 AND kind = $2`, e.ID, wordRepair)
	if err != nil || n >= int64(book.Repair.Times) {
		return fmt.Sprintf("这一条已申请%d次修复，不能再申请。", n), err
	}
	if book.Repair.OpenCases || s.Cases == nil {
		return "", nil
	}
	cases, err := s.Cases(ctx, tx, e.ListedOn.AddYears(-1), tx.Today(), book.RedLine)
	for _, c := range cases {
		if c.Open > 0 && c.Enterprise == e.Enterprise && (e.Project == "" || string(c.Project) == e.Project) {
			return numbered("还有 %d 件案件没有整改完成，整改后可以申请修复。", c.Open), err
		}
	}
	return "", err
}

func (s *Service) bookOf(ctx context.Context, tx *db.Tx, e Entry) (*Book, error) {
	b, err := batchByID(ctx, tx, e.Batch)
	if err != nil {
		return nil, err
	}
	return s.Books.ByDigest(ctx, tx, b.Book)
}
