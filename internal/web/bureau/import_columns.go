package bureau

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/db"
	"juli/internal/importing"
	"juli/internal/sheet"
	"juli/internal/web"
)

// importColumns asks which column of a person's file is which of the register's,
// for files whose heads are not the template's.
func (d *Desk) importColumns(w http.ResponseWriter, r *http.Request) error {
	run, in, err := d.importHeads(r)
	if err != nil {
		return err
	}
	f := web.NewForm(columnFields(run, in)...).Set("mode", "check")
	if r.URL.Query().Get("mode") == "import" {
		f.Set("mode", "import")
	}
	for key, at := range in.Mapping.Columns {
		f.Set(key, strconv.Itoa(at))
	}
	return web.Show(w, r, http.StatusOK, importColumnsPage(run, in, f))
}

// importColumnsSent reads the same file again by the columns now given.
func (d *Desk) importColumnsSent(w http.ResponseWriter, r *http.Request) error {
	run, in, err := d.importHeads(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, columnFields(run, in)...)
	if err != nil {
		return err
	}
	columns := map[string]int{}
	for _, c := range run.Request.Kind.Schema().Columns {
		if at, err := strconv.Atoi(f.Str(c.Key)); err == nil {
			columns[c.Key] = at
		}
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		id, err := d.Importing.AgainIn(ctx, tx, web.Actor(r), run.ID, columns, f.Str("mode") == "check")
		return importAddress(id), err
	}, func() templ.Component { return importColumnsPage(run, in, f) })
}

func (d *Desk) importHeads(r *http.Request) (run importing.Run, in sheet.Inspection, err error) {
	id, err := pathID(r, "id")
	if err != nil {
		return run, in, err
	}
	err = d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		run, in, err = d.Importing.Columns(r.Context(), tx, web.Actor(r), id)
		return err
	})
	return run, in, err
}

// columnFields is a choice for each column that files of the kind may have.
func columnFields(run importing.Run, in sheet.Inspection) []web.Field {
	var options []web.Option
	for i, head := range in.Heads {
		if head == sheet.ProblemHead {
			continue
		}
		text := sheet.ColumnName(i) + " 列　" + head
		if len(in.Samples) > 0 && i < len(in.Samples[0]) && in.Samples[0][i] != "" {
			text += "（如：" + short(in.Samples[0][i], 16) + "）"
		}
		options = append(options, web.Option{Value: strconv.Itoa(i), Text: text})
	}
	var fields []web.Field
	for _, c := range run.Request.Kind.Schema().Columns {
		fields = append(fields, web.Field{Name: c.Key, Label: c.Title, Kind: web.Select, Required: c.Required || c.Starred, Hint: c.Hint, Options: options})
	}
	return append(fields, importMode)
}

// unknownHeads are the heads of a file that no column answers to.
func unknownHeads(in sheet.Inspection) string {
	s := ""
	for i, head := range in.Unknown {
		if i > 0 {
			s += "、"
		}
		s += "“" + head + "”"
	}
	return s
}

func importColumnsPage(run importing.Run, in sheet.Inspection, f *web.Form) templ.Component {
	title := run.Request.Kind.Title()
	said := "第 " + strconv.Itoa(in.Row) + " 行是表头。"
	if len(in.Unknown) > 0 {
		said += "没有认出的列：" + unknownHeads(in) + "，不对应的列不会导入。"
	}
	return web.Whole(web.Page{
		Title: "对应列：" + title, Desk: Key, Narrow: true,
		Crumbs: []web.Link{{Text: "批量导入", Href: "/bureau/import"}, {Text: "导入" + title, Href: importAddress(run.ID)}},
		Lead:   "文件的表头与模板不同时，逐项选择取自文件的哪一列；文件中没有的不选。",
	},
		web.Notice(web.Info, "", said),
		web.Section(web.Box{}, web.FormView(f, web.FormBox{Submit: "按此读取", Cancel: "/bureau/import"})),
	)
}
