//go:build !postgres

package app_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A flow knows for every variable, field and parameter of the program what is
// ever put into it, and for every function what it returns.
type flow struct {
	*program
	into    map[types.Object][]ast.Expr
	returns map[ast.Node][][]ast.Expr // of a function's body, by result
	bodies  map[types.Object]ast.Node // of a function's object
	bound   map[types.Object]map[ast.Expr]bool
	known   map[types.Object]bool
}

// passes is how often functions may be handed on from parameter to parameter.
const passes = 4

func flowOf(p *program) *flow {
	f := &flow{program: p, into: map[types.Object][]ast.Expr{}, returns: map[ast.Node][][]ast.Expr{}, bodies: map[types.Object]ast.Node{}, bound: map[types.Object]map[ast.Expr]bool{}, known: map[types.Object]bool{}}
	for _, file := range p.files {
		ast.Inspect(file, func(n ast.Node) bool { f.define(n); return true })
	}
	for range passes {
		for _, file := range p.files {
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					f.bind(call)
				}
				return true
			})
		}
	}
	return f
}

// define notes what one node puts where.
func (f *flow) define(n ast.Node) {
	switch n := n.(type) {
	case *ast.FuncDecl:
		if n.Body != nil {
			f.bodies[f.info.Defs[n.Name]] = n
			f.returns[n] = results(n.Body)
		}
	case *ast.FuncLit:
		f.returns[n] = results(n.Body)
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			f.put(to, n.Rhs, i, len(n.Lhs))
		}
	case *ast.ValueSpec:
		for i, to := range n.Names {
			if len(n.Values) > 0 {
				f.put(to, n.Values, i, len(n.Names))
			}
		}
	case *ast.RangeStmt:
		for _, to := range []ast.Expr{n.Key, n.Value} {
			if to != nil {
				f.put(to, []ast.Expr{n.X}, 0, 1)
			}
		}
	case *ast.CompositeLit:
		f.fields(n)
	}
}

// put notes that the i-th of the sources goes into to; a lone source of several
// targets is a call, whose results are told apart when it is looked at.
func (f *flow) put(to ast.Expr, from []ast.Expr, i, n int) {
	if obj := f.object(to); obj != nil {
		src := from[0]
		if len(from) == n {
			src = from[i]
		} else if n > 1 {
			src = &ast.IndexListExpr{X: from[0], Indices: []ast.Expr{&ast.BasicLit{Kind: token.INT, Value: string(rune('0' + i))}}} // result i
		}
		f.into[obj] = append(f.into[obj], src)
	}
}

// object is what an assignment changes: of x.f[i] the field f.
func (f *flow) object(e ast.Expr) types.Object {
	switch e := e.(type) {
	case *ast.Ident:
		if obj := f.info.Defs[e]; obj != nil {
			return obj
		}
		return f.info.Uses[e]
	case *ast.SelectorExpr:
		return f.origin(f.info.Uses[e.Sel])
	case *ast.IndexExpr:
		return f.object(e.X)
	case *ast.StarExpr:
		return f.object(e.X)
	case *ast.ParenExpr:
		return f.object(e.X)
	case *ast.UnaryExpr:
		return f.object(e.X)
	}
	return nil
}

func (f *flow) origin(obj types.Object) types.Object {
	switch obj := obj.(type) {
	case *types.Var:
		return obj.Origin()
	case *types.Func:
		return obj.Origin()
	}
	return obj
}

func (f *flow) fields(n *ast.CompositeLit) {
	under := f.info.Types[n].Type.Underlying()
	if p, ok := under.(*types.Pointer); ok {
		under = p.Elem().Underlying()
	}
	s, ok := under.(*types.Struct)
	if !ok {
		return
	}
	for i, e := range n.Elts {
		if kv, named := e.(*ast.KeyValueExpr); named {
			f.put(kv.Key, []ast.Expr{kv.Value}, 0, 1)
		} else if obj := f.origin(s.Field(i)); obj != nil {
			f.into[obj] = append(f.into[obj], e)
		}
	}
}

// results are the returned expressions of a body, by result.
func results(body *ast.BlockStmt) (list [][]ast.Expr) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			list = append(list, n.Results)
		}
		return true
	})
	return list
}

// callee is the function that is called, or the variable that holds it.
func (f *flow) callee(call *ast.CallExpr) types.Object {
	fun := ast.Unparen(call.Fun)
	switch ix := fun.(type) {
	case *ast.IndexExpr:
		fun = ix.X
	case *ast.IndexListExpr:
		fun = ix.X
	}
	switch fun := fun.(type) {
	case *ast.Ident:
		return f.origin(f.info.Uses[fun])
	case *ast.SelectorExpr:
		return f.origin(f.info.Uses[fun.Sel])
	}
	return nil
}

