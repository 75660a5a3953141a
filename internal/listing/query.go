package listing

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

const pageMax = 500

// A BatchRow is a batch with the number of its entries.
type BatchRow struct {
	Batch
	Red, Black int64
}

// Batches lists batches, the newest first: the published ones for everybody,
// the others too for who takes part.
func (s *Service) Batches(ctx context.Context, tx *db.Tx, who authz.Actor, state string, after db.ID, limit int) ([]BatchRow, error) {
	if after == 0 {
		after = 1<<63 - 1
	}
	return db.All(ctx, tx, func(row db.Scanner) (b BatchRow, err error) {
		var year int64
		err = row.Scan(&b.ID, &year, &b.Serial, &b.Sides, &b.Theme, &b.Title, &b.From, &b.To, &b.Media, &b.Book, &b.State, &b.Number, &b.Digest, &b.PublishedOn, &b.Inspections, &b.Inspected, &b.Automatic, &b.Red, &b.Black)
		b.Year = int(year)
		return b, err
	}, `
		SELECT b.id, b.year, b.ordinal, b.sides, b.theme, b.title, b.period_from, b.period_to, b.media, b.book, b.state, b.number, b.digest, b.published_on, b.inspections, b.inspected, b.automatic,
			(SELECT COUNT(*) FROM listing_entry e WHERE e.batch = b.id AND e.side = 'RED' AND e.state NOT IN ('candidate', 'dropped')),
			(SELECT COUNT(*) FROM listing_entry e WHERE e.batch = b.id AND e.side = 'BLACK' AND e.state NOT IN ('candidate', 'dropped'))
		FROM listing_batch b
		WHERE b.id < $1 AND ($2 = '' OR b.state = $2) AND (b.published_on IS NOT NULL OR $3)
		ORDER BY b.id DESC LIMIT $4`, after, state, worksOn(who), min(max(limit, 1), pageMax))
}

// A Query asks for entries.
type Query struct {
	Batch      db.ID
	Side       Side
	Kind       SubjectKind
	State      string // of the entry; Candidate among them
	Standing   string // "1" on the list now, "0" no longer
	District   code.Division
	Enterprise code.USCC // also the entries of its projects
	Project    string
	Text       string // part of the name
	Public     bool   // only what was published
	Counted    bool   // of those, only what was not annulled: what the figures count
	Sort       string // "listed", "score", or "rank": by score, equal ones as RankTies says
	Desc       bool
	After      []string // the sort key of the last row and its id
	Limit      int
}

// Entries lists entries that the actor may know of.
func (s *Service) Entries(ctx context.Context, tx *db.Tx, who authz.Actor, q Query) ([]Entry, error) {
	var args []any
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	where := q.where(arg)
	if !q.Public {
		scope, more := authz.Filter(authz.Scopes(who, authz.ListRead), authz.Columns{Division: "e.division", Enterprise: "e.enterprise", Project: "e.project"}, len(args)+1)
		args = append(args, more...)
		if !worksOn(who) {
			scope = "(" + scope + " AND e.notified_on IS NOT NULL)"
		}
		where = append(where, scope)
	}
	later, order, err := q.order(arg)
	if err != nil {
		return nil, err
	}
	where = append(where, later)
	return db.All(ctx, tx, scanEntry, `SELECT `+entryColumns+` FROM listing_entry e WHERE `+strings.Join(where, " AND ")+` ORDER BY `+order+` LIMIT `+arg(min(max(q.Limit, 1), pageMax)), args...)
}

func (q Query) where(arg func(any) string) []string {
	where := []string{"TRUE"}
	if q.Batch != 0 {
		where = append(where, "e.batch = "+arg(q.Batch))
	}
	if q.Side != "" {
		where = append(where, "e.side = "+arg(string(q.Side)))
	}
	if q.Kind != "" {
		where = append(where, "e.kind = "+arg(string(q.Kind)))
	}
	if q.State != "" {
		where = append(where, "e.state = "+arg(q.State))
	} else {
		where = append(where, "e.state <> 'candidate'")
	}
	if q.Enterprise != "" {
		where = append(where, "e.enterprise = "+arg(string(q.Enterprise)))
	}
	if q.Project != "" {
		where = append(where, "e.project = "+arg(q.Project))
	}
	if q.District != "" {
		where = append(where, "e.division >= "+arg(string(q.District))+" AND e.division < "+arg(string(q.District)+":"))
	}
	if q.Text != "" {
		where = append(where, `lower(e.name) LIKE lower(`+arg("%"+likeText.Replace(q.Text)+"%")+`) ESCAPE '\'`)
	}
	if q.Public {
		where = append(where, "e.listed_on IS NOT NULL")
	}
	if q.Counted {
		where = append(where, "e.state <> "+arg(Annulled))
	}
	switch q.Standing {
	case "1":
		where = append(where, "e.listed_on IS NOT NULL AND e.ended_on IS NULL")
	case "0":
		where = append(where, "e.ended_on IS NOT NULL")
	}
	return where
}

var likeText = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// RankTies says how equal scores are ordered among candidates.
const RankTies = "同分的户数多的在前，户数相同的按代码排列"

