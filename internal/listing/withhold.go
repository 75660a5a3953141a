package listing

import (
	"fmt"
	"slices"
	"strings"
)

// A Passage is a part of what was said that the public does not read, since it
// tells of a person: where it begins and how long it is, in characters.
type Passage struct {
	Start, Length int64
	Why           string
}

// Whys are the kinds of personal data for which a passage is withheld.
var Whys = []struct{ Code, Title string }{
	{"NAME", "个人姓名"}, {"HOME", "住址、门牌或车牌"}, {"CONTACT", "联系方式或证件号码"}, {"FAMILY", "健康、家庭或财产情况"}, {"OTHER", "其他个人信息"},
}

func whyTitle(code string) string {
	for _, w := range Whys {
		if w.Code == code {
			return w.Title
		}
	}
	return ""
}

// passageMin keeps a single sign from blackening a whole reply.
const passageMin = 2

// find says where a text holds a passage, without overlaps.
func find(text, passage string) (at []int64) {
	all, part := []rune(text), []rune(passage)
	for i := 0; i+len(part) <= len(all); {
		if slices.Equal(all[i:i+len(part)], part) {
			at, i = append(at, int64(i)), i+len(part)
		} else {
			i++
		}
	}
	return at
}

// Public is what everybody reads: in place of a passage, how long it was and what
// kind of personal data it held.
func (w Word) Public() string {
	text := []rune(w.Text)
	why := w.hidden()
	var out strings.Builder
	for i := 0; i < len(text); {
		if why[i] == "" {
			out.WriteRune(text[i])
			i++
			continue
		}
		from := i
		for i < len(text) && why[i] == why[from] {
			i++
		}
		fmt.Fprintf(&out, "〔此处%d字涉及个人信息（%s），不公开〕", i-from, whyTitle(why[from]))
	}
	return out.String()
}

// Hidden is how many characters are withheld.
func (w Word) Hidden() (n int) {
	for _, x := range w.hidden() {
		if x != "" {
			n++
		}
	}
	return n
}

// hidden is, for each character, why it is withheld.
func (w Word) hidden() []string {
	why := make([]string, len([]rune(w.Text)))
	for _, p := range w.Withheld {
		for i := max(p.Start, 0); i < p.Start+p.Length && i < int64(len(why)); i++ {
			why[i] = p.Why
		}
	}
	return why
}
