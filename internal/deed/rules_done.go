package deed

import (
	"fmt"
	"strconv"

	"juli/internal/day"
	"juli/internal/fault"
	"juli/internal/money"
	"juli/internal/notify"
)

// A Result is what came of a deed, and whom it serves.
type Result struct {
	Text       string
	People     int64
	How        string
	Households int64 // 0: not counted
	Spent      money.Fen
	Reached    []Reached // the milestones that no report named
}

// A Reached is the day on which a milestone was reached.
type Reached struct {
	Seq int64
	On  day.Date
}

// Proofs are the pictures of a deed.
type Proofs struct {
	Before, After int64
	Same          bool // one of them is said to show both
}

// CheckResult says what a result lacks.
func (b *Book) CheckResult(r Result, p Proofs) error {
	refused := fault.New(fault.Invalid, "deed.result", "请修改标出的内容。")
	bounded(refused, "result", r.Text, textMax, true)
	if notify.Personal(r.Text) {
		refused.With("result", "结果会对外公开，不能写电话、证件号码、银行账号或邮箱。")
	}
	if r.People <= 0 || r.People > peopleMax {
		refused.With("people", "请填写实际受益人数，应大于 0。")
	}
	if !has(b.Hows, r.How) {
		refused.With("how", "请选择受益人数的统计口径。")
	}
	if r.Households < 0 || r.Households > r.People {
		refused.With("households", "户数应在 0 和受益人数之间。")
	}
	if r.Spent < 0 {
		refused.With("spent", "支出不能是负数。")
	}
	if p.Before < b.BeforeMin {
		refused.With("before", fmt.Sprintf("办理前照片至少 %d 张。", b.BeforeMin))
	}
	switch {
	case p.After < b.AfterMin:
		refused.With("after", fmt.Sprintf("办理后照片至少 %d 张。", b.AfterMin))
	case p.Same:
		refused.With("after", "办理后照片和办理前照片是同一张，请上传办理后拍的。")
	}
	return refused.OrNil()
}

// CheckReached wants to hear of each open milestone when it was reached: what is
// done has no step of which nobody knows.
func (r Result) CheckReached(open []Milestone, from, today day.Date) error {
	refused := fault.New(fault.Invalid, "deed.milestones", "请修改标出的内容。")
	on := map[int64]day.Date{}
	for _, x := range r.Reached {
		on[x.Seq] = x.On
	}
	for _, m := range open {
		switch at := on[m.Seq]; {
		case at == 0:
			refused.With(m.Field(), "请填写这个节点实际完成的日期。")
		case at < from || at > today:
			refused.With(m.Field(), "实际完成日期应在登记日期（"+from.String()+"）和今天之间。")
		}
	}
	return refused.OrNil()
}

// Field is the name by which a form asks when a milestone was reached.
func (m Milestone) Field() string { return "reached-" + strconv.FormatInt(m.Seq, 10) }

// Overdue is by how many days a deed was done later than promised; 0 on time, or
// not done.
func (d Deed) Overdue() int64 {
	if d.DoneOn == 0 || d.Deadline == 0 || d.DoneOn <= d.Deadline {
		return 0
	}
	return int64(d.DoneOn - d.Deadline)
}

// OverdueWords says so for as long as the deed is shown; "" on time.
func (d Deed) OverdueWords() string {
	if n := d.Overdue(); n > 0 {
		return fmt.Sprintf("逾期 %d 天完成", n)
	}
	return ""
}

// An Answer is what one of those served says.
type Answer struct{ Solved, Satisfied bool }

// Answers counts them. Those who said of the deed's last end that it is not solved
// are asked again: until they say otherwise, their word stands.
type Answers struct{ Named, Answered, Solved, Satisfied, Standing int64 }

// need is how many are to be asked at least.
func (b *Book) need(people int64) int64 { return min(b.CallsMin, people) }

// CheckNames says whether so many more may be put on the call-back list. Once
// somebody on it says that nothing is solved, nobody is added beyond the number
// that the rulebook wants: more friendly voices make no failed call-back pass.
func (b *Book) CheckNames(a Answers, more, people int64) error {
	refused := fault.New(fault.Invalid, "deed.names", "请修改标出的内容。")
	switch no := a.Answered - a.Solved; {
	case no > 0 && a.Named+more > b.need(people):
		text := fmt.Sprintf("已有 %d 人答复没有解决，回访名单不能再增加；请退回继续办理，再次办结后重新回访。", no)
		return fault.New(fault.Conflict, "deed.frozen", "%s", text).With("names", text)
	case more < 1 || a.Named+more > namesMax || a.Named+more > people:
		refused.With("names", fmt.Sprintf("请填写 1 到 %d 人，且不超过受益人数。", namesMax))
	}
	return refused.OrNil()
}

// CheckVerify says whether those served confirm the deed: enough were asked, and
// enough of them say it is solved.
func (b *Book) CheckVerify(a Answers, people int64) error {
	if need := b.need(people); a.Answered < need {
		return fault.New(fault.Conflict, "deed.calls", "至少要有 %d 人的回访或确认，现在是 %d 人。", need, a.Answered)
	}
	if a.Solved*100 < b.Solved*(a.Answered+a.Standing) {
		standing := ""
		if a.Standing > 0 {
			standing = fmt.Sprintf("上次说没有解决、这次还没有答复的 %d 人按没有解决计，", a.Standing)
		}
		return fault.New(fault.Conflict, "deed.unsolved", "已回访 %d 人，其中 %d 人确认已解决，%s不到 %d%%，不能通过；请退回继续办理。", a.Answered, a.Solved, standing, b.Solved)
	}
	return nil
}
