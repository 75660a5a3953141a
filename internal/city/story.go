package city

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
)

// perDay is how many events a city of Harbin's size has on a day, on average.
const perDay = 6

// happen lets today's events begin.
func (dr *driver) happen(ctx context.Context, tx *db.Tx, r *rand.Rand, today day.Date) error {
	n := 0
	for range perDay * 2 {
		if r.IntN(2*City.Projects) < dr.opt.Scale.Projects+City.Projects/40 {
			n++
		}
	}
	winter := today.Time().Month() >= time.November || today.Time().Month() <= time.March
	for range n {
		h := draw(r, winter)
		project := dr.befalls(r, h.good)
		e := event{happening: h, project: project, firm: dr.plan.Projects[project].Owner, day: today, r: rand.New(rand.NewPCG(r.Uint64(), 3))}
		if err := dr.try(ctx, tx, task{"propose", func(ctx context.Context, tx *db.Tx) error { return dr.propose(ctx, tx, e) }}); err != nil {
			return err
		}
	}
	return nil
}

// befalls picks a project: bad things happen where the firm is careless, good
// ones where it is diligent.
func (dr *driver) befalls(r *rand.Rand, good bool) int {
	best := r.IntN(len(dr.plan.Projects))
	for range 3 {
		other := r.IntN(len(dr.plan.Projects))
		a, b := dr.quality(best), dr.quality(other)
		if good == (b > a) {
			best = other
		}
	}
	return best
}

func (dr *driver) quality(project int) int {
	return dr.plan.Enterprises[dr.plan.Projects[project].Owner].Quality
}

// An event is one happening on its way.
type event struct {
	happening
	project, firm int
	day           day.Date
	r             *rand.Rand
	record        db.ID
	item          *credit.Item
	book          *credit.Book
}

func (dr *driver) place(e *event) authz.Place {
	p := &dr.plan.Projects[e.project]
	return authz.Place{Division: p.Division, Enterprise: p.Enterprise, Project: string(p.Code)}
}

// who is the nth person of the body of a rulebook's role at the event's place.
func (dr *driver) who(ctx context.Context, tx *db.Tx, e *event, word string, nth int) (authz.Actor, error) {
	role, ok := credit.RoleOf(word)
	if !ok {
		return authz.System("demo"), nil
	}
	at, scope := dr.place(e), authz.Scope{}
	division := at.Division
	if !e.item.For(credit.Project) {
		division = dr.plan.Enterprises[e.firm].Division
	}
	switch role {
	case authz.CityBureau, authz.Association:
		scope.Division = dr.City
	case authz.DistrictBureau:
		scope.Division = division.Up(code.District)
	case authz.Subdistrict:
		scope.Division = at.Division.Up(code.Street)
	case authz.Community:
		scope.Division = at.Division
	case authz.Enterprise:
		scope.Enterprise = at.Enterprise
	default:
		scope.Project = at.Project
	}
	return dr.people.body(ctx, tx, role, scope, nth)
}

func (dr *driver) propose(ctx context.Context, tx *db.Tx, e event) error {
	proc, err := dr.file(ctx, tx, &e, nil)
	if err != nil || e.record == 0 {
		return err
	}
	dr.onward(&e, proc)
	return nil
}

