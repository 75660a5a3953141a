package campaign

import (
	"context"
	"strings"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
)

const (
	photosMax   = 10 // of one finding
	positionMax = 60
	noteMax     = 1000
)

// assign sends the drawn inspectors out.
func (s *Campaigns) assign(ctx context.Context, tx *db.Tx, who authz.Actor, c Campaign, b *Book) (int, error) {
	_, result, err := poolOf(ctx, tx, c.ID)
	if err != nil {
		return 0, err
	}
	drawn, err := readResult(result)
	if err != nil {
		return 0, err
	}
	sent, err := sentOf(ctx, tx, c.ID)
	if err != nil {
		return 0, err
	}
	due := s.dueIn(c, b, tx.Today())
	for _, one := range drawn {
		at, err := registry.PlaceOfProject(ctx, tx, code.ProjectCode(one.Project))
		if err != nil {
			return 0, err
		}
		first, second := sent[one.Inspectors[0]], sent[one.Inspectors[1]]
		x := Inspection{
			ID: tx.NewID(), Campaign: c.ID, Project: code.ProjectCode(one.Project), Enterprise: at.Enterprise, Division: at.Division, Due: due,
			First: first.Account, FirstBody: first.Body, Second: second.Account, SecondBody: second.Body, State: Assigned,
		}
		names, err := registry.ProjectNames(ctx, tx, []code.ProjectCode{x.Project})
		if err != nil {
			return 0, err
		}
		if err := insertInspection(ctx, tx, x); err != nil {
			return 0, err
		}
		_, err = casework.Open(ctx, tx, who, InspectionMachine, casework.Opening{
			ID: x.ID, Object: x.object(), Title: c.Title + "：" + names[x.Project], Place: at,
			Way: casework.Way{Act: actAssign, Holder: holder(x.FirstBody), Account: x.First, Due: due},
		})
		if err != nil {
			return 0, err
		}
	}
	return len(drawn), nil
}

func holder(body string) *casework.Holder { return new(casework.ParseHolder(body)) }

// step takes an act on an inspection's case and notes its state.
func (s *Campaigns) step(ctx context.Context, tx *db.Tx, who authz.Actor, x *Inspection, version int64, way casework.Way) (err error) {
	way.Calendar = s.Calendar
	if x.Case, err = casework.Do(ctx, tx, who, InspectionMachine, casework.Move{Case: x.ID, Version: version, Way: way}); err != nil {
		return err
	}
	x.State = x.Case.State
	if x.Case.Due != 0 {
		x.Due = x.Case.Due
	}
	return updateInspection(ctx, tx, *x)
}

func (x Inspection) note(ctx context.Context, tx *db.Tx, who authz.Actor, kind string, act authz.Act, detail any) error {
	return audit.Append(ctx, tx, who, kind, x.object(), audit.Change{Act: act, At: x.place(), Detail: detail})
}

// A Visit is what an inspector brings back. Taken is when it was written down on
// the spot; zero: now.
type Visit struct {
	Answers  map[string]Answer
	Position string // "45.75693,126.64240±12": where the device stood
	Note     string
	Taken    time.Time
}

// bookOf is the rulebook and the checklist of an inspection.
func (s *Campaigns) bookOf(ctx context.Context, tx *db.Tx, x Inspection) (Campaign, *Book, error) {
	c, err := byID(ctx, tx, x.Campaign)
	if err != nil {
		return c, nil, err
	}
	b, err := s.Books.ByDigest(ctx, tx, c.Book)
	return c, b, err
}

// Checklist is what the inspectors of an inspection look at: that of the season
// in which the campaign begins.
func (s *Campaigns) Checklist(ctx context.Context, tx *db.Tx, x Inspection) (*Book, []Item, error) {
	c, b, err := s.bookOf(ctx, tx, x)
	if err != nil {
		return nil, nil, err
	}
	return b, b.Checklist(c.From, c.Items), nil
}

// takenMax is how long a record may wait on a device without network.
const takenMax = 48 * time.Hour

// SubmitIn keeps the record of a visit, by the inspector who leads it; it waits for the
// second inspector, and nothing of it counts before. The time to mend runs from the day
// on which the enterprise is told, not from when the record was taken.
func (s *Campaigns) SubmitIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64, v Visit) (Inspection, error) {
	x, err := findInspection(ctx, tx, who, id, authz.InspectionDo)
	if err != nil {
		return x, err
	}
	c, b, err := s.bookOf(ctx, tx, x)
	if err != nil {
		return x, err
	}
	list := b.Checklist(c.From, c.Items)
	if err := checkAnswers(b, list, v.Answers); err != nil {
		return x, err
	}
	sum, err := ScoreOf(b, list, v.Answers)
	if err != nil {
		return x, err
	}
	if err := v.check(x, tx.Now); err != nil {
		return x, err
	}
	x.Round++
	x.MadeOn, x.Position, x.Note, x.Score, x.Applied, x.Passed = day.FromTime(v.Taken), v.Position, v.Note, sum.Score, sum.Of, new(sum.Pass)
	found := foundIn(list, v.Answers)
	for i := range found {
		d, _ := b.Deadline(found[i].Deadline)
		found[i].ID, found[i].Inspection, found[i].Due = tx.NewID(), x.ID, dueOf(s.Calendar, d, tx.Today())
	}
	if err := s.step(ctx, tx, who, &x, version, casework.Way{Act: ActSubmit, Holder: holder(x.SecondBody), Account: x.Second, Term: &b.Terms.Confirm}); err != nil {
		return x, err
	}
	if err := insertVisit(ctx, tx, x, v.Answers, list, found); err != nil {
		return x, err
	}
	return x, x.note(ctx, tx, who, "inspection.submitted", authz.InspectionDo, map[string]any{"score": x.Score, "findings": len(found), "taken": db.Millis(v.Taken)})
}

