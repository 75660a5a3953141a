package bureau

import (
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/fault"
	"juli/internal/web"
)

const pictureTypes = ".jpg,.jpeg,.png,.webp"

// A deedForm is one act with what it asks.
type deedForm struct {
	act, submit string
	danger      bool
	fields      []web.Field
}

func reasonField(label string) web.Field {
	return web.Field{Name: "note", Label: label, Kind: web.Long, Required: true, Max: 1000}
}

// deedForms are the acts that the deed's own address takes, in the order shown.
func (v deedView) deedForms() []deedForm {
	var lead []web.Option
	for _, h := range deed.LeadsAt(v.x.Deed) {
		lead = append(lead, web.Option{Value: string(h.Role), Text: v.body(h.Key())})
	}
	var open []web.Option
	var ends []web.Field // when each open milestone was reached
	for _, m := range v.x.Milestones {
		if m.Reached == 0 {
			ends = append(ends, web.Field{Name: m.Field(), Label: "“" + m.Title + "”实际完成日期", Kind: web.Date, Required: true, Hint: "应在 " + m.Due.String() + " 前完成；会对外公开"})
			open = append(open, web.Option{Value: strconv.FormatInt(m.Seq, 10), Text: m.Title, Hint: m.Due.String() + " 前"})
		}
	}
	accept := []web.Field{
		{Name: "lead", Label: "牵头单位", Kind: web.Select, Required: true, Options: lead},
		{Name: "leader", Label: "责任领导", Required: true, Max: 100, Hint: "职务或姓名，不对外公开"},
		{Name: "helping", Label: "配合单位", Max: 100},
	}
	if o := v.programmeOptions(); len(o) > 0 {
		accept = append(accept, web.Field{Name: "programme", Label: "纳入专项", Kind: web.Select, Options: o})
	}
	report := []web.Field{{Name: "percent", Label: "进度", Kind: web.Number, Unit: "%", Required: true, Hint: web.Count(v.x.Percent) + " 至 99"}, {Name: "text", Label: "本月进展", Kind: web.Long, Required: true}}
	if len(open) > 0 {
		report = append(report, web.Field{Name: "reached", Label: "已完成的节点", Kind: web.Checks, Options: open})
	}
	resume := []web.Field{reasonField("恢复的理由")}
	if v.x.Deadline != 0 {
		resume = append(resume, web.Field{Name: "until", Label: "新的完成期限", Kind: web.Date, Required: true, Hint: "重新排定的期限不能晚于这一天；最初承诺的 " + v.x.First.String() + " 继续公开"})
	}
	return []deedForm{
		{deed.ActAccept, "受理", false, accept},
		{deed.ActDecline, "不予受理", true, []web.Field{reasonField("不予受理的理由和答复")}},
		{deed.ActPlan, "排定", false, []web.Field{
			{Name: "promise", Label: "承诺的措施", Kind: web.Long, Required: true, Hint: "会对外公开，不写姓名和电话"},
			{Name: "starts", Label: "开始日期", Kind: web.Date, Required: true},
			{Name: "deadline", Label: "完成期限", Kind: web.Date, Required: true},
			{Name: "milestones", Label: "节点", Kind: web.Long, Required: true, Hint: "每行一个：日期 名称，例如 2021-06-30 完成管道更换；最多 10 个"},
		}},
		{deed.ActBegin, "开始办理", false, nil},
		{deed.ActReport, "报告进展", false, report},
		{deed.ActDone, "办结", false, append([]web.Field{
			{Name: "result", Label: "办理结果", Kind: web.Long, Required: true, Hint: "会对外公开，不写姓名和电话"},
			{Name: "people", Label: "受益人数", Kind: web.Number, Unit: "人", Required: true},
			{Name: "how", Label: "人数怎样统计", Kind: web.Select, Required: true, Options: deedOptions(v.book.Hows)},
			{Name: "households", Label: "受益户数", Kind: web.Number, Unit: "户", Hint: "没有统计的留空"},
			{Name: "spent", Label: "投入资金", Kind: web.MoneyIn},
			{Name: "before", Label: "办理前照片", Kind: web.Files, Accept: pictureTypes, Hint: "已上传过的不用再传；照片中的位置信息会自动去除"},
			{Name: "after", Label: "办理后照片", Kind: web.Files, Accept: pictureTypes, Hint: "应是办理后拍的，不能与办理前是同一张"},
		}, ends...)},
		{deed.ActFile, "上传照片和材料", false, []web.Field{{Name: "before", Label: "办理前照片", Kind: web.Files, Accept: pictureTypes}, {Name: "files", Label: "其他材料", Kind: web.Files, Accept: evidenceTypes}}},
		{deed.ActSuspend, "提请暂缓", true, []web.Field{reasonField("受什么政策限制，何时可以恢复")}},
		{deed.ActResume, "恢复办理", false, resume},
		{deed.ActVerify, "回访通过", false, nil},
		{deed.ActRedo, "退回继续办理", true, []web.Field{{Name: "note", Label: "群众反映还有什么没有解决", Kind: web.Long, Required: true, Max: 1000, Hint: "与日期一并对外公开，不写姓名和电话；答复没有解决的人会自动列入下次的回访名单"}}},
		{deed.ActClose, "销号", false, nil},
	}
}

