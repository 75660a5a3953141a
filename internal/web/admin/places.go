package admin

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
	"juli/internal/registry"
	"juli/internal/web"
)

// A giving is a role that is being given, and where it may hold: chosen from
// lists, so that nobody types a code. In a city the list of all communities,
// enterprises or projects is long, so the district comes first.
type giving struct {
	role      authz.Role
	in        code.Division // the district chosen, "" if none is needed or none was chosen
	districts []web.Option  // to choose from first; none: not needed
	places    []web.Option
	scopes    map[string]authz.Scope // by the place's value
}

// givingSpec is what the address of a form of grants says.
var givingSpec = web.ListSpec{Filters: []web.Filter{{Name: "role", Label: "角色", Like: web.LikeName}, {Name: "in", Label: "区县", Like: web.LikeCode}}}

// giving reads role and district from the address, or from the form that was sent.
func (d *Desk) giving(r *http.Request) (g giving, err error) {
	g.role, g.in = authz.Role(web.Posted(r, "role")), code.Division(web.Posted(r, "in"))
	if r.Method != http.MethodPost {
		l, err := web.ReadList(r, givingSpec)
		if err != nil {
			return g, err
		}
		g.role, g.in = authz.Role(l.Get("role")), code.Division(l.Get("in"))
	}
	who := web.Actor(r)
	roles := identity.Givable(who)
	if len(roles) == 1 {
		g.role = roles[0]
	}
	if g.role == "" {
		return g, nil
	}
	if !slices.Contains(roles, g.role) {
		return g, fault.New(fault.Forbidden, "identity.role", "您不能授予这个角色。")
	}
	err = d.DB.Read(r.Context(), func(tx *db.Tx) error { return g.read(r.Context(), tx, who) })
	return g, err
}

