package supervision

import (
	"context"
	"slices"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
	"juli/internal/registry"
)

// ProposeMeasureIn proposes a consequence of a case; another person decides.
func (s *Cases) ProposeMeasureIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, wish Wish) (db.ID, error) {
	o, err := s.open(ctx, tx, who, id)
	if err != nil {
		return 0, err
	}
	if err := authz.Require(who, authz.SupervisionPropose, o.Place()); err != nil {
		return 0, err
	}
	st, err := s.standing(ctx, tx, o)
	if err != nil {
		return 0, err
	}
	if ok, why := o.book.May(wish.Kind, st, tx.Today()); !ok {
		return 0, fault.New(fault.Conflict, "supervision.measure", "%s", why)
	}
	if !o.book.ground(wish.Kind, wish.Ground) {
		why := "只有启动监管退出才填写退出情形。"
		if wish.Kind == Exit {
			why = "启动监管退出须指明符合哪一种退出情形。"
		}
		return 0, fault.New(fault.Invalid, "supervision.ground", "%s", why).With("ground", why)
	}
	if n := len([]rune(wish.Reason)); n == 0 || n > factsMax {
		return 0, fault.New(fault.Invalid, "supervision.reason", "请写明理由，不超过2000字。").With("reason", "请写明理由。")
	}
	holder, ok := bodyFor(who, authz.SupervisionPropose, o.Place())
	if !ok {
		return 0, missing()
	}
	step, _ := o.book.Step(wish.Kind)
	m := Measure{
		ID: tx.NewID(), Case: o.ID, Kind: wish.Kind, Project: o.Project, Enterprise: o.Enterprise, District: o.Division.Up(code.District),
		Violation: o.Violation, Basis: step.Basis, Reason: wish.Reason, Ground: wish.Ground, Body: holder.Key(), ChangedAt: tx.Now,
	}
	flow, err := casework.Open(ctx, tx, who, MeasureMachine, casework.Opening{
		ID: m.ID, Object: m.object(), Title: step.Title + "（" + o.No + "）", Place: o.Place(), Way: casework.Way{Act: ActPropose, Holder: &holder, Calendar: s.Calendar},
	})
	if err != nil {
		return 0, err
	}
	m.State = flow.State
	if err := insertMeasure(ctx, tx, &m); err != nil {
		return 0, err
	}
	if err := s.pressed(ctx, tx, o); err != nil {
		return 0, err
	}
	return m.ID, s.noted(ctx, tx, who, o, &m, "supervision.measure-proposed", authz.SupervisionPropose)
}

// pressed begins the office's term on an overdue case anew: something was done about
// it, and what comes of that is waited for.
func (s *Cases) pressed(ctx context.Context, tx *db.Tx, o *opened) error {
	if o.State != Overdue {
		return nil
	}
	return s.move(ctx, tx, robot, o, Take{ID: o.ID}, casework.Way{Act: ActPress, Term: &o.book.Terms.Escalate}, "supervision.pressed", nil)
}

func (m *Measure) object() string { return "supervision_measure:" + m.ID.String() }

func (s *Cases) noted(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, m *Measure, event string, act authz.Act) error {
	return audit.Append(ctx, tx, who, event, m.object(), audit.Change{
		Act: act, At: o.Place(), After: m, Detail: map[string]any{"case": o.ID, "no": o.No, "kind": m.Kind, "number": m.Number, "record": m.Record},
	})
}

// standing reads what decides about measures of a case.
func (s *Cases) standing(ctx context.Context, tx *db.Tx, o *opened) (Standing, error) {
	since := o.book.since(tx.Today())
	taken, err := measuresAbout(ctx, tx, &o.Case, since)
	if err != nil {
		return Standing{}, err
	}
	n, err := foundAbout(ctx, tx, &o.Case, since)
	if err != nil {
		return Standing{}, err
	}
	left, err := gone(ctx, tx, &o.Case)
	return Standing{Case: &o.Case, Taken: taken, Repeated: int(max(n, 1)), Gone: left}, err
}

// DecideMeasureIn decides a proposed measure, by another person than who proposed
// it. Points become one record in credit, in the same transaction.
func (s *Cases) DecideMeasureIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	m, o, err := s.measure(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	st, err := s.standing(ctx, tx, o)
	if err != nil {
		return err
	}
	st.Taken = slices.DeleteFunc(st.Taken, func(x Measure) bool { return x.ID == m.ID })
	if ok, why := o.book.May(m.Kind, st, tx.Today()); !ok {
		return fault.New(fault.Conflict, "supervision.measure", "%s", why)
	}
	if m.Number, err = notify.NextNumber(ctx, tx, o.book.Series+"措", tx.Today().Year()); err != nil {
		return err
	}
	if m.Kind == Deduct {
		if m.Record, err = s.deduct(ctx, tx, who, o, m); err != nil {
			return err
		}
	}
	m.Decided = tx.Today()
	holder := casework.ParseHolder(m.Body)
	if err := s.moveMeasure(ctx, tx, who, o, m, t, casework.Way{Act: ActDecide, Holder: &holder}, "supervision.measure-decided"); err != nil {
		return err
	}
	if err := s.pressed(ctx, tx, o); err != nil {
		return err
	}
	step, _ := o.book.Step(m.Kind)
	if err := s.tell(ctx, tx, who, o, "supervision.measure", step.Title+"决定", "依据："+m.Basis+"\n理由："+m.Reason, m.Number); err != nil {
		return err
	}
	if m.Kind == Deduct || m.Kind == Exposure { // carried out by credit, or by the next batch of lists
		m.Done, m.Outcome = tx.Today(), map[string]string{Deduct: "已提出信用信息", Exposure: "已提请列入黑榜"}[m.Kind]
		return s.moveMeasure(ctx, tx, robot, o, m, Take{ID: m.ID, Note: m.Outcome}, casework.Way{Act: ActCarry}, "supervision.measure-done")
	}
	return nil
}

