package importing

import (
	"sync"

	"juli/internal/authz"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/sheet"
)

// A Kind is a kind of file.
type Kind string

// The kinds of files.
const (
	Enterprises Kind = "enterprises"
	Projects    Kind = "projects"
	Staff       Kind = "staff"
	Records     Kind = "records"
	Deeds       Kind = "deeds"
)

// Kinds lists them in the order in which a city takes them over: each refers
// only to those before it. Each can be exported again; see [Orders] for those
// that cannot.
var Kinds = []Kind{Enterprises, Projects, Staff, Records, Deeds}

var titles = map[Kind]string{Enterprises: "企业", Projects: "项目", Staff: "从业人员", Records: "历史信用信息", Deeds: "往年实事", Orders: "12345工单"}

// ParseKind reads a kind as addresses and commands write it.
func ParseKind(s string) (Kind, error) {
	if _, known := titles[Kind(s)]; !known {
		return "", fault.New(fault.NotFound, "importing.kind", "没有这种导入文件，可导入：企业、项目、从业人员、历史信用信息、往年实事、12345工单。")
	}
	return Kind(s), nil
}

// Title is the kind in Chinese.
func (k Kind) Title() string { return titles[k] }

// Act is what importing such a file asks for.
func (k Kind) Act() authz.Act {
	switch k {
	case Records:
		return authz.CreditImport
	case Deeds:
		return authz.DeedImport
	case Orders:
		return authz.ReportImport
	}
	return authz.RegistryImport
}

// Schema is the kind's columns.
func (k Kind) Schema() *sheet.Schema { return schemas()[k] }

var schemas = sync.OnceValue(func() map[Kind]*sheet.Schema {
	private := "带 * 的内容为脱敏内容，导入时保留系统中原有内容。"
	return map[Kind]*sheet.Schema{
		Enterprises: sheet.New("企业", columns(registry.EnterpriseColumns(), enterpriseWords), "按统一社会信用代码识别：已登记的企业更新，未登记的新增。", private),
		Projects:    sheet.New("项目", columns(registry.ProjectColumns(), projectWords), "按项目编码识别；没有编码时按社区代码和项目名称识别，仍没有的新增并由系统编码。"),
		Staff:       sheet.New("从业人员", columns(registry.StaffColumns(), staffWords), "按人员、企业、项目、岗位和任职起始日识别。", private),
		Records:     sheet.New("历史信用信息", recordColumns, "按项目代码、计分对象、文号和制发机关识别：已有的不再重复导入。"),
		Deeds:       sheet.New("往年实事", deedColumns, "只导入已经销号的实事；按区县和序号识别：已有的不再重复导入。", "有一行不正确，就一行也不写入。标题、承诺和结果可能公开，不要写个人信息。"),
		Orders:      sheet.New("12345工单", orderColumns, "按工单编号识别：已有的不再重复导入。"),
	}
})

// words are what a column needs for files besides what the register says of it.
type words struct {
	example string
	aliases []string
}

var enterpriseWords = map[string]words{
	"uscc":          {"91350100M000100Y43", []string{"信用代码", "社会信用代码", "企业代码", "营业执照号"}},
	"name":          {"示例物业服务有限公司", []string{"单位名称", "公司名称", "物业公司名称", "物业企业名称"}},
	"kind":          {"本地企业", []string{"类型", "单位类型"}},
	"legal_person":  {"王示例", []string{"法人", "法人代表", "法定代表人姓名"}},
	"division":      {"230103", []string{"区划代码", "所属区县", "行政区划代码"}},
	"address":       {"示例街道 1 号", []string{"地址", "住所", "企业地址"}},
	"phone":         {"0451-00000000", []string{"电话", "联系方式"}},
	"founded":       {"2010-05-01", []string{"成立时间", "注册日期"}},
	"capital":       {"500000.00", []string{"注册资金"}},
	"staff":         {"40", []string{"职工人数", "员工人数"}},
	"party_members": {"3", []string{"党员数"}},
}

var projectWords = map[string]words{
	"code":          {"", []string{"编码", "小区编码"}},
	"name":          {"示例小区", []string{"小区名称", "物业项目名称", "名称"}},
	"division":      {"230103001003", []string{"所属社区", "社区编码"}},
	"address":       {"示例街道 2 号", []string{"项目地址", "小区地址", "坐落"}},
	"kind":          {"住宅", []string{"物业类型", "类型"}},
	"built":         {"2008", []string{"建成年代", "竣工年份"}},
	"area":          {"12345.60", []string{"总建筑面积", "面积"}},
	"households":    {"1000", []string{"总户数"}},
	"buildings":     {"12", []string{"楼栋", "栋数"}},
	"enterprise":    {"91350100M000100Y43", []string{"信用代码", "统一社会信用代码", "物业企业信用代码"}},
	"contract_from": {"2020-01-01", []string{"合同开始日期", "合同起始日期"}},
	"contract_to":   {"2022-12-31", []string{"合同结束日期", "合同截止日期", "合同到期日"}},
	"fee":           {"1.20", []string{"物业费标准", "物业费"}},
}

