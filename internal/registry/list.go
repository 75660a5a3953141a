package registry

import (
	"context"
	"strconv"
	"strings"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
)

const (
	pageMax     = 200
	pageDefault = 50
)

// A Sort is the order of a list.
type Sort string

// The sorts. Names sort by pinyin, as people look names up.
const (
	ByName     Sort = "name"
	ByArea     Sort = "area"
	ByCode     Sort = "code"
	ByProjects Sort = "projects" // enterprises only
)

// A ListQuery asks for a page of enterprises or projects; zero fields choose all.
type ListQuery struct {
	Division   code.Division // and everything below it
	Kind       string        // Kind of enterprises, Use of projects
	State      State
	Enterprise code.USCC // projects only
	Counted    bool      // only what [TotalsOf] counts: not left; projects with an enterprise
	Text       string    // part of the name, or beginning of the code
	Sort       Sort
	Desc       bool
	After      string // the cursor that came with the page before
	Limit      int
}

// An EnterpriseRow is an enterprise in a list: public columns only.
type EnterpriseRow struct {
	USCC     code.USCC
	Name     string
	Kind     Kind
	Division code.Division
	State    State
	Projects int64
	Managed  money.Area
	sort     string
}

// A ProjectRow is a project in a list.
type ProjectRow struct {
	Code           code.ProjectCode
	Name           string
	Use            Use
	Division       code.Division
	Address        string
	State          State
	Area           money.Area
	Households     int64
	Enterprise     code.USCC
	EnterpriseName string
	ContractTo     string
	sort           string
}

// A lister is one kind of list: how its columns are called.
type lister struct {
	alias string
	key   string
	kind  string
	sorts map[Sort]sortColumn
}

type sortColumn struct {
	name   string
	number bool
}

var enterpriseList = lister{"e", "uscc", "kind", map[Sort]sortColumn{
	ByName: {"pinyin", false}, ByCode: {"uscc", false}, ByArea: {"managed_area", true}, ByProjects: {"projects", true},
}}

var projectList = lister{"p", "code", "kind", map[Sort]sortColumn{
	ByName: {"pinyin", false}, ByCode: {"code", false}, ByArea: {"area", true},
}}

// A clause is a WHERE, ORDER BY and LIMIT with their arguments.
type clause struct {
	where []string
	args  []any
	order string
	limit int
	sort  sortColumn
}

func (c *clause) arg(v any) string {
	c.args = append(c.args, v)
	return "$" + strconv.Itoa(len(c.args))
}

func (c *clause) sql() string {
	where := "TRUE"
	if len(c.where) > 0 {
		where = strings.Join(c.where, " AND ")
	}
	return " WHERE " + where + " ORDER BY " + c.order + " LIMIT " + c.arg(c.limit+1)
}

// clause turns a query into SQL; only names of the lister reach the text.
func (l lister) clause(q ListQuery) (*clause, error) {
	c, a := &clause{}, l.alias+"."
	l.filter(c, q)
	by, ok := l.sorts[q.Sort]
	if !ok {
		if q.Sort != "" {
			return nil, fault.New(fault.Invalid, "registry.sort", "不能按这一列排序。")
		}
		by = l.sorts[ByName]
	}
	c.sort = by
	dir, op := "", ">"
	if q.Desc {
		dir, op = " DESC", "<"
	}
	if by.name == l.key {
		c.order = a + l.key + dir
	} else {
		c.order = a + by.name + dir + ", " + a + l.key + dir
	}
	if q.After != "" {
		value, key, err := readCursor(q.After, by.number)
		if err != nil {
			return nil, err
		}
		if by.name == l.key {
			c.where = append(c.where, a+l.key+" "+op+" "+c.arg(key))
		} else {
			c.where = append(c.where, "("+a+by.name+", "+a+l.key+") "+op+" ("+c.arg(value)+", "+c.arg(key)+")")
		}
	}
	c.limit = min(max(q.Limit, 1), pageMax)
	if q.Limit == 0 {
		c.limit = pageDefault
	}
	return c, nil
}

func (l lister) filter(c *clause, q ListQuery) {
	a := l.alias + "."
	switch level := q.Division.Level(); {
	case q.Division == "":
	case level <= code.District:
		// A large share of all rows: walk the list's order and leave out the
		// others, instead of sorting the district for every page.
		c.where = append(c.where, "SUBSTR("+a+"division, 1, "+strconv.Itoa(len(q.Division))+") = "+c.arg(string(q.Division)))
	default:
		c.where = append(c.where, a+"division >= "+c.arg(string(q.Division))+" AND "+a+"division < "+c.arg(string(q.Division)+":"))
	}
	if q.Kind != "" {
		c.where = append(c.where, a+l.kind+" = "+c.arg(q.Kind))
	}
	if q.State != "" {
		c.where = append(c.where, a+"state = "+c.arg(string(q.State)))
	}
	if q.Enterprise != "" && l.key == "code" {
		c.where = append(c.where, a+"enterprise = "+c.arg(string(q.Enterprise)))
	}
	if q.Counted {
		c.where = append(c.where, a+"state <> 'LEFT'")
	}
	if q.Counted && l.key == "code" {
		c.where = append(c.where, a+"enterprise <> ''")
	}
	if text := strings.TrimSpace(q.Text); text != "" {
		r := []rune(text)
		text = string(r[:min(len(r), queryMax)])
		like := "%" + escapeLike(strings.ToLower(text)) + "%"
		head := escapeLike(strings.ToUpper(text)) + "%"
		c.where = append(c.where, "(lower("+a+"name) LIKE "+c.arg(like)+` ESCAPE '!' OR `+a+l.key+" LIKE "+c.arg(head)+` ESCAPE '!')`)
	}
}

