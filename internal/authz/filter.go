package authz

import (
	"strconv"
	"strings"
)

// Columns names the columns in which a table keeps the place of its rows. A
// column that the table lacks is "": scopes that need it match nothing.
type Columns struct{ Division, Enterprise, Project string }

// Filter is the condition that keeps a list to the scopes, and its arguments,
// numbered from next ($next, …). A division is matched as a range of its digits,
// so that an index on the column serves on both engines. No scopes match nothing.
//
//	cond, args := authz.Filter(authz.Scopes(who, authz.CreditRead), authz.Columns{Division: "division"}, 3)
func Filter(scopes []Scope, cols Columns, next int) (cond string, args []any) {
	var any []string
	arg := func(v string) string {
		args = append(args, v)
		next++
		return "$" + strconv.Itoa(next-1)
	}
	for _, s := range scopes {
		if s.Everywhere {
			return "TRUE", nil
		}
		if s.Division != "" && cols.Division == "" || s.Enterprise != "" && cols.Enterprise == "" || s.Project != "" && cols.Project == "" {
			continue
		}
		var all []string
		if s.Division != "" {
			all = append(all, divisionIn(s, cols, arg))
		}
		if s.Enterprise != "" {
			all = append(all, cols.Enterprise+" = "+arg(string(s.Enterprise)))
		}
		if s.Project != "" {
			all = append(all, cols.Project+" = "+arg(s.Project))
		}
		if len(all) > 0 {
			any = append(any, strings.Join(all, " AND "))
		}
	}
	if len(any) == 0 {
		return "FALSE", nil
	}
	return "((" + strings.Join(any, ") OR (") + "))", args
}

// divisionIn matches the subtree: codes of digits that start with the scope's,
// so from it up to the character after '9'. Above adds the exact codes above,
// for rows that stand at no project.
func divisionIn(s Scope, cols Columns, arg func(string) string) string {
	cond := cols.Division + " >= " + arg(string(s.Division)) + " AND " + cols.Division + " < " + arg(string(s.Division)+":")
	if !s.Above {
		return cond
	}
	var up []string
	for _, n := range []int{2, 4, 6, 9} {
		if n < len(s.Division) {
			up = append(up, arg(string(s.Division[:n])))
		}
	}
	if len(up) == 0 {
		return cond
	}
	above := cols.Division + " IN (" + strings.Join(up, ", ") + ")"
	if cols.Project != "" {
		above += " AND COALESCE(" + cols.Project + ", '') = ''"
	}
	return "(" + cond + " OR " + above + ")"
}
