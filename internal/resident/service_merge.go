package resident

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// openStates are those in which a report still waits for something.
var openStates = []string{Submitted, Signed, Dispatched, Returned, Answered, ReviewBack, ReviewPassed, Reopened, Urged, Supervised}

const nearMax = 30

// Near lists the open reports of a project about the same, newest first: what a
// resident may join, and what an official may merge. building 0 asks for the
// whole project; reports that name no building are near to all of it.
func Near(ctx context.Context, tx *db.Tx, b *Book, project code.ProjectCode, topic string, building int64, since day.Date) ([]Report, error) {
	return near(ctx, tx, b.kin(topic), project, building, since, nearMax)
}

// near is [Near] for some topics, none for every one.
func near(ctx context.Context, tx *db.Tx, topics []string, project code.ProjectCode, building int64, since day.Date, most int) ([]Report, error) {
	args := []any{string(project), since, building}
	in := func(list []string) string {
		var marks []string
		for _, x := range list {
			args = append(args, x)
			marks = append(marks, fmt.Sprintf("$%d", len(args)))
		}
		return strings.Join(marks, ", ")
	}
	cond := ""
	if len(topics) > 0 {
		cond = ` AND r.topic IN (` + in(topics) + `)`
	}
	return db.All(ctx, tx, scanReport, `
		SELECT `+reportCols+` FROM resident_report r
		WHERE r.project = $1 AND r.state IN (`+in(openStates)+`)`+cond+` AND r.received_on >= $2
			AND (CAST($3 AS BIGINT) = 0 OR r.building = 0 OR r.building = $3)
		ORDER BY r.id DESC LIMIT `+fmt.Sprint(most), args...)
}

// Comparable says whether a resident can tell if a report is about the thing that they
// are to report under a topic: of the same topic, or its words are public. Of a related
// topic without words nobody could.
func (r *Report) Comparable(topic string) bool {
	return r.Topic == topic || !r.Released.IsZero() && r.PublicBody != ""
}

// kin are a topic, what stands below it and what it stands below.
func (b *Book) kin(topic string) []string {
	own, _ := b.Topic(topic)
	list := []string{topic}
	for _, t := range b.Topics {
		if t.Code != topic && (t.Parent == topic || t.Code == own.Parent) {
			list = append(list, t.Code)
		}
	}
	return list
}

// Alike proposes reports that may be the same as one: place and time fit. Those of
// the same kind come first; others may have been sorted wrongly. A person decides.
func (s *Reports) Alike(ctx context.Context, tx *db.Tx, r *Report) ([]Report, error) {
	book, err := s.Books.ByDigest(ctx, tx, r.Book)
	if err != nil {
		return nil, err
	}
	list, err := near(ctx, tx, nil, r.Project, r.Building, r.ReceivedOn.AddDays(-book.MergeDays), nearMax)
	kin := book.kin(r.Topic)
	slices.SortStableFunc(list, func(a, b Report) int {
		return cmp.Compare(sorted(kin, a.Topic), sorted(kin, b.Topic))
	})
	var out []Report
	for _, x := range list {
		if x.ID != r.ID && x.Joinable() && x.ReceivedOn <= r.ReceivedOn.AddDays(book.MergeDays) {
			out = append(out, x)
		}
	}
	return out, err
}

// sorted is 0 for a topic of the same kind, 1 for others.
func sorted(kin []string, topic string) int {
	if slices.Contains(kin, topic) {
		return 0
	}
	return 1
}

