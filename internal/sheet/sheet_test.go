package sheet_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"juli/internal/day"
	"juli/internal/fault"
	"juli/internal/money"
	"juli/internal/sheet"
)

var kinds = []sheet.Option{{Code: "LOCAL", Title: "本市企业"}, {Code: "BRANCH", Title: "分支机构"}}

// firms is a schema with a column of every kind.
var firms = sheet.New("企业", []sheet.Column{
	{Key: "uscc", Title: "统一社会信用代码", Aliases: []string{"信用代码"}, Kind: sheet.USCC, Required: true, Example: "91350100M000100Y43"},
	{Key: "name", Title: "企业名称", Aliases: []string{"单位名称"}, Required: true, Max: 300, Example: "示例物业服务有限公司"},
	{Key: "kind", Title: "企业类型", Kind: sheet.Enum, Options: kinds, Example: "本市企业"},
	{Key: "division", Title: "所在区划", Kind: sheet.Division, Example: "230103"},
	{Key: "phone", Title: "电话", Kind: sheet.Key, Max: 40},
	{Key: "founded", Title: "成立日期", Kind: sheet.Date, Example: "2010-05-01"},
	{Key: "staff", Title: "从业人数", Kind: sheet.Int, Max: 1_000_000},
	{Key: "capital", Title: "注册资本(元)", Kind: sheet.Fen, Min: -1_000_000_000_000},
	{Key: "area", Title: "管理面积", Kind: sheet.Area},
	{Key: "points", Title: "分值", Kind: sheet.Points, Min: -1_000_000},
})

const uscc = "91350100M000100Y43"

// row is a full row of firms with one name.
func row(name string) []any {
	return []any{uscc, name, "LOCAL", "230103", "0451-12345678", day.MustParse("2010-05-01"), 12, money.Fen(-123_450), money.Area(8_975), money.Points(-25_000)}
}

func rowsOf(rows ...[]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func open(t testing.TB, b []byte) *sheet.File {
	t.Helper()
	f, err := sheet.Open(t.Context(), bytes.NewReader(b), int64(len(b)), sheet.Standard)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func write(t testing.TB, format sheet.Format, rows ...[]any) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := firms.Write(t.Context(), &b, format, rowsOf(rows...))
	if err != nil || n != len(rows) {
		t.Fatalf("Write = %d, %v", n, err)
	}
	return b.Bytes()
}

// read gives every row as "number: text|text|…" and, after it, its problems.
func read(t testing.TB, b []byte) []string {
	t.Helper()
	var lines []string
	for r, err := range firms.Read(t.Context(), open(t, b), sheet.Mapping{}) {
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for i := range firms.Columns {
			texts = append(texts, r.TextAt(i))
		}
		lines = append(lines, fmt.Sprintf("%d: %s", r.Number, strings.Join(texts, "|")))
		for _, p := range r.Problems {
			lines = append(lines, p.String())
		}
	}
	return lines
}

// fails reads until the error that ends the reading.
func fails(ctx context.Context, b []byte, limits sheet.Limits) error {
	f, err := sheet.Open(ctx, bytes.NewReader(b), int64(len(b)), limits)
	if err != nil {
		return err
	}
	for _, err := range firms.Read(ctx, f, sheet.Mapping{}) {
		if err != nil {
			return err
		}
	}
	return nil
}

func eachFormat(t *testing.T, fn func(t *testing.T, format sheet.Format)) {
	for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		t.Run(string(format), func(t *testing.T) { fn(t, format) })
	}
}

