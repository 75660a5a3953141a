package deed

import (
	"context"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
)

// A Programme is a set of deeds with a goal and a budget.
type Programme struct {
	ID           db.ID
	Kind, Name   string
	Division     code.Division // the city or a district
	Goal         string
	Starts, Ends day.Date
	Open         bool
	Budget       money.Fen

	Deeds, Solved, Percent int64 // all but declined ones; the mean progress of them
	People                 int64
	Spent                  money.Fen
}

// Over says whether more was spent than is budgeted.
func (p Programme) Over() bool { return p.Spent > p.Budget }

// AddProgrammeIn sets a programme up with its first budget.
func (s *Service) AddProgrammeIn(ctx context.Context, tx *db.Tx, who authz.Actor, p Programme, reason string) (db.ID, error) {
	at := authz.Place{Division: p.Division}
	if err := authz.Require(who, authz.DeedProgramme, at); err != nil {
		return 0, err
	}
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return 0, err
	}
	if err := book.checkProgramme(p, reason); err != nil {
		return 0, err
	}
	if err := tx.Lock(ctx, "division", p.Division); err != nil {
		return 0, err
	}
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM deed_programme WHERE division = $1 AND name = $2`, string(p.Division), strings.TrimSpace(p.Name))
	if err != nil {
		return 0, err
	}
	if n > 0 {
		return 0, fault.New(fault.Invalid, "deed.programme-twice", "请修改标出的内容。").With("name", "已有同名专项。")
	}
	p.ID = tx.NewID()
	if _, err := tx.Exec(ctx, `
		INSERT INTO deed_programme (id, kind, name, division, goal, starts, ends, is_open, made_at, made_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		p.ID, p.Kind, strings.TrimSpace(p.Name), string(p.Division), strings.TrimSpace(p.Goal), p.Starts, p.Ends, p.Open, db.Millis(tx.Now), who.Account); err != nil {
		return 0, err
	}
	if err := addBudget(ctx, tx, who, p.ID, 1, p.Budget, reason); err != nil {
		return 0, err
	}
	return p.ID, audit.Append(ctx, tx, who, "deed.programme-added", p.object(), audit.Change{Act: authz.DeedProgramme, At: at, Detail: map[string]any{"name": p.Name}})
}

func (p Programme) object() string { return "deed_programme:" + p.ID.String() }

func (b *Book) checkProgramme(p Programme, reason string) error {
	refused := fault.New(fault.Invalid, "deed.programme", "请修改标出的内容。")
	if !has(b.Programmes, p.Kind) {
		refused.With("kind", "请从台账规则的专项中选择。")
	}
	bounded(refused, "name", p.Name, shortMax, true)
	bounded(refused, "goal", p.Goal, textMax, true)
	bounded(refused, "reason", reason, shortMax, true)
	if p.Starts == 0 || p.Ends < p.Starts {
		refused.With("ends", "结束日期不能早于开始日期。")
	}
	if p.Budget <= 0 {
		refused.With("budget", "请填写预算，单位为元。")
	}
	return refused.OrNil()
}

