package reports

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/web"
)

// A view is a report as its office sees it.
type view struct {
	r       *resident.Report
	book    *resident.Book
	project registry.Project
	steps   []casework.Step
	photos  []resident.Photo
	said    []resident.Voice
	more    []resident.Saying
	brought resident.Brought
	words   string
	answer  bool
	back    bool // it may be given back as another's
}

// view reads a report of this desk; others aren't there.
func (d *Desk) view(ctx context.Context, who authz.Actor, id db.ID) (v view, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if v.r, err = d.found(ctx, tx, who, id); err != nil {
			return err
		}
		if v.book, err = d.Reports.Books.ByDigest(ctx, tx, v.r.Book); err != nil {
			return err
		}
		if v.project, err = d.Registry.Project(ctx, tx, v.r.Project); err != nil {
			return err
		}
		if v.photos, err = resident.PhotosOf(ctx, tx, id); err != nil {
			return err
		}
		if v.said, err = resident.Opinions(ctx, tx, id); err != nil {
			return err
		}
		if v.more, err = d.Reports.SayingsIn(ctx, tx, who, id); err != nil {
			return err
		}
		if v.brought, err = d.Reports.BroughtOf(ctx, tx, id); err != nil {
			return err
		}
		if v.steps, err = casework.History(ctx, tx, v.r.Case); err != nil {
			return err
		}
		v.answer = v.r.MayAnswer(who)
		v.back = slices.ContainsFunc(casework.AllowedBy(who, v.r.Case, v.steps), func(a casework.Act) bool { return a.Name == resident.ActReturn })
		v.words, _ = casework.Waits(v.r.Case.Due, tx.Today(), v.r.Case.Assumed)
		return nil
	})
	return v, err
}

func (d *Desk) found(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (*resident.Report, error) {
	r, err := d.Reports.Find(ctx, tx, who, id)
	if err == nil && d.Office != "" && r.Office != d.Office {
		err = fault.New(fault.NotFound, "page.none", "没有这件诉求，或它不由本单位办理。")
	}
	return r, err
}

// Report shows one report.
func (d *Desk) Report(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.view(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, d.reportPage(v, answerForm(v)))
}

func (d *Desk) reportPage(v view, f *web.Form) templ.Component {
	x := v.r
	p := d.page(v.book.TopicTitle(x.Topic) + " " + x.Number)
	p.Lead, p.Crumbs, p.Tags = v.project.Name, []web.Link{{Text: "居民诉求", Href: d.path()}}, []web.Mark{{Text: x.StateTitle(), Tone: tone(x.State)}}
	main := []templ.Component{web.Facts(facts(v)), web.Para(x.Body)}
	var proofs []web.Proof
	for _, y := range v.photos {
		if y.State == "ready" {
			name := map[string]string{"report": "反映照片", "answer": "处理后照片"}[y.Side]
			proofs = append(proofs, web.Proof{Name: name, Kind: "照片", Href: d.at(x.ID) + "/photos/" + y.ID.String()})
		}
	}
	if len(proofs) > 0 {
		main = append(main, web.Proofs(proofs))
	}
	if x.Answer != "" {
		main = append(main, web.Notice(web.Info, "答复", x.Answer))
	}
	parts := []templ.Component{web.Section(web.Box{Title: "诉求"}, main...), web.Sayings(v.more), web.BroughtMedia(v.brought), web.Opinions(v.said)}
	if v.answer {
		parts = append(parts, web.Section(web.Box{Title: "办理", ID: "act"}, web.FormView(f, web.FormBox{Submit: "提交"}), web.Quiet("答复经审核后发给居民，由居民评价是否解决。")))
	}
	var events []web.Event
	for _, s := range slices.Backward(v.steps) {
		events = append(events, web.Event{When: s.At.In(day.Shanghai).Format("2006-01-02 15:04"), Title: s.ActTitle, Detail: s.Note})
	}
	return web.Whole(p, append(parts, web.Section(web.Box{Title: "办理记录"}, web.Timeline(events)))...)
}

func facts(v view) []web.Fact {
	x := v.r
	where := "不限楼栋"
	if x.Building > 0 {
		where = web.Count(x.Building) + " 栋"
	}
	if x.Spot != "" {
		where += "，" + x.Spot
	}
	solved := x.OutcomeTitle()
	if solved == "" {
		solved = "尚未确认"
	}
	class, _ := v.book.Class(x.Class)
	facts := []web.Fact{
		{Name: "小区", Text: v.project.Name, Href: "/projects/" + string(x.Project)},
		{Name: "位置", Text: where},
		{Name: "类型", Text: class.Title},
		web.Source(x, v.brought),
		{Name: "受理日期", Text: x.ReceivedOn.String()},
		{Name: "反映人数", Text: web.Count(x.Voices) + " 人"},
		{Name: "重办次数", Text: web.Count(x.Reopened) + " 次"},
		{Name: "是否解决", Text: solved},
	}
	if x.Case.Due != 0 && !x.Ended() {
		facts = append(facts, web.Fact{Name: "当前期限", Text: x.Case.Due.String() + "，" + v.words})
	}
	return facts
}
