package admin

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
	"juli/internal/registry"
	"juli/internal/sheet"
	"juli/internal/web"
)

// inviteSheet is the file by which a body invites many of its people at once.
var inviteSheet = sheet.New("人员邀请", []sheet.Column{
	{Key: "login", Title: "账号", Required: true, Max: 40, Example: "zhang.san"},
	{Key: "name", Title: "姓名", Max: 50, Example: "张三"},
	{Key: "number", Title: "身份证号", Max: 18, Hint: "填了，激活时须填同一号码"},
	{Key: "phone", Title: "手机号", Max: 20},
	{Key: "role", Title: "角色", Kind: sheet.Enum, Required: true, Example: authz.ProjectManager.Title(), Options: roleWords()},
	{Key: "place", Title: "任职单位代码", Required: true, Max: 20, Hint: "主管部门、街道、社区、协会填行政区划代码；企业填统一社会信用代码；项目负责人和业委会填项目编码", Example: "2301030010010001"},
	{Key: "manager", Title: "单位管理员", Kind: sheet.Enum, Options: sheet.YesNo, Example: "否"},
	{Key: "to", Title: "授权截止日", Kind: sheet.Date, Required: true, Example: "2027-12-31"},
})

func roleWords() (out []sheet.Option) {
	for _, d := range authz.Roles() {
		if d.Role != authz.Public && d.Role != authz.Owner {
			out = append(out, sheet.Option{Code: string(d.Role), Title: d.Title})
		}
	}
	return out
}

var inviteRowsFields = []web.Field{
	{Name: "file", Label: "文件", Kind: web.File, Required: true, Accept: ".xlsx,.csv", Hint: "每人一行，列见模板"},
	{Name: "do", Label: "方式", Kind: web.Radio, Required: true, Options: []web.Option{{Value: "dry", Text: "只检查，不邀请"}, {Value: "act", Text: "检查通过后邀请"}}},
}

func inviteRowsForm(r *http.Request, f *web.Form, more ...templ.Component) templ.Component {
	p := page(r, "按文件邀请")
	p.Crumbs = []web.Link{{Text: "人员", Href: "/admin/people"}}
	return web.Whole(p, append([]templ.Component{
		web.Section(web.Box{}, web.Quiet("全部合格才邀请，一行不合格则全部不办。邀请后在本页显示每人的激活码，只显示这一次。"), web.Buttons([]web.Link{{Text: "下载模板", Href: "/admin/people-invite/template"}}), web.FormView(f, web.FormBox{Action: "/admin/people-invite", Submit: "上传", Cancel: "/admin/people"})),
	}, more...)...)
}

func (d *Desk) inviteRowsPage(w http.ResponseWriter, r *http.Request) error {
	if err := fresh(r, authz.GrantPropose); err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, inviteRowsForm(r, web.NewForm(inviteRowsFields...).Set("do", "dry")))
}

func (d *Desk) inviteTemplate(w http.ResponseWriter, r *http.Request) error {
	web.Attachment(w, inviteSheet.Name+".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	return inviteSheet.Template(r.Context(), w, sheet.XLSX)
}

// inviteRows invites everybody in a file, or nobody, and shows the one-time codes.
func (d *Desk) inviteRows(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, inviteRowsFields...)
	if err != nil {
		return err
	}
	var people []identity.Invite
	table := rowsTable()
	if f.OK() {
		err := readSheet(r, f, inviteSheet, &table, func(row *sheet.Row) { people = append(people, inviteOf(row)) })
		if err != nil {
			if fault.From(err).Kind == fault.Internal {
				return err
			}
			f.Refuse("file", fault.From(err).Text)
		}
	}
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, inviteRowsForm(r, f))
	}
	if len(table.Rows) > 0 {
		return web.Show(w, r, http.StatusOK, inviteRowsForm(r, web.NewForm(inviteRowsFields...).Set("do", "act"), web.Section(web.Box{Title: "文件里有不合格的行，没有邀请任何人。"}, web.TableView(table))))
	}
	dry := f.Str("do") == "dry"
	var results []identity.RowResult
	done, err := web.Once(r, d.DB, func(ctx context.Context, tx *db.Tx) (done rowsDone, err error) {
		if done.Why, err = placed(ctx, tx, people); err != nil || len(done.Why) > 0 {
			return done, err
		}
		var ok bool
		results, ok, err = d.Identity.InviteRowsIn(ctx, tx, web.Actor(r), people, dry)
		return doneOf(results, ok), err
	})
	if err != nil {
		return err
	}
	table.Rows = done.refused(func(i int) string { return people[i].Login })
	said := "文件里有不合格的行，没有邀请任何人。"
	switch {
	case done.OK && dry:
		said = "检查通过，共 " + strconv.Itoa(len(people)) + " 人；没有邀请。"
	case done.OK && results == nil:
		return web.Show(w, r, http.StatusOK, goneView(r, "/admin/people?state=invited"))
	case done.OK:
		said, table = "已邀请 "+strconv.Itoa(len(people))+" 人。激活码只显示这一次，请打印或记下后交给本人。", codesTable(results)
	}
	return web.Show(w, r, http.StatusOK, inviteRowsForm(r, web.NewForm(inviteRowsFields...).Set("do", "act"), web.Section(web.Box{Title: said}, web.TableView(table))))
}

func codesTable(results []identity.RowResult) web.Table {
	t := web.Table{Caption: "激活码", Cols: []web.Col{{Name: "账号"}, {Name: "激活码"}, {Name: "有效至"}, {Name: "授权"}}}
	for _, x := range results {
		state := "已生效"
		if x.Invited.Proposed {
			state = "待另一人批准"
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(x.Invited.Login), {Text: x.Invited.Code, Nowrap: true}, web.T(clock(x.Invited.Ends)), web.T(state)}})
	}
	return t
}

// inviteOf reads one row; where its place is, [placed] completes.
func inviteOf(row *sheet.Row) identity.Invite {
	in := identity.Invite{
		Login: identity.FoldLogin(row.Text("login")), Name: row.Text("name"), Number: row.Text("number"), Phone: row.Text("phone"),
		Role: authz.Role(row.Text("role")), Manager: row.Text("manager") == "true", To: row.Date("to"),
	}
	place := row.Text("place")
	duty, _ := authz.DutyOf(in.Role)
	switch duty.Kind {
	case authz.ByDivision:
		in.Scope.Division = code.Division(place)
	case authz.ByEnterprise:
		in.Scope.Enterprise = code.USCC(place)
	case authz.ByProject:
		in.Scope.Project = place
	}
	return in
}

// placed completes the scopes of project managers by the enterprise that serves
// the project, and tells which rows name a place that the register lacks.
func placed(ctx context.Context, tx *db.Tx, people []identity.Invite) (why map[int]string, err error) {
	why = map[int]string{}
	for i := range people {
		s := &people[i].Scope
		var err error
		switch {
		case s.Project != "":
			at, e := registry.PlaceOfProject(ctx, tx, code.ProjectCode(s.Project))
			if err = e; err == nil && people[i].Role == authz.ProjectManager {
				s.Enterprise = at.Enterprise
			}
		case s.Enterprise != "":
			_, err = registry.PlaceOfEnterprise(ctx, tx, s.Enterprise)
		case s.Division != "":
			_, err = registry.DivisionOf(ctx, tx, s.Division)
		}
		if err == nil {
			continue
		}
		if fault.From(err).Kind == fault.Internal {
			return nil, err
		}
		why[i] = "登记中没有这个任职单位代码。"
	}
	return why, nil
}
