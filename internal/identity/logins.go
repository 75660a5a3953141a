package identity

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

// Logins are the login names of accounts, for whoever reads the audit log: events
// keep accounts, and a name that is one's own to see is told beside.
func Logins(ctx context.Context, tx *db.Tx, who authz.Actor, accounts []db.ID) (map[db.ID]string, error) {
	if err := authz.RequireAny(who, authz.AuditRead); err != nil {
		return nil, err
	}
	accounts = slices.Compact(slices.Sorted(slices.Values(accounts)))
	logins := make(map[db.ID]string, len(accounts))
	if len(accounts) == 0 {
		return logins, nil
	}
	var places []string
	var args []any
	for i, id := range accounts {
		places, args = append(places, "$"+strconv.Itoa(i+1)), append(args, id)
	}
	type named struct {
		id    db.ID
		login string
	}
	scan := func(row db.Scanner) (n named, err error) { return n, row.Scan(&n.id, &n.login) }
	rows, err := db.All(ctx, tx, scan, `SELECT id, login FROM identity_account WHERE id IN (`+strings.Join(places, ", ")+`) ORDER BY id`, args...)
	for _, n := range rows {
		logins[n.id] = n.login
	}
	return logins, err
}

// AccountOf finds the account that somebody who reads the audit log means, by its
// login name or its number.
func AccountOf(ctx context.Context, tx *db.Tx, who authz.Actor, text string) (db.ID, error) {
	if err := authz.RequireAny(who, authz.AuditRead); err != nil {
		return 0, err
	}
	scan := func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) }
	id, found, err := db.One(ctx, tx, scan, `SELECT id FROM identity_account WHERE login = $1`, FoldLogin(text))
	if err != nil || found {
		return id, err
	}
	if id, err = db.ParseID(text); err != nil || id == 0 {
		return 0, fault.New(fault.Invalid, "list.unknown", "没有登录名或编号为“%s”的账号。请核对网址里的“账号”条件。", text)
	}
	return id, nil
}
