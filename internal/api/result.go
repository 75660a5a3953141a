package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Period is one published cycle; a corrected one appears as its correction.
type Period struct {
	ID          string `json:"id" doc:"公布编号，13 个字符" minLength:"13" maxLength:"13" example:"0NZ4Q8T1R0001"`
	Period      string `json:"period" doc:"期次" example:"2021-H1"`
	AsOf        string `json:"as_of" format:"date" doc:"数据截至日期" example:"2021-06-30"`
	Number      string `json:"number" doc:"公布文号" example:"哈物信公〔2021〕1号"`
	Corrects    string `json:"corrects,omitempty" doc:"本次更正的公布编号；不是更正时不出现" example:"0NZ4Q8T1R0000"`
	Enterprises int64  `json:"enterprises" doc:"参加评价的企业，家" example:"902"`
	Projects    int64  `json:"projects" doc:"参加评价的项目，个" example:"2891"`
	Records     int64  `json:"records" doc:"所用的信用信息，条" example:"12000"`
	Rulebook    string `json:"rulebook" doc:"所依据规则的摘要（SHA-256）" example:"3f786850e387550fdab836ed7e6dc881de23001b3f786850e387550fdab836ed"`
}

// A Share is how many have one grade.
type Share struct {
	Grade    string `json:"grade,omitempty" doc:"等级；只有状态时不出现" example:"AA"`
	Status   string `json:"status,omitempty" doc:"状态代码；有等级时不出现" example:"not_rated"`
	Count    int64  `json:"count" doc:"企业（家）或项目（个）" example:"120"`
	Projects int64  `json:"projects" doc:"涉及项目，个" example:"900"`
	Area     string `json:"area" doc:"涉及面积，平方米，两位小数" pattern:"^[0-9]+\\.[0-9]{2}$" example:"60000000.00"`
}

// A Standing is one row of the league: a rank never stands without its denominators.
type Standing struct {
	Period       string `json:"period" doc:"期次" example:"2021-H1"`
	USCC         string `json:"uscc,omitempty" doc:"统一社会信用代码；项目不出现" example:"91230103MA0000005W"`
	Code         string `json:"code,omitempty" doc:"项目编码；企业不出现" example:"2301030010030001"`
	Name         string `json:"name" doc:"名称" example:"甲物业服务有限公司"`
	Division     string `json:"division" doc:"区划代码" example:"230103"`
	Score        string `json:"score,omitempty" doc:"得分，分，四位以内小数；没有得分时不出现" pattern:"^-?[0-9]+(\\.[0-9]+)?$" example:"96.5000"`
	Grade        string `json:"grade,omitempty" doc:"等级；只有状态时不出现" example:"AA"`
	Status       string `json:"status,omitempty" doc:"状态代码" example:"not_rated"`
	Rank         int64  `json:"rank,omitempty" doc:"全市名次；没有得分时不出现" example:"12"`
	RankDistrict int64  `json:"rank_district,omitempty" doc:"区县名次；没有得分时不出现" example:"3"`
	Projects     int64  `json:"projects" doc:"在管项目，个" example:"12"`
	Area         string `json:"area" doc:"面积，平方米，两位小数" pattern:"^[0-9]+\\.[0-9]{2}$" example:"1426000.50"`
}

// PeriodIn names a published period.
type PeriodIn struct {
	Period string `path:"period" maxLength:"20" doc:"期次；latest 为最近一期" example:"latest"`
}

// KindIn asks for the results of one kind of subject.
type KindIn struct {
	PeriodIn
	Kind     string `query:"kind" enum:"enterprise,project" default:"enterprise" doc:"评价对象：enterprise 企业，project 项目"`
	District string `query:"district" maxLength:"12" doc:"区划代码，含其下级" example:"230103"`
}

type leagueIn struct {
	Page
	KindIn
	Grade string `query:"grade" maxLength:"20" doc:"等级或状态代码" example:"AA"`
	Q     string `query:"q" maxLength:"100" doc:"名称的一部分" example:"物业"`
	Sort  string `query:"sort" enum:"-score,-area" default:"-score" doc:"排序：-score 得分从高到低，-area 面积从大到小"`
}

type subjectIn struct {
	PeriodIn
	Code string `path:"code" maxLength:"40" doc:"统一社会信用代码（18 位）或项目编码（16 位）" example:"91230103MA0000005W"`
}

// results registers periods, leagues and explained results.
func (a *API) results() {
	get(a, huma.Operation{
		OperationID: "list-results", Path: "/results", Tags: []string{"results"}, Summary: "公布的各期结果",
		Description: "已公布的各期信用评价，最近的在前；经更正的只列更正后的。",
	}, a.periods)
	one(a, huma.Operation{
		OperationID: "list-standings", Path: "/results/{period}", Tags: []string{"results"}, Summary: "一期的排行",
		Description: "一期公布结果的名次表，每个名次旁都有项目数和面积，可以按区县、等级、名称筛选。",
	}, a.league)
	one(a, huma.Operation{
		OperationID: "list-grades", Path: "/results/{period}/grades", Tags: []string{"results"}, Summary: "一期的等级分布",
		Description: "各等级的数量、项目和面积：一家企业可能管着五十家的面积。",
	}, a.distribution)
	one(a, huma.Operation{
		OperationID: "get-result", Path: "/results/{period}/subjects/{code}", Tags: []string{"results"}, Summary: "一个对象的结果和理由",
		Description: "企业或项目在一期中的得分、等级、逐条说明、限制、结果运用和历次结果。",
	}, a.subject)
}

