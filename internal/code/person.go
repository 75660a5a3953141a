package code

import (
	"log/slog"
	"strings"

	"juli/internal/day"
	"juli/internal/fault"
)

// An IDNumber is a citizen's identity number that was checked. It is sensitive
// personal data: it prints and logs masked (PI-7); string(id) is the number
// itself, for sealing alone.
type IDNumber string

// ParseIDNumber reads an 18-digit number: area, a date that exists, and the
// check digit of GB 11643 (ISO 7064 MOD 11-2).
func ParseIDNumber(s string) (IDNumber, error) {
	s = clean(s)
	refuse := func(rule, text string) (IDNumber, error) {
		return "", fault.New(fault.Invalid, rule, "%s", text)
	}
	if len(s) != 18 || !digits(s[:17]) || s[0] == '0' || s[17] != 'X' && !digits(s[17:]) {
		return refuse("code.id-form", "身份证号码应为18位数字，最后一位可以是X。")
	}
	born, err := day.Parse(s[6:10] + "-" + s[10:12] + "-" + s[12:14])
	if err != nil || born.Year() < 1850 {
		return refuse("code.id-date", "身份证号码中的出生日期不对，请核对。")
	}
	sum := 0
	for i, weight := range [...]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(s[i]-'0') * weight
	}
	if "10X98765432"[sum%11] != s[17] {
		return refuse("code.id-check", "身份证号码校验位不符，请核对是否输错。")
	}
	return IDNumber(s), nil
}

// Born is the date of birth inside the number.
func (id IDNumber) Born() day.Date {
	if len(id) != 18 {
		return 0
	}
	born, err := day.Parse(string(id[6:10] + "-" + id[10:12] + "-" + id[12:14]))
	if err != nil {
		return 0
	}
	return born
}

// String is the masked number, so that no format verb can leak it.
func (id IDNumber) String() string { return MaskID(string(id)) }

// LogValue is the masked number (PI-7).
func (id IDNumber) LogValue() slog.Value { return slog.StringValue(id.String()) }

// MaskID shows the first and the last character of an identity number (PI-2).
func MaskID(s string) string { return mask(s, 1, 1) }

// MaskPhone shows the first three and the last four digits of a mobile number,
// and the last four alone of a shorter one (PI-2).
func MaskPhone(s string) string {
	if len([]rune(s)) < 11 {
		return mask(s, 0, 4)
	}
	return mask(s, 3, 4)
}

// MaskName shows the family name: its first character, and the second too where
// the name is one of the usual compound ones with a given name behind it.
func MaskName(s string) string {
	r := []rune(s)
	if len(r) > 2 && compound[string(r[:2])] {
		return mask(s, 2, 0)
	}
	return mask(s, 1, 0)
}

// mask keeps the first and last characters and stars the rest. What is too
// short to hide anything is starred whole.
func mask(s string, first, last int) string {
	r := []rune(s)
	if len(r) <= first+last {
		return strings.Repeat("*", len(r))
	}
	return string(r[:first]) + strings.Repeat("*", len(r)-first-last) + string(r[len(r)-last:])
}

var compound = map[string]bool{
	"欧阳": true, "上官": true, "司马": true, "诸葛": true, "皇甫": true, "尉迟": true, "公孙": true,
	"慕容": true, "令狐": true, "司徒": true, "东方": true, "夏侯": true, "宇文": true, "长孙": true, "端木": true,
}
