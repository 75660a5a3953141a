package identity

import (
	"context"
	"fmt"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// account is a row of identity_account.
type account struct {
	id, person           db.ID
	login, state, reason string
	password             string
	passwordReal         int64
	second               []byte
	secondStep           int64
	seenReal             int64
	display              string
}

const accountColumns = `a.id, a.person_id, a.login, a.state, a.reason, a.password, a.password_real, a.second_sealed,
	a.second_step, a.seen_real, p.display`

func scanAccount(row db.Scanner) (a account, err error) {
	return a, row.Scan(&a.id, &a.person, &a.login, &a.state, &a.reason, &a.password, &a.passwordReal, &a.second,
		&a.secondStep, &a.seenReal, &a.display)
}

const fromAccount = ` FROM identity_account a JOIN identity_person p ON p.id = a.person_id `

func accountByLogin(ctx context.Context, tx *db.Tx, login string) (account, bool, error) {
	return db.One(ctx, tx, scanAccount, `SELECT `+accountColumns+fromAccount+`WHERE a.login = $1`, login)
}

func accountByID(ctx context.Context, tx *db.Tx, id db.ID) (account, error) {
	a, ok, err := db.One(ctx, tx, scanAccount, `SELECT `+accountColumns+fromAccount+`WHERE a.id = $1`, id)
	if err == nil && !ok {
		err = notFound()
	}
	return a, err
}

const grantColumns = `g.id, g.role, g.division, g.enterprise, g.project, g.manager, g.valid_from, g.valid_to`

func scanGrant(row db.Scanner) (g authz.Grant, err error) {
	var role, division, enterprise string
	err = row.Scan(&g.ID, &role, &division, &enterprise, &g.Scope.Project, &g.Manager, &g.From, &g.To)
	g.Role, g.Scope.Division, g.Scope.Enterprise = authz.Role(role), code.Division(division), code.USCC(enterprise)
	return g, err
}

// grantsToday are the grants that hold for an account today. A deputy's grant
// holds only while the grant behind it does, and leaves out the body's management.
func grantsToday(ctx context.Context, tx *db.Tx, account db.ID) ([]authz.Grant, error) {
	return db.All(ctx, tx, func(row db.Scanner) (g authz.Grant, err error) {
		var role, division, enterprise string
		err = row.Scan(&g.ID, &role, &division, &enterprise, &g.Scope.Project, &g.Manager, &g.From, &g.To, &g.Deputy)
		g.Role, g.Scope.Division, g.Scope.Enterprise = authz.Role(role), code.Division(division), code.USCC(enterprise)
		return g, err
	}, `
		SELECT `+grantColumns+`, o.account_id
		FROM identity_grant g LEFT JOIN identity_grant o ON o.id = g.deputy_of
		WHERE g.account_id = $1 AND `+holdsToday(2)+`
		  AND (g.deputy_of IS NULL OR (o.state = 'active' AND o.valid_from <= $2 AND o.valid_to >= $2))
		ORDER BY g.id LIMIT 200`, account, tx.Today())
}

// openRoles are the roles a person holds or is proposed for, of all accounts.
func openRoles(ctx context.Context, tx *db.Tx, person db.ID) ([]authz.Role, error) {
	return db.All(ctx, tx, func(row db.Scanner) (authz.Role, error) {
		var r string
		err := row.Scan(&r)
		return authz.Role(r), err
	}, `SELECT DISTINCT role FROM identity_grant WHERE person_id = $1 AND state IN ('proposed', 'active') AND valid_to >= $2 ORDER BY role LIMIT 50`,
		person, tx.Today())
}

func rolesOfAccount(ctx context.Context, tx *db.Tx, account db.ID) ([]authz.Role, error) {
	return db.All(ctx, tx, func(row db.Scanner) (authz.Role, error) {
		var r string
		err := row.Scan(&r)
		return authz.Role(r), err
	}, `SELECT DISTINCT role FROM identity_grant WHERE account_id = $1 AND state IN ('proposed', 'active') AND valid_to >= $2 ORDER BY role LIMIT 50`,
		account, tx.Today())
}

func insertPerson(ctx context.Context, tx *db.Tx) (db.ID, error) {
	id := tx.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO identity_person (id, display, created_at) VALUES ($1, '', $2)`, id, db.Millis(tx.Now))
	return id, err
}

func insertAccount(ctx context.Context, tx *db.Tx, person db.ID, login string, by db.ID) (db.ID, error) {
	id := tx.NewID()
	n, err := tx.Exec(ctx, `
		INSERT INTO identity_account (id, person_id, login, state, created_at, created_by, changed_at)
		VALUES ($1, $2, $3, 'invited', $4, $5, $4) ON CONFLICT (login) DO NOTHING`, id, person, login, db.Millis(tx.Now), by)
	if err != nil {
		return 0, fmt.Errorf("account: %w", err)
	}
	if n == 0 {
		text := "账号名已被使用，账号名永不重复使用，请换一个。"
		return 0, fault.New(fault.Conflict, "identity.login-taken", "%s", text).With("login", text)
	}
	return id, nil
}

// newGrant is a grant to be stored.
type newGrant struct {
	account, person db.ID
	role            authz.Role
	scope           authz.Scope
	manager         bool
	deputyOf        db.ID
	from, to        day.Date
	state           string
	by              db.ID // person; none: the program at its first start
	reason          string
}

func insertGrant(ctx context.Context, tx *db.Tx, g newGrant) (db.ID, error) {
	id := tx.NewID()
	_, err := tx.Exec(ctx, `
		INSERT INTO identity_grant (id, account_id, person_id, role, division, enterprise, project, manager, official,
			admin, deputy_of, valid_from, valid_to, state, proposed_by, proposed_at, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		id, g.account, g.person, string(g.role), string(g.scope.Division), string(g.scope.Enterprise), g.scope.Project,
		g.manager, g.role.Official(), g.role.Admin(), g.deputyOf, g.from, g.to, g.state, g.by, db.Millis(tx.Now), g.reason)
	if db.IsUnique(err) {
		return 0, fault.New(fault.Forbidden, "authz.exclusive", "此人已担任一种管理员，不能兼任。")
	}
	if err != nil {
		return 0, fmt.Errorf("grant: %w", err)
	}
	return id, nil
}

// endSessions ends an account's sessions, but one that may stay.
func endSessions(ctx context.Context, tx *db.Tx, account, but db.ID, why string) (int64, error) {
	return tx.Exec(ctx, `
		UPDATE identity_session SET ended_real = $3, ended_why = $4
		WHERE account_id = $1 AND ended_real = 0 AND id <> $2`, account, int64(but), db.Millis(tx.Real), why)
}

// open decrypts a text; a person without it has none.
func (s *Service) open(table, column string, row db.ID, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	plain, err := s.Keys.Open(table, column, row, sealed)
	return string(plain), err
}
