package bureau

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/campaign"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/identity"
	"juli/internal/registry"
	"juli/internal/web"
)

// inspectionSpec is what the list takes: campaigns and districts are chosen by name.
func (d *Desk) inspectionSpec(ctx context.Context, tx *db.Tx, who authz.Actor) (spec web.ListSpec, err error) {
	districts, err := districtOptions(ctx, tx)
	if err != nil {
		return spec, err
	}
	which := web.Filter{Name: "campaign", Label: "专项检查"}
	list, err := d.Campaigns.List(ctx, tx, who, campaign.Query{Public: true, Limit: 200})
	for _, c := range list {
		which.Options = append(which.Options, web.Option{Value: c.ID.String(), Text: c.Title})
	}
	if len(which.Options) == 0 {
		which.Like = web.LikeID
	}
	return web.ListSpec{Filters: []web.Filter{
		{Name: "state", Label: "状态", Chips: true, Options: statesOf(campaign.InspectionMachine)},
		which,
		{Name: "result", Label: "结果", Options: []web.Option{{Value: "settled", Text: "已有结果"}, {Value: "pass", Text: "合格"}, {Value: "fail", Text: "不合格"}, {Value: "mended", Text: "不合格，按期整改"}, {Value: "open", Text: "没有结果"}}},
		{Name: "mine", Label: "检查人员", Options: []web.Option{{Value: "1", Text: "本人"}}},
		{Name: "district", Label: "区县", Options: districts},
	}}, err
}

func resultTone(x campaign.Inspection) web.Tone {
	switch {
	case x.ResultTitle() == "":
		return web.Plain
	case !x.Good():
		return web.Bad
	case x.ToMend > 0:
		return web.Warn
	}
	return web.Good
}

func (d *Desk) inspections(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var l *web.List
	err := d.DB.Read(ctx, func(tx *db.Tx) error {
		spec, err := d.inspectionSpec(ctx, tx, who)
		if err != nil {
			return err
		}
		l, err = web.ReadList(r, spec)
		return err
	})
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "现场检查", List: l, None: web.Nothing{Text: "还没有检查任务。专项检查抽取后，任务派到检查人员的待办。", Act: web.Link{Text: "看专项检查", Href: "/bureau/campaigns"}},
		Cols: []web.Col{{Name: "项目"}, {Name: "企业"}, {Name: "专项检查"}, {Name: "状态"}, {Name: "期限"}, {Name: "检查日"}, {Name: "得分（分）", Num: true}, {Name: "结果"}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		q := campaign.Sift{Campaign: before(l.Get("campaign")), State: l.Get("state"), Result: l.Get("result"), Mine: l.Get("mine") == "1", Division: code.Division(l.Get("district"))}
		rows, err := web.Paged(l, func(after string, limit int) ([]campaign.Inspection, string, error) {
			q.Before, q.Limit = before(after), limit+1
			list, err := d.Campaigns.Inspections(ctx, tx, who, q)
			if err != nil || len(list) <= limit {
				return list, "", err
			}
			return list[:limit], list[limit-1].ID.String(), nil
		})
		if err != nil {
			return err
		}
		n, err := d.inspectionNames(ctx, tx, rows)
		if err != nil {
			return err
		}
		for _, x := range rows {
			score := web.Cell{Text: "—"}
			if x.SettledOn != 0 {
				score = web.P(x.Score, false)
			}
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				web.L(n.project[x.Project], "/bureau/inspections/"+x.ID.String()), web.T(n.firm[x.Enterprise]), web.L(n.title[x.Campaign], "/bureau/campaigns/"+x.Campaign.String()),
				web.Tagged(x.StateTitle(), web.Plain), web.D(x.Due), web.D(x.MadeOn), score, web.Tagged(x.ResultTitle(), resultTone(x)),
			}})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "现场检查", t)
	}
	return web.Show(w, r, http.StatusOK, page(
		web.Page{Title: "现场检查", Desk: Key, Lead: "双随机抽取的检查任务和结果", Script: "inspect.js", Acts: []web.Link{{Text: "专项检查", Href: "/bureau/campaigns"}, {Text: "我的检查", Href: "/bureau/inspections?mine=1", Main: true}}},
		outbox(), card(web.Box{}, web.TableView(t))))
}

