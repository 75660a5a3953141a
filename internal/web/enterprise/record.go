package enterprise

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
	"juli/internal/web"
)

// a view is a record with the rulebook that governs it.
type view struct {
	credit.Dossier
	Book  *credit.Book
	Today day.Date
}

func (v *view) href(tail string) string { return "/enterprise/records/" + v.ID.String() + tail }

func (v *view) may(act string) bool {
	return slices.ContainsFunc(v.Allowed, func(a casework.Act) bool { return a.Name == act })
}

// load reads a record for the actor, and the book that governs it; a draft is
// governed by the one in force.
func (d *Desk) load(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (v view, err error) {
	if v.Dossier, err = d.Records.Record(ctx, tx, who, id); err != nil {
		return v, err
	}
	if v.Messages, err = notify.Received(ctx, tx, who, credit.ObjectOf(id)); err != nil {
		return v, err
	}
	v.Today = tx.Today()
	if v.Filed.Book == "" {
		v.Book, err = d.Books.InForce(ctx, tx, v.Today)
	} else {
		v.Book, err = d.Books.ByDigest(ctx, tx, v.Filed.Book)
	}
	return v, err
}

func (d *Desk) record(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	var v view
	if err := d.DB.Read(ctx, func(tx *db.Tx) (err error) { v, err = d.load(ctx, tx, who, id); return err }); err != nil {
		return err
	}
	if v.State == credit.RecordDraft {
		return web.Redirect(w, r, v.href("/edit"))
	}
	p := page(orElse(v.ItemTitle, v.Item))
	p.Lead = "编号 " + v.ID.String()
	p.Tags = []web.Mark{{Text: v.StateTitle, Tone: toneOf(v.State)}}
	p.Crumbs = []web.Link{{Text: "信用信息", Href: "/enterprise/records"}}
	p.Acts = d.acts(&v)
	var parts []templ.Component
	if v.Banner != "" {
		parts = append(parts, web.Assumed(v.Banner))
	}
	parts = append(parts, web.SideBySide(
		web.Section(web.Box{Title: "事实和依据", Cols: 8}, web.Facts(v.facts())),
		web.Section(web.Box{Title: "您可以做什么", Cols: 4}, v.rights()...),
		web.Section(web.Box{Title: "材料", Cols: 8}, v.proofs()),
		web.Section(web.Box{Title: "文书", Cols: 4}, letters(v.Messages)),
		web.Section(web.Box{Title: "办理经过", Cols: 8}, web.Timeline(v.timeline())),
		web.Section(web.Box{Title: "异议和修复", Cols: 4}, web.Timeline(v.pleaEvents()), web.Quiet("决定以送达的文书为准。")),
	))
	return web.Show(w, r, http.StatusOK, web.Whole(p, parts...))
}

// acts are the buttons of what the actor may do now.
func (d *Desk) acts(v *view) []web.Link {
	var out []web.Link
	for _, p := range d.pleas() {
		if v.may(p.act) {
			out = append(out, web.Link{Text: p.title, Href: v.href("/" + p.slug), Main: p.act == credit.ActObject || p.act == credit.ActReportMend && v.State == credit.RecordEffective})
		}
	}
	return out
}

func (v *view) facts() []web.Fact {
	class := v.Class
	for _, c := range v.Book.Classes {
		if c.Code == v.Class {
			class = c.Title
		}
	}
	facts := []web.Fact{
		{Name: "评价项目", Text: dash(v.Item + " " + v.ItemTitle)},
		{Name: "类别", Text: class},
		{Name: "发生日期", Text: v.Event.String()},
		{Name: "企业", Text: v.EnterpriseName},
		{Name: "小区项目", Text: v.ProjectName},
		{Name: "依据文件", Text: strings.TrimSpace(v.Document.Issuer + " " + v.Document.Number)},
		{Name: "事实", Text: v.Summary, Wide: true},
	}
	date := func(name string, at day.Date) {
		if at != 0 {
			facts = append(facts, web.Fact{Name: name, Text: at.String()})
		}
	}
	date("认定日期", v.Identified)
	date("生效日期", v.Effective)
	date("有效至", v.Until)
	date("整改期限", v.Due)
	date("整改完成", v.Rectified)
	date("修复日期", v.Repaired)
	date("撤销日期", v.Annulled)
	if v.ItemPoints != 0 {
		facts = append(facts, web.Fact{Name: "分值", Body: web.Score(v.ItemPoints, true)})
	}
	if v.Points != 0 {
		facts = append(facts, web.Fact{Name: "裁量分值", Body: web.Score(v.Points, false)})
	}
	if v.Number != "" {
		facts = append(facts, web.Fact{Name: "告知文号", Text: v.Number})
	}
	return append(facts, web.Fact{Name: "评价规则", Text: v.Book.Version, Href: "/rulebooks/" + v.Book.Digest})
}

// rights say what may be done, until when, or why not.
func (v *view) rights() []templ.Component {
	var out []templ.Component
	if v.Case.Due != 0 && !v.Case.Closed {
		out = append(out, web.Para("当前步骤的期限："+v.Case.Due.String()+"（"+v.Words+"）。"))
	}
	if v.State == credit.RecordNoticed || v.State == credit.RecordEffective {
		out = append(out, verdictWords("提出异议", v.MayObject))
	}
	if v.State == credit.RecordEffective {
		out = append(out, verdictWords("申请信用修复", v.MayRepair))
	}
	if words := v.mending(); words != "" {
		out = append(out, web.Para(words))
	}
	if v.Contested {
		out = append(out, web.Notice(web.Info, "", "异议正在复核。"))
	}
	if len(out) == 0 {
		out = append(out, web.Quiet("目前没有需要您办理的步骤。"))
	}
	return out
}

// mending says how what the record was made for is mended: who is told, by when,
// and what comes of it.
func (v *view) mending() string {
	until := ""
	if v.Due != 0 {
		until = "请在 " + v.Due.String() + " 以前整改，"
		if v.Today > v.Due {
			until = "整改期限 " + v.Due.String() + " 已过，仍须整改，"
		}
	}
	returned := ""
	for _, s := range v.MendSteps {
		if returned = ""; s.Act == credit.ActReturnMend {
			returned = "上次的报告已退回：" + strings.TrimSuffix(s.Note, "。") + "。"
		}
	}
	switch {
	case v.may(credit.ActReportMend):
		return returned + until + "完成后在本页“报告整改完成”，由区县住建局确认；确认后不再计入未完成的整改，才可以申请信用修复。"
	case v.Mend.State == credit.MendReported:
		return "已报告整改完成，由区县住建局在 " + v.Mend.Due.String() + " 以前确认。"
	}
	return ""
}

func verdictWords(act string, x credit.Verdict) templ.Component {
	if !x.OK {
		return web.Quiet("不能" + act + "：" + strings.Join(x.Reasons, ""))
	}
	text := "可以" + act
	if x.Due != 0 && act == "提出异议" {
		text += "，截止 " + x.Due.String()
		if x.Assumed {
			text += "（节假日安排尚未公布，日期为推算）"
		}
	}
	return web.Para(text + "。")
}

var purposes = map[string]string{"evidence": "证明材料", "answer": "答复材料", "objection": "异议材料", "repair": "修复材料", "rectify": "整改材料"}

func (v *view) proofs() templ.Component {
	if len(v.Files) == 0 {
		return web.Empty(web.Nothing{Text: "没有上传的材料。"})
	}
	var list []web.Proof
	for _, f := range v.Files {
		list = append(list, web.Proof{Name: f.Name, Href: v.href("/files/" + f.ID.String()), Kind: purposes[f.Purpose], When: clock(f.At), SHA256: f.SHA256})
	}
	return web.Proofs(list)
}

// letters are the messages about the record in the actor's own boxes.
func letters(own []notify.Item) templ.Component {
	if len(own) == 0 {
		return web.Quiet("还没有文书。")
	}
	var events []web.Event
	for _, m := range own {
		events = append(events, web.Event{When: clock(m.SentAt), Title: m.Message.Title, Detail: m.Message.Number, Href: "/enterprise/messages/" + m.ID.String()})
	}
	return web.Timeline(events)
}

// timeline shows the steps, newest first; what officials noted for each other at
// the check stays with them.
func (v *view) timeline() []web.Event {
	var events []web.Event
	for _, s := range slices.Backward(v.allSteps()) {
		who := "系统"
		if s.System == "" {
			who = casework.ParseHolder(s.Body).Role.Title()
		}
		note := s.Note
		if s.Act == credit.ActCheck {
			note = ""
		}
		events = append(events, web.Event{When: clock(s.At), Title: s.ActTitle, Who: who, Detail: note})
	}
	return events
}

// allSteps are the record's steps with those of its mending, oldest first; what the
// one notes of the other by itself is told once.
func (v *view) allSteps() []casework.Step {
	steps := slices.Clone(v.Steps)
	for _, s := range v.MendSteps {
		if s.System == "" {
			steps = append(steps, s)
		}
	}
	slices.SortStableFunc(steps, func(a, b casework.Step) int { return a.At.Compare(b.At) })
	return steps
}

func (v *view) pleaEvents() []web.Event {
	var events []web.Event
	for _, p := range slices.Backward(v.Pleas) {
		e := web.Event{When: clock(p.At), Title: "提出异议", Detail: p.Text}
		if p.Repair {
			e.Title = "申请信用修复"
		}
		for _, g := range v.Book.Objection.Grounds {
			if g.Code == p.Ground {
				e.Title += "：" + g.Title
			}
		}
		switch {
		case !p.Decided:
			e.Who, e.Tone = "待决定", web.Warn
		case p.Granted:
			e.Who, e.Tone = "成立 · "+p.Number, web.Good
		default:
			e.Who, e.Tone = "不成立 · "+p.Number, web.Bad
		}
		if p.Reason != "" {
			e.Detail += "　决定理由：" + p.Reason
		}
		events = append(events, e)
	}
	return events
}

// recordFile sends a file of a record to who may see the record.
func (d *Desk) recordFile(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	file, err := pathID(r, "file")
	if err != nil {
		return err
	}
	return web.SendFile(w, r, d.DB, d.Files, func(ctx context.Context, tx *db.Tx, who authz.Actor) (db.ID, error) {
		x, err := d.Records.Record(ctx, tx, who, id)
		if err != nil {
			return 0, err
		}
		if err := authz.Require(who, authz.FileRead, x.Place()); err != nil {
			return 0, err
		}
		if !slices.ContainsFunc(x.Files, func(f credit.FileRow) bool { return f.ID == file }) {
			return 0, fault.New(fault.NotFound, "authz.not-found", "没有找到您要查看的内容。")
		}
		return file, audit.Append(ctx, tx, who, "file.read", credit.ObjectOf(id), audit.Change{Act: authz.FileRead, At: x.Place(), Detail: map[string]any{"file": file}})
	})
}

func clock(t time.Time) string { return t.In(day.Shanghai).Format("2006-01-02 15:04") }

func dash(s string) string {
	if s = strings.TrimSpace(s); s == "" {
		return "—"
	}
	return s
}
