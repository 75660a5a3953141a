package committee

import (
	"context"
	"net/http"
	"slices"
	"strconv"

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

const photosMax = 6

// A view is a report as the committee sees it.
type view struct {
	r       *resident.Report
	book    *resident.Book
	project registry.Project
	steps   []casework.Step
	photos  []resident.Photo
	said    []resident.Voice
	words   string
	answer  bool
	back    bool // it may be given back as another's
}

// view reads a report that was sent to the committee; others aren't there.
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
	if err == nil && r.Office != authz.Committee {
		err = fault.New(fault.NotFound, "page.none", "没有这件诉求，或它不由业委会（物管会）办理。")
	}
	return r, err
}

func (d *Desk) report(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.view(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	f := web.NewForm(fields(v)...).Set("version", strconv.FormatInt(v.r.Case.Version, 10)).Set("act", resident.ActAnswer)
	return web.Show(w, r, http.StatusOK, reportPage(v, f))
}

func reportPage(v view, f *web.Form) templ.Component {
	x := v.r
	p := page(v.book.TopicTitle(x.Topic) + " " + x.Number)
	p.Lead, p.Crumbs, p.Tags = v.project.Name, []web.Link{{Text: "居民诉求", Href: "/committee/reports"}}, []web.Mark{{Text: x.StateTitle(), Tone: tone(x.State)}}
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
	facts := []web.Fact{
		{Name: "小区", Text: v.project.Name, Href: "/projects/" + string(x.Project)},
		{Name: "位置", Text: where},
		{Name: "受理日期", Text: x.ReceivedOn.String()},
		{Name: "反映人数", Text: web.Count(x.Voices) + " 人"},
		{Name: "重办次数", Text: web.Count(x.Reopened) + " 次"},
		{Name: "是否解决", Text: solved},
	}
	if x.Case.Due != 0 && !x.Ended() {
		facts = append(facts, web.Fact{Name: "当前期限", Text: x.Case.Due.String() + "，" + v.words})
	}
	main := []templ.Component{web.Facts(facts), web.Para(x.Body)}
	var proofs []web.Proof
	for _, y := range v.photos {
		if y.State == "ready" {
			name := map[string]string{"report": "反映照片", "answer": "处理后照片"}[y.Side]
			proofs = append(proofs, web.Proof{Name: name, Kind: "照片", Href: "/committee/reports/" + x.ID.String() + "/photos/" + y.ID.String()})
		}
	}
	if len(proofs) > 0 {
		main = append(main, web.Proofs(proofs))
	}
	if x.Answer != "" {
		main = append(main, web.Notice(web.Info, "答复", x.Answer))
	}
	parts := []templ.Component{web.Section(web.Box{Title: "诉求"}, main...), web.Opinions(v.said)}
	if v.answer {
		parts = append(parts, web.Section(web.Box{Title: "办理", ID: "act"}, web.FormView(f, web.FormBox{Submit: "提交"}), web.Quiet("答复经审核后发给居民，由居民评价是否解决。")))
	}
	var events []web.Event
	for _, s := range slices.Backward(v.steps) {
		events = append(events, web.Event{When: day.FromTime(s.At).String(), Title: s.ActTitle, Detail: s.Note})
	}
	return web.Whole(p, append(parts, web.Section(web.Box{Title: "办理记录"}, web.Timeline(events)))...)
}

func fields(v view) []web.Field {
	acts := web.Field{Name: "act", Label: "操作", Kind: web.Radio, Required: true, Options: []web.Option{{Value: resident.ActAnswer, Text: "答复"}}}
	if v.back {
		acts.Options = append(acts.Options, web.Option{Value: resident.ActReturn, Text: "退回", Hint: "不是业委会的职责，只能退回一次，须写明理由"})
	}
	return []web.Field{
		{Name: "version", Kind: web.Carried, Max: 20},
		acts,
		{Name: "answer", Label: "答复", Kind: web.Long, When: "答复时必填", Max: 2000, Hint: "做了什么、什么时候做完、没有做到的怎样安排"},
		{Name: "photos", Label: "处理后照片", Kind: web.Files, Accept: ".jpg,.jpeg,.png,.webp", Hint: "最多 6 张"},
		{Name: "note", Label: "退回理由", Kind: web.Long, When: "退回时必填", Max: 1000},
	}
}

// answered takes an answer, or gives the report back.
func (d *Desk) answered(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	who := web.Actor(r)
	v, err := d.view(r.Context(), who, id)
	if err != nil {
		return err
	}
	all := v
	all.back = true // sent again: the service or the form's key answers
	f, err := web.ReadForm(r, fields(all)...)
	if err != nil {
		return err
	}
	up, err := web.Park(r, d.Files, f, "photos", photosMax)
	if err != nil {
		return err
	}
	defer up.Close()
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		t, to := resident.Take{Report: id, Version: f.Int("version")}, "/committee/reports/"+id.String()
		if f.Str("act") == resident.ActReturn {
			t.Note = f.Str("note")
			web.Say(r, "已退回，由签收单位另行派单。")
			return to, d.Reports.ReturnIn(ctx, tx, who, t)
		}
		kept, err := up.Keep(ctx, tx)
		if err != nil {
			return "", err
		}
		var ids []db.ID
		for _, k := range kept {
			ids = append(ids, k.ID)
		}
		web.Say(r, "答复已提交。")
		return to, d.Reports.AnswerIn(ctx, tx, who, t, f.Str("answer"), ids)
	}, func() templ.Component { return reportPage(v, f) })
}

func (d *Desk) photo(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	photo, err := pathID(r, "photo")
	if err != nil {
		return err
	}
	return web.SendFile(w, r, d.DB, d.Files, func(ctx context.Context, tx *db.Tx, who authz.Actor) (db.ID, error) {
		if _, err := d.found(ctx, tx, who, id); err != nil {
			return 0, err
		}
		return d.Reports.PhotoIn(ctx, tx, who, id, photo)
	})
}
