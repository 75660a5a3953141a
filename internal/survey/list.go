package survey

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
)

func count(n int64) string { return strconv.FormatInt(n, 10) }

// A Query chooses surveys; empty fields choose all. The newest come first.
type Query struct {
	State      string
	Division   code.Division // it and below
	Project    code.ProjectCode
	Enterprise code.USCC
	Public     bool // those that everybody may read of: from the draw on
	Before     db.ID
	Limit      int
}

const pageMax = 500

// List lists surveys that an actor may read; the public ones are everybody's.
func List(ctx context.Context, tx *db.Tx, who authz.Actor, q Query) ([]Survey, error) {
	cond, args := authz.Filter(authz.Scopes(who, authz.SurveyRead), authz.Columns{Division: "division", Enterprise: "enterprise", Project: "project"}, 8)
	if q.Public {
		cond, args = `state <> 'planned'`, nil
	}
	if q.Before == 0 {
		q.Before = 1<<63 - 1
	}
	list, err := db.All(ctx, tx, scan, `SELECT `+columns+` FROM survey
		WHERE id < $1 AND ($2 = '' OR state = $2) AND ($3 = '' OR division >= $3 AND division < $4) AND ($5 = '' OR project = $5) AND ($6 = '' OR enterprise = $6) AND `+cond+`
		ORDER BY id DESC LIMIT $7`,
		append([]any{int64(q.Before), q.State, string(q.Division), string(q.Division) + ":", string(q.Project), string(q.Enterprise), min(max(q.Limit, 1), pageMax)}, args...)...)
	for i := range list {
		if q.Public {
			list[i].conceal()
		}
	}
	return list, err
}

// SeedDigest is the hex SHA-256 of the seed, published before the seed itself.
func (x Survey) SeedDigest() string {
	sum := sha256.Sum256([]byte(x.Seed))
	return hex.EncodeToString(sum[:])
}

// SeedOut says whether the seed is public. It tells which homes are asked, and paper
// is entered until a result is proposed, and again where one is sent back: so it
// comes out with the result, or as the survey is called off.
func (x Survey) SeedOut() bool { return x.State == Published || x.State == Cancelled }

// conceal takes the seed from what everybody sees while homes may still be asked.
func (x *Survey) conceal() {
	if x.Sealed = x.SeedDigest(); !x.SeedOut() {
		x.Seed = ""
	}
}

// Find reads a survey for what tells of it in public.
func Find(ctx context.Context, tx *db.Tx, id db.ID) (Survey, error) { return byID(ctx, tx, id) }

// A Result is a published survey with its counts.
type Result struct {
	Survey
	Book *Book
}

// Public reads a survey for anybody: how it was drawn from the draw on, and the
// counts once they are published. Before the draw it isn't there.
func (s *Service) Public(ctx context.Context, tx *db.Tx, id db.ID) (Result, error) {
	x, err := byID(ctx, tx, id)
	if err != nil {
		return Result{}, err
	}
	if x.State == Planned {
		return Result{}, notFound()
	}
	x.conceal()
	if x.State != Published {
		x.Tally, x.Reread, x.Online, x.Paper = Tally{}, Reread{}, 0, 0
		book, err := s.Books.ByDigest(ctx, tx, x.Book)
		return Result{x, book}, err
	}
	return s.Result(ctx, tx, x)
}

// Result is a survey with the counts that were frozen as it was proposed.
func (s *Service) Result(ctx context.Context, tx *db.Tx, x Survey) (Result, error) {
	book, err := s.Books.ByDigest(ctx, tx, x.Book)
	if err != nil {
		return Result{}, err
	}
	type cell struct {
		question, choice string
		homes            int64
	}
	cells, err := db.All(ctx, tx, func(row db.Scanner) (c cell, err error) { return c, row.Scan(&c.question, &c.choice, &c.homes) },
		`SELECT question, choice, homes FROM survey_count WHERE survey = $1 ORDER BY question, choice`, x.ID)
	if err != nil {
		return Result{}, err
	}
	x.Counts = make([][]int64, len(book.Questions))
	for q := range book.Questions {
		x.Counts[q] = make([]int64, len(book.Choices))
		for _, c := range cells {
			if i := book.choice(c.choice[0]); c.question == book.Questions[q].Code && i >= 0 {
				x.Counts[q][i] = c.homes
			}
		}
	}
	return Result{x, book}, nil
}

// Totals are the city's figures of published surveys.
type Totals struct{ Surveys, Rated, Satisfied int64 }

// Definitions of the figures, said wherever they are shown.
const (
	SurveysDefinition      = "截至当日公布结果的满意度调查次数（含以后又有新调查的）"
	SatisfactionDefinition = "截至当日公布的全部调查中，表示满意的户数除以有评价的户数；按户合计，不是各项目满意率的平均"
)

// TotalsOf counts what was published by a day in a division, "" for all.
func TotalsOf(ctx context.Context, tx *db.Tx, division code.Division, on day.Date) (Totals, error) {
	t, _, err := db.One(ctx, tx, func(row db.Scanner) (t Totals, err error) { return t, row.Scan(&t.Surveys, &t.Rated, &t.Satisfied) }, `
		SELECT COUNT(*), CAST(COALESCE(SUM(rated), 0) AS BIGINT), CAST(COALESCE(SUM(satisfied), 0) AS BIGINT)
		FROM survey WHERE state = 'published' AND published_on <= $1 AND ($2 = '' OR division >= $2 AND division < $3)`, on, string(division), string(division)+":")
	return t, err
}
