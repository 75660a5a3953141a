package sheet_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"juli/internal/fault"
	"juli/internal/sheet"
)

const (
	relsXML = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="/xl/sharedStrings.xml"/>` +
		`<Relationship Id="r3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`
	bookXML = `<workbook xmlns:r="x">%s<sheets><sheet name="一" sheetId="1" r:id="r1"/></sheets></workbook>`
	heads   = `<row r="1"><c t="str"><v>信用代码</v></c><c t="str"><v>企业名称</v></c><c t="str"><v>成立日期</v></c><c t="str"><v>注册资本</v></c><c t="str"><v>电话</v></c></row>`
)

// An entry of a handmade archive; body streams it.
type entry struct {
	name string
	body func(io.Writer)
}

func text(s string) func(io.Writer) { return func(w io.Writer) { _, _ = io.WriteString(w, s) } }

// repeat writes a head, a part n times and a tail.
func repeat(head, part string, n int, tail string) func(io.Writer) {
	return func(w io.Writer) {
		_, _ = io.WriteString(w, head)
		block := strings.Repeat(part, 1000)
		for ; n >= 1000; n -= 1000 {
			_, _ = io.WriteString(w, block)
		}
		_, _ = io.WriteString(w, strings.Repeat(part, n)+tail)
	}
}

func archive(entries ...entry) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		w, err := z.Create(e.name)
		if err != nil {
			panic(err)
		}
		e.body(w)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// parts are the entries of a workbook around one worksheet.
func parts(sheetBody func(io.Writer), more ...entry) []entry {
	return append([]entry{
		{"xl/workbook.xml", text(fmt.Sprintf(bookXML, ""))},
		{"xl/_rels/workbook.xml.rels", text(relsXML)},
		{"xl/worksheets/sheet1.xml", sheetBody},
	}, more...)
}

func sheetXML(rows string) func(io.Writer) {
	return text(`<worksheet><dimension ref="A1:XFD1048576"/><sheetData>` + rows + `</sheetData></worksheet>`)
}

// book is a workbook of one worksheet with the given rows.
func book(rows string, more ...entry) []byte { return archive(parts(sheetXML(rows), more...)...) }

