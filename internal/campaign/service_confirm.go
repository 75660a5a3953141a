package campaign

import (
	"context"
	"strings"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/supervision"
)

// ConfirmIn is the second inspector's word on the record: from now on its result stands.
// Each finding that leads to points, with a photo, becomes a case of the supervision, in
// the same transaction; what only has to be mended is ordered to be.
func (s *Campaigns) ConfirmIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64) error {
	x, err := findInspection(ctx, tx, who, id, authz.InspectionConfirm)
	if err != nil {
		return err
	}
	c, b, err := s.bookOf(ctx, tx, x)
	if err != nil {
		return err
	}
	list, err := Findings(ctx, tx, x)
	if err != nil {
		return err
	}
	way, latest := casework.Way{Act: ActSettle}, day.Date(0)
	for i, f := range list {
		it, _ := b.Item(f.Item)
		if f.Points && len(f.Photos) == 0 {
			return fault.New(fault.Conflict, "campaign.no-photo", "“%s”要计分，还没有照片，请先补充照片。", it.Title)
		}
		if !f.Points { // the enterprise hears of it now
			d, _ := b.Deadline(f.Deadline)
			list[i].Due = dueOf(s.Calendar, d, tx.Today())
			latest = max(latest, list[i].Due)
			if _, err := tx.Exec(ctx, `UPDATE inspection_finding SET due = $2 WHERE id = $1`, f.ID, list[i].Due); err != nil {
				return err
			}
		}
	}
	if latest != 0 {
		way = casework.Way{Act: ActConfirm, Due: latest}
	}
	x.SettledOn = tx.Today()
	if err := s.step(ctx, tx, who, &x, version, way); err != nil {
		return err
	}
	cases := 0
	for _, f := range list {
		if !f.Points {
			continue
		}
		it, _ := b.Item(f.Item)
		if err := s.register(ctx, tx, who, x, f, it); err != nil {
			return err
		}
		cases++
	}
	if err := x.note(ctx, tx, who, "inspection.confirmed", authz.InspectionConfirm, map[string]any{"cases": cases}); err != nil {
		return err
	}
	return s.settle(ctx, tx, who, c, x)
}