// file enters an event's record by the body that proposes such things; none, if
// the rulebook of the day has no such item.
func (dr *driver) file(ctx context.Context, tx *db.Tx, e *event, files []credit.FileRef) (credit.Procedure, error) {
	book, err := dr.Books.InForce(ctx, tx, e.day)
	if err != nil {
		return credit.Procedure{}, err
	}
	e.book = book
	if e.item = book.Item(book.ItemNo(e.happening.item)); e.item == nil {
		return credit.Procedure{}, nil
	}
	p := credit.Proposal{
		Item: e.happening.item, Event: e.day.AddDays(-e.r.IntN(4)), Summary: e.text, Known: true,
		Document: credit.Document{Type: e.proof, Number: dr.number(e), Issuer: e.issuer, Date: e.day}, Files: files,
	}
	if len(e.levels) > 0 {
		p.Level = e.levels[min(len(e.levels)-1, e.r.IntN(5)/4)]
	}
	at := dr.place(e)
	if e.item.For(credit.Project) {
		p.Project = code.ProjectCode(at.Project)
	} else {
		p.Enterprise = at.Enterprise
	}
	if e.good {
		p.Honour = fmt.Sprintf("%s-%d", e.happening.item, dr.serial)
	}
	if e.happening.item == "HRB-N04" || e.happening.item == "HRB-N05" {
		p.Due = e.day.AddDays(15)
	}
	proc, _ := book.ProcedureOf(book.ItemNo(p.Item), e.item.LevelNo(p.Level))
	step, _ := proc.Step(credit.StepPropose)
	who, err := dr.who(ctx, tx, e, first(step.Roles), 1)
	if err != nil {
		return proc, err
	}
	e.record, err = dr.Records.ProposeIn(ctx, tx, who, p)
	return proc, err
}

func first(words []string) string {
	if len(words) == 0 {
		return credit.SystemRole
	}
	return words[0]
}

// number is a document number that no other document has.
func (dr *driver) number(e *event) string {
	dr.serial++
	return fmt.Sprintf("哈物信〔%d〕%05d号", e.day.Year(), dr.serial)
}

// onward plans a record's way: check, identification, what its subject does.
func (dr *driver) onward(e *event, proc credit.Procedure) {
	on := e.day.AddDays(1 + e.r.IntN(3))
	if e.r.IntN(60) == 0 {
		dr.act(e, on, "withdraw", credit.StepPropose, 1, proc, func(ctx context.Context, tx *db.Tx, who authz.Actor, t credit.Take) error {
			return dr.Records.WithdrawIn(ctx, tx, who, t)
		})
		return
	}
	if step, ok := proc.Step(credit.StepCheck); ok && len(step.Roles) > 0 {
		dr.act(e, on, "check", credit.StepCheck, 2, proc, func(ctx context.Context, tx *db.Tx, who authz.Actor, t credit.Take) error {
			return dr.Records.CheckIn(ctx, tx, who, t)
		})
		on = on.AddDays(1 + e.r.IntN(2))
	}
	if e.r.IntN(40) == 0 {
		dr.act(e, on, "refuse", credit.StepIdentify, 2, proc, func(ctx context.Context, tx *db.Tx, who authz.Actor, t credit.Take) error {
			t.Note = "证据不足以认定，请补充后重新提出。"
			return dr.Records.RefuseIn(ctx, tx, who, t)
		})
		return
	}
	if e.r.IntN(12) == 0 { // left lying for a while: deadlines are missed, too
		on = on.AddDays(6 + e.r.IntN(6))
	}
	dr.act(e, on, "identify", credit.StepIdentify, 2, proc, func(ctx context.Context, tx *db.Tx, who authz.Actor, t credit.Take) error {
		return dr.Records.IdentifyIn(ctx, tx, who, t, credit.Discretion{})
	})
	if !e.good {
		dr.aftermath(e, on, proc)
	}
}

