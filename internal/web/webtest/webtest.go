//go:build browser

package webtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// pageMax bounds every step of a walk.
const pageMax = 40 * time.Second

// A Browser is one Chromium window on one server, gone at the test's end.
type Browser struct {
	URL string // of the server, without a slash at its end

	t      testing.TB
	ctx    context.Context
	mu     sync.Mutex
	said   []string // console messages and errors
	strays []string // requests to other origins
	allow  []string
	width  int

	requests int
}

// Open serves h on loopback and opens a browser on it.
func Open(t testing.TB, h http.Handler) *Browser {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return OpenURL(t, server.URL)
}

// OpenURL opens a browser on a server that already runs.
func OpenURL(t testing.TB, url string) *Browser {
	t.Helper()
	b := &Browser{URL: strings.TrimSuffix(url, "/"), t: t, width: 1280}
	ctx, stop := chromedp.NewContext(t.Context(), chromedp.WithAllocatorOptions(
		chromedp.ExecPath(chromium(t)), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless,
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.WSURLReadTimeout(pageMax),
	))
	b.ctx = ctx
	t.Cleanup(stop)
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	b.Do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, log.Enable, cdp.Empty{})
		if err == nil {
			_, err = chromedp.Call(ctx, network.Enable, network.EnableParams{})
		}
		return err
	}))
	b.Width(b.width)
	return b
}

func chromium(t testing.TB) string {
	for _, name := range []string{"chromium", "google-chrome", "chromium-browser"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no Chromium: run make test, which installs it")
	return ""
}

func (b *Browser) listen(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *log.EventEntryAdded:
		b.hear(fmt.Sprintf("%s %s: %s", e.Entry.Level, e.Entry.Source, e.Entry.Text))
	case *runtime.EventExceptionThrown:
		b.hear("exception: " + e.ExceptionDetails.Text)
	case *network.EventRequestWillBeSent:
		b.requests++
		if u := e.Request.URL; !strings.HasPrefix(u, b.URL+"/") && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "about:") {
			b.strays = append(b.strays, u)
		}
	}
}

func (b *Browser) hear(text string) {
	for _, ok := range b.allow {
		if strings.Contains(text, ok) {
			return
		}
	}
	b.said = append(b.said, text)
}

// Expect lets console messages pass that contain text: a refused form's 422 is
// one that browsers report.
func (b *Browser) Expect(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.allow = append(b.allow, text)
}

// Width sets the window's width; the page is as long as it likes.
func (b *Browser) Width(w int) {
	b.t.Helper()
	b.width = w
	b.Do(chromedp.EmulateViewport(int64(w), 900))
}

// Do runs steps or fails the test.
func (b *Browser) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, pageMax)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

// Run is the value of an action, such as chromedp.Text.
func Run[T any](b *Browser, a chromedp.Action[T]) T {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, pageMax)
	defer stop()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		b.t.Fatalf("browser: %v", err)
	}
	return v
}

// Go opens a page of the server.
func (b *Browser) Go(path string) {
	b.t.Helper()
	b.Do(chromedp.Navigate(b.URL + path))
}

// Text is what the first element of the CSS selector says.
func (b *Browser) Text(css string) string {
	b.t.Helper()
	return Run(b, chromedp.TextContent(chromedp.CSS(css)))
}

// Where is the address shown, without the server.
func (b *Browser) Where() string {
	b.t.Helper()
	return strings.TrimPrefix(Run(b, chromedp.Location()), b.URL)
}

// Cookie gives the browser a cookie, such as a session's.
func (b *Browser) Cookie(name, value string) {
	b.t.Helper()
	b.Do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: b.URL + "/", HTTPOnly: new(true)})
		return err
	}))
}

// Before has every page run a script of ours first, such as one that counts.
func (b *Browser) Before(script string) {
	b.t.Helper()
	b.Do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, page.Enable, page.EnableParams{}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	}))
}

// Shot saves a picture of the whole page under $JULI_SHOTS; without it, nothing.
func (b *Browser) Shot(name string) {
	b.t.Helper()
	dir := os.Getenv("JULI_SHOTS")
	if dir == "" {
		return
	}
	picture := Run(b, chromedp.FullScreenshot(100))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// A Violation is one rule that axe found broken.
type Violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML           string
		FailureSummary string
	}
}

// tags are the rules of axe that a page is held to.
const tags = `{type: "tag", values: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}`

// Axe is what axe-core finds wrong with the page as it stands now.
func (b *Browser) Axe() []Violation {
	b.t.Helper()
	return b.axe(tags)
}

func (b *Browser) axe(only string) []Violation {
	b.t.Helper()
	if !Run(b, chromedp.Evaluate[bool]("!!window.axe")) {
		Run(b, chromedp.Evaluate[any](axeSource(b.t)+";undefined"))
	}
	text := Run(b, chromedp.Evaluate[string](`axe.run(document, {resultTypes: ["violations"], runOnly: `+only+`, rules: {"target-size": {enabled: true}}})
		.then(r => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise))
	var found []Violation
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		b.t.Fatalf("axe: %v", err)
	}
	return found
}

func (b *Browser) report(found []Violation, where string) {
	b.t.Helper()
	for _, v := range found {
		for i, n := range v.Nodes {
			if i == 5 {
				b.t.Errorf("%s: axe %s: … and %d more", where, v.ID, len(v.Nodes)-5)
				break
			}
			b.t.Errorf("%s: axe %s (%s): %s\n\t%s\n\t%s", where, v.ID, v.Impact, v.Help, n.HTML, n.FailureSummary)
		}
	}
}

// Check fails the test for all that is wrong with the page: see the package.
func (b *Browser) Check() {
	b.t.Helper()
	where := fmt.Sprintf("%s at %d px", b.Where(), b.width)
	b.report(b.Axe(), where)
	b.Lost("")
	b.Quiet()
}

// Quiet fails the test for what the console said and for requests to elsewhere.
func (b *Browser) Quiet() {
	b.t.Helper()
	where := b.Where()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.said {
		b.t.Errorf("%s: console: %s", where, text)
	}
	for _, url := range b.strays {
		b.t.Errorf("%s: request to another origin: %s", where, url)
	}
	b.said, b.strays = nil, nil
}

var axeText struct {
	sync.Once
	source string
	err    error
}

// axeSource reads axe-core from the repository's node_modules.
func axeSource(t testing.TB) string {
	t.Helper()
	axeText.Do(func() {
		dir, _ := os.Getwd()
		for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			text, err := os.ReadFile(filepath.Join(dir, "node_modules/axe-core/axe.min.js"))
			if axeText.err = err; err == nil {
				axeText.source = string(text)
				return
			}
		}
	})
	if axeText.err != nil {
		t.Fatalf("axe-core is missing; run make test, which fetches it: %v", axeText.err)
	}
	return axeText.source
}
