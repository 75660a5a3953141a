package credit

import (
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
)

// A Reason says why a line counts or not.
type Reason uint8

// The reasons. Only lines with Counted and PartlyCounted move a score.
const (
	Counted Reason = iota
	PartlyCounted
	NotEffective
	AfterCutoff
	EarlierPeriod
	Expired
	RectifiedVoid
	AnnulledVoid
	RepairedVoid
	ContestedVoid
	Superseded
	Duplicate
	OverMax
	Repetition
	UnknownItem
	WrongSubject
	WrongEvidence
	NoReasonGiven
	OutOfRange
	NoLevel
	NotDue
	ConditionFalse
	ParentVoid
	NotHolder
	OutOfScope
	ExpressionFailed
	NoValue
	FalseVoid
	reasons
)

var reasonKeys = [reasons]string{
	"counted", "partly_counted", "not_effective", "after_cutoff", "earlier_period", "expired", "rectified", "annulled",
	"repaired", "contested", "superseded", "duplicate", "over_max", "repetition", "unknown_item", "wrong_subject",
	"wrong_evidence", "no_reason", "out_of_range", "no_level", "not_due", "condition_false", "parent_void",
	"not_holder", "out_of_scope", "expression_failed", "no_value", "false_material",
}

var reasonTitles = [reasons]string{
	"计入", "部分计入（达到上限）", "尚未生效", "晚于截止日，计入下期", "不属于本期", "有效期已过", "已整改，不再计分", "依据被撤销，自始无效",
	"已信用修复", "异议处理中，暂缓计分", "已有新的评定结果", "同一事项已按最高计分", "超过单项上限", "同类重复，不再计分", "规则中没有该项目", "对象与项目不符",
	"证明文件类型不符", "自由裁量未写明理由", "超出裁量范围", "缺少级别或区间", "未到期或已按期整改", "不符合计分条件", "所依据的记录不计分",
	"发生时不由该企业服务", "不在评价范围内", "计分条件无法计算", "缺少计量值", "以虚假材料取得，作废",
}

// Key is the stable word for the reason, for tables and the API.
func (r Reason) Key() string { return nameAt(reasonKeys[:], int(r)) }

// String is the reason in Chinese.
func (r Reason) String() string { return nameAt(reasonTitles[:], int(r)) }

// Counts says whether a line with this reason moves the score.
func (r Reason) Counts() bool { return r <= PartlyCounted }

// A LineKind says what a line of a score is.
type LineKind uint8

// The kinds of lines; a score is the sum of all of them.
const (
	BaseLine     LineKind = iota // 基础分
	ProjectsLine                 // 项目综合分
	BlockLine                    // 评分板块
	RecordLine                   // 记录
	DerivedLine                  // 由项目等带来的记录
	FactLine                     // 系统按登记数据计算
	RankLine                     // 按排名触发
	CapLine                      // 类别上限、下限调整
	ClampLine                    // 总分范围调整
	RoundLine                    // 修约调整
	lineKinds
)

var (
	lineKeys   = [lineKinds]string{"base", "projects", "block", "record", "derived", "fact", "rank", "cap", "clamp", "round"}
	lineTitles = [lineKinds]string{"基础分", "项目综合分", "评分板块", "记录", "关联记录", "登记数据", "排名", "类别上下限调整", "总分范围调整", "修约调整"}
)

// Key is the stable word for the kind.
func (k LineKind) Key() string { return nameAt(lineKeys[:], int(k)) }

// String is the Chinese name of the kind.
func (k LineKind) String() string { return nameAt(lineTitles[:], int(k)) }

// A Line explains some points of a score, or why a record gives none (PC-51).
type Line struct {
	Record db.ID        // 0 for lines without a record
	Points money.Points // what the line adds to the score; 0 unless it counts
	Until  day.Date     // last day on which it counts, 0 open
	Item   ItemNo       // NoItem for lines without an item
	Class  int16        // place in Book.Classes, -1 none
	Kind   LineKind
	Reason Reason
	From   Subject // where a derived line comes from
	Path   string  // place in the rulebook, e.g. "items[HRB-N04].points"
}

// A ClassSum is the sum of one class before and after its cap (PC-28).
type ClassSum struct {
	Class  string
	Raw    money.Points
	Capped money.Points
	Count  int // lines that count
}

// A Part is one project's share in the composite score (PC-30).
type Part struct {
	Project db.ID
	Score   money.Points
	Weight  int64
	Missing bool // not reported
}

// A Restraint is a veto, a ceiling or a blacklist entry that holds on the day.
type Restraint struct {
	Item   ItemNo // NoItem for a rule without an item
	Record db.ID
	Grade  string   // grade set or upper bound; the blacklist's code
	Set    bool     // the grade is set, not only bounded
	Until  day.Date // last day, 0 until lifted
	Path   string
}

// A Measure is a step of the ladder reached by demerits (PC-43).
type Measure struct {
	At     money.Points
	Title  string
	Basis  string
	Months int
	Path   string
}

// A Signal tells other modules that a subject should enter or leave a list
// (PC-52, PC-53); the lists themselves are made elsewhere.
type Signal struct {
	List   string
	Title  string
	Leave  bool
	Why    string
	Record db.ID
	Path   string
}

// A UseResult is one use of the result (PC-54). Advice says that it lacks a
// legal basis or its entry in the national list, and is shown as advice only (PC-55).
type UseResult struct {
	Code, Title, Action, Value string
	Basis, National            string
	Months                     int
	Advice                     bool
	Path                       string
}

// An Outcome is the result of one subject.
type Outcome struct {
	Subject Subject

	Scored  bool // Score holds
	Score   money.Points
	Grade   string // the grade in force, "" with a Status only
	ByScore string // the grade that the score alone gives: restored when a veto ends
	Status  string // status grade: missing, not_rated, awaiting, below_scale, … (PC-04)
	Why     string // the status' reason in Chinese

	Provisional bool // new entrant (PC-42)
	Trial       bool // consequences are off (PC-10)
	Incomplete  bool // some district has not reported (PC-34)
	Held        bool // a project that the enterprise holds at the cut-off
	Blacklisted bool

	Sums       []ClassSum
	Parts      []Part
	Lines      []Line
	Restraints []Restraint
	Blacklist  []Restraint
	Measures   []Measure
	Signals    []Signal
	Uses       []UseResult

	NextChange day.Date // first later day on which time alone may change the outcome, 0 none

	graded money.Points // the running total when the grade was taken
}

// A Result is the outcome of a bundle: the enterprise (or branch), its projects
// in the bundle's order, its persons in the bundle's order. What an [Evaluator]
// yields is valid until its next bundle; Clone keeps it.
type Result struct {
	Book       string // digest of the rulebook
	AsOf       day.Date
	Period     Period
	Enterprise Outcome
	Projects   []Outcome
	Persons    []Outcome
}

// A Finding is a record that the system proposes on a day (PC-25); it counts
// only when an official has identified it.
type Finding struct {
	Item    ItemNo
	Subject Subject
	On      day.Date
	Why     string
}
