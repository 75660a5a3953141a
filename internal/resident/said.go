package resident

import (
	"context"
	"slices"
	"strconv"
	"unicode/utf8"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

const (
	addedMax = 5   // additions of one voice
	saidMax  = 500 // characters of one addition
	saidShow = 200 // of one report
)

// A Saying is what residents wrote of a report besides its own text.
type Saying struct {
	On     day.Date
	Number string // of the report with which it came in
	By     string // how: joined, merged or added
	Text   string
}

// How a saying came.
const (
	SaidJoining = "加入时说明"
	SaidMerged  = "并入的诉求"
	SaidAdding  = "反映后补充"
)

// SayingsIn are the words of everybody who stands behind a report, oldest first, for
// those who handle it: what joiners noted, what the merged reports said and what was
// added before the answer. Who wrote it is not said. What was merged is shown as far
// as the actor may read it itself.
func (s *Reports) SayingsIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) ([]Saying, error) {
	r, err := s.at(ctx, tx, who, id, authz.ReportRead)
	if err != nil {
		return nil, err
	}
	all, err := db.All(ctx, tx, scanReport, `SELECT `+reportCols+` FROM resident_report r WHERE r.merged_into = $1 ORDER BY r.id LIMIT `+strconv.Itoa(saidShow), r.ID)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(x Report) bool { return !authz.May(who, authz.ReportRead, x.Place()) })
	var out []Saying
	for _, x := range all {
		if x.Body != "" {
			text := x.Body
			if x.Spot != "" {
				text = x.Spot + "：" + text
			}
			out = append(out, Saying{On: x.ReceivedOn, Number: x.Number, By: SaidMerged, Text: text})
		}
	}
	for _, x := range append([]Report{*r}, all...) {
		more, err := s.saidOf(ctx, tx, &x)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	slices.SortStableFunc(out, func(a, b Saying) int { return int(a.On - b.On) })
	return out[:min(len(out), saidShow)], nil
}

// saidOf are the notes and additions of one report's voices.
func (s *Reports) saidOf(ctx context.Context, tx *db.Tx, r *Report) ([]Saying, error) {
	voices, err := db.All(ctx, tx, scanVoice, `SELECT `+voiceCols+` FROM resident_voice WHERE report = $1 AND note <> '' ORDER BY id LIMIT `+strconv.Itoa(saidShow), r.ID)
	if err != nil {
		return nil, err
	}
	var out []Saying
	for _, v := range voices {
		out = append(out, Saying{On: v.Joined, Number: r.Number, By: SaidJoining, Text: v.Note})
	}
	more, err := s.additions(ctx, tx, "report = $1", r.ID)
	for _, x := range more {
		x.Number = r.Number
		out = append(out, x)
	}
	return out, err
}

func (s *Reports) additions(ctx context.Context, tx *db.Tx, cond string, id db.ID) ([]Saying, error) {
	type row struct {
		id   db.ID
		said []byte
		at   int64
	}
	rows, err := db.All(ctx, tx, func(sc db.Scanner) (x row, err error) { return x, sc.Scan(&x.id, &x.said, &x.at) },
		`SELECT id, said_sealed, said_at FROM resident_addition WHERE `+cond+` ORDER BY id LIMIT `+strconv.Itoa(saidShow), id)
	if err != nil {
		return nil, err
	}
	var out []Saying
	for _, x := range rows {
		plain, err := s.Keys.Open("resident_addition", "said_sealed", x.id, x.said)
		if err != nil {
			return nil, err
		}
		out = append(out, Saying{On: day.FromTime(db.FromMillis(x.at)), By: SaidAdding, Text: string(plain)})
	}
	return out, nil
}

// Addable says whether who reported or joined may still add to it: while an office
// owes an answer.
func (r *Report) Addable() bool {
	return slices.Contains(openStates, r.State) && !slices.Contains([]string{Answered, ReviewPassed}, r.State)
}

// AddIn takes what a resident adds, by the secret of a voice, before the answer; it
// is for whoever handles the report, who is told of it.
func (s *Reports) AddIn(ctx context.Context, tx *db.Tx, who authz.Actor, secret, text string) error {
	r, v, err := s.followed(ctx, tx, secret)
	if err != nil {
		return err
	}
	if err := r.asResident(who); err != nil {
		return err
	}
	if err := tx.Lock(ctx, "case", r.ID); err != nil {
		return err
	}
	if r, err = reportOf(ctx, tx, r.ID); err != nil {
		return err
	}
	text = tidy(text)
	switch n := utf8.RuneCountInString(text); {
	case !r.Addable():
		return fault.New(fault.Conflict, "resident.not-addable", "这件诉求%s，不能再补充。答复后请在评价中说明，或另行反映。", r.StateTitle())
	case n < 2 || n > saidMax:
		return fault.New(fault.Invalid, "resident.form", "请写明补充的情况，2 到 500 个字。").With("added", "请写明补充的情况，2 到 500 个字。")
	}
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM resident_addition WHERE voice = $1`, v.ID)
	if err != nil {
		return err
	}
	if n >= addedMax {
		return fault.New(fault.TooMany, "resident.added-often", "您已经补充 %d 次，不能再补充。紧急情况请拨打 12345。", n)
	}
	id := tx.NewID()
	sealed, err := s.Keys.Seal("resident_addition", "said_sealed", id, []byte(text))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO resident_addition (id, report, voice, said_sealed, said_at) VALUES ($1, $2, $3, $4, $5)`, id, v.Report, v.ID, sealed, db.Millis(tx.Now)); err != nil {
		return err
	}
	if h := r.Case.Holder; h.Role != "" {
		if err := s.notice(ctx, tx, r, &h, "居民补充了情况"); err != nil {
			return err
		}
	}
	return audit.Append(ctx, tx, authz.System("resident"), "resident.added", r.object(), nil) // the log does not tie an account to a voice
}
