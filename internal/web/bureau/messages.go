package bureau

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/notify"
	"juli/internal/web"
)

// messages is the inbox of the actor and of the bodies they act for.
func (d *Desk) messages(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	l, err := web.ReadList(r, web.ListSpec{})
	if err != nil {
		return err
	}
	t := web.Table{Caption: "消息", List: l, Cols: []web.Col{{Name: "消息"}, {Name: "文号"}, {Name: "收到"}, {Name: "查阅"}}, None: web.Nothing{Text: "没有消息。", Act: web.Link{Text: "返回待办", Href: Home}}}
	var unread int64
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if err := authz.RequireAny(who, authz.NotifyRead); err != nil {
			return err
		}
		t.Rows = nil
		items, err := web.Paged(l, func(after string, limit int) ([]notify.Item, string, error) {
			at, party, _ := strings.Cut(after, " ")
			id, err := db.ParseID(at)
			if err != nil {
				id, party = 0, ""
			}
			part, next, err := notify.Inbox(ctx, tx, who, notify.Cursor{ID: id, Party: party}, min(limit, inboxStep))
			if err != nil || next.ID == 0 {
				return part, "", err
			}
			return part, next.ID.String() + " " + next.Party, nil
		})
		if err != nil {
			return err
		}
		for _, m := range items {
			opened := web.Tagged("未读", web.Warn)
			if !m.OpenedAt.IsZero() {
				opened = web.Cell{Text: clock(m.OpenedAt), Nowrap: true}
			}
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.L(m.Message.Title, "/bureau/messages/"+m.ID.String()), {Text: m.Message.Number, Nowrap: true}, {Text: clock(m.SentAt), Nowrap: true}, opened}})
		}
		unread, err = notify.Unread(ctx, tx, who)
		return err
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "消息", t)
	}
	return web.Show(w, r, http.StatusOK, page(web.Page{Title: "消息", Desk: Key, Lead: "未读 " + web.Count(unread) + " 条"}, card(web.Box{}, web.TableView(t))))
}

// inboxStep is how many messages are read at once.
const inboxStep = 100

// message opens a message; that it was opened is its receipt (签收).
func (d *Desk) message(w http.ResponseWriter, r *http.Request) error {
	if err := web.Opens(r); err != nil {
		return err
	}
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	var m notify.Item
	err = d.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		if err = authz.RequireAny(web.Actor(r), authz.NotifyRead); err != nil {
			return err
		}
		m, err = notify.Open(r.Context(), tx, web.Actor(r), id)
		return err
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, messagePage(m))
}

func messagePage(m notify.Item) templ.Component {
	p := web.Page{Title: m.Message.Title, Desk: Key, Narrow: true, Lead: join(m.Message.Number, clock(m.SentAt)), Crumbs: []web.Link{{Text: "消息", Href: "/bureau/messages"}}}
	parts := []templ.Component{text(m.Message.Body), quiet("首次查阅 " + clock(m.OpenedAt))}
	if m.Message.Link != "" {
		parts = append(parts, web.Buttons([]web.Link{{Text: "查看相关事项", Href: m.Message.Link, Main: true}}))
	}
	return page(p, card(web.Box{}, parts...))
}

// unreadNav is the desk's navigation with the number of unread messages.
func unreadNav(ctx context.Context, tx *db.Tx, who authz.Actor) ([]web.Link, error) {
	n, err := notify.Unread(ctx, tx, who)
	nav := append([]web.Link(nil), Nav...)
	if n > 0 {
		nav[len(nav)-1].Count = web.Count(n)
	}
	return nav, err
}
