package rulebook

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A Change says what happened to a value between two versions.
type Change string

// The changes.
const (
	Added   Change = "added"
	Removed Change = "removed"
	Altered Change = "changed"
)

var changeTitles = map[Change]string{Added: "新增", Removed: "删除", Altered: "修改"}

// String is the Chinese word for the change.
func (c Change) String() string { return changeTitles[c] }

// A Difference is one place where two rulebooks differ.
type Difference struct {
	Path   string // items[HRB-N04].points
	Label  string // 评分项目[HRB-N04] · 分值
	Change Change
	Before string
	After  string
	Line   int // in the later file, or in the earlier one for what was removed
}

// String shows the difference in one Chinese sentence.
func (d Difference) String() string {
	switch d.Change {
	case Added:
		return fmt.Sprintf("新增 %s：%s", d.Label, d.After)
	case Removed:
		return fmt.Sprintf("删除 %s：%s", d.Label, d.Before)
	}
	return fmt.Sprintf("修改 %s：由 %s 改为 %s", d.Label, d.Before, d.After)
}

const differencesMax = 5000

// Compare lists the differences from a to b by path, in the order of b's
// lines. List elements with a code or id are matched by it, so that moving an
// item is no difference. words translate keys for people; nil leaves them.
func Compare(a, b *Document, words map[string]string) []Difference {
	c := comparer{words: words}
	c.node("", a.root.node, b.root.node)
	slices.SortStableFunc(c.out, func(x, y Difference) int { return x.Line - y.Line })
	return c.out
}

// Compare is Compare with the words of the documents' kind.
func (ks Kinds) Compare(a, b *Document) []Difference { return Compare(a, b, ks[b.Kind].Words) }

type comparer struct {
	words map[string]string
	out   []Difference
}

func (c *comparer) add(path string, change Change, before, after *yaml.Node) {
	if len(c.out) >= differencesMax {
		return
	}
	d := Difference{Path: path, Label: c.label(path), Change: change}
	if before != nil {
		d.Before, d.Line = brief(before), before.Line
	}
	if after != nil {
		d.After, d.Line = brief(after), after.Line
	}
	c.out = append(c.out, d)
}

func (c *comparer) node(path string, a, b *yaml.Node) {
	switch {
	case a == nil && b == nil:
	case a == nil:
		c.add(path, Added, nil, b)
	case b == nil:
		c.add(path, Removed, a, nil)
	case a.Kind != b.Kind:
		c.add(path, Altered, a, b)
	case a.Kind == yaml.MappingNode:
		c.mapping(path, a, b)
	case a.Kind == yaml.SequenceNode:
		c.sequence(path, a, b)
	case a.Value != b.Value:
		c.add(path, Altered, a, b)
	}
}

func (c *comparer) mapping(path string, a, b *yaml.Node) {
	join := func(key string) string {
		if path == "" {
			return key
		}
		return path + "." + key
	}
	get := func(n *yaml.Node, key string) *yaml.Node {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				return n.Content[i+1]
			}
		}
		return nil
	}
	for i := 0; i+1 < len(b.Content); i += 2 {
		key := b.Content[i].Value
		c.node(join(key), get(a, key), b.Content[i+1])
	}
	for i := 0; i+1 < len(a.Content); i += 2 {
		if key := a.Content[i].Value; get(b, key) == nil {
			c.node(join(key), a.Content[i+1], nil)
		}
	}
}

func (c *comparer) sequence(path string, a, b *yaml.Node) {
	before := map[string]*yaml.Node{}
	for i, n := range a.Content {
		before[nodeName(n, i)] = n
	}
	for i, n := range b.Content {
		name := nodeName(n, i)
		c.node(path+"["+name+"]", before[name], n)
		delete(before, name)
	}
	for i, n := range a.Content {
		if name := nodeName(n, i); before[name] == n {
			c.node(path+"["+name+"]", n, nil)
		}
	}
}

// label writes a path in the words of people.
func (c *comparer) label(path string) string {
	parts := splitPath(path)
	for i, p := range parts {
		key, index, has := strings.Cut(p, "[")
		if w := c.words[key]; w != "" {
			if key = w; has {
				key += "[" + index
			}
			parts[i] = key
		}
	}
	return strings.Join(parts, " · ")
}

// splitPath cuts a path at its dots, not at those inside brackets.
func splitPath(path string) []string {
	var parts []string
	depth, start := 0, 0
	for i, r := range path {
		switch {
		case r == '[':
			depth++
		case r == ']':
			depth--
		case r == '.' && depth == 0:
			parts = append(parts, path[start:i])
			start = i + 1
		}
	}
	return append(parts, path[start:])
}

const briefMax = 120 // characters

// brief writes a node in one short line.
func brief(n *yaml.Node) string {
	var b strings.Builder
	write(&b, n)
	if s := []rune(b.String()); len(s) > briefMax {
		return string(s[:briefMax]) + "……"
	}
	return b.String()
}

func write(b *strings.Builder, n *yaml.Node) {
	if b.Len() > 4*briefMax {
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		b.WriteByte('{')
		for i := 0; i+1 < len(n.Content); i += 2 {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(n.Content[i].Value + ": ")
			write(b, n.Content[i+1])
		}
		b.WriteByte('}')
	case yaml.SequenceNode:
		b.WriteByte('[')
		for i, e := range n.Content {
			if i > 0 {
				b.WriteString(", ")
			}
			write(b, e)
		}
		b.WriteByte(']')
	default:
		b.WriteString(n.Value)
	}
}
