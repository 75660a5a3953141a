//go:build browser && !postgres

package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"juli/internal/credit"
	"juli/internal/identity"
	"juli/internal/web/webtest"
)

// A hand does tasks in a browser by the keyboard alone.
type hand struct {
	*stage
	t *testing.T
	*webtest.Browser
	scripts bool
}

// be makes the browser somebody's, on a page.
func (h hand) be(login, path string) {
	h.Cookie("juli", login)
	if login == "" {
		h.Forget("juli")
	}
	h.Go(path)
}

// sees fails the test unless the page says words.
func (h hand) sees(words string) {
	h.t.Helper()
	if text := h.Text("body"); !strings.Contains(text, words) {
		h.t.Errorf("%s does not say %s", h.Where(), words)
	}
}

// submit is the button of the form with that action, "" for the page's only one.
func submit(action string) string {
	if action == "" {
		return "main form.ask button[type=submit]"
	}
	return `main form[action="` + action + `"] button[type=submit]`
}

// said is where a page tells that something was done.
const said = "main > [role=status]"

var tasks = []struct {
	name string
	do   func(h hand)
}{
	{"search and open an enterprise", hand.search},
	{"sign in by two factors and out again", hand.signIn},
	{"propose a record with evidence", hand.propose},
	{"identify a proposed record", hand.identify},
	{"object as an enterprise", hand.object},
	{"mend a refused form", hand.mend},
	{"run an evaluation and publish it", hand.publish},
	{"change to the elderly edition and back", hand.change},
	{"filter, sort and export a list", hand.list},
	{"suspend an account", hand.suspend},
}

// TestTasksByKeyboard does the main tasks by Tab, Enter, Space, arrows and typing
// (ACC-2), and once more without scripts in a window of 320 px, which is 400 %
// zoom (ACC-3).
func TestTasksByKeyboard(t *testing.T) {
	for _, way := range []struct {
		name    string
		scripts bool
		width   int
	}{{"with scripts", true, 1280}, {"ACC-3 without scripts at 320 px", false, 320}} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			b := webtest.Open(t, s.h)
			b.Expect("422")
			b.Width(way.width)
			b.Scripts(way.scripts)
			for _, task := range tasks {
				t.Run(task.name, func(t *testing.T) {
					s.t = t
					task.do(hand{s, t, b.In(t), way.scripts})
				})
			}
			b.Quiet()
		})
	}
}

func (h hand) search() {
	h.be("", "/")
	h.TabTo("a.skip")
	h.Press(kb.Enter)
	h.be("", "/")
	h.Fill("q", "物业")
	h.Do(webtest.Key(kb.Enter), chromedp.WaitVisible(chromedp.CSS(`main a[href^="/enterprises/"]`)))
	h.Follow(`main a[href^="/enterprises/9"]`, ".grade")
	h.sees("信用等级")
}

func (h hand) signIn() {
	h.be("", "/")
	me := h.accounts["city2"]
	own := webtest.Open(h.t, h.site)
	own.Scripts(h.scripts)
	own.Width(360)
	own.Go("/bureau/records")
	own.Fill("login", me.Login)
	own.Fill("password", me.Password)
	own.Follow(submit(""), "[name=code]")
	code, err := identity.Code(me.Secret, time.Now().Add(30*time.Second))
	if err != nil {
		h.t.Fatal(err)
	}
	own.Fill("code", code)
	own.Follow(submit(""), "#list")
	own.Kept()
	own.TabTo("details.menu > summary")
	own.Do(webtest.Key(kb.Enter), chromedp.WaitVisible(chromedp.CSS(`form[action="/logout"] button`)))
	own.Follow(`form[action="/logout"] button`, said)
	own.Kept()
	if text := own.Text(said); !strings.Contains(text, "您已退出登录") {
		h.t.Errorf("after signing out: %s", text)
	}
}

func (h hand) propose() {
	paper := filepath.Join(h.t.TempDir(), "认定书.pdf")
	if err := os.WriteFile(paper, append(pdf, h.t.Name()...), 0o600); err != nil {
		h.t.Fatal(err)
	}
	h.be("nangang1", "/bureau/records/new?item=HRB-V01")
	h.Fill("enterprise", (&trial{clerk: h.clerk}).firmOf("nangang1"))
	h.Fill("event", "2021-07-28")
	h.Fill("summary", "撤离小区时未办理交接")
	h.Fill("document_number", "哈住建认〔2021〕88号")
	h.Fill("document_issuer", "哈尔滨市住房和城乡建设局")
	h.Fill("document_date", "2021-07-30")
	h.TabTo("[name=files]") // the window that chooses a file is the system's
	h.Do(chromedp.SetUploadFiles(chromedp.CSS("[name=files]"), []string{paper}))
	h.Fill("then", "propose")
	h.Follow(submit(""), ".timeline")
	h.sees("认定书.pdf")
	h.proposed = strings.TrimSuffix(h.Where(), "/edit")
}

