package credit

import (
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
	"juli/internal/rulebook"
)

func (p *parser) readExamples(v rulebook.Value) {
	for _, e := range v.List() {
		o := e.Object()
		ex := Example{ID: o.Need("id").Text(), Title: o.Need("title").Text(), Line: e.Line(), Constructed: o.Get("constructed").Bool()}
		r := exampleReader{p: p, names: map[string]Subject{}}
		ex.Input.AsOf = o.Need("as_of").Date()
		ex.Input.Known = o.Get("known").Date()
		r.reporting(o.Get("reporting"), &ex.Input)
		r.enterprise(o.Get("enterprise"), o.Get("listed"))
		r.projects(o.Get("projects"))
		r.persons(o.Get("persons"))
		r.records(o.Get("records"), ex.Input.AsOf)
		r.past(o.Get("past"))
		ex.Input.Bundles = []Bundle{r.b}
		ex.Expect = p.expect(o.Need("expect").Object(), r.names)
		p.Examples = append(p.Examples, ex)
	}
}

// An exampleReader builds one bundle from the short form of an example.
type exampleReader struct {
	p     *parser
	b     Bundle
	names map[string]Subject
	next  db.ID
}

func (r *exampleReader) id() db.ID { r.next++; return r.next }

func (r *exampleReader) reporting(v rulebook.Value, in *Input) {
	o := v.Object()
	for _, key := range o.Keys() {
		if in.Reporting == nil {
			in.Reporting = map[code.Division]bool{}
		}
		in.Reporting[code.Division(key)] = o.Get(key).Bool()
	}
}

func (r *exampleReader) enterprise(v, listed rulebook.Value) {
	o := v.Object()
	u := &r.b.Unit
	*u = Unit{ID: r.id(), Form: Form(o.Get("form").Choice(formKeys[:]...)), Registered: true, Working: true, Since: day.Of(2000, 1, 1), Facts: r.facts(o.Get("facts"))}
	if o.Has("registered") {
		u.Registered = o.Get("registered").Bool()
	}
	if o.Has("working") {
		u.Working = o.Get("working").Bool()
	}
	if o.Has("since") {
		u.Since = o.Get("since").Date()
	}
	r.names["enterprise"] = Subject{Enterprise, u.ID}
	for _, l := range listed.List() {
		lo := l.Object()
		r.b.Listed = append(r.b.Listed, Listing{Subject: r.names["enterprise"], List: lo.Need("list").Text(), Since: lo.Need("since").Date(), Repair: lo.Get("repair").Date()})
	}
}

// facts reads values in the units of their declarations.
func (r *exampleReader) facts(v rulebook.Value) Facts {
	if !v.Present() {
		return nil
	}
	o, f := v.Object(), Facts{}
	for _, name := range o.Keys() {
		decl := r.p.Fact(name)
		if decl == nil {
			o.Get(name).Fail("facts 中没有声明“%s”", name)
			continue
		}
		switch decl.Type {
		case BoolFact:
			f[name] = 0
			if o.Get(name).Bool() {
				f[name] = 1
			}
		case DateFact:
			f[name] = int64(o.Get(name).Date())
		case PointsFact:
			f[name] = int64(o.Get(name).Points())
		default:
			f[name] = int64(o.Get(name).Int(-1<<40, 1<<40))
		}
	}
	return f
}

func (r *exampleReader) projects(v rulebook.Value) {
	for _, e := range v.List() {
		o := e.Object()
		pf := ProjectFact{
			ID: r.id(), Kind: o.Get("kind").Word("residential", "residential", "office", "commercial", "industrial", "public", "mixed"),
			District: code.Division(o.Get("district").Text()), Facts: r.facts(o.Get("facts")),
		}
		if o.Has("area") {
			area, err := money.ParseArea(o.Get("area").Text())
			if err != nil {
				o.Get("area").Fail("面积格式不对")
			}
			pf.Area = area
		}
		pf.Held = []Span{{From: day.Of(2000, 1, 1)}}
		if h := o.Get("held"); h.Present() {
			pf.Held = nil
			for _, s := range h.List() {
				so := s.Object()
				pf.Held = append(pf.Held, Span{so.Need("from").Date(), so.Get("to").Date()})
			}
		}
		r.names[o.Need("id").Text()] = Subject{Project, pf.ID}
		r.b.Projects = append(r.b.Projects, pf)
	}
}

