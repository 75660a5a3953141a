package open311

import (
	"context"
	"net/url"
	"regexp"
	"strings"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/resident"
)

// decimal is a number that is one in JSON too.
var decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,2})(\.[0-9]{1,15})?$`)

// place finds the project that is meant: by its code, else by a name or an
// address under which the register knows exactly one.
func place(ctx context.Context, tx *db.Tx, v url.Values) (code.ProjectCode, error) {
	if s := v.Get("address_id"); s != "" {
		return codeOf(s, "address_id")
	}
	for _, name := range []string{"attribute[project]", "address_string"} {
		s := strings.TrimSpace(v.Get(name))
		if s == "" {
			continue
		}
		if c, err := code.ParseProjectCode(s); err == nil {
			return c, nil
		}
		c, ok, err := resident.ProjectNamed(ctx, tx, s, "")
		if err != nil || ok {
			return c, err
		}
		if c, err = searched(ctx, tx, s); err != nil || c != "" {
			return c, err
		}
		return "", fault.New(fault.Invalid, "open311.place", "%s: 没有找到唯一的小区，请写小区全名，或在 address_id 里写 16 位项目编码。", name)
	}
	return "", fault.New(fault.Invalid, "open311.place", "address_id or address_string was not provided: 本市按小区受理，只有坐标不能确定小区；请写项目编码或小区名称、地址。")
}

func codeOf(s, name string) (code.ProjectCode, error) {
	c, err := code.ParseProjectCode(s)
	if err != nil {
		return "", fault.New(fault.Invalid, "open311.place", "%s: 应为 16 位项目编码。", name)
	}
	return c, nil
}

// searched is the only project that the register's search finds, or the only one
// that bears just this name.
func searched(ctx context.Context, tx *db.Tx, s string) (code.ProjectCode, error) {
	hits, err := registry.Search(ctx, tx, authz.Anonymous, registry.Query{Text: s, Kinds: []registry.DocKind{registry.DocProject}, Limit: 2})
	if err != nil || len(hits) == 0 {
		return "", err
	}
	if len(hits) == 1 || hits[0].Rank == 0 && hits[1].Rank > 0 {
		return hits[0].Project, nil
	}
	return "", nil
}
