package bureau

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/db"
	"juli/internal/importing"
	"juli/internal/web"
)

// secondForm asks the second person for a decision; nil: it is not theirs to decide.
func secondForm(run importing.Run) *web.Form {
	decision := web.Field{Name: "act", Label: "决定", Kind: web.Radio, Required: true}
	for _, a := range run.Second.May {
		hint := map[string]string{importing.ActTake: "核对过文件和证明材料；写入后立即计分", importing.ActLeave: "须写明理由"}[a.Name]
		decision.Options = append(decision.Options, web.Option{Value: a.Name, Text: a.Title, Hint: hint})
	}
	if len(decision.Options) == 0 {
		return nil
	}
	return web.NewForm(
		web.Field{Name: "version", Kind: web.Carried, Max: 20}, decision,
		web.Field{Name: "note", Label: "理由", Kind: web.Long, Max: 1000},
	).Set("version", itoa(run.Second.Case.Version))
}

// secondSection tells how the second person's look stands.
func secondSection(run importing.Run, f *web.Form) templ.Component {
	var parts []templ.Component
	var events []web.Event
	for _, s := range run.Second.Steps {
		events = append(events, web.Event{When: clock(s.At), Title: s.ActTitle, Detail: s.Note})
	}
	if run.Second.Case.State == importing.Waiting && f == nil {
		parts = append(parts, web.Para("已列入本单位其他人员的待办，由其中一人复核后写入。"))
	}
	parts = append(parts, web.Timeline(events))
	if f != nil {
		parts = append(parts, web.FormView(f, web.FormBox{Action: importAddress(run.Second.Case.ID) + "/second", Submit: "提交"}))
	}
	return web.Section(web.Box{Title: "另一人复核", ID: "second"}, parts...)
}

// importSecond takes the second person's decision.
func (d *Desk) importSecond(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	who := web.Actor(r)
	var run importing.Run
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) { run, err = d.Importing.Run(r.Context(), tx, who, id); return err }); err != nil {
		return err
	}
	fields := []web.Field{{Name: "version", Kind: web.Carried}, {Name: "act", Kind: web.Carried}, {Name: "note", Kind: web.Carried, Max: 1000}}
	if f := secondForm(run); f != nil { // else it is not theirs, or decided meanwhile: the service says what is the matter
		fields = f.Fields
	}
	f, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		next, err := d.Importing.DecideIn(ctx, tx, who, id, f.Int("version"), f.Str("act"), f.Str("note"))
		return importAddress(next), err
	}, func() templ.Component { return importRunPage(run, f) })
}
