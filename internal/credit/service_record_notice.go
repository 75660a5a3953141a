package credit

import (
	"context"
	"strings"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/notify"
)

// defaultSeries numbers the letters of a rulebook that names no series.
const defaultSeries = "物信告"

// window is how long the subject may object before the record takes effect;
// zero: it takes effect with the notice.
func (o *opened) window() day.Term {
	step, ok := o.proc.Step(StepObjection)
	switch {
	case !ok:
		return day.Term{}
	case step.Term.N > 0:
		return step.Term
	case o.b.Notice.Objection.N > 0:
		return o.b.Notice.Objection
	}
	return o.b.Objection.Within
}

// notice sends the notice slip with its 文号 (PC-46): what was found, the days for
// rectification and for objection.
func (s *Records) notice(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, t Take) error {
	number, err := o.number(ctx, tx)
	if err != nil {
		return err
	}
	window := o.window()
	rectify := o.c.Due
	if rectify == 0 && o.bad() && o.b.Notice.Rectify.N > 0 {
		rectify, _ = s.calendar().Due(tx.Today(), o.b.Notice.Rectify)
	}
	subject := casework.Holder{Role: authz.Enterprise, Enterprise: o.f.Enterprise}
	c, err := s.move(ctx, tx, who, o, t, casework.Way{Act: ActNotify, Holder: &subject, Term: &window}, "credit.noticed", func(c *Condition) {
		c.Number, c.Due = number, rectify
	})
	if err != nil {
		return err
	}
	verdict := "该信息自本告知书送达之日起生效。"
	if c.Due != 0 {
		verdict = "如有异议，请于" + c.Due.Chinese() + "前在平台提出；期满未提出异议的，该信息自次日起生效。"
	}
	if rectify != 0 {
		verdict += "请于" + rectify.Chinese() + "前完成整改。"
	}
	if err := s.tell(ctx, tx, who, o, letter{kind: "credit.notice", title: "信用信息告知书", verdict: verdict, number: number}); err != nil {
		return err
	}
	if window.N == 0 {
		return s.effect(ctx, tx, o, tx.Today())
	}
	return nil
}

func (o *opened) number(ctx context.Context, tx *db.Tx) (string, error) {
	series := o.b.Notice.Series
	if series == "" {
		series = defaultSeries
	}
	return notify.NextNumber(ctx, tx, series, tx.Today().Year())
}

// A letter is one official word to the subject of a record. It names item, day
// and place, never a person: facts and evidence stand on the record's page.
type letter struct {
	kind, title, verdict, reason, number string
}

// heading tells letters of one kind apart: what it is about, at which place.
func (l letter) heading(item, about string) string {
	text := []rune(l.title + "：" + item + "，" + about)
	return string(text[:min(len(text), headingMax)])
}

// headingMax is how many characters of a letter's title are kept.
const headingMax = 120

// tell sends a letter to the enterprise, to the manager of the project, and to
// the bodies that the rulebook names; one without a number takes the next.
func (s *Records) tell(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, l letter) error {
	var err error
	if l.number == "" {
		if l.number, err = o.number(ctx, tx); err != nil {
			return err
		}
	}
	title := o.f.Item
	if it := o.item(); it != nil {
		title = it.Title + "（" + it.Code + "）"
	}
	enterprise, err := lookUp(tx).enterprise(ctx, o.f.Enterprise)
	if err != nil {
		return err
	}
	about := enterprise.name
	lines := []string{enterprise.name + "：", "信用信息：" + title, "发生日期：" + o.f.Event.Chinese()}
	if o.f.Document.Number != "" {
		lines = append(lines, "依据文件："+o.f.Document.Issuer+" "+o.f.Document.Number)
	}
	if o.f.Project != "" {
		project, err := lookUp(tx).project(ctx, o.f.Project)
		if err != nil {
			return err
		}
		lines, about = append(lines, "所在项目："+project.name), project.name
	}
	lines = append(lines, l.verdict)
	if l.reason != "" {
		lines = append(lines, "理由："+l.reason)
	}
	_, err = notify.Send(ctx, tx, who, notify.Message{
		Kind: l.kind, Title: l.heading(title, about), Body: strings.Join(lines, "\n"), Number: l.number, Object: o.f.Object(),
		Link: "/enterprise/records/" + o.f.ID.String(), Deemed: o.b.deemed(), To: o.parties(),
	})
	return err
}

// deemed is when an unopened letter counts as served: with the objection's term.
func (b *Book) deemed() day.Term {
	if b.Notice.Objection.N > 0 {
		return b.Notice.Objection
	}
	return b.Objection.Within
}

func (o *opened) parties() []notify.Party {
	to := []notify.Party{notify.ToEnterprise(o.f.Enterprise)}
	if o.f.Project != "" {
		to = append(to, notify.ToProject(authz.ProjectManager, string(o.f.Project)))
	}
	for _, word := range o.b.Notice.To {
		role, ok := RoleOf(word)
		if !ok || role == authz.Enterprise || role == authz.ProjectManager {
			continue
		}
		if h, ok := casework.HolderAt(role, o.f.Place()); ok {
			to = append(to, notify.Party{Role: h.Role, Division: h.Division, Project: h.Project})
		}
	}
	return to
}
