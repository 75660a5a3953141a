package public

import (
	"context"
	"net/http"
	"slices"

	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/money"
	"juli/internal/registry"
	"juli/internal/rulebook"
	"juli/internal/web"
)

func (d *Desk) rulebooks(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var own, others web.Table
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := rulebook.List(ctx, tx, rulebook.Filter{}, 0, 200)
		if err != nil {
			return err
		}
		cols := []web.Col{{Name: "规则"}, {Name: "版本"}, {Name: "状态"}, {Name: "施行日期"}, {Name: "截止日期"}}
		own, others = web.Table{Caption: "本市规则", Cols: cols, None: web.Nothing{Text: "还没有规则。"}}, web.Table{Caption: "其他城市规则", Cols: cols, None: web.Nothing{Text: "没有。"}}
		for _, v := range list {
			row := web.Row{Cells: []web.Cell{web.L(v.Title, "/rulebooks/"+v.Digest), web.T(v.Version), web.Tagged(v.State.String(), stateTone(v)), web.D(v.From), web.T(endOf(v))}}
			if v.City != d.City {
				row.Cells[2] = web.Tagged("示例", web.Plain)
			}
			if v.City == d.City {
				own.Rows = append(own.Rows, row)
			} else {
				others.Rows = append(others.Rows, row)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, rulebooksPage(own, others))
}

func stateTone(v rulebook.Version) web.Tone {
	switch v.State {
	case rulebook.Adopted:
		return web.Good
	case rulebook.Comment:
		return web.Warn
	}
	return web.Plain
}

func endOf(v rulebook.Version) string {
	if v.To == 0 {
		return "长期"
	}
	return v.To.String()
}

// ruleView is one rulebook as people read it.
type ruleView struct {
	Page    web.Page
	Version rulebook.Version
	Facts   []web.Fact
	Banner  string
	Basis   web.Table
	Grades  web.Table
	Items   web.Table
	Steps   web.Table
	Caps    web.Table
	Limits  web.Table
	Compose []web.Fact
	Comment commentOf
	Plain   bool // of a kind without tables of its own: marks and the text itself
	Marks   web.Table
	Text    string
}

func (d *Desk) rulebook(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v ruleView
	err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		v, err = d.ruleViewOf(ctx, tx, r.PathValue("digest"))
		v.Comment = commenting(web.Actor(r), tx, v.Version, nil)
		return err
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, rulebookPage(v))
}

func (d *Desk) ruleViewOf(ctx context.Context, tx *db.Tx, digest string) (v ruleView, err error) {
	if v.Version, err = rulebook.ByDigest(ctx, tx, digest); err != nil {
		return v, err
	}
	if v.Version.Kind != "credit" {
		return v, d.plainRule(ctx, tx, &v)
	}
	book, err := d.Books.ByDigest(ctx, tx, digest)
	if err != nil {
		return v, err
	}
	names, err := registry.DivisionNames(ctx, tx, slices.Values([]code.Division{v.Version.City}))
	if err != nil {
		return v, err
	}
	v.Banner = book.Banner
	v.Page = web.Page{
		Title: v.Version.Title, Lead: "版本 " + v.Version.Version + " · " + v.Version.From.String() + " 起施行", Tags: []web.Mark{{Text: v.Version.State.String(), Tone: stateTone(v.Version)}},
		Crumbs: []web.Link{{Text: "评价规则", Href: "/rulebooks"}},
	}
	city := names[v.Version.City]
	if city == "" {
		city = string(v.Version.City)
	}
	v.Facts = []web.Fact{
		{Name: "适用地区", Text: city}, {Name: "截止日期", Text: endOf(v.Version)}, {Name: "整体可信程度", Text: book.Mark.String()}, {Name: "文件摘要（SHA-256）", Text: digest, Wide: true},
	}
	if v.Version.CommentFrom != 0 {
		v.Facts = append(v.Facts, web.Fact{Name: "征求意见", Text: v.Version.CommentFrom.String() + " 至 " + v.Version.CommentTo.String()})
	}
	v.Basis = web.Table{Caption: "依据", Cols: []web.Col{{Name: "文件"}, {Name: "文号"}, {Name: "制定机关"}, {Name: "条款"}}, None: web.Nothing{Text: "没有写明依据。"}}
	for _, b := range book.Basis {
		v.Basis.Rows = append(v.Basis.Rows, web.Row{Cells: []web.Cell{web.T(b.Title), web.T(b.Number), web.T(b.Issuer), web.T(b.Article)}})
	}
	v.Caps, v.Limits, v.Compose = capTable(book), limitTable(book), composeFacts(book)
	v.Grades, v.Items, v.Steps = gradeTable(book), itemTable(book), stepTable(book)
	return v, nil
}

