package registry

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/unicode/norm"
)

// normal is the form in which names are compared: NFKC, lower case, letters and
// digits only, so that full-width forms, spaces and brackets make no difference.
func normal(s string) string {
	if !isASCII(s) && !norm.NFKC.IsNormalString(s) {
		s = norm.NFKC.String(s)
	}
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			switch {
			case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
				return r
			case r >= 'A' && r <= 'Z':
				return r + 'a' - 'A'
			}
			return -1
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// readings are characters whose usual reading in names of places, firms and
// people is not the first one of the dictionary.
var readings = map[rune]string{
	'长': "chang", '重': "chong", '朝': "chao", '乐': "le", '厦': "sha", '都': "du", '行': "hang", '会': "hui",
	'调': "tiao", '盛': "sheng", '省': "sheng", '单': "dan", '柏': "bai", '解': "jie", '参': "can", '和': "he",
	'大': "da", '车': "che", '石': "shi", '宿': "su", '泊': "bo", '圈': "quan", '堡': "bao", '曾': "zeng",
	'区': "qu", '家': "jia", '地': "di", '什': "shi", '系': "xi", '校': "xiao", '角': "jiao", '降': "jiang",
	'度': "du", '兴': "xing", '弹': "tan", '合': "he", '给': "gei", '绿': "lv", '吕': "lv", '旅': "lv", '率': "lv",
	'员': "yuan", '仇': "qiu", '查': "zha", '盖': "gai", '覃': "qin", '翟': "zhai", '尉': "wei", '纪': "ji",
	'阿': "a", '露': "lu", '沈': "shen", '奇': "qi", '亭': "ting", '广': "guang", '厂': "chang",
}

// phrases are words whose characters read otherwise together than alone.
var phrases = map[string][]string{
	"厦门":  {"xia", "men"},
	"音乐":  {"yin", "yue"},
	"重型":  {"zhong", "xing"},
	"重工":  {"zhong", "gong"},
	"载重":  {"zai", "zhong"},
	"家长":  {"jia", "zhang"},
	"增长":  {"zeng", "zhang"},
	"校长":  {"xiao", "zhang"},
	"成都":  {"cheng", "du"},
	"会计":  {"kuai", "ji"},
	"行政":  {"xing", "zheng"},
	"行知":  {"xing", "zhi"},
	"同行":  {"tong", "xing"},
	"单县":  {"shan", "xian"},
	"六安":  {"lu", "an"},
	"大夫":  {"dai", "fu"},
	"尉迟":  {"yu", "chi"},
	"阿胶":  {"e", "jiao"},
	"堡子":  {"pu", "zi"},
	"五里堡": {"wu", "li", "pu"},
	"调度":  {"diao", "du"},
}

var phraseHeads = func() map[rune][]string {
	m := map[rune][]string{}
	for p := range phrases {
		r, _ := utf8.DecodeRuneInString(p)
		m[r] = append(m[r], p)
	}
	return m
}()

// readingTable holds the plain reading of every character of the basic plane.
var readingTable = sync.OnceValue(func() *[0x10000]string {
	var table [0x10000]string
	seen := map[string]string{} // one string per reading
	args := pinyin.NewArgs()
	for r := range pinyin.PinyinDict {
		if r >= len(table) {
			continue
		}
		if p := pinyin.SinglePinyin(rune(r), args); len(p) > 0 {
			if seen[p[0]] == "" {
				seen[p[0]] = p[0]
			}
			table[r] = seen[p[0]]
		}
	}
	for r, p := range readings {
		table[r] = p
	}
	return &table
})

// syllables reads a normal text: a pinyin syllable for each Chinese character
// and each other character as it stands.
func syllables(normal string, into []string) []string {
	table := readingTable()
	for i := 0; i < len(normal); {
		r, size := utf8.DecodeRuneInString(normal[i:])
		if p := phraseAt(normal[i:], r); p != "" {
			into = append(into, phrases[p]...)
			i += len(p)
			continue
		}
		if r < 0x10000 && table[r] != "" {
			into = append(into, table[r])
		} else {
			into = append(into, normal[i:i+size])
		}
		i += size
	}
	return into
}

func phraseAt(s string, head rune) (best string) {
	for _, p := range phraseHeads[head] {
		if len(p) > len(best) && strings.HasPrefix(s, p) {
			best = p
		}
	}
	return best
}

// fullPinyin is a name as lists sort it.
func fullPinyin(name string) string {
	var buf [40]string
	return strings.Join(syllables(normal(name), buf[:0]), " ")
}

// known is the set of syllables that the dictionary's characters read as.
var known = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for _, p := range readingTable() {
		if p != "" && p != "n" && p != "ng" && p != "m" && p != "hm" && p != "hng" {
			set[p] = true
		}
	}
	return set
})

const (
	parsesMax   = 12
	syllableMax = 6
)

// initialsOf lists the sequences of initials that typed latin letters may stand
// for: the letters themselves, and each way to cut them into syllables, of which
// the last may be unfinished.
func initialsOf(letters string) []string {
	all := []string{letters}
	set := known()
	var cut func(rest, initials string)
	cut = func(rest, initials string) {
		if len(all) >= parsesMax {
			return
		}
		if rest == "" {
			all = append(all, initials)
			return
		}
		for n := min(len(rest), syllableMax); n >= 1; n-- {
			if set[rest[:n]] || n == len(rest) && begins(set, rest) {
				cut(rest[n:], initials+rest[:1])
			}
		}
	}
	cut(letters, "")
	return all
}

func begins(set map[string]bool, head string) bool {
	for s := range set {
		if strings.HasPrefix(s, head) {
			return true
		}
	}
	return false
}

// spells tells whether letters can be cut so that each piece begins the next
// syllable, starting at syllable from: xhwy, xinhua, xinhwuye all spell 新华物业.
func spells(letters string, syl []string, from int) bool {
	if letters == "" {
		return true
	}
	if from >= len(syl) {
		return false
	}
	s := syl[from]
	n := 0
	for n < len(s) && n < len(letters) && s[n] == letters[n] {
		n++
	}
	for ; n >= 1; n-- {
		if spells(letters[n:], syl, from+1) {
			return true
		}
	}
	return false
}
