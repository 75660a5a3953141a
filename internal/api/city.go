package api

import (
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/metric"
	"juli/internal/registry"
)

// A Figure is one number of the city with its definition.
type Figure struct {
	Key         string `json:"key" doc:"指标代码，与 juli figures 相同" example:"managed_area"`
	Name        string `json:"name" doc:"指标名称" example:"在管面积"`
	Definition  string `json:"definition" doc:"怎样统计" example:"上述项目登记的建筑面积之和"`
	Value       string `json:"value" doc:"数值，十进制，单位见 unit" pattern:"^-?[0-9]+(\\.[0-9]+)?$" example:"200000000.50"`
	Unit        string `json:"unit" doc:"单位" example:"㎡"`
	Numerator   *int64 `json:"numerator,omitempty" doc:"比率的分子" example:"410"`
	Denominator *int64 `json:"denominator,omitempty" doc:"比率的分母" example:"902"`
	AsOf        string `json:"as_of" format:"date" doc:"截至日期" example:"2021-12-31"`
	Records     string `json:"records" doc:"被统计的记录所在页面" example:"/projects?sort=-area"`
}

// A Division is a row of the division tree.
type Division struct {
	Code   string `json:"code" doc:"区划代码，去掉末尾的零级：市 4 位、区县 6 位、街道 9 位、社区 12 位" pattern:"^[0-9]{2,12}$" example:"230103"`
	Name   string `json:"name" doc:"名称" example:"南岗区"`
	Kind   string `json:"kind" doc:"类别：city 市、district 区、county 县、subdistrict 街道、community 居民委员会等" example:"district"`
	Title  string `json:"title" doc:"类别的中文名称" example:"区"`
	Parent string `json:"parent,omitempty" doc:"上级区划代码" example:"2301"`
}

// A Duty is one act of the duty matrix and who may do it.
type Duty struct {
	Group     string  `json:"group" doc:"分组" example:"信用"`
	Act       string  `json:"act" doc:"事项代码" example:"credit.identify"`
	Title     string  `json:"title" doc:"事项名称" example:"认定信用信息"`
	StepUp    bool    `json:"step_up" doc:"须再次验证身份" example:"false"`
	FourEyes  bool    `json:"four_eyes" doc:"须由另一人办理" example:"true"`
	Sensitive bool    `json:"sensitive" doc:"每次查看都留痕" example:"false"`
	Roles     []Reach `json:"roles" nullable:"false" doc:"能办这个事项的角色；没有列出的一律不能办"`
}

// A Reach is how far one role may act.
type Reach struct {
	Role    string `json:"role" doc:"角色代码" example:"district_bureau"`
	Title   string `json:"title" doc:"角色名称" example:"区县住建局"`
	Reach   string `json:"reach" enum:"own,own_above,anywhere" doc:"范围：own 本范围，own_above 本范围及上级登记的对象，anywhere 全市" example:"own"`
	Manager bool   `json:"manager" doc:"只限单位管理员" example:"false"`
}

type figuresIn struct {
	Division string `query:"division" maxLength:"12" doc:"区划代码；不填为全市" example:"230103"`
	AsOf     string `query:"as_of" format:"date" doc:"截至日期；不填为今天" example:"2021-12-31"`
}

type divisionsIn struct {
	Parent string `query:"parent" maxLength:"12" doc:"上级区划代码；不填列出各区县" example:"230103"`
}

type divisionIn struct {
	Code string `path:"code" maxLength:"12" doc:"区划代码" example:"230103"`
}

// city registers figures, divisions and duties.
func (a *API) city() {
	get(a, huma.Operation{
		OperationID: "list-figures", Path: "/figures", Tags: []string{"city"}, Summary: "全市指标",
		Description: "每个指标的定义、数值和被统计记录的地址；比率附分子和分母。",
	}, a.figures)
	get(a, huma.Operation{
		OperationID: "list-divisions", Path: "/divisions", Tags: []string{"city"}, Summary: "区划目录",
		Description: "某个区划的直接下级；不指定上级时为各区县。",
	}, a.divisions)
	one(a, huma.Operation{
		OperationID: "get-division", Path: "/divisions/{code}", Tags: []string{"city"}, Summary: "一个区划",
		Description: "按代码查一个区划。",
	}, a.division)
	get(a, huma.Operation{
		OperationID: "list-duties", Path: "/duties", Tags: []string{"city"}, Summary: "职责边界",
		Description: "谁能办什么、在多大范围内办；没有列出的一律不能办。",
	}, a.duties)
}

func (a *API) figures(ctx context.Context, tx *db.Tx, in *figuresIn) (out List[Figure], err error) {
	on := tx.Today()
	if in.AsOf != "" {
		if on, err = day.Parse(in.AsOf); err != nil {
			return out, fault.New(fault.Invalid, "api.date", "日期应写成 2021-12-31。")
		}
	}
	var d code.Division
	if in.Division != "" {
		if d, err = a.divisionCode(ctx, tx, in.Division); err != nil {
			return out, err
		}
	}
	list, err := metric.City(ctx, tx, a.Evaluations, d, on)
	if err != nil {
		return out, err
	}
	items := make([]Figure, len(list))
	for i, f := range list {
		items[i] = Figure{f.Key, f.Name, f.Definition, f.Value.String(), f.Unit, f.Numerator, f.Denominator, f.AsOf, f.Records}
	}
	return listOf(items, ""), nil
}

// divisionCode is a code that stands in the table.
func (a *API) divisionCode(ctx context.Context, tx *db.Tx, s string) (code.Division, error) {
	d, err := code.ParseDivision(s)
	if err != nil {
		return "", err
	}
	_, err = registry.DivisionOf(ctx, tx, d)
	return d, err
}

func divisionOut(d registry.Division) Division {
	return Division{string(d.Code), d.Name, d.Kind, d.KindTitle(), string(d.Parent)}
}

func (a *API) divisions(ctx context.Context, tx *db.Tx, in *divisionsIn) (out List[Division], err error) {
	var list []registry.Division
	if in.Parent == "" {
		list, err = registry.Districts(ctx, tx, tx.Today())
	} else {
		var parent code.Division
		if parent, err = a.divisionCode(ctx, tx, in.Parent); err == nil {
			list, err = registry.Divisions(ctx, tx, parent, tx.Today())
		}
	}
	if err != nil {
		return out, err
	}
	items := make([]Division, len(list))
	for i, d := range list {
		items[i] = divisionOut(d)
	}
	return listOf(items, ""), nil
}

func (a *API) division(ctx context.Context, tx *db.Tx, in *divisionIn) (Division, error) {
	c, err := code.ParseDivision(in.Code)
	if err != nil {
		return Division{}, err
	}
	d, err := registry.DivisionOf(ctx, tx, c)
	return divisionOut(d), err
}

var reaches = map[authz.How]string{authz.Own: "own", authz.OwnAbove: "own_above", authz.Anywhere: "anywhere"}

func (a *API) duties(context.Context, *db.Tx, *struct{}) (List[Duty], error) {
	roles := authz.Roles()
	var items []Duty
	for _, row := range authz.Matrix() {
		d := Duty{Group: row.Group, Act: string(row.Act), Title: row.Title, StepUp: row.StepUp, FourEyes: row.FourEyes, Sensitive: row.Sensitive, Roles: []Reach{}}
		for i, c := range row.Cells {
			if c.How != authz.Never {
				d.Roles = append(d.Roles, Reach{string(roles[i].Role), roles[i].Title, reaches[c.How], c.Manager})
			}
		}
		items = append(items, d)
	}
	return listOf(slices.Clip(items), ""), nil
}
