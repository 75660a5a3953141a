package deed

import (
	"context"
	"strconv"
	"strings"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Query narrows a list of deeds; empty fields don't.
type Query struct {
	District  code.Division
	State     string
	Category  string
	Programme db.ID
	Late      bool
	Month     Month // closed in it
	Project   code.ProjectCode
	Text      string
	Open      bool // the public's list

	Sort  string // "number" (of entry), "deadline", "people"
	Desc  bool
	After []string // value and id of the last row
	Limit int
}

const rowsMax = 100_001

// sorts are the orders that a list has an index for.
var sorts = map[string]struct {
	column string
	number bool
}{"entered": {"d.id", true}, "deadline": {"d.deadline", false}, "people": {"d.people", true}}

// Key is a row's place in a list sorted so.
func (d Deed) Key(sort string) []string {
	switch sort {
	case "deadline":
		return []string{d.Deadline.String(), d.ID.String()}
	case "people":
		return []string{strconv.FormatInt(d.People, 10), d.ID.String()}
	}
	return []string{d.ID.String()}
}

// List is a page of the deeds that the actor may read; visitors read open ones.
func List(ctx context.Context, tx *db.Tx, who authz.Actor, q Query) ([]Deed, error) {
	w, err := where(who, tx.Today(), q)
	if err != nil {
		return nil, err
	}
	by, ok := sorts[q.Sort]
	if !ok {
		by = sorts["entered"]
	}
	dir, op := "", ">"
	if q.Desc {
		dir, op = " DESC", "<"
	}
	order := by.column + dir
	if by.column != "d.id" {
		order += ", d.id" + dir
	}
	if len(q.After) > 0 {
		id, err := db.ParseID(q.After[len(q.After)-1])
		bad := fault.New(fault.Invalid, "deed.cursor", "网址里的页码不正确，请从第一页开始。")
		if err != nil || by.column != "d.id" && len(q.After) != 2 {
			return nil, bad
		}
		if by.column == "d.id" {
			w.add("d.id " + op + " " + w.arg(int64(id)))
		} else {
			var value any = q.After[0]
			if by.number {
				if value, err = strconv.ParseInt(q.After[0], 10, 64); err != nil {
					return nil, bad
				}
			}
			w.add("(" + by.column + ", d.id) " + op + " (" + w.arg(value) + ", " + w.arg(int64(id)) + ")")
		}
	}
	limit := w.arg(min(max(q.Limit, 1), rowsMax))
	return db.All(ctx, tx, scanDeed, `SELECT `+columns+` FROM deed d WHERE `+strings.Join(w.all, " AND ")+` ORDER BY `+order+` LIMIT `+limit, w.args...)
}

// Sum adds up just what List lists without its limit.
func Sum(ctx context.Context, tx *db.Tx, who authz.Actor, q Query) (Totals, error) {
	w, err := where(who, tx.Today(), q)
	if err != nil {
		return Totals{}, err
	}
	today := w.arg(tx.Today().String())
	t, _, err := db.One(ctx, tx, scanTotals, `
		SELECT COUNT(*), CAST(COALESCE(SUM(d.people), 0) AS BIGINT), CAST(COALESCE(SUM(d.households), 0) AS BIGINT), CAST(COALESCE(SUM(d.spent), 0) AS BIGINT),
			COUNT(*) FILTER (WHERE d.state IN ('scheduled', 'doing')), COUNT(*) FILTER (WHERE `+lateIf(today)+`),
			COUNT(*) FILTER (WHERE d.state = 'suspended')
		FROM deed d WHERE `+strings.Join(w.all, " AND "), w.args...)
	return t, err
}

// Benefited is how many people the deeds of a list served: of the closed ones,
// as the city's figure counts, where the list asks for no state; else of just that
// state, with words that say whether they count.
func Benefited(ctx context.Context, tx *db.Tx, who authz.Actor, q Query) (people int64, state, words string, err error) {
	words = "已销号各件登记人数之和"
	switch q.State {
	case "":
		q.State, words = Closed, words+"，办结未销号的不计入"
	case Closed:
	default:
		words = "登记人数，销号后才计入合计"
	}
	t, err := Sum(ctx, tx, who, q)
	return t.People, q.State, words, err
}

type conditions struct {
	all  []string
	args []any
}

func (w *conditions) add(cond string) { w.all = append(w.all, cond) }

func (w *conditions) arg(v any) string {
	w.args = append(w.args, v)
	return "$" + strconv.Itoa(len(w.args))
}

func where(who authz.Actor, today day.Date, q Query) (*conditions, error) {
	w := &conditions{}
	if q.Open {
		w.add("d.is_open")
	} else {
		if err := authz.RequireAny(who, authz.DeedRead); err != nil {
			return nil, err
		}
		cond, args := authz.Filter(authz.Scopes(who, authz.DeedRead), authz.Columns{Division: "d.division", Project: "d.project"}, 1)
		w.add(cond)
		w.args = args
	}
	if q.District != "" {
		w.add("d.division >= " + w.arg(string(q.District)) + " AND d.division < " + w.arg(string(q.District)+":"))
	}
	if q.State != "" {
		w.add("d.state = " + w.arg(q.State))
	}
	if q.Category != "" {
		w.add("d.category = " + w.arg(q.Category))
	}
	if q.Programme != 0 {
		w.add("d.programme = " + w.arg(int64(q.Programme)) + " AND d.state <> 'declined'")
	}
	if q.Late {
		w.add(lateIf(w.arg(today.String())))
	}
	if q.Month != "" {
		w.add("d.closed_on BETWEEN " + w.arg(q.Month.First().String()) + " AND " + w.arg(q.Month.Last().String()))
	}
	if q.Project != "" {
		w.add("d.project = " + w.arg(string(q.Project)))
	}
	if text := strings.TrimSpace(q.Text); text != "" {
		like := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(text)) + "%"
		w.add("(lower(d.title) LIKE " + w.arg(like) + " ESCAPE '!' OR lower(d.number) LIKE " + w.arg(like) + " ESCAPE '!')")
	}
	return w, nil
}