// aftermath is what follows bad information: rectification, objection, repair,
// and now and then a basis that is set aside.
func (dr *driver) aftermath(e *event, identified day.Date, proc credit.Procedure) {
	if e.r.IntN(100) < 70 {
		on := identified.AddDays(5 + e.r.IntN(16))
		dr.act(e, on, "rectify", credit.StepIdentify, 2, proc, dr.rectify)
	}
	if e.r.IntN(100) < 12 {
		on := identified.AddDays(2 + e.r.IntN(5))
		dr.firmActs(e, on, "object", func(ctx context.Context, tx *db.Tx, who authz.Actor, t credit.Take) error {
			ground := ""
			if g := e.book.Objection.Grounds; len(g) > 0 {
				ground = g[len(g)-1].Code
			}
			return dr.Records.ObjectIn(ctx, tx, who, t, credit.Plain{Ground: ground, Text: "我公司已按要求处理，现场照片和记录可以证明，请复核。"})
		})
		uphold := e.r.IntN(3) == 0
		dr.later(on.AddDays(4+e.r.IntN(6)), "decide", func(ctx context.Context, tx *db.Tx) error {
			who, t, err := dr.decider(ctx, tx, e)
			if err != nil {
				return err
			}
			t.Note = map[bool]string{true: "经复核，认定的事实不成立。", false: "经复核，认定的事实清楚，维持原认定。"}[uphold]
			return dr.Records.DecideObjectionIn(ctx, tx, who, t, uphold)
		})
		return
	}
	if e.r.IntN(100) < 15 {
		on := identified.AddDays(95 + e.r.IntN(40))
		dr.firmActs(e, on, "apply-repair", func(ctx context.Context, tx *db.Tx, who authz.Actor, t credit.Take) error {
			return dr.Records.ApplyRepairIn(ctx, tx, who, t, credit.Plain{Text: "整改已完成，三个月内没有再发生同类问题，申请信用修复。"})
		})
		dr.later(on.AddDays(3+e.r.IntN(3)), "decide-repair", func(ctx context.Context, tx *db.Tx) error {
			who, t, err := dr.decider(ctx, tx, e)
			if err != nil {
				return err
			}
			return dr.Records.DecideRepairIn(ctx, tx, who, t, true)
		})
	}
}

// rectify confirms that a fault was mended, as the second person of the body found
// it on the spot today.
func (dr *driver) rectify(ctx context.Context, tx *db.Tx, who authz.Actor, t credit.Take) error {
	photo, err := dr.Files.Put(ctx, tx, "整改复查记录.png", scan(4))
	if err != nil {
		return err
	}
	t.Note = "经现场复查，问题已整改，见复查记录。"
	return dr.Records.RectifyIn(ctx, tx, who, t, tx.Today(), []credit.FileRef{{ID: photo.ID}})
}

// decider is the third person of the body that holds the case: neither who
// proposed nor who identified.
func (dr *driver) decider(ctx context.Context, tx *db.Tx, e *event) (authz.Actor, credit.Take, error) {
	c, err := casework.Find(ctx, tx, credit.RecordMachine, e.record)
	if err != nil {
		return authz.Actor{}, credit.Take{}, err
	}
	word := string(authz.DistrictBureau)
	if c.Holder.Role != "" {
		word = string(c.Holder.Role)
	}
	who, err := dr.who(ctx, tx, e, word, 3)
	return who, credit.Take{Record: e.record, Version: c.Version}, err
}

// act plans an act of the body of a step.
func (dr *driver) act(e *event, on day.Date, name, step string, nth int, proc credit.Procedure, do func(context.Context, *db.Tx, authz.Actor, credit.Take) error) {
	dr.later(on, name, func(ctx context.Context, tx *db.Tx) error {
		s, _ := proc.Step(step)
		who, err := dr.who(ctx, tx, e, first(s.Roles), nth)
		if err != nil {
			return err
		}
		c, err := casework.Find(ctx, tx, credit.RecordMachine, e.record)
		if err != nil {
			return err
		}
		return do(ctx, tx, who, credit.Take{Record: e.record, Version: c.Version})
	})
}

// firmActs plans an act of the enterprise itself.
func (dr *driver) firmActs(e *event, on day.Date, name string, do func(context.Context, *db.Tx, authz.Actor, credit.Take) error) {
	proc := credit.Procedure{Steps: []credit.ProcedureStep{{Step: name, Roles: []string{string(authz.Enterprise)}}}}
	dr.act(e, on, name, name, 1, proc, do)
}