// latest is the newest published result; false before the first.
func (a *API) latest(ctx context.Context, tx *db.Tx) (p credit.Release, ok bool, err error) {
	cycles, err := a.Evaluations.Cycles(ctx, tx)
	if err != nil || len(cycles) == 0 {
		return p, false, err
	}
	return cycles[0], true, nil
}

// release finds a published period by its name, or the latest.
func (a *API) release(ctx context.Context, tx *db.Tx, name string) (credit.Release, error) {
	cycles, err := a.Evaluations.Cycles(ctx, tx)
	if err != nil {
		return credit.Release{}, err
	}
	for _, c := range cycles {
		if c.Period == name || name == "latest" {
			return c, nil
		}
	}
	return credit.Release{}, fault.New(fault.NotFound, "api.no-period", "没有公布过这一期结果。")
}

func (a *API) periods(ctx context.Context, tx *db.Tx, _ *struct{}) (out List[Period], err error) {
	cycles, err := a.Evaluations.Cycles(ctx, tx)
	if err != nil {
		return out, err
	}
	runs, err := a.Evaluations.PublishedRuns(ctx, tx)
	if err != nil {
		return out, err
	}
	items := make([]Period, len(cycles))
	for i, c := range cycles {
		e := runs[c.Evaluation]
		items[i] = Period{c.ID.String(), c.Period, c.AsOf.String(), c.Number, c.Corrects.String(), e.Enterprises, e.Projects, e.Records, e.Book}
	}
	return listOf(items, ""), nil
}

// kind is the subject kind and the district of a question.
func (in KindIn) kind() (k credit.SubjectKind, d code.Division, err error) {
	if in.Kind == "project" {
		k = credit.Project
	}
	if in.District != "" {
		d, err = code.ParseDivision(in.District)
	}
	return k, d, err
}

func (a *API) league(ctx context.Context, tx *db.Tx, in *leagueIn) (out List[Standing], err error) {
	p, err := a.release(ctx, tx, in.Period)
	if err != nil {
		return out, err
	}
	kind, district, err := in.kind()
	if err != nil {
		return out, err
	}
	sort, _ := signed(in.Sort)
	var grades []string
	if in.Grade != "" {
		grades = []string{in.Grade}
	}
	list, next, err := a.Evaluations.Standings(ctx, tx, credit.League{
		Evaluation: p.Evaluation, Kind: kind, District: district, Grades: grades, Text: in.Q, Sort: string(sort), After: in.After, Limit: in.Limit,
	})
	if err != nil {
		return out, err
	}
	items := make([]Standing, len(list))
	for i := range list {
		items[i] = standing(p, &list[i])
	}
	return listOf(items, next), nil
}

func standing(p credit.Release, r *credit.Ranked) Standing {
	s := Standing{
		Period: p.Period, Name: r.Name, Division: string(r.Division), Score: points(r.Scored, r.Score), Grade: r.Grade, Status: r.Status,
		Rank: r.RankCity, RankDistrict: r.RankDistrict, Projects: r.Projects, Area: r.Area.String(),
	}
	if r.Subject.Kind == credit.Project {
		s.Code = r.Code
	} else {
		s.USCC = r.Code
	}
	return s
}

func (a *API) distribution(ctx context.Context, tx *db.Tx, in *KindIn) (out List[Share], err error) {
	p, err := a.release(ctx, tx, in.Period)
	if err != nil {
		return out, err
	}
	kind, district, err := in.kind()
	if err != nil {
		return out, err
	}
	shares, err := a.Evaluations.GradeCounts(ctx, tx, p.Evaluation, kind, district)
	if err != nil {
		return out, err
	}
	items := make([]Share, len(shares))
	for i, s := range shares {
		items[i] = Share{s.Grade, s.Status, s.Count, s.Projects, s.Area.String()}
	}
	return listOf(items, ""), nil
}

func (a *API) subject(ctx context.Context, tx *db.Tx, in *subjectIn) (*Result, error) {
	p, err := a.release(ctx, tx, in.Period)
	if err != nil {
		return nil, err
	}
	s, err := a.subjectOf(ctx, tx, in.Code)
	if err != nil {
		return nil, err
	}
	r, err := a.resultOf(ctx, tx, p, s)
	if err == nil && r == nil {
		err = fault.New(fault.NotFound, "api.no-result", "这个对象在这一期没有结果。")
	}
	return r, err
}

// subjectOf finds who is meant by a code.
func (a *API) subjectOf(ctx context.Context, tx *db.Tx, s string) (credit.Subject, error) {
	if len(s) == 16 {
		c, err := code.ParseProjectCode(s)
		if err != nil {
			return credit.Subject{}, err
		}
		p, err := a.Registry.Project(ctx, tx, c)
		return projectSubject(p.ID), err
	}
	u, err := code.ParseUSCC(s)
	if err != nil {
		return credit.Subject{}, err
	}
	e, err := a.Registry.Enterprise(ctx, tx, u)
	return enterpriseSubject(e.ID), err
}

func enterpriseSubject(id db.ID) credit.Subject {
	return credit.Subject{Kind: credit.Enterprise, ID: id}
}
func projectSubject(id db.ID) credit.Subject { return credit.Subject{Kind: credit.Project, ID: id} }
