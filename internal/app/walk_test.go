//go:build browser

package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"juli/internal/authz"
	"juli/internal/identity"
	"juli/internal/web/webtest"
)

// widths are a phone's and a desk's.
var widths = []int{1280, 360}

// A stop is one page of a walk: an address, or the first link on the page at
// that address which begins with link and has one more step.
type stop struct{ name, path, link string }

var publicWalk = []stop{
	{"home", "/", ""},
	{"enterprises", "/enterprises", ""},
	{"enterprise", "/enterprises", "/enterprises/"},
	{"projects", "/projects", ""},
	{"project", "/projects", "/projects/"},
	{"league", "/league", ""},
	{"rulebooks", "/rulebooks", ""},
	{"rulebook", "/rulebooks", "/rulebooks/"},
	{"duties", "/duties", ""},
	{"open-data", "/open-data", ""},
	{"search-hits", "/search?q=%E7%89%A9%E4%B8%9A", ""},
	{"search-none", "/search?q=%E4%B8%8D%E5%AD%98%E5%9C%A8%E7%9A%84", ""},
	{"accessibility", "/accessibility", ""},
	{"login", "/login", ""},
	{"join", "/join", ""},
	{"404", "/nowhere", ""},
}

var bureauWalk = []stop{
	{"home", "/bureau/", ""},
	{"records", "/bureau/records", ""},
	{"record", "/bureau/records", "/bureau/records/"},
	{"record-new", "/bureau/records/new", ""},
	{"records-many", "/bureau/records/many", ""},
	{"evaluations", "/bureau/evaluations", ""},
	{"evaluation", "/bureau/evaluations", "/bureau/evaluations/"},
	{"rulebooks", "/bureau/rulebooks", ""},
	{"filings", "/bureau/filings", ""},
	{"enterprises", "/bureau/enterprises", ""},
	{"enterprise", "/bureau/enterprises", "/bureau/enterprises/"},
	{"projects", "/bureau/projects", ""},
	{"project", "/bureau/projects", "/bureau/projects/"},
	{"overview", "/bureau/overview", ""},
	{"messages", "/bureau/messages", ""},
}

var cityWalk = append([]stop{
	{"simulate", "/bureau/simulate", ""},
	{"rulebook", "/bureau/rulebooks", "/bureau/rulebooks/"},
}, bureauWalk...)

var enterpriseWalk = []stop{
	{"home", "/enterprise/", ""},
	{"records", "/enterprise/records", ""},
	{"record", "/enterprise/records", "/enterprise/records/"},
	{"record-new", "/enterprise/records/new", ""},
	{"file", "/enterprise/file", ""},
	{"history", "/enterprise/file/history", ""},
	{"filings", "/enterprise/filings", ""},
	{"filing-new", "/enterprise/filings/new", ""},
	{"staff", "/enterprise/staff", ""},
	{"staff-new", "/enterprise/staff/new", ""},
	{"messages", "/enterprise/messages", ""},
}

var accountWalk = []stop{
	{"account", "/account", ""},
	{"password", "/account/password", ""},
	{"stepup", "/stepup", ""},
}

// TestWalk looks at the pages of every desk in one small city, at a phone's
// width and at a desk's (ACC-1, CSP-1).
func TestWalk(t *testing.T) {
	tn := newTown(t)
	t.Run("public", func(t *testing.T) { walk(t, webtest.Open(t, tn.site), "public", publicWalk) })
	for _, desk := range []struct {
		login string
		stops []stop
	}{
		{"city1", cityWalk},
		{"nangang1", bureauWalk},
		{"firm1", enterpriseWalk},
		{"secadmin1", accountWalk},
		{"sysadmin", accountWalk[:1]},
		{"auditadmin", accountWalk[:1]},
	} {
		t.Run(desk.login, func(t *testing.T) { walk(t, tn.signedIn(t, desk.login), desk.login, desk.stops) })
	}
	t.Run("AUT-2 a sign-in by password and dynamic code", tn.realSignIn)
}

// signedIn is a browser of somebody who gave both factors just now.
func (tn town) signedIn(t *testing.T, login string) *webtest.Browser {
	t.Helper()
	who := tn.actor(t, login)
	who.Second, who.StepUp = true, time.Now()
	b := webtest.Open(t, tn.HandlerAs(func(context.Context, string) (authz.Actor, error) { return who, nil }))
	b.Cookie("juli", "t")
	return b
}

func walk(t *testing.T, b *webtest.Browser, desk string, stops []stop) {
	t.Helper()
	b.Expect("404")
	b.Width(widths[0])
	for _, s := range stops {
		path := s.path
		if s.link != "" {
			if path = linked(b, s); path == "" && desk != "city1" && s.name == "evaluation" {
				continue // runs are the city's; a district sees that it has none
			}
			if path == "" {
				t.Errorf("%s: %s has no link to %s…", desk, s.path, s.link)
				continue
			}
		}
		for _, width := range widths {
			b.Width(width)
			b.Go(path)
			b.Check()
			b.Shot(fmt.Sprintf("%s-%s-%d.png", desk, s.name, width))
		}
	}
}

// linked is the address of the page that a list leads to.
func linked(b *webtest.Browser, s stop) string {
	b.Go(s.path)
	return webtest.Run(b, chromedp.Evaluate[string](fmt.Sprintf(`[...document.querySelectorAll("main a[href]")].map(a => a.getAttribute("href"))
		.find(h => h.startsWith(%q) && /^\w{10,}$/.test(h.slice(%d))) ?? ""`, s.link, len(s.link))))
}

// realSignIn goes through the two pages as a person does.
func (tn town) realSignIn(t *testing.T) {
	b := webtest.Open(t, tn.site)
	b.Width(360)
	me := tn.accounts["city1"]
	b.Go("/bureau/records")
	if at := b.Where(); !strings.HasPrefix(at, "/login") {
		t.Fatalf("a visitor stands at %s, not at the sign-in page", at)
	}
	b.Do(
		chromedp.SendKeys(chromedp.CSS("[name=login]"), me.Login),
		chromedp.SendKeys(chromedp.CSS("[name=password]"), me.Password),
		chromedp.Click(chromedp.CSS("main form button[type=submit]")),
		chromedp.WaitVisible(chromedp.CSS("[name=code]")),
	)
	b.Check()
	b.Shot("login-second-360.png")
	// The next step's code: this step's may be used up by the building of the city.
	code, err := identity.Code(me.Secret, time.Now().Add(30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	b.Do(
		chromedp.SendKeys(chromedp.CSS("[name=code]"), code),
		chromedp.Click(chromedp.CSS("main form button[type=submit]")),
		chromedp.WaitVisible(chromedp.CSS("#list")),
	)
	b.Check()
	b.Shot("login-in-360.png")
	if at := b.Where(); at != "/bureau/records" {
		t.Errorf("after the sign-in: %s", at)
	}
}
