package admin

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
	"juli/internal/sheet"
	"juli/internal/web"
)

// peopleSheet is the file by which a body looks after many of its people at once.
var peopleSheet = sheet.New("人员办理", []sheet.Column{
	{Key: "login", Title: "账号", Required: true, Max: 40, Example: "zhang.san"},
	{Key: "act", Title: "办理事项", Kind: sheet.Enum, Required: true, Example: "离任", Options: []sheet.Option{
		{Code: "suspend", Title: "停用"}, {Code: "resume", Title: "恢复"}, {Code: "handover", Title: "移交"}, {Code: "leave", Title: "离任"},
	}},
	{Key: "to", Title: "接手人账号", Max: 40, Hint: "移交和离任必填", Example: "li.si"},
	{Key: "reason", Title: "原因", Required: true, Max: 200, Example: "调离"},
})

var rowsFields = []web.Field{
	{Name: "file", Label: "文件", Kind: web.File, Required: true, Accept: ".xlsx,.csv", Hint: "四列：账号、办理事项（停用、恢复、移交、离任）、接手人账号、原因"},
	{Name: "do", Label: "方式", Kind: web.Radio, Required: true, Options: []web.Option{{Value: "dry", Text: "只检查，不办理"}, {Value: "act", Text: "检查通过后办理"}}},
}

func rowsForm(r *http.Request, f *web.Form, more ...templ.Component) templ.Component {
	p := page(r, "按文件办理")
	p.Crumbs = []web.Link{{Text: "人员", Href: "/admin/people"}}
	return web.Whole(p, append([]templ.Component{
		web.Section(web.Box{}, web.Quiet("全部合格才办理，一行不合格则全部不办。"), web.Buttons([]web.Link{{Text: "下载模板", Href: "/admin/people-file/template"}}), web.FormView(f, web.FormBox{Action: "/admin/people-file", Submit: "上传", Cancel: "/admin/people"})),
	}, more...)...)
}

func (d *Desk) rowsPage(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, rowsForm(r, web.NewForm(rowsFields...).Set("do", "dry")))
}

func (d *Desk) rowsTemplate(w http.ResponseWriter, r *http.Request) error {
	web.Attachment(w, peopleSheet.Name+".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	return peopleSheet.Template(r.Context(), w, sheet.XLSX)
}

// rowsDone is what became of a file's rows.
type rowsDone struct {
	OK  bool
	Why map[int]string // by row, from 0
}

func doneOf(results []identity.RowResult, ok bool) rowsDone {
	done := rowsDone{ok, map[int]string{}}
	for _, x := range results {
		if x.Err != nil {
			done.Why[x.Row-1] = words(x.Err)
		}
	}
	return done
}

// refused are the rows that were not good, for a table.
func (d rowsDone) refused(name func(i int) string) (rows []web.Row) {
	for _, i := range slices.Sorted(maps.Keys(d.Why)) {
		rows = append(rows, web.Row{Cells: []web.Cell{web.T("第 " + strconv.Itoa(i+1) + " 条"), web.T(name(i)), web.T(d.Why[i])}})
	}
	return rows
}

// rows does what a file says, all or nothing.
func (d *Desk) rows(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, rowsFields...)
	if err != nil {
		return err
	}
	var rows []identity.PeopleRow
	var table web.Table
	if f.OK() {
		if rows, table, err = readRows(r, f); err != nil {
			if fault.From(err).Kind == fault.Internal {
				return err
			}
			f.Refuse("file", fault.From(err).Text)
		}
	}
	if !f.OK() {
		return web.Show(w, r, http.StatusUnprocessableEntity, rowsForm(r, f))
	}
	said := "文件里有不合格的行，全部没有办理。"
	if len(table.Rows) == 0 {
		done, err := web.Once(r, d.DB, func(ctx context.Context, tx *db.Tx) (rowsDone, error) {
			results, ok, err := d.Identity.PeopleRowsIn(ctx, tx, web.Actor(r), rows, f.Str("do") == "dry")
			return doneOf(results, ok), err
		})
		if err != nil {
			return err
		}
		table.Rows = done.refused(func(i int) string { return rows[i].Login })
		switch {
		case done.OK && f.Str("do") == "dry":
			said = "检查通过，共 " + strconv.Itoa(len(rows)) + " 条；没有办理。"
		case done.OK:
			said = "已办理 " + strconv.Itoa(len(rows)) + " 条。"
		}
	}
	return web.Show(w, r, http.StatusOK, rowsForm(r, web.NewForm(rowsFields...).Set("do", "act"), web.Section(web.Box{Title: said}, web.TableView(table))))
}

func rowsTable() web.Table {
	return web.Table{Caption: "不合格的行", Cols: []web.Col{{Name: "位置"}, {Name: "账号或列"}, {Name: "问题"}}, None: web.Nothing{Text: "没有不合格的行。"}}
}

// readRows reads the file of acts; table lists what is wrong with its cells.
func readRows(r *http.Request, f *web.Form) (rows []identity.PeopleRow, table web.Table, err error) {
	table = rowsTable()
	err = readSheet(r, f, peopleSheet, &table, func(row *sheet.Row) {
		rows = append(rows, identity.PeopleRow{Login: row.Text("login"), Act: row.Text("act"), To: row.Text("to"), Reason: row.Text("reason")})
	})
	return rows, table, err
}

// readSheet reads a form's file by its columns; what is wrong with cells goes
// into the table.
func readSheet(r *http.Request, f *web.Form, s *sheet.Schema, table *web.Table, add func(*sheet.Row)) error {
	h := f.File("file")
	in, err := h.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	book, err := sheet.Open(r.Context(), in, h.Size, sheet.Standard)
	if err != nil {
		return err
	}
	seen, err := s.Inspect(r.Context(), book)
	if err != nil {
		return err
	}
	if len(seen.Missing) > 0 {
		return fault.New(fault.Invalid, "sheet.columns", "文件里没有这些列：%s。请对照模板检查表头。", strings.Join(seen.Missing, "、"))
	}
	for row, err := range s.Read(r.Context(), book, seen.Mapping) {
		if err != nil {
			return err
		}
		for _, p := range row.Problems {
			table.Rows = append(table.Rows, web.Row{Cells: []web.Cell{web.T("第 " + strconv.Itoa(p.Row) + " 行 " + p.Column + " 列"), web.T(p.Title), web.T(p.Text)}})
		}
		add(row)
	}
	return nil
}

// words are why a row was refused: the sentence, and what is wrong with which field.
func words(e *fault.Error) string {
	text := e.Text
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		if why := e.Fields[name]; why != e.Text {
			text += why
		}
	}
	return text
}
