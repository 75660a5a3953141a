package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
)

// An Enterprise is a row of the register, as in the open data.
type Enterprise struct {
	USCC     string `json:"uscc" doc:"统一社会信用代码" minLength:"18" maxLength:"18" example:"91230103MA0000005W"`
	Name     string `json:"name" doc:"企业名称" example:"甲物业服务有限公司"`
	Kind     string `json:"kind" enum:"LOCAL,BRANCH,OUTSIDE_BRANCH" doc:"类型：LOCAL 本地企业，BRANCH 省内企业分支机构，OUTSIDE_BRANCH 外地企业分支机构" example:"LOCAL"`
	Division string `json:"division" doc:"注册区划代码" example:"230103"`
	State    string `json:"state" enum:"ACTIVE,SUSPENDED,LEFT" doc:"状态：ACTIVE 在册，SUSPENDED 暂停，LEFT 已退出" example:"ACTIVE"`
	Projects int64  `json:"projects" doc:"在管项目，个" example:"12"`
	Managed  string `json:"managed_area" doc:"在管面积，平方米，两位小数" pattern:"^[0-9]+\\.[0-9]{2}$" example:"1426000.50"`
	Grade    string `json:"grade,omitempty" doc:"最近一次公布的等级；没有等级时为状态代码，没有结果时不出现" example:"AA"`
}

// A Firm is one enterprise with its published result.
type Firm struct {
	Enterprise
	Place   string  `json:"place" doc:"注册地" example:"南岗区"`
	Address string  `json:"address,omitempty" doc:"注册地址" example:"红旗大街1号"`
	Founded string  `json:"founded,omitempty" format:"date" doc:"成立日期" example:"2010-05-01"`
	Entered string  `json:"entered,omitempty" format:"date" doc:"登记日期" example:"2019-01-01"`
	Result  *Result `json:"result,omitempty" doc:"最近一次公布的结果；没有时不出现"`
}

// A Project is a row of the register, as in the open data.
type Project struct {
	Code       string `json:"code" doc:"项目编码：社区代码加四位序号" minLength:"16" maxLength:"16" example:"2301030010030001"`
	Name       string `json:"name" doc:"项目名称" example:"花园小区"`
	Kind       string `json:"kind" doc:"类型：RESIDENTIAL 住宅，COMMERCIAL 商业，OFFICE 写字楼，MIXED 综合，OTHER 其他；未填报为空" example:"RESIDENTIAL"`
	Division   string `json:"division" doc:"所在社区的区划代码" example:"230103001003"`
	Address    string `json:"address" doc:"地址" example:"花园街88号"`
	State      string `json:"state" enum:"ACTIVE,SUSPENDED,LEFT" doc:"状态：ACTIVE 在册，SUSPENDED 暂停，LEFT 已退出" example:"ACTIVE"`
	Area       string `json:"area" doc:"建筑面积，平方米，两位小数" pattern:"^[0-9]+\\.[0-9]{2}$" example:"30000.00"`
	Households int64  `json:"households" doc:"户数，户" example:"300"`
	Enterprise string `json:"enterprise,omitempty" doc:"物业企业的统一社会信用代码；无企业管理时不出现" example:"91230103MA0000005W"`
}

// An Estate is one project with who served it and its published result.
type Estate struct {
	Project
	Place        string   `json:"place" doc:"所在区县、街道、社区" example:"南岗区花园街道花园社区"`
	Built        int64    `json:"built,omitempty" doc:"建成年份" example:"2008"`
	Buildings    int64    `json:"buildings" doc:"楼栋，栋" example:"6"`
	Lifts        int64    `json:"lifts" doc:"电梯，部" example:"12"`
	Facilities   string   `json:"facilities,omitempty" doc:"设施设备" example:"消防控制室 1；监控探头 86"`
	HeatSupplier string   `json:"heat_supplier,omitempty" doc:"供热单位" example:"哈尔滨某热力公司"`
	ServiceLevel int64    `json:"service_level,omitempty" minimum:"0" maximum:"5" doc:"服务等级，1 至 5 级；未定时不出现" example:"2"`
	Fee          string   `json:"fee,omitempty" doc:"收费标准，元每平方米每月，两位小数；未填报时不出现" example:"1.20"`
	ContractKind string   `json:"contract_kind,omitempty" doc:"合同类型：PRESTAGE 前期，OWNERS 业主大会选聘，INTERIM 应急" example:"OWNERS"`
	ContractFrom string   `json:"contract_from,omitempty" format:"date" doc:"合同起始日" example:"2020-01-01"`
	ContractTo   string   `json:"contract_to,omitempty" format:"date" doc:"合同截止日" example:"2022-12-31"`
	FilingNumber string   `json:"filing_number,omitempty" doc:"合同备案号" example:"物备〔2020〕1号"`
	Holders      []Holder `json:"holders" nullable:"false" doc:"由谁服务，先后为序"`
	Result       *Result  `json:"result,omitempty" doc:"最近一次公布的结果；没有时不出现"`
}

