package registry

import (
	"context"
	"slices"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
)

// The definitions of the city's figures from the register, one text for pages
// and for `juli figures`.
const (
	EnterprisesDefinition = "截至当日已登记且未退出的物业服务企业数（按注册区划计）"
	ProjectsDefinition    = "截至当日已登记、未退出且有企业服务的项目数（按项目所在区划计）"
	AreaDefinition        = "上述项目登记的建筑面积之和"
)

// Totals are the figures enterprises, projects and managed_area of a division.
type Totals struct {
	Division    code.Division
	Enterprises int64
	Projects    int64
	Area        money.Area
}

// TotalsOf counts a division, or the whole city for "", as of a day. An
// enterprise counts from its entry until the day it left, suspended or not; a
// project counts while an enterprise holds it; its area is the registered one.
func TotalsOf(ctx context.Context, tx *db.Tx, division code.Division, on day.Date) (Totals, error) {
	all, err := totals(ctx, tx, division, on, 0)
	if err != nil {
		return Totals{}, err
	}
	sum := Totals{Division: division}
	for _, t := range all {
		sum.Enterprises += t.Enterprises
		sum.Projects += t.Projects
		sum.Area += t.Area
	}
	return sum, nil
}

// TotalsByDistrict counts each district and county as of a day, by code.
func TotalsByDistrict(ctx context.Context, tx *db.Tx, on day.Date) ([]Totals, error) {
	return totals(ctx, tx, "", on, int64(len("230103")))
}

// totals groups by the first digits of the division code; 0 groups all as one.
func totals(ctx context.Context, tx *db.Tx, within code.Division, on day.Date, digits int64) ([]Totals, error) {
	from, to := string(within), string(within)+":"
	by := map[code.Division]*Totals{}
	at := func(d code.Division) *Totals {
		if by[d] == nil {
			by[d] = &Totals{Division: d}
		}
		return by[d]
	}
	scan := func(row db.Scanner) (t Totals, err error) { return t, row.Scan(&t.Division, &t.Projects, &t.Area) }
	counted, err := db.All(ctx, tx, scan, `
		SELECT SUBSTR(division, 1, CAST($4 AS INTEGER)), COUNT(*), 0
		FROM enterprise
		WHERE division >= $1 AND division < $2 AND entered <= $3 AND (left_on IS NULL OR left_on > $3)
		GROUP BY 1 ORDER BY 1`, from, to, on.String(), digits)
	if err != nil {
		return nil, err
	}
	for _, c := range counted {
		at(c.Division).Enterprises = c.Projects
	}
	held, err := db.All(ctx, tx, scan, `
		SELECT SUBSTR(p.division, 1, CAST($4 AS INTEGER)), COUNT(*), CAST(SUM(p.area) AS BIGINT)
		FROM project p
		WHERE p.division >= $1 AND p.division < $2 AND p.entered <= $3 AND (p.left_on IS NULL OR p.left_on > $3)
			AND EXISTS (SELECT 1 FROM project_holding h WHERE h.project = p.code AND h.held_from <= $3 AND (h.held_to IS NULL OR h.held_to >= $3))
		GROUP BY 1 ORDER BY 1`, from, to, on.String(), digits)
	if err != nil {
		return nil, err
	}
	for _, h := range held {
		t := at(h.Division)
		t.Projects, t.Area = h.Projects, h.Area
	}
	all := make([]Totals, 0, len(by))
	for _, d := range sortedKeys(by) {
		all = append(all, *by[d])
	}
	return all, nil
}

// A ProjectFact is what evaluation needs of a project's basic information.
type ProjectFact struct {
	Code       code.ProjectCode
	Enterprise code.USCC
	Division   code.Division
	Area       money.Area
	Use        Use
	State      State
	Managers   int64 // named on the day
	Missing    []Group
	ContractTo day.Date
	FilingDate day.Date
	Entered    day.Date
	LeftOn     day.Date
}

// ProjectFacts streams every project with its completeness and its managers on
// a day, by code (credit items HRB-B01 to B03).
func ProjectFacts(ctx context.Context, tx *db.Tx, on day.Date) func(yield func(ProjectFact, error) bool) {
	scan := func(row db.Scanner) (ProjectFact, error) {
		f := ProjectFact{}
		p, err := scanProject(scanWith{row, &f.Managers})
		f.Code, f.Enterprise, f.Division, f.Area, f.Use, f.State = p.Code, p.Enterprise, p.Division, p.Area, p.Use, p.State
		f.ContractTo, f.FilingDate, f.Entered, f.LeftOn = p.ContractTo, p.FilingDate, p.Entered, p.LeftOn
		f.Missing = Missing(p, f.Managers)
		return f, err
	}
	return db.Rows(ctx, tx, scan, `
		SELECT `+projectCols+`, (
			SELECT COUNT(*) FROM staff s
			WHERE s.project = project.code AND s.post = 'MANAGER' AND s.served_from <= $1 AND (s.served_to IS NULL OR s.served_to >= $1))
		FROM project ORDER BY code`, on.String())
}

// scanWith scans one more column after those of another scan.
type scanWith struct {
	row  db.Scanner
	more any
}

func (s scanWith) Scan(dest ...any) error { return s.row.Scan(append(dest, s.more)...) }

// names reads pairs of code and name for many codes.
func names[S ~string](ctx context.Context, tx *db.Tx, query string, codes []S) (map[S]string, error) {
	type pairOf struct {
		code S
		name string
	}
	asked := slices.Compact(slices.Sorted(slices.Values(codes)))
	out := make(map[S]string, len(asked))
	for chunk := range slices.Chunk(asked, chunkRows) {
		rows, err := db.All(ctx, tx, func(row db.Scanner) (p pairOf, err error) { return p, row.Scan(&p.code, &p.name) },
			query+params(1, len(chunk))+`)`, anys(chunk)...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.code] = r.name
		}
	}
	return out, nil
}