// order is by the day of listing or by score, then by id, and the condition that
// only later rows fulfil; entries that are not listed yet sort as before every day.
func (q Query) order(arg func(any) string) (later, by string, err error) {
	if q.Sort == "rank" { // one page: the best, or the worst
		if q.Desc {
			return "TRUE", "e.score DESC, e.homes DESC, e.subject", nil
		}
		return "TRUE", "e.score, e.homes DESC, e.subject", nil
	}
	column, number := "COALESCE(e.listed_on, '')", false
	if q.Sort == "score" {
		column, number = "e.score", true
	} else if q.Public {
		column = "e.listed_on"
	}
	way, than := "", " > "
	if q.Desc {
		way, than = " DESC", " < "
	}
	later = "TRUE"
	if len(q.After) == 2 {
		id, err := db.ParseID(q.After[1])
		var key any = q.After[0]
		if number && err == nil {
			key, err = strconv.ParseInt(q.After[0], 10, 64)
		}
		if err != nil {
			return "", "", fault.New(fault.Invalid, "listing.cursor", "翻页参数不正确，请从第一页开始。")
		}
		later = "(" + column + ", e.id)" + than + "(" + arg(key) + ", " + arg(id) + ")"
	}
	return later, column + way + ", e.id" + way, nil
}

// CursorOf is the place of an entry in a list sorted so.
func CursorOf(e Entry, sort string) []string {
	if sort == "score" {
		return []string{strconv.FormatInt(int64(e.Score), 10), e.ID.String()}
	}
	if e.ListedOn == 0 {
		return []string{"", e.ID.String()}
	}
	return []string{e.ListedOn.String(), e.ID.String()}
}

// A Tally is the totals of the lists as of a day.
type Tally struct{ Batches, Red, Black int64 }

// TallyOf counts what was published by a day in a division ("" all): batches of
// the city, and entries that were not annulled by that day.
func TallyOf(ctx context.Context, tx *db.Tx, division code.Division, on day.Date) (t Tally, err error) {
	if t.Batches, err = db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM listing_batch WHERE published_on IS NOT NULL AND published_on <= $1`, on); err != nil {
		return t, err
	}
	_, _, err = db.One(ctx, tx, func(row db.Scanner) (struct{}, error) { return struct{}{}, row.Scan(&t.Red, &t.Black) }, `
		SELECT COUNT(*) FILTER (WHERE side = 'RED'), COUNT(*) FILTER (WHERE side = 'BLACK') FROM listing_entry
		WHERE listed_on IS NOT NULL AND listed_on <= $1 AND NOT (state = $2 AND ended_on <= $1) AND division >= $3 AND division < $4`,
		on, Annulled, string(division), string(division)+":")
	return t, err
}

// StandingOf lists the entries by which a subject stands on a list now.
func StandingOf(ctx context.Context, tx *db.Tx, kind SubjectKind, subject string) ([]Entry, error) {
	return db.All(ctx, tx, scanEntry, `SELECT `+entryColumns+` FROM listing_entry e
		WHERE e.kind = $1 AND e.subject = $2 AND e.listed_on IS NOT NULL AND e.ended_on IS NULL ORDER BY e.listed_on DESC, e.id LIMIT 20`, string(kind), subject)
}

// Follows lists follow-ups in the actor's area, the newest first.
func (s *Service) Follows(ctx context.Context, tx *db.Tx, who authz.Actor, state string, after db.ID, limit int) ([]Follow, error) {
	if after == 0 {
		after = 1<<63 - 1
	}
	args := []any{after, state, min(max(limit, 1), pageMax)}
	cond, more := authz.Filter(authz.Scopes(who, authz.ListFollow), authz.Columns{Division: "f.division"}, len(args)+1)
	return db.All(ctx, tx, scanFollow, followSelect+`WHERE f.id < $1 AND ($2 = '' OR f.state = $2) AND `+cond+` ORDER BY f.id DESC LIMIT $3`, append(args, more...)...)
}

// FollowsOf lists what an entry led to.
func FollowsOf(ctx context.Context, tx *db.Tx, entry db.ID) ([]Follow, error) {
	return db.All(ctx, tx, scanFollow, followSelect+`WHERE f.entry = $1 ORDER BY f.id`, entry)
}

// BalanceOf weighs a batch's sides by district, beside the projects of each.
func (s *Service) BalanceOf(ctx context.Context, tx *db.Tx, b Batch, side Side) ([]Balance, error) {
	book, err := s.Books.ByDigest(ctx, tx, b.Book)
	if err != nil {
		return nil, err
	}
	type row struct {
		at code.Division
		n  int64
	}
	count := func(query string, args ...any) (map[code.Division]int64, error) {
		all, err := db.All(ctx, tx, func(s db.Scanner) (r row, err error) { return r, s.Scan(&r.at, &r.n) }, query, args...)
		out := map[code.Division]int64{}
		for _, r := range all {
			out[r.at] = r.n
		}
		return out, err
	}
	entries, err := count(`SELECT SUBSTR(division, 1, 6), COUNT(*) FROM listing_entry WHERE batch = $1 AND side = $2 AND state NOT IN ('candidate', 'dropped') GROUP BY SUBSTR(division, 1, 6)`, b.ID, string(side))
	if err != nil {
		return nil, err
	}
	projects, err := count(`SELECT SUBSTR(division, 1, 6), COUNT(*) FROM project WHERE state <> 'LEFT' AND enterprise IS NOT NULL GROUP BY SUBSTR(division, 1, 6)`)
	return book.Warn.Weigh(entries, projects), err
}

// CandidatesOf counts the candidates of a batch that nobody has taken, of a side
// or, for "", of both.
func CandidatesOf(ctx context.Context, tx *db.Tx, batch db.ID, side Side) (int64, error) {
	return db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM listing_entry WHERE batch = $1 AND state = 'candidate' AND ($2 = '' OR side = $2)`, batch, string(side))
}

// CountPublic counts the published entries about an enterprise, with those of its
// projects, or about a project.
func CountPublic(ctx context.Context, tx *db.Tx, enterprise code.USCC, project code.ProjectCode) (int64, error) {
	return db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM listing_entry WHERE listed_on IS NOT NULL AND ($1 = '' OR enterprise = $1) AND ($2 = '' OR project = $2)`, string(enterprise), string(project))
}
