package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/identity"
	"juli/internal/web"
)

// A clerk walks the desks of a town as its people and finds forms to fill in.
type clerk struct {
	town
	t      *testing.T
	h      http.Handler
	people map[string]authz.Actor // by token; "login" has a fresh second factor, "login/old" an old one, "login/half" none
	n      int
	canary string   // stands in every text that the clerk writes
	wide   bool     // walks over the public's pages and files, too
	post   []string // patterns
}

func newClerk(t *testing.T, tn town, logins ...string) *clerk {
	t.Helper()
	k := &clerk{town: tn, t: t, people: map[string]authz.Actor{}}
	for _, login := range logins {
		who := tn.actor(t, login)
		who.Second = true
		k.people[login+"/old"] = who
		half := who
		half.Second = false
		k.people[login+"/half"] = half
		who.StepUp = time.Now()
		k.people[login] = who
	}
	k.h = tn.HandlerAs(k.who)
	for _, r := range routes(t) {
		if r.method == "POST" {
			k.post = append(k.post, r.path)
		}
	}
	return k
}

// logins are accounts whose names begin so, for which no password is known.
func (tn town) logins(t *testing.T, head string, most int) (list []string) {
	t.Helper()
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		list, err = db.All(t.Context(), tx, func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) },
			`SELECT login FROM identity_account WHERE login LIKE $1 ORDER BY login LIMIT $2`, head+"%", most)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (k *clerk) who(_ context.Context, token string) (authz.Actor, error) {
	if who, ok := k.people[token]; ok {
		return who, nil
	}
	return authz.Actor{}, web.NeedSignin()
}

func (k *clerk) as(token string) *client {
	if token == "" {
		return newClient(k.h, "juli-form", "AVISITORSCOOKIE0123456789AB")
	}
	return newClient(k.h, "juli", token)
}

// pattern is the route that a form's address belongs to, "" for none.
func (k *clerk) pattern(action string) string {
	best := ""
	action, _, _ = strings.Cut(action, "?")
	for _, p := range k.post {
		if p == action {
			return p
		}
		if matches(p, action) && strings.Count(p, "{") <= strings.Count(best+strings.Repeat("{", 9), "{") {
			best = p
		}
	}
	return best
}

func matches(pattern, path string) bool {
	a, b := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && (!strings.HasPrefix(a[i], "{") || b[i] == "") {
			return false
		}
	}
	return true
}

// steps is how an address is counted as a kind of page, so that a walk opens some
// of each kind and not all of one.
var steps = regexp.MustCompile(`/(?:[0-9A-Z]{10,}|[0-9a-f]{16,}|\d{4}-\w+)(?:/|$)|=[^&]*`)

func kindOf(path string) string { return steps.ReplaceAllString(path, "/*/") }

// aside are the pages that hold nothing for the clerk: the public's, and files.
var aside = regexp.MustCompile(`^/($|enterprises|projects|records|league|rulebooks|duties|open-data|accessibility|search|view|assets|api|statistics|login)|format=|/files/|/annotated|/proof|template`)

// never are addresses that are not pages.
var never = regexp.MustCompile(`^/(view|assets)`)

// walk opens pages from some starts on, at most each of a kind, and calls see.
func (k *clerk) walk(token string, each int, starts []string, see func(path string, a answer)) {
	c := k.as(token)
	seen, kinds := map[string]bool{}, map[string]int{}
	for i, queue := 0, starts; len(queue) > 0; i, queue = i+1, queue[1:] {
		path := queue[0]
		if seen[path] || i >= len(starts) && kinds[kindOf(path)] >= each || !k.wide && path != starts[0] && aside.MatchString(path) || never.MatchString(path) {
			continue
		}
		seen[path] = true
		kinds[kindOf(path)]++
		a := c.get(k.t.Context(), path)
		see(path, a)
		if to := a.to(); to != "" && !strings.HasPrefix(to, "/login") && !strings.HasPrefix(to, "/stepup") {
			queue = append(queue, to)
		}
		if a.status == http.StatusOK && strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			queue = append(queue, links(a.body)...)
		}
	}
}

var homes = []string{"/account", "/account/second", "/account/deputies", "/bureau/", "/enterprise/", "/committee/", "/admin/", "/enterprise-account", "/join", "/design", "/stepup"}

