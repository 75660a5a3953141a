package code_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/fault"
)

// L1, L2, L3 and L9: published and synthetic codes complete to their check character.
func TestUSCCIsCompleted(t *testing.T) {
	for _, tt := range []struct{ row, body, want string }{
		{"L1", "91350100M000100Y4", "91350100M000100Y43"},
		{"L2", "91230103MAL8YBKB5", "91230103MAL8YBKB50"},
		{"L3", "91230102MA1B2C3D8", "91230102MA1B2C3D8J"},
		{"L9", "9123019912800000X", "9123019912800000XT"},
	} {
		if got, err := code.MakeUSCC(tt.body); string(got) != tt.want || err != nil {
			t.Errorf("%s: MakeUSCC(%s) = %s, %v, want %s", tt.row, tt.body, got, err, tt.want)
		}
		if got, err := code.ParseUSCC(tt.want); string(got) != tt.want || err != nil {
			t.Errorf("%s: ParseUSCC(%s) = %s, %v", tt.row, tt.want, got, err)
		}
	}
}

func TestUSCCIsReadAsTyped(t *testing.T) {
	for _, tt := range []struct{ row, in, rule string }{
		{"case and width", " ９1350100m000100y43　", ""},
		{"L1", "91350100M000100Y4Z", "code.uscc-char"},
		{"L10", "91230103MA19QW7I58", "code.uscc-char"},
		{"a typo", "91350100M000100Y42", "code.uscc-check"},
		{"two digits swapped", "91350100M000010Y43", "code.uscc-check"},
		{"short", "91350100M000100Y4", "code.uscc-length"},
		{"long", strings.Repeat("9", 4000), "code.uscc-length"},
		{"empty", "", "code.uscc-length"},
		{"a letter in the area", "9135A100M000100Y43", "code.uscc-char"},
		{"Chinese", "统一社会信用", "code.uscc-char"},
	} {
		got, err := code.ParseUSCC(tt.in)
		if tt.rule == "" && (err != nil || got != "91350100M000100Y43") {
			t.Errorf("%s: %q, %v", tt.row, got, err)
		}
		if tt.rule != "" && !fault.Is(err, tt.rule) {
			t.Errorf("%s: %q, %v, want rule %s", tt.row, got, err, tt.rule)
		}
	}
}

func TestUSCCInnerCheckOnlyWarns(t *testing.T) {
	if u := code.USCC("91350100M000100Y43"); !u.InnerOK() || u.Area() != "350100" {
		t.Errorf("the standard's example: inner %v, area %s", u.InnerOK(), u.Area())
	}
	odd, err := code.MakeUSCC("91230103MA1B2C3D0")
	if err != nil || odd.InnerOK() {
		t.Errorf("a wrong inner digit: %v, inner %v", err, odd.InnerOK())
	}
	if code.USCC("").InnerOK() {
		t.Error("no code is in order")
	}
}

// L4 and L5, and what GB 11643 refuses.
func TestIDNumber(t *testing.T) {
	for _, tt := range []struct{ row, in, rule string }{
		{"L4", "11010519491231002X", ""},
		{"L5", "230102190001019995", ""},
		{"lower case", "11010519491231002x", ""},
		{"check digit", "110105194912310021", "code.id-check"},
		{"date first", "11010519490231002X", "code.id-date"},
		{"15 digits", "110105491231002", "code.id-form"},
		{"X inside", "1101051949123X002X", "code.id-form"},
		{"empty", "", "code.id-form"},
	} {
		got, err := code.ParseIDNumber(tt.in)
		if tt.rule == "" && (err != nil || string(got) != strings.ToUpper(tt.in)) || tt.rule != "" && !fault.Is(err, tt.rule) {
			t.Errorf("%s: %v, want rule %q", tt.row, err, tt.rule)
		}
	}
	if got := code.IDNumber("11010519491231002X").Born(); got != day.MustParse("1949-12-31") {
		t.Errorf("born %v", got)
	}
}

// PI-7: an identity number shows itself to no format verb and no log.
func TestIDNumberDoesNotLeak(t *testing.T) {
	id := code.IDNumber("11010519491231002X")
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("person", "id", id)
	out := fmt.Sprintf("%s %v %+v", id, id, struct{ ID code.IDNumber }{id}) + log.String()
	if strings.Contains(out, "1949") {
		t.Errorf("leaked: %s", out)
	}
}

