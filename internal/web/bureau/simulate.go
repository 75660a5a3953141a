package bureau

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/rulebook"
	"juli/internal/web"
)

// movesMax is how many moves a page shows; the counts are of all.
const movesMax = 300

// simulateMax bounds the computing of one simulation, which a request waits for.
const simulateMax = 30 * time.Second

// textMax bounds an uploaded rulebook in bytes.
const textMax = 1 << 20

func simulateFields(versions []rulebook.Version) []web.Field {
	f := web.Field{Name: "version", Label: "规则版本", Kind: web.Select, Hint: "草案、征求意见稿或任何一个版本"}
	for _, v := range versions {
		f.Options = append(f.Options, web.Option{Value: v.ID.String(), Text: v.Title + " " + v.Version + "（" + v.State.String() + "）"})
	}
	return []web.Field{
		f,
		{Name: "file", Label: "或上传规则文件", Kind: web.File, Accept: ".yaml,.yml", Hint: "YAML，只用于这次模拟，不会保存"},
		{Name: "on", Label: "截至日期", Kind: web.Date, Required: true, Hint: "用这一天为止的登记和信用信息"},
	}
}

func (d *Desk) simulateForm(ctx context.Context, who authz.Actor) (fields []web.Field, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		if err := authz.Require(who, authz.CreditSimulate, d.cityPlace()); err != nil {
			return err
		}
		list, err := rulebook.List(ctx, tx, rulebook.Filter{Kind: "credit"}, 0, 200)
		fields = simulateFields(list)
		return err
	})
	return fields, err
}

// simulation asks what to simulate.
func (d *Desk) simulation(w http.ResponseWriter, r *http.Request) error {
	l, err := web.ReadList(r, web.ListSpec{Filters: []web.Filter{{Name: "version", Label: "规则版本", Like: web.LikeID}}})
	if err != nil {
		return err
	}
	fields, err := d.simulateForm(r.Context(), web.Actor(r))
	if err != nil {
		return err
	}
	f := web.NewForm(fields...).Set("on", web.Today(r).String()).Set("version", l.Get("version"))
	return web.Show(w, r, http.StatusOK, simulatePage(f))
}

func simulatePage(f *web.Form, parts ...templ.Component) templ.Component {
	all := append([]templ.Component{card(web.Box{Title: "模拟条件"}, ask(f, web.FormBox{Action: "/bureau/simulate", Submit: "模拟"}), quiet("与当日施行的规则比较；什么都不会保存或公布。"))}, parts...)
	return page(web.Page{Title: "模拟规则草案", Desk: Key, Charts: true, Lead: "谁的等级会变，为什么", Crumbs: []web.Link{{Text: "信用评价", Href: "/bureau/evaluations"}}}, all...)
}

// simulate runs the draft and the rules in force over the same history.
func (d *Desk) simulate(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), web.Actor(r)
	fields, err := d.simulateForm(ctx, who)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	if f.Str("version") == "" && f.File("file") == nil {
		f.Refuse("version", "请选择一个版本，或上传规则文件。")
	}
	refused := func() error { return web.Show(w, r, http.StatusUnprocessableEntity, simulatePage(f)) }
	if !f.OK() {
		return refused()
	}
	draft, err := uploadedBook(f)
	if err != nil {
		if f.Take(err) {
			return refused()
		}
		return err
	}
	var shown []templ.Component
	err = d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		shown, err = d.compared(ctx, tx, who, f, draft)
		return err
	})
	if err != nil {
		if f.Take(err) {
			return refused()
		}
		return err
	}
	return web.Show(w, r, http.StatusOK, simulatePage(f, shown...))
}

// uploadedBook is the rulebook of the form's file, nil without one.
func uploadedBook(f *web.Form) (*credit.Book, error) {
	text, err := uploadedText(f, "file")
	if err != nil || text == nil {
		return nil, err
	}
	return credit.Parse(text)
}

func uploadedText(f *web.Form, name string) (text []byte, err error) {
	h := f.File(name)
	if h == nil {
		return nil, nil
	}
	file, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err = io.ReadAll(io.LimitReader(file, textMax+1))
	if err == nil && len(text) > textMax {
		err = fault.New(fault.Invalid, "rulebook.too-large", "规则文件过大。").With(name, "规则文件不能超过 1 MB。")
	}
	return text, err
}