func TestExportThenImportChangesNothing(t *testing.T) {
	names := []string{
		"聚力物业", "=1+1", "＝1", "+86", "-5", "@SUM(A1)", "'=x", "''=x", "' =x", "'abc", "多行\n=cmd|' /C calc'!A0\n尾",
		"a\n'b", "a\n'=b", "_x000D_", "_x005F_x000D_", "a_xyz_", "引号\"和,逗号;分号\t制表", "㛃𠮷·", "é", "1e9", "NaN", "0012", "TRUE",
	}
	eachFormat(t, func(t *testing.T, format sheet.Format) {
		var rows [][]any
		for _, name := range names {
			rows = append(rows, row("x"+name), row(name+"x"))
			if strings.TrimSpace(name) != "" {
				rows = append(rows, row(name))
			}
		}
		first := write(t, format, rows...)
		var again [][]any
		for r, err := range firms.Read(t.Context(), open(t, first), sheet.Mapping{}) {
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Problems) > 0 {
				t.Fatalf("row %d: %v", r.Number, r.Problems)
			}
			again = append(again, []any{
				r.Text("uscc"), r.Text("name"), r.Text("kind"), r.Text("division"), r.Text("phone"),
				r.Date("founded"), int(r.Int("staff")), r.Fen("capital"), r.Area("area"), money.Points(r.Cell("points").N),
			})
		}
		for i := range rows {
			rows[i][2] = "LOCAL"
		}
		if diff := cmp.Diff(rows, again); diff != "" {
			t.Errorf("rows changed (-out +in):\n%s", diff)
		}
		if second := write(t, format, again...); format == sheet.CSV && !bytes.Equal(first, second) {
			t.Error("the second export differs from the first")
		}
	})
}

// INP-10: rare characters are kept exactly.
func TestThirtyThousandCharactersSurvive(t *testing.T) {
	var names []string
	var all []rune
	for _, block := range [][2]rune{{0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0x20000, 0x20600}, {0x30000, 0x30100}} {
		for r := block[0]; r <= block[1]; r++ {
			all = append(all, r)
		}
	}
	for part := range slices.Chunk(all, 300) {
		names = append(names, string(part))
	}
	if len(all) < 29_000 {
		t.Fatalf("only %d characters", len(all))
	}
	var rows [][]any
	for _, n := range names {
		rows = append(rows, row(n))
	}
	asGB, err := simplifiedchinese.GB18030.NewEncoder().Bytes(bytes.TrimPrefix(write(t, sheet.CSV, rows...), []byte("\uFEFF")))
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"csv": write(t, sheet.CSV, rows...), "xlsx": write(t, sheet.XLSX, rows...), "gb18030": asGB} {
		i := 0
		for r, err := range firms.Read(t.Context(), open(t, file), sheet.Mapping{}) {
			if err != nil {
				t.Fatal(name, err)
			}
			if r.Text("name") != names[i] {
				t.Errorf("%s row %d: %q, want %q", name, r.Number, r.Text("name"), names[i])
			}
			i++
		}
	}
}

func TestEncodings(t *testing.T) {
	text := "统一社会信用代码,企业名称\n" + uscc + ",聚力物业\n"
	gb, _ := simplifiedchinese.GB18030.NewEncoder().String(text)
	utf16, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(text, ",", "\t"))
	long := strings.Repeat("哈", 70_000)
	for _, tt := range []struct{ name, file, encoding string }{
		{"UTF-8", text, "UTF-8"},
		{"UTF-8 with a mark", "\uFEFF" + text, "UTF-8"},
		{"GB18030", gb, "GB18030"},
		{"UTF-16 with tabs", utf16, "UTF-16"},
		{"a character across the buffer's edge", text + "," + long + "\n", "UTF-8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := open(t, []byte(tt.file)).Encoding; got != tt.encoding {
				t.Errorf("encoding = %s, want %s", got, tt.encoding)
			}
			if lines := read(t, []byte(tt.file)); lines[0] != "2: "+uscc+"|聚力物业||||||||" {
				t.Errorf("read %q", lines)
			}
		})
	}
}

func TestRowsAreNumberedAsTheUserSeesThem(t *testing.T) {
	csv := "\n企业导入表\n统一社会信用代码,企业名称\n\n" + uscc + ",\"一\n家\"\n,,\n" + uscc + ",二家\n\n\n" + uscc + ",三家"
	want := []string{"5: " + uscc + "|一\n家||||||||", "7: " + uscc + "|二家||||||||", "10: " + uscc + "|三家||||||||"}
	if got := read(t, []byte(csv)); !slices.Equal(got, want) {
		t.Errorf("csv: %q, want %q", got, want)
	}
	xlsx := book(`<row r="3"><c r="B3" t="str"><v>企业名称</v></c><c r="D3" t="str"><v>信用代码*</v></c></row>` +
		`<row r="4"/><row r="900"><c r="B900" t="str"><v>一家</v></c><c r="D900" t="str"><v>` + uscc + `</v></c></row>`)
	want = []string{"900: " + uscc + "|一家||||||||"}
	if got := read(t, xlsx); !slices.Equal(got, want) {
		t.Errorf("xlsx: %q, want %q", got, want)
	}
}

