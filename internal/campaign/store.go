package campaign

import (
	"context"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

const columns = `id, kind, theme, title, basis, division, scope, uses, grades, items, from_day, to_day, sample, seed_rule, seed_on, seed_digits, seed_noted, book, state,
	pool_digest, pool_size, frozen_at, seed, result_digest, drawn_at, concluded_at`

func scan(row db.Scanner) (c Campaign, err error) {
	var scope, uses, grades, items string
	err = row.Scan(&c.ID, &c.Kind, &c.Theme, &c.Title, &c.Basis, &c.Division, &scope, &uses, &grades, &items, &c.From, &c.To, &c.Sample, &c.SeedRule, &c.SeedOn, &c.SeedDigits, &c.SeedNoted, &c.Book, &c.State,
		&c.PoolDigest, &c.PoolSize, &c.FrozenAt, &c.Seed, &c.ResultDigest, &c.DrawnAt, &c.ConcludedAt)
	c.Scope, c.Uses, c.Grades, c.Items = split[code.Division](scope), split[string](uses), split[string](grades), split[string](items)
	return c, err
}

func insert(ctx context.Context, tx *db.Tx, c Campaign) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO campaign (id, kind, theme, title, basis, division, scope, uses, grades, items, from_day, to_day, sample, seed_rule, seed_on, seed_digits, book, state, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		c.ID, c.Kind, c.Theme, c.Title, c.Basis, string(c.Division), joined(c.Scope), joined(c.Uses), joined(c.Grades), joined(c.Items),
		c.From, c.To, c.Sample, c.SeedRule, c.SeedOn, c.SeedDigits, c.Book, Drafted, db.Millis(tx.Now))
	return err
}

func missing() error {
	return fault.New(fault.NotFound, "authz.not-found", "没有找到您要查看的内容。")
}

// byID reads a campaign, whoever asks.
func byID(ctx context.Context, tx *db.Tx, id db.ID) (Campaign, error) {
	c, ok, err := db.One(ctx, tx, scan, `SELECT `+columns+` FROM campaign WHERE id = $1`, id)
	if err == nil && !ok {
		err = missing()
	}
	return c, err
}

// find reads a campaign and its case, if the actor may do act there.
func find(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, act authz.Act) (Campaign, error) {
	c, err := byID(ctx, tx, id)
	if err != nil {
		return c, err
	}
	if err := authz.Require(who, act, c.place()); err != nil {
		return Campaign{}, err
	}
	c.Case, err = casework.Find(ctx, tx, Machine, id)
	return c, err
}

func freeze(ctx context.Context, tx *db.Tx, id db.ID, pool []byte, size int) error {
	_, err := tx.Exec(ctx, `UPDATE campaign SET pool = $2, pool_digest = $3, pool_size = $4, frozen_at = $5 WHERE id = $1`,
		id, pool, DigestOf(pool), size, db.Millis(tx.Now))
	return err
}

func keepDraw(ctx context.Context, tx *db.Tx, id db.ID, seed string, result []byte) error {
	_, err := tx.Exec(ctx, `UPDATE campaign SET seed = $2, result = $3, result_digest = $4, drawn_at = $5 WHERE id = $1`,
		id, seed, result, DigestOf(result), db.Millis(tx.Now))
	return err
}

func poolOf(ctx context.Context, tx *db.Tx, id db.ID) (pool, result []byte, err error) {
	type both struct{ pool, result []byte }
	b, ok, err := db.One(ctx, tx, func(row db.Scanner) (b both, err error) { return b, row.Scan(&b.pool, &b.result) },
		`SELECT pool, result FROM campaign WHERE id = $1`, id)
	if err == nil && !ok {
		err = missing()
	}
	return b.pool, b.result, err
}

func insertInspector(ctx context.Context, tx *db.Tx, id db.ID, number string, account db.ID, body string) error {
	_, err := tx.Exec(ctx, `INSERT INTO campaign_inspector (campaign, number, account, body) VALUES ($1, $2, $3, $4)`, id, number, account, body)
	return err
}

// A Sent is who a number of a pool is.
type Sent struct {
	Number  string
	Account db.ID
	Body    string
}

// Inspectors tells who the numbers of a campaign's pool are: for officials alone.
func (s *Campaigns) Inspectors(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (map[string]Sent, error) {
	if _, err := find(ctx, tx, who, id, authz.CampaignRead); err != nil {
		return nil, err
	}
	return sentOf(ctx, tx, id)
}

func sentOf(ctx context.Context, tx *db.Tx, id db.ID) (map[string]Sent, error) {
	out := map[string]Sent{}
	for x, err := range db.Rows(ctx, tx, func(row db.Scanner) (x Sent, err error) { return x, row.Scan(&x.Number, &x.Account, &x.Body) },
		`SELECT number, account, body FROM campaign_inspector WHERE campaign = $1 ORDER BY number`, id) {
		if err != nil {
			return nil, err
		}
		out[x.Number] = x
	}
	return out, nil
}
