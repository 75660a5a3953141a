package public

import (
	"slices"
	"strconv"
	"strings"

	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/web"
)

// ownSteps says who proposes, checks and identifies an item where that differs
// from the procedure of its class.
func ownSteps(b *credit.Book, no credit.ItemNo) string {
	it := b.Item(no)
	procedure, ok := b.ProcedureOf(no, 0)
	if !ok {
		return ""
	}
	i := slices.IndexFunc(b.Procedures, func(p credit.Procedure) bool { return p.Code == procedure.Code })
	var out []string
	for _, x := range []struct {
		step, title string
		own         []string
	}{{credit.StepPropose, "申报", it.Proposes}, {credit.StepCheck, "审核", it.Checks}, {credit.StepIdentify, "认定", it.Identifies}} {
		usual, _ := b.Procedures[i].Step(x.step)
		if len(x.own) > 0 && !slices.Equal(x.own, usual.Roles) {
			out = append(out, x.title+"："+roleWords(b, x.own))
		}
	}
	return strings.Join(out, "；")
}

func roleWords(b *credit.Book, codes []string) string {
	var out []string
	for _, c := range codes {
		for _, r := range b.Roles {
			if r.Code == c {
				out = append(out, r.Title)
			}
		}
	}
	return strings.Join(out, "、")
}

// capTable shows between which sums each class counts.
func capTable(b *credit.Book) web.Table {
	t := web.Table{Caption: "类别上限和下限", Cols: []web.Col{{Name: "类别"}, {Name: "性质"}, {Name: "上限（分）", Num: true}, {Name: "下限（分）", Num: true}}, None: web.Nothing{Text: "这份规则没有分类别。"}}
	for _, c := range b.Classes {
		sign := map[int]string{1: "加分", -1: "扣分"}[c.Sign]
		if sign == "" {
			sign = "基础或加减兼有"
		}
		top, bottom := web.T("不限"), web.T("不限")
		if c.Bounds.HasMax {
			top = web.P(c.Bounds.Max, false)
		}
		if c.Bounds.HasMin {
			bottom = web.P(c.Bounds.Min, false)
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(c.Title), web.T(sign), top, bottom}})
	}
	return t
}

// limitTable shows what sets or bounds a grade whatever the score is.
func limitTable(b *credit.Book) web.Table {
	t := web.Table{
		Caption: "等级限制", Cols: []web.Col{{Name: "结果"}, {Name: "情形"}, {Name: "对象"}, {Name: "期限"}},
		None: web.Nothing{Text: "这份规则没有一票否决和封顶。"},
	}
	add := func(result, why, subjects, term string) {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.Tagged(result, web.Bad), web.T(why), web.T(subjects), web.T(term)}})
	}
	for i := range b.Ceilings {
		c := &b.Ceilings[i]
		add("等级不高于 "+c.Grade, c.Reason(b), kindWords(c.Subjects), "情形消除为止")
	}
	for i := range b.Items {
		it := &b.Items[i]
		name := it.Title + "（" + it.Code + "）"
		if v := it.Veto; v != nil {
			result := "等级不高于 " + v.Grade
			if v.Set {
				result = "一票否决，等级定为 " + v.Grade
			}
			add(result, name, kindWords(v.Subjects), vetoTerm(v))
		}
		if it.Blacklist != nil && b.Blacklist != nil {
			add("列入"+b.Blacklist.Title, name, subjectWords(it), termOr(*it.Blacklist, "信用修复为止"))
		}
	}
	return t
}

func vetoTerm(v *credit.Veto) string {
	switch v.Until {
	case "repaired":
		if v.Term.N > 0 {
			return "至少 " + v.Term.Chinese() + "，并到信用修复为止"
		}
		return "信用修复为止"
	case "validity":
		return "信息的有效期内"
	}
	return v.Term.Chinese()
}

func termOr(t day.Term, none string) string {
	if t.N == 0 {
		return none
	}
	return t.Chinese()
}

func kindWords(set uint8) string {
	var out []string
	for k := credit.Enterprise; k <= credit.Staff; k++ {
		if set&(1<<k) != 0 {
			out = append(out, k.String())
		}
	}
	return strings.Join(out, "、")
}

// composeFacts say step by step how an enterprise's score comes about.
func composeFacts(b *credit.Book) []web.Fact {
	rule := b.Subjects[credit.Enterprise]
	if rule == nil {
		return nil
	}
	var steps []string
	for _, s := range rule.Order {
		switch s {
		case credit.StepBase:
			if rule.BaseInput != "" {
				steps = append(steps, "加上报送的基础分")
			} else if rule.Base != 0 {
				steps = append(steps, "加上基础分 "+web.ScoreText(rule.Base, false)+" 分")
			}
		case credit.StepProjects:
			if b.Compose.Method != "none" {
				steps = append(steps, "计入项目综合分")
			}
		case credit.StepItems:
			steps = append(steps, "加减企业自身信用信息的分值")
		case credit.StepCaps:
			steps = append(steps, "各类别合计按上限、下限调整")
		case credit.StepBlocks:
			for _, x := range b.Blocks {
				steps = append(steps, "“"+x.Title+"”按 "+web.Percent(int64(x.Weight), 10_000)+" 计入")
			}
		case credit.StepClamp:
			if rule.Clamp.HasMin || rule.Clamp.HasMax {
				steps = append(steps, "总分限制在规定范围内")
			}
		case credit.StepRound:
			steps = append(steps, "修约到 "+strconv.Itoa(rule.Places)+" 位小数")
		case credit.StepGrade:
			steps = append(steps, "按得分定级，再适用等级限制")
		}
	}
	for i := range steps {
		steps[i] = strconv.Itoa(i+1) + ". " + steps[i]
	}
	return []web.Fact{
		{Name: "计算次序", Text: strings.Join(steps, "；") + "。", Wide: true},
		{Name: "项目综合分", Text: b.Compose.Words() + "。", Wide: true},
	}
}
