package bureau

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/web"
)

// A reportView is a report as officials see it.
type reportView struct {
	r        *resident.Report
	book     *resident.Book
	project  registry.Project
	firm     string
	steps    []casework.Step
	may      []casework.Act
	second   templ.Component // what only another person may do
	alike    []resident.Report
	offices  []authz.Role
	part     []resident.Report
	main     string
	photos   []resident.Photo
	said     []resident.Voice
	more     []resident.Saying
	brought  resident.Brought
	body     func(string) string
	words    string
	answer   bool
	release  bool
	callback bool
	masked   []resident.Contact
	phones   []resident.Contact // in full, once
}

func (d *Desk) reportView(ctx context.Context, who authz.Actor, id db.ID) (v reportView, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error { v, err = d.reportViewIn(ctx, tx, who, id); return err })
	return v, err
}

func (d *Desk) reportViewIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (v reportView, err error) {
	if v.r, err = d.Reports.Find(ctx, tx, who, id); err != nil {
		return v, err
	}
	if v.book, err = d.Reports.Books.ByDigest(ctx, tx, v.r.Book); err != nil {
		return v, err
	}
	if v.project, err = d.Registry.Project(ctx, tx, v.r.Project); err != nil {
		return v, err
	}
	if v.steps, err = casework.History(ctx, tx, v.r.Case); err != nil {
		return v, err
	}
	v.may = casework.AllowedBy(who, v.r.Case, v.steps)
	v.second = otherPerson(who, v.r.Case, v.steps)
	v.answer, v.release = v.r.MayAnswer(who), authz.May(who, authz.ReportRelease, v.r.Place())
	v.callback = !resident.HadAHand(who, v.r, v.steps)
	v.words, _ = casework.Waits(v.r.Case.Due, tx.Today(), v.r.Case.Assumed)
	if v.offices, err = v.r.Offices(ctx, tx); err != nil {
		return v, err
	}
	if v.masked, err = d.Reports.MaskedIn(ctx, tx, who, id); err != nil {
		return v, err
	}
	if v.alike, err = d.Reports.Alike(ctx, tx, v.r); err != nil {
		return v, err
	}
	everywhere := authz.Scopes(authz.System("bureau"), authz.ReportRead)
	if v.part, err = resident.List(ctx, tx, resident.Query{Scopes: everywhere, MergedInto: id, Limit: 100}); err != nil {
		return v, err
	}
	if v.r.MergedInto != 0 {
		main, err := d.Reports.Find(ctx, tx, who, v.r.MergedInto)
		if err != nil {
			return v, err
		}
		v.main = main.Number
	}
	if v.photos, err = resident.PhotosOf(ctx, tx, id); err != nil {
		return v, err
	}
	if v.said, err = resident.Opinions(ctx, tx, id); err != nil {
		return v, err
	}
	if v.more, err = d.Reports.SayingsIn(ctx, tx, who, id); err != nil {
		return v, err
	}
	if v.brought, err = d.Reports.BroughtOf(ctx, tx, id); err != nil {
		return v, err
	}
	e, err := d.Registry.Enterprise(ctx, tx, v.r.Enterprise)
	if err == nil {
		v.firm = e.Name
	}
	keys := []string{v.r.Case.Holder.Key()}
	if err := nameSteps(ctx, tx, v.steps); err != nil {
		return v, err
	}
	for _, s := range v.steps {
		keys = append(keys, s.Body, s.Holder.Key())
	}
	v.body, err = bodyNames(ctx, tx, keys...)
	return v, err
}

func (d *Desk) report(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.reportView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, reportPage(v, formsOf(v)))
}

// reportForms are the forms of a report's page; nil where the actor may not.
type reportForms struct{ act, callback, phones *web.Form }

func formsOf(v reportView) (f reportForms) {
	f.act = reportForm(v)
	if v.r.Channel == resident.Hotline && v.r.Rateable() && v.callback {
		f.callback = web.NewForm(callbackFields...).Apart("callback")
	}
	if v.release { // the same officials
		f.phones = web.NewForm(phoneReason...).Apart("phones")
	}
	return f
}