// names are what a list of inspections calls things.
type names struct {
	project map[code.ProjectCode]string
	firm    map[code.USCC]string
	title   map[db.ID]string
}

func (d *Desk) inspectionNames(ctx context.Context, tx *db.Tx, rows []campaign.Inspection) (n names, err error) {
	var projects []code.ProjectCode
	var firms []code.USCC
	n.title = map[db.ID]string{}
	for _, x := range rows {
		projects, firms = append(projects, x.Project), append(firms, x.Enterprise)
		if n.title[x.Campaign] == "" {
			c, err := d.Campaigns.Public(ctx, tx, x.Campaign)
			if err != nil {
				return n, err
			}
			n.title[x.Campaign] = c.Title
		}
	}
	if n.project, err = registry.ProjectNames(ctx, tx, projects); err != nil {
		return n, err
	}
	n.firm, err = registry.EnterpriseNames(ctx, tx, firms)
	return n, err
}

// inspectionView is an inspection with what its page shows beside it.
type inspectionView struct {
	x       campaign.Inspection
	b       *campaign.Book
	list    []campaign.Item
	found   []campaign.Finding
	answers map[string]campaign.Verdict
	files   map[db.ID]blob.File
	steps   []casework.Step
	may     []casework.Act
	second  templ.Component // what only another person may do
	body    func(string) string
	people  map[db.ID]string
	names
	waits string
	mine  bool // one of its inspectors looks

	asSecond bool // the second of them
}

func (d *Desk) inspectionView(ctx context.Context, who authz.Actor, id db.ID) (v inspectionView, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if v.x, err = d.Campaigns.Inspection(ctx, tx, who, id); err != nil {
			return err
		}
		if v.b, v.list, err = d.Campaigns.Checklist(ctx, tx, v.x); err != nil {
			return err
		}
		if v.found, err = campaign.Findings(ctx, tx, v.x); err != nil {
			return err
		}
		if v.answers, err = campaign.Answers(ctx, tx, v.x); err != nil {
			return err
		}
		if v.names, err = d.inspectionNames(ctx, tx, []campaign.Inspection{v.x}); err != nil {
			return err
		}
		if v.people, err = identity.AccountNames(ctx, tx, v.x.First, v.x.Second); err != nil {
			return err
		}
		var ids []db.ID
		for _, f := range v.found {
			for _, p := range f.Photos {
				ids = append(ids, p.File)
			}
		}
		if v.files, err = blob.Files(ctx, tx, ids...); err != nil {
			return err
		}
		if v.steps, err = casework.History(ctx, tx, v.x.Case); err != nil {
			return err
		}
		v.may = casework.AllowedBy(who, v.x.Case, v.steps)
		v.second = otherPerson(who, v.x.Case, v.steps)
		v.asSecond = who.StandsFor(v.x.Second)
		v.mine = who.StandsFor(v.x.First) || v.asSecond
		v.waits, _ = casework.Waits(v.x.Case.Due, tx.Today(), v.x.Case.Assumed)
		keys := []string{v.x.FirstBody, v.x.SecondBody}
		if err := nameSteps(ctx, tx, v.steps); err != nil {
			return err
		}
		for _, s := range v.steps {
			keys = append(keys, s.Body)
		}
		v.body, err = bodyNames(ctx, tx, keys...)
		return err
	})
	return v, err
}

func (d *Desk) inspection(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	v, err := d.inspectionView(r.Context(), web.Actor(r), id)
	if err != nil {
		return err
	}
	var f *web.Form
	if fields := v.fields(); fields != nil {
		f = web.NewForm(fields...).Set("version", itoa(v.x.Case.Version))
		if v.x.State != campaign.Assigned {
			f.Set("act", fields[1].Options[0].Value)
		}
	}
	return web.Show(w, r, http.StatusOK, inspectionPage(v, f, v.photoForm()))
}
