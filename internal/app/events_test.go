package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"juli/internal/web/admin"
)

var eventName = regexp.MustCompile(`^(audit|credit|data|file|identity|import|job|listing|notify|registry|request|rulebook|casework|case)\.[a-z]+(-[a-z]+)*-?$`)

// ruled are the functions whose names of that form are rules of refusals.
var ruled = map[string]bool{"New": true, "Wrap": true, "Is": true, "invalid": true, "refuse": true}

// others are rules and notices that are handed on by their names as events are.
var others = strings.Fields(`credit.notice credit.objection-again credit.objection-decided credit.objection-ground credit.objection-late credit.past credit.past-below credit.past-fresh
	credit.repair-age credit.repair-decided credit.repair-good credit.repair-item credit.repair-none credit.repair-rectify credit.repair-relapse listing.ended listing.notice listing.no-entry identity.new-device identity.recovery
	registry.required request.header request.host request.malformed request.method request.parameter request.slow`)

// elsewhere such names are acts, checks, or the titles themselves.
var elsewhere = []string{"/authz/", "app/doctor.go", "admin/titles.go"}

// TestEveryEventHasAChineseTitle looks through the sources for names of events: in
// what is appended to the audit log, handed on to a function that appends, or
// chosen beforehand. Names of rules, which look alike, stand in refusals.
func TestEveryEventHasAChineseTitle(t *testing.T) {
	found := map[string]string{}
	for _, root := range []string{"../../internal", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || slices.ContainsFunc(elsewhere, func(s string) bool { return strings.Contains(path, s) }) {
				return err
			}
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, path, nil, 0)
			if err != nil {
				return err
			}
			eventsIn(file, func(name string, at token.Pos) { found[name] = fset.Position(at).String() })
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found) < 60 {
		t.Errorf("only %d events found: %v", len(found), slices.Sorted(maps.Keys(found)))
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if strings.HasSuffix(name, "-") || slices.Contains(others, name) {
			continue // the beginning of names that are given below
		}
		if !chinese(admin.EventTitle(name)) {
			t.Errorf("%s (%s) has no title", name, found[name])
		}
	}
}

// eventsIn tells the names of events in a file.
func eventsIn(file *ast.File, tell func(string, token.Pos)) {
	look := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if ruled[callee(n)] {
				return false
			}
		case *ast.BasicLit:
			if s, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil && eventName.MatchString(s) {
				tell(s, n.Pos())
			}
		}
		return true
	}
	ast.Inspect(file, look)
}

func callee(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}
