package web

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"

	"github.com/a-h/templ"
)

// refusals are the refused forms of a page that is drawn. Their summaries stand
// above everything else: without script nothing scrolls to them, and who sends a
// long form sees first why it came back.
type refusals struct{ forms []*Form }

type refusalsKey struct{}

// content is the main part of a page: what was refused, what opens the page, and
// its content, which is drawn first, since only then it is known what was refused.
func content(f frame) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		children := templ.GetChildren(ctx)
		ctx = templ.ClearChildren(ctx)
		if f.st.req == nil || f.st.req.Method != http.MethodPost {
			if err := opening(f).Render(ctx, w); err != nil {
				return err
			}
			return children.Render(ctx, w)
		}
		var below bytes.Buffer
		list := &refusals{}
		if err := children.Render(context.WithValue(ctx, refusalsKey{}, list), &below); err != nil {
			return err
		}
		for _, form := range list.forms {
			if err := Errors(form).Render(ctx, w); err != nil {
				return err
			}
		}
		if err := opening(f).Render(ctx, w); err != nil {
			return err
		}
		_, err := w.Write(below.Bytes())
		return err
	})
}

// complaints hands a refused form's summary to the page, or draws it where the form
// stands if there is no page that asks for it.
func complaints(f *Form) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		list, ok := ctx.Value(refusalsKey{}).(*refusals)
		if !ok {
			return Errors(f).Render(ctx, w)
		}
		if (!f.OK() || f.failed()) && !slices.Contains(list.forms, f) {
			list.forms = append(list.forms, f)
		}
		return nil
	})
}
