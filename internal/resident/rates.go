package resident

import (
	"context"
	"fmt"
	"strconv"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
)

// A RateRow are the rates of one enterprise, street or district.
type RateRow struct {
	Key string // enterprise code or division
	Rates
}

// The ways to group rates.
const (
	ByEnterprise = "enterprise"
	ByStreet     = "street"
	ByDistrict   = "district"
)

func groupOf(by string) string {
	switch by {
	case ByEnterprise:
		return "enterprise"
	case ByStreet:
		return "substr(division, 1, 9)"
	}
	return "substr(division, 1, 6)"
}

// RatesBy counts the reports that came in from one day to another, and the
// ratings of their residents, by group. Reports of projects without an enterprise
// have the key "".
func RatesBy(ctx context.Context, tx *db.Tx, by string, within code.Division, from, to day.Date) ([]RateRow, error) {
	group := groupOf(by)
	rows, err := db.All(ctx, tx, scanRates, `
		SELECT `+group+`, COUNT(*), COUNT(*) FILTER (WHERE in_time), 0, 0, 0
		FROM resident_report`+within4+` AND state NOT IN ('merged', 'refused') GROUP BY `+group+` ORDER BY 1 LIMIT 20000`, from, to, string(within), string(within)+":")
	if err != nil {
		return nil, err
	}
	called, err := ratedBy(ctx, tx, by, within, from, to)
	if err != nil {
		return nil, err
	}
	at := make(map[string]int, len(rows))
	for i, r := range rows {
		at[r.Key] = i
	}
	for _, c := range called {
		i, ok := at[c.Key]
		if !ok {
			i = len(rows)
			rows = append(rows, RateRow{Key: c.Key})
		}
		rows[i].Called, rows[i].Solved, rows[i].Satisfied = c.Called, c.Solved, c.Satisfied
	}
	return rows, nil
}

const within4 = ` WHERE received_on >= $1 AND received_on <= $2 AND division >= $3 AND division < $4`

func scanRates(row db.Scanner) (x RateRow, err error) {
	return x, row.Scan(&x.Key, &x.Received, &x.InTime, &x.Called, &x.Solved, &x.Satisfied)
}

// ratedBy counts the ratings alone.
func ratedBy(ctx context.Context, tx *db.Tx, by string, within code.Division, from, to day.Date) ([]RateRow, error) {
	group := groupOf(by)
	return db.All(ctx, tx, scanRates, `
		SELECT `+group+`, 0, 0, COUNT(*), COUNT(*) FILTER (WHERE solved = 1), COUNT(*) FILTER (WHERE satisfied = 1)
		FROM resident_voice`+within4+` AND solved <> 0 GROUP BY `+group+` ORDER BY 1 LIMIT 20000`, from, to, string(within), string(within)+":")
}

// Sum adds rows up.
func Sum(rows []RateRow) (all Rates) {
	for _, r := range rows {
		all.Received, all.InTime = all.Received+r.Received, all.InTime+r.InTime
		all.Called, all.Solved, all.Satisfied = all.Called+r.Called, all.Solved+r.Solved, all.Satisfied+r.Satisfied
	}
	return all
}

// A RatingRow is one resident's rating without the resident.
type RatingRow struct {
	ID         db.ID
	Topic      string
	ReceivedOn day.Date
	RatedOn    day.Date
	Solved     Verdict
	Satisfied  Verdict
}

// A RatingQuery asks for a page of ratings, newest report first.
type RatingQuery struct {
	Division          code.Division
	Enterprise        code.USCC
	From, To          day.Date
	Solved, Satisfied Verdict
	After             []string
	Limit             int
}

// Ratings lists the ratings that the rates were counted from.
func Ratings(ctx context.Context, tx *db.Tx, q RatingQuery) ([]RatingRow, error) {
	cond, args := q.where()
	if len(q.After) == 2 {
		if id, err := db.ParseID(q.After[1]); err == nil {
			args = append(args, q.After[0], int64(id))
			cond += fmt.Sprintf(" AND (v.received_on, v.id) < ($%d, $%d)", len(args)-1, len(args))
		}
	}
	return db.All(ctx, tx, func(row db.Scanner) (x RatingRow, err error) {
		return x, row.Scan(&x.ID, &x.Topic, &x.ReceivedOn, &x.RatedOn, &x.Solved, &x.Satisfied)
	}, `SELECT v.id, r.topic, v.received_on, v.rated_on, v.solved, v.satisfied
		FROM resident_voice v JOIN resident_report r ON r.id = v.report
		WHERE `+cond+` ORDER BY v.received_on DESC, v.id DESC LIMIT `+strconv.Itoa(min(max(q.Limit, 1), pageMax)), args...)
}

// CountRatings counts the same ratings.
func CountRatings(ctx context.Context, tx *db.Tx, q RatingQuery) (int64, error) {
	cond, args := q.where()
	return db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM resident_voice v WHERE `+cond, args...)
}

func (q RatingQuery) where() (cond string, args []any) {
	cond = "v.solved <> 0"
	and := func(text string, v any) {
		args = append(args, v)
		cond += " AND " + text + "$" + strconv.Itoa(len(args))
	}
	if q.Division != "" {
		and("v.division >= ", string(q.Division))
		and("v.division < ", string(q.Division)+":")
	}
	if q.Enterprise != "" {
		and("v.enterprise = ", string(q.Enterprise))
	}
	if q.From != 0 {
		and("v.received_on >= ", q.From)
	}
	if q.To != 0 {
		and("v.received_on <= ", q.To)
	}
	if q.Solved != NotAsked {
		and("v.solved = ", int64(q.Solved))
	}
	if q.Satisfied != NotAsked {
		and("v.satisfied = ", int64(q.Satisfied))
	}
	return cond, args
}
