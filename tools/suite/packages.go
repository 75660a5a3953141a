package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A testPackage is a package with tests.
type testPackage struct {
	path     string
	dir      string
	database bool     // its test binary holds package db
	tests    []string // its ordinary tests
	browser  []string // its tests behind the build tag browser
	fuzz     []string
}

// listed is what go list says of a package or of its test binary.
type listed struct {
	ImportPath     string
	Dir            string
	Deps           []string
	TestGoFiles    []string
	XTestGoFiles   []string
	IgnoredGoFiles []string
}

// all lists the packages with tests, once.
func (s *suite) all(ctx context.Context) ([]testPackage, error) {
	if s.packages != nil {
		return s.packages, nil
	}
	cmd := exec.CommandContext(ctx, "go", "list", "-test",
		"-json=ImportPath,Dir,Deps,TestGoFiles,XTestGoFiles,IgnoredGoFiles", "./...")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	byPath := map[string]*testPackage{}
	database := map[string]bool{}
	for dec := json.NewDecoder(out); ; {
		var l listed
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if tested, ok := strings.CutSuffix(l.ImportPath, ".test"); ok {
			database[tested] = slices.ContainsFunc(l.Deps, func(dep string) bool {
				bare, _, _ := strings.Cut(dep, " ")
				return bare == "juli/internal/db"
			})
			continue
		}
		if strings.Contains(l.ImportPath, " ") {
			continue // a package recompiled for a test
		}
		p := &testPackage{path: l.ImportPath, dir: l.Dir}
		tests := slices.Concat(l.TestGoFiles, l.XTestGoFiles)
		if err := p.scan(tests, l.IgnoredGoFiles); err != nil {
			return nil, err
		}
		if len(tests) > 0 || len(p.browser) > 0 {
			byPath[p.path] = p
		}
	}
	if err := cmd.Wait(); err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	for path, p := range byPath {
		p.database = database[path]
		s.packages = append(s.packages, *p)
	}
	slices.SortFunc(s.packages, func(a, b testPackage) int { return strings.Compare(a.path, b.path) })
	return s.packages, nil
}

// scan finds the ordinary tests and the fuzz targets among the tests and the browser tests among the
// files that the build without tags ignores.
func (p *testPackage) scan(tests, ignored []string) error {
	for _, name := range tests {
		names, err := functions(filepath.Join(p.dir, name), "Fuzz")
		if err != nil {
			return err
		}
		p.fuzz = append(p.fuzz, names...)
		if names, err = functions(filepath.Join(p.dir, name), "Test"); err != nil {
			return err
		}
		p.tests = append(p.tests, slices.DeleteFunc(names, func(n string) bool { return n == "TestMain" })...)
	}
	for _, name := range ignored {
		path := filepath.Join(p.dir, name)
		if !strings.HasSuffix(name, "_test.go") || !tagged(path, "browser") {
			continue
		}
		names, err := functions(path, "Test")
		if err != nil {
			return err
		}
		p.browser = append(p.browser, slices.DeleteFunc(names, func(n string) bool { return n == "TestMain" })...)
	}
	return nil
}

// functions names the top-level functions of a file that begin with prefix.
func functions(path, prefix string) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, prefix) {
			names = append(names, f.Name.Name)
		}
	}
	return names, nil
}

// tagged says whether a file is built with the tag and not without it.
func tagged(path, tag string) bool {
	text, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "package ") {
			return false
		}
		if expr, err := constraint.Parse(strings.TrimSpace(line)); err == nil {
			return expr.Eval(func(t string) bool { return t == tag || t == "linux" || t == "unix" }) &&
				!expr.Eval(func(t string) bool { return t == "linux" || t == "unix" })
		}
	}
	return false
}
