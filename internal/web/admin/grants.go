package admin

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/identity"
	"juli/internal/registry"
	"juli/internal/web"
)

// grants are the proposals that wait for another person than their maker (AZ-5).
func (d *Desk) grants(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var list []identity.Proposal
	var body func(authz.Role, authz.Scope) string
	err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if list, err = d.Identity.Proposals(ctx, tx, who, 0, waitingMax); err != nil {
			return err
		}
		var scopes []authz.Scope
		for _, x := range list {
			scopes = append(scopes, x.Grant.Scope)
		}
		body, err = registry.BodyNames(ctx, tx, scopes)
		return err
	})
	if err != nil {
		return err
	}
	var parts []templ.Component
	for _, x := range list {
		own := "/admin/grants/" + x.Grant.ID.String()
		manager := "否"
		if x.Grant.Manager {
			manager = "是"
		}
		inner := []templ.Component{web.Facts([]web.Fact{
			{Name: "人员", Text: x.Name + "（" + x.Login + "）", Href: "/admin/people/" + x.Account.String()},
			{Name: "角色和范围", Text: body(x.Grant.Role, x.Grant.Scope)},
			{Name: "单位管理员", Text: manager},
			{Name: "期限", Text: x.Grant.From.String() + " 至 " + x.Grant.To.String()},
			{Name: "提出时间", Text: clock(x.ProposedAt)},
		})}
		if x.Mine {
			inner = append(inner, web.Quiet("这项授权由您提出或授予您本人，须由另一人批准。"))
		} else {
			inner = append(inner, web.FormView(web.NewForm(), web.FormBox{Action: own + "/approve", Submit: "批准"}),
				web.FormView(web.NewForm(reasonField).Apart(x.Grant.ID.String()), web.FormBox{Action: own + "/refuse", Submit: "不批准", Danger: true}))
		}
		parts = append(parts, web.Section(web.Box{Title: x.Grant.Role.Title() + "：" + x.Login}, inner...))
	}
	if len(list) == 0 {
		parts = append(parts, web.Section(web.Box{}, web.Empty(web.Nothing{Text: "没有等待批准的授权。"})))
	}
	p := page(r, "待批授权")
	p.Lead = "提出人和批准人必须是两个自然人"
	return web.Show(w, r, http.StatusOK, web.Whole(p, parts...))
}

func (d *Desk) approve(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	return web.Act(w, r, d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "已批准，立即生效。")
		return "/admin/grants", d.Identity.ApproveIn(ctx, tx, web.Actor(r), id)
	})
}

func (d *Desk) refuse(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, reasonField)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "未批准。")
		return "/admin/grants", d.Identity.RefuseIn(ctx, tx, web.Actor(r), id, f.Str("reason"))
	}, alone(r, f, "请写明原因", "/admin/grants"))
}

func (d *Desk) recoveries(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var list []identity.Recovery
	err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		list, err = d.Identity.Recoveries(ctx, tx, who, 0, waitingMax)
		return err
	})
	if err != nil {
		return err
	}
	var parts []templ.Component
	for _, x := range list {
		own := "/admin/recoveries/" + x.ID.String()
		inner := []templ.Component{web.Facts([]web.Fact{
			{Name: "人员", Text: x.Name, Href: "/admin/people/" + x.Account.String()},
			{Name: "原因", Text: x.Reason},
			{Name: "受理时间", Text: clock(x.ProposedAt)},
			{Name: "最早可用", Text: clock(x.Opens)},
		})}
		if x.State == "proposed" && x.ProposedBy != who.Person && authz.Can(who, authz.RecoverApprove) {
			inner = append(inner, web.FormView(web.NewForm(), web.FormBox{Action: own + "/approve", Submit: "批准找回"}))
		}
		inner = append(inner, web.FormView(web.NewForm(), web.FormBox{Action: own + "/cancel", Submit: "取消找回", Danger: true}))
		tags := []web.Mark{{Text: map[string]string{"proposed": "待批准", "approved": "已批准"}[x.State], Tone: web.Info}}
		parts = append(parts, web.Section(web.Box{Title: "找回：" + x.Login, Tags: tags}, inner...))
	}
	if len(list) == 0 {
		parts = append(parts, web.Section(web.Box{}, web.Empty(web.Nothing{Text: "没有正在办理的找回。"})))
	}
	return web.Show(w, r, http.StatusOK, web.Whole(page(r, "找回账号"), parts...))
}

func (d *Desk) approveRecovery(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	return d.recovering(w, r, "/admin/recoveries", func(ctx context.Context, tx *db.Tx) (identity.RecoveryCode, error) {
		return d.Identity.ApproveRecoveryIn(ctx, tx, web.Actor(r), id)
	})
}

func (d *Desk) cancelRecovery(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	return web.Act(w, r, d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "找回已取消。")
		return "/admin/recoveries", d.Identity.CancelRecoveryIn(ctx, tx, web.Actor(r), id)
	})
}
