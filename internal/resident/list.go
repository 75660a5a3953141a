package resident

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
)

const pageMax = 100_001

// What a list may be narrowed to: the very reports that a figure counted.
const (
	CountReceived = "received"
	CountInTime   = "in_time"
	CountLate     = "late"
	CountOpen     = "open"
)

// A Query asks for a page of reports; zero fields choose all.
type Query struct {
	Scopes     []authz.Scope // of officials and enterprises; see Public
	Public     bool          // everybody's list: kind, place, state and days alone
	Division   code.Division // and everything below it
	Enterprise code.USCC
	Project    code.ProjectCode
	Office     authz.Role // who answers
	State      string
	Topic      string
	Class      string
	Channel    string
	Count      string
	MergedInto db.ID
	Number     string // its beginning
	Orders     bool   // Number may be the beginning of a 12345 order's, too
	From, To   day.Date
	Sort       string // "received", "due", "voices"
	Desc       bool
	After      []string // sort key and id of the last row before
	Limit      int
}

// column is what a list is sorted by.
func (q Query) column() string {
	switch q.Sort {
	case "due":
		return "COALESCE(r.due, '9999-12-31')"
	case "voices":
		return "r.voices"
	}
	return "r.received_on"
}

// List gives a page of reports in the order asked for.
func List(ctx context.Context, tx *db.Tx, q Query) ([]Report, error) {
	cond, args := q.where()
	col := q.column()
	order, than := "ASC", ">"
	if q.Desc {
		order, than = "DESC", "<"
	}
	if len(q.After) == 2 {
		id, err := db.ParseID(q.After[1])
		if err == nil {
			var key any = q.After[0]
			if q.Sort == "voices" {
				n, _ := strconv.ParseInt(q.After[0], 10, 64)
				key = n
			}
			args = append(args, key, int64(id))
			cond += fmt.Sprintf(" AND (%s, r.id) %s ($%d, $%d)", col, than, len(args)-1, len(args))
		}
	}
	return db.All(ctx, tx, scanReport, `SELECT `+reportCols+` FROM resident_report r WHERE `+cond+
		` ORDER BY `+col+` `+order+`, r.id `+order+` LIMIT `+strconv.Itoa(min(max(q.Limit, 1), pageMax)), args...)
}

const opinionsMax = 50

// Opinions are what the residents of a report, and of those merged into it, said
// of its answers, the newest first; who they are is not said.
func Opinions(ctx context.Context, tx *db.Tx, report db.ID) ([]Voice, error) {
	list, err := db.All(ctx, tx, scanVoice, `SELECT `+voiceCols+` FROM resident_voice
		WHERE (report = $1 OR report IN (SELECT id FROM resident_report WHERE merged_into = $1)) AND solved <> 0 ORDER BY rated_on DESC, id DESC LIMIT `+strconv.Itoa(opinionsMax), report)
	for i := range list {
		list[i].Account = 0
	}
	return list, err
}

// Key is a row's place in a list, for its cursor.
func (q Query) Key(r Report) []string {
	key := r.ReceivedOn.String()
	switch q.Sort {
	case "due":
		if key = r.Due.String(); r.Due == 0 {
			key = "9999-12-31"
		}
	case "voices":
		key = strconv.FormatInt(r.Voices, 10)
	}
	return []string{key, r.ID.String()}
}

// Count counts the same reports.
func Count(ctx context.Context, tx *db.Tx, q Query) (int64, error) {
	cond, args := q.where()
	return db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM resident_report r WHERE `+cond, args...)
}

func (q Query) where() (string, []any) {
	cond, args := "TRUE", []any{}
	if !q.Public {
		cond, args = authz.Filter(q.Scopes, authz.Columns{Division: "r.division", Enterprise: "r.enterprise", Project: "r.project"}, 1)
	}
	and := func(text string, v any) {
		args = append(args, v)
		cond += " AND " + strings.ReplaceAll(text, "?", "$"+strconv.Itoa(len(args)))
	}
	for _, x := range []struct {
		col, v string
	}{{"r.enterprise", string(q.Enterprise)}, {"r.project", string(q.Project)}, {"r.office", string(q.Office)}, {"r.state", q.State}, {"r.topic", q.Topic}, {"r.class", q.Class}, {"r.channel", q.Channel}} {
		if x.v != "" {
			and(x.col+" = ?", x.v)
		}
	}
	if q.Division != "" {
		and("r.division >= ?", string(q.Division))
		and("r.division < ?", string(q.Division)+":")
	}
	if q.Number != "" {
		args = append(args, q.Number, q.Number+":")
		found := fmt.Sprintf("r.number >= $%d AND r.number < $%d", len(args)-1, len(args))
		if q.Orders && !q.Public {
			args = append(args, q.Number, q.Number+"\U0010FFFF")
			found += fmt.Sprintf(" OR r.source_ref <> '' AND r.source_ref >= $%d AND r.source_ref < $%d", len(args)-1, len(args))
		}
		cond += " AND (" + found + ")"
	}
	if q.MergedInto != 0 {
		and("r.merged_into = ?", int64(q.MergedInto))
	}
	if q.From != 0 {
		and("r.received_on >= ?", q.From)
	}
	if q.To != 0 {
		and("r.received_on <= ?", q.To)
	}
	switch q.Count {
	case CountReceived:
		cond += " AND r.state NOT IN ('merged', 'refused') AND r.class <> '" + praise + "'"
	case CountInTime:
		cond += " AND r.state NOT IN ('merged', 'refused') AND r.class <> '" + praise + "' AND r.in_time"
	case CountLate:
		cond += " AND r.state NOT IN ('merged', 'refused') AND r.late"
	case CountOpen:
		cond += " AND r.state NOT IN ('merged', 'refused', 'closed', 'archived')"
	}
	return cond, args
}