func gradeTable(b *credit.Book) web.Table {
	t := web.Table{Caption: "等级", Cols: []web.Col{{Name: "等级"}, {Name: "名称"}, {Name: "得分（分）"}}, None: web.Nothing{Text: "这份规则没有分数等级。"}}
	rule := b.Subjects[credit.Enterprise]
	if rule == nil {
		return t
	}
	for _, g := range rule.Grades {
		code := g.Code
		if code == "" {
			code = "—"
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.Grades(code), web.T(g.Title), web.T(boundWords(g))}})
	}
	return t
}

// boundWords writes a band as a regulation would: 以上 includes the number.
func boundWords(g credit.Band) string {
	s := ""
	if g.Bounds.HasMin {
		s = web.ScoreText(g.Bounds.Min, false) + map[bool]string{false: " 分以上（含）", true: " 分以上（不含）"}[g.MinOpen]
	}
	if g.Bounds.HasMax {
		if s != "" {
			s += "，"
		}
		s += web.ScoreText(g.Bounds.Max, false) + map[bool]string{false: " 分以下（含）", true: " 分以下（不含）"}[g.MaxOpen]
	}
	if g.When != nil {
		s += "，另有条件"
	}
	return s
}

func itemTable(b *credit.Book) web.Table {
	t := web.Table{Caption: "评分项目", Cols: []web.Col{{Name: "代码"}, {Name: "项目"}, {Name: "类别"}, {Name: "对象"}, {Name: "分值（分）", Num: true}, {Name: "办理机关"}, {Name: "可信程度"}}}
	for i := range b.Items {
		it := &b.Items[i]
		class := ""
		if int(it.Class) < len(b.Classes) && it.Class >= 0 {
			class = b.Classes[it.Class].Title
		}
		mark := it.Mark
		if mark == rulebook.Unmarked {
			mark = b.Mark
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Text: it.Code, Nowrap: true}, web.T(it.Title), web.T(class), web.T(subjectWords(it)), pointsCell(it), web.T(ownSteps(b, credit.ItemNo(i))), web.T(mark.String())}})
	}
	return t
}

func subjectWords(it *credit.Item) string {
	s := ""
	for k := credit.Enterprise; k <= credit.Staff; k++ {
		if it.For(k) {
			if s != "" {
				s += "、"
			}
			s += k.String()
		}
	}
	return s
}

func pointsCell(it *credit.Item) web.Cell {
	low, high := it.Points, it.Points
	add := func(p money.Points) { low, high = min(low, p), max(high, p) }
	if len(it.Levels) > 0 {
		low, high = it.Levels[0].Points, it.Levels[0].Points
	}
	for _, l := range it.Levels {
		add(l.Points)
	}
	for _, x := range it.Bands {
		add(x.Points)
	}
	if it.Min != 0 || it.Max != 0 {
		low, high = it.Min, it.Max
	}
	switch {
	case it.Veto != nil:
		return web.T("一票否决：" + it.Veto.Grade)
	case it.Effect() == "翻倍":
		return web.T("原扣分加倍")
	case it.Effect() != "":
		return web.T(it.Effect())
	case low == high:
		return web.P(low, true)
	}
	return web.T(web.ScoreText(low, true) + " 至 " + web.ScoreText(high, true))
}

func stepTable(b *credit.Book) web.Table {
	t := web.Table{Caption: "办理程序", Cols: []web.Col{{Name: "程序"}, {Name: "步骤"}, {Name: "由谁"}, {Name: "期限"}}, None: web.Nothing{Text: "这份规则没有写明程序。"}}
	titles := map[string]string{}
	for _, s := range credit.ProcedureSteps {
		titles[s.Code] = s.Title
	}
	roles := map[string]string{}
	for _, x := range b.Roles {
		roles[x.Code] = x.Title
	}
	for _, p := range b.Procedures {
		for _, s := range p.Steps {
			who := ""
			for _, x := range s.Roles {
				if who != "" {
					who += "、"
				}
				who += roles[x]
			}
			if who == "" && s.Step == credit.StepCheck {
				who = "评分项目写明审核机关的才审核"
			}
			term := "即时"
			if s.Term.N > 0 {
				term = s.Term.Chinese()
			}
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(p.Title), web.T(titles[s.Step]), web.T(who), web.T(term)}})
		}
	}
	return t
}
