package enterprise

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/db"
	"juli/internal/notify"
	"juli/internal/web"
)

func (d *Desk) messages(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	l, err := web.ReadList(r, web.ListSpec{})
	if err != nil {
		return err
	}
	t := web.Table{
		Caption: "消息", List: l, Cols: []web.Col{{Name: "标题"}, {Name: "文号"}, {Name: "送达时间"}, {Name: "状态"}},
		None: web.Nothing{Text: "还没有消息。"},
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		t.Rows = nil
		rows, err := web.Paged(l, func(after string, limit int) ([]notify.Item, string, error) {
			var at notify.Cursor
			if after != "" {
				id, party, _ := strings.Cut(after, "|")
				n, err := db.ParseID(id)
				if err != nil {
					return nil, "", err
				}
				at = notify.Cursor{ID: n, Party: party}
			}
			rows, next, err := notify.Inbox(ctx, tx, web.Actor(r), at, limit)
			if err != nil || next == (notify.Cursor{}) {
				return rows, "", err
			}
			return rows, next.ID.String() + "|" + next.Party, nil
		})
		for _, m := range rows {
			state := web.Tagged("未读", web.Warn)
			if !m.OpenedAt.IsZero() {
				state = web.Tagged("已读", web.Plain)
			}
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
				web.L(m.Message.Title, "/enterprise/messages/"+m.ID.String()), web.T(m.Message.Number), {Text: clock(m.SentAt), Nowrap: true}, state,
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "消息", t)
	}
	p := page("消息")
	p.Lead = "打开文书即视为送达，系统留下回执"
	return web.Show(w, r, http.StatusOK, web.Whole(p, web.Section(web.Box{}, web.TableView(t))))
}

// message opens a letter: that leaves the receipt (送达回执).
func (d *Desk) message(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := web.Opens(r); err != nil {
		return err
	}
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	var m notify.Item
	var proofs []notify.Proof
	err = d.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if m, err = notify.Open(ctx, tx, web.Actor(r), id); err != nil {
			return err
		}
		proofs, err = notify.ProofOf(ctx, tx, d.Calendar, id)
		return err
	})
	if err != nil {
		return err
	}
	p := page(m.Message.Title)
	p.Narrow = true
	p.Lead = m.Message.Number
	p.Crumbs = []web.Link{{Text: "消息", Href: "/enterprise/messages"}}
	if strings.HasPrefix(m.Message.Link, "/") {
		p.Acts = []web.Link{{Text: "去办理", Href: m.Message.Link, Main: true}}
	}
	facts := []web.Fact{{Name: "发出", Text: clock(m.SentAt)}}
	for _, x := range proofs {
		if x.Party.Key() == m.Party.Key() {
			facts = append(facts, web.Fact{Name: "送达", Text: x.Served.Title()})
			if !x.OpenedAt.IsZero() {
				facts = append(facts, web.Fact{Name: "首次打开", Text: clock(x.OpenedAt)})
			}
		}
	}
	return web.Show(w, r, http.StatusOK, web.Whole(p, []templ.Component{
		web.Section(web.Box{}, web.Para(m.Message.Body)), web.Section(web.Box{Title: "送达"}, web.Facts(facts)),
	}...))
}
