package bureau

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/job"
	"juli/internal/web"
)

func runAddress(id db.ID) string { return "/bureau/evaluation-runs/" + id.String() }

// evaluationRun shows how far an evaluation is; once it is done it leads to the
// result.
func (d *Desk) evaluationRun(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	var run credit.Run
	err = d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		run, err = d.Evaluations.RunOf(r.Context(), tx, web.Actor(r), id)
		return err
	})
	if err != nil {
		return err
	}
	if run.State == job.Done && run.Evaluation != 0 {
		return web.Redirect(w, r, "/bureau/evaluations/"+run.Evaluation.String())
	}
	return web.Show(w, r, http.StatusOK, evaluationRunPage(run))
}

// stopEvaluation ends a run that is not done yet.
func (d *Desk) stopEvaluation(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	again := later(func(ctx context.Context) (c templ.Component, err error) {
		var run credit.Run
		err = d.DB.Read(ctx, func(tx *db.Tx) (err error) {
			run, err = d.Evaluations.RunOf(ctx, tx, web.Actor(r), id)
			return err
		})
		return evaluationRunPage(run), err
	})
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		return runAddress(id), d.Evaluations.CancelRun(ctx, tx, web.Actor(r), id)
	}, again)
}

func evaluationRunPage(run credit.Run) templ.Component {
	j := web.Job{
		ID: run.ID.String(), Title: purposeWords[run.Purpose] + "：" + run.Period, Done: run.Done, Of: run.Total, Unit: "家企业",
		State: "running", Detail: run.Note, Href: runAddress(run.ID), Cancel: runAddress(run.ID) + "/stop",
	}
	switch run.State {
	case job.Queued:
		j.State = "waiting"
		if run.Attempt > 0 && run.Problem != "" {
			j.Detail = "上一次没有成功：" + run.Problem + "稍后自动再试。"
		}
	case job.Failed, job.Cancelled:
		j.State, j.Detail, j.Cancel, j.Href = "failed", run.Problem, "", "/bureau/evaluations"
		if run.State == job.Cancelled {
			j.State, j.Detail = "stopped", "没有存下任何结果。"
		}
	}
	parts := []templ.Component{web.Progress(j)}
	if run.State.Final() {
		parts = append(parts, web.Buttons([]web.Link{{Text: "重新运行评价", Href: "/bureau/evaluations#run", Main: true}}))
	} else {
		parts = append(parts, web.Para("可以离开这一页，评价会继续进行；完成后在“评价结果”里能看到。"))
	}
	return web.Whole(
		web.Page{Title: "正在评价：" + run.Period, Desk: Key, Lead: "数据截至 " + run.AsOf.String(), Crumbs: []web.Link{{Text: "信用评价", Href: "/bureau/evaluations"}}, Narrow: true},
		web.Section(web.Box{}, parts...),
	)
}
