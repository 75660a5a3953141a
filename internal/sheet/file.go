package sheet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
)

// A Format is a kind of spreadsheet file.
type Format string

// The formats that Juli reads and writes.
const (
	XLSX Format = "xlsx"
	CSV  Format = "csv"
)

// MediaType is what an answer that carries such a file declares.
func (f Format) MediaType() string {
	if f == XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// headRows is how many filled rows are looked at to find the heads.
const headRows = 10

// A File is an opened spreadsheet. It is read from the beginning by each method,
// so that nothing of it is kept in memory.
type File struct {
	Format   Format
	Encoding string // of csv

	r      io.ReaderAt
	size   int64
	limits Limits
	book   *book
	sheet  part
}

// Open recognises a file by its content, never by its name, and refuses what
// breaks a limit. It reads the first visible worksheet; see [File.Use].
func Open(ctx context.Context, r io.ReaderAt, size int64, limits Limits) (*File, error) {
	f := &File{r: r, size: size, limits: limits}
	head := make([]byte, 512)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	head = head[:n]
	switch {
	case n == 0:
		return nil, invalid("sheet.empty", "文件是空的。")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return f, f.openXLSX(ctx)
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0")):
		return nil, invalid("sheet.old-format", "这是旧版 .xls 文件或设有密码的文件，请另存为不设密码的 .xlsx 文件。")
	case bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(head, bomUTF8), " \t\r\n"), []byte("<")):
		return nil, invalid("sheet.web-page", "这是网页格式的文件，请用 Excel 或 WPS 打开后另存为 .xlsx 文件。")
	case bytes.HasPrefix(head, []byte("%PDF")), bytes.HasPrefix(head, []byte("PK")):
		return nil, invalid("sheet.format", "这不是表格文件，请上传 .xlsx 或 .csv 文件。")
	}
	if size > limits.Inflated {
		return nil, tooInflated(limits)
	}
	e, err := detect(ctx, io.NewSectionReader(r, 0, size))
	f.Format, f.Encoding = CSV, string(e)
	return f, err
}

func (f *File) openXLSX(ctx context.Context) error {
	c, err := openContainer(f.r, f.size, f.limits)
	if err != nil {
		return err
	}
	var used int64
	if f.book, err = openBook(ctx, c, &used); err != nil {
		return err
	}
	f.Format, f.sheet = XLSX, f.book.sheets[0]
	return nil
}

// Sheets names the visible worksheets of a workbook in their order; a csv file has none.
func (f *File) Sheets() []string {
	if f.book == nil {
		return nil
	}
	names := make([]string, len(f.book.sheets))
	for i, s := range f.book.sheets {
		names[i] = s.name
	}
	return names
}

// Use chooses the worksheet to read by its name.
func (f *File) Use(name string) error {
	if f.book != nil {
		for _, s := range f.book.sheets {
			if s.name == name {
				f.sheet = s
				return nil
			}
		}
	}
	return invalid("sheet.no-sheet", "文件里没有名为“%s”的工作表。", name)
}

// rows yields the rows that hold anything; a row is valid until the next. The
// error that ends the reading is yielded last.
func (f *File) rows(ctx context.Context) iter.Seq2[rawRow, error] {
	return func(yield func(rawRow, error) bool) {
		pass := func(r rawRow) bool { return yield(r, nil) }
		var err error
		if f.Format == XLSX {
			err = readXLSX(ctx, f.book, f.sheet, pass)
		} else {
			err = readCSV(ctx, decode(io.NewSectionReader(f.r, 0, f.size), encoding(f.Encoding)), f.limits, pass)
		}
		if err != nil {
			yield(rawRow{}, err)
		}
	}
}
