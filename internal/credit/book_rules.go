package credit

import (
	"juli/internal/money"
	"juli/internal/rulebook"
)

func (p *parser) readCompose(v rulebook.Value) {
	c := &p.Compose
	o := v.Object()
	c.Method = o.Get("method").Word("none", "none", "area", "mean", "sum", "min")
	c.Moved = o.Get("moved").Word("cutoff", "cutoff", "time")
	c.Records = o.Get("records").Word("project", "project", "holder")
	c.NoProject = o.Get("no_project").Word("zero", "zero", "not_rated", "base")
	c.BaseScore = o.Get("base").Points()
	c.ZeroArea = o.Get("zero_area").Word("mean", "mean", "not_rated")
	c.Path = "compose"
	if c.Method != "none" && p.rule(Project) == nil {
		v.Fail("要由项目得分合成企业得分，subjects 中须有 project 的评价规则")
	}
	if (c.NoProject == "not_rated" || c.ZeroArea == "not_rated" || p.Districts.Missing == "await") && c.Method != "none" {
		p.needStatus(v, "not_rated", "awaiting")
	}
}

// needStatus reports status codes that the engine itself hands out but the book doesn't declare.
func (p *parser) needStatus(v rulebook.Value, codes ...string) {
	for _, code := range codes {
		found := false
		for _, s := range p.Statuses {
			found = found || s.Code == code
		}
		if !found {
			v.Fail("statuses 中要声明状态“%s”", code)
		}
	}
}

func (p *parser) readBlocks(v rulebook.Value) {
	var sum money.Points
	for _, e := range v.List() {
		o := e.Object()
		b := Block{
			Code: o.Need("code").Text(), Title: o.Need("title").Text(), Scorer: o.Get("scorer").Text(), Weight: o.Need("weight").Points(),
			Input: p.fact(o.Get("input")), Projects: o.Get("projects").Bool(), Classes: p.classes(o.Get("classes")), Base: o.Get("base").Points(),
			Missing: o.Get("missing").Word("await", "await", "reweight", "zero", "full"), Full: 100 * money.Point, Path: o.Path(),
		}
		if o.Has("full") {
			b.Full = o.Get("full").Points()
		}
		if c := o.Get("clamp"); c.Present() {
			b.Clamp = p.minMax(c.Object())
		}
		kinds := 0
		for _, has := range []bool{b.Input != "", b.Projects, len(b.Classes) > 0} {
			if has {
				kinds++
			}
		}
		if kinds != 1 {
			e.Fail("评分板块要写 input（评分方报送的分数）、projects（项目综合分）或 classes（类别合计）其中之一")
		}
		if b.Weight <= 0 {
			e.Fail("权重应大于 0")
		}
		sum += b.Weight
		p.Blocks = append(p.Blocks, b)
	}
	if len(p.Blocks) > 0 && sum != money.Point {
		v.Fail("各板块权重之和是 %s，应为 1", sum)
	}
}

func (p *parser) readProcedures(v rulebook.Value) {
	for _, e := range v.List() {
		o := e.Object()
		pr := Procedure{Code: o.Need("code").Text(), Title: o.Need("title").Text(), Classes: p.classes(o.Get("classes")), Levels: o.Get("levels").Texts(), Path: o.Path()}
		last := -1
		for _, s := range o.Need("steps").List() {
			so := s.Object()
			var words []string
			for _, n := range ProcedureSteps {
				words = append(words, n.Code)
			}
			i := so.Need("step").Choice(words...)
			if i <= last {
				s.Fail("步骤的次序应为：申报、审核、认定、告知、异议、复核、生效，不能重复")
			}
			last = i
			pr.Steps = append(pr.Steps, ProcedureStep{Step: words[i], Roles: p.roles(so.Get("roles")), Term: so.Get("term").Term()})
		}
		if _, ok := pr.Step(StepIdentify); !ok {
			e.Fail("程序中必须有认定（identify）这一步")
		}
		p.Procedures = append(p.Procedures, pr)
	}
}

