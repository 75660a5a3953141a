package sheet_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"juli/internal/fault"
	"juli/internal/sheet"
)

// FuzzOpen feeds the readers anything: they read or refuse, and never fail
// inside or without saying why.
func FuzzOpen(f *testing.F) {
	f.Add(write(f, sheet.CSV, row("甲")))
	f.Add(write(f, sheet.XLSX, row("甲")))
	f.Add(book(heads))
	f.Add([]byte("信用代码\t企业名称\r\n\"a\"\"b\"\t=1\r\n"))
	f.Add([]byte("\xFF\xFEa\x00,\x00"))
	f.Add([]byte("\xC6\xF3\xD2\xB5\xC3\xFB\xB3\xC6,x\n"))
	limits := sheet.Standard
	limits.Rows, limits.Inflated = 1_000, 1<<20
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := fails(t.Context(), b, limits); err != nil && fault.From(err).Kind == fault.Internal {
			t.Errorf("failed inside: %v", err)
		}
	})
}

// FuzzWorksheet feeds the reader of worksheets and shared strings anything,
// past the archive around them.
func FuzzWorksheet(f *testing.F) {
	f.Add(`<worksheet><sheetData>`+heads+`</sheetData></worksheet>`, `<sst><si><t>x</t></si></sst>`)
	f.Add(`<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData>`, `<sst><si><r><t>&#x20;</t></r></si></sst>`)
	f.Fuzz(func(t *testing.T, body, shared string) {
		b := archive(parts(text(body), entry{"xl/sharedStrings.xml", text(shared)})...)
		if err := fails(t.Context(), b, sheet.Standard); err != nil && fault.From(err).Kind == fault.Internal {
			t.Errorf("failed inside: %v", err)
		}
	})
}

// FuzzNeutralise checks that no line can be taken for a formula and that
// nothing is lost.
func FuzzNeutralise(f *testing.F) {
	for _, s := range []string{"=1", "'=1", " \u00A0=1", "＝1", "a\n=1", "a\r=1", "\n", "'\n", "\t", "-1", "@x", "''", "' '=", "a\n'\t=", "'\n'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			s = strings.ToValidUTF8(s, "?")
		}
		safe := sheet.Neutralise(s)
		want := strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
		if got := sheet.Restore(safe); got != want {
			t.Errorf("%q went out as %q and came back as %q", s, safe, got)
		}
		for line := range strings.SplitSeq(safe, "\n") {
			lead := strings.TrimLeftFunc(line, func(r rune) bool { return unicode.IsSpace(r) || r == '\u200B' || r == '\uFEFF' })
			if lead != "" && strings.ContainsAny(string([]rune(lead)[:1]), "=+-@＝＋－＠") || strings.HasPrefix(line, "\t") {
				t.Errorf("%q went out as %q", s, safe)
			}
		}
		if safe != "" && strings.ContainsAny(safe[:1], "\t\r\n") {
			t.Errorf("%q went out as %q", s, safe)
		}
	})
}

// FuzzText checks that text leaves and comes back as it was, in both formats.
func FuzzText(f *testing.F) {
	for _, s := range []string{"甲", "_x0041_x0042_", "_x005F_x005F_", "a\"b,c", "'=x", "\\", "&amp;<>", "a\nb", "e\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = norm.NFC.String("名" + strings.Map(func(r rune) rune {
			if r < ' ' && r != '\n' && r != '\t' || r >= 0x7F && r < 0xA0 || r == utf8.RuneError || unicode.Is(unicode.Bidi_Control, r) || r > 0xFFFD && r < 0x10000 {
				return -1
			}
			return r
		}, s) + "末")
		if utf8.RuneCountInString(s) > 300 {
			return
		}
		for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
			for r, err := range firms.Read(t.Context(), open(t, write(t, format, row(s))), sheet.Mapping{}) {
				if err != nil {
					t.Fatal(err)
				}
				if got := r.Text("name"); got != s {
					t.Errorf("%s: %q came back as %q, %v", format, s, got, r.Problems)
				}
			}
		}
	})
}

// FuzzStoredNumber checks that what a user typed with up to 15 digits is what is
// read from the binary number that Excel stores of it.
func FuzzStoredNumber(f *testing.F) {
	f.Add(int64(123_456), uint8(2))
	f.Add(int64(-1), uint8(4))
	f.Add(int64(999_999_999_999_999), uint8(0))
	f.Fuzz(func(t *testing.T, n int64, places uint8) {
		n %= 1_000_000_000_000_000
		if n == 0 {
			return
		}
		p := int(places % 12)
		typed := strconv.FormatInt(n, 10)
		sign, digits := "", typed
		if rest, negative := strings.CutPrefix(typed, "-"); negative {
			sign, digits = "-", rest
		}
		if len(digits) <= p {
			digits = strings.Repeat("0", p+1-len(digits)) + digits
		}
		typed = sign + digits[:len(digits)-p]
		if frac := strings.TrimRight(digits[len(digits)-p:], "0"); frac != "" {
			typed += "." + frac
		}
		binary, err := strconv.ParseFloat(typed, 64)
		if err != nil {
			t.Fatal(err)
		}
		for _, stored := range []string{strconv.FormatFloat(binary, 'g', 17, 64), strconv.FormatFloat(binary, 'E', -1, 64)} {
			b := book(heads + `<row r="2"><c t="str"><v>` + uscc + `</v></c><c t="str"><v>x</v></c><c/><c/><c><v>` + stored + `</v></c></row>`)
			for r, err := range firms.Read(t.Context(), open(t, bytes.Clone(b)), sheet.Mapping{}) {
				if err != nil {
					t.Fatal(err)
				}
				if got := r.Text("phone"); got != typed {
					t.Errorf("%s, stored as %s, was read as %s", typed, stored, got)
				}
			}
		}
	})
}
