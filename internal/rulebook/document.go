package rulebook

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/fault"
)

// A Basis is one legal text that a rulebook rests on.
type Basis struct {
	Title   string
	Number  string // 文号
	Issuer  string
	Article string
}

// A State says how far a version has come.
type State string

// The states of a version. A file says draft or adopted; comment and retired
// come from the procedure at the desk.
const (
	Draft   State = "draft"
	Comment State = "comment"
	Adopted State = "adopted"
	Retired State = "retired"
)

var stateTitles = map[State]string{Draft: "草案", Comment: "公开征求意见", Adopted: "已采用", Retired: "已停用"}

// String is the Chinese name of the state.
func (s State) String() string { return stateTitles[s] }

// An Envelope is what every rulebook says about itself.
type Envelope struct {
	Kind      string
	Code      string
	Title     string
	City      code.Division
	Version   string
	Basis     []Basis
	From      day.Date // first day in force
	To        day.Date // last day in force, 0 open
	State     State
	Successor string // code@version that replaces it
	Mark      Mark   // of all values without their own
	Sources   map[string]string
}

// InForceOn says whether the version's own dates cover d.
func (e *Envelope) InForceOn(d day.Date) bool { return e.From <= d && (e.To == 0 || d <= e.To) }

// Name is code@version, by which other files and results call the rulebook.
func (e *Envelope) Name() string { return e.Code + "@" + e.Version }

// A Document is a rulebook as read: its envelope, its values, its marks.
type Document struct {
	Envelope
	Digest string // SHA-256 of the file's bytes, hex
	Text   []byte
	Marks  []Marked

	r    *reader
	root *Object
}

var codeRE = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)

// Read reads a rulebook's envelope. The feature then reads the rest from Root
// and ends with Finish, which reports everything that was wrong.
func Read(text []byte) (*Document, error) {
	if len(text) > textMax {
		return nil, fault.New(fault.TooLarge, "rulebook.size", "规则超过 1 MB，无法读取。")
	}
	if p, ok := notUTF8(text); ok {
		return nil, fault.Wrap(Problems{p}, fault.Invalid, "rulebook.encoding", "%s。", p)
	}
	var top yaml.Node
	if err := yaml.Load(text, &top); err != nil {
		p := misread(err)
		return nil, fault.Wrap(Problems{p}, fault.Invalid, "rulebook.yaml", "%s。", p)
	}
	r := &reader{read: map[*yaml.Node]*Object{}}
	doc := &Document{Digest: digest(text), Text: text, r: r}
	if top.Kind != yaml.DocumentNode || len(top.Content) != 1 || top.Content[0].Kind != yaml.MappingNode {
		p := Problem{Line: 1, Text: "规则应是一份“键: 值”形式的 YAML 文件"}
		return nil, fault.Wrap(Problems{p}, fault.Invalid, "rulebook.yaml", "%s。", p)
	}
	if count := checkNode(r, &top, 0); count > nodesMax {
		return nil, fault.New(fault.TooLarge, "rulebook.size", "规则的内容超过 %d 项，无法读取。", nodesMax)
	}
	doc.root = Value{r: r, node: top.Content[0]}.Object()
	doc.readEnvelope(doc.root)
	return doc, nil
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// checkNode refuses what makes a file unreadable or explosive and counts nodes.
func checkNode(r *reader, n *yaml.Node, depth int) int {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		r.fail(n.Line, "", "不支持 YAML 的锚点与别名（& 和 *），请把内容写全")
		return 1
	}
	if depth > depthMax {
		r.fail(n.Line, "", "嵌套超过 %d 层", depthMax)
		return 1
	}
	count := 1
	for _, c := range n.Content {
		if count += checkNode(r, c, depth+1); count > nodesMax {
			break
		}
	}
	return count
}

func (d *Document) readEnvelope(o *Object) {
	d.Kind = o.Need("kind").Text()
	d.Code = o.Need("code").Text()
	if d.Code != "" && !codeRE.MatchString(d.Code) {
		o.Get("code").Fail("代码“%s”应由小写字母、数字和连字符组成，2 到 40 个字符", d.Code)
	}
	d.Title = o.Need("title").Text()
	if s := o.Need("city").Text(); s != "" {
		var err error
		if d.City, err = code.ParseDivision(s); err != nil {
			o.Get("city").Fail("“%s”不是行政区划代码", s)
		}
	}
	d.Version = o.Need("version").Text()
	eff := o.Need("effective").Object()
	d.From, d.To = eff.Need("from").Date(), eff.Get("to").Date()
	if d.To != 0 && d.To < d.From {
		eff.Get("to").Fail("失效日期早于生效日期")
	}
	d.State = State(o.Need("status").Word("draft", string(Draft), string(Adopted)))
	d.Successor = o.Get("successor").Text()
	d.Mark = o.mark
	if d.Mark == Unmarked && o.r != nil {
		o.r.fail(o.Line(), "", "缺少 mark：请写明本文件未单独标注的值有多可靠（verified、general、assumed、unknown）")
	}
	for _, v := range o.Need("basis").List() {
		b := v.Object()
		d.Basis = append(d.Basis, Basis{
			Title: b.Need("title").Text(), Number: b.Get("number").Text(),
			Issuer: b.Get("issuer").Text(), Article: b.Get("article").Text(),
		})
	}
	d.Sources = map[string]string{}
	src := o.Get("sources").Object()
	for _, key := range src.Keys() {
		d.Sources[key] = src.Get(key).Text()
	}
}

// Root is the file's outermost mapping.
func (d *Document) Root() *Object { return d.root }

// MarkOf is the mark of a path: its own or that of the nearest enclosing one.
func (d *Document) MarkOf(path string) Marked {
	best := Marked{Mark: d.Mark}
	for _, m := range d.Marks {
		inside := path == m.Path || strings.HasPrefix(path, m.Path) && strings.ContainsAny(path[len(m.Path):len(m.Path)+1], ".[")
		if m.Path != "" && inside && len(m.Path) >= len(best.Path) {
			best = m
		}
	}
	return best
}

// Finish ends the reading: unknown keys and all other problems become one
// fault "rulebook.invalid" whose cause is [Problems].
func (d *Document) Finish() error {
	d.r.finish()
	for _, m := range d.r.marks {
		if _, known := d.Sources[m.Source]; m.Source != "" && !known {
			d.r.fail(m.Line, m.Path, "来源“%s”没有在 sources 中列出", m.Source)
		}
	}
	d.Marks = d.r.marks
	return asFault(d.r.problems)
}

// Problems are all things wrong in a file, in the order of their lines.
type Problems []Problem

// Error counts the problems; their text is the fault's.
func (p Problems) Error() string { return fmt.Sprintf("%d problems", len(p)) }

// Text lists the problems, one a line.
func (p Problems) Text() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// ProblemsOf finds the problems in err's tree.
func ProblemsOf(err error) Problems {
	p, _ := errors.AsType[Problems](err)
	return p
}

func asFault(p Problems) error {
	if len(p) == 0 {
		return nil
	}
	shown, more := p, ""
	if len(p) > problemsMax {
		shown, more = p[:problemsMax], "\n……只列出前面的问题。"
	}
	return fault.Wrap(p, fault.Invalid, "rulebook.invalid", "规则有 %s处问题：\n%s%s", countText(len(p)), shown.Text(), more)
}

func countText(n int) string {
	if n > problemsMax {
		return fmt.Sprintf("超过 %d ", problemsMax)
	}
	return fmt.Sprintf("%d ", n)
}
