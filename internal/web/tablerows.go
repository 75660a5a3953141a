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
		opens := t.opens()
		for _, r := range t.Rows {
			b.WriteString(`<tr role="row"`)
			if r.Off {
				b.WriteString(` class="off"`)
			}
			if r.ID != "" {
				attribute(b, "id", r.ID)
			}
			b.WriteByte('>')
			for i := range r.Cells {
				if err := writeCell(ctx, b, &r.Cells[i], t.col(i), opens[min(i, len(opens)-1)], 1); err != nil {
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
				if err := writeCell(ctx, b, &c, col, openCell(col, i == 0), t.lead()); err != nil {
					return err
				}
			}
			b.WriteString(`</tr></tfoot>`)
		}
		_, err := w.Write(b.Bytes())
		return err
	})
}

// opens is how the cells of each column begin, the same in every row; the last is
// for cells beyond the columns.
func (t Table) opens() []string {
	opens := make([]string, len(t.Cols)+2)
	for i := range opens {
		opens[i] = openCell(t.col(i), i == 0)
	}
	return opens
}

// openCell is the beginning of a cell's tag; the first of a row is its head.
func openCell(col Col, head bool) string {
	if head {
		return headCell
	}
	var b bytes.Buffer
	b.WriteString(`<td role="cell"`)
	attribute(&b, "data-th", col.Name)
	return b.String()
}

const headCell = `<th role="rowheader" scope="row"`

// writeCell writes one cell that begins with open.
func writeCell(ctx context.Context, b *bytes.Buffer, c *Cell, col Col, open string, span int) error {
	end := "</td>"
	b.WriteString(open)
	if open == headCell {
		end = "</th>"
		if span > 1 {
			attribute(b, "colspan", itoa(span))
		}
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
		dated(b, c.Sub)
		b.WriteString(`</span>`)
	}
	b.WriteString(end)
	return nil
}

func (c *Cell) write(ctx context.Context, b *bytes.Buffer) error {
	switch {
	case c.Body != nil:
		return c.Body.Render(ctx, b)
	case c.Href != "":
		b.WriteString("<a")
		attribute(b, "href", string(templ.URL(c.Href)))
		b.WriteByte('>')
		dated(b, orDash(c.Text))
		b.WriteString("</a>")
	case c.tag || c.Tone != Plain:
		b.WriteString("<span")
		if c.Tone == Plain {
			b.WriteString(` class="tag"`)
		} else {
			attribute(b, "class", "tag "+string(c.Tone))
		}
		b.WriteByte('>')
		dated(b, c.Text)
		b.WriteString("</span>")
	case len(c.Text) > len(dateShape) && strings.Contains(c.Text, "-"): // text and dates are one thing in a phone's card
		b.WriteString("<span>")
		dated(b, c.Text)
		b.WriteString("</span>")
	case !c.empty():
		dated(b, c.Text)
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

// special are the characters that HTML gives a meaning.
var special = [256]bool{'<': true, '>': true, '&': true, '"': true, '\'': true}

func esc(b *bytes.Buffer, s string) {
	for i := range len(s) {
		if special[s[i]] {
			b.WriteString(html.EscapeString(s))
			return
		}
	}
	b.WriteString(s)
}
