package registry

import (
	"strconv"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
)

// A Use says what a project's buildings are for.
type Use string

// The uses.
const (
	Residential Use = "RESIDENTIAL"
	Commercial  Use = "COMMERCIAL"
	Office      Use = "OFFICE"
	Mixed       Use = "MIXED"
	OtherUse    Use = "OTHER"
)

// Uses lists them with their titles.
var Uses = []Choice{{"RESIDENTIAL", "住宅"}, {"COMMERCIAL", "商业"}, {"OFFICE", "写字楼"}, {"MIXED", "综合"}, {"OTHER", "其他"}}

// Title is the use in Chinese.
func (u Use) Title() string { return titleOf(Uses, u) }

// An Enclosure says whether an estate has a wall and gates.
type Enclosure string

// The enclosures.
const (
	OpenEstate   Enclosure = "OPEN"
	ClosedEstate Enclosure = "CLOSED"
)

// Enclosures lists them with their titles.
var Enclosures = []Choice{{"OPEN", "开放式"}, {"CLOSED", "封闭式"}}

// Title is the enclosure in Chinese.
func (e Enclosure) Title() string { return titleOf(Enclosures, e) }

// A ContractKind says who chose the enterprise.
type ContractKind string

// The kinds of contracts: 前期 by the developer, 普通 by the owners (民法典第
// 939 条), 应急 arranged by the street.
const (
	Prestage ContractKind = "PRESTAGE"
	Owners   ContractKind = "OWNERS"
	Interim  ContractKind = "INTERIM"
)

// ContractKinds lists them with their titles.
var ContractKinds = []Choice{{"PRESTAGE", "前期物业服务合同"}, {"OWNERS", "业主大会选聘合同"}, {"INTERIM", "应急物业服务"}}

// Title is the kind in Chinese.
func (k ContractKind) Title() string { return titleOf(ContractKinds, k) }

// A Project is an estate or building under property service: the basic
// information of 哈尔滨市物业服务企业信用评价管理办法.
type Project struct {
	Code    code.ProjectCode // community and serial, allocated by the register
	ID      db.ID
	Version int64

	Name         string
	Division     code.Division // the community
	Address      string
	Boundary     string // 四至
	Use          Use
	Built        int64 // year
	Area         money.Area
	Households   int64
	Buildings    int64
	Green        money.Area
	Lifts        int64
	Pumps        int64
	ParkingAbove int64
	ParkingBelow int64
	HeatSupplier string
	Enclosure    Enclosure
	Renovated    bool
	Facilities   Facilities

	Enterprise    code.USCC // who manages it; none for an abandoned estate
	ContractParty string    // the other party: developer, owners' assembly, street
	ContractKind  ContractKind
	ContractFrom  day.Date
	ContractTo    day.Date
	FilingNumber  string
	FilingDate    day.Date
	ServiceLevel  int64     // 1 to 5, 0 for none
	Fee           money.Fen // per ㎡ and month
	State         State

	Entered day.Date
	LeftOn  day.Date
	Change
}

