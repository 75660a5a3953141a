package rulebook

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"juli/internal/day"
	"juli/internal/money"
)

const (
	expressionMax  = 2000   // characters
	costMax        = 10_000 // CEL cost units, checked when loaded and enforced when run
	expressionsMax = 500    // of one rulebook
	bookCostMax    = 10_000 // cost units of all its expressions together
	textLenMax     = 64     // assumed longest text of a variable
)

// A Type is the type of a variable or of an expression's result.
type Type uint8

// The types. Decimals don't exist: points are whole numbers of 0.0001.
const (
	Bool Type = iota
	Int
	Text
)

var (
	celTypes   = [...]*cel.Type{cel.BoolType, cel.IntType, cel.StringType}
	typeTitles = [...]string{"真假", "整数", "文字"}
)

// A Var declares a name that expressions may use.
type Var struct {
	Name string
	Type Type
}

// A Language is the set of names and functions that some expressions may use.
type Language struct {
	env  *cel.Env
	vars []Var
}

// NewLanguage makes a language of the given names plus the functions
// points("2.5"), date("2021-04-15"), add_months(date, n) and add_days(date, n).
func NewLanguage(vars ...Var) (*Language, error) {
	opts := []cel.EnvOption{
		cel.ParserExpressionSizeLimit(expressionMax), cel.ParserRecursionLimit(40), cel.ClearMacros(),
		textFunction("points", func(s string) (int64, error) { p, err := money.ParsePoints(s); return int64(p), err }),
		textFunction("date", func(s string) (int64, error) { d, err := day.Parse(s); return int64(d), err }),
		dateFunction("add_months", func(d day.Date, n int) day.Date { return d.AddMonths(n) }),
		dateFunction("add_days", func(d day.Date, n int) day.Date { return d.AddDays(n) }),
	}
	for _, v := range vars {
		opts = append(opts, cel.Variable(v.Name, celTypes[v.Type]))
	}
	env, err := cel.NewEnv(opts...)
	if err != nil {
		return nil, fmt.Errorf("declare rulebook names: %w", err)
	}
	return &Language{env, vars}, nil
}

func textFunction(name string, fn func(string) (int64, error)) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_text", []*cel.Type{cel.StringType}, cel.IntType,
		cel.UnaryBinding(func(v ref.Val) ref.Val {
			n, err := fn(string(v.(types.String)))
			if err != nil {
				return types.NewErr("%s: %v", name, err)
			}
			return types.Int(n)
		})))
}

func dateFunction(name string, fn func(day.Date, int) day.Date) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_date", []*cel.Type{cel.IntType, cel.IntType}, cel.IntType,
		cel.BinaryBinding(func(a, b ref.Val) ref.Val {
			d, n := int64(a.(types.Int)), int64(b.(types.Int))
			if d < -1_000_000 || d > 4_000_000 || n < -40_000 || n > 40_000 {
				return types.NewErr("%s: out of range", name)
			}
			return types.Int(fn(day.Date(d), int(n)))
		})))
}

// An Expression is a checked expression of a rulebook.
type Expression struct {
	Source string
	Cost   uint64 // greatest estimated cost
	prg    cel.Program
}

// Names resolves the variables of an expression: an int64, bool or string.
type Names interface {
	ResolveName(name string) (any, bool)
}

// Expression compiles v as an expression of the wanted type and reports, with
// v's line, whatever is wrong: unknown names, wrong types, decimals, cost.
// An absent value gives nil.
func (l *Language) Expression(v Value, want Type) *Expression {
	if !v.Present() || !v.mayExpress() {
		return nil
	}
	src := v.Text()
	ast, iss := l.env.Compile(src)
	if iss.Err() != nil {
		for _, e := range iss.Errors() {
			v.Fail("表达式第 %d 列：%s", e.Location.Column()+1, celText(e.Message, l.vars))
		}
		return nil
	}
	for _, t := range ast.NativeRep().TypeMap() {
		if t.Kind() == types.DoubleKind {
			v.Fail("表达式中不能用小数，请写成 points(\"2.5\")")
			return nil
		}
	}
	if !ast.OutputType().IsExactType(celTypes[want]) {
		v.Fail("表达式的结果应为%s", typeTitles[want])
		return nil
	}
	est, err := l.env.EstimateCost(ast, sizes{})
	if err != nil || est.Max > costMax {
		v.Fail("表达式太复杂：估计最多 %d 步，上限 %d 步", est.Max, costMax)
		return nil
	}
	if !v.spend(est.Max) {
		return nil
	}
	prg, err := l.env.Program(ast, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(costMax))
	if err != nil {
		v.Fail("表达式无法使用：%v", err)
		return nil
	}
	return &Expression{Source: src, Cost: est.Max, prg: prg}
}

// mayExpress counts an expression; those beyond the most that a rulebook may
// hold aren't even read, and neither is any after their cost ran out.
func (v Value) mayExpress() bool {
	v.r.expressions++
	if v.r.expressions == expressionsMax+1 {
		v.Fail("一份规则册最多 %d 个表达式", expressionsMax)
	}
	return v.r.expressions <= expressionsMax && v.r.cost <= bookCostMax
}

// spend takes an expression's cost from what the rulebook may cost in all:
// every subject of a city may run every one of them.
func (v Value) spend(cost uint64) bool {
	if v.r.cost += cost; v.r.cost > bookCostMax {
		v.Fail("到这里为止，全部表达式估计最多 %d 步，一份规则册的上限是 %d 步", v.r.cost, bookCostMax)
	}
	return v.r.cost <= bookCostMax
}

// sizes bounds the length of text variables for the estimate.
type sizes struct{}

func (sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	if n.Type().Kind() == types.StringKind {
		return &cost.SizeEstimate{Min: 0, Max: textLenMax}
	}
	return nil
}

func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

var (
	undeclaredRE = regexp.MustCompile(`undeclared reference to '([^']*)'`)
	overloadRE   = regexp.MustCompile(`found no matching overload for '([^']*)'`)
)

func celText(msg string, vars []Var) string {
	if m := undeclaredRE.FindStringSubmatch(msg); m != nil {
		names := make([]string, len(vars))
		for i, v := range vars {
			names[i] = v.Name
		}
		slices.Sort(names)
		return fmt.Sprintf("不认识的名称“%s”，可用的有：%s", m[1], strings.Join(names, "、"))
	}
	if m := overloadRE.FindStringSubmatch(msg); m != nil {
		return fmt.Sprintf("“%s”两边的类型不符（小数请写成 points(\"2.5\")，日期请写成 date(\"2021-04-15\")）", strings.Trim(m[1], "_"))
	}
	return "语法有误（" + strings.TrimSpace(msg) + "）"
}

// Bool runs an expression whose result is a Bool.
func (e *Expression) Bool(names Names) (bool, error) {
	out, _, err := e.prg.Eval(activation{names})
	if err != nil {
		return false, fmt.Errorf("expression %q: %w", e.Source, err)
	}
	return out == types.True, nil
}

// Int runs an expression whose result is an Int.
func (e *Expression) Int(names Names) (int64, error) {
	out, _, err := e.prg.Eval(activation{names})
	if err != nil {
		return 0, fmt.Errorf("expression %q: %w", e.Source, err)
	}
	n, ok := out.(types.Int)
	if !ok {
		return 0, fmt.Errorf("expression %q: not a whole number", e.Source)
	}
	return int64(n), nil
}

type activation struct{ Names }

// Parent says that there is no enclosing scope.
func (activation) Parent() cel.Activation { return nil }
