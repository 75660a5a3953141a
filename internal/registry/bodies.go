package registry

import (
	"context"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
)

// BodyNames words the bodies of grants as people know them: 南岗区住建局,
// 物业服务企业（某公司）, 项目负责人（某小区）. What the register lacks keeps its code.
func BodyNames(ctx context.Context, tx *db.Tx, scopes []authz.Scope) (func(authz.Role, authz.Scope) string, error) {
	name, err := ScopeNames(ctx, tx, scopes)
	return func(r authz.Role, s authz.Scope) string { return BodyName(r, name(s)) }, err
}

// BodyName is a body by its role and the name of its place, without saying a word
// twice: 道里区住建局, 索菲亚社区居委会, 兆麟街道办事处.
func BodyName(r authz.Role, place string) string {
	own := map[authz.Role]struct{ tail, body string }{
		authz.CityBureau: {"市", "住建局"}, authz.DistrictBureau: {"", "住建局"}, authz.Subdistrict: {"街道", "办事处"}, authz.Community: {"社区", "居委会"},
	}[r]
	switch {
	case place == "":
		return r.Title()
	case own.body != "" && strings.HasSuffix(place, own.body), r == authz.Community && strings.HasSuffix(place, "委员会"):
		return place
	case own.body != "" && strings.HasSuffix(place, own.tail):
		return place + own.body
	}
	return r.Title() + "（" + place + "）"
}

// ScopeNames gives the names of what scopes cover.
func ScopeNames(ctx context.Context, tx *db.Tx, scopes []authz.Scope) (func(authz.Scope) string, error) {
	var at []code.Division
	var firms []code.USCC
	var projects []code.ProjectCode
	for _, s := range scopes {
		at = append(at, s.Division)
		firms = append(firms, s.Enterprise)
		projects = append(projects, code.ProjectCode(s.Project))
	}
	places, err := DivisionNames(ctx, tx, slices.Values(at))
	if err != nil {
		return nil, err
	}
	firm, err := EnterpriseNames(ctx, tx, firms)
	if err != nil {
		return nil, err
	}
	project, err := ProjectNames(ctx, tx, projects)
	return func(s authz.Scope) string {
		switch {
		case s.Project != "":
			return orCode(project[code.ProjectCode(s.Project)], s.Project)
		case s.Enterprise != "":
			return orCode(firm[s.Enterprise], string(s.Enterprise))
		}
		return orCode(places[s.Division], string(s.Division))
	}, err
}

func orCode(name, written string) string {
	if name == "" {
		return written
	}
	return name
}
