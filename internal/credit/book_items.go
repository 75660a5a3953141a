package credit

import (
	"slices"

	"juli/internal/day"
	"juli/internal/money"
	"juli/internal/rulebook"
)

func (p *parser) readItems(v rulebook.Value) {
	list := v.List()
	if len(list) > itemsMax {
		v.Fail("评分项目最多 %d 个", itemsMax)
		return
	}
	for _, e := range list {
		it := p.item(e.Object())
		if _, twice := p.index[it.Code]; twice {
			e.Fail("项目代码“%s”重复", it.Code)
		}
		p.index[it.Code] = ItemNo(len(p.Items))
		p.Items = append(p.Items, it)
	}
}

func (p *parser) item(o *rulebook.Object) Item {
	it := Item{
		Code: o.Need("code").Text(), Title: o.Need("title").Text(), Basis: o.Get("basis").Text(), Path: o.Path(),
		Subjects: p.subjects(o.Need("subject"), 0), Class: -1, Placed: p.Cycle.Placed, Valid: p.validity(o.Get("valid")),
	}
	if c := p.classes(o.Need("class")); len(c) == 1 {
		it.Class = c[0]
	}
	for k := range subjectKinds {
		if it.For(k) && p.rule(k) == nil {
			o.Get("subject").Fail("subjects 中没有 %s 的评价规则", k.Key())
		}
	}
	p.itemPoints(&it, o)
	p.itemLimits(&it, o)
	p.itemSources(&it, o)
	p.itemEffects(&it, o)
	if o.Has("record_date") {
		it.Placed = DateChoice(o.Get("record_date").Choice(dateKeys[:]...))
	}
	it.Procedure = o.Get("procedure").Text()
	if it.Procedure != "" && !slices.ContainsFunc(p.Procedures, func(pr Procedure) bool { return pr.Code == it.Procedure }) {
		o.Get("procedure").Fail("procedures 中没有“%s”", it.Procedure)
	}
	it.Proposes, it.Checks, it.Identifies = p.roles(o.Get("proposes")), p.roles(o.Get("checks")), p.roles(o.Get("identifies"))
	it.Unrepair = o.Has("repairable") && !o.Get("repairable").Bool()
	return it
}

