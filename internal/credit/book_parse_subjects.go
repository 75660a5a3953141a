package credit

import (
	"slices"
	"strings"

	"juli/internal/money"
	"juli/internal/rulebook"
)

func (p *parser) readSubjects(v rulebook.Value) {
	o := v.Object()
	for _, key := range o.Keys() {
		k := slices.Index(subjectKeys[:], key)
		if k < 0 {
			o.Get(key).Fail("对象应为：%s", strings.Join(subjectKeys[:], "、"))
			continue
		}
		p.Subjects[k] = p.subjectRule(SubjectKind(k), o.Get(key).Object())
	}
	if p.Subjects[Enterprise] == nil {
		v.Fail("必须写明 enterprise（企业）的评价规则")
	}
}

func (p *parser) subjectRule(k SubjectKind, o *rulebook.Object) *SubjectRule {
	r := &SubjectRule{Path: o.Path(), Order: defaultOrder, Places: 2}
	r.Base = o.Get("base").Points()
	r.BaseInput = p.fact(o.Get("base_input"))
	if c := o.Get("clamp"); c.Present() {
		r.Clamp = p.minMax(c.Object())
	}
	if rd := o.Get("round"); rd.Present() {
		ro := rd.Object()
		r.Places = ro.Need("places").Int(0, 4)
		r.Mode = roundingMode(ro.Get("mode"))
	}
	if ord := o.Get("order"); ord.Present() {
		r.Order = p.order(ord)
	}
	if k != Enterprise && k != Branch {
		r.Order = slices.DeleteFunc(slices.Clone(r.Order), func(s Step) bool { return s == StepProjects || s == StepBlocks })
	}
	r.Grades = p.bands(k, o.Get("grades"))
	p.checkBands(o.Get("grades"), r)
	r.Ranks = p.rankGrades(o.Get("rank_grades"))
	return r
}

func (p *parser) minMax(o *rulebook.Object) Bounds {
	b := Bounds{HasMin: o.Has("min"), HasMax: o.Has("max")}
	b.Min, b.Max = o.Get("min").Points(), o.Get("max").Points()
	p.bounds(o.Value, b)
	return b
}

func roundingMode(v rulebook.Value) money.Mode {
	return []money.Mode{money.HalfUp, money.HalfEven, money.Down, money.Up}[v.Choice("half_up", "half_even", "down", "up")]
}

func (p *parser) order(v rulebook.Value) []Step {
	var out []Step
	for _, e := range v.List() {
		s := Step(e.Choice(stepKeys[:]...))
		if slices.Contains(out, s) {
			e.Fail("步骤“%s”重复", stepKeys[s])
		}
		out = append(out, s)
	}
	before := func(a, b Step) bool {
		i, j := slices.Index(out, a), slices.Index(out, b)
		return i < 0 || j < 0 || i < j
	}
	if !slices.Contains(out, StepItems) || !slices.Contains(out, StepGrade) {
		v.Fail("运算次序中必须有 items 和 grade")
	}
	if !before(StepItems, StepCaps) || !before(StepItems, StepBlocks) || !before(StepCaps, StepBlocks) || !before(StepItems, StepGrade) || !before(StepCaps, StepGrade) || !before(StepBase, StepGrade) ||
		!before(StepProjects, StepGrade) || !before(StepBlocks, StepGrade) {
		v.Fail("运算次序不对：caps 要在 items 之后，blocks 要在二者之后，grade 之前要算完各项分值")
	}
	return out
}
