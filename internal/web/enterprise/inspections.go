package enterprise

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/campaign"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/web"
)

// inspectionRoutes are the pages about what inspections found.
func (d *Desk) inspectionRoutes(on func(pattern string, act authz.Act, h web.Handler)) {
	on("GET /enterprise/inspections", authz.InspectionRead, d.inspections)
	on("GET /enterprise/inspections/{id}", authz.InspectionRead, d.inspection)
	on("POST /enterprise/inspections/{id}", authz.InspectionMend, d.mended)
	on("GET /enterprise/inspections/{id}/files/{file}", authz.FileRead, d.inspectionFile)
}

var inspectionSpec = web.ListSpec{Filters: []web.Filter{
	{Name: "state", Label: "状态", Chips: true, Options: []web.Option{{Value: campaign.Mending, Text: "限期整改"}, {Value: campaign.Mended, Text: "待复查"}, {Value: campaign.Done, Text: "已完成"}}},
	{Name: "result", Label: "结果", Options: []web.Option{{Value: "pass", Text: "合格"}, {Value: "fail", Text: "不合格"}}},
}}

func verdictTone(x campaign.Inspection) web.Tone {
	if x.Good() {
		if x.ToMend > 0 {
			return web.Warn
		}
		return web.Good
	}
	return web.Bad
}

func (d *Desk) inspections(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, inspectionSpec)
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "现场检查", List: l, None: web.Nothing{Text: "还没有检查结果。", Act: web.Link{Text: "看公开的专项检查", Href: "/campaigns"}},
		Cols: []web.Col{{Name: "项目"}, {Name: "专项检查"}, {Name: "检查日"}, {Name: "得分（分）", Num: true}, {Name: "结果"}, {Name: "状态"}, {Name: "整改期限"}},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		rows, err := web.Paged(l, func(after string, limit int) ([]campaign.Inspection, string, error) {
			before, err := db.ParseID(after)
			if err != nil {
				before = 0
			}
			list, err := d.Campaigns.Inspections(ctx, tx, who, campaign.Sift{State: l.Get("state"), Result: l.Get("result"), Before: before, Limit: limit + 1})
			if err != nil || len(list) <= limit {
				return list, "", err
			}
			return list[:limit], list[limit-1].ID.String(), nil
		})
		if err != nil {
			return err
		}
		for _, x := range rows {
			names, c, err := d.inspectionNames(ctx, tx, x)
			if err != nil {
				return err
			}
			due := web.T("")
			if x.State == campaign.Mending {
				due = dueCell(x.Due, tx.Today())
			}
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				web.L(names, "/enterprise/inspections/"+x.ID.String()), web.L(c.Title, "/campaigns/"+c.ID.String()), web.D(x.MadeOn), web.P(x.Score, false),
				web.Tagged(x.ResultTitle(), verdictTone(x)), web.T(x.StateTitle()), due,
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
	p := page("现场检查")
	p.Lead = "主管部门双随机检查的结果，以及要整改的问题"
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.TableView(t))))
}

func (d *Desk) inspectionNames(ctx context.Context, tx *db.Tx, x campaign.Inspection) (string, campaign.Campaign, error) {
	names, err := registry.ProjectNames(ctx, tx, []code.ProjectCode{x.Project})
	if err != nil {
		return "", campaign.Campaign{}, err
	}
	c, err := d.Campaigns.Public(ctx, tx, x.Campaign)
	return names[x.Project], c, err
}

// inspectionView is an inspection as its enterprise sees it.
type inspectionView struct {
	x       campaign.Inspection
	c       campaign.Campaign
	b       *campaign.Book
	found   []campaign.Finding
	files   map[db.ID]blob.File
	project string
	mends   bool
}

func (d *Desk) inspectionView(r *http.Request) (v inspectionView, err error) {
	id, err := pathID(r, "id")
	if err != nil {
		return v, err
	}
	ctx, who := r.Context(), web.Actor(r)
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if v.x, err = d.Campaigns.Inspection(ctx, tx, who, id); err != nil {
			return err
		}
		if v.project, v.c, err = d.inspectionNames(ctx, tx, v.x); err != nil {
			return err
		}
		if v.b, _, err = d.Campaigns.Checklist(ctx, tx, v.x); err != nil {
			return err
		}
		if v.found, err = campaign.Findings(ctx, tx, v.x); err != nil {
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
		steps, err := casework.History(ctx, tx, v.x.Case)
		v.mends = slices.ContainsFunc(casework.AllowedBy(who, v.x.Case, steps), func(a casework.Act) bool { return a.Name == campaign.ActReport })
		return err
	})
	return v, err
}

// mendFields ask what was done; photos belong to one of the findings each.
func (v inspectionView) mendFields() []web.Field {
	fields := []web.Field{{Name: "version", Kind: web.Carried, Max: 20}, {Name: "what", Label: "整改情况", Kind: web.Long, Required: true, Max: 1000, Hint: "写明每个问题怎么改的、何时改好"}}
	for _, f := range v.found {
		if f.Points {
			continue
		}
		it, _ := v.b.Item(f.Item)
		fields = append(fields, web.Field{Name: "f-" + f.Item, Label: "整改后的照片：" + it.Title, Kind: web.Files, Accept: ".jpg,.jpeg,.png"})
	}
	return fields
}

