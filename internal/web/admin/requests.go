package admin

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
	"juli/internal/registry"
	"juli/internal/web"
)

func (d *Desk) askFields(r *http.Request) (fields []web.Field, err error) {
	err = d.DB.Read(r.Context(), func(tx *db.Tx) error {
		list, err := registry.Districts(r.Context(), tx, tx.Today())
		var districts []web.Option
		for _, x := range list {
			districts = append(districts, web.Option{Value: string(x.Code), Text: x.Name})
		}
		fields = []web.Field{
			{Name: "uscc", Label: "统一社会信用代码", Required: true, Max: 18, Hint: "18 位，在营业执照上", Group: "企业"},
			{Name: "name", Label: "企业名称", Required: true, Max: 100, Auto: "organization"},
			{Name: "division", Label: "注册区县", Kind: web.Select, Required: true, Options: districts, Hint: "已登记的企业以登记的区县为准"},
			{Name: "legal", Label: "法定代表人", Required: true, Max: 50},
			{Name: "contact", Label: "经办人姓名", Required: true, Max: 50, Auto: "name", Group: "经办人（将成为企业账号的管理员）"},
			{Name: "number", Label: "经办人身份证号", Required: true, Max: 18, Hint: "加密保存，只用于核对是本人"},
			{Name: "phone", Label: "经办人手机号", Required: true, Max: 20, Auto: "tel"},
			{Name: "proof", Label: "营业执照和授权书", Kind: web.File, Required: true, Accept: blob.Accept, Hint: "扫描成一个 PDF 或图片，不超过 20 MB"},
		}
		return err
	})
	return fields, err
}

func askForm(f *web.Form) templ.Component {
	return web.Whole(web.Page{Title: "申请企业账号", Lead: "提交后由登记地的区县住建局核对；企业已有管理员账号的，请由管理员邀请，不必申请", Narrow: true}, web.Section(web.Box{}, web.FormView(f, web.FormBox{Submit: "提交申请", Cancel: "/"})))
}

func (d *Desk) askPage(w http.ResponseWriter, r *http.Request) error {
	fields, err := d.askFields(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, askForm(web.NewForm(fields...)))
}

// ask takes an enterprise's request, at a bounded rate.
func (d *Desk) ask(w http.ResponseWriter, r *http.Request) error {
	fields, err := d.askFields(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	up, err := web.Receive(r, d.Files, f, "proof")
	if err != nil {
		return err
	}
	defer up.Close()
	uscc, division := f.USCC("uscc"), f.Division("division")
	who := web.Actor(r)
	from := identity.Origin{Addr: who.Addr, Agent: r.UserAgent(), Request: web.RequestID(r.Context())}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		kept, err := up.Keep(ctx, tx)
		if err != nil {
			return "", err
		}
		id, err := d.Identity.AskIn(ctx, tx, from, identity.Request{
			Enterprise: uscc, Name: f.Str("name"), Division: division, Legal: f.Str("legal"), Proof: kept[0].ID,
			Contact: identity.Contact{Name: f.Str("contact"), Number: f.Str("number"), Phone: f.Str("phone")},
		})
		web.Say(r, "申请已提交，编号 "+id.String()+"。核对通过后，区县住建局会把激活码交给经办人。")
		return "/enterprise-account", err
	}, func() templ.Component { return askForm(f) })
}

var requestStates = map[string]string{"open": "待核对", "confirmed": "已确认", "refused": "未通过"}

func (d *Desk) requests(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	l, err := web.ReadList(r, web.ListSpec{Filters: []web.Filter{{Name: "state", Label: "状态", Chips: true, Options: []web.Option{{Value: "open", Text: "待核对"}, {Value: "confirmed", Text: "已确认"}, {Value: "refused", Text: "未通过"}}}}})
	if err != nil {
		return err
	}
	t := web.Table{Caption: "企业账号申请", List: l, Cols: []web.Col{{Name: "企业"}, {Name: "统一社会信用代码"}, {Name: "申请时间"}, {Name: "状态"}}, None: web.Nothing{Text: "没有企业账号申请。"}}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		rows, err := web.Paged(l, func(after string, limit int) ([]identity.Request, string, error) {
			from, err := cursor(after)
			if err != nil {
				return nil, "", err
			}
			rows, err := d.Identity.Requests(ctx, tx, web.Actor(r), l.Get("state"), from, limit)
			if err != nil || len(rows) < limit {
				return rows, "", err
			}
			return rows, rows[len(rows)-1].ID.String(), nil
		})
		for _, x := range rows {
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.L(x.Name, "/admin/requests/"+x.ID.String()), web.T(string(x.Enterprise)), web.T(clock(x.AskedAt)), web.T(requestStates[x.State])}})
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "企业账号申请", t)
	}
	return web.Show(w, r, http.StatusOK, web.Whole(page(r, "企业账号申请"), web.Section(web.Box{}, web.TableView(t))))
}

var confirmField = web.Field{Name: "to", Label: "授权截止日", Kind: web.Date, Required: true}

