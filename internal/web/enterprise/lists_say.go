package enterprise

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/web"
)

func (v listView) said() templ.Component {
	if len(v.words) == 0 {
		return web.Quiet("还没有陈述申辩。")
	}
	titles := map[string]string{"REPLY": "陈述申辩", "REPAIR": "修复申请", "DECISION": "决定"}
	var out []templ.Component
	for _, x := range v.words {
		out = append(out, web.Quiet(titles[x.Kind]+" · "+clock(db.FromMillis(x.At))), web.Para(x.Text))
		if n := x.Hidden(); n > 0 {
			out = append(out, web.Notice(web.Info, "公开页隐去 "+web.Count(int64(n))+" 字", "因涉及个人信息，公开页这样显示："+x.Public()))
		}
	}
	return web.Words(out...)
}

// sayFields ask for the words and what proves them.
func sayFields(slug string) []web.Field {
	label, hint := "申辩内容", "写明事实和理由；会与条目一并公开，不要写个人姓名、电话"
	if slug == "repair" {
		label, hint = "整改情况和申请理由", "写明整改了什么、何时完成；决定会公开"
	}
	return []web.Field{
		{Name: "version", Kind: web.Carried, Required: true, Max: 20},
		{Name: "text", Label: label, Kind: web.Long, Required: true, Max: 2000, Hint: hint},
		{Name: "files", Label: "证明材料", Kind: web.Files, Required: slug == "repair", Accept: blob.Accept, Hint: "最多 10 个文件，每个不超过 20 MB：PDF、图片、Word、Excel；不公开"},
	}
}

func sayTitle(slug string) string {
	if slug == "repair" {
		return "申请移出黑榜"
	}
	return "陈述申辩"
}

func (v listView) sayPage(slug string, f *web.Form) templ.Component {
	p := page(sayTitle(slug))
	p.Narrow, p.Lead = true, v.e.Name+" · "+v.e.StateTitle()
	p.Crumbs = []web.Link{{Text: "红黑榜", Href: "/enterprise/lists"}, {Text: v.e.Name, Href: v.href("")}}
	why := ""
	switch {
	case slug == "repair" && v.repair != "":
		why = v.repair
	case slug == "repair" && !v.may(listing.ActApplyRepair), slug == "reply" && !v.may(listing.ActReply):
		why = "这一条目前不能" + sayTitle(slug) + "。"
	}
	if why != "" {
		return web.Whole(p, web.Notice(web.Warn, "不能"+sayTitle(slug), why), web.Buttons([]web.Link{{Text: "返回这一条", Href: v.href("")}}))
	}
	return web.Whole(p, web.Section(web.Box{}, web.FormView(f, web.FormBox{Submit: "提交", Cancel: v.href("")})), v.papersPart())
}

func (d *Desk) sayPage(slug string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := d.readEntry(r)
		if err != nil {
			return err
		}
		return web.Show(w, r, http.StatusOK, v.sayPage(slug, web.NewForm(sayFields(slug)...).Set("version", versionText(v.c.Version))))
	}
}

func (d *Desk) saySent(slug string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := d.readEntry(r)
		if err != nil {
			return err
		}
		f, err := web.ReadForm(r, sayFields(slug)...)
		if err != nil {
			return err
		}
		up, err := web.Receive(r, d.Files, f, "files")
		if err != nil {
			return err
		}
		defer up.Close()
		return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
			kept, err := up.Keep(ctx, tx)
			if err != nil {
				return "", err
			}
			var files []db.ID
			for _, k := range kept {
				files = append(files, k.ID)
			}
			t := listing.Take{ID: v.e.ID, Version: f.Int("version"), Note: f.Str("text")}
			web.Say(r, sayTitle(slug)+"已提交。")
			if slug == "repair" {
				_, err = d.Listing.ApplyRepairIn(ctx, tx, web.Actor(r), t, files)
			} else {
				_, err = d.Listing.ReplyIn(ctx, tx, web.Actor(r), t, files)
			}
			return v.href(""), err
		}, func() templ.Component { return v.sayPage(slug, f) })
	}
}

// papersPart shows what the entry was proposed with, so that nobody answers blind,
// and what the enterprise handed in itself.
func (v listView) papersPart() templ.Component {
	if len(v.papers) == 0 {
		return web.Section(web.Box{Title: "材料"}, web.Quiet("没有随附材料；依据以上面列明的为准。"))
	}
	var list []web.Proof
	for _, x := range v.papers {
		list = append(list, web.Proof{Name: x.Name, Href: v.href("/files/" + x.ID.String()), Kind: x.Title(), When: clock(x.Created), SHA256: x.SHA256})
	}
	return web.Section(web.Box{Title: "材料"}, web.Proofs(list))
}

// listFile hands out one file of an entry to its enterprise and writes it down.
func (d *Desk) listFile(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	file, err := pathID(r, "file")
	if err != nil {
		return err
	}
	return web.SendFile(w, r, d.DB, d.Files, func(ctx context.Context, tx *db.Tx, who authz.Actor) (db.ID, error) {
		return d.Listing.FileIn(ctx, tx, who, id, file)
	})
}