func TestCellsOfXLSX(t *testing.T) {
	styles := entry{"xl/styles.xml", text(`<styleSheet><numFmts><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/><numFmt numFmtId="177" formatCode="#,##0.00&quot;days&quot;"/></numFmts>` +
		`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="176"/><xf numFmtId="177"/></cellXfs></styleSheet>`)}
	shared := entry{"xl/sharedStrings.xml", text(`<sst><si><t>甲</t></si><si><r><t>a_x0009_</t></r><rPh><t>读音</t></rPh><r><t xml:space="preserve"> b</t></r></si></sst>`)}
	for _, tt := range []struct{ name, ref, cell, want, rule string }{
		{"shared string", "B", `t="s"><v>0</v>`, "甲", ""},
		{"rich text without its phonetic guide", "B", `t="s"><v>1</v>`, "a\t b", ""},
		{"inline string", "B", `t="inlineStr"><is><t>乙</t><rPh><t>x</t></rPh></is>`, "乙", ""},
		{"number in a text column", "E", `><v>4.51E+2</v>`, "451", ""},
		{"code that lost its last digits", "E", `><v>2.30102190001019E+17</v>`, "", "sheet.lost-digits"},
		{"binary noise", "D", `><v>1234.5599999999999</v>`, "1234.56", ""},
		{"small number", "D", `><v>1.0000000000000000E-2</v>`, "0.01", ""},
		{"too many decimals", "D", `><v>0.125</v>`, "", "money.format"},
		{"digits typed as text", "D", `t="str"><v>12.5</v>`, "12.50", ""},
		{"exponent typed as text", "D", `t="str"><v>1E+3</v>`, "", "money.format"},
		{"date serial", "C", `s="1"><v>44348</v>`, "2021-06-01", ""},
		{"date serial without a style", "C", `><v>44348</v>`, "2021-06-01", ""},
		{"first day that Excel counts right", "C", `><v>61</v>`, "1900-03-01", ""},
		{"day before the leap day that never was", "C", `><v>59</v>`, "1900-02-28", ""},
		{"the leap day that never was", "C", `><v>60</v>`, "", "sheet.date"},
		{"serial with a time", "C", `s="1"><v>44348.5</v>`, "", "sheet.date"},
		{"ISO date", "C", `t="d"><v>2021-06-01T00:00:00Z</v>`, "2021-06-01", ""},
		{"date shown in a text column", "B", `s="2"><v>44348</v>`, "2021-06-01", ""},
		{"a unit in quotes is no date", "E", `s="3"><v>44348</v>`, "44348", ""},
		{"error value", "B", `t="e"><v>#N/A</v>`, "", "sheet.cell-error"},
		{"formula with result", "D", `><f>1+1</f><v>2</v>`, "2.00", ""},
		{"formula without result", "D", `><f>1+1</f>`, "", "sheet.formula"},
		{"formula that gives empty text", "E", `t="str"><f>""</f><v></v>`, "", ""},
		{"not a number", "D", `><v>NaN</v>`, "", "sheet.number"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := `<row r="2"><c r="A2" t="str"><v>` + uscc + `</v></c>`
			if tt.ref != "B" {
				b += `<c r="B2" t="str"><v>x</v></c>`
			}
			b += `<c r="` + tt.ref + `2" ` + tt.cell + `</c></row>`
			at := map[string]int{"B": 1, "C": 5, "D": 7, "E": 4}[tt.ref]
			for r, err := range firms.Read(t.Context(), open(t, book(heads+b, styles, shared)), sheet.Mapping{}) {
				if err != nil {
					t.Fatal(err)
				}
				rule := ""
				if len(r.Problems) > 0 {
					rule = r.Problems[0].Rule
				}
				if got := r.TextAt(at); got != tt.want || rule != tt.rule {
					t.Errorf("read %q, %q, want %q, %q", got, rule, tt.want, tt.rule)
				}
			}
		})
	}
}

func TestDatesOf1904(t *testing.T) {
	b := archive(
		entry{"xl/workbook.xml", text(fmt.Sprintf(bookXML, `<workbookPr date1904="1"/>`))},
		entry{"xl/_rels/workbook.xml.rels", text(relsXML)},
		entry{"xl/worksheets/sheet1.xml", sheetXML(heads + `<row r="2"><c t="str"><v>` + uscc + `</v></c><c t="str"><v>x</v></c><c><v>42886</v></c></row>`)},
	)
	if got := read(t, b); !slices.Equal(got, []string{"2: " + uscc + "|x||||2021-06-01||||"}) {
		t.Errorf("read %q", got)
	}
}

