package rulebook

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// An Object is a YAML mapping that is read key by key; keys nobody asked for
// are reported when the file has been read.
type Object struct {
	Value
	fields map[string]*yaml.Node
	lines  map[string]int
	asked  map[string]bool
	mark   Mark
}

// Object reads a mapping. An absent or wrong value reads as an empty one.
func (v Value) Object() *Object {
	o := &Object{Value: v, fields: map[string]*yaml.Node{}, lines: map[string]int{}, asked: map[string]bool{"mark": true, "source": true, "note": true}}
	if v.node == nil {
		return o
	}
	if v.node.Kind != yaml.MappingNode {
		v.Fail("这里应写“键: 值”的形式")
		return o
	}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		key := v.node.Content[i]
		if first, twice := o.lines[key.Value]; twice && v.r.read[v.node] == nil {
			v.r.fail(key.Line, v.path, "键“%s”写了两次，第 %d 行已有", key.Value, first)
		}
		o.fields[key.Value], o.lines[key.Value] = v.node.Content[i+1], key.Line
	}
	if before := v.r.read[v.node]; before != nil {
		o.mark = before.mark
	} else {
		v.r.read[v.node] = o
		o.readMark()
	}
	v.r.objects = append(v.r.objects, o)
	return o
}

func (o *Object) readMark() {
	n, has := o.fields["mark"]
	if !has {
		return
	}
	mark, ok := parseMark(n.Value)
	if !ok {
		o.r.fail(n.Line, o.path, "标注“%s”应为 verified、general、assumed 或 unknown", n.Value)
		return
	}
	o.mark = mark
	m := Marked{Path: o.path, Line: n.Line, Mark: mark}
	if s := o.fields["source"]; s != nil {
		m.Source = s.Value
	}
	if s := o.fields["note"]; s != nil {
		m.Note = s.Value
	}
	if mark == Verified && m.Source == "" && o.path != "" && !strings.HasPrefix(o.path, "examples") {
		o.r.fail(n.Line, o.path, "标注为 verified 的值要写明来源 source")
	}
	o.r.marks = append(o.r.marks, m)
}

// Has says whether the mapping holds key.
func (o *Object) Has(key string) bool { return o.fields[key] != nil }

// Get returns the value at key, an absent one if there is none.
func (o *Object) Get(key string) Value {
	o.asked[key] = true
	path := key
	if o.path != "" {
		path = o.path + "." + key
	}
	return Value{r: o.r, node: o.fields[key], path: path, near: o.Line(), told: o.told}
}

// Need returns the value at key and reports its absence.
func (o *Object) Need(key string) Value {
	v := o.Get(key)
	if !v.Present() && o.r != nil && !o.told {
		o.r.fail(o.Line(), o.path, "缺少 %s", key)
		v.told = true
	}
	return v
}

// Keys lists the keys of the mapping without mark, source and note, in order
// of their lines; asking for them makes all of them known.
func (o *Object) Keys() []string {
	keys := slices.DeleteFunc(slices.Collect(maps.Keys(o.fields)), func(k string) bool {
		return k == "mark" || k == "source" || k == "note"
	})
	slices.SortFunc(keys, func(a, b string) int {
		if d := o.lines[a] - o.lines[b]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return keys
}

// finish reports every key that nobody read.
func (r *reader) finish() {
	asked := map[*yaml.Node]map[string]bool{}
	for _, o := range r.objects {
		if asked[o.node] == nil {
			asked[o.node] = map[string]bool{}
		}
		maps.Copy(asked[o.node], o.asked)
	}
	done := map[*yaml.Node]bool{}
	for _, o := range r.objects {
		if done[o.node] {
			continue
		}
		done[o.node] = true
		for _, key := range slices.Sorted(maps.Keys(o.fields)) {
			if !asked[o.node][key] {
				r.fail(o.lines[key], o.path, "不认识的键“%s”", key)
			}
		}
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Line - b.Line })
}
