package web

import (
	"bytes"
	"context"
	"html"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// tableBody writes a table's rows by hand: a list page is fifty rows of cells,
// and the generated code spends three quarters of its time on the parts that
// cells don't use. Every text goes through esc; TestCellsAreEscaped holds it to that.
func tableBody(t Table) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		b := pages.Get().(*bytes.Buffer)
		defer func() { b.Reset(); pages.Put(b) }()
		b.WriteString(`<tbody role="rowgroup">`)
		for _, r := range t.Rows {
			b.WriteString(`<tr role="row"`)
			if r.Off {
				b.WriteString(` class="off"`)
			}
			if r.ID != "" {
				attribute(b, "id", r.ID)
			}
			b.WriteByte('>')
			for i, c := range r.Cells {
				if err := writeCell(ctx, b, c, t.col(i), i == 0, 1); err != nil {
					return err
				}
			}
			b.WriteString(`</tr>`)
		}
		b.WriteString(`</tbody>`)
		if len(t.Total) > 0 {
			b.WriteString(`<tfoot role="rowgroup"><tr role="row">`)
			for i, c := range t.Total {
				c.blank = true
				col := t.col(i + t.lead() - 1)
				if i == 0 {
					col = Col{}
				}
				if err := writeCell(ctx, b, c, col, i == 0, t.lead()); err != nil {
					return err
				}
			}
			b.WriteString(`</tr></tfoot>`)
		}
		_, err := w.Write(b.Bytes())
		return err
	})
}

// writeCell writes one cell; the first of a row is its head.
func writeCell(ctx context.Context, b *bytes.Buffer, c Cell, col Col, head bool, span int) error {
	end := "</td>"
	if head {
		end = "</th>"
		b.WriteString(`<th role="rowheader" scope="row"`)
		if span > 1 {
			attribute(b, "colspan", itoa(span))
		}
	} else {
		b.WriteString(`<td role="cell"`)
		attribute(b, "data-th", col.Name)
	}
	if class := c.class(col); class != "" {
		attribute(b, "class", class)
	}
	b.WriteByte('>')
	if err := c.write(ctx, b); err != nil {
		return err
	}
	if c.Sub != "" {
		b.WriteString(`<span class="sub">`)
		esc(b, c.Sub)
		b.WriteString(`</span>`)
	}
	b.WriteString(end)
	return nil
}

func (c Cell) write(ctx context.Context, b *bytes.Buffer) error {
	switch {
	case c.Body != nil:
		return c.Body.Render(ctx, b)
	case c.Href != "":
		b.WriteString("<a")
		attribute(b, "href", string(templ.URL(c.Href)))
		b.WriteByte('>')
		esc(b, orDash(c.Text))
		b.WriteString("</a>")
	case c.tag || c.Tone != Plain:
		b.WriteString("<span")
		attribute(b, "class", strings.TrimSpace("tag "+string(c.Tone)))
		b.WriteByte('>')
		esc(b, c.Text)
		b.WriteString("</span>")
	case !c.empty():
		esc(b, c.Text)
	case !c.blank:
		b.WriteString("—")
	}
	return nil
}

func attribute(b *bytes.Buffer, name, value string) {
	b.WriteByte(' ')
	b.WriteString(name)
	b.WriteString(`="`)
	esc(b, value)
	b.WriteByte('"')
}

func esc(b *bytes.Buffer, s string) {
	for i := range len(s) {
		switch s[i] {
		case '<', '>', '&', '"', '\'':
			b.WriteString(html.EscapeString(s))
			return
		}
	}
	b.WriteString(s)
}
