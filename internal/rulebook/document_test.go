package rulebook_test

import (
	"strings"
	"testing"

	"juli/internal/rulebook"
)

// Every fault of a file is told in Chinese with its line.
func TestProblemsNameTheirLine(t *testing.T) {
	for _, tt := range []struct {
		name, from, to, want string
	}{
		{"unknown key", "value: 85", "valeu: 85", "第 11 行：不认识的键“valeu”"},
		{"key twice", "value: 85", "value: 85\nvalue: 86", "第 12 行：键“value”写了两次"},
		{"no decimals beyond four", "value: 85", "value: 85.00001", "第 11 行 value：“85.00001”不是最多四位小数的数字"},
		{"no floats", "value: 85", "value: 8.5e1", "不是最多四位小数的数字"},
		{"beyond the bound", "value: 85", "value: 1000000.0001", "第 11 行 value：“1000000.0001”超出范围，应在 -1000000 到 1000000 之间"},
		{"below the bound", "value: 85", "value: -922337203685477", "第 11 行 value：“-922337203685477”超出范围"},
		{"beyond the type", "{code: A, points: 1}", "{code: A, points: 99999999999999999999}", "第 13 行 list[A].points：“99999999999999999999”超出范围"},
		{"mark without source", "value: 85", "value: {value: 85, mark: verified}", "第 11 行 value：标注为 verified 的值要写明来源"},
		{"unknown mark", "value: 85", "value: {value: 85, mark: sure}", "标注“sure”应为"},
		{"source not listed", "value: 85", "value: {value: 85, mark: verified, source: S9}", "来源“S9”没有在 sources 中列出"},
		{"bad date", "from: 2020-01-01", "from: 2020-13-01", "第 8 行 effective.from：“2020-13-01”不是日期"},
		{"ends before it starts", "{from: 2020-01-01}", "{from: 2020-01-01, to: 2019-01-01}", "失效日期早于生效日期"},
		{"no basis", "basis: [{title: 测试依据}]\n", "", "缺少 basis"},
		{"no mark", "mark: assumed\n", "", "缺少 mark"},
		{"alias", "value: 85", "value: &x 85\nother: *x", "不支持 YAML 的锚点与别名"},
		{"bad yaml", "value: 85", "value: [85", "方括号没有配对"},
		{"unknown kind", "kind: test", "kind: tset", "没有“tset”这种规则"},
		{"bad status", "status: adopted", "status: adoptd", "“adoptd”不在允许的取值中"},
		{"missing code in a list", "{code: B, points: 2}", "{points: 2}", "第 14 行 list[2]：缺少 code"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(sample, tt.from, tt.to, 1)
			_, err := testKind().Check([]byte(text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Check = %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestTheBoundItselfIsRead(t *testing.T) {
	for _, n := range []string{"1000000", "-1000000", "-999999.9999"} {
		if _, err := testKind().Check([]byte(strings.Replace(sample, "value: 85", "value: "+n, 1))); err != nil {
			t.Errorf("%s: %v", n, err)
		}
	}
}

// A value's mark is its own or that of the nearest enclosing section.
func TestMarksAreInherited(t *testing.T) {
	text := strings.Replace(sample, "{code: A, points: 1}", "{code: A, points: {value: 1, mark: verified, source: S1}, mark: general, source: S1}", 1)
	doc, err := testKind().Check([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]rulebook.Mark{
		"value": rulebook.Assumed, "list[A]": rulebook.General, "list[A].code": rulebook.General, "list[A].points": rulebook.Verified, "list[B].points": rulebook.Assumed,
	} {
		if got := doc.MarkOf(path).Mark; got != want {
			t.Errorf("MarkOf(%s) = %s, want %s", path, got, want)
		}
	}
}

// Expressions know their names and types; decimals and costly ones are refused.
func TestExpressions(t *testing.T) {
	language, err := rulebook.NewLanguage(rulebook.Var{Name: "score", Type: rulebook.Int}, rulebook.Var{Name: "form", Type: rulebook.Text}, rulebook.Var{Name: "ok", Type: rulebook.Bool})
	if err != nil {
		t.Fatal(err)
	}
	names := nameMap{"score": int64(850_000), "form": "own", "ok": true}
	for _, tt := range []struct{ src, want, problem string }{
		{"score >= points(\"85\")", "true", ""},
		{"score >= points(\"85.0001\")", "false", ""},
		{"ok && form == \"own\"", "true", ""},
		{"add_months(date(\"2021-01-31\"), 1) == date(\"2021-02-28\")", "true", ""},
		{"score / 0 > 1", "error", ""},
		{"points(\"x\") > 1", "error", ""},
		{"scores > 1", "", "不认识的名称“scores”"},
		{"score > 85.5", "", "类型不符"},
		{"1.5 > 1.2", "", "不能用小数"},
		{"score + 1", "", "结果应为真假"},
		{"score >", "", "语法有误"},
		{"[1,2].exists(x, x > 1)", "", "不认识的名称"},
		{strings.Repeat("form + form == form && ", 120) + "ok", "", ""},
	} {
		t.Run(tt.src[:min(len(tt.src), 30)], func(t *testing.T) {
			var e *rulebook.Expression
			kinds := rulebook.KindsOf(rulebook.Kind{Name: "test", Check: func(d *rulebook.Document) error {
				e = language.Expression(d.Root().Get("value"), rulebook.Bool)
				d.Root().Get("list").List()
				for _, v := range d.Root().Get("list").List() {
					v.Object().Keys()
					v.Object().Get("code")
					v.Object().Get("points")
				}
				return d.Finish()
			}})
			quoted := "value: '" + tt.src + "'"
			_, err := kinds.Check([]byte(strings.Replace(sample, "value: 85", quoted, 1)))
			switch {
			case tt.problem != "":
				if err == nil || !strings.Contains(err.Error(), tt.problem) {
					t.Errorf("Check = %v, want %s", err, tt.problem)
				}
			case tt.want == "": // too long or too costly: refused, never run
				if err == nil {
					t.Error("accepted")
				}
			default:
				if err != nil {
					t.Fatal(err)
				}
				got, err := e.Bool(names)
				text := map[bool]string{true: "true", false: "false"}[got]
				if err != nil {
					text = "error"
				}
				if text != tt.want {
					t.Errorf("= %s (%v), want %s", text, err, tt.want)
				}
			}
		})
	}
}

// All expressions of a file together have a bound: every subject of a city may
// run every one of them.
func TestTheExpressionsOfAFileAreBounded(t *testing.T) {
	language, err := rulebook.NewLanguage(rulebook.Var{Name: "score", Type: rulebook.Int})
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	kinds := rulebook.KindsOf(rulebook.Kind{Name: "test", Check: func(d *rulebook.Document) error {
		d.Root().Get("value")
		read = 0
		for _, v := range d.Root().Get("list").List() {
			if language.Expression(v, rulebook.Bool) != nil {
				read++
			}
		}
		return d.Finish()
	}})
	long := "score > 1" + strings.Repeat(" || score > 1", 120)
	for _, tt := range []struct {
		name, src string
		n, read   int
		want      string
	}{
		{"as many as may be", "true", 500, 500, ""},
		{"one more", "true", 501, 500, "第 513 行 list[501]：一份规则册最多 500 个表达式"},
		{"few long ones", long, 20, 20, ""},
		{"many long ones", long, 300, -1, "一份规则册的上限是 10000 步"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, _, _ := strings.Cut(sample, "list:")
			_, err := kinds.Check([]byte(text + "list:\n" + strings.Repeat("  - "+tt.src+"\n", tt.n)))
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || len(rulebook.ProblemsOf(err)) != 1) {
				t.Errorf("Check = %v, want one problem %q", err, tt.want)
			}
			if tt.read >= 0 && read != tt.read || tt.read < 0 && (read == 0 || read > 100) {
				t.Errorf("%d expressions are read, want %d", read, tt.read)
			}
		})
	}
}

type nameMap map[string]any

func (m nameMap) ResolveName(name string) (any, bool) { v, ok := m[name]; return v, ok }

// Versions are compared by path; moving a list element is no difference.
func TestCompare(t *testing.T) {
	a, err := testKind().Check([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(sample, "  - {code: A, points: 1}\n  - {code: B, points: 2}\n", "  - {code: B, points: 3}\n  - {code: A, points: 1}\n  - {code: C, points: 9}\n", 1)
	text = strings.Replace(text, "value: 85\n", "", 1)
	b, err := testKind().Check([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range testKind().Compare(a, b) {
		got = append(got, d.String())
	}
	want := []string{"删除 数值：85", "修改 列表[B] · 分值：由 2 改为 3", "新增 列表[C]：{code: C, points: 9}"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("Compare =\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// FuzzRead checks that no file, however broken, crashes the reader.
func FuzzRead(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("kind: test\nlist: {value: {value: 1}}"))
	f.Add([]byte("a: &b [*b]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := testKind().Check(text)
		if (doc == nil) == (err == nil) {
			t.Errorf("doc %v, err %v", doc, err)
		}
	})
}
