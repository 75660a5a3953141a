package sheet

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

// styles tells which cell formats show a number as a date.
type styles []bool

func (s styles) isDate(id string) bool {
	if id == "" {
		return false
	}
	n, err := strconv.Atoi(id)
	return err == nil && n >= 0 && n < len(s) && s[n]
}

// readStyles reads what the styles part says about dates.
func readStyles(ctx context.Context, c *container, name string, used *int64) (styles, error) {
	f, closeEntry, err := c.feed(ctx, name, used)
	if err != nil {
		return nil, err
	}
	defer closeEntry()
	var (
		s      styles
		custom = map[string]bool{}
		in     bool // within cellXfs
	)
	for {
		token, err := f.next()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return nil, err
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "numFmt":
				custom[attr(e, "numFmtId")] = showsDate(attr(e, "formatCode"))
			case "cellXfs":
				in = true
			case "xf":
				if in {
					id := attr(e, "numFmtId")
					date, known := custom[id]
					s = append(s, known && date || !known && builtinDate(id))
				}
			}
		case xml.EndElement:
			if e.Name.Local == "cellXfs" {
				in = false
			}
		}
		if len(s) > stylesMax || len(custom) > stylesMax {
			return nil, tooLarge("sheet.styles", "文件的单元格样式过多，不能读取。")
		}
	}
}

// builtinDate knows the built-in formats of ECMA-376 §18.8.30 that show dates,
// the Chinese ones among them.
func builtinDate(id string) bool {
	n, err := strconv.Atoi(id)
	if err != nil {
		return false
	}
	return n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58
}

// showsDate tells whether a format code has a date part outside of quoted text,
// escapes and colours.
func showsDate(format string) bool {
	for i := 0; i < len(format); i++ {
		switch c := format[i]; c {
		case '\\', '_', '*':
			i++
		case '"':
			end := strings.IndexByte(format[i+1:], '"')
			if end < 0 {
				return false
			}
			i += end + 1
		case '[':
			end := strings.IndexByte(format[i:], ']')
			if end < 0 {
				return false
			}
			i += end
		case 'y', 'Y', 'd', 'D', 'm', 'M', 'h', 'H', 's', 'S':
			return true
		case ';':
			return false
		}
	}
	return false
}
