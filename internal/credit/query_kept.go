package credit

import (
	"context"
	"slices"
	"strconv"

	"juli/internal/code"
	"juli/internal/db"
)

// What nearly every page asks of the results. Evaluations and their outcomes
// are append-only and stored whole, in one transaction: what was read of one
// stays true.
var (
	keptCycles      = db.NewKept[struct{}, []Release](1, "credit_publication")
	keptEvaluations = db.NewKept[db.ID, Evaluation](64)
	keptCounts      = db.NewKept[countsKey, []Share](1024)
	keptGrades      = db.NewKept[db.ID, map[code.USCC]string](4)
)

// gradesMax bounds the enterprises whose grades are kept of one evaluation.
const gradesMax = 50_000

type countsKey struct {
	evaluation db.ID
	low, high  int64
	district   code.Division
}

// Evaluation reads one run's heading.
func (s *Evaluations) Evaluation(ctx context.Context, tx *db.Tx, id db.ID) (Evaluation, error) {
	return keptEvaluations.Get(ctx, tx, id, func() (Evaluation, error) { return evaluationOf(ctx, tx, id) })
}

// GradeCounts counts an evaluation's enterprises or projects by grade, for the
// whole city ("") or a district.
func (s *Evaluations) GradeCounts(ctx context.Context, tx *db.Tx, evaluation db.ID, kind SubjectKind, district code.Division) ([]Share, error) {
	if sameKind(kind, Enterprise) {
		return s.UnitCounts(ctx, tx, evaluation, "", district)
	}
	return s.counts(ctx, tx, countsKey{evaluation, int64(kind), int64(kind), district})
}

// UnitCounts is GradeCounts of a unit's kinds: enterprises, branches, or both.
func (s *Evaluations) UnitCounts(ctx context.Context, tx *db.Tx, evaluation db.ID, unit string, district code.Division) ([]Share, error) {
	low, high := unitKinds(unit)
	return s.counts(ctx, tx, countsKey{evaluation, int64(low), int64(high), district})
}

func (s *Evaluations) counts(ctx context.Context, tx *db.Tx, key countsKey) ([]Share, error) {
	list, err := keptCounts.Get(ctx, tx, key, func() ([]Share, error) {
		return db.All(ctx, tx, func(row db.Scanner) (x Share, err error) {
			return x, row.Scan(&x.Grade, &x.Status, &x.Count, &x.Projects, (*int64)(&x.Area))
		}, `
			SELECT grade, CASE WHEN grade = '' THEN status ELSE '' END AS state, COUNT(*), CAST(SUM(projects) AS BIGINT), CAST(SUM(area) AS BIGINT)
			FROM credit_outcome
			WHERE evaluation = $1 AND kind >= $2 AND kind <= $3 AND division >= $4 AND division < $5
			GROUP BY grade, CASE WHEN grade = '' THEN status ELSE '' END
			ORDER BY CASE WHEN grade = '' THEN 1 ELSE 0 END, MIN(score) DESC, grade, state`, key.evaluation, key.low, key.high, string(key.district), string(key.district)+":")
	})
	return slices.Clone(list), err
}

// Grades reads the grade, or status, of some enterprises in an evaluation, by USCC.
func (s *Evaluations) Grades(ctx context.Context, tx *db.Tx, evaluation db.ID, codes []code.USCC) (map[string]string, error) {
	all, err := keptGrades.Get(ctx, tx, evaluation, func() (map[code.USCC]string, error) { return allGrades(ctx, tx, evaluation) })
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(codes))
	if all == nil {
		return out, readGrades(ctx, tx, evaluation, codes, out)
	}
	for _, c := range codes {
		if g, ok := all[c]; ok {
			out[string(c)] = g
		}
	}
	return out, nil
}

const gradesSelect = `
	SELECT e.uscc, CASE WHEN o.grade = '' THEN o.status ELSE o.grade END
	FROM credit_outcome o JOIN enterprise e ON e.id = o.subject
	WHERE o.evaluation = $1 AND o.kind <= 1 `

type codeGrade struct {
	code  code.USCC
	grade string
}

func scanGrade(row db.Scanner) (x codeGrade, err error) { return x, row.Scan(&x.code, &x.grade) }

// allGrades is nil where a city has more enterprises than are kept, or where
// the transaction writes: then only those asked for are read.
func allGrades(ctx context.Context, tx *db.Tx, evaluation db.ID) (map[code.USCC]string, error) {
	if tx.Writes() {
		return nil, nil
	}
	all, words := map[code.USCC]string{}, map[string]string{} // each grade's text once
	for x, err := range db.Rows(ctx, tx, scanGrade, gradesSelect+`ORDER BY o.kind, o.subject LIMIT $2`, evaluation, gradesMax+1) {
		if err != nil {
			return nil, err
		}
		if words[x.grade] == "" {
			words[x.grade] = x.grade
		}
		all[x.code] = words[x.grade]
	}
	if len(all) > gradesMax {
		return nil, nil
	}
	return all, nil
}

func readGrades(ctx context.Context, tx *db.Tx, evaluation db.ID, codes []code.USCC, out map[string]string) error {
	for chunk := range slices.Chunk(codes, 500) {
		marks, args := "", []any{evaluation}
		for _, c := range chunk {
			args = append(args, string(c))
			marks += ", $" + strconv.Itoa(len(args))
		}
		for x, err := range db.Rows(ctx, tx, scanGrade, gradesSelect+`AND e.uscc IN (`+marks[2:]+`) ORDER BY e.uscc`, args...) {
			if err != nil {
				return err
			}
			out[string(x.code)] = x.grade
		}
	}
	return nil
}
