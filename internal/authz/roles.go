package authz

import "juli/internal/fault"

// A Role is what a grant makes of a person.
type Role string

// The roles of domain/roles.md §2: nine of the ports, three administrators.
const (
	CityBureau     Role = "city_bureau"
	DistrictBureau Role = "district_bureau"
	Subdistrict    Role = "subdistrict"
	Community      Role = "community"
	Association    Role = "association"
	Enterprise     Role = "enterprise"
	ProjectManager Role = "project_manager"
	Committee      Role = "committee"
	Owner          Role = "owner"
	SysAdmin       Role = "sysadmin"
	SecAdmin       Role = "secadmin"
	AuditAdmin     Role = "auditadmin"
)

// Public is nobody in particular: the matrix's column for visitors. It is never granted.
const Public Role = "public"

// A ScopeKind is what a role's grants cover.
type ScopeKind string

// Divisions cover their subtree; an enterprise its projects; a project itself.
const (
	ByDivision   ScopeKind = "division"
	ByEnterprise ScopeKind = "enterprise"
	ByProject    ScopeKind = "project"
)

// Duty describes a role.
type Duty struct {
	Role     Role
	Title    string    // 市住建局
	Short    string    // one character, heads the matrix's column
	Kind     ScopeKind // what its grants cover
	Official bool      // of an authority: grants need maker and checker (AZ-5)
	Admin    bool      // one of the three administrators
	Second   bool      // two factors before anything (AUT-2)
}

// Roles lists every role in the order of the matrix's columns, the public first.
func Roles() []Duty {
	return []Duty{
		{Public, "公众", "众", "", false, false, false},
		{CityBureau, "市住建局", "市", ByDivision, true, false, true},
		{DistrictBureau, "区县住建局", "区", ByDivision, true, false, true},
		{Subdistrict, "街道办事处", "街", ByDivision, true, false, true},
		{Community, "社区居委会", "社", ByDivision, true, false, true},
		{Association, "物业管理协会", "协", ByDivision, false, false, true},
		{Enterprise, "物业服务企业", "企", ByEnterprise, false, false, true},
		{ProjectManager, "项目负责人", "项", ByProject, false, false, true},
		{Committee, "业委会（物管会）", "委", ByProject, false, false, true},
		{Owner, "业主", "主", ByProject, false, false, false},
		{SysAdmin, "系统管理员", "系", ByDivision, true, true, true},
		{SecAdmin, "安全管理员", "安", ByDivision, true, true, true},
		{AuditAdmin, "审计管理员", "审", ByDivision, true, true, true},
	}
}

var duties = func() map[Role]Duty {
	m := map[Role]Duty{}
	for _, d := range Roles() {
		m[d.Role] = d
	}
	return m
}()

// DutyOf describes a role; false if there is no such role or it is not granted to anybody.
func DutyOf(r Role) (Duty, bool) {
	d, ok := duties[r]
	return d, ok && r != Public
}

// Title is the role's Chinese name.
func (r Role) Title() string { return duties[r].Title }

// Official says whether the role belongs to an authority or is an administrator's.
func (r Role) Official() bool { return duties[r].Official }

// Admin says whether the role is one of the three administrators.
func (r Role) Admin() bool { return duties[r].Admin }

// Staff says whether the role needs two factors (AUT-2).
func (r Role) Staff() bool { return duties[r].Second }

// CheckScope refuses a scope that does not fit the role: a division of the wrong
// level, an enterprise without code, or more than the role covers.
func CheckScope(r Role, s Scope) error {
	bad := func(text string) error { return fault.New(fault.Invalid, "authz.scope", "%s", text) }
	d, ok := DutyOf(r)
	if !ok {
		return fault.New(fault.Invalid, "authz.role", "没有这个角色。")
	}
	switch d.Kind {
	case ByDivision:
		if s.Division == "" || s.Enterprise != "" || s.Project != "" {
			return bad(d.Title + "的范围应是一个行政区划。")
		}
		if n, fixed := divisionDigits[r]; fixed && len(s.Division) != n {
			return bad(d.Title + "的行政区划层级不符。")
		}
	case ByEnterprise:
		if s.Enterprise == "" || s.Division != "" || s.Project != "" {
			return bad(d.Title + "的范围应是一家企业。")
		}
	case ByProject:
		if s.Project == "" || s.Division != "" {
			return bad(d.Title + "的范围应是一个项目。")
		}
	}
	return nil
}

// divisionDigits is how long the trimmed division code of a body is.
var divisionDigits = map[Role]int{
	CityBureau: 4, DistrictBureau: 6, Subdistrict: 9, Community: 12,
	SysAdmin: 4, SecAdmin: 4, AuditAdmin: 4,
}

// Exclusive refuses roles that one natural person may not hold together: an
// administrator holds no second role but that of an owner (AZ-4).
func Exclusive(roles ...Role) error {
	var admin, other Role
	for _, r := range roles {
		switch {
		case r.Admin() && admin != "" && admin != r:
			return fault.New(fault.Forbidden, "authz.exclusive", "同一自然人不能兼任%s和%s。", admin.Title(), r.Title())
		case r.Admin():
			admin = r
		case r != Owner:
			other = r
		}
	}
	if admin != "" && other != "" {
		return fault.New(fault.Forbidden, "authz.exclusive", "%s不能兼任%s。", admin.Title(), other.Title())
	}
	return nil
}

// Body names the body that a grant belongs to: people of one body hand over to
// each other and are looked after by its managers.
func Body(r Role, s Scope) string {
	switch duties[r].Kind {
	case ByDivision:
		return string(r) + "@" + string(s.Division)
	case ByEnterprise:
		return "enterprise@" + string(s.Enterprise)
	}
	if s.Enterprise != "" { // a project manager belongs to the enterprise
		return "enterprise@" + string(s.Enterprise)
	}
	return string(r) + "@" + s.Project
}
