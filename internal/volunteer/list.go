package volunteer

import (
	"context"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
)

const pageMax = 500

// A Query chooses volunteers of the rosters that somebody may read, newest first.
type Query struct {
	State    string
	Division code.Division
	Before   db.ID
	Limit    int
}

// List lists volunteers, names masked.
func (s *Service) List(ctx context.Context, tx *db.Tx, who authz.Actor, q Query) ([]Volunteer, error) {
	cond, args := authz.Filter(authz.Scopes(who, authz.VolunteerRead), authz.Columns{Division: "division"}, 6)
	if q.Before == 0 {
		q.Before = 1<<63 - 1
	}
	return db.All(ctx, tx, s.scan, `SELECT `+columns+` FROM volunteer
		WHERE id < $1 AND ($2 = '' OR state = $2) AND ($3 = '' OR division >= $3 AND division < $4) AND `+cond+` ORDER BY id DESC LIMIT $5`,
		append([]any{int64(q.Before), q.State, string(q.Division), string(q.Division) + ":", min(max(q.Limit, 1), pageMax)}, args...)...)
}

// A CallQuery chooses calls: by day, the next first, or the last first. It is also
// what a calendar of calls is made of.
type CallQuery struct {
	State    string
	Division code.Division
	From     day.Date // on or after
	Desc     bool
	After    CallKey
	Limit    int
}

// A CallKey is the place in a list of calls after which the next page begins.
type CallKey struct {
	On day.Date
	ID db.ID
}

// Calls lists calls, for anybody.
func Calls(ctx context.Context, tx *db.Tx, q CallQuery) ([]Call, error) {
	at, id := q.After.On.String(), q.After.ID
	beyond, order := `(on_day, id) > ($5, $6)`, `on_day, id`
	if q.Desc {
		beyond, order = `(on_day, id) < ($5, $6)`, `on_day DESC, id DESC`
		if q.After.On == 0 {
			at = "9999"
		}
	}
	if q.After.On == 0 && !q.Desc {
		at = ""
	}
	return db.All(ctx, tx, scanCall, `SELECT `+callColumns+` FROM volunteer_call
		WHERE ($1 = '' OR state = $1) AND ($2 = '' OR division >= $2 AND division < $3) AND on_day >= $4 AND `+beyond+` ORDER BY `+order+` LIMIT $7`,
		q.State, string(q.Division), string(q.Division)+":", q.From.String(), at, int64(id), min(max(q.Limit, 1), pageMax))
}

// Named are the volunteers who agreed to be named, masked, by their confirmed
// hours; after 0 minutes and no id begins at the top.
func (s *Service) Named(ctx context.Context, tx *db.Tx, minutes int64, after db.ID, limit int) ([]Volunteer, error) {
	if after == 0 {
		minutes = 1<<63 - 1
	}
	return db.All(ctx, tx, s.scan, `SELECT `+columns+` FROM volunteer
		WHERE state = 'active' AND open AND minutes > 0 AND (minutes < $1 OR minutes = $1 AND id > $2) ORDER BY minutes DESC, id LIMIT $3`, minutes, int64(after), min(max(limit, 1), pageMax))
}

// Served are the confirmed hours of one volunteer, newest first.
func Served(ctx context.Context, tx *db.Tx, id db.ID, limit int) ([]Call, error) {
	return db.All(ctx, tx, func(row db.Scanner) (c Call, err error) { return c, row.Scan(&c.ID, &c.Title, &c.On, &c.Total) },
		`SELECT c.id, c.title, h.on_day, h.minutes FROM volunteer_hour h JOIN volunteer_call c ON c.id = h.call WHERE h.volunteer = $1 ORDER BY h.call DESC LIMIT $2`, id, min(max(limit, 1), pageMax))
}

// Totals are the figures of a division.
type Totals struct {
	Division   code.Division
	Volunteers int64 // on a roster
	Minutes    int64 // confirmed
}

// Definitions of the figures, said wherever they are shown.
const (
	VolunteersDefinition = "截至当日在各社区名册上、没有退出的志愿者人数；一人在几个社区登记的，各算一次"
	HoursDefinition      = "截至当日经服务对象或社区另一人确认的服务时长合计"
)

// TotalsOf counts by a day in a division, "" for all.
func TotalsOf(ctx context.Context, tx *db.Tx, division code.Division, on day.Date) (t Totals, err error) {
	t.Division = division
	t.Volunteers, err = db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM volunteer
		WHERE joined_on <= $1 AND (left_on IS NULL OR left_on > $1) AND ($2 = '' OR division >= $2 AND division < $3)`, on, string(division), string(division)+":")
	if err != nil {
		return t, err
	}
	t.Minutes, err = db.Value[int64](ctx, tx, `SELECT CAST(COALESCE(SUM(minutes), 0) AS BIGINT) FROM volunteer_hour
		WHERE confirmed_on <= $1 AND ($2 = '' OR division >= $2 AND division < $3)`, on, string(division), string(division)+":")
	return t, err
}

// ByCommunity are the totals of each community of a division that has any.
func ByCommunity(ctx context.Context, tx *db.Tx, division code.Division, on day.Date) ([]Totals, error) {
	return db.All(ctx, tx, func(row db.Scanner) (t Totals, err error) { return t, row.Scan(&t.Division, &t.Volunteers, &t.Minutes) }, `
		SELECT division, CAST(SUM(people) AS BIGINT), CAST(SUM(minutes) AS BIGINT) FROM (
			SELECT division, 1 AS people, 0 AS minutes FROM volunteer WHERE joined_on <= $1 AND (left_on IS NULL OR left_on > $1)
			UNION ALL
			SELECT division, 0 AS people, minutes FROM volunteer_hour WHERE confirmed_on <= $1
		) AS both_kinds WHERE ($2 = '' OR division >= $2 AND division < $3) GROUP BY division ORDER BY division LIMIT 10000`, on, string(division), string(division)+":")
}
