package bureau

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestNoRuleOfAFileIsShownAsItsCode: each rule of the rooms that read files has a name
// in Chinese, and no room falls to the last resort.
func TestNoRuleOfAFileIsShownAsItsCode(t *testing.T) {
	rule := regexp.MustCompile(`(?:fault\.New\(fault\.\w+, |refuse\(|Rule: )"([a-z]+\.[a-z-]+)"`)
	code := regexp.MustCompile(`[A-Za-z.]`)
	found := 0
	for _, room := range []string{"sheet", "registry", "credit", "deed", "resident", "importing", "code", "day", "money"} {
		files, err := filepath.Glob("../../" + room + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", room, files, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range rule.FindAllSubmatch(text, -1) {
				found++
				if title := ruleTitle(string(m[1])); code.MatchString(title) || title == "其他规则" {
					t.Errorf("%s: the rule %s is called %q", name, m[1], title)
				}
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d rules were found", found)
	}
}