// PI-2: what is shown by default.
func TestMasks(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{code.MaskID("11010519491231002X"), "1****************X"},
		{code.MaskPhone("13800000000"), "138****0000"},
		{code.MaskPhone("86540000"), "****0000"},
		{code.MaskPhone("110"), "***"},
		{code.MaskName("张三"), "张*"},
		{code.MaskName("𠮷田"), "𠮷*"},
		{code.MaskName("欧阳锋"), "欧阳*"},
		{code.MaskName("欧阳"), "欧*"},
		{code.MaskName("张"), "*"},
		{code.MaskName(""), ""},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

// L6: a community and what is above it.
func TestDivision(t *testing.T) {
	d, err := code.ParseDivision("230108001003")
	if err != nil || d.Level() != code.Community || d.Kind() != "居民委员会" {
		t.Fatalf("%s, %v: level %v, kind %s", d, err, d.Level(), d.Kind())
	}
	if d.Parent() != "230108001" || d.Up(code.District).Six() != "230108" || d.Up(code.City).Six() != "230100" {
		t.Errorf("above: %s, %s, %s", d.Parent(), d.Up(code.District), d.Up(code.City))
	}
	for _, tt := range []struct {
		in   string
		want code.Division
		kind string
	}{
		{"230000", "23", "省"},
		{"230100", "2301", "市"},
		{"230100000000", "2301", "市"},
		{"230103", "230103", "区县"},
		{"230103000000", "230103", "区县"},
		{"230108001000", "230108001", "街道"},
		{"230108100", "230108100", "镇"},
		{"230110", "230110", "区县"},
		{"２３０１０３", "230103", "区县"},
		{"230103001200", "230103001200", "村民委员会"},
		{"441900003", "441900003", "街道"},
	} {
		got, err := code.ParseDivision(tt.in)
		if err != nil || got != tt.want || got.Kind() != tt.kind {
			t.Errorf("ParseDivision(%s) = %s %s, %v, want %s %s", tt.in, got, got.Kind(), err, tt.want, tt.kind)
		}
	}
	if got := code.Division("441900003").Parent(); got != "4419" {
		t.Errorf("a street without a district lies in %s", got)
	}
	if got := code.Division("23").Parent(); got != "" {
		t.Errorf("above a province: %s", got)
	}
	for _, s := range []string{"", "2", "230", "23010", "2301030", "23010300100", "2301030010031", "2301a3", "0301"} {
		if got, err := code.ParseDivision(s); !fault.Is(err, "code.division") {
			t.Errorf("ParseDivision(%q) = %s, %v", s, got, err)
		}
	}
}

func TestDivisionContains(t *testing.T) {
	for _, tt := range []struct {
		d, other code.Division
		want     bool
	}{
		{"2301", "230103001003", true},
		{"230103", "230103", true},
		{"230103", "230104", false},
		{"230103001", "230103", false},
		{"", "230103", false},
		{"230103", "", false},
	} {
		if got := tt.d.Contains(tt.other); got != tt.want {
			t.Errorf("%q contains %q: %v", tt.d, tt.other, got)
		}
	}
}

func TestPlacesUnderACommunity(t *testing.T) {
	p, err := code.MakeProjectCode("230108001003", 7)
	if err != nil || p != "2301080010030007" || p.Community() != "230108001003" {
		t.Fatalf("project %s, %v, in %s", p, err, p.Community())
	}
	b, err1 := p.Building(12)
	e, err2 := b.Entrance(3)
	r, err3 := e.Room(-1, 5)
	if err1 != nil || err2 != nil || err3 != nil || r != "23010800100300070120390105" {
		t.Errorf("room %s: %v %v %v", r, err1, err2, err3)
	}
	if r.Floor() != -1 || r.Entrance() != e || r.Project() != p || e.Building() != b || b.Project() != p {
		t.Errorf("read back: floor %d, entrance %s, project %s", r.Floor(), r.Entrance(), r.Project())
	}
	up, err := e.Room(18, 2)
	if parsed, err2 := code.ParseRoomCode(string(up)); err != nil || err2 != nil || parsed.Floor() != 18 {
		t.Errorf("room %s, %v, %v", up, err, err2)
	}
	if _, err := code.MakeProjectCode("230108001", 1); !fault.Is(err, "code.place") {
		t.Errorf("a project in a street: %v", err)
	}
	if _, err := p.Building(1000); !fault.Is(err, "code.serial") {
		t.Errorf("building 1000: %v", err)
	}
	for _, s := range []string{"", "230108001000001", "2301080010000007", "23010800100300O7"} {
		if got, err := code.ParseProjectCode(s); !fault.Is(err, "code.place") {
			t.Errorf("ParseProjectCode(%q) = %s, %v", s, got, err)
		}
	}
}

// INP-10: no parser panics, and what is read is read again as the same.
func FuzzParsers(f *testing.F) {
	for _, s := range []string{"91350100M000100Y43", "11010519491231002X", "230108001003", "2301080010030007", "23010800100300070120390105", "９"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if u, err := code.ParseUSCC(s); err == nil {
			again, err := code.ParseUSCC(string(u))
			if again != u || err != nil {
				t.Errorf("USCC %q read again as %q, %v", u, again, err)
			}
			if u.InnerOK() && len(u) != 18 {
				t.Errorf("%q is in order", u)
			}
		}
		if id, err := code.ParseIDNumber(s); err == nil && id.Born() == 0 {
			t.Errorf("a number without a date: %q", s)
		}
		if d, err := code.ParseDivision(s); err == nil {
			again, err := code.ParseDivision(d.Full())
			if again != d || err != nil || d.Kind() == "" {
				t.Errorf("division %q read again as %q, %v", d, again, err)
			}
		}
		if r, err := code.ParseRoomCode(s); err == nil {
			if n := r.Floor(); n < -99 || n > 899 {
				t.Errorf("room %q is on floor %d", r, n)
			}
		}
		for _, masked := range []string{code.MaskID(s), code.MaskName(s), code.MaskPhone(s)} {
			if utf8.ValidString(s) && len([]rune(masked)) != len([]rune(s)) {
				t.Errorf("%q is masked as %q", s, masked)
			}
		}
	})
}

// FuzzUSCCTypo checks what the check character is for: one wrong character is
// always noticed.
func FuzzUSCCTypo(f *testing.F) {
	f.Add(uint8(3), byte('7'))
	f.Fuzz(func(t *testing.T, at uint8, c byte) {
		u := []byte("91350100M000100Y43")
		i := int(at) % len(u)
		if u[i] == c || c >= 'a' && c <= 'z' || c >= 0x80 || c <= ' ' {
			return
		}
		u[i] = c
		if _, err := code.ParseUSCC(string(u)); err == nil {
			t.Errorf("%s passes", u)
		}
	})
}