var staffWords = map[string]words{
	"name":        {"王示例", []string{"人员姓名", "员工姓名"}},
	"identity":    {"", []string{"身份证", "身份证号", "证件号码", "公民身份号码"}},
	"phone":       {"", []string{"手机", "手机号", "电话"}},
	"enterprise":  {"91350100M000100Y43", []string{"信用代码", "统一社会信用代码", "所在企业代码"}},
	"project":     {"", []string{"所在项目编码"}},
	"post":        {"项目经理", []string{"职务", "职位"}},
	"certificate": {"示例证 0001", []string{"资格证书编号", "证书号"}},
	"from":        {"2020-01-01", []string{"任职日期", "入职日期", "任职开始日期"}},
	"to":          {"", []string{"离职日期", "任职结束日期"}},
}

// textMax lets every text through that fits a cell: the register knows how long
// each may be.
const textMax = 32_767

var formKinds = map[registry.Form]sheet.Kind{
	registry.CountForm: sheet.Int, registry.AreaForm: sheet.Area, registry.MoneyForm: sheet.Fen,
	registry.DateForm: sheet.Date, registry.USCCForm: sheet.USCC, registry.DivisionForm: sheet.Division,
}

// columns makes a file's columns of the register's.
func columns(of []registry.Column, known map[string]words) []sheet.Column {
	out := make([]sheet.Column, len(of))
	for i, c := range of {
		w := known[c.Key]
		out[i] = sheet.Column{
			Key: c.Key, Title: c.Title, Aliases: w.aliases, Kind: formKinds[c.Form], Starred: c.Required, Hint: c.Hint, Example: w.example,
		}
		if out[i].Kind == sheet.Text {
			out[i].Max = textMax
		}
		if len(c.Choices) > 0 {
			out[i].Kind = sheet.Enum
			for _, o := range c.Choices {
				out[i].Options = append(out[i].Options, sheet.Option{Code: o.Code, Title: o.Title})
			}
		}
	}
	return out
}

// recordColumns are those of past credit records. Their keys are the fields of
// credit's refusals.
var recordColumns = []sheet.Column{
	{Key: "record", Title: "系统编号", Kind: sheet.Key, Hint: "导出时带出；系统中已有的不再导入"},
	{Key: "item", Title: "项目代码", Aliases: []string{"评价项目", "评分项代码"}, Kind: sheet.Key, Required: true, Max: 64, Hint: "评价规则中的项目代码", Example: "HRB-G01"},
	{Key: "level", Title: "级别", Kind: sheet.Key, Hint: "项目按级别计分时填写级别代码"},
	{Key: "enterprise", Title: "企业代码", Aliases: []string{"信用代码", "统一社会信用代码"}, Kind: sheet.USCC, Hint: "填写了项目编码时可以不填", Example: "91350100M000100Y43"},
	{Key: "project", Title: "项目编码", Aliases: []string{"小区编码"}, Kind: sheet.Key, Hint: "发生在哪个物业项目"},
	{Key: "projects", Title: "其他项目编码", Max: 2_000, Hint: "同一事件涉及的其他项目，用分号隔开"},
	{Key: "person", Title: "责任人编号", Kind: sheet.Key, Hint: "从业人员的系统编号"},
	{Key: "event", Title: "发生日期", Kind: sheet.Date, Required: true, Example: "2020-06-01"},
	{Key: "summary", Title: "事实", Aliases: []string{"事由", "主要事实", "内容"}, Required: true, Max: 2_000, Example: "示例：获评市级物业服务示范项目"},
	{Key: "document_type", Title: "证明文件类型", Kind: sheet.Key, Hint: "评价规则中的证明文件代码"},
	{Key: "document_number", Title: "文号", Aliases: []string{"文件编号", "文书号"}, Starred: true, Hint: "没有文号时填写原系统编号", Example: "示例〔2020〕1号"},
	{Key: "document_issuer", Title: "制发机关", Aliases: []string{"发文机关", "发文单位"}, Starred: true, Example: "示例市住房和城乡建设局"},
	{Key: "document_date", Title: "文件日期", Aliases: []string{"发文日期"}, Kind: sheet.Date, Example: "2020-06-05"},
	{Key: "document_expires", Title: "文件失效日期", Kind: sheet.Date},
	{Key: "honour", Title: "荣誉", Hint: "同一荣誉只计一次"},
	{Key: "value", Title: "计量值", Aliases: []string{"数量"}, Kind: sheet.Points, Hint: "项目按数量、比例计分时填写"},
	{Key: "points", Title: "裁量分值", Aliases: []string{"分值"}, Kind: sheet.Points, Min: -10_000_0000, Hint: "项目由认定机关裁量分值时填写"},
	{Key: "reason", Title: "裁量理由"},
	{Key: "due", Title: "整改期限", Kind: sheet.Date},
	{Key: "identified", Title: "认定日期", Kind: sheet.Date, Required: true, Example: "2020-06-10"},
	{Key: "effective", Title: "生效日期", Kind: sheet.Date, Hint: "不填为认定日期"},
}
