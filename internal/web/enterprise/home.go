package enterprise

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/notify"
	"juli/internal/registry"
	"juli/internal/supervision"
	"juli/internal/web"
)

const contestMax = 10

var todoSpec = web.ListSpec{Size: 50}

func (d *Desk) home(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	var parts []templ.Component
	var p web.Page
	l, err := web.ReadList(r, todoSpec)
	if err != nil {
		return err
	}
	var todos []web.Todo
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		firm, err := d.party(ctx, tx, who)
		if err != nil {
			return err
		}
		p = page(firm.Name)
		p.Lead = "统一社会信用代码 " + string(firm.USCC)
		p.Acts = []web.Link{{Text: "申报良好信息", Href: "/enterprise/records/new", Main: true}, {Text: "打印信用报告", Href: "/enterprises/" + string(firm.USCC) + "/report"}}
		var pages templ.Component
		if todos, pages, err = d.todos(ctx, tx, who, l); err != nil {
			return err
		}
		unread, err := notify.Unread(ctx, tx, who)
		if err != nil {
			return err
		}
		grade, err := d.grade(ctx, tx, firm)
		if err != nil {
			return err
		}
		contest, err := d.contestable(ctx, tx, who)
		if err != nil {
			return err
		}
		moves, err := d.moves(ctx, tx, firm)
		if err != nil {
			return err
		}
		parts = []templ.Component{
			web.SideBySide(
				web.Section(web.Box{Title: "待办", Cols: 8}, web.Todos(todos, web.Nothing{Text: "没有等您办理的事项。", Act: web.Link{Text: "查看信用信息", Href: "/enterprise/records"}}), pages),
				web.Section(web.Box{Title: "本期信用等级", Cols: 4, More: web.Link{Text: "逐条说明", Href: "/enterprises/" + string(firm.USCC)}}, grade, unreadNote(unread)),
			),
			moves,
			web.Section(web.Box{Title: "可以提出异议的信息", More: web.Link{Text: "全部信用信息", Href: "/enterprise/records"}}, web.TableView(contest)),
		}
		return nil
	})
	if err != nil {
		return err
	}
	if l.Format != "" {
		return web.Export(w, r, l, "待办事项", web.TodoTable(todos))
	}
	return web.Show(w, r, http.StatusOK, web.Whole(p, parts...))
}

func unreadNote(n int64) templ.Component {
	if n == 0 {
		return web.Quiet("没有未读消息。")
	}
	return web.Buttons([]web.Link{{Text: "有 " + web.Count(n) + " 条未读消息", Href: "/enterprise/messages"}})
}

// todos is a page of what waits for the actor, the nearest deadline first.
func (d *Desk) todos(ctx context.Context, tx *db.Tx, who authz.Actor, l *web.List) ([]web.Todo, templ.Component, error) {
	var machines []*casework.Machine
	of := map[string]work{}
	for _, w := range works {
		machines, of[w.machine.Name] = append(machines, w.machine), w
	}
	optional, err := listing.Optional(ctx, tx, who)
	if err != nil {
		return nil, nil, err
	}
	f := casework.Filter{}
	for _, e := range optional {
		f.Without = append(f.Without, e.ID)
	}
	list, err := web.Paged(l, func(after string, limit int) ([]casework.Todo, string, error) {
		part, next, err := casework.Todos(ctx, tx, who, machines, f, casework.ReadCursor(after), limit)
		return part, next.String(), err
	})
	if err != nil {
		return nil, nil, err
	}
	var projects []code.ProjectCode
	for _, t := range list {
		projects = append(projects, code.ProjectCode(t.Place.Project))
	}
	names, err := registry.ProjectNames(ctx, tx, projects)
	var out []web.Todo
	for _, t := range list {
		w := of[t.Machine.Name]
		detail := strings.Trim(names[code.ProjectCode(t.Place.Project)]+" · "+t.StateTitle(), " ·")
		act := orElse(w.acts[t.State], "办理")
		out = append(out, web.Todo{Title: act + "：" + t.Title, Href: w.at + pageOf(t), Detail: detail, Due: web.DueOf(t.Due, tx.Today()), Act: act})
	}
	if len(optional) > 0 && len(l.After()) == 0 {
		if out = append(out, praised(optional, tx.Today())); len(list) == 0 {
			return out, templ.NopComponent, err // no duties, but not nothing
		}
	}
	return out, web.Pager(l), err
}

// praised is the one line behind the duties that leads to what may be said to being
// praised: it can wait, and can be left.
func praised(list []listing.Entry, today day.Date) web.Todo {
	t := web.Todo{
		Title: "可以陈述申辩：拟列入红榜 " + web.Count(int64(len(list))) + " 条", Href: "/enterprise/lists?side=" + string(listing.Red) + "&state=" + listing.InReply,
		Detail: "没有不同意见的，不必办理", Due: web.DueOf(list[0].ReplyDue, today), Act: "查看",
	}
	if len(list) == 1 {
		t.Title, t.Href = "可以陈述申辩：拟列入红榜，"+list[0].Name, "/enterprise/lists/"+list[0].ID.String()
	}
	return t
}