// A Holder is an enterprise that served a project for a time.
type Holder struct {
	Enterprise string `json:"enterprise" doc:"统一社会信用代码" example:"91230103MA0000005W"`
	Name       string `json:"name" doc:"企业名称" example:"甲物业服务有限公司"`
	From       string `json:"from,omitempty" format:"date" doc:"开始日期" example:"2020-01-01"`
	To         string `json:"to,omitempty" format:"date" doc:"结束日期；至今时不出现" example:"2021-06-30"`
}

// RegisterIn is what both registers are asked by; huma sees fields of exported types only.
type RegisterIn struct {
	Page
	District string `query:"district" maxLength:"12" doc:"区划代码，含其下级" example:"230103"`
	Q        string `query:"q" maxLength:"100" doc:"名称的一部分，或代码的开头" example:"花园"`
}

type enterprisesIn struct {
	RegisterIn
	Kind  string `query:"kind" enum:"LOCAL,BRANCH,OUTSIDE_BRANCH" doc:"企业类型" example:"LOCAL"`
	State string `query:"state" enum:"ACTIVE,SUSPENDED,LEFT" doc:"登记状态" example:"ACTIVE"`
	Sort  string `query:"sort" enum:"name,-name,code,-code,area,-area,projects,-projects" default:"name" doc:"排序：name 名称拼音，code 代码，area 在管面积，projects 在管项目；前加减号为从大到小"`
}

type projectsIn struct {
	RegisterIn
	Kind       string `query:"kind" enum:"RESIDENTIAL,COMMERCIAL,OFFICE,MIXED,OTHER" doc:"项目类型" example:"RESIDENTIAL"`
	State      string `query:"state" enum:"ACTIVE,SUSPENDED,LEFT" doc:"登记状态" example:"ACTIVE"`
	Enterprise string `query:"enterprise" maxLength:"18" doc:"物业企业的统一社会信用代码" example:"91230103MA0000005W"`
	Sort       string `query:"sort" enum:"name,-name,code,-code,area,-area" default:"name" doc:"排序：name 名称拼音，code 编码，area 面积；前加减号为从大到小"`
}

type enterpriseIn struct {
	USCC string `path:"uscc" maxLength:"40" doc:"统一社会信用代码" example:"91230103MA0000005W"`
}

type projectIn struct {
	Code string `path:"code" maxLength:"40" doc:"项目编码" example:"2301030010030001"`
}

// register registers enterprises and projects.
func (a *API) register() {
	get(a, huma.Operation{
		OperationID: "list-enterprises", Path: "/enterprises", Tags: []string{"register"}, Summary: "物业服务企业名录",
		Description: "登记在册的企业，可以按区县、类型、状态、名称筛选；等级为最近一次公布的结果。",
	}, a.enterprises)
	one(a, huma.Operation{
		OperationID: "get-enterprise", Path: "/enterprises/{uscc}", Tags: []string{"register"}, Summary: "一家企业",
		Description: "企业的公开登记信息和最近一次公布的信用结果，逐条说明得分。",
	}, a.enterprise)
	get(a, huma.Operation{
		OperationID: "list-projects", Path: "/projects", Tags: []string{"register"}, Summary: "物业服务项目名录",
		Description: "登记在册的住宅小区和其他物业项目，可以按区县、类型、企业、名称筛选。",
	}, a.projects)
	one(a, huma.Operation{
		OperationID: "get-project", Path: "/projects/{code}", Tags: []string{"register"}, Summary: "一个项目",
		Description: "项目的公开登记信息、历任物业企业和最近一次公布的信用结果。",
	}, a.project)
}

// query is the question to the register.
func (in RegisterIn) query(sort string) (registry.ListQuery, error) {
	q := registry.ListQuery{Text: in.Q, After: in.After, Limit: in.Limit}
	q.Sort, q.Desc = signed(sort)
	if in.District == "" {
		return q, nil
	}
	d, err := code.ParseDivision(in.District)
	q.Division = d
	return q, err
}

func (a *API) enterprises(ctx context.Context, tx *db.Tx, in *enterprisesIn) (out List[Enterprise], err error) {
	q, err := in.query(in.Sort)
	if err != nil {
		return out, err
	}
	q.Kind, q.State = in.Kind, registry.State(in.State)
	rows, next, err := registry.ListEnterprises(ctx, tx, q)
	if err != nil {
		return out, err
	}
	total, err := registry.CountEnterprises(ctx, tx, q)
	if err != nil {
		return out, err
	}
	grades, err := a.grades(ctx, tx, rows)
	if err != nil {
		return out, err
	}
	items := make([]Enterprise, len(rows))
	for i, e := range rows {
		items[i] = Enterprise{string(e.USCC), e.Name, string(e.Kind), string(e.Division), string(e.State), e.Projects, e.Managed.String(), grades[string(e.USCC)]}
	}
	out = listOf(items, next)
	out.Total = &total
	return out, nil
}

