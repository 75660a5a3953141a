package credit

import (
	"context"
	"slices"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
)

// AskAnnulIn asks to take a record back from the start, since its basis was set
// aside (PC-49): with the reason and the paper that says so. Another person decides.
func (s *Records) AskAnnulIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, files []FileRef) error {
	o, err := s.open(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	if err := s.mayAnnul(ctx, tx, who, o, t.Version); err != nil {
		return err
	}
	f := fault.New(fault.Invalid, "credit.annul", "请补正标出的内容。")
	if len(files) == 0 {
		f.With("files", "请上传撤销依据：生效的判决、复议决定，或认定机关自行纠正的决定。")
	}
	if t.Note == "" {
		f.With("note", "请写明理由。")
	}
	if err := f.OrNil(); err != nil {
		return err
	}
	if err := s.attach(ctx, tx, who, o, "annul", files); err != nil {
		return err
	}
	holder, _ := bodyAs(who, authz.CreditAnnul, o.f.Place(), nil)
	w := casework.Way{Act: ActAskAnnul, Holder: &holder, Note: t.Note, Calendar: s.Calendar}
	c, asked, err := casework.About(ctx, tx, AnnulMachine, o.f.Object())
	switch {
	case err != nil:
		return err
	case asked:
		c, err = casework.Do(ctx, tx, who, AnnulMachine, casework.Move{Case: c.ID, Version: c.Version, Way: w})
	default:
		title := "信用信息 " + o.f.ID.String()
		if it := o.item(); it != nil {
			title = it.Title
		}
		c, err = casework.Open(ctx, tx, who, AnnulMachine, casework.Opening{Object: o.f.Object(), Title: title, Place: o.f.Place(), Way: w})
	}
	if err != nil {
		return err
	}
	return s.annulling(ctx, tx, who, o, c, "credit.annul-asked")
}

// DecideAnnulIn is the other person's answer. With a yes the record is void from the
// start, and the event "credit.annulled" makes evaluation run the periods again that
// counted it.
func (s *Records) DecideAnnulIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, agree bool) error {
	o, err := s.open(ctx, tx, who, t.Record)
	if err != nil {
		return err
	}
	c, asked, err := casework.About(ctx, tx, AnnulMachine, o.f.Object())
	if err != nil {
		return err
	}
	if !asked || c.State != AnnulAsked {
		return fault.New(fault.Conflict, "credit.annul-unasked", "没有待决定的撤销申请。撤销须先由一人提请并附依据，再由另一人决定。")
	}
	w := casework.Way{Act: ActRefuseAnnul, Note: t.Note}
	if agree {
		w.Act = ActAgreeAnnul
		if err := s.mayAnnul(ctx, tx, who, o, t.Version); err != nil {
			return err
		}
	}
	steps, err := casework.History(ctx, tx, c)
	if err != nil {
		return err
	}
	if c, err = casework.Do(ctx, tx, who, AnnulMachine, casework.Move{Case: c.ID, Version: c.Version, Way: w}); err != nil {
		return err
	}
	if !agree {
		return s.annulling(ctx, tx, who, o, c, "credit.annul-refused")
	}
	t.Note = steps[len(steps)-1].Note // why it was asked for
	if _, err := s.move(ctx, tx, who, o, t, casework.Way{Act: ActAnnul}, "credit.annulled", func(c *Condition) {
		c.Annulled, c.Contested = tx.Today(), false
	}); err != nil {
		return err
	}
	return s.tell(ctx, tx, who, o, letter{kind: "credit.annulled", title: "信用信息撤销决定书", verdict: "该信息自始不计入信用评价。", reason: t.Note})
}

func (s *Records) annulling(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, c casework.Case, event string) error {
	return audit.Append(ctx, tx, who, event, o.f.Object(), audit.Change{Act: authz.CreditAnnul, At: o.f.Place(), Detail: map[string]any{"item": o.f.Item, "state": c.State}})
}

// mayAnnul holds both persons to the same: the record stands, and neither of them
// established it.
func (s *Records) mayAnnul(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened, version int64) error {
	if err := authz.Require(who, authz.CreditAnnul, o.f.Place()); err != nil {
		return err
	}
	c, err := casework.Find(ctx, tx, RecordMachine, o.f.ID)
	if err != nil {
		return err
	}
	if err := casework.Current(c, version); err != nil {
		return err
	}
	act, _ := RecordMachine.Act(ActAnnul)
	if !slices.Contains(act.From, c.State) {
		return fault.New(fault.Conflict, "casework.state", "当前状态为“%s”，不能“%s”。", c.StateTitle(), act.Title)
	}
	steps, err := casework.History(ctx, tx, c)
	if err != nil {
		return err
	}
	for _, x := range steps {
		if !slices.Contains(act.Not, x.Act) {
			continue
		}
		if err := authz.RequireOther(who, authz.CreditAnnul, x.Person); err != nil {
			return err
		}
	}
	return notByThoseBelow(ctx, tx, who, o)
}

// annulActs are what the actor may do about taking the record back; may says
// whether it could be annulled by him at all.
func (s *Records) annulActs(ctx context.Context, tx *db.Tx, who authz.Actor, d *Dossier, may bool) (acts []casework.Act, err error) {
	c, asked, err := casework.About(ctx, tx, AnnulMachine, d.Object())
	if err != nil {
		return nil, err
	}
	var steps []casework.Step
	if asked {
		if steps, err = casework.History(ctx, tx, c); err != nil {
			return nil, err
		}
		d.Annul, d.AnnulSteps = c, steps
	}
	if !asked && may {
		ask, _ := AnnulMachine.Act(ActAskAnnul)
		return []casework.Act{ask}, nil
	}
	if !asked {
		return nil, nil
	}
	for _, a := range casework.AllowedBy(who, c, steps) {
		if may || a.Name == ActRefuseAnnul {
			acts = append(acts, a)
		}
	}
	return acts, nil
}

// notByThoseBelow: what a body identified is set aside by itself or by one above.
func notByThoseBelow(ctx context.Context, tx *db.Tx, who authz.Actor, o *opened) error {
	by, err := identifiedBy(ctx, tx, o.f.ID)
	if err != nil || by == "" || who.SystemName() != "" || !authz.May(who, authz.CreditAnnul, o.f.Place()) {
		return err
	}
	words := notBelow([]string{string(authz.DistrictBureau), string(authz.CityBureau)}, by)
	if _, ok := bodyAs(who, authz.CreditAnnul, o.f.Place(), words); !ok {
		return fault.New(fault.Forbidden, "credit.annul-below", "这条信息由%s认定，应由其或上级机关撤销。", by.Title())
	}
	return nil
}
