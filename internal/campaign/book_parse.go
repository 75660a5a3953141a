package campaign

import (
	"regexp"
	"slices"

	"juli/internal/authz"
	"juli/internal/money"
	"juli/internal/rulebook"
)

const (
	kindName  = "inspection"
	itemsMax  = 120
	eachMax   = 4
	fullMarks = 100 * money.Point
)

// Kind is the sort of rulebook that says how inspections are made.
func Kind() rulebook.Kind {
	return rulebook.Kind{
		Name: kindName, Title: "物业服务检查", Words: keyWords,
		Check: func(doc *rulebook.Document) error { _, err := FromDocument(doc); return err },
	}
}

var keyWords = map[string]string{
	"draw": "抽取", "inspectors": "检查人员", "each": "每次人数", "avoid": "回避年限", "weight": "基本抽取权重", "terms": "办理期限", "approve": "批准", "start": "开始",
	"inspect": "检查", "confirm": "确认", "recheck": "复查", "conclude": "总结", "pass": "合格线", "winter": "冬季", "from": "起", "to": "止", "deadlines": "整改期限", "term": "期限",
	"sections": "检查表", "season": "季节", "items": "检查项目", "points": "分值", "deadline": "默认整改期限", "group": "违规类别", "violation": "违规行为代码", "basis": "依据",
}

var (
	codeRE = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	dayRE  = regexp.MustCompile(`^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`)
)

// Parse reads a rulebook of inspections; all that is wrong is told with its line.
func Parse(text []byte) (*Book, error) {
	doc, err := rulebook.Read(text)
	if err != nil {
		return nil, err
	}
	return FromDocument(doc)
}

// FromDocument reads the rest of a document whose envelope has been read.
func FromDocument(doc *rulebook.Document) (*Book, error) {
	b, o := &Book{Document: doc}, doc.Root()
	if doc.Kind != kindName {
		o.Get("kind").Fail("这不是物业服务检查规则")
	}
	b.Banner = o.Get("banner").Text()
	b.readDraw(o.Need("draw").Object())
	t := o.Need("terms").Object()
	b.Terms = Terms{
		Approve: t.Need("approve").Term(), Draw: t.Need("draw").Term(), Start: t.Need("start").Term(), Inspect: t.Need("inspect").Term(),
		Confirm: t.Need("confirm").Term(), Recheck: t.Need("recheck").Term(), Conclude: t.Need("conclude").Term(),
	}
	if b.Pass = o.Need("pass").Points(); b.Pass < 0 || b.Pass > fullMarks {
		o.Get("pass").Fail("合格线应在 0 到 100 之间")
	}
	w := o.Need("winter").Object()
	b.Winter = Season{w.Need("from").Text(), w.Need("to").Text()}
	if !dayRE.MatchString(b.Winter.From) || !dayRE.MatchString(b.Winter.To) {
		w.Fail("季节的起止应写成 10-15 这样的月日")
	}
	b.readDeadlines(o.Need("deadlines"))
	b.readSections(o.Need("sections"))
	if err := doc.Finish(); err != nil {
		return nil, err
	}
	for i := range b.Sections {
		for j := range b.Sections[i].Items {
			it := &b.Sections[i].Items[j]
			it.Section, it.Mark = b.Sections[i].Title, doc.MarkOf("sections["+b.Sections[i].Code+"].items["+it.Code+"]").Mark
		}
	}
	return b, nil
}

func (b *Book) readDraw(o *rulebook.Object) {
	may := []string{string(authz.CityBureau), string(authz.DistrictBureau), string(authz.Subdistrict)}
	for _, v := range o.Need("inspectors").List() {
		b.Inspectors = append(b.Inspectors, authz.Role(may[v.Choice(may...)]))
	}
	b.Each = o.Need("each").Int(2, eachMax)
	b.Avoid = o.Need("avoid").Term()
	if b.Weight = o.Need("weight").Points(); b.Weight <= 0 || b.Weight > fullMarks {
		o.Get("weight").Fail("抽取权重应大于 0，不超过 100")
	}
}

func (b *Book) readDeadlines(list rulebook.Value) {
	for _, v := range list.List() {
		o := v.Object()
		d := Deadline{o.Need("code").Text(), o.Need("title").Text(), o.Need("term").Term()}
		if _, twice := b.Deadline(d.Code); twice || !codeRE.MatchString(d.Code) {
			v.Fail("整改期限代码“%s”重复或写法不对", d.Code)
		}
		b.Deadlines = append(b.Deadlines, d)
	}
	if len(b.Deadlines) == 0 || len(b.Deadlines) > 20 {
		list.Fail("整改期限应有 1 到 20 种")
	}
}

// readSections reads the checklist: the items of a section make up its points,
// and those of either season a hundred.
func (b *Book) readSections(list rulebook.Value) {
	all, n := map[string]money.Points{}, 0
	for _, v := range list.List() {
		o := v.Object()
		s := Section{Code: o.Need("code").Text(), Title: o.Need("title").Text(), Season: o.Get("season").Word("", "winter", "summer"), Points: o.Need("points").Points()}
		var sum money.Points
		for _, e := range o.Need("items").List() {
			it := b.readItem(e, s)
			sum += it.Points
			n++
			s.Items = append(s.Items, it)
		}
		if sum != s.Points {
			o.Get("points").Fail("“%s”的项目合计 %s 分，不是 %s 分", s.Title, sum, s.Points)
		}
		b.Sections = append(b.Sections, s)
		for _, season := range []string{"winter", "summer"} {
			if s.Season == "" || s.Season == season {
				all[season] += s.Points
			}
		}
	}
	for season, word := range map[string]string{"winter": "冬季", "summer": "夏季"} {
		if all[season] != fullMarks {
			list.Fail("%s检查表合计 %s 分，不是 100 分", word, all[season])
		}
	}
	if n > itemsMax {
		list.Fail("检查项目最多 %d 项", itemsMax)
	}
}

func (b *Book) readItem(e rulebook.Value, s Section) Item {
	o := e.Object()
	it := Item{
		Code: o.Need("code").Text(), Title: o.Need("title").Text(), Points: o.Need("points").Points(), Deadline: o.Need("deadline").Text(),
		Group: o.Need("group").Text(), Violation: o.Get("violation").Text(), Basis: o.Get("basis").Text(),
	}
	_, twice := b.Item(it.Code)
	if twice || !codeRE.MatchString(it.Code) || slices.ContainsFunc(s.Items, func(x Item) bool { return x.Code == it.Code }) {
		e.Fail("检查项目代码“%s”重复或写法不对", it.Code)
	}
	if it.Points <= 0 {
		e.Fail("检查项目的分值应大于 0")
	}
	if _, known := b.Deadline(it.Deadline); !known {
		e.Fail("没有“%s”这种整改期限", it.Deadline)
	}
	return it
}
