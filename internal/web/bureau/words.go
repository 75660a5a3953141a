package bureau

import (
	"context"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/identity"
	"juli/internal/money"
	"juli/internal/registry"
	"juli/internal/web"
)

func lines(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }

// clock writes an instant as people of the city read it.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(day.Shanghai).Format("2006-01-02 15:04")
}

// bodyNames words bodies such as "district_bureau@230103" with two queries for all.
func bodyNames(ctx context.Context, tx *db.Tx, keys ...string) (func(key string) string, error) {
	var at []code.Division
	var firms []code.USCC
	for _, k := range keys {
		h := casework.ParseHolder(k)
		if h.Division != "" {
			at = append(at, h.Division)
		}
		if h.Enterprise != "" {
			firms = append(firms, h.Enterprise)
		}
	}
	places, err := registry.DivisionNames(ctx, tx, slices.Values(at))
	if err != nil {
		return nil, err
	}
	firm, err := registry.EnterpriseNames(ctx, tx, firms)
	return func(key string) string {
		h := casework.ParseHolder(key)
		name := places[h.Division]
		if h.Enterprise != "" {
			name = firm[h.Enterprise]
		}
		if h.Role == "" {
			return "—"
		}
		return registry.BodyName(h.Role, name)
	}, err
}

// nameSteps fills in who of the officials took each step, for their own desk: colleagues
// of one body are told apart, nobody else is named.
func nameSteps(ctx context.Context, tx *db.Tx, steps []casework.Step) error {
	official := func(s casework.Step) bool { return s.Account != 0 && casework.ParseHolder(s.Body).Role.Official() }
	var ids []db.ID
	for _, s := range steps {
		if official(s) && !slices.Contains(ids, s.Account) {
			ids = append(ids, s.Account)
		}
	}
	names, err := identity.AccountNames(ctx, tx, ids...)
	for i := range steps {
		if official(steps[i]) {
			steps[i].Who = names[steps[i].Account]
		}
	}
	return err
}

// doer names the body that took a step, and who of it where that is known here.
func doer(body func(key string) string, s casework.Step) string {
	return strings.TrimSpace(body(s.Body) + " " + s.Who)
}

func choices(list []registry.Choice) []web.Option {
	options := make([]web.Option, len(list))
	for i, c := range list {
		options[i] = web.Option{Value: c.Code, Text: c.Title}
	}
	return options
}

// with adds parameters to an address of ours.
func with(href string, pairs ...string) string {
	path, raw, _ := strings.Cut(href, "?")
	q, _ := url.ParseQuery(raw)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// later draws a page that has to be read from the tables again: a refused form
// beside the newest state.
func later(draw func(ctx context.Context) (templ.Component, error)) func() templ.Component {
	return func() templ.Component {
		return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			c, err := draw(ctx)
			if err != nil {
				return err
			}
			return c.Render(ctx, w)
		})
	}
}

// tenThousand writes an area in ㎡ as 万㎡ with one place.
func tenThousand(area string) string {
	a, err := money.ParseArea(area)
	if err != nil {
		return area
	}
	return web.TenThousandArea(a)
}

func tenThousandUnits(area int64) string { return web.TenThousandArea(money.Area(area)) }