// foundIn are the findings of a record, in the checklist's order.
func foundIn(list []Item, answers map[string]Answer) (found []Finding) {
	for _, it := range list {
		if a := answers[it.Code]; a.Verdict == Bad {
			found = append(found, Finding{Item: it.Code, Facts: a.Facts, Deadline: a.Deadline, Points: a.Points})
		}
	}
	return found
}

// check bounds what came with the record.
func (v *Visit) check(x Inspection, now time.Time) error {
	v.Position, v.Note = strings.TrimSpace(v.Position), strings.TrimSpace(v.Note)
	if len(v.Position) > positionMax || len([]rune(v.Note)) > noteMax {
		return fault.New(fault.Invalid, "campaign.visit", "填写的内容过长。")
	}
	if v.Taken.IsZero() {
		v.Taken = now
	}
	if v.Taken.After(now.Add(time.Minute)) || v.Taken.Before(x.Case.OpenedAt.Add(-time.Minute)) {
		return fault.New(fault.Invalid, "campaign.taken", "记录时间应在派出检查之后、现在之前，请核对设备的时间。")
	}
	if v.Taken.Before(now.Add(-takenMax)) {
		return fault.New(fault.Invalid, "campaign.taken-late", "现场记录应在两天之内提交，请核对设备的时间，或重新检查。")
	}
	return nil
}

// settle reports an assessment's result to the credit evaluation once it stands.
func (s *Campaigns) settle(ctx context.Context, tx *db.Tx, who authz.Actor, c Campaign, x Inspection) error {
	if x.SettledOn == 0 || c.Kind != KindAssessment {
		return nil
	}
	id, err := db.Value[db.ID](ctx, tx, `SELECT id FROM project WHERE code = $1`, string(x.Project))
	if err != nil {
		return err
	}
	failed := int64(0)
	if !*x.Passed {
		failed = 1
	}
	subject := credit.Subject{Kind: credit.Project, ID: id}
	if err := s.Evaluations.ReportInput(ctx, tx, who, subject, x.place(), "last_assessment", x.MadeOn, int64(x.MadeOn), "supervision"); err != nil {
		return err
	}
	return s.Evaluations.ReportInput(ctx, tx, who, subject, x.place(), "assessment_failed", x.MadeOn, failed, "supervision")
}

// PhotosIn adds photos to a finding of an inspection, by one of its inspectors,
// or by the enterprise that mends it.
func (s *Campaigns) PhotosIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, item string, files []db.ID, after bool) error {
	act := authz.InspectionDo
	if after {
		act = authz.InspectionMend
	}
	x, err := findInspection(ctx, tx, who, id, act)
	if err != nil {
		return err
	}
	if !after && !who.StandsFor(x.First) && !who.StandsFor(x.Second) && who.SystemName() == "" {
		return fault.New(fault.Forbidden, "campaign.not-inspector", "照片由本次检查的检查人员上传。")
	}
	if x.State == Assigned || x.State == Done || x.State == Dropped {
		return fault.New(fault.Conflict, "campaign.photo-state", "检查%s，现在不能补充照片。", x.StateTitle())
	}
	list, err := Findings(ctx, tx, x)
	if err != nil {
		return err
	}
	for _, f := range list {
		if f.Item != item {
			continue
		}
		if len(f.Photos)+len(files) > 2*photosMax {
			return fault.New(fault.Invalid, "campaign.photos-max", "每个问题最多 %d 张照片。", 2*photosMax)
		}
		if err := insertPhotos(ctx, tx, who, x, item, files, after); err != nil {
			return err
		}
		return x.note(ctx, tx, who, "inspection.photographed", act, map[string]any{"item": item, "files": files, "after": after})
	}
	return fault.New(fault.Invalid, "campaign.unknown-item", "没有发现这一项的问题。").With("item", "请选择问题。")
}

// RecuseIn lets the leading inspector step back, with the reason; who goes
// instead is drawn from the same pool with the same seed.
func (s *Campaigns) RecuseIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64, why string) error {
	x, err := findInspection(ctx, tx, who, id, authz.InspectionDo)
	if err != nil {
		return err
	}
	c, err := byID(ctx, tx, x.Campaign)
	if err != nil {
		return err
	}
	pool, result, err := poolOf(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	drawn, err := readResult(result)
	if err != nil {
		return err
	}
	sent, err := sentOf(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	next, err := Substitute(pool, c.Seed, drawn, string(x.Project), x.gone(sent))
	if err != nil {
		return err
	}
	for number, one := range sent {
		if one.Account == x.First {
			x.Were = strings.TrimSpace(x.Were + " " + number)
		}
	}
	x.First, x.FirstBody = sent[next].Account, sent[next].Body
	if err := s.step(ctx, tx, who, &x, version, casework.Way{Act: ActRecuse, Note: strings.TrimSpace(why), Holder: holder(x.FirstBody), Account: x.First, Due: x.Due}); err != nil {
		return err
	}
	return x.note(ctx, tx, who, "inspection.recused", authz.InspectionDo, map[string]any{"substitute": next})
}