func TestCellsAreReadStrictly(t *testing.T) {
	for _, tt := range []struct{ head, cell, want, rule string }{
		{"注册资本", "1234.5", "1234.50", ""},
		{"注册资本", "-0.05", "-0.05", ""},
		{"注册资本", "１２．５", "12.50", ""},
		{"注册资本", "1e9", "", "money.format"},
		{"注册资本", "NaN", "", "money.format"},
		{"注册资本", "Inf", "", "money.format"},
		{"注册资本", "0x1F", "", "money.format"},
		{"注册资本", "1.234", "", "money.format"},
		{"管理面积", "-1", "", "money.negative"},
		{"从业人数", "12", "12", ""},
		{"从业人数", "12.0", "", "sheet.int"},
		{"从业人数", "007", "", "sheet.int"},
		{"从业人数", "-1", "", "sheet.min"},
		{"从业人数", "1000001", "", "sheet.max"},
		{"从业人数", "99999999999999999999", "", "sheet.int"},
		{"成立日期", "2021/6/1", "2021-06-01", ""},
		{"成立日期", "2021年6月1日", "2021-06-01", ""},
		{"成立日期", "20210601", "2021-06-01", ""},
		{"成立日期", "2021.06.01", "2021-06-01", ""},
		{"成立日期", "2021-06-01 00:00:00", "2021-06-01", ""},
		{"成立日期", "2021-06-01 08:30", "", "sheet.date"},
		{"成立日期", "2021-02-29", "", "sheet.date"},
		{"成立日期", "44348", "", "sheet.date"},
		{"成立日期", "6/1/2021", "", "sheet.date"},
		{"企业类型", "分支 机构", "BRANCH", ""},
		{"企业类型", "branch", "BRANCH", ""},
		{"企业类型", "别的", "", "sheet.option"},
		{"所在区划", "２３０１０３", "230103", ""},
		{"电话", " 0451－123 ", "0451-123", ""},
		{"电话", "a\x07b", "", "sheet.unreadable"},
		{"电话", "a\u202Eb", "", "sheet.unreadable"},
		{"电话", strings.Repeat("1", 41), "", "sheet.text-max"},
		{"分值", "-2.5", "-2.5", ""},
	} {
		t.Run(tt.head+" "+tt.cell, func(t *testing.T) {
			csv := "信用代码,企业名称," + tt.head + "\n" + uscc + ",甲,\"" + tt.cell + "\"\n"
			for r, err := range firms.Read(t.Context(), open(t, []byte(csv)), sheet.Mapping{}) {
				if err != nil {
					t.Fatal(err)
				}
				rule := ""
				if len(r.Problems) > 0 {
					rule = r.Problems[0].Rule
				}
				at := slices.IndexFunc(firms.Columns, func(c sheet.Column) bool { return strings.HasPrefix(c.Title, tt.head) })
				if got := r.TextAt(at); got != tt.want || rule != tt.rule {
					t.Errorf("read %q with rule %q, want %q with %q", got, rule, tt.want, tt.rule)
				}
			}
		})
	}
}

func TestProblemsNameRowColumnAndRule(t *testing.T) {
	csv := "企业名称,统一社会信用代码,从业人数\n甲,123,abc\n," + uscc + ",1\n乙," + uscc + ",2\n"
	var report sheet.Report
	for r, err := range firms.Read(t.Context(), open(t, []byte(csv)), sheet.Mapping{}) {
		if err != nil {
			t.Fatal(err)
		}
		report.Add(r)
	}
	if report.Rows != 3 || report.Bad != 2 || report.Total != 3 {
		t.Errorf("report = %d rows, %d bad, %d problems", report.Rows, report.Bad, report.Total)
	}
	if got := report.Problems[1].String(); got != "第 2 行 C 列“从业人数”：应为整数，例如 12。" {
		t.Error(got)
	}
	if got := report.Problems[2].String(); got != "第 3 行 A 列“企业名称”：必须填写。" {
		t.Error(got)
	}
	f := fault.From(report.Err())
	if f.Rule != "sheet.rows" || f.Fields["第 3 行 企业名称"] != "必须填写。" {
		t.Errorf("fault = %v", f)
	}
}

