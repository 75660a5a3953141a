package admin

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/job"
	"juli/internal/web"
)

var jobStates = []job.State{job.Queued, job.Running, job.Done, job.Failed, job.Cancelled}

func (d *Desk) jobs(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var options []web.Option
	for _, s := range jobStates {
		options = append(options, web.Option{Value: string(s), Text: s.String()})
	}
	l, err := web.ReadList(r, web.ListSpec{Filters: []web.Filter{{Name: "state", Label: "状态", Chips: true, Options: options}}})
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "任务队列", List: l, None: web.Nothing{Text: "没有任务。"},
		Cols: []web.Col{{Name: "任务"}, {Name: "状态"}, {Name: "进度"}, {Name: "次数", Num: true}, {Name: "开始"}, {Name: "结束"}, {Name: "问题"}, {Name: "办理"}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		if err := authz.Require(web.Actor(r), authz.JobRead, authz.Place{}); err != nil {
			return err
		}
		rows, err := web.Paged(l, func(after string, limit int) ([]job.Info, string, error) {
			before, err := cursor(after)
			if err != nil {
				return nil, "", err
			}
			rows, err := job.List(ctx, tx, 0, job.State(l.Get("state")), before, limit)
			if err != nil || len(rows) < limit {
				return rows, "", err
			}
			return rows, rows[len(rows)-1].ID.String(), nil
		})
		for _, x := range rows {
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				{Text: d.jobTitle(x.Kind), Sub: x.ID.String()}, web.T(x.State.String()), web.T(web.Percent(x.Done, x.Total)), web.N(int64(x.Attempt), ""), web.T(clock(x.Started)), web.T(clock(x.Ended)), web.T(x.Problem), jobAct(x),
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "任务队列", t)
	}
	return web.Show(w, r, http.StatusOK, web.Whole(page(r, "任务队列"), web.Section(web.Box{}, web.TableView(t))))
}

// jobTitle names a kind of work; one of an older program keeps its own name.
func (d *Desk) jobTitle(kind string) string {
	if title := d.JobTitles[kind]; title != "" {
		return title
	}
	return kind
}

func jobAct(x job.Info) web.Cell {
	own := "/admin/jobs/" + x.ID.String()
	switch x.State {
	case job.Queued, job.Running:
		return web.Cell{Body: web.FormView(web.NewForm(), web.FormBox{Action: own + "/cancel", Submit: "取消"}), Plain: "可取消"}
	case job.Failed, job.Cancelled:
		return web.Cell{Body: web.FormView(web.NewForm(), web.FormBox{Action: own + "/retry", Submit: "重试"}), Plain: "可重试"}
	}
	return web.T("")
}

func (d *Desk) jobActed(w http.ResponseWriter, r *http.Request, kind, said string, do func(ctx context.Context, tx *db.Tx, id db.ID) error) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	return web.Act(w, r, d.DB, func(ctx context.Context, tx *db.Tx) (string, error) {
		who := web.Actor(r)
		if err := authz.Require(who, authz.JobCancel, authz.Place{}); err != nil {
			return "", err
		}
		if err := do(ctx, tx, id); err != nil {
			return "", err
		}
		web.Say(r, said)
		return "/admin/jobs", audit.Append(ctx, tx, who, kind, "job:"+id.String(), audit.Change{Act: authz.JobCancel})
	})
}

func (d *Desk) cancelJob(w http.ResponseWriter, r *http.Request) error {
	return d.jobActed(w, r, "job.cancelled", "已要求取消。", job.Cancel)
}

func (d *Desk) retryJob(w http.ResponseWriter, r *http.Request) error {
	return d.jobActed(w, r, "job.retried", "已重新排队。", job.Retry)
}

func (d *Desk) settings(w http.ResponseWriter, r *http.Request) error {
	if err := authz.Require(web.Actor(r), authz.SettingsRead, authz.Place{}); err != nil {
		return err
	}
	p := page(r, "系统设置")
	p.Lead = "设置在启动命令和配置中修改；密钥和密码不在这里显示"
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.Facts(d.Settings))))
}

func (d *Desk) doctor(w http.ResponseWriter, r *http.Request) error {
	if err := authz.Require(web.Actor(r), authz.DoctorRun, authz.Place{}); err != nil {
		return err
	}
	found, err := d.Doctor(r.Context())
	if err != nil {
		return err
	}
	t := web.Table{Caption: "系统自检", Cols: []web.Col{{Name: "检查"}, {Name: "结果"}, {Name: "说明"}}, None: web.Nothing{Text: "没有检查项。"}}
	bad := 0
	for _, x := range found {
		result := web.Tagged("正常", web.Good)
		if !x.OK {
			bad++
			result = web.Tagged("有问题", web.Bad)
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(x.Name), result, web.T(x.Detail)}})
	}
	var parts []templ.Component
	if bad > 0 {
		parts = append(parts, web.Notice(web.Bad, "", web.Count(int64(bad))+" 项检查没有通过。"))
	}
	return web.Show(w, r, http.StatusOK, web.Whole(page(r, "系统自检"), append(parts, web.Section(web.Box{}, web.TableView(t)))...))
}
