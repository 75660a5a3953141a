package casework

import (
	"context"
	"fmt"
	"strings"

	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
)

const (
	todoPageMax = 100
	bodiesMax   = 60 // of one actor
)

// A Cursor is the place in a list by deadline after which the next page begins;
// its zero value is the top.
type Cursor struct {
	Due string
	ID  db.ID
}

// String is the cursor as an address carries it, "" at the top.
func (c Cursor) String() string {
	if c.ID == 0 {
		return ""
	}
	return c.Due + "." + c.ID.String()
}

// ReadCursor reads what String wrote; anything else is the top.
func ReadCursor(s string) Cursor {
	due, id, _ := strings.Cut(s, ".")
	n, err := db.ParseID(id)
	if err != nil {
		return Cursor{}
	}
	return Cursor{due, n}
}

// CursorOf is the place of a case in such a list.
func CursorOf(c Case) Cursor { return Cursor{dueText(c.Due), c.ID} }

// A Filter narrows a to-do list; the zero Filter shows everything.
type Filter struct {
	Machine string  // only this procedure
	Mine    bool    // only what the actor claimed
	Free    bool    // only what nobody claimed
	Late    bool    // only what is overdue today
	Without []db.ID // leaving out these cases
}

// A Todo is a case that waits for the actor's body.
type Todo struct {
	Case
	Words string // 还剩3天
	Late  bool
	Mine  bool
}

// Todos lists what waits for the bodies of an actor, by deadline, as soon as
// something can be done with it. It is one
// query: an indexed walk for each body, merged. machines names the procedures
// that may appear, for their titles and for what needs another person.
func Todos(ctx context.Context, tx *db.Tx, who authz.Actor, machines []*Machine, f Filter, after Cursor, limit int) (todos []Todo, next Cursor, err error) {
	limit = min(max(limit, 1), todoPageMax)
	bodies := Bodies(who)
	if len(bodies) == 0 {
		return nil, Cursor{}, nil
	}
	query, args := todoQuery(bodies, who, machines, f, after, tx.Today(), limit+1)
	cases, err := db.All(ctx, tx, scanCase, query, args...)
	if err != nil {
		return nil, Cursor{}, err
	}
	if len(cases) > limit {
		cases = cases[:limit]
		next = CursorOf(cases[limit-1])
	}
	for _, c := range cases {
		for _, m := range machines {
			if m.Name == c.Machine.Name {
				c.Machine = m
			}
		}
		t := Todo{Case: c, Mine: c.Account != 0 && who.StandsFor(c.Account)}
		t.Words, t.Late = Waits(c.Due, tx.Today(), c.Assumed)
		todos = append(todos, t)
	}
	return todos, next, nil
}

func todoQuery(bodies []Holder, who authz.Actor, machines []*Machine, f Filter, after Cursor, today day.Date, limit int) (string, []any) {
	args := []any{after.Due, int64(after.ID), limit}
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	cond := notMine(who, machines, arg) + " AND c.ready <= " + arg(today)
	if f.Machine != "" {
		cond += " AND c.machine = " + arg(f.Machine)
	}
	if f.Mine {
		cond += " AND c.account = " + arg(int64(who.Account))
	}
	if f.Free {
		cond += " AND c.account IS NULL"
	}
	if f.Late {
		cond += " AND c.due < " + arg(today)
	}
	if len(f.Without) > 0 {
		ids := make([]string, len(f.Without))
		for i, id := range f.Without {
			ids[i] = arg(int64(id))
		}
		cond += " AND c.id NOT IN (" + strings.Join(ids, ", ") + ")"
	}
	var walks []string
	for i, h := range bodies[:min(len(bodies), bodiesMax)] {
		walks = append(walks, fmt.Sprintf(`
			SELECT id FROM (
				SELECT c.id FROM casework_case c
				WHERE c.holder = %s AND (c.due, c.id) > ($1, $2)%s
				ORDER BY c.due, c.id LIMIT $3
			) AS walk%d`, arg(h.Key()), cond, i))
	}
	return `SELECT ` + caseColumns + ` FROM casework_case c
		WHERE c.id IN (` + strings.Join(walks, " UNION ALL ") + `)
		ORDER BY c.due, c.id LIMIT $3`, args
}

// A Count is how many cases of one procedure wait for an actor.
type Count struct {
	Machine string
	N, Late int64
}

// TodoCounts counts what waits for the actor's bodies, per procedure, in the
// order of the procedures' names; machines as in Todos.
func TodoCounts(ctx context.Context, tx *db.Tx, who authz.Actor, machines []*Machine) ([]Count, error) {
	bodies := Bodies(who)
	if len(bodies) == 0 {
		return nil, nil
	}
	args := []any{tx.Today()}
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	var in []string
	for _, h := range bodies[:min(len(bodies), bodiesMax)] {
		in = append(in, arg(h.Key()))
	}
	others := notMine(who, machines, arg)
	return db.All(ctx, tx, func(row db.Scanner) (c Count, err error) {
		return c, row.Scan(&c.Machine, &c.N, &c.Late)
	}, `
		SELECT c.machine, COUNT(*), COUNT(*) FILTER (WHERE c.due < $1)
		FROM casework_case c WHERE c.holder <> '' AND c.holder IN (`+strings.Join(in, ", ")+`) AND c.ready <= $1`+others+`
		GROUP BY c.machine ORDER BY c.machine`, args...)
}
