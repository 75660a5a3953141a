package identity

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

func divisionOf(s string) code.Division { return code.Division(s) }
func usccOf(s string) code.USCC         { return code.USCC(s) }

// grantColumnsOf names a grant's place in SQL; a project lies in its community.
var grantColumnsOf = authz.Columns{
	Division:   "(CASE WHEN g.division = '' AND g.project <> '' THEN SUBSTR(g.project, 1, 12) ELSE g.division END)",
	Enterprise: "g.enterprise", Project: "g.project",
}

// requireOver asks whether the actor looks after an account: whether one of its
// grants is of a body and a role that the actor gives. To others it is not there.
func requireOver(ctx context.Context, tx *db.Tx, who authz.Actor, act authz.Act, account db.ID) error {
	return over(ctx, tx, who, act, account, false)
}

// requireOverAll asks the same for every grant: acts that touch the whole account
// of somebody who also works elsewhere are the security administrator's.
func requireOverAll(ctx context.Context, tx *db.Tx, who authz.Actor, act authz.Act, account db.ID) error {
	return over(ctx, tx, who, act, account, true)
}

func over(ctx context.Context, tx *db.Tx, who authz.Actor, act authz.Act, account db.ID, all bool) error {
	if err := authz.RequireAny(who, act); err != nil {
		return err
	}
	grants, err := db.All(ctx, tx, scanGrant, `
		SELECT `+grantColumns+` FROM identity_grant g WHERE g.account_id = $1 AND g.deputy_of IS NULL
		ORDER BY CASE WHEN g.state IN ('proposed', 'active') THEN 0 ELSE 1 END, g.id DESC LIMIT 50`, account)
	if err != nil {
		return err
	}
	if len(grants) == 0 && !who.Has(authz.SecAdmin) && who.SystemName() == "" {
		return notFound()
	}
	some, every := false, true
	var stepUp error
	for _, g := range grants {
		err := authz.Require(who, act, placeOf(g.Scope))
		if fault.From(err) != nil && fault.From(err).Kind == fault.StepUp {
			stepUp, err = err, nil
		}
		ok := err == nil && (who.SystemName() != "" || looksAfter(who, g))
		some, every = some || ok, every && ok
	}
	switch {
	case len(grants) > 0 && !some:
		return notFound()
	case all && !every && !who.Has(authz.SecAdmin):
		return fault.New(fault.Forbidden, "identity.elsewhere", "此人还在其他单位任职，请由安全管理员办理。")
	}
	return stepUp
}

func looksAfter(who authz.Actor, g authz.Grant) bool {
	for _, mine := range who.Grants {
		if gives(mine, g.Role) && (mine.Role == authz.SecAdmin || mine.Scope.Covers(placeOf(g.Scope))) {
			return true
		}
	}
	return false
}

// An Account is a person's account as lists show it.
type Account struct {
	ID, Person  db.ID
	Login, Name string // the name of officials in full, of others masked
	State       string // invited, active, suspended
	Reason      string
	Second      bool          // has a second factor
	Seen        time.Time     // real; zero: never
	Grants      []authz.Grant // given, not ended; also those that begin later
	Proposed    []authz.Grant // waiting for a checker
}

// A PeopleQuery chooses accounts; zero fields choose all. After is the last
// account of the page before.
type PeopleQuery struct {
	State string
	Role  authz.Role
	Text  string // the beginning of a login name, or a part of a shown name
	After db.ID
	Limit int
}

// People lists the accounts that the actor looks after, in the order in which
// they were made: two queries.
func (s *Service) People(ctx context.Context, tx *db.Tx, who authz.Actor, q PeopleQuery) ([]Account, error) {
	if err := authz.RequireAny(who, authz.AccountRead); err != nil {
		return nil, err
	}
	cond, args := authz.Filter(authz.Scopes(who, authz.AccountRead), grantColumnsOf, 1)
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	var roles []string
	for _, d := range authz.Roles() {
		for _, g := range who.Grants {
			if gives(g, d.Role) && (q.Role == "" || q.Role == d.Role) {
				roles = append(roles, arg(string(d.Role)))
				break
			}
		}
	}
	if len(roles) == 0 {
		return nil, nil
	}
	where := `g.role IN (` + strings.Join(roles, ", ") + `) AND ` + cond + ` AND g.account_id = a.id AND g.deputy_of IS NULL`
	query := `SELECT ` + accountColumns + fromAccount + `WHERE a.id > ` + arg(int64(q.After)) + ` AND EXISTS (SELECT 1 FROM identity_grant g WHERE ` + where + `)`
	if q.State != "" {
		query += ` AND a.state = ` + arg(q.State)
	}
	if text := strings.TrimSpace(q.Text); text != "" {
		safe := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
		query += ` AND (a.login LIKE ` + arg(FoldLogin(safe)+"%") + ` ESCAPE '\' OR p.display LIKE ` + arg("%"+safe+"%") + ` ESCAPE '\')`
	}
	rows, err := db.All(ctx, tx, scanAccount, query+` ORDER BY a.id LIMIT `+arg(int64(min(max(q.Limit, 1), pageMax))), args...)
	if err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	return withGrants(ctx, tx, rows)
}

