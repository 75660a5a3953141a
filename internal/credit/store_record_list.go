package credit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// A RecordQuery asks for one page of records.
type RecordQuery struct {
	States     []string
	Division   code.Division // its subtree
	Enterprise code.USCC
	Project    code.ProjectCode
	Item       string
	Class      string
	From, To   day.Date // of the event
	Since      day.Date // in its state since this day or later
	Before     day.Date // in its state since before this day
	Contested  bool
	Identified bool   // identified, whatever became of it
	Own        bool   // proposed by the actor's own body
	Sort       string // "new" (default, newest entry first), "event" (newest event first), "due" (nearest deadline first)
	After      string // cursor of the page before
	Limit      int
}

// conditions makes the WHERE of a query for an actor: what the filter asks for
// within what the actor may see.
func (q RecordQuery) conditions(who authz.Actor, arg func(any) string) []string {
	where := []string{visible(who, arg)}
	if len(q.States) > 0 {
		where = append(where, "c.state IN ("+list(q.States, arg)+")")
	}
	if q.Division != "" {
		where = append(where, "c.division >= "+arg(string(q.Division))+" AND c.division < "+arg(string(q.Division)+":"))
	}
	for _, c := range []struct{ column, value string }{{"c.enterprise", string(q.Enterprise)}, {"c.project", string(q.Project)}, {"c.item", q.Item}, {"c.class", q.Class}} {
		if c.value != "" {
			where = append(where, c.column+" = "+arg(c.value))
		}
	}
	if q.From != 0 {
		where = append(where, "c.event >= "+arg(q.From))
	}
	if q.To != 0 {
		where = append(where, "c.event <= "+arg(q.To))
	}
	if q.Since != 0 {
		where = append(where, "c.at >= "+arg(db.Millis(q.Since.Time())))
	}
	if q.Before != 0 {
		where = append(where, "c.at < "+arg(db.Millis(q.Before.Time())))
	}
	if q.Contested {
		where = append(where, "c.contested")
	}
	if q.Identified {
		where = append(where, "c.record IN (SELECT record FROM credit_entry)")
	}
	if q.Own {
		where = append(where, own(who, arg))
	}
	return where
}

// visible is sees for lists.
func visible(who authz.Actor, arg func(any) string) string {
	if who.SystemName() != "" {
		return "TRUE"
	}
	var any []string
	for _, g := range who.Grants {
		one := who
		one.Grants = []authz.Grant{g}
		where, args := authz.Filter(authz.Scopes(one, authz.CreditRead), authz.Columns{Division: "c.division", Enterprise: "c.enterprise", Project: "c.project"}, 1)
		for i := len(args); i > 0; i-- { // renumber from the back: $12 before $1
			where = strings.ReplaceAll(where, fmt.Sprintf("$%d", i), fmt.Sprintf("\x00%d\x00", i))
		}
		for i, a := range args {
			where = strings.ReplaceAll(where, fmt.Sprintf("\x00%d\x00", i+1), arg(a))
		}
		var state string
		if overseer(g.Role) {
			state = "c.state <> " + arg(RecordDraft)
		} else {
			state = "c.state IN (" + list(seenBySubject, arg) + ")"
		}
		any = append(any, where+" AND ("+state+" OR "+own(one, arg)+")")
	}
	if len(any) == 0 {
		return "FALSE"
	}
	return "((" + strings.Join(any, ") OR (") + "))"
}

func own(who authz.Actor, arg func(any) string) string {
	var keys []string
	for _, h := range casework.Bodies(who) {
		keys = append(keys, h.Key())
	}
	if len(keys) == 0 {
		return "FALSE"
	}
	return "c.body IN (" + list(keys, arg) + ")"
}

func list(values []string, arg func(any) string) string {
	var in []string
	for _, v := range values {
		in = append(in, arg(v))
	}
	return strings.Join(in, ", ")
}

// recordSorts are the orders a list may have: the column, ascending or not.
var recordSorts = map[string]struct {
	column string
	asc    bool
}{"new": {"''", false}, "event": {"c.event", false}, "due": {"w.due", true}}

func (q RecordQuery) page(ctx context.Context, tx *db.Tx, who authz.Actor) ([]RecordRow, string, error) {
	if q.Limit <= 0 || q.Limit > pageMax {
		q.Limit = 50
	}
	if q.Sort == "" {
		q.Sort = "new"
	}
	sort, ok := recordSorts[q.Sort]
	if !ok {
		return nil, "", fault.New(fault.Invalid, "credit.sort", "不能按“%s”排序。", q.Sort)
	}
	var args []any
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	where := q.conditions(who, arg)
	order, than := "DESC", "<"
	if sort.asc {
		order, than = "ASC", ">"
	}
	if q.After != "" {
		key, last, ok := strings.Cut(q.After, ".")
		id, err := db.ParseID(last)
		if !ok || err != nil || len(key) > 10 {
			return nil, "", fault.New(fault.Invalid, "credit.cursor", "翻页参数不正确，请从第一页开始。")
		}
		if q.Sort == "new" {
			where = append(where, "c.record < "+arg(int64(id)))
		} else {
			where = append(where, fmt.Sprintf("(%s, c.record) %s (%s, %s)", sort.column, than, arg(key), arg(int64(id))))
		}
	}
	by := sort.column + " " + order + ", c.record " + order
	if q.Sort == "new" {
		by = "c.record DESC"
	}
	rows, err := db.All(ctx, tx, scanRecordRow, recordSelect+` WHERE `+strings.Join(where, " AND ")+` ORDER BY `+by+` LIMIT `+arg(q.Limit+1), args...)
	if err != nil || len(rows) <= q.Limit {
		return rows, "", err
	}
	rows = rows[:q.Limit]
	return rows, q.cursor(rows[q.Limit-1]), nil
}

