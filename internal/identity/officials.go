package identity

import (
	"context"
	"strconv"
	"strings"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
)

// officialsMax bounds whom one draw can choose from.
const officialsMax = 5000

// An Official is somebody who holds an office today, and where else the same
// person has stood since a day: enterprises and projects, by their codes.
type Official struct {
	Account, Person db.ID
	Role            authz.Role
	Division        code.Division
	Ties            []string
}

// Officials lists who holds one of the roles today, one line a person, in the
// order of their accounts. Ties are what the person's other grants since a day
// were for: who worked for an enterprise, or is of an owners' committee, is not
// sent there.
func Officials(ctx context.Context, tx *db.Tx, roles []authz.Role, since day.Date) ([]Official, error) {
	args, in := []any{tx.Today()}, []string{}
	for _, r := range roles {
		args = append(args, string(r))
		in = append(in, "$"+strconv.Itoa(len(args)))
	}
	list, err := db.All(ctx, tx, func(row db.Scanner) (o Official, err error) {
		var role, division string
		err = row.Scan(&o.Account, &o.Person, &role, &division)
		o.Role, o.Division = authz.Role(role), code.Division(division)
		return o, err
	}, `
		SELECT g.account_id, g.person_id, g.role, g.division
		FROM identity_grant g JOIN identity_account a ON a.id = g.account_id
		WHERE g.role IN (`+strings.Join(in, ", ")+`) AND g.state = 'active' AND g.valid_from <= $1 AND g.valid_to >= $1
		  AND g.deputy_of IS NULL AND a.state <> 'suspended'
		ORDER BY g.account_id, g.division, g.id LIMIT `+strconv.Itoa(officialsMax), args...)
	if err != nil {
		return nil, err
	}
	type tie struct {
		person db.ID
		at     string
	}
	ties := map[db.ID][]string{}
	for t, err := range db.Rows(ctx, tx, func(row db.Scanner) (t tie, err error) { return t, row.Scan(&t.person, &t.at) }, `
		SELECT DISTINCT g.person_id, CASE WHEN g.enterprise <> '' THEN g.enterprise ELSE g.project END AS place
		FROM identity_grant g
		WHERE (g.enterprise <> '' OR g.project <> '') AND g.state IN ('active', 'ended') AND g.valid_to >= $1
		  AND g.person_id IN (SELECT o.person_id FROM identity_grant o WHERE o.role IN (`+strings.Join(in, ", ")+`) AND o.state = 'active')
		ORDER BY 1, 2`, append([]any{since}, args[1:]...)...) {
		if err != nil {
			return nil, err
		}
		ties[t.person] = append(ties[t.person], t.at)
	}
	var out []Official
	for _, o := range list {
		if n := len(out); n > 0 && out[n-1].Account == o.Account {
			continue // a second office: the first one counts
		}
		o.Ties = ties[o.Person]
		out = append(out, o)
	}
	return out, nil
}

// AccountNames gives the shown names of accounts, of officials in full.
func AccountNames(ctx context.Context, tx *db.Tx, ids ...db.ID) (map[db.ID]string, error) {
	names := map[db.ID]string{}
	if len(ids) == 0 {
		return names, nil
	}
	var args []any
	var in []string
	for _, id := range ids {
		args = append(args, id)
		in = append(in, "$"+strconv.Itoa(len(args)))
	}
	type named struct {
		id   db.ID
		name string
	}
	for n, err := range db.Rows(ctx, tx, func(row db.Scanner) (n named, err error) { return n, row.Scan(&n.id, &n.name) }, `
		SELECT a.id, p.display FROM identity_account a JOIN identity_person p ON p.id = a.person_id WHERE a.id IN (`+strings.Join(in, ", ")+`)`, args...) {
		if err != nil {
			return nil, err
		}
		names[n.id] = n.name
	}
	return names, nil
}
