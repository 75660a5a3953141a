package account

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/identity"
	"juli/internal/registry"
	"juli/internal/web"
)

// leave is what the page of deputies shows and asks.
type leave struct {
	standing   []identity.Standing
	colleagues []identity.Colleague
	body       func(authz.Role, authz.Scope) string
	posts      []authz.Grant // one's own, that somebody may stand in for
}

func (d *Desk) leave(ctx context.Context, tx *db.Tx, who authz.Actor) (l leave, err error) {
	if l.standing, err = d.Identity.Deputies(ctx, tx, who); err != nil {
		return l, err
	}
	if l.colleagues, err = d.Identity.Colleagues(ctx, tx, who); err != nil {
		return l, err
	}
	var scopes []authz.Scope
	for _, g := range who.Grants {
		if g.Deputy == 0 && !g.Role.Admin() {
			l.posts = append(l.posts, g)
			scopes = append(scopes, g.Scope)
		}
	}
	for _, x := range l.standing {
		scopes = append(scopes, x.Grant.Scope)
	}
	l.body, err = registry.BodyNames(ctx, tx, scopes)
	return l, err
}

// fields ask for the deputy; a post is asked for only where there are several.
func (l leave) fields() []web.Field {
	who := web.Field{Name: "deputy", Label: "代理人", Kind: web.Select, Required: true, Hint: "本单位的在岗人员"}
	for _, c := range l.colleagues {
		name := c.Name
		if name == "" {
			name = "（未填姓名）"
		}
		who.Options = append(who.Options, web.Option{Value: c.Account.String(), Text: name + "（" + c.Login + "）"})
	}
	fields := []web.Field{who}
	if len(l.posts) > 1 {
		posts := web.Field{Name: "posts", Label: "代理的岗位", Kind: web.Checks, Hint: "不选表示全部"}
		for _, g := range l.posts {
			posts.Options = append(posts.Options, web.Option{Value: g.ID.String(), Text: l.body(g.Role, g.Scope)})
		}
		fields = append(fields, posts)
	}
	return append(fields,
		web.Field{Name: "from", Label: "起", Kind: web.Date, Required: true},
		web.Field{Name: "to", Label: "止（含）", Kind: web.Date, Required: true},
		web.Field{Name: "reason", Label: "原因", Required: true, Max: 200, Hint: "例如：年休假、出差"},
	)
}

// page shows who stands in for whom, and the form to ask somebody once the second
// factor is fresh: asked for before it is filled in, not after.
func (l leave) page(days int, fresh bool, f *web.Form) templ.Component {
	p := web.Page{Title: "休假代理", Own: true, Lead: "休假期间由同事办理您岗位上的事项，到期自动收回", Narrow: true, Crumbs: []web.Link{{Text: "我的账号", Href: "/account"}}}
	mine, theirs := l.cards(true), l.cards(false)
	if len(mine) == 0 {
		mine = append(mine, web.Quiet("没有人代理您的岗位。"))
	}
	if len(theirs) == 0 {
		theirs = append(theirs, web.Quiet("您没有代理别人的岗位。"))
	}
	parts := []templ.Component{
		web.Section(web.Box{Title: "代理我的人"}, mine...),
		web.Section(web.Box{Title: "我代理的岗位"}, theirs...),
	}
	switch {
	case len(l.posts) == 0:
		parts = append(parts, web.Quiet("您没有可以由他人代理的岗位；管理员的岗位不能代理。"))
	case len(l.colleagues) == 0:
		parts = append(parts, web.Quiet("本单位没有其他在岗人员，请联系本单位管理员。"))
	case !fresh:
		parts = append(parts, web.Section(web.Box{Title: "请人代理"},
			web.Quiet("请人代理是授予权限，先再输入一次动态码。"),
			web.Buttons([]web.Link{{Text: "确认身份", Href: "/stepup?to=/account/deputies", Main: true}})))
	default:
		parts = append(parts, web.Section(web.Box{Title: "请人代理"},
			web.Quiet("代理最长 "+strconv.Itoa(days)+" 天；单位管理员的权限不随岗位代理。"),
			web.FormView(f, web.FormBox{Action: "/account/deputies", Submit: "请其代理", Cancel: "/account"})))
	}
	return web.Whole(p, parts...)
}

// cards are the deputisings of one's own posts, or of others'.
func (l leave) cards(mine bool) []templ.Component {
	var out []templ.Component
	for _, x := range l.standing {
		if x.Mine != mine {
			continue
		}
		state := "尚未开始"
		switch {
		case x.State == "proposed":
			state = "等待批准"
		case x.HasBegun:
			state = "代理中"
		}
		facts := []web.Fact{{Name: "岗位", Text: l.body(x.Grant.Role, x.Grant.Scope)}}
		submit := "撤回代理"
		if mine {
			facts = append(facts, web.Fact{Name: "代理人", Text: x.Deputy})
		} else {
			submit = "不再代理"
			facts = append(facts, web.Fact{Name: "休假的人", Text: x.Owner})
		}
		facts = append(facts, web.Fact{Name: "期间", Text: x.Grant.From.String() + " 至 " + x.Grant.To.String()}, web.Fact{Name: "原因", Text: x.Reason}, web.Fact{Name: "状态", Text: state})
		out = append(out, web.Facts(facts), web.FormView(web.NewForm(), web.FormBox{Action: "/account/deputies/" + x.Grant.ID.String() + "/end", Submit: submit, Danger: true}))
	}
	return out
}

func (d *Desk) readLeave(r *http.Request) (l leave, err error) {
	err = d.DB.Read(r.Context(), func(tx *db.Tx) (err error) { l, err = d.leave(r.Context(), tx, web.Actor(r)); return err })
	return l, err
}

func (d *Desk) deputies(w http.ResponseWriter, r *http.Request) error {
	l, err := d.readLeave(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, l.page(d.Identity.Policy.DeputyDays, !web.Actor(r).StepUp.IsZero(), web.NewForm(l.fields()...)))
}

func (d *Desk) deputise(w http.ResponseWriter, r *http.Request) error {
	l, err := d.readLeave(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, l.fields()...)
	if err != nil {
		return err
	}
	in := identity.Deputising{Deputy: f.ID("deputy"), From: f.Date("from"), To: f.Date("to"), Reason: f.Str("reason")}
	if len(l.posts) > 1 {
		for _, v := range f.All("posts") {
			if id, err := db.ParseID(v); err == nil {
				in.Grants = append(in.Grants, id)
			}
		}
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		_, err := d.Identity.DeputiseIn(ctx, tx, web.Actor(r), in)
		web.Say(r, "已请其代理，并已告知本人。")
		return "/account/deputies", err
	}, func() templ.Component { return l.page(d.Identity.Policy.DeputyDays, true, f) })
}

func (d *Desk) endDeputy(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	return web.Act(w, r, d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "代理已结束。")
		return "/account/deputies", d.Identity.EndDeputyIn(ctx, tx, web.Actor(r), id)
	})
}