// MergeIn makes a report part of another about the same: its residents follow
// that one from now on, and keep their secrets, their words and their ratings.
func (s *Reports) MergeIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, into db.ID) error {
	if into == t.Report {
		return fault.New(fault.Invalid, "resident.merge", "不能并入自己。").With("into", "请选择另一件诉求。")
	}
	for _, id := range []db.ID{min(into, t.Report), max(into, t.Report)} {
		if err := tx.Lock(ctx, "case", id); err != nil {
			return err
		}
	}
	r, err := s.at(ctx, tx, who, t.Report, authz.ReportMerge)
	if err != nil {
		return err
	}
	main, err := s.at(ctx, tx, who, into, authz.ReportMerge)
	if err != nil {
		return err
	}
	children, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM resident_report WHERE merged_into = $1`, r.ID)
	if err != nil {
		return err
	}
	book, err := s.Books.ByDigest(ctx, tx, r.Book)
	if err != nil {
		return err
	}
	switch {
	case main.Project != r.Project:
		return fault.New(fault.Invalid, "resident.merge", "只能合并同一小区的诉求。").With("into", "不是同一小区。")
	case main.Ended():
		return fault.New(fault.Conflict, "resident.merge", "要并入的诉求%s。", main.StateTitle())
	case !main.Joinable():
		return fault.New(fault.Conflict, "resident.merge-answered", "%s 已经答复，后来的诉求不能再并入，要单独答复。", main.Number)
	case r.owedBy(who):
		return fault.New(fault.Conflict, "resident.merge-own", "这件诉求正由您所在的单位答复，是否并入其他诉求，由签收单位或上级单位决定。")
	case overdue(r, tx.Today()) && !overdue(main, tx.Today()):
		return fault.New(fault.Conflict, "resident.merge-late", "已逾期的诉求不能并入没有逾期的诉求。请反过来，把 %s 并入这一件。", main.Number)
	case children > 0:
		return fault.New(fault.Conflict, "resident.merge", "已有其他诉求并入这一件，请把这一件作为主件。")
	}
	if tidy(t.Note) == "" && !slices.Contains(book.kin(r.Topic), main.Topic) {
		return fault.New(fault.Invalid, "resident.merge-why", "两件诉求的类别不同，合并须写明理由。").With("note", "类别不同，请写明为什么是同一件事。")
	}
	r.MergedInto = main.ID
	main.Voices += r.Voices
	if err := updateReport(ctx, tx, main); err != nil {
		return err
	}
	if t.Note == "" {
		t.Note = "并入 " + main.Number
	}
	if err := s.move(ctx, tx, who, r, t, casework.Way{Act: ActMerge}, "resident.merged"); err != nil {
		return err
	}
	if err := audit.Append(ctx, tx, who, "resident.took-in", main.object(), map[string]any{"report": r.Number}); err != nil {
		return err
	}
	return s.tell(ctx, tx, r, "与另一件反映同一问题的诉求合并办理")
}

// owedBy says whether the answer of a report is owed by an office of the actor: what it
// merges away leaves its rates.
func (r *Report) owedBy(who authz.Actor) bool {
	h, err := r.holder(r.Office)
	return err == nil && h != nil && slices.Contains(answerable, r.State) &&
		slices.ContainsFunc(casework.Bodies(who), func(b casework.Holder) bool { return b.Key() == h.Key() })
}

// overdue says whether an office let a deadline of the report pass: merged into one in
// time, that would be forgotten.
func overdue(r *Report, today day.Date) bool {
	return r.Late || r.Case.Due != 0 && r.Case.Due < today && !r.Ended()
}

// UnmergeIn takes a merger back while the other report runs: this one stands again
// where it stood, with the holder and the days that it had left, since nobody had it in
// hand meanwhile.
func (s *Reports) UnmergeIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	r, err := s.at(ctx, tx, who, t.Report, authz.ReportMerge)
	if err != nil {
		return err
	}
	if r.MergedInto == 0 {
		return fault.New(fault.Conflict, "resident.unmerge", "这件诉求没有并入其他诉求。")
	}
	for _, id := range []db.ID{min(r.MergedInto, r.ID), max(r.MergedInto, r.ID)} {
		if err := tx.Lock(ctx, "case", id); err != nil {
			return err
		}
	}
	main, err := reportOf(ctx, tx, r.MergedInto)
	if err != nil {
		return err
	}
	if r, err = reportOf(ctx, tx, r.ID); err != nil {
		return err
	}
	if main.Ended() {
		return fault.New(fault.Conflict, "resident.unmerge-ended", "主件 %s %s，不能再拆分。还没有解决的，请居民要求重新办理或另行反映。", main.Number, main.StateTitle())
	}
	way, err := s.wayBack(ctx, tx, r)
	if err != nil {
		return err
	}
	main.Voices -= r.Voices
	r.MergedInto = 0
	if err := updateReport(ctx, tx, main); err != nil {
		return err
	}
	return s.move(ctx, tx, who, r, t, way, "resident.unmerged")
}

// wayBack is the way out of a merger: to the state and the holder before it, with the
// days that were left when it was merged.
func (s *Reports) wayBack(ctx context.Context, tx *db.Tx, r *Report) (casework.Way, error) {
	steps, err := casework.History(ctx, tx, r.Case)
	if err != nil {
		return casework.Way{}, err
	}
	way := casework.Way{}
	for i, step := range steps {
		if step.Act != ActMerge || i == 0 {
			continue
		}
		before := steps[i-1].Holder
		way = casework.Way{Act: actUnmerge + step.From, Holder: &before, Due: casework.Resumed(steps[:i+1], ActMerge, tx.Today())}
		if held := day.FromTime(step.At); step.From == Dispatched && r.AnsweredOn == 0 && r.Due >= held {
			r.Due += tx.Today() - held
		}
	}
	return way, nil
}
