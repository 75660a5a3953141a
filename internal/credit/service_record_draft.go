package credit

import (
	"context"
	"errors"
	"slices"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
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
	f, err := s.locate(ctx, tx, p)
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
// is identified.
func (s *Records) WithdrawIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	if !ofBody(who, o.f.Body) {
		return fault.New(fault.Forbidden, "credit.not-own", "只能撤回本单位提出的信用信息。")
	}
	if err := dropDraft(ctx, tx, t.Record); err != nil {
		return err
	}
	_, err = s.move(ctx, tx, who, o, t, casework.Way{Act: ActWithdraw}, "credit.withdrawn", nil)
	return err
}

// ProposeSystem hands in what the system itself found (PC-25), with which part
// of it, unless a record of the item for the same subject is under way or in
// effect: then fresh is false and that record's id is given.
func (s *Records) ProposeSystem(ctx context.Context, tx *db.Tx, part string, p Proposal) (id db.ID, fresh bool, err error) {
	who := authz.System(part)
	f, err := s.locate(ctx, tx, p)
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
	subjects, err := s.subjects(ctx, tx, it, &f)
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

// A PastRecord is when information was identified and took effect before the
// city had this system.
type PastRecord struct {
	Identified, Effective day.Date     // Effective 0: on the day of identification
	Points                money.Points // by discretion, where the item leaves it (PC-17)
	Reason                string       // of the discretion
}

// ImportIn takes over past information that is in effect already. The same proof
// for the same item and subject gives the id that is there, and fresh false, so
// that a file can be read twice.
func (s *Records) ImportIn(ctx context.Context, tx *db.Tx, who authz.Actor, p Proposal, past PastRecord) (id db.ID, fresh bool, err error) {
	f, err := s.locate(ctx, tx, p)
	if err != nil {
		return 0, false, err
	}
	if err := authz.Require(who, authz.CreditImport, f.Place()); err != nil {
		return 0, false, err
	}
	if past.Effective == 0 {
		past.Effective = past.Identified
	}
	if past.Identified < p.Event || past.Effective < past.Identified || past.Effective > tx.Today() {
		return 0, false, fault.New(fault.Invalid, "credit.past", "历史信息的日期不一致。").With("identified", "认定日期不能早于发生日期，生效日期不能早于认定日期或晚于今天。")
	}
	if id, stands, err := sameProof(ctx, tx, &f); err != nil || stands {
		return id, false, err
	}
	b, err := s.Books(ctx, tx, past.Identified)
	if err != nil {
		return 0, false, err
	}
	if err := b.check(&f.Proposal, tx.Today(), false); err != nil {
		return 0, false, err
	}
	if err := s.complete(ctx, tx, b, &f); err != nil {
		return 0, false, err
	}
	f.ID, f.Book, f.Opened, f.Account, f.At, f.Source, f.Known = tx.NewID(), b.Digest, past.Identified, who.Account, tx.Now, "import", true
	if err := s.refuseDuplicate(ctx, tx, &f); fault.Is(err, "credit.same") {
		alike, err := likenessesOf(ctx, tx, &f.Proposal, f.EnterpriseID, f.ID)
		if err != nil || len(alike) == 0 {
			return 0, false, err
		}
		return alike[0].Record, false, nil
	} else if err != nil {
		return 0, false, err
	}
	points, err := b.MayDecidePoints(b.ItemNo(f.Item), past.Points, past.Reason)
	if err != nil {
		return 0, false, err
	}
	if body, ok := bodyAs(who, authz.CreditImport, f.Place(), nil); ok {
		f.Body = body.Key()
	}
	c, err := casework.Open(ctx, tx, who, RecordMachine, casework.Opening{
		ID: f.ID, Object: f.Object(), Title: b.Item(b.ItemNo(f.Item)).Title, Place: f.Place(), Way: casework.Way{Act: ActImport, Note: past.Reason},
	})
	if err != nil {
		return 0, false, err
	}
	if err := insertFiled(ctx, tx, &f); err != nil {
		return 0, false, err
	}
	cond := Condition{Version: c.Version, State: c.State, Identified: past.Identified, Effective: past.Effective, Due: f.Due, Points: points, Reasoned: points != 0 && past.Reason != "", At: tx.Now}
	cond.Until = b.Until(f.record(b, cond))
	if err := saveCondition(ctx, tx, &f, cond); err != nil {
		return 0, false, err
	}
	return f.ID, true, audit.Append(ctx, tx, who, "credit.imported", f.Object(), audit.Change{Act: authz.CreditImport, At: f.Place(), After: f.Proposal})
}
