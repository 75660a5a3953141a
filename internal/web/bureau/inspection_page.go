package bureau

import (
	"slices"

	"github.com/a-h/templ"

	"juli/internal/campaign"
	"juli/internal/db"
	"juli/internal/web"
)

func inspectionPage(v inspectionView, f, photos *web.Form) templ.Component {
	x, at := v.x, "/bureau/inspections/"+v.x.ID.String()
	p := web.Page{
		Title: v.project[x.Project], Desk: Key, Lead: join(v.title[x.Campaign], v.firm[x.Enterprise]), Tags: []web.Mark{{Text: x.StateTitle()}}, Script: "inspect.js",
		Crumbs: []web.Link{{Text: "现场检查", Href: "/bureau/inspections"}},
	}
	if r := x.ResultTitle(); r != "" {
		p.Tags = append(p.Tags, web.Mark{Text: r, Tone: resultTone(x)})
	}
	if v.allows(campaign.ActSubmit) {
		p.Acts = []web.Link{{Text: "填写检查记录", Href: at + "/visit", Main: true}}
	}
	facts := []web.Fact{
		{Name: "专项检查", Text: v.title[x.Campaign], Href: "/bureau/campaigns/" + x.Campaign.String()},
		{Name: "项目", Text: v.project[x.Project], Href: "/bureau/projects/" + string(x.Project)},
		{Name: "检查人员", Text: join(v.people[x.First], v.people[x.Second]) + "（" + v.body(x.FirstBody) + "、" + v.body(x.SecondBody) + "）"},
	}
	if !x.Case.Closed {
		facts = append(facts, web.Fact{Name: "期限", Text: x.Due.String() + "（" + v.waits + "）"})
	}
	if x.MadeOn != 0 {
		facts = append(facts,
			web.Fact{Name: "检查日", Text: x.MadeOn.String()}, web.Fact{Name: "得分", Body: web.Score(x.Score, false)}, web.Fact{Name: "合格线", Text: v.b.Pass.String() + " 分，且没有须计入信用评价的问题"}, web.Fact{Name: "适用的检查内容", Text: x.Applied.String() + " / 100 分"},
			web.Fact{Name: "位置", Text: orNone(x.Position)}, web.Fact{Name: "说明", Text: orNone(x.Note), Wide: true})
	}
	left := 12
	var side []templ.Component
	if f != nil {
		left = 8
		side = append(side, card(web.Box{Title: "办理", ID: "act", Cols: 4}, ask(f, web.FormBox{Action: at, Submit: "提交"})))
	}
	if words := v.turn(); f == nil && !v.allows(campaign.ActSubmit) && words != "" {
		left = 8
		side = append(side, card(web.Box{Title: "办理", Cols: 4}, quiet(words)))
	}
	var events []web.Event
	for _, s := range slices.Backward(v.steps) {
		by := "系统"
		if s.System == "" {
			by = doer(v.body, s)
		}
		events = append(events, web.Event{When: clock(s.At), Title: s.ActTitle, Who: by, Detail: s.Note})
	}
	parts := []templ.Component{outbox(), v.second, cols(append([]templ.Component{card(web.Box{Title: "检查情况", Cols: left}, web.Facts(facts))}, side...)...)}
	if x.MadeOn != 0 {
		parts = append(parts, card(web.Box{Title: "发现的问题"}, web.TableView(v.findings()), web.Proofs(v.proofs())))
	}
	if photos != nil {
		parts = append(parts, card(web.Box{Title: "补充照片", ID: "photos"}, ask(photos, web.FormBox{Action: at + "/photos", Submit: "上传"})))
	}
	if x.MadeOn != 0 {
		parts = append(parts, card(web.Box{Title: "逐项记录"}, web.Assumed(v.b.Title+"，"+v.b.Banner), web.TableView(v.checked())))
	}
	return page(p, append(parts, card(web.Box{Title: "办理记录"}, web.Timeline(events)))...)
}

// turn says who acts now, to whom it isn't.
func (v inspectionView) turn() string {
	by, then := v.people[v.x.Turn()], v.people[v.x.Second]
	if v.asSecond {
		then = "您"
	}
	switch v.x.State {
	case campaign.Assigned:
		return "由 " + by + " 填写检查记录，" + then + "随后确认。"
	case campaign.Confirming:
		return "检查记录由 " + by + " 确认。"
	case campaign.Mending:
		return "由企业整改并报告。"
	case campaign.Mended:
		return "整改结果由 " + by + " 复查。"
	}
	return ""
}

func orNone(s string) string {
	if s == "" {
		return "没有填写"
	}
	return s
}

func (v inspectionView) findings() web.Table {
	t := web.Table{
		Caption: "发现的问题", Cols: []web.Col{{Name: "检查内容"}, {Name: "部位和情况"}, {Name: "计分"}, {Name: "整改期限"}, {Name: "整改"}, {Name: "照片（张）", Num: true}},
		None: web.Nothing{Text: "没有发现问题。"},
	}
	for _, f := range v.found {
		it, _ := v.b.Item(f.Item)
		points, mended := web.T("不计分"), web.Tagged("未整改", web.Warn)
		if f.Points {
			points = web.T("确认后立案")
		}
		if f.Case != 0 {
			points = caseCell(f.Case)
		}
		if f.MendedOn != 0 {
			mended = web.Tagged(f.MendedOn.String()+" 整改", web.Good)
			if f.MendedOn > f.Due {
				mended = web.Tagged(f.MendedOn.String()+" 逾期整改", web.Warn)
			}
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Text: it.Title, Sub: it.Basis}, web.T(f.Facts), points, web.D(f.Due), mended, web.N(int64(len(f.Photos)), "")}})
	}
	return t
}

// caseCell leads to the case that a finding became.
func caseCell(id db.ID) web.Cell { return web.L("已立案", "/bureau/cases/"+id.String()) }

func (v inspectionView) proofs() []web.Proof {
	var out []web.Proof
	for _, f := range v.found {
		it, _ := v.b.Item(f.Item)
		for _, p := range f.Photos {
			file, when := v.files[p.File], "整改前"
			if p.After {
				when = "整改后"
			}
			out = append(out, web.Proof{
				Name: it.Title + "（" + when + "）", Href: "/bureau/inspections/" + v.x.ID.String() + "/files/" + p.File.String(), Kind: "照片",
				When: clock(db.FromMillis(p.At)), SHA256: file.SHA256,
			})
		}
	}
	return out
}

func (v inspectionView) checked() web.Table {
	t := web.Table{Caption: "逐项记录", Cols: []web.Col{{Name: "检查内容"}, {Name: "部分"}, {Name: "分值（分）", Num: true}, {Name: "结果"}}}
	tone := map[campaign.Verdict]web.Tone{campaign.Good: web.Good, campaign.Bad: web.Bad}
	for _, it := range v.list {
		a := v.answers[it.Code]
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(it.Title), web.T(it.Section), web.P(it.Points, false), web.Tagged(a.Title(), tone[a])}})
	}
	return t
}
