package admin

import (
	"context"
	"net/http"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/identity"
	"juli/internal/web"
)

var stateTitles = map[string]string{"invited": "待激活", "active": "在用", "suspended": "已停用"}

func (d *Desk) people(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, web.ListSpec{
		Search: "账号或姓名",
		Filters: []web.Filter{
			{Name: "state", Label: "状态", Chips: true, Options: []web.Option{{Value: "active", Text: "在用"}, {Value: "invited", Text: "待激活"}, {Value: "suspended", Text: "已停用"}}},
			{Name: "role", Label: "角色", Options: roleOptions(who)},
		},
	})
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "人员", List: l, Cols: []web.Col{{Name: "姓名"}, {Name: "账号"}, {Name: "角色"}, {Name: "状态"}, {Name: "最近登录"}},
		None: web.Nothing{Text: "还没有人员。", Act: web.Link{Text: "邀请人员", Href: "/admin/people/new"}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		rows, err := web.Paged(l, func(after string, limit int) ([]identity.Account, string, error) {
			from, err := cursor(after)
			if err != nil {
				return nil, "", err
			}
			rows, err := d.Identity.People(ctx, tx, who, identity.PeopleQuery{State: l.Get("state"), Role: authz.Role(l.Get("role")), Text: l.Q, After: from, Limit: limit})
			if err != nil || len(rows) < limit {
				return rows, "", err
			}
			return rows, rows[len(rows)-1].ID.String(), nil
		})
		for _, a := range rows {
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				web.L(named(a), "/admin/people/"+a.ID.String()), web.T(a.Login), web.T(rolesText(a)), web.Tagged(stateTitles[a.State], stateTone(a.State)), web.T(clock(a.Seen)),
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "人员", t)
	}
	p := page(r, "人员")
	p.Lead = "您负责的单位的账号"
	if authz.Can(who, authz.AccountInvite) {
		p.Acts = []web.Link{{Text: "邀请人员", Href: "/admin/people/new", Main: true}, {Text: "按文件邀请", Href: "/admin/people-invite"}, {Text: "按文件办理", Href: "/admin/people-file"}}
	}
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.TableView(t))))
}

func cursor(after string) (db.ID, error) {
	if after == "" {
		return 0, nil
	}
	return db.ParseID(after)
}

func named(a identity.Account) string {
	if a.Name == "" {
		return "（未填姓名）"
	}
	return a.Name
}

func rolesText(a identity.Account) string {
	text := ""
	for _, g := range a.Grants {
		text += g.Role.Title() + " "
	}
	for _, g := range a.Proposed {
		text += g.Role.Title() + "（待批） "
	}
	return text
}

func stateTone(state string) web.Tone {
	return map[string]web.Tone{"active": web.Good, "invited": web.Info, "suspended": web.Bad}[state]
}

func roleOptions(who authz.Actor) []web.Option {
	var out []web.Option
	for _, role := range identity.Givable(who) {
		out = append(out, web.Option{Value: string(role), Text: role.Title()})
	}
	return out
}

// colleagues are the people that the actor looks after, but one, to choose from.
func (d *Desk) colleagues(ctx context.Context, tx *db.Tx, who authz.Actor, but db.ID) ([]web.Option, error) {
	list, err := d.Identity.People(ctx, tx, who, identity.PeopleQuery{State: "active", Limit: 200})
	var out []web.Option
	for _, a := range list {
		if a.ID != but {
			out = append(out, web.Option{Value: a.ID.String(), Text: named(a) + "（" + a.Login + "）"})
		}
	}
	return out, err
}
