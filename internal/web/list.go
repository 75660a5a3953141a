package web

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"juli/internal/day"
	"juli/internal/fault"
)

const (
	pageRows   = 50
	backMax    = 8 // how many pages the way back remembers
	queryMax   = 100
	cursorMax  = 400
	exportRows = 100_000
)

// A ListSpec declares what a list page takes from its address: nothing else
// gets in (INP-8).
type ListSpec struct {
	Sorts   []string // allowed sort keys, the first is the default; "-area" sorts downwards first
	Filters []Filter
	Search  string   // label of the search box; "" for none
	Size    int      // rows of a page; 0 means 50
	Fixed   []string // further parameters the page itself uses
	Choices bool     // its rows are to choose from, not to take away: no files
}

// A Filter is one way to narrow a list.
type Filter struct {
	Name, Label string
	Options     []Option       // what may be chosen; empty = text in the form of Like
	Like        *regexp.Regexp // nil = any short text
	Chips       bool           // shown as a row of chips instead of a select
	Any         string         // what nothing chosen is called; "" is 全部
	Date        bool           // a day, chosen from a calendar
}

func (f Filter) any() string {
	if f.Any != "" {
		return f.Any
	}
	return "全部"
}

// Forms of what a filter without options takes.
var (
	LikeID    = regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{13}$`)                                                                       // an identifier
	LikeCode  = regexp.MustCompile(`^[0-9A-Za-z]{1,40}([.-][0-9A-Za-z]{1,40}){0,8}$`)                                                // a code of an enterprise, a project, an item
	LikeName  = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,60}([.:][0-9A-Za-z_-]{0,60}){0,4}$`)                                          // a name of the program's own, as credit.recorded
	LikeWord  = regexp.MustCompile(`^[\p{Han}A-Za-z][\p{Han}A-Za-z0-9+_-]{0,20}$`)                                                   // a grade or a status
	LikeWords = regexp.MustCompile(`^[\p{Han}A-Za-z][\p{Han}A-Za-z0-9+_-]{0,20}(,[\p{Han}A-Za-z][\p{Han}A-Za-z0-9+_-]{0,20}){0,9}$`) // several of them
)

// A List is the state of a list, all of it in the address, so that a link shows
// a colleague the same rows.
type List struct {
	Spec   ListSpec
	Path   string
	Q      string // what is searched for
	Sort   string // one of Sorts, without its sign
	Desc   bool
	Format string // "", "csv" or "xlsx": the same rows as a file

	picked map[string]string
	after  string
	back   []string
	next   string
	from   int64 // rows before this page, as far as known
	shown  int
	total  int64
}

// ReadList reads a list's state; a parameter or value that the list does not
// have is refused with 400.
func ReadList(r *http.Request, spec ListSpec) (*List, error) {
	for _, f := range spec.Filters {
		if builtIn[f.Name] != "" {
			return nil, fault.New(fault.Internal, "list.name", "a filter is called %s, which is the list's own parameter", f.Name)
		}
	}
	l := &List{Spec: spec, Path: r.URL.Path, picked: map[string]string{}, total: -1}
	if len(spec.Sorts) > 0 {
		l.Sort, l.Desc = unsign(spec.Sorts[0])
	}
	for _, f := range spec.Filters {
		if builtIn[f.Name] != "" { // it would never be asked
			return nil, fault.New(fault.Internal, "list.filter", "筛选条件“%s”与列表自己的参数同名。", f.Name)
		}
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault.New(fault.Invalid, "list.unknown", "网址的写法不正确。请从列表首页重新选择。")
	}
	for _, name := range slices.Sorted(maps.Keys(q)) {
		values := q[name]
		if len(values) != 1 || !utf8.ValidString(values[0]) || strings.ContainsRune(values[0], 0) || !l.take(name, strings.TrimSpace(values[0])) {
			return nil, l.Unknown(name)
		}
	}
	return l, nil
}

var builtIn = map[string]string{"q": "搜索内容", "sort": "排序", "after": "页码", "back": "页码", "row": "页码", "format": "导出格式"}

// Unknown is the refusal of a parameter or of its value: it names the parameter
// as the page does.
func (l *List) Unknown(name string) error {
	label := builtIn[name]
	for _, f := range l.Spec.Filters {
		if f.Name == name && f.Label != "" {
			label = f.Label
		}
	}
	if label == "" {
		label = plainly(name)
	}
	return fault.New(fault.Invalid, "list.unknown", "网址里的条件“%s”不是这个列表认识的内容。请从列表首页重新选择。", label)
}

// take takes one parameter and says whether the list knows it.
func (l *List) take(name, v string) bool {
	switch name {
	case "q":
		l.Q = v
		return l.Spec.Search != "" && utf8.RuneCountInString(v) <= queryMax
	case "sort":
		l.Sort, l.Desc = unsign(v)
		return slices.ContainsFunc(l.Spec.Sorts, func(s string) bool { key, _ := unsign(s); return key == l.Sort })
	case "after":
		l.after = v
		return len(v) <= cursorMax && (v == "" || l.After() != nil)
	case "back":
		l.back = strings.Split(v, ".")
		return len(v) <= backMax*(cursorMax+1) && !slices.ContainsFunc(l.back, func(s string) bool {
			return s != "" && s != "-" && keyOf(s) == nil
		})
	case "row":
		n, ok := whole(v)
		l.from = n
		return ok && n >= 0
	case "format":
		l.Format = v
		return !l.Spec.Choices && (v == "csv" || v == "xlsx")
	}
	for _, f := range l.Spec.Filters {
		if f.Name == name {
			if v != "" {
				l.picked[name] = v
			}
			return v == "" || f.takes(v)
		}
	}
	return slices.Contains(l.Spec.Fixed, name)
}

