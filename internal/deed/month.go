package deed

import (
	"context"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
)

// AdvanceIn asks every district for the month that has ended, from the month of
// the ledger's first deed on, and forgets names past their time. It tells how many
// months it opened; once they are open it does nothing.
func (s *Service) AdvanceIn(ctx context.Context, tx *db.Tx) (int, error) {
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		if f := fault.From(err); f.Kind == fault.NotFound {
			err = nil // a city without the rulebook keeps no ledger
		}
		return 0, err
	}
	first, err := db.Value[string](ctx, tx, `SELECT COALESCE(MIN(collected_on), '') FROM deed WHERE NOT imported`)
	if err != nil || first == "" {
		return 0, err
	}
	begun, err := day.Parse(first)
	if err != nil {
		return 0, err
	}
	opened := 0
	for m := before(tx.Today()); m >= MonthOf(begun) && opened < 400; m = before(m.First()) {
		n, err := s.openMonth(ctx, tx, book, m)
		if err != nil {
			return opened, err
		}
		if opened += n; n == 0 {
			break
		}
	}
	_, err = s.ForgetIn(ctx, tx)
	return opened, err
}

func (s *Service) openMonth(ctx context.Context, tx *db.Tx, book *Book, m Month) (int, error) {
	if err := tx.Lock(ctx, "deed_month", string(m)); err != nil {
		return 0, err
	}
	districts, err := registry.Districts(ctx, tx, m.Last())
	if err != nil {
		return 0, err
	}
	opened := 0
	for _, x := range districts {
		n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM deed_month_case WHERE month = $1 AND district = $2`, string(m), string(x.Code))
		if err != nil {
			return opened, err
		}
		if n > 0 {
			continue
		}
		c, err := casework.Open(ctx, tx, authz.System("deeds"), MonthMachine, casework.Opening{
			Object: "deed_month:" + string(m) + ":" + string(x.Code), Title: m.Title() + "实事台账", Place: authz.Place{Division: x.Code},
			Way: casework.Way{Act: ActOpenMonth, Term: &book.Month, From: m.Last(), Calendar: s.Calendar},
		})
		if err != nil {
			return opened, err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO deed_month_case (month, district, id) VALUES ($1, $2, $3)`, string(m), string(x.Code), c.ID); err != nil {
			return opened, err
		}
		opened++
	}
	return opened, nil
}

// FreezeIn reports a district's month: the totals are counted from the rows and
// stay as they are.
func (s *Service) FreezeIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	if err := tx.Lock(ctx, "case", t.Deed); err != nil {
		return err
	}
	m, district, err := monthCase(ctx, tx, t.Deed)
	if err != nil {
		return err
	}
	at := authz.Place{Division: district}
	if err := authz.Require(who, authz.DeedMonth, at); err != nil {
		return err
	}
	sum, err := MonthTotals(ctx, tx, m, district)
	if err != nil {
		return err
	}
	c, err := casework.Do(ctx, tx, who, MonthMachine, casework.Move{Case: t.Deed, Version: t.Version, Way: casework.Way{Act: ActFreeze, Note: strings.TrimSpace(t.Note)}})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO deed_month (id, month, district, matters, people, households, spent, underway, late, suspended, note, account, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		t.Deed, string(m), string(district), sum.Matters, sum.People, sum.Households, int64(sum.Spent), sum.Underway, sum.Late, sum.Suspended,
		strings.TrimSpace(t.Note), who.Account, db.Millis(tx.Now)); err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "deed.month-frozen", c.Object, audit.Change{Act: authz.DeedMonth, At: at, Detail: map[string]any{"month": string(m), "count": sum.Matters}})
}

func monthCase(ctx context.Context, tx *db.Tx, id db.ID) (Month, code.Division, error) {
	type row struct {
		month    Month
		district code.Division
	}
	x, ok, err := db.One(ctx, tx, func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.month, &x.district) }, `SELECT month, district FROM deed_month_case WHERE id = $1`, id)
	if err == nil && !ok {
		err = missing()
	}
	return x.month, x.district, err
}

// MonthOfCase is the month and the district of a monthly duty, for whoever may
// read there.
func (s *Service) MonthOfCase(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Month, code.Division, error) {
	m, district, err := monthCase(ctx, tx, id)
	if err != nil {
		return "", "", err
	}
	return m, district, authz.Require(who, authz.DeedRead, authz.Place{Division: district})
}

// MonthTotals counts a district's month from the rows: what was closed in it, and
// what is under way now.
func MonthTotals(ctx context.Context, tx *db.Tx, m Month, district code.Division) (Totals, error) {
	t, _, err := db.One(ctx, tx, scanTotals, `
		SELECT COUNT(*) FILTER (WHERE closed_on BETWEEN $2 AND $3), `+sumOf("people")+`, `+sumOf("households")+`, `+sumOf("spent")+`,
			COUNT(*) FILTER (WHERE state IN ('scheduled', 'doing')), COUNT(*) FILTER (WHERE `+lateIf("$4")+`),
			COUNT(*) FILTER (WHERE state = 'suspended')
		FROM deed WHERE district = $1`, string(district), m.First().String(), m.Last().String(), tx.Today().String())
	return t, err
}

func sumOf(column string) string {
	return `CAST(COALESCE(SUM(` + column + `) FILTER (WHERE closed_on BETWEEN $2 AND $3), 0) AS BIGINT)`
}

func scanTotals(row db.Scanner) (t Totals, err error) {
	return t, row.Scan(&t.Matters, &t.People, &t.Households, &t.Spent, &t.Underway, &t.Late, &t.Suspended)
}

