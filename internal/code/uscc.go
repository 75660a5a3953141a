package code

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"juli/internal/fault"
)

// A USCC is a unified social credit code that was checked.
type USCC string

// alphabet holds the 31 characters of a USCC in the order of their values; I, O,
// S, V and Z are left out (GB 32100-2015).
const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// ParseUSCC reads a code as people type it: any width and case, spaces around.
func ParseUSCC(s string) (USCC, error) {
	s = clean(s)
	if len(s) != 18 {
		return "", fault.New(fault.Invalid, "code.uscc-length", "统一社会信用代码应为18位。")
	}
	want, err := MakeUSCC(s[:17])
	if err != nil {
		return "", err
	}
	if strings.IndexByte(alphabet, s[17]) < 0 {
		return "", badUSCC()
	}
	if s[17] != want[17] {
		return "", fault.New(fault.Invalid, "code.uscc-check", "统一社会信用代码校验位不符，请核对是否输错。")
	}
	return USCC(s), nil
}

// MakeUSCC completes the first 17 characters with their check character: weights
// 3^(i-1) mod 31, and (31 − Σ mod 31) mod 31.
func MakeUSCC(body string) (USCC, error) {
	if len(body) != 17 {
		return "", fault.New(fault.Invalid, "code.uscc-length", "统一社会信用代码应为18位。")
	}
	sum, weight := 0, 1
	for i := range len(body) {
		v := strings.IndexByte(alphabet, body[i])
		if v < 0 || i >= 2 && i < 8 && v > 9 { // positions 3–8 are the area's digits
			return "", badUSCC()
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	return USCC(body + string(alphabet[(31-sum%31)%31])), nil
}

func badUSCC() error {
	return fault.New(fault.Invalid, "code.uscc-char",
		"统一社会信用代码只能用数字和大写字母，不含I、O、S、V、Z，第3至8位为数字。")
}

// InnerOK tells whether the organisation code inside (positions 9–17, GB 11714)
// has the right check character. Old codes may not: warn, never refuse.
func (u USCC) InnerOK() bool {
	if len(u) != 18 {
		return false
	}
	sum := 0
	for i, weight := range [...]int{3, 7, 9, 10, 5, 8, 4, 2} {
		c := u[8+i]
		if c >= 'A' { // GB 11714 gives A–Z the values 10–35 without gaps
			sum += int(c-'A'+10) * weight
		} else {
			sum += int(c-'0') * weight
		}
	}
	return "0X987654321"[sum%11] == u[16]
}

// Area is the six-digit division in which the code was registered.
func (u USCC) Area() string {
	if len(u) != 18 {
		return ""
	}
	return string(u[2:8])
}

// clean brings typed codes to one form: NFKC, upper case, no spaces around.
func clean(s string) string {
	if len(s) > 200 { // no code is that long; don't normalise a novel
		return s[:200]
	}
	return strings.ToUpper(strings.TrimSpace(norm.NFKC.String(s)))
}

// digits tells whether s is made of ASCII digits alone.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
