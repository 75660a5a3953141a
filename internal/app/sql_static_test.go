//go:build !postgres

package app_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// joiners make a text of texts: it is as constant as they are.
var joiners = map[string]bool{}

func init() {
	for _, name := range strings.Fields(`strings.Join strings.Repeat strings.ReplaceAll strings.Replace strings.TrimSuffix strings.TrimPrefix strings.TrimSpace strings.Trim strings.TrimLeft strings.TrimRight
		strings.ToLower strings.ToUpper strings.Split strings.SplitSeq strings.Fields strings.FieldsSeq strings.Cut strings.NewReplacer (*strings.Replacer).Replace slices.Clone slices.Concat slices.Insert slices.Values
		slices.Delete slices.Compact slices.Sorted maps.Keys maps.Values fmt.Sprint fmt.Sprintf strconv.Itoa strconv.FormatInt fmt.Fprintf fmt.Fprint (*strings.Builder).String append min max len cap`) {
		joiners[name] = true
	}
}

// constant says whether a value is made of our own constants and of numbers
// alone, whichever way the program takes.
func (f *flow) constant(e ast.Expr) bool {
	e = ast.Unparen(e)
	if tv := f.info.Types[e]; tv.Value != nil || tv.IsNil() || number(tv.Type) {
		return true
	}
	switch e := e.(type) {
	case *ast.BinaryExpr:
		return f.constant(e.X) && f.constant(e.Y)
	case *ast.Ident, *ast.SelectorExpr:
		return f.holds(f.object(e))
	case *ast.IndexExpr:
		return f.constant(e.X)
	case *ast.SliceExpr:
		return f.constant(e.X)
	case *ast.StarExpr:
		return f.constant(e.X)
	case *ast.UnaryExpr:
		return f.constant(e.X)
	case *ast.CompositeLit:
		return !slices.ContainsFunc(e.Elts, func(x ast.Expr) bool {
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				key, _ := kv.Key.(*ast.Ident)
				field := key != nil && f.object(key) != nil && isField(f.object(key))
				return !field && !f.constant(kv.Key) || !f.constant(kv.Value)
			}
			return !f.constant(x)
		})
	case *ast.IndexListExpr: // result i of a call
		call, ok := ast.Unparen(e.X).(*ast.CallExpr)
		return ok && f.result(call, int(e.Indices[0].(*ast.BasicLit).Value[0]-'0'))
	case *ast.CallExpr:
		return f.result(e, 0)
	}
	return false
}

func isField(obj types.Object) bool { v, ok := obj.(*types.Var); return ok && v.IsField() }

// number says whether a type is one of numbers or truths, without a way of its
// own to be written.
func number(t types.Type) bool {
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsNumeric|types.IsBoolean) != 0 && types.NewMethodSet(t).Lookup(nil, "String") == nil
}

// holds says whether all that is ever put into a variable is constant.
func (f *flow) holds(obj types.Object) bool {
	v, ok := obj.(*types.Var)
	if !ok || v.Pkg() == nil || !strings.HasPrefix(v.Pkg().Path(), "juli/") {
		return false
	}
	if known, seen := f.known[v]; seen {
		return known
	}
	f.known[v] = true // while we look: what goes round in a circle adds nothing
	all := len(f.into[v]) > 0 || v.IsField() || !f.parameter(v)
	for _, src := range f.into[v] {
		all = all && f.constant(src)
	}
	f.known[v] = all
	return all
}

// parameter says whether a variable comes from callers: without any that is
// known, it can be anything.
func (f *flow) parameter(v *types.Var) bool {
	return v.Kind() == types.ParamVar || v.Kind() == types.RecvVar
}

func (f *flow) result(call *ast.CallExpr, i int) bool {
	if tv := f.info.Types[call.Fun]; tv.IsType() {
		return f.constant(call.Args[0])
	}
	name := ""
	switch obj := f.callee(call).(type) {
	case *types.Func:
		name = obj.FullName()
	case *types.Builtin:
		name = obj.Name()
	}
	if name == "(*strings.Builder).String" || name == "(*strings.Replacer).Replace" {
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && !f.constant(sel.X) {
			return false
		}
	}
	if name == "(github.com/jackc/pgx/v5.Identifier).Sanitize" { // a name, quoted as one
		return true
	}
	if name == "make" || name == "new" { // what is put into it counts
		return true
	}
	if joiners[name] {
		return !slices.ContainsFunc(call.Args, func(a ast.Expr) bool { return !f.constant(a) })
	}
	bodies, all := f.bodiesOf(call)
	for _, body := range bodies {
		for _, r := range f.returns[body] {
			switch {
			case i < len(r) && len(r) > 1 || len(r) == 1 && i == 0:
				all = all && f.constant(r[i])
			case len(r) == 1: // return g()
				inner, ok := ast.Unparen(r[0]).(*ast.CallExpr)
				all = all && ok && f.result(inner, i)
			default: // named results
				all = all && f.named(body, i)
			}
		}
	}
	return all
}

func (f *flow) named(body ast.Node, i int) bool {
	list := body.(*ast.FuncDecl).Type.Results.List
	for _, field := range list {
		for _, name := range field.Names {
			if i == 0 {
				return f.holds(f.info.Defs[name])
			}
			i--
		}
	}
	return false
}

// handed says whether an argument is what package db was itself called with: the
// call is looked at where it was made.
func (f *flow) handed(file *ast.File, arg ast.Expr) bool {
	v, ok := f.object(ast.Unparen(arg)).(*types.Var)
	return ok && file.Name.Name == "db" && v.Kind() == types.ParamVar && slices.Contains(sqlNames, v.Name())
}

// fromSchema is the one package whose statements name what is read at run time:
// backup takes every table and column that the database itself lists, and
// compares what a backup names with that list.
const fromSchema = "backup"

// sqlNames are the parameters of package db that the database reads as SQL.
var sqlNames = []string{"query", "table", "cols"}

// INP-8: the text of every statement is made of the program's own constants and
// of numbers, wherever it was put together; what came from outside goes by
// parameter. The whole program is followed, variable by variable.
func TestStatementsAreMadeOfConstants(t *testing.T) {
	f := flowOf(load(t))
	found, named := 0, 0
	for _, file := range f.files {
		if file.Name.Name == "dbtest" {
			continue // makes the databases of tests
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			for _, arg := range f.statements(call) {
				switch found++; {
				case f.handed(file, arg), f.constant(arg):
				case file.Name.Name == fromSchema:
					named++
				default:
					t.Errorf("%s: a statement is not made of constants: %s", f.at(arg.Pos()), types.ExprString(arg))
				}
			}
			return true
		})
	}
	t.Logf("%d statements, %d of them by names of the schema", found, named)
	if named > 6 {
		t.Errorf("package %s makes %d statements of names: look at the new ones", fromSchema, named)
	}
	if found < 350 {
		t.Errorf("only %d statements found", found)
	}
}

func (f *flow) at(pos token.Pos) string {
	p := f.fset.Position(pos)
	return fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line)
}

// statements are the arguments of a call that the database reads as SQL: the
// parameters called query, table and cols of package db, which it counts by table,
// too.
func (f *flow) statements(call *ast.CallExpr) (list []ast.Expr) {
	fn, ok := f.callee(call).(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "juli/internal/db" && fn.Pkg().Path() != "database/sql" {
		return nil
	}
	params := fn.Signature().Params()
	for i := range min(params.Len(), len(call.Args)) {
		if slices.Contains(sqlNames, params.At(i).Name()) && fn.Name() != "wrote" {
			list = append(list, call.Args[i])
		}
	}
	return list
}
