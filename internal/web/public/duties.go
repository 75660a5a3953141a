package public

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/resident"
	"juli/internal/web"
)

// duties tells residents who answers for what, from the rulebook that routes
// their reports: who answers, in how many days, and who checks the answer.
func (d *Desk) duties(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var book *resident.Book
	err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		book, err = d.Reports.Books.InForce(ctx, tx, tx.Today())
		return err
	})
	p := web.Page{Title: "谁负责什么", Lead: "小区里的问题由谁答复、几天内答复、谁来审核", Crumbs: []web.Link{{Text: "首页", Href: "/"}}, Acts: []web.Link{{Text: "反映问题", Href: "/report", Main: true}, {Text: "办事权限", Href: "/duties/matrix"}}}
	if f := fault.From(err); f != nil && f.Kind == fault.NotFound {
		return web.Show(w, r, http.StatusOK, web.Whole(p, web.Empty(web.Nothing{Text: "诉求办理规则还没有生效。", Act: web.Link{Text: "看办事权限", Href: "/duties/matrix"}})))
	}
	if err != nil {
		return err
	}
	parts := []templ.Component{
		web.Section(web.Box{Title: "按问题", More: web.Link{Text: "办理规则 " + book.Version, Href: "/rulebooks/" + book.Digest}},
			web.TableView(answerers(book)),
			web.Quiet("没有物业企业的小区："+bare(book))),
		web.Section(web.Box{Title: "按诉求性质"}, web.TableView(classTimes(book)),
			web.Quiet("期限从受理起算，只计工作日；上表另有期限的从其规定。逾期未答复的，由区县住建局督办。有人身危险的，请先拨打 110、119 或 120。")),
	}
	if book.Banner != "" {
		parts = append(parts, web.Assumed(book.Banner))
	}
	return web.Show(w, r, http.StatusOK, web.Whole(p, parts...))
}

// answerers is a row for each topic of a rulebook.
func answerers(b *resident.Book) web.Table {
	t := web.Table{Caption: "按问题", Cols: []web.Col{{Name: "问题"}, {Name: "谁答复"}, {Name: "几天内答复"}, {Name: "谁审核答复"}}}
	for _, x := range b.Topics {
		to := b.RouteOf("HELP", x.Code, true)
		time := "按诉求性质，见下"
		if !to.Answer.IsZero() {
			time = to.Answer.Chinese()
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Text: x.Title, Sub: strings.Join(x.Words, "、")}, web.T(answerer(to)), web.T(time), web.T(to.Review.Title())}})
	}
	return t
}

// bare says who answers where no enterprise serves, if it is somebody else.
func bare(b *resident.Book) string {
	var list []string
	topics := map[string]string{} // by the sentence that holds for them
	for _, x := range b.Topics {
		to := b.RouteOf("HELP", x.Code, false)
		if to.Code == b.RouteOf("HELP", x.Code, true).Code {
			continue
		}
		who := "由" + answerer(to) + "答复，" + to.Review.Title() + "审核"
		if topics[who] == "" {
			list = append(list, who)
		} else {
			topics[who] += "、"
		}
		topics[who] += x.Title
	}
	for i, who := range list {
		list[i] = topics[who] + who
	}
	return strings.Join(list, "；") + "。"
}

func answerer(r resident.Route) string {
	s := r.To.Title()
	if r.Department != "" {
		s += "（" + r.Department + "）"
	}
	if r.Absent != "" {
		s += "；没有的由" + r.Absent.Title() + "答复"
	}
	return s
}

// classTimes is a row for each class of report: the days that hold unless a topic
// has its own.
func classTimes(b *resident.Book) web.Table {
	t := web.Table{Caption: "按诉求性质", Cols: []web.Col{{Name: "性质"}, {Name: "几天内答复"}}}
	for _, c := range b.Classes {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(c.Title), web.T(c.Answer.Chinese())}})
	}
	return t
}

// matrix prints the duty matrix: who may do what, and how far.
func (d *Desk) matrix(w http.ResponseWriter, r *http.Request) error {
	roles := authz.Roles()
	cols := []web.Col{{Name: "事项"}}
	for _, x := range roles {
		cols = append(cols, web.Col{Name: x.Title})
	}
	var tables []web.Table
	group := ""
	for _, row := range authz.Matrix() {
		if row.Group != group {
			group = row.Group
			tables = append(tables, web.Table{Caption: group, Cols: cols, Scroll: true})
		}
		cells := []web.Cell{{Text: row.Title, Sub: dutyMarks(row)}}
		for _, c := range row.Cells {
			text := c.Title()
			if c.How == authz.Never {
				text = "—"
			}
			cells = append(cells, web.T(text))
		}
		t := &tables[len(tables)-1]
		t.Rows = append(t.Rows, web.Row{Cells: cells})
	}
	return web.Show(w, r, http.StatusOK, matrixPage(tables))
}

func dutyMarks(row authz.Row) string {
	s := ""
	for _, m := range []struct {
		on   bool
		text string
	}{{row.StepUp, "须再次验证身份"}, {row.FourEyes, "须由另一人办理"}, {row.Sensitive, "每次查看都留痕"}} {
		if m.on {
			if s != "" {
				s += " · "
			}
			s += m.text
		}
	}
	return s
}