// bodiesOf are the functions of ours that a call may run; all is false where
// another one may be meant.
func (f *flow) bodiesOf(call *ast.CallExpr) (list []ast.Node, all bool) {
	return f.functions(f.callee(call), map[types.Object]bool{})
}

// functions are what a name for a function stands for, through every variable
// and parameter that it came by.
func (f *flow) functions(obj types.Object, seen map[types.Object]bool) (list []ast.Node, all bool) {
	if body := f.bodies[obj]; body != nil {
		return []ast.Node{body}, true
	}
	if obj == nil || seen[obj] {
		return nil, obj != nil
	}
	seen[obj], all = true, len(f.into[obj]) > 0
	for _, src := range f.into[obj] {
		if lit, ok := ast.Unparen(src).(*ast.FuncLit); ok {
			list = append(list, lit)
			continue
		}
		more, known := f.functions(f.object(ast.Unparen(src)), seen)
		list, all = append(list, more...), all && known
	}
	return list, all
}

// bind puts a call's arguments into the parameters of what it calls.
func (f *flow) bind(call *ast.CallExpr) {
	if obj, ok := f.callee(call).(*types.Func); ok && writer(obj) != "" { // b.WriteString(x), fmt.Fprintf(&b, …)
		if at := f.target(call, obj); at != nil {
			f.add(at, call.Args)
		}
	}
	for _, arg := range call.Args {
		if at, ok := ast.Unparen(arg).(*ast.UnaryExpr); ok && at.Op == token.AND {
			f.fill(call, at)
		}
	}
	list, _ := f.bodiesOf(call)
	for _, body := range list {
		i := 0
		for _, field := range parameters(body).List {
			for _, name := range field.Names {
				args := call.Args[min(i, len(call.Args)):]
				if _, variadic := field.Type.(*ast.Ellipsis); !variadic {
					args = args[:min(1, len(args))]
				}
				f.add(f.info.Defs[name], args)
				i++
			}
		}
	}
}

// add puts arguments into a parameter, each once.
func (f *flow) add(obj types.Object, args []ast.Expr) {
	if f.bound[obj] == nil {
		f.bound[obj] = map[ast.Expr]bool{}
	}
	for _, a := range args {
		if !f.bound[obj][a] {
			f.bound[obj][a] = true
			f.into[obj] = append(f.into[obj], a)
		}
	}
}

// unknown stands for what another program, a row or a request put somewhere.
var unknown = &ast.BadExpr{}

// fill notes that a call writes behind an address, as Scan and Unmarshal do:
// into a variable, and into every field of it.
func (f *flow) fill(call *ast.CallExpr, at *ast.UnaryExpr) {
	if fn, ok := f.callee(call).(*types.Func); ok && writer(fn) != "" {
		return
	}
	if obj := f.object(at.X); obj != nil {
		f.add(obj, []ast.Expr{unknown})
		f.fillFields(obj.Type(), map[types.Type]bool{})
	}
}

func (f *flow) fillFields(t types.Type, seen map[types.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for field := range u.Fields() {
			f.add(field.Origin(), []ast.Expr{unknown})
			f.fillFields(field.Type(), seen)
		}
	case *types.Slice:
		f.fillFields(u.Elem(), seen)
	case *types.Map:
		f.fillFields(u.Elem(), seen)
	case *types.Pointer:
		f.fillFields(u.Elem(), seen)
	}
}

func parameters(body ast.Node) *ast.FieldList {
	if d, ok := body.(*ast.FuncDecl); ok {
		return d.Type.Params
	}
	return body.(*ast.FuncLit).Type.Params
}

// writer names functions that add to a text in the making.
func writer(obj *types.Func) string {
	name := obj.FullName()
	if slices.Contains([]string{"(*strings.Builder).WriteString", "(*strings.Builder).WriteByte", "(*strings.Builder).WriteRune", "fmt.Fprintf", "fmt.Fprint"}, name) {
		return name
	}
	return ""
}

// target is the text in the making that a writer adds to.
func (f *flow) target(call *ast.CallExpr, obj *types.Func) types.Object {
	if strings.HasPrefix(obj.FullName(), "fmt.") {
		return f.object(call.Args[0])
	}
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
		return f.object(sel.X)
	}
	return nil
}