// itemPoints reads where the points come from: exactly one of the forms.
func (p *parser) itemPoints(it *Item, o *rulebook.Object) {
	forms := []string{"points", "levels", "bands", "ratio", "discretion", "from_order", "per_unit"}
	var found []string
	for _, f := range forms {
		if o.Has(f) {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		o.Fail("项目“%s”的分值应写成下列之一：%v，现有 %v", it.Code, forms, found)
		return
	}
	v := o.Get(found[0])
	switch found[0] {
	case "points":
		it.Mode, it.Points = fixedPoints, v.Points()
	case "levels":
		it.Mode = levelPoints
		p.itemLevels(it, v)
	case "bands":
		it.Mode = bandPoints
		p.itemBands(it, v)
	case "ratio":
		it.Mode, it.Points = ratioPoints, v.Points()
	case "discretion":
		it.Mode = discretionPoints
		d := v.Object()
		it.Min, it.Max = d.Need("min").Points(), d.Need("max").Points()
		it.NeedReason, it.Deciders = !d.Has("reason") || d.Get("reason").Bool(), p.roles(d.Get("who"))
		if it.Min > it.Max {
			v.Fail("裁量范围的下限大于上限")
		}
	case "from_order":
		it.Mode, it.Points = parentPoints, v.Points()
	case "per_unit":
		it.Mode, it.Points = unitPoints, v.Points()
	}
	p.checkSign(it, v)
}

// checkSign refuses points whose sign contradicts the class.
func (p *parser) checkSign(it *Item, v rulebook.Value) {
	if it.Class < 0 || it.Mode == parentPoints || it.Mode == discretionPoints {
		return
	}
	all := []money.Points{it.Points}
	for _, l := range it.Levels {
		all = append(all, l.Points)
	}
	for _, b := range it.Bands {
		all = append(all, b.Points)
	}
	sign := p.Classes[it.Class].Sign
	for _, pts := range all {
		if sign > 0 && pts < 0 || sign < 0 && pts > 0 {
			v.Fail("分值 %s 的正负与类别“%s”不符", pts, p.Classes[it.Class].Title)
		}
	}
}

func (p *parser) itemLevels(it *Item, v rulebook.Value) {
	for _, e := range v.List() {
		lo := e.Object()
		l := Level{Code: lo.Need("code").Text(), Title: lo.Need("title").Text(), Points: lo.Need("points").Points(), Term: p.naturalTerm(lo.Get("term"))}
		if it.LevelNo(l.Code) > 0 {
			e.Fail("级别“%s”重复", l.Code)
		}
		it.Levels = append(it.Levels, l)
	}
	if len(it.Levels) == 0 || len(it.Levels) > levelsMax {
		v.Fail("级别表应有 1 到 %d 行", levelsMax)
	}
}

func (p *parser) itemBands(it *Item, v rulebook.Value) {
	var spans []Band
	for _, e := range v.List() {
		bo := e.Object()
		b := PointsBand{Points: bo.Need("points").Points()}
		b.Bounds, b.MinOpen, b.MaxOpen = p.interval(bo)
		for i := range spans {
			a, c := onGrid(&spans[i], 1), onGrid(&Band{Bounds: b.Bounds, MinOpen: b.MinOpen, MaxOpen: b.MaxOpen}, 1)
			if a.lo <= c.hi && c.lo <= a.hi {
				e.Fail("计分区间与前面的区间重叠")
			}
		}
		spans = append(spans, Band{Bounds: b.Bounds, MinOpen: b.MinOpen, MaxOpen: b.MaxOpen})
		it.Bands = append(it.Bands, b)
	}
}

func (p *parser) itemLimits(it *Item, o *rulebook.Object) {
	if m := o.Get("max"); m.Present() {
		mo := m.Object()
		it.Limit = &Max{
			Points: mo.Get("points").Points(), HasPoints: mo.Has("points"), Count: mo.Get("count").Int(1, 10_000),
			Per: mo.Need("per").Word("period", "period", "month", "quarter", "half_year", "year", "season", "life"),
		}
		if it.Limit.Points < 0 || !it.Limit.HasPoints && it.Limit.Count == 0 {
			m.Fail("单项上限要写 points（不带正负号）或 count（次数）")
		}
	}
	if r := o.Get("repeat"); r.Present() {
		ro := r.Object()
		it.Repeat = &Repeat{Kind: ro.Need("kind").Word("add", "add", "once", "factors"), Window: day.Term{N: 1, Unit: day.Years}}
		if ro.Has("window") {
			it.Repeat.Window = p.naturalTerm(ro.Get("window"))
		}
		for _, f := range ro.Get("factors").List() {
			it.Repeat.Factors = append(it.Repeat.Factors, f.Points())
		}
		if it.Repeat.Kind == "factors" && len(it.Repeat.Factors) == 0 {
			r.Fail("请写明 factors：第一、二、三次……的倍数")
		}
	}
	if d := o.Get("dedup").Text(); d != "" {
		it.DedupName = d
		if it.Dedup = int32(slices.Index(p.dedup, d) + 1); it.Dedup == 0 {
			p.dedup = append(p.dedup, d)
			it.Dedup = int32(len(p.dedup))
		}
	}
	it.Overdue, it.Orders = o.Get("overdue").Bool(), o.Get("orders").Texts()
	it.Voids = p.classes(o.Get("voids"))
}

// itemSources reads what an item draws on besides the record.
func (p *parser) itemSources(it *Item, o *rulebook.Object) {
	for _, code := range p.codes(o.Get("evidence"), "证明文件类型", p.Evidence) {
		if no := p.EvidenceNo(code); no > 0 {
			it.Proof |= 1 << no
		}
	}
	it.When = p.recorded(it.Subjects).Expression(o.Get("when"), rulebook.Bool)
	it.Found = p.language("register", it.Subjects).Expression(o.Get("found"), rulebook.Bool)
	it.Fact = p.fact(o.Get("fact"))
	it.Over = Quantifier(o.Get("over").Choice(quantifierKeys[:]...))
	it.NoProject = o.Get("no_project").Bool()
	if f := p.Fact(it.Fact); f != nil {
		if it.Over != OneSubject && f.Subject != Project {
			o.Get("over").Fail("“每个项目”一类的量词要用在项目的数据上")
		}
		if it.Over == OneSubject && !it.For(f.Subject) && (f.Subject != Enterprise || !it.For(Branch)) {
			o.Get("fact").Fail("数据“%s”不是该项目对象的数据", it.Fact)
		}
	} else if it.Over != OneSubject {
		o.Get("over").Fail("写 over 时要写 fact")
	}
	if r := o.Get("rank"); r.Present() {
		ro := r.Object()
		it.Rank = &Rank{
			By: p.fact(ro.Get("by")), Of: SubjectKind(ro.Get("of").Choice(subjectKeys[:]...)),
			Top: ro.Get("top").Int(0, 100_000), Bottom: ro.Get("bottom").Int(0, 100_000), Percent: ro.Get("percent").Points(),
			Peers: ro.Get("peers").Word("city", "city", "district", "form"),
		}
		if it.Rank.Of != Project && it.Rank.Of != Enterprise {
			ro.Get("of").Fail("只能对 enterprise 或 project 排名")
		}
		if (it.Rank.Top > 0) == (it.Rank.Bottom > 0) {
			r.Fail("排名要写 top（前几名）或 bottom（后几名）其中之一；写 percent 时表示按百分比，top 或 bottom 写 1")
		}
		p.needRanks = true
	}
}

// itemEffects reads what an item does besides its points.
func (p *parser) itemEffects(it *Item, o *rulebook.Object) {
	for _, e := range o.Get("also").List() {
		ao := e.Object()
		a := Also{
			Subject: SubjectKind(ao.Need("subject").Choice(subjectKeys[:]...)), Points: ao.Get("points").Points(),
			Share: ao.Get("share").Points(), Class: it.Class, Path: ao.Path(),
		}
		for _, l := range ao.Get("levels").List() {
			a.Levels = append(a.Levels, l.Points())
		}
		if c := p.classes(ao.Get("class")); len(c) == 1 {
			a.Class = c[0]
		}
		if len(a.Levels) > 0 && len(a.Levels) != len(it.Levels) {
			e.Fail("levels 的个数应与项目的级别数相同（%d）", len(it.Levels))
		}
		if p.rule(a.Subject) == nil {
			e.Fail("subjects 中没有 %s 的评价规则", a.Subject.Key())
		}
		it.Also = append(it.Also, a)
	}
	if v := o.Get("veto"); v.Present() {
		vo := v.Object()
		it.Veto = &Veto{
			Grade: p.grade(vo.Need("grade")), Set: vo.Get("mode").Word("set", "set", "cap") == "set", Term: p.naturalTerm(vo.Get("term")),
			Until: vo.Get("until").Word("term", "term", "repaired", "validity"), Subjects: p.subjects(vo.Get("subjects"), it.Subjects), Path: vo.Path(),
		}
		if it.Veto.Until == "term" && it.Veto.Term.N == 0 {
			v.Fail("请写明一票否决的期限 term，或 until: repaired、validity")
		}
	}
	if b := o.Get("blacklist"); b.Present() {
		t := day.Term{} // "open": until lifted
		if b.Text() != "open" {
			t = p.naturalTerm(b)
		}
		it.Blacklist = &t
		if p.Blacklist == nil {
			b.Fail("请先在 blacklist 中声明黑名单")
		}
	}
}

// finishItems checks what needs all items, and lists the items without records.
func (p *parser) finishItems() {
	for i := range p.Items {
		it := &p.Items[i]
		for _, code := range it.Orders {
			if p.ItemNo(code) == NoItem {
				p.Root().Get("items").Fail("项目“%s”的 orders 中没有项目“%s”", it.Code, code)
			}
		}
		p.needOrder = p.needOrder || it.linked()
		p.needVoid = p.needVoid || len(it.Voids) > 0
		p.needGroup = p.needGroup || p.needVoid || it.grouped()
		if it.Fact == "" && it.Rank == nil {
			continue
		}
		for k := range subjectKinds {
			if it.For(k) || k == Branch && it.For(Enterprise) {
				p.byFacts[k] = append(p.byFacts[k], ItemNo(i))
			}
		}
	}
}
