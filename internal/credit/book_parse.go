package credit

import (
	"regexp"
	"slices"

	"juli/internal/day"
	"juli/internal/rulebook"
)

// Parse reads a credit rulebook. Every problem is reported with its line in one
// fault "rulebook.invalid".
func Parse(text []byte) (*Book, error) {
	doc, err := rulebook.Read(text)
	if err != nil {
		return nil, err
	}
	return FromDocument(doc)
}

// FromDocument reads the credit part of a document whose envelope has been read.
func FromDocument(doc *rulebook.Document) (*Book, error) {
	p := &parser{Book: &Book{Document: doc, index: map[string]ItemNo{}}, languages: map[string]*rulebook.Language{}}
	if doc.Kind != kindName {
		doc.Root().Get("kind").Fail("这不是信用评价规则")
	}
	p.read(doc.Root())
	if err := doc.Finish(); err != nil {
		return nil, err
	}
	if p.err != nil {
		return nil, p.err
	}
	for k := range subjectKinds {
		p.Book.codes[k] = p.gradeCodes(k)
	}
	for i := range p.Items {
		p.Items[i].Mark = doc.MarkOf(p.Items[i].Path).Mark
	}
	return p.Book, nil
}

const (
	kindName   = "credit"
	itemsMax   = 2000
	classesMax = 64
	levelsMax  = 100
)

var nameRE = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// A parser fills a book from its document.
type parser struct {
	*Book
	languages map[string]*rulebook.Language
	def       Validity
	dedup     []string
	err       error
}

func (p *parser) read(o *rulebook.Object) {
	p.Banner = o.Get("banner").Text()
	p.Evidence = p.named(o.Get("evidence"))
	p.Roles = p.named(o.Get("roles"))
	p.readFacts(o.Get("facts"))
	p.readStatuses(o.Get("statuses"))
	p.readClasses(o.Need("classes"))
	p.readSubjects(o.Need("subjects"))
	p.readScope(o)
	p.readCycle(o.Need("cycle").Object())
	p.def = Validity{Kind: ValidTerm, Term: day.Term{N: 1, Unit: day.Years}}
	p.def = p.validity(o.Need("validity"))
	p.readCompose(o.Get("compose"))
	p.readBlocks(o.Get("blocks"))
	p.readProcedures(o.Get("procedures"))
	p.readBlacklist(o.Get("blacklist"))
	p.readItems(o.Need("items"))
	p.readDerive(o.Get("derive"))
	p.readConsequences(o)
	p.readLaw(o)
	p.readExamples(o.Get("examples"))
	p.finishItems()
}

// named reads a list of {code, title}.
func (p *parser) named(v rulebook.Value) []Named {
	var out []Named
	for _, e := range v.List() {
		o := e.Object()
		n := Named{o.Need("code").Text(), o.Need("title").Text()}
		if slices.ContainsFunc(out, func(x Named) bool { return x.Code == n.Code }) {
			e.Fail("代码“%s”重复", n.Code)
		}
		out = append(out, n)
	}
	if len(out) > 60 {
		v.Fail("这里最多 60 项")
	}
	return out
}

// codes reads a list of words that must be among the known ones.
func (p *parser) codes(v rulebook.Value, what string, known []Named) []string {
	words := v.Texts()
	for _, w := range words {
		if !slices.ContainsFunc(known, func(n Named) bool { return n.Code == w }) {
			v.Fail("没有声明的%s“%s”", what, w)
		}
	}
	return words
}

func (p *parser) roles(v rulebook.Value) []string { return p.codes(v, "角色", p.Roles) }

func (p *parser) readFacts(v rulebook.Value) {
	o := v.Object()
	for _, name := range o.Keys() {
		f := o.Get(name).Object()
		if !nameRE.MatchString(name) || slices.ContainsFunc(builtins, func(b rulebook.Var) bool { return b.Name == name }) {
			f.Fail("数据名“%s”应由小写字母、数字和下划线组成，且不能与内置名称相同", name)
			continue
		}
		p.FactDecls = append(p.FactDecls, FactDecl{
			Name: name, Title: f.Need("title").Text(),
			Type:    FactType(f.Need("type").Choice(factTypeKeys[:]...)),
			Subject: SubjectKind(f.Need("subject").Choice(subjectKeys[:]...)),
			Module:  f.Get("module").Text(),
		})
	}
}

// Fact is the declaration of a fact, nil if there is none.
func (b *Book) Fact(name string) *FactDecl {
	for i := range b.FactDecls {
		if b.FactDecls[i].Name == name {
			return &b.FactDecls[i]
		}
	}
	return nil
}

// fact reads the name of a declared fact.
func (p *parser) fact(v rulebook.Value) string {
	name := v.Text()
	if name != "" && p.Fact(name) == nil {
		v.Fail("facts 中没有声明“%s”", name)
	}
	return name
}