// request shows one request beside the register; reading it is an event.
func (d *Desk) request(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := pathID(r)
	if err != nil {
		return err
	}
	var x identity.Request
	var place string
	err = d.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if x, err = d.Identity.Request(ctx, tx, web.Actor(r), id); err != nil {
			return err
		}
		path, err := registry.DivisionPath(ctx, tx, x.Division)
		place = registry.PlaceName(path)
		return err
	})
	if err != nil {
		return err
	}
	own := "/admin/requests/" + id.String()
	p := page(r, x.Name)
	p.Crumbs, p.Tags = []web.Link{{Text: "企业账号申请", Href: "/admin/requests"}}, []web.Mark{{Text: requestStates[x.State], Tone: web.Info}}
	parts := []templ.Component{web.Section(web.Box{Title: "申请内容"}, web.Facts([]web.Fact{
		{Name: "统一社会信用代码", Text: string(x.Enterprise)},
		{Name: "企业名称", Text: x.Name},
		{Name: "法定代表人", Text: x.Legal},
		{Name: "经办人", Text: x.Contact.Name},
		{Name: "经办人身份证号", Text: x.Contact.Number},
		{Name: "经办人手机号", Text: x.Contact.Phone},
		{Name: "证明材料", Text: "下载核对", Href: own + "/proof"},
		{Name: "办理说明", Text: x.Reason},
	})), web.Section(web.Box{Title: "与登记核对"}, web.Facts(checks(x, place)))}
	if x.State == "open" {
		sure := web.FormView(web.NewForm(confirmField), web.FormBox{Action: own + "/confirm", Submit: "确认并生成激活码"})
		if len(x.Managers) > 0 {
			sure = web.Quiet("企业已有管理员账号，不能再确认：其他人员由该管理员邀请；管理员丢失账号的办理找回，离任的办理移交。请在“不通过”中如此答复。")
		}
		parts = append(parts, web.SideBySide(
			web.Section(web.Box{Title: "确认", Cols: 6}, sure),
			web.Section(web.Box{Title: "不通过", Cols: 6}, web.FormView(web.NewForm(reasonField), web.FormBox{Action: own + "/refuse", Submit: "不通过", Danger: true})),
		))
	}
	return web.Show(w, r, http.StatusOK, web.Whole(p, parts...))
}

// checks set what was typed beside the register and the accounts there are. Whether
// the legal representative is the registered one is said, not who that is.
func checks(x identity.Request, place string) []web.Fact {
	managers := "没有"
	if len(x.Managers) > 0 {
		managers = ""
		for i, m := range x.Managers {
			if i > 0 {
				managers += "、"
			}
			managers += cmp.Or(m.Name, "（未填姓名）")
			if m.Invited {
				managers += "（待激活）"
			}
		}
	}
	if x.Firm == nil {
		return []web.Fact{
			{Name: "登记", Text: "登记中没有这家企业，由申请人填写的区县核对"}, {Name: "填写的区县", Text: place}, {Name: "在用的管理员账号", Text: managers},
		}
	}
	same := func(ok bool) string {
		if ok {
			return "与登记一致"
		}
		return "与登记不一致，请核对证明材料"
	}
	legal := "登记中没有法定代表人，请核对证明材料"
	if x.Firm.Legal != "" {
		legal = same(strings.TrimSpace(x.Legal) == strings.TrimSpace(x.Firm.Legal))
	}
	return []web.Fact{
		{Name: "登记的企业名称", Text: x.Firm.Name + "（" + x.Firm.State + "）"},
		{Name: "企业名称", Text: same(strings.TrimSpace(x.Name) == strings.TrimSpace(x.Firm.Name))},
		{Name: "法定代表人", Text: legal},
		{Name: "登记地", Text: place},
		{Name: "在用的管理员账号", Text: managers},
	}
}

func (d *Desk) proof(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	return web.SendFile(w, r, d.DB, d.Files, func(ctx context.Context, tx *db.Tx, who authz.Actor) (db.ID, error) {
		x, err := d.Identity.Request(ctx, tx, who, id)
		if err == nil && x.Proof == 0 {
			err = fault.New(fault.NotFound, "authz.not-found", "没有找到您要查看的内容。")
		}
		if err != nil {
			return 0, err
		}
		return x.Proof, audit.Append(ctx, tx, who, "file.read", "identity_request:"+id.String(), map[string]any{"file": x.Proof})
	})
}

func (d *Desk) confirm(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, confirmField)
	if err != nil {
		return err
	}
	page := alone(r, f, "确认企业账号申请", "/admin/requests/"+id.String())
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, page())
	}
	return d.coded(w, r, f, func(ctx context.Context, tx *db.Tx) (identity.Invited, error) {
		return d.Identity.ConfirmIn(ctx, tx, web.Actor(r), id, f.Date("to"))
	}, page)
}

func (d *Desk) refuseRequest(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, reasonField)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "已告知不通过。")
		return "/admin/requests", d.Identity.RefuseRequestIn(ctx, tx, web.Actor(r), id, f.Str("reason"))
	}, alone(r, f, "请写明原因", "/admin/requests/"+id.String()))
}