// grades are the published grades of a page of enterprises.
func (a *API) grades(ctx context.Context, tx *db.Tx, rows []registry.EnterpriseRow) (map[string]string, error) {
	p, ok, err := a.latest(ctx, tx)
	if err != nil || !ok {
		return nil, err
	}
	codes := make([]code.USCC, len(rows))
	for i := range rows {
		codes[i] = rows[i].USCC
	}
	return a.Evaluations.Grades(ctx, tx, p.Evaluation, codes)
}

func (a *API) enterprise(ctx context.Context, tx *db.Tx, in *enterpriseIn) (out Firm, err error) {
	u, err := code.ParseUSCC(in.USCC)
	if err != nil {
		return out, err
	}
	e, err := a.Registry.Enterprise(ctx, tx, u)
	if err != nil {
		return out, err
	}
	path, err := registry.DivisionPath(ctx, tx, e.Division)
	if err != nil {
		return out, err
	}
	out = Firm{
		Enterprise: Enterprise{string(e.USCC), e.Name, string(e.Kind), string(e.Division), string(e.State), e.Projects, e.Managed.String(), ""},
		Place:      registry.PlaceName(path), Address: e.Address, Founded: date(e.Founded), Entered: date(e.Entered),
	}
	if out.Result, err = a.latestResult(ctx, tx, enterpriseSubject(e.ID)); err != nil {
		return out, err
	}
	if out.Result != nil {
		out.Grade = out.Result.gradeOrStatus()
	}
	return out, nil
}

func (a *API) projects(ctx context.Context, tx *db.Tx, in *projectsIn) (out List[Project], err error) {
	q, err := in.query(in.Sort)
	if err != nil {
		return out, err
	}
	q.Kind, q.State = in.Kind, registry.State(in.State)
	if in.Enterprise != "" {
		if q.Enterprise, err = code.ParseUSCC(in.Enterprise); err != nil {
			return out, err
		}
	}
	rows, next, err := registry.ListProjects(ctx, tx, q)
	if err != nil {
		return out, err
	}
	total, err := registry.CountProjects(ctx, tx, q)
	if err != nil {
		return out, err
	}
	items := make([]Project, len(rows))
	for i, p := range rows {
		items[i] = Project{string(p.Code), p.Name, string(p.Use), string(p.Division), p.Address, string(p.State), p.Area.String(), p.Households, string(p.Enterprise)}
	}
	out = listOf(items, next)
	out.Total = &total
	return out, nil
}

func (a *API) project(ctx context.Context, tx *db.Tx, in *projectIn) (out Estate, err error) {
	c, err := code.ParseProjectCode(in.Code)
	if err != nil {
		return out, err
	}
	p, err := a.Registry.Project(ctx, tx, c)
	if err != nil {
		return out, err
	}
	path, err := registry.DivisionPath(ctx, tx, p.Division)
	if err != nil {
		return out, err
	}
	out = Estate{
		Project: Project{string(p.Code), p.Name, string(p.Use), string(p.Division), p.Address, string(p.State), p.Area.String(), p.Households, string(p.Enterprise)},
		Place:   registry.PlaceName(path), Built: p.Built, Buildings: p.Buildings, Lifts: p.Lifts, Facilities: string(p.Facilities), HeatSupplier: p.HeatSupplier,
		ServiceLevel: p.ServiceLevel, ContractKind: string(p.ContractKind), ContractFrom: date(p.ContractFrom), ContractTo: date(p.ContractTo), FilingNumber: p.FilingNumber,
	}
	if p.Fee > 0 {
		out.Fee = p.Fee.String()
	}
	if out.Holders, err = holders(ctx, tx, p.Code); err != nil {
		return out, err
	}
	out.Result, err = a.latestResult(ctx, tx, projectSubject(p.ID))
	return out, err
}

// holders are the enterprises that served a project, in their order.
func holders(ctx context.Context, tx *db.Tx, c code.ProjectCode) ([]Holder, error) {
	held, err := registry.HoldingsOfProject(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	codes := make([]code.USCC, len(held))
	for i, h := range held {
		codes[i] = h.Enterprise
	}
	names, err := registry.EnterpriseNames(ctx, tx, codes)
	if err != nil {
		return nil, err
	}
	out := make([]Holder, len(held))
	for i, h := range held {
		out[i] = Holder{string(h.Enterprise), names[h.Enterprise], date(h.From), date(h.To)}
	}
	return out, nil
}