func (p *parser) readStatuses(v rulebook.Value) {
	for _, e := range v.List() {
		o := e.Object()
		p.Statuses = append(p.Statuses, Status{
			Code: o.Need("code").Text(), Grade: o.Get("grade").Text(), Title: o.Need("title").Text(), ShowScore: o.Get("show_score").Bool(),
		})
	}
}

// status reads the code of a declared status.
func (p *parser) status(v rulebook.Value) string {
	code := v.Text()
	if v.Present() && !slices.ContainsFunc(p.Statuses, func(s Status) bool { return s.Code == code }) {
		v.Fail("statuses 中没有声明“%s”", code)
	}
	return code
}

func (p *parser) readClasses(v rulebook.Value) {
	for _, e := range v.List() {
		o := e.Object()
		c := Class{Code: o.Need("code").Text(), Title: o.Need("title").Text(), Path: o.Path()}
		c.Sign = []int{0, 1, -1}[o.Need("sign").Choice("basic", "good", "bad")]
		if o.Has("cap") {
			c.Bounds.Max, c.Bounds.HasMax = o.Get("cap").Points(), true
		}
		if o.Has("floor") {
			c.Bounds.Min, c.Bounds.HasMin = o.Get("floor").Points(), true
		}
		p.bounds(o.Value, c.Bounds)
		if !nameRE.MatchString(c.Code) || p.class(c.Code) >= 0 {
			e.Fail("类别代码“%s”应由小写字母、数字和下划线组成，不能重复", c.Code)
		}
		p.Classes = append(p.Classes, c)
	}
	if len(p.Classes) > classesMax {
		v.Fail("类别最多 %d 个", classesMax)
	}
}

func (p *parser) bounds(v rulebook.Value, b Bounds) {
	if b.HasMin && b.HasMax && b.Min > b.Max {
		v.Fail("下限 %s 大于上限 %s", b.Min, b.Max)
	}
}

func (b *Book) class(code string) int16 {
	return int16(slices.IndexFunc(b.Classes, func(c Class) bool { return c.Code == code }))
}

// classes reads a list of class codes.
func (p *parser) classes(v rulebook.Value) []int16 {
	var out []int16
	for _, e := range v.List() {
		if c := p.class(e.Text()); c >= 0 {
			out = append(out, c)
		} else {
			e.Fail("classes 中没有声明“%s”", e.Text())
		}
	}
	return out
}

// subjects reads a set of subject kinds; def if absent.
func (p *parser) subjects(v rulebook.Value, def uint8) uint8 {
	if !v.Present() {
		return def
	}
	var set uint8
	for _, e := range v.List() {
		set |= 1 << e.Choice(subjectKeys[:]...)
	}
	return set
}

var defaultOrder = []Step{StepProjects, StepBase, StepItems, StepCaps, StepBlocks, StepClamp, StepRound, StepGrade}

func (p *parser) readScope(o *rulebook.Object) {
	br := o.Get("branches").Object()
	for f := LocalBranch; f < forms; f++ {
		p.Branches[f] = Attribution(br.Get(formKeys[f]).Choice(attributionKeys[:]...))
	}
	p.Kinds = o.Get("project_kinds").Texts()
	for _, e := range o.Get("eligibility").List() {
		eo := e.Object()
		eo.Get("code") // names the rule in paths
		p.Eligibility = append(p.Eligibility, EligibilityRule{
			When: p.register(Enterprise).Expression(eo.Need("when"), rulebook.Bool), Status: p.status(eo.Need("status")),
			Why: eo.Need("why").Text(), Path: eo.Path(),
		})
	}
	if d := o.Get("districts"); d.Present() {
		do := d.Object()
		p.Districts = Districts{Required: do.Need("required").Bool(), Missing: do.Get("missing").Word("await", "await", "flag")}
	}
	if n := o.Get("newcomer"); n.Present() {
		no := n.Object()
		p.Newcomer = &Newcomer{Observe: p.naturalTerm(no.Need("observe")), Grade: p.grade(no.Get("grade")), Status: p.status(no.Get("status")), Path: no.Path()}
		if (p.Newcomer.Grade == "") == (p.Newcomer.Status == "") {
			n.Fail("新进入企业的规则要写 grade 或 status 其中之一")
		}
	}
}

// itemCodes reads a list of item codes.
func (p *parser) itemCodes(v rulebook.Value) []ItemNo {
	var out []ItemNo
	for _, e := range v.List() {
		no := p.ItemNo(e.Text())
		if no == NoItem {
			e.Fail("items 中没有“%s”", e.Text())
			continue
		}
		out = append(out, no)
	}
	return out
}
