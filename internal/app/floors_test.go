package app_test

import (
	"errors"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// floors is the house (docs/architecture.md). A package may import any floor
// below its own, and on its own floor only what stands to its left. The list is
// a total order, so an import cycle cannot even be planned.
var floors = []string{
	"fault money day code",                                      // ground
	"db db/dbtest seal once blob sheet job backup",              // engine
	"authz audit notify identity rulebook tlog ledger casework", // commons
	"registry contract",                                         // places
	"credit supervision campaign listing resident deed survey volunteer assembly committee party fee offset fund income tender handover renewal command duty honor", // features
	"metric disclosure report importing feed hook city city/town",                                                                               // outlook
	"web/assets web web/webtest web/account web/reports web/public web/owner web/enterprise web/committee web/bureau web/admin api api/open311", // desks
	"app", // roof
}

// ranks numbers every room of the house.
func ranks() map[string]int {
	rank := map[string]int{}
	for i, floor := range floors {
		for j, name := range strings.Fields(floor) {
			rank[name] = i*100 + j
		}
	}
	return rank
}

func TestFloors(t *testing.T) {
	const prefix = "juli/internal/"
	rank := ranks()
	packages(t, "..", func(name string, pkg *build.Package) {
		if _, ok := rank[name]; !ok {
			t.Errorf("package %s stands on no floor; add it to floors", name)
			return
		}
		for _, imp := range pkg.Imports { // tests may look up, code may not
			below, ours := strings.CutPrefix(imp, prefix)
			if ours && rank[below] >= rank[name] {
				t.Errorf("%s imports %s, which is not below it", name, below)
			}
			if strings.HasPrefix(imp, "juli/tools/") || strings.HasPrefix(imp, "juli/cmd/") {
				t.Errorf("%s imports %s", name, imp)
			}
		}
	})
}

func TestOnlyPackageDBImportsDatabaseSQL(t *testing.T) {
	packages(t, "..", func(name string, pkg *build.Package) {
		if name == "db" || strings.HasPrefix(name, "db/") {
			return
		}
		for _, list := range [][]string{pkg.Imports, pkg.TestImports, pkg.XTestImports} {
			for _, imp := range list {
				if imp == "database/sql" || strings.HasPrefix(imp, "github.com/jackc/pgx") || strings.HasPrefix(imp, "modernc.org/sqlite") {
					t.Errorf("%s imports %s; use package db", name, imp)
				}
			}
		}
	})
}

func TestFeaturesDoNotKnowTheWeb(t *testing.T) {
	features := " " + floors[3] + " " + floors[4] + " "
	packages(t, "..", func(name string, pkg *build.Package) {
		if !strings.Contains(features, " "+name+" ") {
			return
		}
		for _, imp := range pkg.Imports {
			if imp == "net/http" {
				t.Errorf("feature %s imports net/http; pages stand at desks", name)
			}
		}
	})
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, root := range []string{"../../cmd", "..", "../../tools"} {
		packages(t, root, func(name string, pkg *build.Package) {
			for _, file := range pkg.GoFiles {
				f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(pkg.Dir, file), nil, parser.PackageClauseOnly|parser.ParseComments)
				if err != nil {
					t.Fatal(err)
				}
				if documented(f, pkg.Name) {
					return
				}
			}
			if len(pkg.GoFiles) > 0 {
				t.Errorf("package %s of %s has no doc comment", name, root)
			}
		})
	}
}

// documented says whether the file carries the package's doc comment.
func documented(f *ast.File, name string) bool {
	text := f.Doc.Text()
	return strings.HasPrefix(text, "Package "+name+" ") || name == "main" && strings.HasPrefix(text, "Command ")
}

// packages calls visit for every folder below root that holds Go files of this
// module.
func packages(t *testing.T, root string, visit func(name string, pkg *build.Package)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == root {
			return nil
		}
		if err != nil || !e.IsDir() {
			return err
		}
		if e.Name() == "testdata" || e.Name() == "node_modules" {
			return fs.SkipDir
		}
		pkg, err := build.ImportDir(path, 0)
		if _, none := errors.AsType[*build.NoGoError](err); none {
			return nil
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		visit(filepath.ToSlash(name), pkg)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