func TestBrokenFilesAreRefusedNotCutOff(t *testing.T) {
	data := `<row r="2"><c t="str"><v>` + uscc + `</v></c><c t="str"><v>x</v></c></row>`
	whole := book(heads + data)
	cell := func(s string) []byte { return book(heads + `<row r="2"><c ` + s + `</row>`) }
	for _, tt := range []struct {
		name string
		file []byte
		rule string
	}{
		{"worksheet cut off", archive(parts(text(`<worksheet><sheetData>` + heads + data))...), "sheet.broken"},
		{"worksheet cut off in a cell", archive(parts(text(`<worksheet><sheetData>` + heads + `<row r="2"><c t="str"><v>9`))...), "sheet.broken"},
		{"file cut off", whole[:len(whole)-30], "sheet.broken"},
		{"rows out of order", book(heads + `<row r="1"><c t="str"><v>x</v></c></row>`), "sheet.broken"},
		{"cells out of order", cell(`r="C2" t="str"><v>x</v></c><c r="B2" t="str"><v>x</v></c>`), "sheet.broken"},
		{"cell beyond the last column", cell(`r="XFE2" t="str"><v>x</v></c>`), "sheet.broken"},
		{"cell at the last column", cell(`r="XFD2" t="str"><v>x</v></c>`), "sheet.columns-max"},
		{"no such shared string", cell(`t="s"><v>0</v></c>`), "sheet.broken"},
		{"nested rows", book(heads + `<row r="2"><row r="3"></row></row>`), "sheet.broken"},
		{"document type", archive(parts(text(`<!DOCTYPE x><worksheet><sheetData></sheetData></worksheet>`))...), "sheet.broken"},
		{"unknown entity", archive(parts(sheetXML(heads + `<row r="2"><c t="str"><v>&lol;</v></c></row>`))...), "sheet.broken"},
		{"an entry twice", archive(append(parts(sheetXML(heads)), entry{"XL/worksheets/Sheet1.xml", text("x")})...), "sheet.broken"},
		{"macro", book(heads, entry{"xl/vbaProject.bin", text("x")}), "sheet.macro"},
		{"zip without a workbook", archive(entry{"a.txt", text("x")}), "sheet.format"},
		{"old xls", []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "sheet.old-format"},
		{"web page called xls", []byte("\uFEFF \r\n<html><table>"), "sheet.web-page"},
		{"picture", []byte("\x89PNG\r\n\x1a\n\x00\x00"), "sheet.format"},
		{"pdf", []byte("%PDF-1.7"), "sheet.format"},
		{"empty", nil, "sheet.empty"},
		{"only a mark", []byte("\uFEFF"), "sheet.empty"},
		{"open quote", []byte("信用代码,企业名称\n\"x,y\n"), "sheet.quote"},
		{"no head is known", []byte("a,b\n1,2\n"), "sheet.columns"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := fails(t.Context(), tt.file, sheet.Standard)
			if !fault.Is(err, tt.rule) {
				t.Errorf("refused by %v, want %s", err, tt.rule)
			}
		})
	}
	damaged := bytes.Clone(whole)
	damaged[bytes.Index(damaged, []byte("sheet1.xml"))+60] ^= 0x55
	if err := fails(t.Context(), damaged, sheet.Standard); err == nil {
		t.Error("a damaged entry was read without complaint")
	}
}

// What we write, an independent reader must find too: typed numbers, dates with
// their format, no formula.
func TestOtherProgramsReadOurFiles(t *testing.T) {
	b := write(t, sheet.XLSX, row("=HYPERLINK(1)"))
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	got, err := f.GetRows("企业")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{uscc, "'=HYPERLINK(1)", "本市企业", "230103", "0451-12345678", "2010-05-01", "12", "-1,234.50", "89.75", "-2.5"}
	if !slices.Equal(got[1], want) {
		t.Errorf("row = %q\nwant  %q", got[1], want)
	}
	for _, ref := range []string{"F2", "G2", "H2", "I2", "J2"} {
		if kind, err := f.GetCellType("企业", ref); err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
			t.Errorf("%s is of type %v, %v, want a number", ref, kind, err)
		}
	}
	if formula, _ := f.GetCellFormula("企业", "B2"); formula != "" {
		t.Errorf("B2 holds the formula %q", formula)
	}
}

// A worksheet's name has narrower rules than a title: whatever the list is called,
// its file opens.
func TestAnyTitleMakesAWorkbook(t *testing.T) {
	for title, tab := range map[string]string{
		"企业":                    "企业",
		"检查/专项:[2021]*?'甲'\\":   "检查_专项__2021____甲__",
		strings.Repeat("长", 40): strings.Repeat("长", 31),
		strings.Repeat("😀", 20): strings.Repeat("😀", 15),
		"":                      "数据",
	} {
		var b bytes.Buffer
		if err := sheet.New(title, firms.Columns).Template(t.Context(), &b, sheet.XLSX); err != nil {
			t.Errorf("%q: %v", title, err)
			continue
		}
		if got := open(t, b.Bytes()).Sheets()[0]; got != tab {
			t.Errorf("%q became the worksheet %q, want %q", title, got, tab)
		}
	}
}