// deduct proposes the record in the name of who decided the measure; the order
// is its proof. Credit sees to it that another person identifies the record.
func (s *Cases) deduct(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, m *Measure) (db.ID, error) {
	v, _ := o.book.Violation(o.Violation)
	item := v.Items[casework.ParseHolder(m.Body).Role]
	if item == "" {
		return 0, fault.New(fault.Conflict, "supervision.no-item", "信用评价规则没有由本级提出的扣分项目。")
	}
	issuer, err := registry.BodyNames(ctx, tx, []authz.Scope{{Division: o.body().Division}})
	if err != nil {
		return 0, err
	}
	p := credit.Proposal{
		Item: item, Level: v.Level, Enterprise: o.Enterprise, Project: o.Project, Event: o.FoundOn, Due: max(o.Deadline, o.FoundOn), Known: true,
		Summary:  v.Title + "（案件 " + o.No + "）：" + o.Facts,
		Document: credit.Document{Type: "HLJ-N3", Number: o.OrderNo, Issuer: issuer(o.body().Role, authz.Scope{Division: o.body().Division}), Date: o.OrderedOn},
	}
	if o.OrderNo == "" {
		p.Document.Number, p.Document.Date = m.Number, tx.Today()
	}
	id, err := s.Records.ProposeIn(ctx, tx, who, p)
	if f := fault.From(err); err != nil && f.Kind == fault.Invalid && f.Fields["document_type"] != "" { // the item takes other proofs
		p.Document.Type = "OTHER"
		id, err = s.Records.ProposeIn(ctx, tx, who, p)
	}
	if err != nil {
		return 0, err
	}
	if err := s.Records.OwnIn(ctx, tx, id, o.No); err != nil || o.ClosedOn == 0 {
		return id, err
	}
	return id, s.Records.FollowIn(ctx, tx, id, true) // it is mended already
}

// An Outcome is what came of a measure.
type Outcome struct {
	Document string   // of the other authority
	From, To day.Date // of its listing
}

// CarryMeasureIn writes down what was done or what another authority answered:
// act is one of ActRefuse, ActCarry, ActSend, ActAccept, ActDecline, ActList,
// ActRemove, ActBack. A summons wants its minutes.
func (s *Cases) CarryMeasureIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, act string, x Outcome) error {
	m, o, err := s.measure(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	f := fault.New(fault.Invalid, "supervision.outcome", "请补正标出的内容。")
	outside := m.Kind == Referral || m.Kind == Penalty
	if act == ActBack {
		if err := s.ownProposal(ctx, tx, who, m); err != nil {
			return err
		}
	}
	if act == ActCarry && m.Kind == Summons && len(t.Files) == 0 && who.SystemName() == "" {
		f.With("files", "请上传约谈记录。")
	}
	if slices.Contains([]string{ActAccept, ActDecline, ActList, ActRemove}, act) && x.Document == "" {
		f.With("document", "请填写对方文书的文号。")
	}
	if act == ActList && (x.From == 0 || x.To < x.From) {
		f.With("to", "请填写列入的起止日期。")
	}
	if err := f.OrNil(); err != nil {
		return err
	}
	if act == ActSend && !outside || act == ActList && m.Kind != Referral || act == ActCarry && outside && m.State == MeasureDecided {
		return fault.New(fault.Conflict, "supervision.outcome", "这项措施不能这样办理。")
	}
	if err := addFiles(ctx, tx, who, o.ID, "minutes", t.Spot, t.Files); err != nil {
		return err
	}
	m.Outcome = t.Note
	if x.Document != "" {
		m.Document = x.Document
	}
	if act == ActList {
		m.ListedFrom, m.ListedTo = x.From, x.To
	}
	if act == ActCarry {
		m.Done = tx.Today()
	}
	holder := casework.ParseHolder(m.Body)
	w := casework.Way{Act: act}
	if a, _ := MeasureMachine.Act(act); a.To == MeasureSent || a.To == MeasureAccepted || a.To == MeasureListed {
		w.Holder = &holder
	}
	event := "supervision.measure-moved"
	if act == ActCarry {
		event = "supervision.measure-done"
	}
	return s.moveMeasure(ctx, tx, who, o, m, t, w, event)
}

func (s *Cases) moveMeasure(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, m *Measure, t Take, w casework.Way, event string) error {
	w.Note, w.Calendar = t.Note, s.Calendar
	flow, err := casework.Do(ctx, tx, who, MeasureMachine, casework.Move{Case: m.ID, Version: t.Version, Way: w})
	if err != nil {
		return err
	}
	m.State, m.ChangedAt = flow.State, tx.Now
	if err := updateMeasure(ctx, tx, m); err != nil {
		return err
	}
	a, _ := MeasureMachine.Act(w.Act)
	return s.noted(ctx, tx, who, o, m, event, a.May)
}

// measure locks and reads a measure with its case.
func (s *Cases) measure(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (*Measure, *opened, error) {
	if err := tx.Lock(ctx, "case", id); err != nil {
		return nil, nil, err
	}
	m, ok, err := measureByID(ctx, tx, id)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, missing()
	}
	o, err := s.load(ctx, tx, who, m.Case)
	return &m, o, err
}
