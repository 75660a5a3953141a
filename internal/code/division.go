package code

import (
	"strings"

	"juli/internal/fault"
)

// A Division is an area code without the zeros behind it: "2301" is a city,
// "230103" a district, "230103001" a street, "230103001003" a community. A
// division contains another when its code begins it. The empty Division is none
// and contains nothing.
type Division string

// A Level is a step of the division tree.
type Level int

// The levels, from the top. NoLevel is that of the empty division.
const (
	NoLevel Level = iota
	Province
	City
	District
	Street
	Community
)

// steps is the length of a code at each level.
var steps = [...]int{0, 2, 4, 6, 9, 12}

var levelNames = [...]string{"", "省", "市", "区县", "街道乡镇", "社区"}

// String is the level's Chinese name.
func (l Level) String() string {
	if l < 0 || int(l) >= len(levelNames) {
		return ""
	}
	return levelNames[l]
}

// ParseDivision reads an area code in any usual length (2, 4, 6, 9 or 12
// digits) and drops the zeros that stand for the lower levels.
func ParseDivision(s string) (Division, error) {
	s = clean(s)
	bad := fault.New(fault.Invalid, "code.division", "区划代码不对，应为2、4、6、9或12位数字。")
	if !digits(s) || s[0] == '0' {
		return "", bad
	}
	level := Division(s).Level()
	if level == NoLevel {
		return "", bad
	}
	for l := level; l > Province && strings.Trim(s[steps[l-1]:], "0") == ""; l-- {
		s = s[:steps[l-1]]
	}
	return Division(s), nil
}

// Level tells how deep in the tree the division stands.
func (d Division) Level() Level {
	for l := Province; l <= Community; l++ {
		if len(d) == steps[l] {
			return l
		}
	}
	return NoLevel
}

// Parent is the division above, trimmed like every other; a province has none.
func (d Division) Parent() Division { return d.Up(d.Level() - 1) }

// Up is the division at a level that contains d, or none if d stands higher.
// Streets directly under a city without districts have that city as district.
func (d Division) Up(l Level) Division {
	if l <= NoLevel || l > d.Level() {
		return ""
	}
	s := string(d[:steps[l]])
	if l == District && strings.HasSuffix(s, "00") {
		s = s[:steps[City]]
	}
	return Division(s)
}

// Contains tells whether other is d or lies within it.
func (d Division) Contains(other Division) bool {
	return d != "" && strings.HasPrefix(string(other), string(d))
}

// Full is the 12-digit statistical code.
func (d Division) Full() string {
	if d == "" || len(d) > 12 {
		return string(d)
	}
	return string(d) + strings.Repeat("0", 12-len(d))
}

// Six is the six-digit code of GB/T 2260 of the division or, below the
// district, of its district.
func (d Division) Six() string {
	if d == "" {
		return ""
	}
	return d.Full()[:6]
}

// A band names the places whose last three digits lie up to a limit.
type band struct {
	to   string
	name string
}

// The segments of the statistical codes (domain knowledge, no row contradicts).
var (
	streetBands    = []band{{"099", "街道"}, {"199", "镇"}, {"399", "乡"}, {"599", "类似乡级单位"}}
	communityBands = []band{{"199", "居民委员会"}, {"399", "村民委员会"}, {"499", "类似居民委员会"}, {"599", "类似村民委员会"}}
)

// Kind names what a street or community is by its segment: 街道, 镇, 乡, 居民委员会 …;
// other divisions are named by their level.
func (d Division) Kind() string {
	bands := streetBands
	switch d.Level() {
	case Street:
	case Community:
		bands = communityBands
	default:
		return d.Level().String()
	}
	segment := string(d[len(d)-3:])
	for _, b := range bands {
		if segment != "000" && segment <= b.to {
			return b.name
		}
	}
	return d.Level().String()
}