func (q RecordQuery) cursor(r RecordRow) string {
	key := ""
	switch q.Sort {
	case "event":
		key = r.Event.String()
	case "due":
		key = casework.CursorOf(casework.Case{Due: r.Deadline}).Due
	}
	return key + "." + r.ID.String()
}

const recordSelect = `
	SELECT c.record, c.item, c.class, COALESCE(r.level, ''), c.enterprise, COALESCE(e.name, ''), c.project, COALESCE(p.name, ''), c.division, c.event,
		COALESCE(r.document_type, ''), COALESCE(r.document_number, ''), COALESCE(r.document_issuer, ''), r.document_date,
		w.due, w.due_assumed, w.holder,
		c.version, c.state, c.identified, c.effective, c.until_day, c.rectify_by, c.rectified, c.repaired, c.annulled,
		c.points, c.reasoned, c.contested, c.number, c.at
	FROM credit_current c
	JOIN casework_case w ON w.id = c.record
	LEFT JOIN credit_record r ON r.id = c.record
	LEFT JOIN enterprise e ON e.uscc = c.enterprise
	LEFT JOIN project p ON p.code = c.project`

func scanRecordRow(row db.Scanner) (r RecordRow, err error) {
	var due, holder string
	var at int64
	d := &r.Document
	into := []any{
		&r.ID, &r.Item, &r.Class, &r.Level, &r.Enterprise, &r.EnterpriseName, &r.Project, &r.ProjectName, &r.Division, &r.Event,
		&d.Type, &d.Number, &d.Issuer, &d.Date, &due, &r.Assumed, &holder,
	}
	if err = row.Scan(append(into, r.fields(&at)...)...); err != nil {
		return r, err
	}
	r.At, r.Holder, r.StateTitle = db.FromMillis(at), casework.ParseHolder(holder), RecordMachine.StateTitle(r.State)
	r.Deadline, err = casework.ParseDue(due)
	return r, err
}

// A StateCount is how many records an actor sees in one state.
type StateCount struct {
	State, Title string
	N            int64
}

func (q RecordQuery) counts(ctx context.Context, tx *db.Tx, who authz.Actor) ([]StateCount, error) {
	var args []any
	arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
	where := q.conditions(who, arg)
	found, err := db.All(ctx, tx, func(row db.Scanner) (c StateCount, err error) {
		err = row.Scan(&c.State, &c.N)
		c.Title = RecordMachine.StateTitle(c.State)
		return c, err
	}, `SELECT c.state, COUNT(*) FROM credit_current c WHERE `+strings.Join(where, " AND ")+` GROUP BY c.state ORDER BY c.state`, args...)
	slices.SortStableFunc(found, func(a, b StateCount) int { return stateOrder(a.State) - stateOrder(b.State) })
	return found, err
}

func stateOrder(state string) int {
	return slices.IndexFunc(RecordMachine.States, func(s casework.State) bool { return s.Name == state })
}

// noticedOn is the day on which the subject was told of a record, 0 if it was not.
func noticedOn(ctx context.Context, tx *db.Tx, id db.ID) (day.Date, error) {
	at, err := db.Value[int64](ctx, tx, `SELECT COALESCE(MIN(at), 0) FROM credit_record_state WHERE record = $1 AND state = $2`, id, RecordNoticed)
	if err != nil || at == 0 {
		return 0, err
	}
	return day.FromTime(db.FromMillis(at)), nil
}

// expiredOn lists records past their last day, oldest first.
func expiredOn(ctx context.Context, tx *db.Tx, limit int) ([]db.ID, error) {
	return db.All(ctx, tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) }, `
		SELECT record FROM credit_current
		WHERE state IN ($1, $2, $3) AND until_day < $4
		ORDER BY until_day, record LIMIT $5`, RecordEffective, RecordRepairing, RecordRepaired, tx.Today(), limit)
}

// draftFiled is a draft as far as it can be filed: place and body.
func draftFiled(ctx context.Context, tx *db.Tx, id db.ID) (Filed, error) {
	f, _, err := db.One(ctx, tx, func(row db.Scanner) (f Filed, err error) {
		return f, row.Scan(&f.ID, &f.Item, &f.Class, &f.Enterprise, &f.Project, &f.Division, &f.Event, &f.Body)
	}, `SELECT record, item, class, enterprise, project, division, event, body FROM credit_current WHERE record = $1`, id)
	if err != nil {
		return f, err
	}
	p, ok, err := draftOf(ctx, tx, id)
	if ok {
		enterprise := f.Enterprise
		f.Proposal = p
		f.Enterprise = enterprise
	}
	return f, err
}