// read finds the places where the actor may give the role.
func (g *giving) read(ctx context.Context, tx *db.Tx, who authz.Actor) error {
	g.districts, g.places, g.scopes = nil, nil, map[string]authz.Scope{}
	for _, s := range identity.GivableIn(who, g.role) {
		var err error
		switch {
		case s.Enterprise != "":
			err = g.ofEnterprise(ctx, tx, s.Enterprise)
		case s.Project != "":
			err = g.project(ctx, tx, registry.ListQuery{Text: s.Project})
		default:
			err = g.ofDivision(ctx, tx, s.Division)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (g *giving) add(value, text string, s authz.Scope) {
	if _, twice := g.scopes[value]; !twice {
		g.scopes[value] = s
		g.places = append(g.places, web.Option{Value: value, Text: text})
	}
}

// ofEnterprise: the enterprise itself, or the projects that it serves.
func (g *giving) ofEnterprise(ctx context.Context, tx *db.Tx, uscc code.USCC) error {
	if g.role == authz.ProjectManager {
		return g.project(ctx, tx, registry.ListQuery{Enterprise: uscc})
	}
	names, err := registry.EnterpriseNames(ctx, tx, []code.USCC{uscc})
	text := names[uscc]
	if text == "" {
		text = string(uscc)
	}
	g.add(string(uscc), text, authz.Scope{Enterprise: uscc})
	return err
}

// ofDivision: the divisions of the role's level below one's own, or enterprises
// and projects there.
func (g *giving) ofDivision(ctx context.Context, tx *db.Tx, own code.Division) error {
	within := own
	narrow := slices.Contains([]authz.Role{authz.Subdistrict, authz.Community, authz.Enterprise, authz.ProjectManager, authz.Committee}, g.role)
	if narrow && own.Level() <= code.City {
		list, err := registry.Districts(ctx, tx, tx.Today())
		if err != nil {
			return err
		}
		for _, x := range list {
			g.districts = append(g.districts, web.Option{Value: string(x.Code), Text: x.Name})
			if x.Code == g.in {
				within = x.Code
			}
		}
		if within == own {
			g.in = ""
			return nil
		}
	}
	switch g.role {
	case authz.Enterprise:
		return g.enterprises(ctx, tx, within)
	case authz.ProjectManager, authz.Committee:
		return g.project(ctx, tx, registry.ListQuery{Division: within})
	}
	return g.divisions(ctx, tx, within, "")
}

// divisions adds a division and what is below it, as far as the role fits.
func (g *giving) divisions(ctx context.Context, tx *db.Tx, at code.Division, above string) error {
	x, err := registry.DivisionOf(ctx, tx, at)
	if err != nil {
		return err
	}
	scope := authz.Scope{Division: at}
	if authz.CheckScope(g.role, scope) == nil {
		g.add(string(at), above+x.Name, scope)
	}
	if at.Level() >= code.Community || g.deepest(at) {
		return nil
	}
	below, err := registry.Divisions(ctx, tx, at, tx.Today())
	if err != nil {
		return err
	}
	name := above + x.Name
	if at.Level() <= code.City {
		name = ""
	}
	for _, b := range below {
		if err := g.divisions(ctx, tx, b.Code, name); err != nil {
			return err
		}
	}
	return nil
}

// deepest says whether no division below can bear the role.
func (g *giving) deepest(at code.Division) bool {
	switch g.role {
	case authz.CityBureau, authz.SysAdmin, authz.SecAdmin, authz.AuditAdmin:
		return true
	case authz.DistrictBureau, authz.Association:
		return at.Level() >= code.District
	case authz.Subdistrict:
		return at.Level() >= code.Street
	}
	return false
}

func (g *giving) enterprises(ctx context.Context, tx *db.Tx, at code.Division) error {
	for after := ""; ; {
		rows, next, err := registry.ListEnterprises(ctx, tx, registry.ListQuery{Division: at, After: after, Limit: 200})
		if err != nil {
			return err
		}
		for _, x := range rows {
			g.add(string(x.USCC), x.Name, authz.Scope{Enterprise: x.USCC})
		}
		if after = next; next == "" {
			return nil
		}
	}
}

// project adds projects; a project manager's grant names the enterprise, too,
// whose people he belongs to.
func (g *giving) project(ctx context.Context, tx *db.Tx, q registry.ListQuery) error {
	q.Limit = 200
	for {
		rows, next, err := registry.ListProjects(ctx, tx, q)
		if err != nil {
			return err
		}
		for _, x := range rows {
			s := authz.Scope{Project: string(x.Code)}
			text := x.Name
			if g.role == authz.ProjectManager {
				if s.Enterprise = x.Enterprise; x.Enterprise == "" {
					continue // nobody serves it, so nobody manages it
				}
				text += "（" + x.EnterpriseName + "）"
			}
			g.add(string(x.Code), text, s)
		}
		if q.After = next; next == "" {
			return nil
		}
	}
}

// ready says whether role and place can be asked for; otherwise [giving.choose]
// asks for what comes first.
func (g giving) ready() bool { return g.role != "" && (len(g.districts) == 0 || g.in != "") }

// choose asks for the role, then for the district.
func (g giving) choose(who authz.Actor, at string) templ.Component {
	var links []web.Link
	title := "选择角色"
	if g.role == "" {
		for _, role := range identity.Givable(who) {
			links = append(links, web.Link{Text: role.Title(), Href: at + "?role=" + url.QueryEscape(string(role))})
		}
	} else {
		title = g.role.Title() + "：选择区县"
		for _, o := range g.districts {
			links = append(links, web.Link{Text: o.Text, Href: at + "?role=" + url.QueryEscape(string(g.role)) + "&in=" + o.Value})
		}
	}
	return web.Section(web.Box{Title: title}, web.Buttons(links))
}

// fields ask where the role holds, and how long.
func (g giving) fields() []web.Field {
	return []web.Field{
		{Name: "role", Kind: web.Carried, Max: 40},
		{Name: "in", Kind: web.Carried, Max: 12},
		{Name: "place", Label: "在哪里担任" + g.role.Title(), Kind: web.Select, Required: true, Options: g.places, Group: "授权"},
		{Name: "manager", Label: "同时负责管理本单位人员", Kind: web.Check},
		{Name: "to", Label: "授权截止日", Kind: web.Date, Required: true, Hint: "授权必须有截止日"},
	}
}

// form is a form with the fields of a grant and others around them.
func (g giving) form(before, after []web.Field) *web.Form {
	f := web.NewForm(slices.Concat(before, g.fields(), after)...)
	f.Set("role", string(g.role)).Set("in", string(g.in))
	if len(g.places) == 1 {
		f.Set("place", g.places[0].Value)
	}
	return f
}
