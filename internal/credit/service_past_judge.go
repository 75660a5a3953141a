package credit

import (
	"context"
	"maps"
	"slices"

	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/fault"
)

// A verdictOn is what was said of a row: of every field once.
type verdictOn struct {
	t     *TakeOver
	line  int
	told  map[string]bool
	wrong bool
}

// hear reports a refusal by its fields; a failure of ours is given back.
func (v *verdictOn) hear(refused error) error {
	if refused == nil {
		return nil
	}
	f := fault.From(refused)
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		return refused
	}
	v.wrong = true
	if len(f.Fields) == 0 {
		v.say("", f.Rule, f.Text)
	}
	for _, field := range slices.Sorted(maps.Keys(f.Fields)) {
		v.say(field, f.Rule, f.Fields[field])
	}
	return nil
}

func (v *verdictOn) say(field, rule, text string) {
	v.wrong = true
	if v.told[field] {
		return
	}
	v.told[field] = true
	v.t.report(PastProblem{v.line, field, rule, text})
}

// judge says all that is wrong with a row; where nothing is, it gives the record.
func (t *TakeOver) judge(ctx context.Context, r *PastRow, v *verdictOn) (x taken, err error) {
	t.judgeDays(r, v)
	f, err := t.place(ctx, r, v)
	if err != nil {
		return x, err
	}
	on := r.Past.Identified
	if on == 0 || v.told["identified"] {
		on = t.tx.Today()
	}
	b, err := t.book(ctx, on)
	if err != nil {
		return x, v.hear(err)
	}
	if err := v.hear(b.check(&f.Proposal, t.tx.Today(), false)); err != nil {
		return x, err
	}
	no := b.ItemNo(f.Item)
	it := b.Item(no)
	if it == nil {
		return x, nil
	}
	t.judgeStanding(r, b, no, f, v)
	points, err := b.MayDecidePoints(no, r.Past.Points, r.Past.Reason)
	if err := v.hear(err); err != nil {
		return x, err
	}
	if f.EnterpriseID == 0 {
		return x, nil
	}
	subjects, err := t.s.subjects(ctx, t.reg, it, &f)
	if err := v.hear(err); err != nil || v.wrong {
		return x, err
	}
	for _, subject := range subjects {
		f.Subjects = append(f.Subjects, EntrySubject{Entry: t.tx.NewID(), Subject: subject})
	}
	f.ID, f.Book, f.Opened, f.Class = t.tx.NewID(), b.Digest, on, b.Classes[it.Class].Code
	f.Account, f.At, f.Source, f.Known, f.Body = t.who.Account, t.tx.Now, "import", true, t.body(f.Place())
	effective := r.Past.Effective
	if effective == 0 {
		effective = on
	}
	c := Condition{Version: 1, State: RecordEffective, Identified: on, Effective: effective, Due: f.Due, Points: points, Reasoned: points != 0 && r.Past.Reason != "", At: t.tx.Now}
	c.Until = b.Until(f.record(b, c))
	return taken{f, c, it.Title, r.Past.Reason}, nil
}

// judgeStanding: what is taken over counts at once, so it must have stood the
// term for objections, and the body that takes it over must be no lower than the
// one that identifies such things.
func (t *TakeOver) judgeStanding(r *PastRow, b *Book, no ItemNo, f Filed, v *verdictOn) {
	if t.who.SystemName() != "" || f.EnterpriseID == 0 || t.allow(f.Place()) != nil {
		return
	}
	proc, _ := b.ProcedureOf(no, b.Item(no).LevelNo(f.Level))
	if step, ok := proc.Step(StepObjection); ok && step.Term.N > 0 && r.Past.Identified != 0 && r.Past.Identified <= t.tx.Today() {
		cal := t.s.Calendar
		if cal == nil {
			cal = day.DefaultCalendar()
		}
		if last, _ := cal.Due(r.Past.Identified, step.Term); last >= t.tx.Today() {
			v.say("identified", "credit.past-fresh", "认定后异议期（"+step.Term.Chinese()+"）未满的信息不能作为历史信息导入，请在系统中录入，由有权单位认定并告知。")
		}
	}
	step, _ := proc.Step(StepIdentify)
	if len(step.Roles) == 0 {
		return
	}
	by, ok := RoleOf(step.Roles[0])
	if !ok {
		return
	}
	if _, ok := bodyAs(t.who, authz.CreditImport, f.Place(), notBelow([]string{string(authz.DistrictBureau), string(authz.CityBureau)}, by)); !ok {
		v.say("item", "credit.past-below", "这类信息由"+by.Title()+"认定，应由其或上级机关导入。")
	}
}

// judgeDays says which of a row's days cannot be.
func (t *TakeOver) judgeDays(r *PastRow, v *verdictOn) {
	const rule = "credit.past"
	today, past := t.tx.Today(), &r.Past
	switch {
	case r.Event > today:
		v.say("event", rule, "发生日期不能晚于今天。")
	case past.Identified == 0:
		v.say("identified", rule, "请填写认定日期。")
	case past.Identified < r.Event:
		v.say("identified", rule, "认定日期不能早于发生日期。")
	case past.Identified > today:
		v.say("identified", rule, "认定日期不能晚于今天。")
	}
	switch {
	case past.Effective == 0:
	case past.Effective > today:
		v.say("effective", rule, "生效日期不能晚于今天。")
	case past.Effective < past.Identified && !v.told["identified"]:
		v.say("effective", rule, "生效日期不能早于认定日期。")
	}
}

// place finds enterprise and project of a row, and whether the actor may import there.
func (t *TakeOver) place(ctx context.Context, r *PastRow, v *verdictOn) (Filed, error) {
	p := r.Proposal
	if p.Event == 0 { // unreadable: whoever holds the project today
		p.Event = t.tx.Today()
	}
	f, err := t.s.locate(ctx, t.reg, p)
	f.Event = r.Event
	if fault.Is(err, "credit.not-holder") && v.told["event"] {
		return f, nil
	}
	if err := v.hear(err); err != nil {
		return f, err
	}
	if err != nil {
		f.EnterpriseID = 0
		if p.Enterprise != "" { // a wrong project may stand beside a wrong enterprise
			_, err = t.reg.enterprise(ctx, p.Enterprise)
			return f, v.hear(err)
		}
		return f, nil
	}
	return f, v.hear(t.allow(f.Place()))
}

func (t *TakeOver) book(ctx context.Context, on day.Date) (*Book, error) {
	b, err := remembered(t.books, on, func() (*Book, error) { return t.s.Books(ctx, t.tx, on) })
	if fault.From(err) != nil && fault.From(err).Kind == fault.NotFound {
		err = fault.New(fault.Invalid, "credit.no-book", "认定那天没有施行的评价规则。").With("identified", "这一天没有施行的评价规则，请核对认定日期。")
	}
	return b, err
}

func (t *TakeOver) allow(at authz.Place) error {
	err, asked := t.allows[at]
	if !asked {
		err = authz.Require(t.who, authz.CreditImport, at)
		t.allows[at] = err
	}
	return err
}

func (t *TakeOver) body(at authz.Place) string {
	key, known := t.bodies[at]
	if !known {
		if body, ok := bodyAs(t.who, authz.CreditImport, at, nil); ok {
			key = body.Key()
		}
		t.bodies[at] = key
	}
	return key
}
