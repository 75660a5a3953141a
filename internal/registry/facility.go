package registry

import (
	"strconv"
	"strings"
	"unicode"
)

const facilitiesMax = 50

// Facilities is a list of facilities and equipment in its one written form,
// "名称 数量；名称 数量", so that it compares, exports and shows alike.
type Facilities string

// A Facility is one kind of facility or equipment and how many there are.
type Facility struct {
	Name  string
	Count int64
}

// ParseFacilities reads names with numbers, separated by semicolons or lines; a
// name without a number counts one. The order is kept.
func ParseFacilities(s string) (Facilities, error) {
	var b strings.Builder
	n := 0
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '；' || r == ';' || r == '\n' })
	for _, part := range parts {
		name, count, err := parseFacility(strings.TrimSpace(part))
		if err != nil {
			return "", err
		}
		if name == "" {
			continue
		}
		if n++; n > facilitiesMax {
			return "", invalid("registry.facilities-max", "设施设备不能超过 %d 项。", facilitiesMax)
		}
		if b.Len() > 0 {
			b.WriteString("；")
		}
		b.WriteString(name + " " + strconv.FormatInt(count, 10))
	}
	return Facilities(b.String()), nil
}

func parseFacility(s string) (name string, count int64, err error) {
	name, count = s, 1
	if i := strings.LastIndexFunc(s, unicode.IsSpace); i >= 0 {
		digits := strings.TrimSpace(s[i:])
		if n, err := parseCount(digits); err == nil {
			name, count = strings.TrimSpace(s[:i]), n
		}
	}
	if len([]rune(name)) > 40 {
		return "", 0, invalid("registry.facility", "设施设备“%s…”的名称过长。", string([]rune(name)[:10]))
	}
	if strings.ContainsFunc(name, unicode.IsControl) {
		return "", 0, invalid("registry.facility", "设施设备的名称含有无法识别的字符。")
	}
	return name, count, nil
}

// List gives the facilities one by one.
func (f Facilities) List() []Facility {
	var all []Facility
	for part := range strings.SplitSeq(string(f), "；") {
		if i := strings.LastIndexByte(part, ' '); i > 0 {
			n, _ := strconv.ParseInt(part[i+1:], 10, 64)
			all = append(all, Facility{Name: part[:i], Count: n})
		}
	}
	return all
}