// texts are what the clerk writes into fields by their names.
func (k *clerk) text(name string) string {
	k.n++
	switch name {
	case "login":
		return strings.ToLower(fmt.Sprintf("neu.%s%04d", k.canary, k.n))
	case "name", "contact", "legal":
		return "李测试" + k.canary
	case "phone":
		return "13900001234"
	case "number", "identity":
		return idNumber(k.n)
	case "uscc":
		return "91230100MA1B2C3D4X"
	}
	return "测试内容" + k.canary + "第" + fmt.Sprint(k.n) + "项"
}

// idNumber is a valid 身份证号.
func idNumber(n int) string {
	body := fmt.Sprintf("230103%04d0%d1%d%03d", 1960+n/9%40, 1+n%9, n/360%9, n%1000)
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(body[i]-'0') * weight
	}
	return body + string("10X98765432"[sum%11])
}

var pdf = []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")

// fill fills a form in; turn chooses among the options of radios and lists.
func (k *clerk) fill(f htmlForm, turn int, fixed map[string]string) sending {
	s := sending{action: f.action, values: url.Values{}, upload: f.upload}
	for _, c := range f.controls {
		if v, ok := fixed[c.name]; ok {
			s.values.Set(c.name, v)
			continue
		}
		options := slices.DeleteFunc(slices.Clone(c.options), func(o string) bool { return o == "" })
		switch {
		case c.kind == "file":
			k.n++
			s.files = append(s.files, file{c.name, "说明" + k.canary + ".pdf", fmt.Appendf(nil, "%s%% %d\n", pdf, k.n)})
		case c.kind == "checkbox" && len(options) > 0:
			if c.required || c.checked || options[0] != "1" {
				s.values.Set(c.name, options[0])
			}
		case len(options) > 0:
			s.values.Set(c.name, options[turn%len(options)])
		case c.kind == "hidden", c.value != "":
			s.values.Set(c.name, c.value)
		case c.kind == "date":
			d := k.today()
			if c.name == "to" {
				d = d.AddDays(30)
			}
			s.values.Set(c.name, d.String())
		case c.required || c.kind == "textarea":
			s.values.Set(c.name, k.text(c.name))
		}
	}
	return s
}

func (k *clerk) today() (d day.Date) {
	if err := k.DB.Read(k.t.Context(), func(tx *db.Tx) error { d = tx.Today(); return nil }); err != nil {
		k.t.Fatal(err)
	}
	return d
}

// enter signs somebody in by both factors, as a browser does.
func (tn town) enter(t *testing.T, login string, h http.Handler) *client {
	t.Helper()
	c := newClient(h)
	one := tn.accounts[login]
	page := c.send(t, c.form(t, "/login", "/login", "login", login, "password", one.Password))
	if page.status != http.StatusOK {
		t.Fatalf("%s: password answered with %d", login, page.status)
	}
	code, err := identity.Code(one.Secret, time.Now().Add(30*time.Second)) // this half minute's was used up by joining
	if err != nil {
		t.Fatal(err)
	}
	list := forms("/login", page.body)
	s := sending{action: list[0].action, values: url.Values{"code": {code}}}
	for _, f := range list {
		if f.action != "/login/second" {
			continue
		}
		s.action = f.action
		for _, k := range f.controls {
			if k.kind == "hidden" {
				s.values.Set(k.name, k.value)
			}
		}
	}
	if a := c.send(t, s); a.status != http.StatusSeeOther {
		t.Fatalf("%s: code answered with %d: %s", login, a.status, complaint(a.body))
	}
	return c
}

// tally is what stands in the audit log: events that were done.
func (k *clerk) tally() (n int64, kinds string) {
	k.t.Helper()
	err := k.DB.Read(k.t.Context(), func(tx *db.Tx) (err error) {
		if n, err = db.Value[int64](k.t.Context(), tx, `SELECT COUNT(*) FROM audit_event WHERE outcome = 'done'`); err != nil || n == 0 {
			return err
		}
		kinds, err = db.Value[string](k.t.Context(), tx, `SELECT kind FROM audit_event WHERE outcome = 'done' ORDER BY id DESC LIMIT 1`)
		return err
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return n, kinds
}

// tags are the marks of a page, to be left out of what it says.
var tags = regexp.MustCompile(`<[^>]*>`)

// signSomebodyIn makes live sign-ins for others to end.
func (k *clerk) signSomebodyIn() {
	k.t.Helper()
	for _, login := range []string{"city1", "nangang1", "firm1", "secadmin1"} {
		k.enter(k.t, login, k.Handler())
	}
}

func (tn town) realNow(t *testing.T) (now time.Time) {
	t.Helper()
	if err := tn.DB.Read(t.Context(), func(tx *db.Tx) error { now = tx.Real; return nil }); err != nil {
		t.Fatal(err)
	}
	return now
}