func (d *Desk) inspection(w http.ResponseWriter, r *http.Request) error {
	v, err := d.inspectionView(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, v.page(web.NewForm(v.mendFields()...).Set("version", versionText(v.x.Case.Version))))
}

func (v inspectionView) page(f *web.Form) templ.Component {
	x := v.x
	p := page(v.project)
	p.Lead = v.c.Title + " · 检查日 " + x.MadeOn.String()
	p.Tags = []web.Mark{{Text: x.ResultTitle(), Tone: verdictTone(x)}, {Text: x.StateTitle()}}
	p.Crumbs = []web.Link{{Text: "现场检查", Href: "/enterprise/inspections"}}
	t := web.Table{
		Caption: "发现的问题", Cols: []web.Col{{Name: "检查内容"}, {Name: "部位和情况"}, {Name: "整改期限"}, {Name: "整改"}, {Name: "处理"}},
		None: web.Nothing{Text: "没有发现问题。"},
	}
	var proofs []web.Proof
	for _, fd := range v.found {
		it, _ := v.b.Item(fd.Item)
		mended, next := web.Tagged("未整改", web.Warn), web.T("在这里报告整改")
		if fd.MendedOn != 0 {
			mended = web.Tagged(fd.MendedOn.String()+" 整改", web.Good)
		}
		if fd.Points {
			next = web.T("另行立案，按整改通知办理")
			if fd.Case != 0 {
				next = web.L("另行立案", "/enterprise/cases/"+fd.Case.String())
			}
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Text: it.Title, Sub: it.Basis}, web.T(fd.Facts), web.D(fd.Due), mended, next}})
		for _, ph := range fd.Photos {
			when := "整改前"
			if ph.After {
				when = "整改后"
			}
			proofs = append(proofs, web.Proof{Name: it.Title + "（" + when + "）", Kind: "照片", SHA256: v.files[ph.File].SHA256, Href: "/enterprise/inspections/" + x.ID.String() + "/files/" + ph.File.String()})
		}
	}
	parts := []templ.Component{
		web.Assumed(v.b.Title + "，" + v.b.Banner),
		web.Section(web.Box{Title: "结果"}, web.Facts([]web.Fact{
			{Name: "得分", Body: web.Score(x.Score, false)},
			{Name: "合格线", Text: v.b.Pass.String() + " 分，且没有要计分的问题"},
			{Name: "适用的检查内容", Text: x.Applied.String() + " / 100 分"},
			{Name: "专项检查", Text: v.c.Title, Href: "/campaigns/" + v.c.ID.String()},
		})),
		web.Section(web.Box{Title: "发现的问题"}, web.TableView(t), web.Proofs(proofs)),
	}
	if v.mends {
		parts = append(parts, web.Section(web.Box{Title: "报告整改", ID: "mend"}, web.FormView(f, web.FormBox{Submit: "报告整改完成"})))
	}
	return web.Whole(p, parts...)
}

// mended is the enterprise's word that it put things right, with photos.
func (d *Desk) mended(w http.ResponseWriter, r *http.Request) error {
	v, err := d.inspectionView(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, v.mendFields()...)
	if err != nil {
		return err
	}
	ups := map[string]web.Uploads{}
	for _, fd := range v.found {
		if fd.Points {
			continue
		}
		up, err := web.Receive(r, d.Files, f, "f-"+fd.Item)
		if err != nil {
			return err
		}
		defer up.Close()
		ups[fd.Item] = up
	}
	version, _ := strconv.ParseInt(f.Str("version"), 10, 64)
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		who := web.Actor(r)
		for _, fd := range v.found {
			refs, err := refsOf(ctx, tx, ups[fd.Item])
			if err != nil {
				return "", err
			}
			if len(refs) == 0 {
				continue
			}
			var ids []db.ID
			for _, ref := range refs {
				ids = append(ids, ref.ID)
			}
			if err := d.Campaigns.PhotosIn(ctx, tx, who, v.x.ID, fd.Item, ids, true); err != nil {
				return "", err
			}
		}
		web.Say(r, "已报告，等待复查。")
		return "/enterprise/inspections/" + v.x.ID.String(), d.Campaigns.ReportIn(ctx, tx, who, v.x.ID, version, f.Str("what"))
	}, func() templ.Component { return v.page(f) })
}

func (d *Desk) inspectionFile(w http.ResponseWriter, r *http.Request) error {
	v, err := d.inspectionView(r)
	if err != nil {
		return err
	}
	file, err := pathID(r, "file")
	if err != nil {
		return err
	}
	if _, known := v.files[file]; !known {
		return fault.New(fault.NotFound, "campaign.no-photo", "没有找到这张照片。")
	}
	return web.SendFile(w, r, d.DB, d.Files, func(ctx context.Context, tx *db.Tx, who authz.Actor) (db.ID, error) {
		return file, audit.Append(ctx, tx, who, "file.read", "inspection:"+v.x.ID.String(), map[string]any{"file": file})
	})
}
