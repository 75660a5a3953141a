package web

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// declaredMost bounds how many different forms are remembered.
const declaredMost = 1000

// declared remembers the forms of this program by the names of their fields: the
// page that offers a form again after its session ended knows only what was sent,
// and says it in the words of the form. It holds no values, and of options only
// those of fixed lists: never a name of a person or of a thing.
var declared = struct {
	sync.RWMutex
	forms map[string]map[string]Field
}{forms: map[string]map[string]Field{}}

var fixedOption = regexp.MustCompile(`^(?:[A-Za-z][A-Za-z0-9_-]{0,30}|[0-9]{1,3})$`)

func declare(fields []Field) {
	names := make([]string, len(fields))
	for i, fd := range fields {
		names[i] = fd.Name
	}
	key := strings.Join(names, "\n")
	declared.RLock()
	old, known := declared.forms[key]
	for _, fd := range fields { // read without its options before it was drawn with them
		known = known && (len(fd.Options) == 0 || len(old[fd.Name].Options) > 0 || !fixedOption.MatchString(fd.Options[len(fd.Options)-1].Value))
	}
	full := len(declared.forms) >= declaredMost && old == nil
	declared.RUnlock()
	if known || full || len(fields) == 0 {
		return
	}
	form := map[string]Field{}
	for _, fd := range fields {
		fd.Options = slices.DeleteFunc(slices.Clone(fd.Options), func(o Option) bool { return !fixedOption.MatchString(o.Value) || LikeID.MatchString(o.Value) })
		form[fd.Name] = fd
	}
	declared.Lock()
	defer declared.Unlock()
	declared.forms[key] = form
}

// declaredAs is the smallest form that has all of some fields; nil: none is known.
func declaredAs(names []string) (best map[string]Field) {
	declared.RLock()
	defer declared.RUnlock()
	for _, key := range slices.Sorted(maps.Keys(declared.forms)) {
		form := declared.forms[key]
		has := !slices.ContainsFunc(names, func(n string) bool { _, ok := form[n]; return !ok })
		if has && (best == nil || len(form) < len(best)) {
			best = form
		}
	}
	return best
}

// retold words what was posted as its form asked for it: labels instead of names,
// options instead of their codes. What the form carries along is left out; of an
// unknown form only what somebody wrote is shown, without names.
func retold(values [][2]string) (out [][2]string) {
	var names []string
	for _, kv := range values {
		if kv[0] != onceField {
			names = append(names, kv[0])
		}
	}
	form := declaredAs(names)
	for _, kv := range values {
		fd, known := form[kv[0]]
		switch {
		case kv[0] == onceField || kv[1] == "" || known && (fd.Kind == Carried || fd.Kind == Password || fd.Kind == Code || fd.Label == ""):
		case !known && (fixedOption.MatchString(kv[1]) || LikeID.MatchString(kv[1]) || strings.Trim(kv[1], "0123456789") == ""):
		case !known:
			out = append(out, [2]string{"您填写的内容", kv[1]})
		default:
			out = append(out, [2]string{fd.Label, fd.told(kv[1])})
		}
	}
	return out
}

// told is a value as the field shows it.
func (fd Field) told(v string) string {
	switch fd.Kind {
	case Check:
		return "是"
	case Select, Radio, Checks:
		for _, o := range fd.Options {
			if o.Value == v {
				return o.Text
			}
		}
		return "已选择"
	}
	return v
}
