package credit

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The walk-through of docs/rulebooks.md is a rulebook that loads and whose
// example holds, and its table names every construct.
func TestDocsWalkThrough(t *testing.T) {
	text, err := os.ReadFile("../../docs/rulebooks.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 3 {
		t.Fatalf("%d yaml blocks", len(blocks))
	}
	b, err := Parse([]byte(`kind: credit
code: walk
title: 某市办法
city: "3706"
version: "1"
status: draft
mark: assumed
effective: {from: 2020-01-01}
basis: [{title: 某市办法}]
statuses: [{code: not_rated, title: 不予评定}, {code: awaiting, title: 等待报送}]
` + blocks[1][1] + blocks[2][1]))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range RunExamples(b) {
		if !r.OK {
			t.Errorf("%s: want %s, got %s\n%s", r.ID, r.Expected, r.Got, strings.Join(r.Trace, "\n"))
		}
	}
	if len(b.Examples) == 0 {
		t.Error("the walk-through has no example")
	}
	for n := 1; n <= 55; n++ {
		if !strings.Contains(string(text), fmt.Sprintf("| PC-%02d |", n)) {
			t.Errorf("PC-%02d is not in the table", n)
		}
	}
}
