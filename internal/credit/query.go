package credit

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
)

// pageMax bounds every list.
const pageMax = 200

// A Ranked is a standing with the names a list shows.
type Ranked struct {
	Standing
	Name string
	Code string // USCC of an enterprise, code of a project
}

// A League asks for the standings of one evaluation.
type League struct {
	Evaluation db.ID
	Kind       SubjectKind // Enterprise (with branches) or Project
	Unit       string      // of enterprises only [UnitFirms] or [UnitBranches], "" both
	District   code.Division
	Grades     []string // grades or statuses, none: all
	Text       string   // part of the name, or the code's beginning
	Sort       string   // "score" (default, best first), "area", "name"
	After      string   // cursor of the page before, "" first
	Limit      int
}

// The units that are ranked apart: branches that the rulebook evaluates by
// themselves stand beside the enterprises, not among them.
const (
	UnitFirms    = "enterprise"
	UnitBranches = "branch"
)

// unitKinds are the first and last kind of a unit.
func unitKinds(unit string) (low, high SubjectKind) {
	switch unit {
	case UnitFirms:
		return Enterprise, Enterprise
	case UnitBranches:
		return Branch, Branch
	}
	return Enterprise, Branch
}

// leagueSorts are the orders a list may have, the highest first.
var leagueSorts = map[string]struct {
	column string
	apart  bool // each kind by itself
}{"score": {"o.score", true}, "area": {"o.area", false}}

// Standings lists one page of an evaluation's results and the next page's cursor.
// By score each kind of units stands by itself, since it is ranked by itself.
func (s *Evaluations) Standings(ctx context.Context, tx *db.Tx, q League) (list []Ranked, next string, err error) {
	if q.Limit <= 0 || q.Limit > pageMax {
		q.Limit = 50
	}
	query, args, err := q.sql()
	if err != nil {
		return nil, "", err
	}
	scan := func(row db.Scanner) (r Ranked, err error) {
		return r, row.Scan(append(r.fields(), &r.Name, &r.Code)...)
	}
	if list, err = db.All(ctx, tx, scan, query, args...); err != nil {
		return nil, "", err
	}
	if len(list) > q.Limit {
		list = list[:q.Limit]
		next = q.cursor(&list[q.Limit-1])
	}
	return list, next, nil
}

func (q League) cursor(r *Ranked) string {
	key := int64(r.Score)
	if q.Sort == "area" {
		key = int64(r.Area)
	}
	return fmt.Sprintf("%d.%s.%d", key, r.Subject.ID, r.Subject.Kind)
}

