package sheet

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"
)

// A book is what the small parts of a workbook say: its visible worksheets in
// order and where the shared strings and styles lie.
type book struct {
	*container
	sheets     []part
	strings    string // entry, "" if none
	styles     string // entry, "" if none
	epoch1904  bool
	names, rel map[string]string // relation id → type, target
}

type part struct{ name, entry string }

// openBook finds the parts of a workbook (ECMA-376 part 2 §9.3).
func openBook(ctx context.Context, c *container, used *int64) (*book, error) {
	b := &book{container: c}
	main := "xl/workbook.xml"
	if c.has("_rels/.rels") {
		types, targets, err := relations(ctx, c, "", used)
		if err != nil {
			return nil, err
		}
		for id, kind := range types {
			if strings.HasSuffix(kind, "/officeDocument") {
				main = targets[id]
			}
		}
	}
	if !c.has(main) {
		return nil, invalid("sheet.format", "压缩包里没有表格，请上传 .xlsx 或 .csv 文件。")
	}
	var err error
	if b.names, b.rel, err = relations(ctx, c, main, used); err != nil {
		return nil, err
	}
	for id, kind := range b.names {
		switch {
		case strings.HasSuffix(kind, "/sharedStrings") && c.has(b.rel[id]):
			b.strings = b.rel[id]
		case strings.HasSuffix(kind, "/styles") && c.has(b.rel[id]):
			b.styles = b.rel[id]
		}
	}
	if err := b.workbook(ctx, main, used); err != nil {
		return nil, err
	}
	if len(b.sheets) == 0 {
		return nil, invalid("sheet.empty", "文件里没有可见的工作表。")
	}
	return b, nil
}

// workbook reads the list of worksheets.
func (b *book) workbook(ctx context.Context, main string, used *int64) error {
	f, closeEntry, err := b.feed(ctx, main, used)
	if err != nil {
		return err
	}
	defer closeEntry()
	return f.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			v := attr(e, "date1904")
			b.epoch1904 = v == "1" || v == "true"
		case "sheet":
			id := relationID(e)
			if strings.HasSuffix(b.names[id], "/worksheet") && attr(e, "state") != "hidden" && attr(e, "state") != "veryHidden" {
				if !b.has(b.rel[id]) {
					return broken("worksheet %q is missing", b.rel[id])
				}
				b.sheets = append(b.sheets, part{attr(e, "name"), b.rel[id]})
			}
		}
		return nil
	})
}

// relations reads the relations of a part: their types and targets by id.
func relations(ctx context.Context, c *container, of string, used *int64) (types, targets map[string]string, err error) {
	dir, base := path.Split(of)
	f, closeEntry, err := c.feed(ctx, dir+"_rels/"+base+".rels", used)
	if err != nil {
		return nil, nil, err
	}
	defer closeEntry()
	types, targets = map[string]string{}, map[string]string{}
	err = f.each(func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" || attr(e, "TargetMode") == "External" {
			return nil
		}
		id, target := attr(e, "Id"), attr(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = dir + target
		}
		types[id], targets[id] = attr(e, "Type"), entryName(target)
		if len(types) > c.limits.Entries {
			return broken("too many relations")
		}
		return nil
	})
	return types, targets, err
}

// relationID is the r:id of an element, whatever prefix its file uses.
func relationID(e xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

// each calls fn for every element of an entry.
func (f *feed) each(fn func(xml.StartElement) error) error {
	for {
		token, err := f.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, is := token.(xml.StartElement); is {
			if err := fn(e); err != nil {
				return err
			}
		}
	}
}