func (d *Desk) compared(ctx context.Context, tx *db.Tx, who authz.Actor, f *web.Form, draft *credit.Book) ([]templ.Component, error) {
	on := f.Date("on")
	if draft == nil {
		v, err := rulebook.Find(ctx, tx, f.ID("version"))
		if err != nil {
			return nil, err
		}
		if draft, err = d.Books.ByDigest(ctx, tx, v.Digest); err != nil {
			return nil, err
		}
	}
	now, err := d.Books.InForce(ctx, tx, on)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, simulateMax)
	defer cancel()
	before, err := d.Evaluations.Try(limited, tx, who, credit.Request{Book: now, AsOf: on})
	if err != nil {
		return nil, err
	}
	after, err := d.Evaluations.Try(limited, tx, who, credit.Request{Book: draft, AsOf: on})
	if err != nil {
		return nil, err
	}
	names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) {
		for i := range after.Standings {
			if !yield(after.Standings[i].Division.Up(code.District)) {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	snap, err := registry.SnapshotOn(ctx, tx, on)
	if err != nil {
		return nil, err
	}
	firm := map[db.ID]*registry.SnapEnterprise{}
	for i := range snap.Enterprises {
		firm[snap.Enterprises[i].ID] = &snap.Enterprises[i]
	}
	c := credit.Compare(before, after, credit.Enterprise, func(x code.Division) string { return names[x] })
	return comparedParts(c, now, draft, on, firm, names), nil
}

func comparedParts(c credit.Comparison, now, draft *credit.Book, on day.Date, firm map[db.ID]*registry.SnapEnterprise, names map[code.Division]string) []templ.Component {
	var parts []templ.Component
	if draft.Banner != "" {
		parts = append(parts, web.Assumed(draft.Banner))
	}
	lead := "截至 " + on.String() + "：" + now.Version + "（施行）与 " + draft.Version + "（模拟）相比，" + web.Count(int64(len(c.Moves))) + " 家企业的等级会变。"
	groups := []templ.Component{para(lead), web.TableView(sidesTable(draft, "全市", []credit.SidesOf{c.Total}))}
	parts = append(parts,
		cols(card(web.Box{Title: "结果", Cols: 6}, groups...), card(web.Box{Cols: 6}, web.ChartView(sidesChart(draft, c.Total)))),
		card(web.Box{Title: "谁会变，为什么"}, web.TableView(moveTable(now, draft, c.Moves, firm, names))),
		cols(card(web.Box{Title: "按区县", Cols: 6}, web.TableView(sidesTable(draft, "区县", c.Districts))), card(web.Box{Title: "按在管面积", Cols: 6}, web.TableView(sidesTable(draft, "规模", c.Sizes)))),
	)
	return parts
}

// gradesOf lists the grades that appear on either side, best first.
func gradesOf(s credit.SidesOf) []string {
	var out []string
	seen := map[string]bool{}
	for _, list := range [][]credit.Share{s.Before, s.After} {
		for _, x := range list {
			if g := gradeOf(x); !seen[g] {
				seen[g] = true
				out = append(out, g)
			}
		}
	}
	return out
}

func countOf(list []credit.Share, grade string) int64 {
	for _, x := range list {
		if gradeOf(x) == grade {
			return x.Count
		}
	}
	return 0
}

func sidesTable(b *credit.Book, name string, sides []credit.SidesOf) web.Table {
	t := web.Table{Caption: name + "等级分布：施行与模拟", Scroll: true, Cols: []web.Col{{Name: name}, {Name: "等级"}, {Name: "施行（家）", Num: true}, {Name: "模拟（家）", Num: true}, {Name: "变化（家）", Num: true}}, None: web.Nothing{Text: "没有结果。"}}
	for _, s := range sides {
		for _, g := range gradesOf(s) {
			was, is := countOf(s.Before, g), countOf(s.After, g)
			delta := web.Cell{Text: web.Count(is - was)}
			if is > was {
				delta.Text = "+" + delta.Text
			}
			t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(s.Title), web.Grades(gradeName(b, g)), web.N(was, ""), web.N(is, ""), delta}})
		}
	}
	return t
}

func sidesChart(b *credit.Book, s credit.SidesOf) web.Chart {
	c := web.Chart{Kind: web.Columns, Title: "等级分布：施行与模拟", Unit: "家", Series: []web.Series{{Name: "施行"}, {Name: "模拟"}}}
	for _, g := range gradesOf(s) {
		c.Labels = append(c.Labels, gradeName(b, g))
		c.Series[0].Values = append(c.Series[0].Values, countOf(s.Before, g))
		c.Series[1].Values = append(c.Series[1].Values, countOf(s.After, g))
	}
	return c
}

func moveTable(now, draft *credit.Book, moves []credit.Move, firm map[db.ID]*registry.SnapEnterprise, names map[code.Division]string) web.Table {
	t := web.Table{Caption: "等级变化", Cols: []web.Col{{Name: "企业"}, {Name: "区县"}, {Name: "施行"}, {Name: "模拟"}, {Name: "得分变化（分）", Num: true}, {Name: "原因"}}, None: web.Nothing{Text: "没有企业的等级会变。"}}
	for _, m := range moves[:min(len(moves), movesMax)] {
		e := firm[m.Subject.ID]
		if e == nil {
			continue
		}
		why := ""
		for _, c := range m.Causes[:min(len(m.Causes), 3)] {
			why = join(why, c.Title+" "+web.ScoreText(c.Before, true)+" → "+web.ScoreText(c.After, true))
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{
			web.L(e.Name, "/bureau/enterprises/"+string(e.USCC)), web.T(names[m.District]), web.Grades(gradeName(now, standingGrade(m.Before))), web.Grades(gradeName(draft, standingGrade(m.After))), web.P(m.After.Score-m.Before.Score, true), web.T(why),
		}})
	}
	return t
}

func standingGrade(s credit.Standing) string {
	switch {
	case s.Grade != "":
		return s.Grade
	case s.Status != "":
		return s.Status
	}
	return "无"
}