func TestColumnsAreMapped(t *testing.T) {
	file := open(t, []byte("备注,单位名称,信用代码＊,问题\nx,甲,"+uscc+",旧\n"))
	in, err := firms.Inspect(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	if want := (sheet.Mapping{Row: 1, Columns: map[string]int{"name": 1, "uscc": 2}}); !cmp.Equal(in.Mapping, want) {
		t.Errorf("mapping = %v, want %v", in.Mapping, want)
	}
	if !slices.Equal(in.Unknown, []string{"备注"}) || len(in.Missing) != 0 {
		t.Errorf("unknown %q, missing %q", in.Unknown, in.Missing)
	}
	explicit := sheet.Mapping{Row: 1, Columns: map[string]int{"name": 0, "uscc": 2}}
	for r, err := range firms.Read(t.Context(), file, explicit) {
		if err != nil || r.Text("name") != "x" || r.Has("kind") {
			t.Errorf("row %v, %v", r, err)
		}
	}
	for _, tt := range []struct {
		name    string
		columns map[string]int
		field   string
	}{
		{"required column left out", map[string]int{"name": 1}, "uscc"},
		{"two keys in one column", map[string]int{"name": 1, "uscc": 1}, "name"},
		{"column out of range", map[string]int{"name": -1, "uscc": 2}, "name"},
		{"unknown key", map[string]int{"name": 1, "uscc": 2, "role": 0}, "role"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, err := range firms.Read(t.Context(), file, sheet.Mapping{Row: 1, Columns: tt.columns}) {
				if f := fault.From(err); f == nil || f.Rule != "sheet.columns" || f.Fields[tt.field] == "" {
					t.Errorf("fault = %v", f)
				}
			}
		})
	}
	if err := fails(t.Context(), []byte("企业名称,单位名称,信用代码\n"), sheet.Standard); !fault.Is(err, "sheet.column-twice") {
		t.Errorf("two heads for one column: %v", err)
	}
}

func TestTemplate(t *testing.T) {
	eachFormat(t, func(t *testing.T, format sheet.Format) {
		var b bytes.Buffer
		if err := firms.Template(t.Context(), &b, format); err != nil {
			t.Fatal(err)
		}
		in, err := firms.Inspect(t.Context(), open(t, b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if len(in.Mapping.Columns) != len(firms.Columns) || in.Row != 1 {
			t.Errorf("mapping of the template = %+v", in)
		}
		if lines := read(t, b.Bytes()); len(lines) != 0 {
			t.Errorf("the example was read as data: %q", lines)
		}
		if format == sheet.XLSX && !slices.Equal(open(t, b.Bytes()).Sheets(), []string{"企业", "填写说明"}) {
			t.Errorf("sheets = %q", open(t, b.Bytes()).Sheets())
		}
	})
}

func TestAnnotatedFileComesBackAndStillReadsTheSame(t *testing.T) {
	csv := "\n信用代码,企业名称,成立日期,注册资本,别的\n123,=甲,2021-06-01,1.5,x\n\n" + uscc + ",乙,2021-06-02,-3,y\n"
	bad := map[int][]sheet.Problem{}
	file := open(t, []byte(csv))
	in, err := firms.Inspect(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range firms.Read(t.Context(), file, in.Mapping) {
		if err != nil {
			t.Fatal(err)
		}
		bad[r.Number] = slices.Clone(r.Problems)
	}
	var b bytes.Buffer
	if err := file.Annotate(t.Context(), &b, in.Mapping, func(row int) []sheet.Problem { return bad[row] }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(read(t, []byte(csv)), read(t, b.Bytes())); diff != "" {
		t.Errorf("annotated file reads differently:\n%s", diff)
	}
	again, err := firms.Inspect(t.Context(), open(t, b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"信用代码", "企业名称", "成立日期", "注册资本", "别的", "问题"}; !slices.Equal(again.Heads, want) {
		t.Errorf("heads = %q", again.Heads)
	}
	if got := again.Samples[0][5]; !strings.HasPrefix(got, "统一社会信用代码：") {
		t.Errorf("problem column = %q", got)
	}
}