// Get reads one account: one's own, or of somebody whom one looks after.
func (s *Service) Get(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Account, error) {
	if id != who.Account || id == 0 {
		if err := requireOver(ctx, tx, who, authz.AccountRead, id); err != nil {
			return Account{}, err
		}
	}
	a, err := accountByID(ctx, tx, id)
	if err != nil {
		return Account{}, err
	}
	out, err := withGrants(ctx, tx, []account{a})
	if err != nil {
		return Account{}, err
	}
	return out[0], nil
}

// withGrants adds to each account the grants that hold or wait.
func withGrants(ctx context.Context, tx *db.Tx, rows []account) ([]Account, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	out := make([]Account, len(rows))
	at := map[db.ID]int{}
	var in []string
	var args []any
	for i, a := range rows {
		out[i] = Account{
			ID: a.id, Person: a.person, Login: a.login, Name: a.display, State: a.state, Reason: a.reason, Second: a.second != nil,
		}
		if a.seenReal > 0 {
			out[i].Seen = db.FromMillis(a.seenReal)
		}
		at[a.id] = i
		args = append(args, a.id)
		in = append(in, "$"+strconv.Itoa(len(args)))
	}
	type owned struct {
		account db.ID
		grant   authz.Grant
		state   string
	}
	grants, err := db.All(ctx, tx, func(row db.Scanner) (o owned, err error) {
		var role, division, enterprise string
		g := &o.grant
		err = row.Scan(&g.ID, &role, &division, &enterprise, &g.Scope.Project, &g.Manager, &g.From, &g.To, &o.account, &g.Deputy, &o.state)
		g.Role, g.Scope.Division, g.Scope.Enterprise = authz.Role(role), divisionOf(division), usccOf(enterprise)
		return o, err
	}, `
		SELECT `+grantColumns+`, g.account_id, o.account_id, g.state
		FROM identity_grant g LEFT JOIN identity_grant o ON o.id = g.deputy_of
		WHERE g.account_id IN (`+strings.Join(in, ", ")+`) AND g.state IN ('proposed', 'active')
		ORDER BY g.id LIMIT 5000`, args...)
	for _, o := range grants {
		a := &out[at[o.account]]
		if o.state == "proposed" {
			a.Proposed = append(a.Proposed, o.grant)
		} else {
			a.Grants = append(a.Grants, o.grant)
		}
	}
	return out, err
}

// Suspend closes an account until it is resumed: its sessions end at once, its
// one-time codes and half-done sign-ins die.
func (s *Service) Suspend(ctx context.Context, who authz.Actor, id db.ID, reason string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.SuspendIn(ctx, tx, who, id, reason) })
}

// SuspendIn is Suspend inside the caller's transaction.
func (s *Service) SuspendIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, reason string) error {
	if err := requireOverAll(ctx, tx, who, authz.AccountSuspend, id); err != nil {
		return err
	}
	if id == who.Account {
		return fault.New(fault.Forbidden, "identity.self", "不能停用自己的账号。")
	}
	return s.setState(ctx, tx, who, id, "suspended", reason)
}

// Resume opens a suspended account again, with what grants still hold.
func (s *Service) Resume(ctx context.Context, who authz.Actor, id db.ID, reason string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.ResumeIn(ctx, tx, who, id, reason) })
}

// ResumeIn is Resume inside the caller's transaction.
func (s *Service) ResumeIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, reason string) error {
	if err := requireOverAll(ctx, tx, who, authz.AccountSuspend, id); err != nil {
		return err
	}
	if id == who.Account {
		return fault.New(fault.Forbidden, "identity.self", "不能恢复自己的账号。")
	}
	return s.setState(ctx, tx, who, id, "active", reason)
}

// setState suspends or resumes. A resumed account that was never taken over
// waits for its person again.
func (s *Service) setState(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, state, reason string) error {
	if err := tx.Lock(ctx, "account", id); err != nil {
		return err
	}
	a, err := accountByID(ctx, tx, id)
	if err != nil {
		return err
	}
	if state == "active" && a.password == "" {
		state = "invited"
	}
	if a.state == state {
		return fault.New(fault.Conflict, "identity.state", "账号已经是这个状态。")
	}
	now := db.Millis(tx.Real)
	if state == "suspended" {
		roles, err := rolesOfAccount(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, r := range roles {
			if r == authz.SecAdmin {
				if err := otherSecAdmin(ctx, tx, id); err != nil {
					return err
				}
			}
		}
		if _, err := endSessions(ctx, tx, id, 0, "suspended"); err != nil {
			return err
		}
		if err := closeCodes(ctx, tx, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM identity_challenge WHERE account_id = $1`, id); err != nil { // a sign-in half done
			return err
		}
	}
	_, err = tx.Exec(ctx, `
		UPDATE identity_account SET state = $2, reason = $3, changed_at = $4,
			seen_real = CASE WHEN $2 = 'active' AND seen_real > 0 THEN $5 ELSE seen_real END WHERE id = $1`,
		id, state, reason, db.Millis(tx.Now), now)
	if err != nil {
		return err
	}
	kind := map[string]string{"suspended": "identity.suspended", "active": "identity.resumed", "invited": "identity.resumed"}[state]
	return audit.Append(ctx, tx, who, kind, object("account", id), audit.Change{Before: a.state, After: state, Detail: map[string]any{"reason": reason}})
}
