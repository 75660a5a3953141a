package volunteer

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"juli/internal/fault"
)

const (
	nameMax   = 40
	skillsMax = 200
	titleMax  = 60
	textMax   = 1000
	placeMax  = 100
	placesMax = 500
)

var (
	mobile   = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
	landline = regexp.MustCompile(`^(0[0-9]{2,3})?[2-9][0-9]{6,7}$`)
	clockRE  = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)
)

// Phone brings a number to the one form in which it is sealed and found.
func Phone(typed string) (string, error) {
	s := strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case strings.ContainsRune(" -－()（）　", r):
			return -1
		}
		return r
	}, typed)
	s = strings.TrimPrefix(s, "+86")
	if !mobile.MatchString(s) && !landline.MatchString(s) {
		return "", fault.New(fault.Invalid, "volunteer.phone", "电话号码不正确。").With("phone", "请填写 11 位手机号或带区号的固定电话。")
	}
	return s, nil
}

// Hours writes minutes as people say them: "2.5".
func Hours(minutes int64) string {
	tenths := (minutes*10 + 30) / 60
	if tenths%10 == 0 {
		return strconv.FormatInt(tenths/10, 10)
	}
	return strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10)
}

func tooLong(s string, most int) bool { return utf8.RuneCountInString(s) > most }
