package resident

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Span asks for the reports that came in between two instants, newest first.
type Span struct {
	From, To time.Time
	Topics   []string // none: all
	Open     bool     // those not at an end
	Ended    bool     // those at an end; neither: all
	Limit    int
	Skip     int
}

// Ended says whether the procedure of a report is over, solved or not.
func (r *Report) Ended() bool { return slices.Contains(ends, r.State) }

var ends = []string{Closed, Archived, Refused, Merged}

// Within lists the reports of a span. What the public may read of each is the
// caller's to keep to.
func Within(ctx context.Context, tx *db.Tx, q Span) ([]Report, error) {
	cond := "r.received_on >= $1 AND r.received_on <= $2 AND r.received_at >= $3 AND r.received_at <= $4"
	args := []any{day.FromTime(q.From), day.FromTime(q.To), db.Millis(q.From), db.Millis(q.To)}
	if len(q.Topics) > 0 {
		var marks []string
		for _, t := range q.Topics {
			args = append(args, t)
			marks = append(marks, "$"+strconv.Itoa(len(args)))
		}
		cond += " AND r.topic IN (" + strings.Join(marks, ", ") + ")"
	}
	switch {
	case q.Open && !q.Ended:
		cond += " AND r.state NOT IN ('closed', 'archived', 'refused', 'merged')"
	case q.Ended && !q.Open:
		cond += " AND r.state IN ('closed', 'archived', 'refused', 'merged')"
	}
	args = append(args, max(q.Limit, 1), max(q.Skip, 0))
	return db.All(ctx, tx, scanReport, `SELECT `+reportCols+` FROM resident_report r WHERE `+cond+
		` ORDER BY r.received_on DESC, r.id DESC LIMIT $`+strconv.Itoa(len(args)-1)+` OFFSET $`+strconv.Itoa(len(args)), args...)
}

// ByID finds a report by its own id, for those who were given it.
func ByID(ctx context.Context, tx *db.Tx, id db.ID) (*Report, error) { return reportOf(ctx, tx, id) }

const bodyLongest = 6000 // with all that was added

// addIn writes what a client adds later below the words of a report, with its day
// and who says so, and tells who holds it. An ended report takes no more.
func (s *Reports) addIn(ctx context.Context, tx *db.Tx, who authz.Actor, report db.ID, c Client, text string) error {
	if err := tx.Lock(ctx, "case", report); err != nil {
		return err
	}
	r, err := reportOf(ctx, tx, report)
	if err != nil {
		return err
	}
	if err := authz.Require(who, authz.ReportFile, r.Place()); err != nil {
		return err
	}
	text = tidy(text)
	body := r.Body + "\n【" + tx.Today().String() + " 由开放接口“" + c.Name + "”补充】" + text
	switch {
	case r.Ended():
		return fault.New(fault.Conflict, "resident.closed", "这件诉求%s，请另行反映。", r.StateTitle())
	case utf8.RuneCountInString(text) < 2 || utf8.RuneCountInString(text) > bodyMax:
		return fault.New(fault.Invalid, "resident.form", "请写明情况，2 到 2000 个字。").With("body", "请写明情况，2 到 2000 个字。")
	case utf8.RuneCountInString(body) > bodyLongest:
		return fault.New(fault.Conflict, "resident.added", "这件诉求的补充说明已经很多，请拨打12345。")
	}
	if _, err := tx.Exec(ctx, `UPDATE resident_report SET body = $2, changed_at = $3 WHERE id = $1`, r.ID, body, db.Millis(tx.Now)); err != nil {
		return err
	}
	if h := r.Case.Holder; h != (casework.Holder{}) {
		if err := s.notice(ctx, tx, r, &h, "开放接口“"+c.Name+"”补充了说明"); err != nil {
			return err
		}
	}
	return audit.Append(ctx, tx, who, "resident.added", r.object(), map[string]any{"client": c.ID, "name": c.Name})
}

// MovedAt is when a report took its last step.
func MovedAt(ctx context.Context, tx *db.Tx, report db.ID) (time.Time, error) {
	c, err := casework.Find(ctx, tx, Machine, report)
	return c.MovedAt, err
}