var projectFields = []field[Project]{
	{
		Column{Key: "code", Title: "项目编码", Hint: "16 位；新项目不填，由系统分配"},
		func(p *Project) string { return string(p.Code) },
		func(p *Project, s string) (err error) {
			if s == "" {
				p.Code = ""
				return nil
			}
			p.Code, err = code.ParseProjectCode(s)
			return err
		},
	},
	textField(Column{Key: "name", Title: "项目名称", Required: true}, func(p *Project) *string { return &p.Name }, textMax),
	divisionField(Column{Key: "division", Title: "社区代码", Hint: "12 位", Required: true}, func(p *Project) *code.Division { return &p.Division }),
	textField(Column{Key: "address", Title: "地址"}, func(p *Project) *string { return &p.Address }, textMax),
	textField(Column{Key: "boundary", Title: "四至范围"}, func(p *Project) *string { return &p.Boundary }, notesMax),
	choiceField(Column{Key: "kind", Title: "项目类型"}, func(p *Project) *Use { return &p.Use }, Uses),
	{
		Column{Key: "built", Title: "建成年份", Hint: "4 位"},
		func(p *Project) string {
			if p.Built == 0 {
				return ""
			}
			return strconv.FormatInt(p.Built, 10)
		},
		func(p *Project, s string) error {
			n, err := parseCount(s)
			if err != nil || n != 0 && (n < 1898 || n > 2100) {
				return invalid("registry.year", "建成年份应为 4 位年份，如 2008。")
			}
			p.Built = n
			return nil
		},
	},
	areaField(Column{Key: "area", Title: "建筑面积（㎡）"}, func(p *Project) *money.Area { return &p.Area }),
	countField(Column{Key: "households", Title: "户数"}, func(p *Project) *int64 { return &p.Households }),
	countField(Column{Key: "buildings", Title: "楼栋数"}, func(p *Project) *int64 { return &p.Buildings }),
	areaField(Column{Key: "green", Title: "绿化面积（㎡）"}, func(p *Project) *money.Area { return &p.Green }),
	countField(Column{Key: "lifts", Title: "电梯数"}, func(p *Project) *int64 { return &p.Lifts }),
	countField(Column{Key: "pumps", Title: "水泵数"}, func(p *Project) *int64 { return &p.Pumps }),
	countField(Column{Key: "parking_above", Title: "地上车位数"}, func(p *Project) *int64 { return &p.ParkingAbove }),
	countField(Column{Key: "parking_below", Title: "地下车位数"}, func(p *Project) *int64 { return &p.ParkingBelow }),
	textField(Column{Key: "heat_supplier", Title: "供热单位"}, func(p *Project) *string { return &p.HeatSupplier }, textMax),
	choiceField(Column{Key: "enclosure", Title: "封闭情况"}, func(p *Project) *Enclosure { return &p.Enclosure }, Enclosures),
	{
		Column{Key: "renovated", Title: "老旧小区改造", Choices: []Choice{{"是", "是"}, {"否", "否"}}},
		func(p *Project) string { return yesNo(p.Renovated) },
		func(p *Project, s string) error {
			if s != "" && s != "是" && s != "否" {
				return invalid("registry.choice", "老旧小区改造应为：是、否。")
			}
			p.Renovated = s == "是"
			return nil
		},
	},
	{
		Column{Key: "facilities", Title: "设施设备", Hint: "名称 数量，用分号隔开，如：消防控制室 1；监控探头 86"},
		func(p *Project) string { return string(p.Facilities) },
		func(p *Project, s string) (err error) { p.Facilities, err = ParseFacilities(s); return err },
	},
	usccField(Column{Key: "enterprise", Title: "物业企业代码"}, func(p *Project) *code.USCC { return &p.Enterprise }),
	textField(Column{Key: "contract_party", Title: "合同委托方"}, func(p *Project) *string { return &p.ContractParty }, textMax),
	choiceField(Column{Key: "contract_kind", Title: "合同类型"}, func(p *Project) *ContractKind { return &p.ContractKind }, ContractKinds),
	dateField(Column{Key: "contract_from", Title: "合同起始日", Hint: "2026-07-01"}, func(p *Project) *day.Date { return &p.ContractFrom }),
	dateField(Column{Key: "contract_to", Title: "合同截止日", Hint: "2026-07-01"}, func(p *Project) *day.Date { return &p.ContractTo }),
	textField(Column{Key: "filing_number", Title: "合同备案号"}, func(p *Project) *string { return &p.FilingNumber }, 60),
	dateField(Column{Key: "filing_date", Title: "合同备案日期", Hint: "2026-07-01"}, func(p *Project) *day.Date { return &p.FilingDate }),
	{
		Column{Key: "service_level", Title: "服务等级", Choices: levels},
		func(p *Project) string { return LevelTitle(p.ServiceLevel) },
		func(p *Project, s string) error {
			for i, c := range levels {
				if s == c.Title || s == c.Code {
					p.ServiceLevel = int64(i + 1)
					return nil
				}
			}
			if s == "" {
				p.ServiceLevel = 0
				return nil
			}
			return invalid("registry.choice", "服务等级应为：%s。", titles(levels))
		},
	},
	fenField(Column{Key: "fee", Title: "收费标准（元/㎡·月）"}, func(p *Project) *money.Fen { return &p.Fee }),
	choiceField(Column{Key: "state", Title: "状态", Hint: "不填为在册"}, func(p *Project) *State { return &p.State }, States),
}

// ProjectColumns are the fields of a project: forms, files and differences show
// them in this order.
func ProjectColumns() []Column { return columns(projectFields) }

// Values shows a project as a form.
func (p Project) Values() map[string]string { return values(projectFields, &p) }

var levels = []Choice{{"1", "一级"}, {"2", "二级"}, {"3", "三级"}, {"4", "四级"}, {"5", "五级"}}

// LevelTitle is a service level in Chinese, "" for none.
func LevelTitle(level int64) string {
	if level < 1 || int(level) > len(levels) {
		return ""
	}
	return levels[level-1].Title
}

func yesNo(b bool) string {
	if b {
		return "是"
	}
	return "否"
}

// serialMax is how many projects a community can number.
const serialMax = 9999
