package supervision

import (
	"context"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Finding is what was seen on the spot.
type Finding struct {
	Violation string // of the catalogue
	Facts     string // "" keeps what was reported
}

// VerifyIn says that the fault is there; another person has to say so too.
func (s *Cases) VerifyIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, f Finding) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	if f.Violation == "" {
		f.Violation = o.Violation
	}
	v, ok := o.book.Violation(f.Violation)
	if !ok {
		return fault.New(fault.Invalid, "supervision.violation", "请从违规目录中选择。").With("violation", "请选择违规事项。")
	}
	if _, err := answers(ctx, tx, Fault{Project: o.Project, Enterprise: o.Enterprise, FoundOn: o.FoundOn}, v.Former); err != nil {
		return err
	}
	if err := addFiles(ctx, tx, who, o.ID, "before", t.Spot, t.Files); err != nil {
		return err
	}
	way := casework.Way{Act: ActVerify, Holder: new(o.body()), Term: &o.book.Terms.Confirm, Title: v.Title}
	return s.move(ctx, tx, who, o, t, way, "supervision.verified", func(c *Case) {
		c.Violation, c.Severity = v.Code, v.Severity
		if f.Facts != "" {
			c.Facts = f.Facts
		}
	})
}

// ConfirmIn is the second person's word: from now on the fault is found, the
// enterprise hears of it and may reply.
func (s *Cases) ConfirmIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	reply, _ := s.calendar().Due(tx.Today(), o.book.Terms.Reply)
	way := casework.Way{Act: ActConfirm, Holder: new(o.orderer()), Term: &o.book.Terms.Order}
	err = s.move(ctx, tx, who, o, t, way, "supervision.found", func(c *Case) {
		c.Verified, c.ReplyDue, c.Body = tx.Today(), reply, o.orderer().Key()
	})
	if err != nil {
		return err
	}
	if err := s.givePlea(ctx, tx, o); err != nil {
		return err
	}
	return s.tell(ctx, tx, who, o, "supervision.found", "问题查实告知", "如有异议，请在"+reply.Chinese()+"（含当日）以前在平台陈述申辩。", "")
}

// orderer is the body that may order: a community's findings go to its street.
func (o *opened) orderer() casework.Holder {
	h := o.body()
	if h.Role != authz.Community {
		return h
	}
	up, _ := casework.HolderAt(authz.Subdistrict, o.Place())
	return up
}

// DismissIn ends a case whose fault is not there.
func (s *Cases) DismissIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	return s.move(ctx, tx, who, o, t, casework.Way{Act: ActDismiss}, "supervision.dismissed", nil)
}

// JoinIn adds another report of the same fault to a case.
func (s *Cases) JoinIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, f Fault) error {
	o, err := s.open(ctx, tx, who, id)
	if err != nil {
		return err
	}
	if err := authz.Require(who, authz.SupervisionRegister, o.Place()); err != nil {
		return err
	}
	if f.Project != o.Project || !o.joinable() {
		return fault.New(fault.Conflict, "supervision.join", "只能并入同一项目、尚未结束的案件。")
	}
	if err := o.book.check(&f, tx.Today()); err != nil {
		return err
	}
	v, _ := o.book.Violation(f.Violation)
	switch firm, err := answers(ctx, tx, f, v.Former); {
	case err != nil:
		return err
	case firm != o.Enterprise:
		return fault.New(fault.Conflict, "supervision.join", "发现那天服务这个项目的是另一家企业，请另行登记。")
	}
	n, err := sourcesOf(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := addSource(ctx, tx, who, id, int64(len(n))+1, f); err != nil {
		return err
	}
	if err := addFiles(ctx, tx, who, id, "before", f.Spot, f.Files); err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "supervision.joined", o.Object(), audit.Change{Act: authz.SupervisionRegister, At: o.Place(), Detail: map[string]any{"channel": f.Channel, "source": f.SourceRef}})
}

// MergeIn puts a case into another of the same project and enterprise that was not
// found mended: a person decides that it is the same fault. The merged one keeps its reports, photos and steps.
func (s *Cases) MergeIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, into db.ID) error {
	first, second := min(t.ID, into), max(t.ID, into) // two merges never wait for each other
	for _, id := range []db.ID{first, second} {
		if err := tx.Lock(ctx, "case", id); err != nil {
			return err
		}
	}
	o, err := s.load(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	goal, err := s.load(ctx, tx, who, into)
	if err != nil {
		return err
	}
	if o.ID == goal.ID || o.Project != goal.Project || o.Enterprise != goal.Enterprise || !goal.joinable() {
		return fault.New(fault.Invalid, "supervision.merge", "只能并入同一项目、同一企业、尚未复查合格的另一件案件。").With("into", "请选择同一项目、同一企业、尚未复查合格的案件。")
	}
	if o.book.rank(goal.Severity) < o.book.rank(o.Severity) {
		return fault.New(fault.Invalid, "supervision.merge-lesser", "不能并入程度较轻的案件。").With("into", "要并入的案件程度较轻，请反过来并入这一件。")
	}
	t.Note = "并入 " + goal.No
	return s.move(ctx, tx, who, o, t, casework.Way{Act: ActMerge}, "supervision.merged", func(c *Case) { c.Into = goal.ID })
}

// UnmergeIn makes a merged case one of its own again, with all that it had.
func (s *Cases) UnmergeIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	o, err := s.open(ctx, tx, who, t.ID)
	if err != nil {
		return err
	}
	flow, err := casework.Find(ctx, tx, CaseMachine, o.ID)
	if err != nil {
		return err
	}
	steps, err := casework.History(ctx, tx, flow)
	if err != nil {
		return err
	}
	way := casework.Way{Act: ActUnmerge, Holder: new(o.body()), Due: casework.Resumed(steps, ActMerge, tx.Today())}
	return s.move(ctx, tx, who, o, t, way, "supervision.unmerged", func(c *Case) { c.Into = 0 })
}