func (p *parser) readBlacklist(v rulebook.Value) {
	if !v.Present() {
		return
	}
	o := v.Object()
	p.Blacklist = &BlacklistRule{Code: o.Need("code").Text(), Title: o.Need("title").Text(), Instead: o.Get("instead").Bool(), Path: o.Path()}
}

func (p *parser) readDerive(v rulebook.Value) {
	for _, e := range v.List() {
		o := e.Object()
		o.Get("code") // names the rule in paths
		d := DeriveRule{
			From: SubjectKind(o.Need("from").Choice(subjectKeys[:]...)), To: SubjectKind(o.Need("to").Choice(subjectKeys[:]...)),
			Classes: p.classes(o.Get("classes")), Sign: []int{0, 1, -1}[o.Get("sign").Choice("all", "good", "bad")],
			Share: money.Point, ToClass: -1, Placed: DateChoice(o.Get("record_date").Choice(dateKeys[:]...)), Path: o.Path(),
		}
		if o.Has("share") {
			d.Share = o.Get("share").Points()
		}
		if !o.Has("record_date") {
			d.Placed = ByEvent
		}
		if c := p.classes(o.Get("to_class")); len(c) == 1 {
			d.ToClass = c[0]
		}
		if d.From == d.To || p.rule(d.From) == nil || p.rule(d.To) == nil {
			e.Fail("关联计分要从一种对象到另一种对象，两者都要在 subjects 中声明")
		}
		if d.Share <= 0 || d.Share > money.Point {
			e.Fail("share 应大于 0，不超过 1")
		}
		p.Derive = append(p.Derive, d)
	}
}

func (p *parser) readConsequences(o *rulebook.Object) {
	all := uint8(1<<subjectKinds - 1)
	for _, e := range o.Get("ceilings").List() {
		co := e.Object()
		co.Get("code")
		c := Ceiling{
			Grade: p.grade(co.Need("not_above")), Items: p.itemCodes(co.Get("items")), Why: co.Need("why").Text(),
			Subjects: p.subjects(co.Get("subjects"), 1<<Enterprise|1<<Branch), Path: co.Path(),
		}
		c.When = p.scoredSet(c.Subjects).Expression(co.Get("when"), rulebook.Bool)
		if (len(c.Items) == 0) == (c.When == nil) {
			e.Fail("封顶规则要写 items 或 when 其中之一")
		}
		p.Ceilings = append(p.Ceilings, c)
	}
	for _, e := range o.Get("ladders").List() {
		lo := e.Object()
		lo.Get("code")
		l := Ladder{Subject: SubjectKind(lo.Need("subject").Choice(subjectKeys[:]...)), Classes: p.classes(lo.Need("classes")), Path: lo.Path()}
		for _, s := range lo.Need("steps").List() {
			so := s.Object()
			m := Measure{At: so.Need("at").Points(), Title: so.Need("title").Text(), Basis: so.Get("basis").Text(), Months: so.Get("months").Int(0, 600), Path: so.Path()}
			if n := len(l.Steps); m.At <= 0 || n > 0 && m.At <= l.Steps[n-1].At {
				s.Fail("累计分值应大于 0 并逐级增大（不带负号）")
			}
			l.Steps = append(l.Steps, m)
		}
		p.Ladders = append(p.Ladders, l)
	}
	for _, e := range o.Get("lists").List() {
		p.Lists = append(p.Lists, p.listRule(e.Object(), all))
	}
	for _, e := range o.Get("uses").List() {
		p.Uses = append(p.Uses, p.use(e.Object(), all))
	}
}

func (p *parser) listRule(o *rulebook.Object, all uint8) ListRule {
	l := ListRule{
		Code: o.Need("code").Text(), Title: o.Need("title").Text(), Subjects: p.subjects(o.Get("subjects"), 1<<Enterprise|1<<Branch),
		Hearing: o.Get("hearing").Bool(), NoticeTerm: o.Get("notice").Term(), Basis: o.Get("basis").Text(), Path: o.Path(),
	}
	for _, e := range o.Need("enter").List() {
		eo := e.Object()
		eo.Get("code")
		le := ListEntry{Grades: p.gradeList(eo.Get("grades")), Periods: eo.Get("periods").Int(1, 20), Items: p.itemCodes(eo.Get("items")), Path: eo.Path()}
		le.When = p.scoredSet(l.Subjects&all).Expression(eo.Get("when"), rulebook.Bool)
		if len(le.Grades) == 0 && len(le.Items) == 0 && le.When == nil {
			e.Fail("列入条件要写 grades、items 或 when")
		}
		l.Enter = append(l.Enter, le)
	}
	leave := o.Get("leave").Object()
	l.LeaveTerm, l.LeaveRepair, l.LeaveRating = p.naturalTerm(leave.Get("term")), leave.Get("repair").Bool(), leave.Get("rating").Bool()
	return l
}