func (r *exampleReader) persons(v rulebook.Value) {
	for _, e := range v.List() {
		o := e.Object()
		ps := Person{ID: r.id(), Kind: Manager, Facts: r.facts(o.Get("facts"))}
		if o.Get("kind").Word("manager", "manager", "staff") == "staff" {
			ps.Kind = Staff
		}
		for _, t := range o.Get("terms").List() {
			to := t.Object()
			ps.Terms = append(ps.Terms, Term{Project: r.subject(to.Need("project")).ID, Span: Span{to.Need("from").Date(), to.Get("to").Date()}})
		}
		r.names[o.Need("id").Text()] = Subject{ps.Kind, ps.ID}
		r.b.Persons = append(r.b.Persons, ps)
	}
}

func (r *exampleReader) subject(v rulebook.Value) Subject {
	s, known := r.names[v.Text()]
	if v.Present() && !known {
		v.Fail("例中没有对象“%s”", v.Text())
	}
	return s
}

func (r *exampleReader) records(v rulebook.Value, asOf day.Date) {
	ids := map[string]db.ID{}
	for _, e := range v.List() {
		o := e.Object()
		rec := Record{ID: r.id(), Subject: r.names["enterprise"], Key: o.Get("key").Text(), Points: o.Get("points").Points(), Value: o.Get("value").Points()}
		rec.Item = r.p.ItemNo(o.Need("item").Text())
		if rec.Item == NoItem {
			o.Get("item").Fail("items 中没有“%s”", o.Get("item").Text())
			continue
		}
		it := r.p.Item(rec.Item)
		if o.Has("subject") {
			rec.Subject = r.subject(o.Get("subject"))
		}
		if o.Has("person") {
			rec.Person = r.subject(o.Get("person")).ID
		}
		if o.Has("level") {
			if rec.Level = it.LevelNo(o.Get("level").Text()); rec.Level == 0 {
				o.Get("level").Fail("项目“%s”没有级别“%s”", it.Code, o.Get("level").Text())
			}
		}
		if o.Has("evidence") {
			rec.Evidence = r.p.EvidenceNo(o.Get("evidence").Text())
		}
		r.dates(o, &rec, asOf)
		rec.Reasoned, rec.Contested = !o.Has("reasoned") || o.Get("reasoned").Bool(), o.Get("contested").Bool()
		ids[o.Get("id").Text()] = rec.ID
		rec.Order = ids[o.Get("order").Text()]
		r.b.Records = append(r.b.Records, rec)
	}
}

// dates reads a record's days; `on` is short for event, decision, identification
// and effect on one day, and the as-of day stands in for that.
func (r *exampleReader) dates(o *rulebook.Object, rec *Record, asOf day.Date) {
	on := asOf
	if o.Has("on") {
		on = o.Get("on").Date()
	}
	rec.Event, rec.Decision, rec.Identified, rec.Effective = on, on, on, on
	for key, d := range map[string]*day.Date{
		"event": &rec.Event, "decision": &rec.Decision, "identified": &rec.Identified, "effective": &rec.Effective, "expires": &rec.Expires,
		"due": &rec.Due, "rectified": &rec.Rectified, "repaired": &rec.Repaired, "annulled": &rec.Annulled,
	} {
		if o.Has(key) {
			*d = o.Get(key).Date()
		}
	}
}

func (r *exampleReader) past(v rulebook.Value) {
	for _, e := range v.List() {
		o := e.Object()
		r.b.Past = append(r.b.Past, Past{Subject: r.names["enterprise"], Grade: o.Need("grade").Text(), Period: Period{Name: o.Get("period").Text()}})
	}
}

func (p *parser) expect(o *rulebook.Object, names map[string]Subject) Expect {
	x := Expect{
		Score: o.Get("score").Text(), ByScore: o.Get("by_score").Text(), Grade: o.Get("grade").Text(), Status: o.Get("status").Text(),
		NoScore: o.Get("no_score").Bool(), Lists: o.Get("lists").Texts(), Sums: map[string]string{},
	}
	if who := o.Get("subject"); who.Present() {
		s, known := names[who.Text()]
		if !known {
			who.Fail("例中没有对象“%s”", who.Text())
		}
		x.Subject = s
	}
	if o.Has("blacklisted") {
		x.Blacklisted = new(o.Get("blacklisted").Bool())
	}
	if o.Has("provisional") {
		x.Provisional = new(o.Get("provisional").Bool())
	}
	sums := o.Get("sums").Object()
	for _, class := range sums.Keys() {
		if p.class(class) < 0 {
			sums.Get(class).Fail("classes 中没有“%s”", class)
		}
		x.Sums[class] = sums.Get(class).Points().String()
	}
	if x.Score != "" {
		x.Score = o.Get("score").Points().String()
	}
	if x.Score == "" && x.Grade == "" && x.Status == "" && len(x.Lists) == 0 && x.Blacklisted == nil {
		o.Fail("例子没有写明应得的结果")
	}
	return x
}