func escapeLike(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}

// cursor is where the next page begins: the key and the sorted value of the last
// row, in a form that stands in an address.
func cursor(value, key string) string { return key + "~" + value }

func readCursor(s string, number bool) (value any, key string, err error) {
	key, text, ok := strings.Cut(s, "~")
	if !ok || len(s) > 2000 {
		return nil, "", fault.New(fault.Invalid, "registry.cursor", "页码不正确，请从第一页开始。")
	}
	if !number {
		return text, key, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, "", fault.New(fault.Invalid, "registry.cursor", "页码不正确，请从第一页开始。")
	}
	return n, key, nil
}

// ListEnterprises is a page of enterprises and the cursor of the next one, ""
// after the last. It shows public columns only. Callers share the rows and must
// not alter them.
func ListEnterprises(ctx context.Context, tx *db.Tx, q ListQuery) ([]EnterpriseRow, string, error) {
	return page(ctx, tx, keptEnterprises, q, func() ([]EnterpriseRow, string, error) { return readEnterprises(ctx, tx, q) })
}

func readEnterprises(ctx context.Context, tx *db.Tx, q ListQuery) ([]EnterpriseRow, string, error) {
	c, err := enterpriseList.clause(q)
	if err != nil {
		return nil, "", err
	}
	scan := func(row db.Scanner) (r EnterpriseRow, err error) {
		return r, row.Scan(&r.USCC, &r.Name, &r.Kind, &r.Division, &r.State, &r.Projects, &r.Managed, &r.sort)
	}
	sorted := sortedText(c.sort, "e.")
	rows, err := db.All(ctx, tx, scan, `
		SELECT e.uscc, e.name, e.kind, e.division, e.state, e.projects, e.managed_area, `+sorted+`
		FROM enterprise e`+c.sql(), c.args...)
	if err != nil || len(rows) <= c.limit {
		return rows, "", err
	}
	rows = rows[:c.limit]
	last := rows[c.limit-1]
	return rows, cursor(last.sort, string(last.USCC)), nil
}

// ListProjects is a page of projects and the cursor of the next one; the rows
// are shared, as those of [ListEnterprises] are.
func ListProjects(ctx context.Context, tx *db.Tx, q ListQuery) ([]ProjectRow, string, error) {
	return page(ctx, tx, keptProjects, q, func() ([]ProjectRow, string, error) { return readProjects(ctx, tx, q) })
}

func readProjects(ctx context.Context, tx *db.Tx, q ListQuery) ([]ProjectRow, string, error) {
	c, err := projectList.clause(q)
	if err != nil {
		return nil, "", err
	}
	scan := func(row db.Scanner) (r ProjectRow, err error) {
		return r, row.Scan(&r.Code, &r.Name, &r.Use, &r.Division, &r.Address, &r.State, &r.Area, &r.Households, &r.Enterprise, &r.EnterpriseName, &r.ContractTo, &r.sort)
	}
	sorted := sortedText(c.sort, "p.")
	rows, err := db.All(ctx, tx, scan, `
		SELECT p.code, p.name, p.kind, p.division, p.address, p.state, p.area, p.households,
			COALESCE(p.enterprise, ''), COALESCE(e.name, ''), COALESCE(p.contract_to, ''), `+sorted+`
		FROM project p LEFT JOIN enterprise e ON e.uscc = p.enterprise`+c.sql(), c.args...)
	if err != nil || len(rows) <= c.limit {
		return rows, "", err
	}
	rows = rows[:c.limit]
	last := rows[c.limit-1]
	return rows, cursor(last.sort, string(last.Code)), nil
}

func sortedText(s sortColumn, alias string) string {
	if s.number {
		return "CAST(" + alias + s.name + " AS TEXT)"
	}
	return alias + s.name
}

// CountEnterprises and CountProjects tell how many rows a query's filters leave.
func CountEnterprises(ctx context.Context, tx *db.Tx, q ListQuery) (int64, error) {
	return enterpriseList.count(ctx, tx, `SELECT COUNT(*) FROM enterprise e WHERE `, keptEnterpriseCounts, q)
}

// CountProjects is CountEnterprises for projects.
func CountProjects(ctx context.Context, tx *db.Tx, q ListQuery) (int64, error) {
	return projectList.count(ctx, tx, `SELECT COUNT(*) FROM project p WHERE `, keptProjectCounts, q)
}

// EnterpriseNames gives the names of many enterprises at once.
func EnterpriseNames(ctx context.Context, tx *db.Tx, codes []code.USCC) (map[code.USCC]string, error) {
	return names(ctx, tx, `SELECT uscc, name FROM enterprise WHERE uscc IN (`, codes)
}

// ProjectNames gives the names of many projects at once.
func ProjectNames(ctx context.Context, tx *db.Tx, codes []code.ProjectCode) (map[code.ProjectCode]string, error) {
	return names(ctx, tx, `SELECT code, name FROM project WHERE code IN (`, codes)
}