func (f Filter) takes(v string) bool {
	if len(f.Options) > 0 {
		return (Field{Options: f.Options}).has(v)
	}
	return utf8.RuneCountInString(v) <= queryMax && (f.Like == nil || f.Like.MatchString(v))
}

func unsign(sort string) (key string, desc bool) {
	key, desc = strings.CutPrefix(sort, "-")
	return key, desc
}

// Get is what a filter is set to, or "".
func (l *List) Get(filter string) string { return l.picked[filter] }

// Limit is how many rows to ask for: one more than is shown, which tells
// whether there is a next page; for a file, all that a file may hold.
func (l *List) Limit() int {
	if l.Format != "" {
		return exportRows
	}
	return l.size() + 1
}

func (l *List) size() int {
	if l.Spec.Size > 0 {
		return l.Spec.Size
	}
	return pageRows
}

// After is the sort key of the last row of the page before, as given to [Cut];
// nil on the first page.
func (l *List) After() []string { return keyOf(l.after) }

// keyOf reads a cursor, nil if it is none.
func keyOf(cursor string) []string {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	var key []string
	if cursor == "" || err != nil || json.Unmarshal(raw, &key) != nil || len(key) == 0 {
		return nil
	}
	return key
}

// Cut keeps of rows to what the page shows and remembers where the next page
// begins; key gives a row's sort key, its id last. Keys stand in the address, so
// they hold no personal data.
func Cut[T any](l *List, rows []T, key func(T) []string) []T {
	if size := l.size(); l.Format == "" && len(rows) > size {
		rows = rows[:size]
		raw, _ := json.Marshal(key(rows[size-1]))
		l.next = base64.RawURLEncoding.EncodeToString(raw)
	}
	l.shown = len(rows)
	return rows
}

// Total tells how many rows there are in all.
func (l *List) Total(n int64) *List { l.total = n; return l }

// Narrowed says whether any filter or search is on.
func (l *List) Narrowed() bool { return l.Q != "" || len(l.picked) > 0 }

// query is the address's state without paging, changed by the pairs given.
func (l *List) query(change ...string) url.Values {
	q := url.Values{}
	for name, v := range l.picked {
		q.Set(name, v)
	}
	if l.Q != "" {
		q.Set("q", l.Q)
	}
	if len(l.Spec.Sorts) > 0 && signed(l.Sort, l.Desc) != l.Spec.Sorts[0] {
		q.Set("sort", signed(l.Sort, l.Desc))
	}
	for i := 0; i+1 < len(change); i += 2 {
		if change[i+1] == "" {
			q.Del(change[i])
		} else {
			q.Set(change[i], change[i+1])
		}
	}
	return q
}

func (l *List) url(q url.Values) string {
	if len(q) == 0 {
		return l.Path
	}
	return l.Path + "?" + q.Encode()
}

// With is the address of the list with other filters: pairs of name and value,
// "" to lift one. It begins at the first page.
func (l *List) With(change ...string) string { return l.url(l.query(change...)) }

// Export is the address of the same rows as a file, "csv" or "xlsx".
func (l *List) Export(format string) string { return l.With("format", format) }

func signed(key string, desc bool) string {
	if desc {
		return "-" + key
	}
	return key
}

// sortURL turns the order round, or sorts by another column its own way first.
func (l *List) sortURL(key string) string {
	for _, s := range l.Spec.Sorts {
		if k, desc := unsign(s); k == key {
			if l.Sort == key {
				desc = !l.Desc
			}
			if signed(key, desc) == l.Spec.Sorts[0] {
				return l.With("sort", "")
			}
			return l.With("sort", signed(key, desc))
		}
	}
	return ""
}

func (l *List) nextURL() string {
	if l.next == "" {
		return ""
	}
	back := append(slices.Clone(l.back), l.after)
	if l.after == "" {
		back = []string{"-"}
	}
	if len(back) > backMax {
		back = back[len(back)-backMax:]
	}
	return l.With("after", l.next, "back", strings.Join(back, "."), "row", itoa(int(l.from)+l.shown))
}

func (l *List) prevURL() string {
	if l.after == "" {
		return ""
	}
	if len(l.back) == 0 || l.back[len(l.back)-1] == "-" {
		return l.With()
	}
	last, rest := l.back[len(l.back)-1], l.back[:len(l.back)-1]
	return l.With("after", last, "back", strings.Join(rest, "."), "row", itoa(max(int(l.from)-l.size(), 0)))
}

// Period is what two filters that are days say, 0 where one says nothing.
func (l *List) Period(from, to string) (out [2]day.Date, err error) {
	for i, name := range []string{from, to} {
		if v := l.Get(name); v != "" {
			if out[i], err = day.Parse(v); err != nil {
				return out, l.Unknown(name)
			}
		}
	}
	return out, nil
}
