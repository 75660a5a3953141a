package resident

import (
	"context"
	"strconv"

	"juli/internal/code"
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

// RatesBy counts the reports that came in during a quarter and the ratings that
// residents gave in it, by group: a rating counts when it was given, not when the
// report came in, so a later one changes no quarter that is over. Reports of
// projects without an enterprise have the key "".
func RatesBy(ctx context.Context, tx *db.Tx, by string, within code.Division, q Quarter) ([]RateRow, error) {
	group := groupOf(by)
	rows, err := db.All(ctx, tx, scanRates, `
		SELECT `+group+`, COUNT(*), COUNT(*) FILTER (WHERE in_time), 0, 0, 0
		FROM resident_report WHERE received_on >= $1 AND received_on <= $2 AND division >= $3 AND division < $4 AND state NOT IN ('merged', 'refused')
		GROUP BY `+group+` ORDER BY 1 LIMIT 20000`, q.First(), q.Last(), string(within), string(within)+":")
	if err != nil {
		return nil, err
	}
	called, err := ratedBy(ctx, tx, by, within, q)
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

func scanRates(row db.Scanner) (x RateRow, err error) {
	return x, row.Scan(&x.Key, &x.Received, &x.InTime, &x.Called, &x.Solved, &x.Satisfied)
}

// keepRating counts what a voice says in the running quarter: its last word there.
// What it said in an earlier one stays as it was counted, or the difference of two
// readings would be one resident's rating (PI-3).
func keepRating(ctx context.Context, tx *db.Tx, voice db.ID) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO resident_rating (voice, quarter, division, enterprise, solved, satisfied)
		SELECT id, $2, division, enterprise, solved, satisfied FROM resident_voice WHERE id = $1
		ON CONFLICT (voice, quarter) DO UPDATE SET solved = excluded.solved, satisfied = excluded.satisfied`,
		voice, QuarterOf(tx.Today()).String())
	return err
}

// ratedBy counts the ratings alone.
func ratedBy(ctx context.Context, tx *db.Tx, by string, within code.Division, q Quarter) ([]RateRow, error) {
	group := groupOf(by)
	return db.All(ctx, tx, scanRates, `
		SELECT `+group+`, 0, 0, COUNT(*), COUNT(*) FILTER (WHERE solved = 1), COUNT(*) FILTER (WHERE satisfied = 1)
		FROM resident_rating WHERE quarter = $1 AND division >= $2 AND division < $3 GROUP BY `+group+` ORDER BY 1 LIMIT 20000`, q.String(), string(within), string(within)+":")
}

// Sum adds rows up.
func Sum(rows []RateRow) (all Rates) {
	for _, r := range rows {
		all.Received, all.InTime = all.Received+r.Received, all.InTime+r.InTime
		all.Called, all.Solved, all.Satisfied = all.Called+r.Called, all.Solved+r.Solved, all.Satisfied+r.Satisfied
	}
	return all
}

// Verdicts are how many residents gave the same answers. Nothing else of a rating
// is published: with its month, its topic or its place in time it could be laid
// beside the list of reports (PI-3).
type Verdicts struct {
	Solved, Satisfied Verdict
	N                 int64
}

// A RatingQuery asks for the ratings that were given in a quarter.
type RatingQuery struct {
	Division          code.Division
	Enterprise        code.USCC
	Quarter           Quarter
	Solved, Satisfied Verdict
}

// VerdictsOf counts the ratings that the rates were counted from, by what they say.
func VerdictsOf(ctx context.Context, tx *db.Tx, q RatingQuery) ([]Verdicts, error) {
	cond, args := q.where()
	return db.All(ctx, tx, func(row db.Scanner) (x Verdicts, err error) { return x, row.Scan(&x.Solved, &x.Satisfied, &x.N) },
		`SELECT v.solved, v.satisfied, COUNT(*) FROM resident_rating v WHERE `+cond+` GROUP BY v.solved, v.satisfied ORDER BY v.solved, v.satisfied`, args...)
}

func (q RatingQuery) where() (cond string, args []any) {
	cond, args = "v.quarter = $1", []any{q.Quarter.String()}
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
	if q.Solved != NotAsked {
		and("v.solved = ", int64(q.Solved))
	}
	if q.Satisfied != NotAsked {
		and("v.satisfied = ", int64(q.Satisfied))
	}
	return cond, args
}
