package rulebook_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"juli/internal/rulebook"
	"juli/rulebooks"
)

// TestEveryRefusalHasALine spoils each shipped rulebook line by line, as slips
// of the hand do; whatever is refused names a line and says what to mend.
func TestEveryRefusalHasALine(t *testing.T) {
	files, err := fs.Glob(rulebooks.Files, "*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	slips := map[string]func(lines []string, i int) []string{
		"deleted":  func(l []string, i int) []string { return slices.Delete(l, i, i+1) },
		"doubled":  func(l []string, i int) []string { return slices.Insert(l, i, l[i]) },
		"indented": func(l []string, i int) []string { l[i] = "   " + l[i]; return l },
		"flush":    func(l []string, i int) []string { l[i] = strings.TrimLeft(l[i], " "); return l },
		"tab":      func(l []string, i int) []string { l[i] = "\t" + l[i]; return l },
		"quote":    func(l []string, i int) []string { l[i] += `"`; return l },
		"brace":    func(l []string, i int) []string { l[i] = strings.Replace(l[i], "}", "", 1); return l },
		"cut":      func(l []string, i int) []string { l[i] = l[i][:len(l[i])/2]; return l },
	}
	refused := 0
	for _, name := range files {
		text, err := fs.ReadFile(rulebooks.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		for slip, spoil := range slips {
			for i := 0; i < len(lines); i += 11 {
				_, err := rulebook.Read([]byte(strings.Join(spoil(slices.Clone(lines), i), "\n")))
				if err == nil {
					continue
				}
				refused++
				problems := rulebook.ProblemsOf(err)
				if len(problems) == 0 {
					t.Errorf("%s, line %d %s: refused without a problem: %v", name, i+1, slip, err)
				}
				for _, p := range problems {
					if p.Line < 1 || strings.Contains(p.Text, "YAML 格式有误") {
						t.Errorf("%s, line %d %s: %s", name, i+1, slip, p)
					}
				}
			}
		}
	}
	if refused < 200 {
		t.Errorf("only %d slips were refused", refused)
	}
}