// reportPage is one report: what was said, where it stands, what may be done.
func reportPage(v reportView, f reportForms) templ.Component {
	x := v.r
	p := web.Page{
		Title: v.book.TopicTitle(x.Topic) + " " + x.Number, Desk: Key, Lead: join(v.project.Name, v.firm, waitWords(v)), Crumbs: []web.Link{{Text: "居民诉求", Href: "/bureau/reports"}},
		Tags: []web.Mark{{Text: x.StateTitle(), Tone: reportTone(x.State)}}, Acts: []web.Link{{Text: "公开页面", Href: "/reports/" + x.Number}},
	}
	left := []templ.Component{web.Facts(reportFacts(v)), web.Para(x.Body)}
	if list := photoProofs(v); len(list) > 0 {
		left = append(left, web.Proofs(list))
	}
	if x.Answer != "" {
		left = append(left, web.Notice(web.Info, "答复", x.Answer))
	}
	width := 12
	var side []templ.Component
	if f.act != nil {
		width = 8
		side = append(side, card(web.Box{Title: "办理", ID: "act", Cols: 4}, ask(f.act, web.FormBox{Action: "/bureau/reports/" + x.ID.String(), Submit: "提交"})))
	}
	parts := []templ.Component{v.second, cols(append([]templ.Component{card(web.Box{Title: "诉求", Cols: width}, left...)}, side...)...)}
	parts = append(parts, web.Sayings(v.more), web.BroughtMedia(v.brought), web.Opinions(v.said))
	if len(v.part) > 0 {
		parts = append(parts, card(web.Box{Title: "并入这一件的"}, smallReports(v.book, "并入的诉求", v.part)))
	}
	parts = append(parts, releaseCard(v), callbackCard(v, f.callback), phonesCard(v, f.phones))
	var events []web.Event
	for i := len(v.steps) - 1; i >= 0; i-- {
		s := v.steps[i]
		events = append(events, web.Event{When: clock(s.At), Title: s.ActTitle, Who: stepWho(v, s), Detail: s.Note})
	}
	return page(p, append(parts, card(web.Box{Title: "办理记录"}, web.Timeline(events)))...)
}

// stepWho names who took a step: a body, the rules themselves, or a resident.
func stepWho(v reportView, s casework.Step) string {
	switch {
	case s.Body != "":
		return doer(v.body, s)
	case resident.SaidByResidents(s):
		return "居民"
	case s.System != "":
		return "系统按规则"
	}
	return "居民"
}

func waitWords(v reportView) string {
	switch {
	case v.r.Case.Due == 0:
		return ""
	case v.r.Ended():
		return "居民在 " + v.r.Case.Due.String() + " 前可要求重新办理"
	}
	return "期限 " + v.r.Case.Due.String() + "（" + v.words + "）"
}

func reportFacts(v reportView) []web.Fact {
	x := v.r
	class, _ := v.book.Class(x.Class)
	facts := []web.Fact{
		{Name: "小区", Text: v.project.Name, Href: "/bureau/projects/" + string(x.Project)},
		{Name: "位置", Text: join(buildingWords(x.Building), x.Spot)},
		{Name: "类型", Text: class.Title},
		web.Source(x, v.brought),
		{Name: "受理日期", Text: x.ReceivedOn.String()},
		{Name: "承办", Text: x.Office.Title()},
		{Name: "由谁办理", Text: v.body(x.Case.Holder.Key())},
		{Name: "反映人数", Text: web.Count(x.Voices) + " 人"},
		{Name: "重办次数", Text: web.Count(x.Reopened) + " 次"},
		{Name: "是否解决", Text: orElse(x.OutcomeTitle(), "尚未确认")},
	}
	if x.Review != "" {
		facts = append(facts, web.Fact{Name: "答复审核", Text: x.Review.Title()})
	}
	if x.Due != 0 {
		facts = append(facts, web.Fact{Name: "答复期限", Text: x.Due.String()})
	}
	if x.Supervised != 0 {
		facts = append(facts, web.Fact{Name: "整改案件", Text: "查看案件", Href: "/bureau/cases/" + x.Supervised.String()})
	}
	if v.main != "" {
		facts = append(facts, web.Fact{Name: "已并入", Text: v.main, Href: "/bureau/reports/" + x.MergedInto.String()})
	}
	return facts
}

func buildingWords(n int64) string {
	if n == 0 {
		return "不限楼栋"
	}
	return web.Count(n) + " 栋"
}

func orElse(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

var photoNames = map[string]string{"report": "反映照片", "answer": "处理后照片"}

func photoPath(r *resident.Report, p resident.Photo) string {
	return "/bureau/reports/" + r.ID.String() + "/photos/" + p.ID.String()
}

func photoProofs(v reportView) []web.Proof {
	var list []web.Proof
	for _, p := range v.photos {
		name := photoNames[p.Side]
		switch p.State {
		case "ready":
			list = append(list, web.Proof{Name: name, Kind: "照片", Href: photoPath(v.r, p)})
		case "raw":
			list = append(list, web.Proof{Name: name + "（处理中）", Kind: "照片", NotVerified: true})
		}
	}
	return list
}

func smallReports(b *resident.Book, caption string, list []resident.Report) templ.Component {
	t := web.Table{Caption: caption, Cols: []web.Col{{Name: "编号"}, {Name: "类别"}, {Name: "受理日期"}, {Name: "反映人数（人）", Num: true}, {Name: "状态"}}}
	for _, x := range list {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			{Text: x.Number, Href: "/bureau/reports/" + x.ID.String(), Nowrap: true}, web.T(b.TopicTitle(x.Topic)), web.D(x.ReceivedOn), web.N(x.Voices, ""), web.Tagged(x.StateTitle(), reportTone(x.State)),
		}})
	}
	return web.TableView(t)
}
