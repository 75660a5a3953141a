package casework

import (
	"fmt"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/fault"
)

// A Holder is the body that has to act next: a role at a division, an
// enterprise, or a role at a project. The zero Holder is nobody.
type Holder struct {
	Role       authz.Role
	Division   code.Division
	Enterprise code.USCC
	Project    string
}

// Key names the holder in the tables, "" for nobody: "district_bureau@230103".
func (h Holder) Key() string {
	at := string(h.Division)
	switch {
	case h.Role == "":
		return ""
	case h.Enterprise != "":
		at = string(h.Enterprise)
	case h.Project != "":
		at = h.Project
	}
	if at == "" {
		return ""
	}
	return string(h.Role) + "@" + at
}

// ParseHolder reads a key.
func ParseHolder(key string) Holder {
	role, at, _ := strings.Cut(key, "@")
	h := Holder{Role: authz.Role(role)}
	duty, _ := authz.DutyOf(h.Role)
	switch duty.Kind {
	case authz.ByDivision:
		h.Division = code.Division(at)
	case authz.ByEnterprise:
		h.Enterprise = code.USCC(at)
	case authz.ByProject:
		h.Project = at
	}
	return h
}

// levels is where in the division tree a role's bodies stand.
var levels = map[authz.Role]code.Level{
	authz.CityBureau: code.City, authz.DistrictBureau: code.District, authz.Subdistrict: code.Street,
	authz.Community: code.Community, authz.Association: code.City,
	authz.SysAdmin: code.City, authz.SecAdmin: code.City, authz.AuditAdmin: code.City,
}

// HolderAt is the body of a role that is in charge of a place; false when there
// is none, such as a community for an enterprise that stands at a district.
func HolderAt(role authz.Role, at authz.Place) (Holder, bool) {
	duty, ok := authz.DutyOf(role)
	if !ok {
		return Holder{}, false
	}
	h := Holder{Role: role}
	switch duty.Kind {
	case authz.ByDivision:
		h.Division = at.Division.Up(levels[role])
	case authz.ByEnterprise:
		h.Enterprise = at.Enterprise
	case authz.ByProject:
		h.Project = at.Project
	}
	return h, h.Key() != ""
}

// Bodies lists the bodies that the actor acts for.
func Bodies(who authz.Actor) []Holder {
	var all []Holder
	for _, g := range who.Grants {
		duty, ok := authz.DutyOf(g.Role)
		if !ok || duty.Second && !who.Second {
			continue
		}
		h := Holder{Role: g.Role}
		switch duty.Kind {
		case authz.ByDivision:
			h.Division = g.Scope.Division
		case authz.ByEnterprise:
			h.Enterprise = g.Scope.Enterprise
		case authz.ByProject:
			h.Project = g.Scope.Project
		}
		if h.Key() != "" && !slices.Contains(all, h) {
			all = append(all, h)
		}
	}
	return all
}

// Holds says whether the actor acts for the holder.
func Holds(who authz.Actor, h Holder) bool {
	return who.SystemName() != "" || slices.Contains(Bodies(who), h)
}

// verdict judges an act of an actor on a case that he may know of, but for the
// persons of earlier acts, which stand in the tables.
func verdict(c Case, a Act, who authz.Actor) error {
	switch {
	case !slices.Contains(a.From, c.State):
		return fault.New(fault.Conflict, "casework.state", "当前状态为“%s”，不能“%s”。", c.StateTitle(), a.Title)
	case who.SystemName() != "":
		return nil
	case a.May == "":
		return fault.New(fault.Forbidden, "casework.program", "“%s”由系统按规定自动办理。", a.Title)
	case a.ByHolder && !Holds(who, c.Holder):
		return fault.New(fault.Forbidden, "casework.not-holder", "这件事项由%s办理，您不能“%s”。", c.Holder.Role.Title(), a.Title)
	case a.ByHolder && c.Account != 0 && !who.StandsFor(c.Account):
		return fault.New(fault.Conflict, "casework.claimed", "这件事项已由同事认领，请先移交。")
	}
	return nil
}

// Often says whether an act was taken as often as it may be in one case.
func Often(c Case, steps []Step, act string) bool {
	a, _ := c.Machine.Act(act)
	n := 0
	for _, s := range steps {
		if s.Act == act {
			n++
		}
	}
	return a.Most > 0 && n >= a.Most
}

// Waits says how a deadline stands on a day, in people's words, and whether it
// has passed. The last day itself is in time (民法典 art. 203).
func Waits(due, today day.Date, assumed bool) (words string, late bool) {
	n := int(due) - int(today)
	switch {
	case due == 0:
		return "未设期限", false
	case n < 0:
		words = fmt.Sprintf("已逾期%d天", -n)
	case n == 0:
		words = "今天到期"
	case n == 1:
		words = "明天到期"
	default:
		words = fmt.Sprintf("还剩%d天", n)
	}
	if assumed {
		words += "（节假日安排尚未公布，按推定）"
	}
	return words, n < 0
}
