package credit

import (
	"io/fs"
	"strings"
	"testing"

	"juli/internal/rulebook"
	"juli/rulebooks"
)

// Every shipped rulebook loads, says how sure it is, and its own worked
// examples (domain §6 and both sides of each grade bound) hold.
func TestShippedRulebooks(t *testing.T) {
	files, err := fs.Glob(rulebooks.Files, "credit/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatalf("shipped credit rulebooks: %v, %v", files, err)
	}
	kinds := rulebook.KindsOf(Kind())
	for _, name := range files {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(name, "credit/"), ".yaml"), func(t *testing.T) {
			text, err := fs.ReadFile(rulebooks.Files, name)
			if err != nil {
				t.Fatal(err)
			}
			results, err := kinds.Test(text)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				if !r.OK {
					t.Errorf("%s %s\nwant %s\ngot  %s\n%s", r.ID, r.Title, r.Expected, r.Got, strings.Join(r.Trace, "\n"))
				}
			}
		})
	}
}