func (v deedView) form(f deedForm) *web.Form {
	if refused := v.forms[f.act]; refused != nil {
		return refused
	}
	return web.NewForm(append([]web.Field{versionField, actField}, f.fields...)...).Set("version", itoa(v.x.Deed.Version)).Set("act", f.act).Apart(f.act)
}

// actCards are the forms that the actor may send now: the first in full, the
// others unfolded on demand.
func (v deedView) actCards() (out []templ.Component) {
	for _, f := range v.deedForms() {
		if !v.x.May(f.act) {
			continue
		}
		if f.act == deed.ActVerify {
			if err := v.x.Book.CheckVerify(v.x.Answers, v.x.People); err != nil { // what is missing, instead of a button that cannot be pressed
				out = append(out, quiet(fault.From(err).Text))
				continue
			}
		}
		form := ask(v.form(f), web.FormBox{Action: v.at(), Submit: f.submit, Danger: f.danger})
		if len(out) == 0 && f.act != deed.ActRedo || v.forms[f.act] != nil {
			out = append(out, form)
			continue
		}
		out = append(out, web.Folded(f.submit, form))
	}
	if v.x.May(deed.ActSign) || v.x.May(deed.ActUnsign) {
		out = append(out, ask(v.signForm(), web.FormBox{Action: v.at() + "/sign", Submit: "签批"}))
	}
	if v.x.May(deed.ActPublish) {
		form := ask(v.publishForm(), web.FormBox{Action: v.at() + "/publish", Submit: "保存公开设置"})
		if pics := v.pictures(); len(pics) > 0 {
			form = web.Words(quiet("请先看过每张照片再勾选；照片下的编号与选项一致。"), web.Pictures(pics), form)
		}
		out = append(out, web.Folded("设置公开", form))
	}
	return out
}

func signFields() []web.Field {
	return []web.Field{
		versionField,
		{Name: "agree", Label: "暂缓签批", Kind: web.Radio, Required: true, Options: []web.Option{{Value: "yes", Text: "同意暂缓"}, {Value: "no", Text: "不同意，继续办理", Hint: "须写明理由"}}},
		{Name: "note", Label: "签批意见", Kind: web.Long, Max: 1000},
	}
}

func (v deedView) signForm() *web.Form {
	if f := v.forms[deed.ActSign]; f != nil {
		return f
	}
	return web.NewForm(signFields()...).Set("version", itoa(v.x.Deed.Version)).Apart("sign")
}

func (v deedView) publishFields() []web.Field {
	fields := []web.Field{versionField, {Name: "open", Label: "公开这件实事（名称、承诺、节点、结果、受益人数、确认情况）", Kind: web.Check}}
	var pics []web.Option
	for i, f := range v.shown() {
		pics = append(pics, web.Option{Value: f.ID.String(), Text: pictureTitle(i, f), Hint: f.Name + "，" + clock(db.FromMillis(f.At)), More: web.Link{Text: "看原图", Href: v.fileAt(f)}})
	}
	if len(pics) > 0 {
		fields = append(fields, web.Field{Name: "released", Label: "公开哪些照片", Kind: web.Checks, Options: pics, Hint: "照片中不能有可以认出的个人"})
	}
	return fields
}

// shown are the pictures that the public may be shown, before those of after.
func (v deedView) shown() []deed.File {
	return slices.DeleteFunc(slices.Clone(v.x.Files), func(f deed.File) bool { return !f.Picture() })
}

func pictureTitle(i int, f deed.File) string {
	return momentTitles[f.Moment] + "照片（" + itoa(int64(i+1)) + "）"
}

func (v deedView) fileAt(f deed.File) string { return v.at() + "/files/" + f.ID.String() }

// pictures lets who opens a deed to the public see what the public will see.
func (v deedView) pictures() (out []web.Picture) {
	for i, f := range v.shown() {
		out = append(out, web.Picture{Href: v.fileAt(f), Text: pictureTitle(i, f), Alt: pictureTitle(i, f) + "：" + v.x.Title})
	}
	return out
}

func (v deedView) publishForm() *web.Form {
	if f := v.forms[deed.ActPublish]; f != nil {
		return f
	}
	f := web.NewForm(v.publishFields()...).Set("version", itoa(v.x.Deed.Version)).Apart("publish")
	if v.x.Open {
		f.Set("open", "1")
	}
	var released []string
	for _, x := range v.x.Files {
		if x.Released && x.Picture() {
			released = append(released, x.ID.String())
		}
	}
	if len(released) > 0 {
		f.Set("released", released...)
	}
	return f
}
