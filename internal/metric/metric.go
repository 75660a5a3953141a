// Package metric defines every figure of the city once: its key, its Chinese
// name, what exactly is counted, and where the counted records are listed.
// Pages, `juli figures` and the API show the same figures from here.
package metric

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"juli/internal/campaign"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/registry"
	"juli/internal/survey"
	"juli/internal/volunteer"
)

// A Figure is one number of the city with its definition. A rate carries its
// numerator and denominator.
type Figure struct {
	Key         string      `json:"key"`
	Name        string      `json:"name"`
	Definition  string      `json:"definition"`
	Value       json.Number `json:"value"`
	Unit        string      `json:"unit"`
	Numerator   *int64      `json:"numerator,omitempty"`
	Denominator *int64      `json:"denominator,omitempty"`
	AsOf        string      `json:"as_of"`
	Records     string      `json:"records"` // address of the list that was counted
}

// City computes every figure of a division ("" or the city: all of it) as of a day.
func City(ctx context.Context, tx *db.Tx, ev *credit.Evaluations, division code.Division, on day.Date) ([]Figure, error) {
	t, err := registry.TotalsOf(ctx, tx, division, on)
	if err != nil {
		return nil, err
	}
	all := []Figure{
		count("enterprises", "物业服务企业", registry.EnterprisesDefinition, "家", t.Enterprises, "/enterprises?counted=1"),
		count("projects", "物业服务项目", registry.ProjectsDefinition, "个", t.Projects, "/projects?counted=1"),
		{Key: "managed_area", Name: "在管面积", Definition: registry.AreaDefinition, Value: json.Number(t.Area.String()), Unit: "㎡", Records: "/projects?counted=1&sort=-area"},
	}
	credits, err := creditFigures(ctx, tx, ev, division, on, t.Enterprises)
	if err != nil {
		return nil, err
	}
	all = append(all, credits...)
	lists, err := listFigures(ctx, tx, division, on)
	if err != nil {
		return nil, err
	}
	all = append(all, lists...)
	voice, err := voiceFigures(ctx, tx, division, on)
	if err != nil {
		return nil, err
	}
	all = append(all, voice...)
	made, err := campaign.MadeBy(ctx, tx, division, on)
	if err != nil {
		return nil, err
	}
	passed, inspected := made.PassRate()
	all = append(all,
		count("inspections", "现场检查", "截至当日有结果的现场检查次数（双随机专项检查和服务质量评定）", "次", made.Inspected, "/bureau/inspections?result=settled"),
		rate("inspection_pass_rate", "检查合格率", "截至当日合格的现场检查次数，除以有结果的现场检查次数", passed, inspected, "/bureau/inspections?result=pass"))
	solved, err := deed.Solved(ctx, tx, division, on, false)
	if err != nil {
		return nil, err
	}
	all = append(all,
		count("deeds_solved", "办结的实事", "截至当日已经回访并销号的实事件数，同一工单或案件只计一次", "件", solved.Matters, "/bureau/deeds?state=closed"),
		count("people_served", "实事受益人数", "上述各件实事登记的受益人数之和；各件的统计口径见该件", "人", solved.People, "/bureau/deeds?state=closed&sort=-people"),
	)
	for i := range all {
		all[i].AsOf = on.String()
	}
	return all, nil
}

// creditFigures count the newest result published by the day.
func creditFigures(ctx context.Context, tx *db.Tx, ev *credit.Evaluations, division code.Division, on day.Date, enterprises int64) ([]Figure, error) {
	p, ok, err := ev.PublishedOn(ctx, tx, on)
	if err != nil {
		return nil, err
	}
	var shares []credit.Share
	if ok {
		if shares, err = ev.GradeCounts(ctx, tx, p.Evaluation, credit.Enterprise, division); err != nil {
			return nil, err
		}
	}
	var rated, best int64
	var graded, good []string
	var out []Figure
	for _, s := range shares {
		if s.Grade == "" {
			continue
		}
		rated += s.Count
		graded = append(graded, s.Grade)
		if s.Grade == "AAA" || s.Grade == "AA" {
			best += s.Count
			good = append(good, s.Grade)
		}
		out = append(out, count("grade_"+s.Grade, "信用等级 "+s.Grade+" 的企业", "最近一次公布结果中等级为 "+s.Grade+" 的企业数", "家", s.Count, League(s.Grade)))
	}
	out = append([]Figure{
		rate("rated_share", "参评率", "最近一次公布结果中有等级的企业数，除以截至当日登记的企业数", rated, enterprises, League(graded...)),
		rate("good_share", "AA 级及以上占比", "最近一次公布结果中 AAA 和 AA 级企业数，除以有等级的企业数", best, rated, League(good...)),
	}, out...)
	records, err := db.Value[int64](ctx, tx, `SELECT COUNT(DISTINCT record) FROM credit_entry WHERE identified <= $1`, on)
	if err != nil {
		return nil, err
	}
	return append(out, count("credit_records", "已认定信用信息", "截至当日认定的信用信息条数（含后来过期、修复、撤销的）", "条", records, "/bureau/records?identified=1")), nil
}

// voiceFigures count what residents said and did.
func voiceFigures(ctx context.Context, tx *db.Tx, division code.Division, on day.Date) ([]Figure, error) {
	s, err := survey.TotalsOf(ctx, tx, division, on)
	if err != nil {
		return nil, err
	}
	v, err := volunteer.TotalsOf(ctx, tx, division, on)
	if err != nil {
		return nil, err
	}
	return []Figure{
		count("surveys", "已公布的满意度调查", survey.SurveysDefinition, "次", s.Surveys, "/surveys?state=published"),
		rate("survey_satisfaction", "满意率", survey.SatisfactionDefinition, s.Satisfied, s.Rated, "/surveys?state=published"),
		count("volunteers", "志愿者", volunteer.VolunteersDefinition, "人", v.Volunteers, "/volunteers/communities"),
		{Key: "volunteer_hours", Name: "志愿服务时长", Definition: volunteer.HoursDefinition, Value: json.Number(volunteer.Hours(v.Minutes)), Unit: "小时", Records: "/volunteers/calls?state=confirmed"},
	}, nil
}

// League is the address of the published results with one of some grades.
func League(grades ...string) string {
	if len(grades) == 0 {
		return "/league"
	}
	return "/league?grade=" + strings.Join(grades, ",")
}

func count(key, name, definition, unit string, n int64, records string) Figure {
	return Figure{Key: key, Name: name, Definition: definition, Value: json.Number(strconv.FormatInt(n, 10)), Unit: unit, Records: records}
}

// rate is a share in percent with one place, rounded half up; 0 of 0 is 0.
func rate(key, name, definition string, part, whole int64, records string) Figure {
	tenths := int64(0)
	if whole > 0 {
		tenths = (part*2000/whole + 1) / 2
	}
	v := strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10)
	return Figure{Key: key, Name: name, Definition: definition, Value: json.Number(v), Unit: "%", Numerator: &part, Denominator: &whole, Records: records}
}