// A Line is one district in a month's report.
type Line struct {
	District code.Division
	Case     casework.Case // the duty
	Frozen   bool
	Totals   Totals // as frozen, else as counted now
	Now      Totals // as counted from the rows now
}

// A Published is what an outside report says of a month.
type Published struct {
	Matters, People int64
	Source          string
	At              int64
}

// A MonthReport is the city's month: the sum of its districts, beside what an
// outside report says.
type MonthReport struct {
	Month     Month
	Lines     []Line
	Sum       Totals
	Frozen    int // districts
	Published *Published
}

// Differs says whether the outside report says something else than the rows.
func (r MonthReport) Differs() bool {
	return r.Published != nil && (r.Published.Matters != r.Sum.Matters || r.Published.People != r.Sum.People)
}

// Changed says whether a frozen line is no longer what the rows say.
func (l Line) Changed() bool {
	return l.Frozen && (l.Totals.Matters != l.Now.Matters || l.Totals.People != l.Now.People || l.Totals.Spent != l.Now.Spent)
}

// Report is a month's report; the city is the sum of the districts that the
// actor may read.
func (s *Service) Report(ctx context.Context, tx *db.Tx, who authz.Actor, m Month) (r MonthReport, err error) {
	r.Month = m
	if err := authz.RequireAny(who, authz.DeedRead); err != nil {
		return r, err
	}
	frozen := map[code.Division]Totals{}
	type row struct {
		district code.Division
		t        Totals
	}
	rows, err := db.All(ctx, tx, func(x db.Scanner) (v row, err error) {
		return v, x.Scan(&v.district, &v.t.Matters, &v.t.People, &v.t.Households, &v.t.Spent, &v.t.Underway, &v.t.Late, &v.t.Suspended)
	}, `SELECT district, matters, people, households, spent, underway, late, suspended FROM deed_month WHERE month = $1`, string(m))
	if err != nil {
		return r, err
	}
	for _, x := range rows {
		frozen[x.district] = x.t
	}
	districts, err := registry.Districts(ctx, tx, m.Last())
	if err != nil {
		return r, err
	}
	for _, x := range districts {
		if !reads(who, x.Code) {
			continue
		}
		l := Line{District: x.Code}
		if l.Now, err = MonthTotals(ctx, tx, m, x.Code); err != nil {
			return r, err
		}
		if l.Totals, l.Frozen = frozen[x.Code]; l.Frozen {
			r.Frozen++
		} else {
			l.Totals = l.Now
		}
		if id, ok, err := db.One(ctx, tx, func(x db.Scanner) (id db.ID, err error) { return id, x.Scan(&id) },
			`SELECT id FROM deed_month_case WHERE month = $1 AND district = $2`, string(m), string(x.Code)); err != nil {
			return r, err
		} else if ok {
			if l.Case, err = casework.Find(ctx, tx, MonthMachine, id); err != nil {
				return r, err
			}
		}
		r.Lines = append(r.Lines, l)
		r.Sum.Add(l.Totals)
	}
	if authz.May(who, authz.DeedPublished, authz.Place{Division: s.Books.City}) {
		r.Published, err = publishedOf(ctx, tx, m)
	}
	return r, err
}

// reads says whether the actor looks at a district's line: the district's own
// people and those above it; a street reads its own deeds, not the district's sum.
func reads(who authz.Actor, district code.Division) bool {
	return authz.May(who, authz.DeedRead, authz.Place{Division: district})
}

func publishedOf(ctx context.Context, tx *db.Tx, m Month) (*Published, error) {
	p, ok, err := db.One(ctx, tx, func(row db.Scanner) (p Published, err error) {
		return p, row.Scan(&p.Matters, &p.People, &p.Source, &p.At)
	}, `SELECT matters, people, source, at FROM deed_reported WHERE month = $1 ORDER BY seq DESC LIMIT 1`, string(m))
	if err != nil || !ok {
		return nil, err
	}
	return &p, nil
}

// PublishedIn keeps what an outside report says of a month beside what the rows
// say. Neither is ever laid over the other.
func (s *Service) PublishedIn(ctx context.Context, tx *db.Tx, who authz.Actor, m Month, p Published) error {
	at := authz.Place{Division: s.Books.City}
	if err := authz.Require(who, authz.DeedPublished, at); err != nil {
		return err
	}
	refused := fault.New(fault.Invalid, "deed.published", "请修改标出的内容。")
	bounded(refused, "source", p.Source, shortMax, true)
	if p.Matters < 0 {
		refused.With("matters", "件数不能是负数。")
	}
	if p.People < 0 {
		refused.With("people", "人数不能是负数。")
	}
	if m > MonthOf(tx.Today()) {
		refused.With("source", "不能登记以后月份的报表。")
	}
	if err := refused.OrNil(); err != nil {
		return err
	}
	if err := tx.Lock(ctx, "deed_month", string(m)); err != nil {
		return err
	}
	seq, err := db.Value[int64](ctx, tx, `SELECT COALESCE(MAX(seq), 0) FROM deed_reported WHERE month = $1`, string(m))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO deed_reported (month, seq, matters, people, source, account, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		string(m), seq+1, p.Matters, p.People, strings.TrimSpace(p.Source), who.Account, db.Millis(tx.Now)); err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "deed.published-total", "deed_month:"+string(m), audit.Change{Act: authz.DeedPublished, At: at, Detail: map[string]any{"month": string(m), "source": p.Source}})
}

// Months lists the months that the districts were asked for, newest first.
func Months(ctx context.Context, tx *db.Tx, limit int) ([]Month, error) {
	return db.All(ctx, tx, func(row db.Scanner) (m Month, err error) { return m, row.Scan(&m) },
		`SELECT DISTINCT month FROM deed_month_case ORDER BY month DESC LIMIT $1`, limit)
}
