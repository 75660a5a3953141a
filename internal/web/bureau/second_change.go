package bureau

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/rulebook"
	"juli/internal/web"
)

// What a second person decides stands beside what it would replace: the grades
// published before, the rules in force.

// shiftTable compares the grades of a run that waits for its publication with
// those published last; an empty table where nothing waits or nothing stood before.
func (d *Desk) shiftTable(ctx context.Context, tx *db.Tx, v runView) (t web.Table, err error) {
	if !slices.ContainsFunc(v.release, func(p credit.Release) bool { return p.State == credit.PublishProposed }) {
		return t, nil
	}
	cycles, err := d.Evaluations.Cycles(ctx, tx)
	if err != nil || len(cycles) == 0 {
		return t, err
	}
	now, err := d.Evaluations.GradeCounts(ctx, tx, v.e.ID, credit.Enterprise, "")
	if err != nil {
		return t, err
	}
	past, err := d.Evaluations.GradeCounts(ctx, tx, cycles[0].Evaluation, credit.Enterprise, "")
	if err != nil {
		return t, err
	}
	t = web.Table{
		Caption: "与已公布的“" + cycles[0].Period + "”比较",
		Cols:    []web.Col{{Name: "等级"}, {Name: cycles[0].Period + "（家）", Num: true}, {Name: v.e.Period.Name + "（家）", Num: true}, {Name: "增减（家）", Num: true}},
	}
	before, after := map[string]int64{}, map[string]int64{}
	for _, s := range past {
		before[gradeOf(s)] = s.Count
	}
	for _, s := range now {
		after[gradeOf(s)] = s.Count
	}
	for _, s := range byGrade(v.book, append(slices.Clone(now), gone(past, after)...)) {
		g := gradeOf(s)
		change := itoa(after[g] - before[g])
		if after[g] > before[g] {
			change = "+" + change
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			web.Grades(gradeName(v.book, g)), web.N(before[g], "/bureau/evaluations/"+cycles[0].Evaluation.String()+"?grade="+url.QueryEscape(g)), web.N(after[g], "/bureau/evaluations/"+v.e.ID.String()+"?grade="+url.QueryEscape(g)), web.T(change),
		}})
	}
	return t, nil
}

// gone are the shares of grades that nobody has any more.
func gone(past []credit.Share, after map[string]int64) []credit.Share {
	return slices.DeleteFunc(slices.Clone(past), func(s credit.Share) bool { _, still := after[gradeOf(s)]; return still })
}

// bookChange is what a version that is not adopted yet would change in the rules
// in force.
type bookChange struct {
	base  rulebook.Version // zero: nothing is in force
	diffs []rulebook.Difference
}

func (d *Desk) bookChange(ctx context.Context, tx *db.Tx, v rulebook.Version, city code.Division) (x *bookChange, err error) {
	if v.State != rulebook.Draft && v.State != rulebook.Comment {
		return nil, nil
	}
	x = &bookChange{}
	x.base, err = rulebook.InForce(ctx, tx, v.Kind, city, tx.Today())
	if f := fault.From(err); f != nil && f.Kind == fault.NotFound {
		return &bookChange{}, nil
	}
	if err != nil {
		return nil, err
	}
	old, err := d.Rulebooks.Document(ctx, tx, x.base.ID)
	if err != nil {
		return nil, err
	}
	fresh, err := d.Rulebooks.Document(ctx, tx, v.ID)
	if err != nil {
		return nil, err
	}
	x.diffs = d.Rulebooks.Kinds.Compare(old, fresh)
	return x, nil
}

// changeMax is how many differences the page of a draft shows; the rest stands
// on the page that compares two versions.
const changeMax = 30

func (x *bookChange) card(v rulebook.Version) templ.Component {
	switch {
	case x == nil:
		return templ.NopComponent
	case x.base.ID == 0:
		return card(web.Box{Title: "批准后的变化", ID: "change"}, para("现在没有施行中的同类规则，这份草案是第一份。"))
	}
	b := web.Box{
		Title: "批准后的变化 " + web.Count(int64(len(x.diffs))) + " 处", ID: "change",
		More: web.Link{Text: "全部差别", Href: "/bureau/rulebooks/" + v.ID.String() + "/compare?with=" + x.base.ID.String()},
	}
	return card(b, web.Quiet("与现行 "+x.base.Version+" 版比较。"), web.TableView(differenceTable(x.diffs, changeMax)))
}

func differenceTable(diffs []rulebook.Difference, most int) web.Table {
	t := web.Table{Caption: "差别", Cols: []web.Col{{Name: "行"}, {Name: "位置"}, {Name: "变化"}, {Name: "原来"}, {Name: "现在"}}, None: web.Nothing{Text: "两个版本没有差别。"}}
	for _, x := range diffs[:min(len(diffs), most)] {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.N(int64(x.Line), ""), web.T(strings.TrimSpace(x.Label)), web.Tagged(x.Change.String(), web.Plain), web.T(x.Before), web.T(x.After)}})
	}
	return t
}

// ownDraft tells who uploaded a version why the adoption isn't offered to them.
func ownDraft(who authz.Actor, v rulebook.Version) templ.Component {
	waits := v.State == rulebook.Draft || v.State == rulebook.Comment
	if !waits || v.UploadedBy == 0 || !who.StandsFor(v.UploadedBy) || !authz.Can(who, authz.RulebookUpload) {
		return templ.NopComponent
	}
	return web.Notice(web.Info, "须由另一人办理", "“批准施行”须由另一人办理：您上传了这份草案。")
}