// register makes a finding a case.
func (s *Campaigns) register(ctx context.Context, tx *db.Tx, who authz.Actor, x Inspection, f Finding, it Item) error {
	var files []db.ID
	for _, p := range f.Photos {
		files = append(files, p.File)
	}
	firm, err := registry.HolderOn(ctx, tx, x.Project, x.MadeOn) // it may have changed since the draw
	if err != nil {
		return err
	}
	if firm == "" {
		firm = x.Enterprise
	}
	made, err := s.Cases.RegisterIn(ctx, tx, who, supervision.Fault{
		Channel: supervision.Inspection, SourceRef: x.object(), Project: x.Project, Enterprise: firm, Violation: it.Violation,
		Facts: it.Title + "不合格：" + f.Facts, FoundOn: x.MadeOn, Files: files,
	})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE inspection_finding SET case_id = $2 WHERE id = $1`, f.ID, made)
	return err
}

// ReturnIn sends the record back to the inspector who leads, with the reason.
func (s *Campaigns) ReturnIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64, why string) error {
	x, err := findInspection(ctx, tx, who, id, authz.InspectionConfirm)
	if err != nil {
		return err
	}
	_, b, err := s.bookOf(ctx, tx, x)
	if err != nil {
		return err
	}
	x.Passed = nil
	if err := s.step(ctx, tx, who, &x, version, casework.Way{Act: ActReturn, Note: strings.TrimSpace(why), Holder: holder(x.FirstBody), Account: x.First, Term: &b.Terms.Inspect}); err != nil {
		return err
	}
	return x.note(ctx, tx, who, "inspection.returned", authz.InspectionConfirm, nil)
}

// ReportIn is the enterprise's word that what was found is mended.
func (s *Campaigns) ReportIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64, what string) error {
	x, err := findInspection(ctx, tx, who, id, authz.InspectionMend)
	if err != nil {
		return err
	}
	_, b, err := s.bookOf(ctx, tx, x)
	if err != nil {
		return err
	}
	way := casework.Way{Act: ActReport, Note: strings.TrimSpace(what), Holder: holder(x.SecondBody), Account: x.Second, Term: &b.Terms.Recheck}
	if err := s.step(ctx, tx, who, &x, version, way); err != nil {
		return err
	}
	return x.note(ctx, tx, who, "inspection.reported", authz.InspectionMend, nil)
}

// RecheckIn is the second look, by another person than the one who found it. What
// was reported in time and is found mended was mended in time.
func (s *Campaigns) RecheckIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64, passed bool, why string) error {
	x, err := findInspection(ctx, tx, who, id, authz.InspectionConfirm)
	if err != nil {
		return err
	}
	list, err := Findings(ctx, tx, x)
	if err != nil {
		return err
	}
	latest := day.Date(0)
	for _, f := range list {
		if !f.Points {
			latest = max(latest, f.Due)
		}
	}
	reported := day.FromTime(x.Case.MovedAt)
	way := casework.Way{Act: ActRecheck, Note: strings.TrimSpace(why)}
	if !passed {
		way.Act, way.Due = ActAgain, latest
	}
	if err := s.step(ctx, tx, who, &x, version, way); err != nil {
		return err
	}
	if passed {
		if _, err := tx.Exec(ctx, `UPDATE inspection_finding SET mended_on = $3 WHERE inspection = $1 AND round = $2 AND NOT points`, x.ID, x.Round, reported); err != nil {
			return err
		}
	}
	return x.note(ctx, tx, who, "inspection.rechecked", authz.InspectionConfirm, map[string]any{"passed": passed})
}

// OnCasePassed notes that what became a case was mended, once the case's own
// re-check says so: on the day on which the enterprise reported it, by the last day
// that the case gave.
func OnCasePassed(ctx context.Context, tx *db.Tx, id db.ID) error {
	c, err := casework.Find(ctx, tx, supervision.CaseMachine, id)
	if err != nil {
		return err
	}
	steps, err := casework.History(ctx, tx, c)
	if err != nil {
		return err
	}
	due, reported := day.Date(0), day.Date(0)
	for _, st := range steps {
		switch {
		case st.Act == supervision.ActReport:
			reported = day.FromTime(st.At)
		case st.To == supervision.Ordered && st.Due != 0:
			due = st.Due
		}
	}
	if reported == 0 {
		return nil
	}
	_, err = tx.Exec(ctx, `UPDATE inspection_finding SET mended_on = $2, due = CASE WHEN $3 > due THEN $3 ELSE due END WHERE case_id = $1`, id, reported, due.String())
	return err
}

// OnCaseReopened takes that back: it was not mended.
func OnCaseReopened(ctx context.Context, tx *db.Tx, id db.ID) error {
	_, err := tx.Exec(ctx, `UPDATE inspection_finding SET mended_on = NULL WHERE case_id = $1`, id)
	return err
}

// endOpen closes what a campaign's end finds unfinished: a project that nobody
// visited was not inspected. A record that waits for the second inspector is confirmed
// after it all the same, and what was found is mended.
func (s *Campaigns) endOpen(ctx context.Context, tx *db.Tx, id db.ID) error {
	list, err := db.All(ctx, tx, scanInspection, `SELECT `+inspectionColumns+` FROM inspection i WHERE i.campaign = $1 AND i.state = 'assigned' ORDER BY i.id LIMIT 5000`, id)
	if err != nil {
		return err
	}
	program := authz.System("campaign")
	for _, x := range list {
		if err := s.step(ctx, tx, program, &x, 0, casework.Way{Act: actDrop}); err != nil {
			return err
		}
		if err := x.note(ctx, tx, program, "inspection.dropped", authz.CampaignConclude, nil); err != nil {
			return err
		}
	}
	return nil
}
