package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// required counts the ids of each group of the reliability targets: 82.
var required = []struct {
	group string
	n     int
}{
	{"AUT", 6},
	{"SES", 4},
	{"AZ", 7},
	{"PI", 7},
	{"CRY", 5},
	{"AUD", 5},
	{"INP", 10},
	{"MON", 4},
	{"VOT", 6},
	{"CRS", 8},
	{"BAK", 3},
	{"MIG", 2},
	{"SHD", 1},
	{"OVL", 2},
	{"OBS", 2},
	{"SUP", 3},
	{"ACC", 7},
}

// claimed matches a test that docs/requirements.md names: `internal/seal.TestRotation`.
var claimed = regexp.MustCompile("`([a-z][a-z0-9/]*)\\.((?:Test|Fuzz|Benchmark)\\w+)`")

// TestRequirementsClaimOnlyTestsThatExist reads docs/requirements.md: each id
// stands there once, with an issue and a state, and a state above open names
// tests that are in the tree.
func TestRequirementsClaimOnlyTestsThatExist(t *testing.T) {
	text, err := os.ReadFile("../../docs/requirements.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		id := strings.TrimPrefix(cells[0], "| ")
		if len(cells) != 5 || !regexp.MustCompile(`^[A-Z]+-\d+$`).MatchString(id) {
			continue
		}
		if rows[id] != nil {
			t.Errorf("%s stands twice", id)
		}
		rows[id] = cells
	}
	total := 0
	for _, r := range required {
		for i := range r.n {
			id := fmt.Sprintf("%s-%d", r.group, i+1)
			total++
			if rows[id] == nil {
				t.Errorf("%s is missing", id)
				continue
			}
			checkRequirement(t, id, rows[id])
		}
	}
	if len(rows) != total {
		t.Errorf("%d rows, want %d", len(rows), total)
	}
}

func checkRequirement(t *testing.T, id string, cells []string) {
	t.Helper()
	issue, state, tests := cells[2], cells[3], cells[4]
	if issue != "一" && issue != "以后" {
		t.Errorf("%s: issue %q", id, issue)
	}
	if !slices.Contains([]string{"open", "part", "done"}, state) {
		t.Errorf("%s: state %q, want open, part or done", id, state)
	}
	named := claimed.FindAllStringSubmatch(tests, -1)
	if (state == "open") != (len(named) == 0) {
		t.Errorf("%s is %s and names %d tests", id, state, len(named))
	}
	for _, m := range named {
		if !declared(t, m[1], m[2]) {
			t.Errorf("%s names %s.%s, which does not exist", id, m[1], m[2])
		}
	}
}

// declared looks for a test function in the test files of a folder.
func declared(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../..", dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(files, func(path string) bool {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(text), "\nfunc "+name+"(")
	})
}
