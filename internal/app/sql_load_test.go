//go:build !postgres

package app_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A program is our source with its types: every package of ours but the tests.
type program struct {
	fset  *token.FileSet
	info  *types.Info
	files []*ast.File
	done  map[string]*types.Package
	rest  types.Importer // of packages that are not ours, from what go built
}

// Import gives our packages as they were read here, so that an object is the
// same one wherever it is used.
func (p *program) Import(path string) (*types.Package, error) {
	if pkg, ok := p.done[path]; ok {
		return pkg, nil
	}
	return p.rest.Import(path)
}

func load(t *testing.T) *program {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-json=ImportPath,Dir,GoFiles,Export", "./...")
	cmd.Dir, cmd.Stderr = "..", os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	built := map[string]string{}
	p := &program{fset: token.NewFileSet(), done: map[string]*types.Package{}, info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}}
	p.rest = importer.ForCompiler(p.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(built[path]) })
	for dec := json.NewDecoder(out); ; { // dependencies come first
		var l struct {
			ImportPath, Dir, Export string
			GoFiles                 []string
		}
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if built[l.ImportPath] = l.Export; !strings.HasPrefix(l.ImportPath, "juli/") {
			continue
		}
		var files []*ast.File
		for _, name := range l.GoFiles {
			f, err := parser.ParseFile(p.fset, filepath.Join(l.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		pkg, err := (&types.Config{Importer: p}).Check(l.ImportPath, p.fset, files, p.info)
		if err != nil {
			t.Fatal(err)
		}
		p.done[l.ImportPath] = pkg
		p.files = append(p.files, files...)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return p
}