func (q League) sql() (string, []any, error) {
	low, high := unitKinds(q.Unit)
	kinds, join := fmt.Sprintf("o.kind >= %d AND o.kind <= %d", low, high), "JOIN enterprise s ON s.id = o.subject"
	columns := ", s.name, s.uscc"
	if q.Kind == Project {
		kinds, join, columns = "o.kind = 2", "JOIN project s ON s.id = o.subject", ", s.name, s.code"
	}
	where := []string{"o.evaluation = $1", kinds}
	args := []any{q.Evaluation}
	arg := func(v any) string { args = append(args, v); return fmt.Sprint("$", len(args)) }
	if q.District != "" {
		where = append(where, "o.division >= "+arg(string(q.District))+" AND o.division < "+arg(string(q.District)+":"))
	}
	if len(q.Grades) > 0 {
		in := list(q.Grades, arg)
		where = append(where, "(o.grade IN ("+in+") OR (o.grade = '' AND o.status IN ("+in+")))")
	}
	if q.Text != "" {
		like := arg("%" + escapeLike(q.Text) + "%")
		where = append(where, `(lower(s.name) LIKE lower(`+like+`) ESCAPE '\')`)
	}
	order, ok := leagueSorts[q.Sort]
	if q.Sort == "" {
		order, ok = leagueSorts["score"], true
	}
	if !ok {
		return "", nil, fault.New(fault.Invalid, "credit.sort", "不能按“%s”排序。", q.Sort)
	}
	if q.After != "" {
		kind, key, id, err := parseCursor(q.After)
		if err != nil {
			return "", nil, err
		}
		k := arg(key)
		later := fmt.Sprintf("(%[1]s < %[2]s OR (%[1]s = %[2]s AND o.subject > %[3]s))", order.column, k, arg(id))
		if order.apart {
			later = fmt.Sprintf("(o.kind > %[1]s OR (o.kind = %[1]s AND %[2]s))", arg(kind), later)
		}
		where = append(where, later)
	}
	text := strings.Replace(standingSelect, "FROM credit_outcome o", columns+" FROM credit_outcome o "+join, 1)
	limit := arg(q.Limit + 1)
	by := order.column + " DESC, o.subject"
	if order.apart {
		by = "o.kind, " + by
	}
	return fmt.Sprintf("%s WHERE %s ORDER BY %s LIMIT %s", text, strings.Join(where, " AND "), by, limit), args, nil
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

func parseCursor(s string) (kind, key int64, id db.ID, err error) {
	parts := strings.Split(s, ".")
	if len(parts) == 3 {
		if key, err = strconv.ParseInt(parts[0], 10, 64); err == nil {
			kind, err = strconv.ParseInt(parts[2], 10, 64)
		}
		if err == nil {
			id, err = db.ParseID(parts[1])
		}
	}
	if err != nil || len(parts) != 3 {
		err = fault.New(fault.Invalid, "credit.cursor", "翻页参数不正确，请从第一页开始。")
	}
	return kind, key, id, err
}

// Runs lists the stored evaluations, newest first.
func (s *Evaluations) Runs(ctx context.Context, tx *db.Tx, who authz.Actor) ([]Evaluation, error) {
	if err := authz.Require(who, authz.CreditEvaluate, s.place()); err != nil {
		return nil, err
	}
	return db.All(ctx, tx, scanEvaluation, evaluationSelect+`ORDER BY id DESC LIMIT 100`)
}

// PublishedRuns reads the headings of the published evaluations by id.
func (s *Evaluations) PublishedRuns(ctx context.Context, tx *db.Tx) (map[db.ID]Evaluation, error) {
	list, err := db.All(ctx, tx, scanEvaluation, evaluationSelect+`
		WHERE EXISTS (SELECT 1 FROM credit_publication p WHERE p.evaluation = credit_evaluation.id AND p.state = 'published')
		ORDER BY id DESC LIMIT 400`)
	runs := make(map[db.ID]Evaluation, len(list))
	for _, e := range list {
		runs[e.ID] = e
	}
	return runs, err
}

// Standing reads one subject's result in an evaluation; false: it has none.
func (s *Evaluations) Standing(ctx context.Context, tx *db.Tx, evaluation db.ID, subject Subject) (Standing, bool, error) {
	low, high := int64(subject.Kind), int64(subject.Kind)
	if sameKind(subject.Kind, Enterprise) {
		low, high = 0, 1
	}
	return db.One(ctx, tx, scanStanding, standingSelect+`WHERE o.evaluation = $1 AND o.kind >= $2 AND o.kind <= $3 AND o.subject = $4`, evaluation, low, high, subject.ID)
}

// History lists a subject's results in the published cycles, oldest first.
func (s *Evaluations) History(ctx context.Context, tx *db.Tx, subject Subject) ([]Past, error) {
	low, high := int64(subject.Kind), int64(subject.Kind)
	if sameKind(subject.Kind, Enterprise) {
		low, high = 0, 1
	}
	return db.All(ctx, tx, func(row db.Scanner) (p Past, err error) {
		var score int64
		err = row.Scan((*kindColumn)(&p.Subject.Kind), &p.Subject.ID, &p.Period.Name, &p.Period.Cutoff, &score, &p.Scored, &p.Grade)
		p.Score = money.Points(score)
		return p, err
	}, `
		SELECT o.kind, o.subject, e.period, e.as_of, o.score, o.scored, CASE WHEN o.grade = '' THEN o.status ELSE o.grade END
		FROM credit_outcome o
		JOIN credit_evaluation e ON e.id = o.evaluation
		JOIN credit_publication b ON b.evaluation = e.id AND b.state = 'published'
		WHERE o.kind >= $1 AND o.kind <= $2 AND o.subject = $3
			AND NOT EXISTS (SELECT 1 FROM credit_publication c WHERE c.corrects = b.id AND c.state = 'published')
		ORDER BY e.as_of, e.id LIMIT 100`, low, high, subject.ID)
}

// Explained reads the frozen explanation of one enterprise: its outcome, its
// projects' and its persons', line by line.
func (s *Evaluations) Explained(ctx context.Context, tx *db.Tx, evaluation, enterprise db.ID) (Result, error) {
	content, ok, err := db.One(ctx, tx, func(row db.Scanner) (b []byte, err error) { return b, row.Scan(&b) },
		`SELECT content FROM credit_explanation WHERE evaluation = $1 AND enterprise = $2`, evaluation, enterprise)
	if err != nil {
		return Result{}, err
	}
	if !ok {
		return Result{}, fault.New(fault.NotFound, "credit.no-result", "这家企业在本次评价中没有结果。")
	}
	return decodeResult(content)
}

// OutcomeOf is the explained outcome of one subject.
func (r *Result) OutcomeOf(s Subject) (Outcome, bool) { return r.of(s) }

// A DistrictShare is one grade's part of one district.
type DistrictShare struct {
	District code.Division
	Share
}

// DistrictGrades counts enterprises by district and grade in one query.
func (s *Evaluations) DistrictGrades(ctx context.Context, tx *db.Tx, evaluation db.ID) ([]DistrictShare, error) {
	return db.All(ctx, tx, func(row db.Scanner) (x DistrictShare, err error) {
		return x, row.Scan(&x.District, &x.Grade, &x.Status, &x.Count, &x.Projects, (*int64)(&x.Area))
	}, `
		SELECT SUBSTR(division, 1, 6) AS district, grade, CASE WHEN grade = '' THEN status ELSE '' END AS state, COUNT(*), CAST(SUM(projects) AS BIGINT), CAST(SUM(area) AS BIGINT)
		FROM credit_outcome
		WHERE evaluation = $1 AND kind <= 1
		GROUP BY SUBSTR(division, 1, 6), grade, CASE WHEN grade = '' THEN status ELSE '' END
		ORDER BY district, grade, state`, evaluation)
}

// Peers is a subject's place among others: how many are scored in its
// district, and in its size band with its own place there.
type Peers struct {
	City, District int64
	SizeTitle      string
	Size, SizeRank int64
}

// PeersOf counts a scored enterprise's peers in an evaluation: branches among
// branches, as they are ranked.
func (s *Evaluations) PeersOf(ctx context.Context, tx *db.Tx, x Standing) (p Peers, err error) {
	n, title := SizeBand(x.Area)
	p.SizeTitle = title
	low, high := money.Area(0), sizeBands[n].below
	if n > 0 {
		low = sizeBands[n-1].below
	}
	if high == 0 {
		high = 1 << 60
	}
	d := string(districtOf(x.Division))
	_, _, err = db.One(ctx, tx, func(row db.Scanner) (struct{}, error) {
		return struct{}{}, row.Scan(&p.City, &p.District, &p.Size, &p.SizeRank)
	}, `
		SELECT COUNT(*), COUNT(*) FILTER (WHERE division >= $2 AND division < $3),
			COUNT(*) FILTER (WHERE area >= $4 AND area < $5), COUNT(*) FILTER (WHERE area >= $4 AND area < $5 AND score > $6)
		FROM credit_outcome WHERE evaluation = $1 AND kind = $7 AND scored = TRUE`,
		x.Evaluation, d, d+":", int64(low), int64(high), int64(x.Score), int64(x.Subject.Kind))
	p.SizeRank++
	return p, err
}

// ProjectsOf lists an enterprise's projects in an evaluation, largest first.
func (s *Evaluations) ProjectsOf(ctx context.Context, tx *db.Tx, evaluation, enterprise db.ID) ([]Ranked, error) {
	scan := func(row db.Scanner) (r Ranked, err error) {
		return r, row.Scan(append(r.fields(), &r.Name, &r.Code)...)
	}
	text := strings.Replace(standingSelect, "FROM credit_outcome o", ", p.name, p.code FROM credit_outcome o JOIN project p ON p.id = o.subject", 1)
	return db.All(ctx, tx, scan, text+`WHERE o.evaluation = $1 AND o.enterprise = $2 AND o.kind = 2 ORDER BY o.area DESC, o.subject LIMIT 1000`, evaluation, enterprise)
}