// pageOf is the id in the address of what a to-do is about: its own, or that of
// the case or record which a plea or a duty to mend belongs to.
func pageOf(t casework.Todo) string {
	if t.Machine == supervision.PleaMachine || t.Machine == supervision.MendMachine || t.Machine == credit.MendMachine {
		_, id, _ := strings.Cut(t.Object, ":")
		return id
	}
	return t.ID.String()
}

// grade shows the newest published result: the enterprise's, or that of the
// project of a manager.
func (d *Desk) grade(ctx context.Context, tx *db.Tx, firm party) (templ.Component, error) {
	none := web.Empty(web.Nothing{Text: "还没有公布的评价结果。"})
	cycles, err := d.Evaluations.Cycles(ctx, tx)
	if err != nil || len(cycles) == 0 {
		return none, err
	}
	subject, name := credit.Subject{Kind: credit.Enterprise, ID: firm.ID}, firm.Name
	if !firm.Whole {
		subject, name = credit.Subject{Kind: credit.Project, ID: firm.Managed[0].ID}, firm.Managed[0].Name
	}
	s, ok, err := d.Evaluations.Standing(ctx, tx, cycles[0].Evaluation, subject)
	if err != nil || !ok {
		return none, err
	}
	facts := []web.Fact{{Name: "对象", Text: name}, {Name: "等级", Text: orElse(s.Grade, s.Status)}}
	if s.Scored {
		facts = append(facts, web.Fact{Name: "得分", Body: web.Score(s.Score, false)})
	}
	facts = append(facts, web.Fact{Name: "公布", Text: cycles[0].Period + "，" + cycles[0].Number}, web.Fact{Name: "数据截至", Text: cycles[0].AsOf.String()})
	if s.Why != "" {
		facts = append(facts, web.Fact{Name: "说明", Text: s.Why, Wide: true})
	}
	limits, err := d.limits(ctx, tx, s, subject)
	if err != nil {
		return none, err
	}
	for _, l := range limits {
		text := l.Title + "：" + l.Why
		if n := len(l.Records); n > 0 {
			text += "（共 " + web.Count(int64(n)) + " 件）"
		}
		href := "/enterprises/" + string(firm.USCC)
		if !firm.Whole {
			href = "/projects/" + string(firm.Managed[0].Code)
		}
		facts = append(facts, web.Fact{Name: "等级限制", Text: text, Href: href + "#limits", Wide: true})
	}
	return web.Facts(facts), nil
}

// limits are what sets or bounds a published grade.
func (d *Desk) limits(ctx context.Context, tx *db.Tx, s credit.Standing, subject credit.Subject) ([]credit.Limit, error) {
	e, err := d.Evaluations.Evaluation(ctx, tx, s.Evaluation)
	if err != nil {
		return nil, err
	}
	b, err := d.Books.ByDigest(ctx, tx, e.Book)
	if err != nil {
		return nil, err
	}
	r, err := d.Evaluations.Explained(ctx, tx, s.Evaluation, s.Enterprise)
	if err != nil {
		return nil, err
	}
	entries, err := credit.EntriesIn(ctx, tx, s.Enterprise, &r)
	return b.Limits(&r, subject, entries, e.AsOf), err
}

// contestable lists what the subject may still object to, whether it took effect
// already or not, the nearest deadline first.
func (d *Desk) contestable(ctx context.Context, tx *db.Tx, who authz.Actor) (web.Table, error) {
	t := web.Table{
		Caption: "可以提出异议的信息",
		Cols:    []web.Col{{Name: "信用信息"}, {Name: "发生日期"}, {Name: "异议截止"}, {Name: "办理"}},
		None:    web.Nothing{Text: "目前没有在异议期内的信息。异议期已过的信息请在“信用信息”中查看。"},
	}
	rows, err := d.Records.Contestable(ctx, tx, who, contestMax)
	for _, x := range rows {
		href := "/enterprise/records/" + x.ID.String()
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			{Text: orElse(x.ItemTitle, x.Item), Sub: strings.TrimSpace(x.StateTitle + " " + x.ProjectName), Href: href}, web.D(x.Event), dueCell(x.Deadline, tx.Today()), web.L("提出异议", href+"/object"),
		}})
	}
	return t, err
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// moves is the timeline of a real-time grade; nothing where grades are
// published by period.
func (d *Desk) moves(ctx context.Context, tx *db.Tx, firm party) (templ.Component, error) {
	subject := credit.Subject{Kind: credit.Enterprise, ID: firm.ID}
	if !firm.Whole {
		subject = credit.Subject{Kind: credit.Project, ID: firm.Managed[0].ID}
	}
	lines, err := d.Evaluations.Journal(ctx, tx, subject)
	if err != nil || len(lines) == 0 {
		return templ.NopComponent, err
	}
	var events []web.Event
	for _, l := range lines {
		e := web.Event{When: l.On.String(), Title: l.Title(), Detail: l.CauseTitle() + "；得分 " + web.ScoreText(l.ScoreBefore, false) + " → " + web.ScoreText(l.Score, false)}
		if l.Record != 0 {
			e.Href = "/enterprise/records/" + l.Record.String()
		}
		events = append(events, e)
	}
	return web.Section(web.Box{Title: "实时等级变动"}, web.Timeline(events)), nil
}
