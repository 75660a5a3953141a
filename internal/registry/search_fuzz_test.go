package registry

import (
	"strings"
	"testing"
)

// FuzzFound checks the promise of the index: whatever part of a name is asked
// for, in characters, initials or pinyin, its tokens are among the name's, so
// that no part can be missed.
func FuzzFound(f *testing.F) {
	f.Add("哈尔滨新华物业（集团）有限公司", 3, 4)
	f.Add("Ａ区 8号楼", 0, 2)
	f.Add("重庆音乐厦门", 1, 3)
	f.Fuzz(func(t *testing.T, name string, from, n int) {
		text := []rune(normal(name))
		if len(text) == 0 || len(text) > 50 {
			return
		}
		from = abs(from) % len(text)
		n = abs(n)%min(gramsMax, len(text)-from) + 1
		have := map[string]bool{}
		x := NewIndex()
		x.tokens(Doc{Kind: DocProject, Title: name}, func(tk token) { have[tk.String()] = true })

		part := string(text[from : from+n])
		for _, g := range gramsOf(part, 'p') {
			if !have[g] {
				t.Errorf("%q: part %q has no token %q", name, part, g)
			}
		}
		syl := syllables(string(text), nil)
		full := strings.Join(syl[from:from+n], "")
		if !isLatin(full) {
			return
		}
		if !spelled(full, syl) {
			t.Errorf("%q is not spelled by %q", name, full)
		}
		var initials strings.Builder
		for _, s := range syl[from : from+n] {
			initials.WriteByte(s[0])
		}
		for _, g := range gramsOf(initials.String(), 'P') {
			if !have[g] {
				t.Errorf("%q: initials %q have no token %q", name, initials.String(), g)
			}
		}
		if !spelled(initials.String(), syl) {
			t.Errorf("%q is not spelled by %q", name, initials.String())
		}
	})
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}