func addBudget(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, seq int64, fen money.Fen, reason string) error {
	_, err := tx.Exec(ctx, `INSERT INTO deed_budget (programme, seq, fen, reason, account, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, seq, int64(fen), strings.TrimSpace(reason), who.Account, db.Millis(tx.Now))
	return err
}

// SetBudgetIn sets another budget; the earlier ones stay on record.
func (s *Service) SetBudgetIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, fen money.Fen, reason string) error {
	p, err := programmeByID(ctx, tx, id)
	if err != nil {
		return err
	}
	at := authz.Place{Division: p.Division}
	if err := authz.Require(who, authz.DeedProgramme, at); err != nil {
		return err
	}
	refused := fault.New(fault.Invalid, "deed.budget", "请修改标出的内容。")
	bounded(refused, "reason", reason, shortMax, true)
	if fen <= 0 {
		refused.With("budget", "请填写预算，单位为元。")
	}
	if err := refused.OrNil(); err != nil {
		return err
	}
	if err := tx.Lock(ctx, "deed_programme", id); err != nil {
		return err
	}
	seq, err := db.Value[int64](ctx, tx, `SELECT MAX(seq) FROM deed_budget WHERE programme = $1`, id)
	if err != nil {
		return err
	}
	if err := addBudget(ctx, tx, who, id, seq+1, fen, reason); err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "deed.budget-set", p.object(), audit.Change{Act: authz.DeedProgramme, At: at, Before: p.Budget, After: fen, Detail: map[string]any{"name": p.Name, "reason": reason}})
}

const programmeQuery = `
	SELECT p.id, p.kind, p.name, p.division, p.goal, p.starts, p.ends, p.is_open,
		(SELECT b.fen FROM deed_budget b WHERE b.programme = p.id ORDER BY b.seq DESC LIMIT 1),
		COUNT(d.id), COUNT(d.id) FILTER (WHERE d.state = 'closed'), CAST(COALESCE(SUM(d.percent), 0) AS BIGINT), CAST(COALESCE(SUM(d.people), 0) AS BIGINT), CAST(COALESCE(SUM(d.spent), 0) AS BIGINT)
	FROM deed_programme p LEFT JOIN deed d ON d.programme = p.id AND d.state <> 'declined' `

const publicProgrammeQuery = `
	SELECT p.id, p.kind, p.name, p.division, p.goal, p.starts, p.ends, p.is_open,
		(SELECT b.fen FROM deed_budget b WHERE b.programme = p.id ORDER BY b.seq DESC LIMIT 1),
		COUNT(d.id), COUNT(d.id) FILTER (WHERE d.state = 'closed'), CAST(COALESCE(SUM(d.percent), 0) AS BIGINT), CAST(COALESCE(SUM(d.people), 0) AS BIGINT), CAST(COALESCE(SUM(d.spent), 0) AS BIGINT)
	FROM deed_programme p LEFT JOIN deed d ON d.programme = p.id AND d.state <> 'declined' AND d.is_open `

const programmeGroup = ` GROUP BY p.id, p.kind, p.name, p.division, p.goal, p.starts, p.ends, p.is_open ORDER BY p.id DESC LIMIT 200`

func scanProgramme(row db.Scanner) (p Programme, err error) {
	var sum int64
	err = row.Scan(&p.ID, &p.Kind, &p.Name, &p.Division, &p.Goal, &p.Starts, &p.Ends, &p.Open, &p.Budget, &p.Deeds, &p.Solved, &sum, &p.People, &p.Spent)
	if p.Deeds > 0 {
		p.Percent = sum / p.Deeds // never rounded up to what is not there
	}
	return p, err
}

func programmeByID(ctx context.Context, tx *db.Tx, id db.ID) (Programme, error) {
	p, ok, err := db.One(ctx, tx, scanProgramme, programmeQuery+`WHERE p.id = $1`+programmeGroup, id)
	if err == nil && !ok {
		err = missing()
	}
	return p, err
}

// Programmes lists all of them, newest first, with what their deeds come to: for
// the public those that are open, counting open deeds.
func Programmes(ctx context.Context, tx *db.Tx, public bool) ([]Programme, error) {
	if public {
		return db.All(ctx, tx, scanProgramme, publicProgrammeQuery+`WHERE p.is_open`+programmeGroup)
	}
	return db.All(ctx, tx, scanProgramme, programmeQuery+programmeGroup)
}

// fits notes where a programme cannot take a deed of a division.
func fits(ctx context.Context, tx *db.Tx, id db.ID, division code.Division, refused *fault.Error) error {
	if id == 0 {
		return nil
	}
	p, err := programmeByID(ctx, tx, id)
	if fault.Is(err, "authz.not-found") || err == nil && !p.Division.Contains(division) {
		refused.With("programme", "这个专项不包括实事所在的区划。")
		return nil
	}
	return err
}
