package api_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"juli/internal/api"
)

// described is the description and its validator.
func described(t testing.TB) ([]byte, validator.Validator) {
	t.Helper()
	text, err := (&api.API{City: "2301", CityName: "哈尔滨市"}).Describe()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := libopenapi.NewDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(doc)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return text, v
}

func TestDescriptionIsValidOpenAPI(t *testing.T) {
	_, v := described(t)
	ok, errs := v.ValidateDocument()
	for _, err := range errs {
		t.Errorf("%s: %s", err.Message, err.Reason)
		for _, s := range err.SchemaValidationErrors {
			t.Errorf("  %s: %s", s.FieldPath, s.Reason)
		}
	}
	if !ok && len(errs) == 0 {
		t.Error("the description is not valid")
	}
}

// TestDescriptionPassesTheLinter runs Redocly's recommended rules, warnings as
// errors, from the npm package that `make test` installs by lock file.
func TestDescriptionPassesTheLinter(t *testing.T) {
	text, _ := described(t)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join(root, "tools", "openapi-lint.mjs"))
	cmd.Dir, cmd.Stdin = root, strings.NewReader(string(text))
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

var chinese = regexp.MustCompile(`\p{Han}`)

// TestEverythingIsExplainedInChinese looks at every description that a reader
// meets: none is missing, none is the library's English.
func TestEverythingIsExplainedInChinese(t *testing.T) {
	text, _ := described(t)
	var doc any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch x := v.(type) {
		case map[string]any:
			for key, inner := range x {
				if s, ok := inner.(string); ok && (key == "description" || key == "summary") && !chinese.MatchString(s) {
					t.Errorf("%s/%s = %q", at, key, s)
				}
				walk(at+"/"+key, inner)
			}
			if props, ok := x["properties"].(map[string]any); ok {
				for name, p := range props {
					if m, _ := p.(map[string]any); m["description"] == nil && m["$ref"] == nil {
						t.Errorf("%s: %s has no description", at, name)
					}
				}
			}
		case []any:
			for _, inner := range x {
				walk(at+"[]", inner)
			}
		}
	}
	walk("", doc)
}
