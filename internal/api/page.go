package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"juli/internal/web"
)

// A chapter is one tag of the page with its operations.
type chapter struct {
	Title string
	Ops   []operation
}

// An operation as people read it.
type operation struct {
	ID, Title, About string
	Address          string // GET /api/v1/enterprises/{uscc}
	Try              string // an address to try, "" where it needs a code of this city
	Params, Answer   web.Table
	Example          string
}

// page is the description for people, drawn from the same OpenAPI document.
func (a *API) page(w http.ResponseWriter, r *http.Request) error {
	doc := a.huma.OpenAPI()
	var chapters []chapter
	for _, t := range doc.Tags {
		c := chapter{Title: t.Description}
		for _, path := range paths(doc) {
			if op := doc.Paths[path].Get; op.Tags[0] == t.Name {
				c.Ops = append(c.Ops, a.operation(doc, path, op))
			}
		}
		chapters = append(chapters, c)
	}
	return web.Show(w, r, http.StatusOK, apiPage(doc.Info.Title, strings.Split(about, "\n- "), chapters))
}

func paths(doc *huma.OpenAPI) []string {
	var all []string
	for path := range doc.Paths {
		all = append(all, path)
	}
	slices.Sort(all)
	return all
}

func (a *API) operation(doc *huma.OpenAPI, path string, op *huma.Operation) operation {
	o := operation{ID: op.OperationID, Title: op.Summary, About: op.Description, Address: "GET " + path}
	if !strings.Contains(strings.ReplaceAll(path, "{period}", ""), "{") {
		o.Try = strings.ReplaceAll(path, "{period}", "latest")
	}
	o.Params = web.Table{Caption: op.Summary + "：参数", Cols: []web.Col{{Name: "参数"}, {Name: "说明"}, {Name: "取值"}}, None: web.Nothing{Text: "没有参数。"}}
	for _, p := range op.Parameters {
		name := p.Name
		if p.In == "path" {
			name = "{" + name + "}"
		}
		o.Params.Rows = append(o.Params.Rows, web.Row{Cells: []web.Cell{{Text: name, Nowrap: true}, web.T(p.Description), web.T(allowed(p))}})
	}
	body := resolve(doc, op.Responses["200"].Content["application/json"].Schema)
	o.Answer = web.Table{Caption: op.Summary + "：答复", Cols: []web.Col{{Name: "字段"}, {Name: "说明"}, {Name: "类型"}}}
	o.Answer.Rows = fields(doc, body, "", 0)
	o.Example = example(doc, body)
	return o
}

// allowed says in words what a parameter may be.
func allowed(p *huma.Param) string {
	var words []string
	for _, v := range p.Schema.Enum {
		words = append(words, fmt.Sprint(v))
	}
	s := strings.Join(words, "、")
	if p.Schema.Default != nil {
		s += fmt.Sprintf("（不填为 %v）", p.Schema.Default)
	}
	if s == "" && p.Example != nil {
		s = fmt.Sprintf("例如 %v", p.Example)
	}
	return s
}

func resolve(doc *huma.OpenAPI, s *huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return doc.Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

const deepest = 3

// fields lists a schema's properties, those within with their path.
func fields(doc *huma.OpenAPI, s *huma.Schema, at string, depth int) []web.Row {
	var rows []web.Row
	if s == nil || depth > deepest {
		return nil
	}
	for _, name := range order(s) {
		p := s.Properties[name]
		inner, kind := resolve(doc, p), kindWords(p)
		about := p.Description
		if about == "" {
			about = inner.Description
		}
		rows = append(rows, web.Row{Cells: []web.Cell{{Text: at + name, Nowrap: true}, web.T(about), web.T(kind)}})
		next := at + name + "."
		if p.Type == huma.TypeArray {
			inner, next = resolve(doc, p.Items), at+name+"[]."
		}
		rows = append(rows, fields(doc, inner, next, depth+1)...)
	}
	return rows
}

// order is the order in which the answer's fields were declared, as far as the
// required ones tell; the rest follow by name.
func order(s *huma.Schema) []string {
	var rest []string
	for name := range s.Properties {
		if !slices.Contains(s.Required, name) {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	return append(slices.Clone(s.Required), rest...)
}

var kinds = map[string]string{huma.TypeString: "字符串", huma.TypeInteger: "整数", huma.TypeBoolean: "真假", huma.TypeArray: "数组", huma.TypeObject: "对象", "": "对象"}

func kindWords(s *huma.Schema) string {
	if s.Format == "date" {
		return "日期"
	}
	return kinds[s.Type]
}

// example is an answer made of the fields' own examples.
func example(doc *huma.OpenAPI, s *huma.Schema) string {
	b, err := json.MarshalIndent(sample(doc, s, 0), "", "  ")
	if err != nil {
		return ""
	}
	return string(b)
}

func sample(doc *huma.OpenAPI, s *huma.Schema, depth int) any {
	s = resolve(doc, s)
	switch {
	case s == nil || depth > 2*deepest:
		return nil
	case len(s.Examples) > 0:
		return s.Examples[0]
	case s.Type == huma.TypeArray:
		return []any{sample(doc, s.Items, depth+1)}
	case s.Type == huma.TypeObject:
		// A struct keeps the order of its fields in JSON, a map does not.
		var types []reflect.StructField
		var values []any
		for i, name := range order(s) {
			v := sample(doc, s.Properties[name], depth+1)
			types = append(types, reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: reflect.TypeFor[any](), Tag: reflect.StructTag(`json:"` + name + `"`)})
			values = append(values, v)
		}
		out := reflect.New(reflect.StructOf(types)).Elem()
		for i, v := range values {
			if v != nil {
				out.Field(i).Set(reflect.ValueOf(v))
			}
		}
		return out.Interface()
	}
	return nil
}
