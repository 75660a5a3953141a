package credit

import (
	"cmp"
	"context"
	"slices"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
)

// The purposes of an evaluation.
const (
	ForCycle      = "cycle"      // a period's result, to be published
	ForCorrection = "correction" // a published period run again (PC-49)
	ForTrial      = "trial"      // a look, never published
)

// An Evaluation is one stored run over the whole city: which book, which
// period, what was seen, and the digest of everything that came out.
type Evaluation struct {
	ID          db.ID
	Purpose     string
	Book        string // digest of the rulebook
	BookCode    string
	BookVersion string
	Period      Period
	AsOf, Known day.Date
	Enterprises int64
	Projects    int64
	Persons     int64
	Records     int64
	Digest      []byte
	MadeBy      db.ID
	MadeAt      int64 // city time, ms
	Corrects    db.ID // the evaluation whose published result this one corrects
	Why         string
}

// A Standing is one subject's stored outcome without its lines.
type Standing struct {
	Evaluation   db.ID
	Subject      Subject
	Enterprise   db.ID
	Division     code.Division
	Area         money.Area
	Projects     int64
	Scored       bool
	Score        money.Points
	Grade        string
	ByScore      string
	Status       string
	Why          string
	Provisional  bool
	Trial        bool
	Incomplete   bool
	Blacklisted  bool
	RankCity     int64 // among the scored of its kind, equal scores share the better place; 0 none
	RankDistrict int64
	NextChange   day.Date
}

var standingColumns = []string{
	"evaluation", "kind", "subject", "enterprise", "division", "area", "projects", "scored", "score", "grade", "by_score",
	"status", "why", "provisional", "trial", "incomplete", "blacklisted", "rank_city", "rank_district", "next_change",
}

const standingSelect = `
	SELECT o.evaluation, o.kind, o.subject, o.enterprise, o.division, o.area, o.projects, o.scored, o.score, o.grade, o.by_score,
		o.status, o.why, o.provisional, o.trial, o.incomplete, o.blacklisted, o.rank_city, o.rank_district, o.next_change
	FROM credit_outcome o `

func (s *Standing) values() []any {
	return []any{
		s.Evaluation, int64(s.Subject.Kind), s.Subject.ID, s.Enterprise, string(s.Division), int64(s.Area), s.Projects, s.Scored, int64(s.Score), s.Grade, s.ByScore,
		s.Status, s.Why, s.Provisional, s.Trial, s.Incomplete, s.Blacklisted, s.RankCity, s.RankDistrict, s.NextChange,
	}
}

func (s *Standing) fields() []any {
	return []any{
		&s.Evaluation, (*kindColumn)(&s.Subject.Kind), &s.Subject.ID, &s.Enterprise, &s.Division, (*int64)(&s.Area), &s.Projects, &s.Scored, (*int64)(&s.Score), &s.Grade, &s.ByScore,
		&s.Status, &s.Why, &s.Provisional, &s.Trial, &s.Incomplete, &s.Blacklisted, &s.RankCity, &s.RankDistrict, &s.NextChange,
	}
}

func scanStanding(row db.Scanner) (s Standing, err error) { return s, row.Scan(s.fields()...) }

// kindColumn reads a subject kind from its BIGINT.
type kindColumn SubjectKind

// Scan reads a BIGINT.
func (k *kindColumn) Scan(src any) error {
	n, ok := src.(int64)
	if !ok || n < 0 || n >= int64(subjectKinds) {
		return fault.New(fault.Internal, "credit.kind", "评价对象类型不正确。")
	}
	*k = kindColumn(n)
	return nil
}

const evaluationSelect = `
	SELECT id, purpose, book, book_code, book_version, period, period_from, period_to, as_of, known,
		enterprises, projects, persons, records, digest, made_by, made_at, corrects, why
	FROM credit_evaluation `

func scanEvaluation(row db.Scanner) (e Evaluation, err error) {
	err = row.Scan(&e.ID, &e.Purpose, &e.Book, &e.BookCode, &e.BookVersion, &e.Period.Name, &e.Period.From, &e.Period.To, &e.AsOf, &e.Known,
		&e.Enterprises, &e.Projects, &e.Persons, &e.Records, &e.Digest, &e.MadeBy, &e.MadeAt, &e.Corrects, &e.Why)
	e.Period.Cutoff = e.AsOf
	return e, err
}

func evaluationOf(ctx context.Context, tx *db.Tx, id db.ID) (Evaluation, error) {
	e, ok, err := db.One(ctx, tx, scanEvaluation, evaluationSelect+`WHERE id = $1`, id)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "credit.no-evaluation", "没有找到这次评价。")
	}
	return e, err
}

// computed is a whole evaluation in memory, before it is stored.
type computed struct {
	Evaluation
	standings    []Standing
	explanations []explanation
}

type explanation struct {
	enterprise db.ID
	content    []byte
}

// rank gives every scored subject its place in the city and in its district.
func (c *computed) rank() {
	order := make([]*Standing, 0, len(c.standings))
	for i := range c.standings {
		if c.standings[i].Scored {
			order = append(order, &c.standings[i])
		}
	}
	slices.SortFunc(order, func(a, b *Standing) int {
		return cmp.Or(cmp.Compare(a.Subject.Kind, b.Subject.Kind), cmp.Compare(b.Score, a.Score), cmp.Compare(a.Subject.ID, b.Subject.ID))
	})
	type group struct {
		kind     SubjectKind
		district code.Division
	}
	type place struct {
		seen, rank int64
		score      money.Points
	}
	places := map[group]place{}
	next := func(g group, score money.Points) int64 {
		p := places[g]
		p.seen++
		if p.seen == 1 || score != p.score {
			p.rank, p.score = p.seen, score
		}
		places[g] = p
		return p.rank
	}
	for _, s := range order {
		s.RankCity = next(group{s.Subject.Kind, ""}, s.Score)
		s.RankDistrict = next(group{s.Subject.Kind, districtOf(s.Division)}, s.Score)
	}
}

// districtOf is the district or county of a division.
func districtOf(d code.Division) code.Division {
	if len(d) > 6 {
		return d[:6]
	}
	return d
}

// store writes the run; nothing of it is ever changed.
func (c *computed) store(ctx context.Context, tx *db.Tx) error {
	e := &c.Evaluation
	_, err := tx.Exec(ctx, `
		INSERT INTO credit_evaluation (id, purpose, book, book_code, book_version, period, period_from, period_to, as_of, known,
			enterprises, projects, persons, records, digest, made_by, made_at, corrects, why)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		e.ID, e.Purpose, e.Book, e.BookCode, e.BookVersion, e.Period.Name, e.Period.From, e.Period.To, e.AsOf, e.Known,
		e.Enterprises, e.Projects, e.Persons, e.Records, e.Digest, e.MadeBy, e.MadeAt, e.Corrects, e.Why)
	if err != nil {
		return err
	}
	_, err = tx.Bulk(ctx, "credit_outcome", standingColumns, func(yield func([]any) bool) {
		for i := range c.standings {
			c.standings[i].Evaluation = e.ID
			if !yield(c.standings[i].values()) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	_, err = tx.Bulk(ctx, "credit_explanation", []string{"evaluation", "enterprise", "content"}, func(yield func([]any) bool) {
		for _, x := range c.explanations {
			if !yield([]any{e.ID, x.enterprise, x.content}) {
				return
			}
		}
	})
	return err
}