func (h hand) identify() {
	h.be("city1", h.proposed)
	h.Fill("act", credit.ActIdentify)
	h.Fill("note", "证据充分")
	h.Follow(submit(h.Where()), said)
}

func (h hand) object() {
	var at string
	for _, to := range links(h.reads("firm1", "/enterprise/records")) {
		if strings.HasPrefix(to, "/enterprise/records/") && strings.Contains(h.as("firm1").get(h.t.Context(), to).body, "/object\"") {
			at = to
		}
	}
	h.be("firm1", at)
	h.Follow(`main a[href$="/object"]`, "[name=ground]")
	h.Fill("ground", "wrong_facts")
	h.Fill("text", "交接是对方不到场")
	h.Follow(submit(""), said)
}

// mend sends a form too early, follows the summary to the field, and sends it again.
func (h hand) mend() {
	h.be("firm1", "/enterprise/filings/new?subject=enterprise")
	h.Fill("name", " ")
	h.Press(kb.Backspace)
	h.Follow(submit(""), ".errors")
	h.sees("处需要修改")
	h.Lost("")
	if first := ".errors a"; !h.scripts {
		h.TabTo(first)
	} else if at := webtest.Run(h.Browser, chromedp.Evaluate[string]("document.activeElement.className")); at != "errors" {
		h.t.Errorf("after a refusal the focus is on %q", at)
	}
	h.TabTo(`.errors a[href="#f-name"]`)
	asked := h.Requests()
	h.Press(kb.Enter)
	h.TabTo("[name=name]")
	h.Fill("name", "哈尔滨改名物业管理有限公司")
	if more := h.Requests() - asked; more > 0 {
		h.t.Errorf("the way from the summary to the field made %d requests", more)
	}
	h.Follow(submit(""), said)
}

func (h hand) publish() {
	h.be("city1", "/bureau/evaluations")
	h.Fill("purpose", credit.ForCorrection)
	h.Fill("on", "2021-06-30")
	h.Fill("why", "更正")
	h.Follow(submit("/bureau/evaluations"), ".job")
	run := h.Where()
	h.Lost("")
	h.settle()
	h.be("city1", run)
	h.Do(chromedp.WaitVisible(chromedp.CSS("[name=why]")))
	result := h.Where()
	h.Fill("why", "本期结果")
	h.Follow(submit(result+"/propose"), said)
	h.be("city2", result)
	h.Fill("decision", "publish")
	h.Follow(`main form[action^="/bureau/publications/"] button[type=submit]`, said)
	h.settle()
}

func (h hand) change() {
	h.be("", "/enterprises")
	h.TabTo(`.who a[href^="/view?large=1"]`)
	h.Do(webtest.Key(kb.Enter), chromedp.WaitVisible(chromedp.CSS(".zoom")))
	h.be("", "/projects") // remembered
	h.Follow(`.zoom a[href^="/view?zoom=2"]`, "html.zoom2 .zoom")
	h.Follow(`.zoom a[href^="/view?large=0"]`, "html:not(.large) main")
	h.Follow(`.themes a[href^="/view?theme=dark"]`, "html[data-theme=dark] main")
	h.Follow(`.themes a[href^="/view?theme=auto"]`, "html:not([data-theme]) main")
}

func (h hand) list() {
	h.be("city1", "/bureau/enterprises")
	h.Follow("th[aria-sort] a", "th[aria-sort=ascending], th[aria-sort=descending]")
	h.TabTo(".filters [name=q]")
	h.Press("物业")
	h.Follow(".filters button", ".chip.lift")
	if at := h.Where(); !strings.Contains(at, "q=") {
		h.t.Errorf("the list's address is %s", at)
	}
	h.TabTo(`.export a[href*="format=csv"]`)
	h.Kept()
}

func (h hand) suspend() {
	h.be("secadmin1", "/admin/people")
	h.Follow(`main tbody a[href^="/admin/people/"]`, "main")
	at := h.Where()
	h.TabTo("#f-suspend-reason")
	h.Press("岗位调整")
	h.Follow(submit(at+"/suspend"), said)
}
