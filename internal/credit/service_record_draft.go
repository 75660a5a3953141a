package credit

import (
	"context"
	"errors"
	"slices"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Take is one act on a record that the actor saw at a version (CRS-7).
type Take struct {
	Record  db.ID
	Version int64
	Note    string
}

// SaveDraftIn keeps an unfinished proposal for the actor's own body; t.Record 0
// begins a new one. It asks for no more than where it belongs.
func (s *Records) SaveDraftIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, p Proposal) (db.ID, error) {
	if p.Event == 0 {
		p.Event = tx.Today()
	}
	f, err := s.locate(ctx, lookUp(tx), p)
	if err != nil {
		return 0, err
	}
	if err := authz.Require(who, authz.CreditPropose, f.Place()); err != nil {
		return 0, err
	}
	body, ok := bodyAs(who, authz.CreditPropose, f.Place(), nil)
	if !ok {
		return 0, fault.New(fault.Forbidden, "credit.not-proposer", "您所在的单位不能提出信用信息。")
	}
	f.ID, f.Body = t.Record, body.Key()
	way := casework.Way{Act: ActDraft, Holder: &body, Title: draftTitle(p)}
	var c casework.Case
	if f.ID == 0 {
		f.ID = tx.NewID()
		c, err = casework.Open(ctx, tx, who, RecordMachine, casework.Opening{ID: f.ID, Object: f.Object(), Title: way.Title, Place: f.Place(), Way: way})
	} else {
		if _, err := s.DraftIn(ctx, tx, who, t.Record); err != nil {
			return 0, err
		}
		place := f.Place()
		way.Act, way.Place = ActEdit, &place
		c, err = casework.Do(ctx, tx, who, RecordMachine, casework.Move{Case: f.ID, Version: t.Version, Way: way})
	}
	if err != nil {
		return 0, err
	}
	if err := saveDraft(ctx, tx, f.ID, p); err != nil {
		return 0, err
	}
	if err := saveCondition(ctx, tx, &f, Condition{Version: c.Version, State: c.State, Due: p.Due, At: tx.Now}); err != nil {
		return 0, err
	}
	return f.ID, audit.Append(ctx, tx, who, "credit.drafted", f.Object(), audit.Change{Act: authz.CreditPropose, At: f.Place()})
}

func draftTitle(p Proposal) string {
	if p.Item == "" {
		return "信用信息草稿"
	}
	return "信用信息草稿（" + p.Item + "）"
}

// DraftIn reads a draft of the actor's own body.
func (s *Records) DraftIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Proposal, error) {
	missing := fault.New(fault.NotFound, "credit.no-record", "没有找到这条信用信息。")
	body, ok, err := db.One(ctx, tx, func(row db.Scanner) (b string, err error) { return b, row.Scan(&b) },
		`SELECT body FROM credit_current WHERE record = $1 AND state = $2`, id, RecordDraft)
	if err != nil {
		return Proposal{}, err
	}
	if !ok || !ofBody(who, body) {
		return Proposal{}, missing
	}
	p, ok, err := draftOf(ctx, tx, id)
	if err == nil && !ok {
		err = missing
	}
	return p, err
}

func ofBody(who authz.Actor, body string) bool {
	return slices.ContainsFunc(casework.Bodies(who), func(h casework.Holder) bool { return h.Key() == body })
}

// WithdrawIn takes back a draft or a proposal of the actor's own body before it
// is identified; what a colleague handed in, with a reason. What two persons decided
// in a case is not taken back here.
func (s *Records) WithdrawIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	if !ofBody(who, o.f.Body) {
		return fault.New(fault.Forbidden, "credit.not-own", "只能撤回本单位提出的信用信息。")
	}
	if no, owned, err := OwnerOf(ctx, tx, t.Record); err != nil {
		return err
	} else if owned {
		return fault.New(fault.Conflict, "credit.owned", "这条信息由监管案件%s的处置措施提出，不能单独撤回。认为不应扣分的，请在审核或认定时不予认定。", no)
	}
	if err := s.withdrawnWhy(ctx, tx, who, o, t.Note); err != nil {
		return err
	}
	if err := dropDraft(ctx, tx, t.Record); err != nil {
		return err
	}
	_, err = s.move(ctx, tx, who, o, t, casework.Way{Act: ActWithdraw}, "credit.withdrawn", nil)
	return err
}

// withdrawnWhy wants a reason from who takes back what a colleague handed in.
func (s *Records) withdrawnWhy(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, note string) error {
	if note != "" || o.c.State == RecordDraft {
		return nil
	}
	c, err := casework.Find(ctx, tx, RecordMachine, o.f.ID)
	if err != nil {
		return err
	}
	steps, err := casework.History(ctx, tx, c)
	if err != nil || slices.ContainsFunc(makers, func(act string) bool { return casework.Took(steps, who, act) }) {
		return err
	}
	return fault.New(fault.Invalid, "credit.withdraw-why", "撤回同事提出的信息，请写明原因。").With("note", "请写明原因。").With("text", "请写明原因。")
}

// ProposeSystem hands in what the system itself found (PC-25), with which part
// of it, unless a record of the item for the same subject is under way or in
// effect: then fresh is false and that record's id is given.
func (s *Records) ProposeSystem(ctx context.Context, tx *db.Tx, part string, p Proposal) (id db.ID, fresh bool, err error) {
	who := authz.System(part)
	f, err := s.locate(ctx, lookUp(tx), p)
	if err != nil {
		return 0, false, err
	}
	if err := tx.Lock(ctx, "enterprise", f.Enterprise); err != nil {
		return 0, false, err
	}
	b, err := s.Books(ctx, tx, tx.Today())
	if err != nil {
		return 0, false, err
	}
	it := b.Item(b.ItemNo(p.Item))
	if it == nil {
		return 0, false, fault.New(fault.Conflict, "credit.no-item", "评价规则中没有项目%s。", p.Item)
	}
	subjects, err := s.subjects(ctx, lookUp(tx), it, &f)
	if err != nil {
		return 0, false, err
	}
	standing, ok, err := standingRecord(ctx, tx, p.Item, subjects[0])
	if err != nil || ok {
		return standing, false, err
	}
	id, err = s.ProposeIn(ctx, tx, who, p)
	return id, err == nil, err
}

// ProposeFinding hands in a finding of the evaluator (PC-25).
func (s *Records) ProposeFinding(ctx context.Context, tx *db.Tx, b *Book, found Finding) (id db.ID, fresh bool, err error) {
	it := b.Item(found.Item)
	if it == nil {
		return 0, false, errors.New("a finding without an item")
	}
	p := Proposal{Item: it.Code, Event: found.On, Summary: "系统按登记数据发现：" + it.Title}
	if err := codesOf(ctx, tx, found.Subject, &p); err != nil {
		return 0, false, err
	}
	return s.ProposeSystem(ctx, tx, "credit-findings", p)
}
