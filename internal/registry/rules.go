package registry

import (
	"strings"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/fault"
)

// A Group is a set of basic-information fields that is complete or missing as a
// whole; credit item HRB-B01 deducts per missing group.
type Group string

// The groups of 哈尔滨市物业服务企业信用评价管理办法's basic information.
const (
	GroupName       Group = "NAME"
	GroupAddress    Group = "ADDRESS"
	GroupYear       Group = "YEAR"
	GroupArea       Group = "AREA"
	GroupType       Group = "TYPE"
	GroupManager    Group = "MANAGER"
	GroupContract   Group = "CONTRACT"
	GroupService    Group = "SERVICE"
	GroupFacilities Group = "FACILITIES"
)

// Groups lists them with their titles, in the measure's order.
var Groups = []Choice{
	{"NAME", "项目名称"},
	{"ADDRESS", "项目地址"},
	{"YEAR", "建成年代"},
	{"AREA", "建筑面积"},
	{"TYPE", "项目类型"},
	{"MANAGER", "项目经理"},
	{"CONTRACT", "合同双方与期限"},
	{"SERVICE", "服务等级与收费标准"},
	{"FACILITIES", "共用设施设备"},
}

// Title is the group in Chinese.
func (g Group) Title() string { return titleOf(Groups, g) }

// Missing tells which groups of a project's basic information are incomplete;
// managers is how many project managers are named on the day.
func Missing(p Project, managers int64) []Group {
	complete := map[Group]bool{
		GroupName:       p.Name != "",
		GroupAddress:    p.Address != "",
		GroupYear:       p.Built != 0,
		GroupArea:       p.Area > 0,
		GroupType:       p.Use != "",
		GroupManager:    managers > 0,
		GroupContract:   p.Enterprise != "" && p.ContractParty != "" && p.ContractKind != "" && p.ContractFrom != 0 && p.ContractTo != 0,
		GroupService:    p.ServiceLevel != 0 && p.Fee > 0,
		GroupFacilities: p.Facilities != "" || p.Lifts > 0 || p.Pumps > 0,
	}
	var missing []Group
	for _, g := range Groups {
		if !complete[Group(g.Code)] {
			missing = append(missing, Group(g.Code))
		}
	}
	return missing
}

// checkEnterprise tells what cannot be true of an enterprise on today.
func checkEnterprise(e *Enterprise, today day.Date) error {
	refused := fault.New(fault.Invalid, "registry.enterprise", "请改正标出的内容。")
	if e.Founded > today {
		refused.With("founded", "成立日期不能晚于今天。")
	}
	if e.PartyMembers > e.Staff && e.Staff > 0 {
		refused.With("party_members", "党员人数不能多于从业人数。")
	}
	if e.Kind == Branch && e.Head == "" {
		refused.With("head", "分支机构请填写总公司。")
	}
	return refused.OrNil()
}

const phoneDigits = 7 // of the shortest number, a fixed line's without its area

// checkPhone tells whether a number that somebody declares can be dialled. What
// files bring in from older registers is taken as it is.
func checkPhone(phone string) error {
	refused := fault.New(fault.Invalid, "registry.phone", "请改正标出的内容。")
	digits := 0
	for _, c := range clean(phone) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case !strings.ContainsRune(" -+()（）转,，;；/、", c):
			return refused.With("phone", "联系电话只能填写号码，例如 0451-84600000 或 13900001111。")
		}
	}
	if digits > 0 && digits < phoneDigits || digits == 0 && clean(phone) != "" {
		refused.With("phone", "联系电话至少 7 位数字，例如 0451-84600000 或 13900001111。")
	}
	return refused.OrNil()
}

// checkProject tells what cannot be true of a project on today.
func checkProject(p *Project, today day.Date) error {
	refused := fault.New(fault.Invalid, "registry.project", "请改正标出的内容。")
	if p.Division.Level() != code.Community {
		refused.With("division", "项目应登记到社区（12 位代码）。")
	}
	if p.Code != "" && p.Code.Community() != p.Division && p.Version == 0 {
		refused.With("code", "项目编码的前 12 位应与社区代码一致。")
	}
	if p.Built > int64(today.Year()) {
		refused.With("built", "建成年份不能晚于今年。")
	}
	if p.ContractFrom != 0 && p.ContractTo != 0 && p.ContractTo < p.ContractFrom {
		refused.With("contract_to", "合同截止日不能早于起始日。")
	}
	if p.FilingDate > today {
		refused.With("filing_date", "合同备案日期不能晚于今天。")
	}
	return refused.OrNil()
}

// settle fills what follows from the rest: state, first day, day of leaving.
func settle(state *State, entered, left *day.Date, today day.Date) {
	if *state == "" {
		*state = Active
	}
	if *entered == 0 {
		*entered = today
	}
	switch {
	case *state != Left:
		*left = 0
	case *left == 0:
		*left = today
	}
}