func (p *parser) gradeList(v rulebook.Value) []string {
	var out []string
	for _, e := range v.List() {
		out = append(out, p.grade(e))
	}
	return out
}

func (p *parser) use(o *rulebook.Object, all uint8) Use {
	u := Use{
		UseResult: UseResult{
			Code: o.Need("code").Text(), Title: o.Need("title").Text(), Action: o.Need("action").Text(), Value: o.Get("value").Text(),
			Basis: o.Get("basis").Text(), National: o.Get("national").Text(), Months: o.Get("months").Int(0, 600), Path: o.Path(),
		},
		Grades: p.gradeList(o.Get("grades")), Lists: o.Get("lists").Texts(), Sanction: o.Need("sanction").Bool(),
		Subjects: p.subjects(o.Get("subjects"), 1<<Enterprise|1<<Branch) & all,
	}
	for _, code := range u.Lists {
		known := p.Blacklist != nil && p.Blacklist.Code == code
		for _, l := range p.Lists {
			known = known || l.Code == code
		}
		if !known {
			o.Get("lists").Fail("lists 中没有“%s”", code)
		}
	}
	if len(u.Grades) == 0 && len(u.Lists) == 0 {
		o.Fail("结果应用要写明适用的 grades 或 lists")
	}
	// A sanction needs its legal basis and its entry in the national list;
	// anything else needs the basis alone (PC-55).
	u.Advice = u.Basis == "" || u.Sanction && u.National == ""
	return u
}

// readLaw reads what the record service and publication follow (PC-46 … PC-50).
func (p *parser) readLaw(o *rulebook.Object) {
	n := o.Get("notice").Object()
	p.Notice = Notice{
		Template: n.Get("template").Text(), Series: n.Get("series").Text(), Rectify: n.Get("rectify").Term(), Objection: n.Get("objection").Term(),
		Copies: n.Get("copies").Int(1, 20), To: p.roles(n.Get("to")), Path: "notice",
	}
	ob := o.Get("objection").Object()
	p.Objection = Objection{
		Grounds: p.named(ob.Get("grounds")), PerItem: ob.Get("per_item").Int(0, 20), Suspends: ob.Get("suspends").Bool(),
		Within: ob.Get("within").Term(), Decide: ob.Get("decide").Term(), Decides: p.roles(ob.Get("decides")), Path: "objection",
	}
	rp := o.Get("repair").Object()
	p.Repair = Repair{
		Allowed: rp.Present(), Rectified: rp.Get("rectified").Bool(), MinAge: p.naturalTerm(rp.Get("min_age")), NoRelapse: rp.Get("no_relapse").Bool(),
		Decides: p.roles(rp.Get("decides")), Within: rp.Get("within").Term(), Effect: rp.Get("effect").Word("stop", "remove", "reduce", "stop"),
		Share: rp.Get("share").Points(), Path: "repair",
	}
	if p.Repair.Share < 0 || p.Repair.Share > money.Point {
		rp.Get("share").Fail("share 应在 0 到 1 之间")
	}
	rv := o.Get("reversal").Object()
	p.Reversal = Reversal{Rerun: !rv.Has("rerun") || rv.Get("rerun").Bool(), Republish: rv.Get("republish").Word("correction", "correction", "next_period"), Path: "reversal"}
	pb := o.Get("publication").Object()
	p.Publication = Publication{
		Freeze: !pb.Has("freeze") || pb.Get("freeze").Bool(), Late: pb.Get("late").Word("next_period", "next_period", "correction"),
		Notice: pb.Get("notice").Term(), Path: "publication",
	}
}
