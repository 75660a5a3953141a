package app_test

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"juli/internal/web"
)

// injections are what a hostile address asks for.
var injections = []string{
	"'", `"`, "' OR '1'='1", "1; DROP TABLE enterprise; --", "1) UNION SELECT login, secret FROM identity_account --",
	"name desc", "name;", "id DESC, (SELECT 1)", "sleep(5)", "pg_sleep(5)", "CASE WHEN 1=1 THEN name ELSE code END",
	"%27", "\\", "\x00", "\xff", "a\nb", "＇", "{{7*7}}", "${7*7}", "../../etc/passwd", "-1", "1e9", "NaN", "<script>alert(1)</script>", strings.Repeat("a", 5000),
}

// spilled are words that only a database or a stack trace says.
var spilled = []string{"syntax error", "no such column", "unrecognized token", "SQLSTATE", "SQLITE", "pq:", "SELECT ", "unterminated", "goroutine ", "runtime error"}

// free are the parameters that take any short text, and why.
var free = map[string]string{
	"q": "a search",
}

// codes are the parameters that take a well-formed code, known or not.
var codes = map[string]*regexp.Regexp{"enterprise": web.LikeCode, "project": web.LikeCode, "item": web.LikeCode, "request": web.LikeCode}

// filters reads the name of every filter from the desks' sources.
func filters(t *testing.T) []string {
	t.Helper()
	names := map[string]bool{}
	for _, n := range []string{"q", "sort", "after", "back", "row", "format"} {
		names[n] = true
	}
	files, err := filepath.Glob("../web/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	literal := regexp.MustCompile(`\{Name: "([a-z_-]+)"`)
	fixed := regexp.MustCompile(`Fixed: +\[\]string\{([^}]*)\}`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "ListSpec{") && !strings.Contains(string(text), "web.Filter{") {
			continue
		}
		for _, m := range literal.FindAllStringSubmatch(string(text), -1) {
			names[m[1]] = true
		}
		for _, m := range fixed.FindAllStringSubmatch(string(text), -1) {
			for word := range strings.SplitSeq(m[1], ",") {
				names[strings.Trim(word, ` "`)] = true
			}
		}
	}
	var list []string
	for n := range names {
		list = append(list, n)
	}
	slices.Sort(list)
	return list
}

// INP-8, every list × every parameter × what a hostile address asks for: a
// condition that the list does not know is refused with its name, nothing
// reaches the database as SQL, and nothing of the database reaches the page.
func TestListsTakeOnlyWhatTheyKnow(t *testing.T) {
	tn := newTown(t)
	names := filters(t)
	asked, lists := 0, 0
	seen := map[string]bool{}
	for _, login := range []string{"", "city1", "nangang1", "firm1", "sysadmin", "secadmin1", "auditadmin"} {
		site, token := tn.site, ""
		if login != "" {
			who := tn.actor(t, login)
			who.Second = true
			site, token = as(tn, who), "t"
		}
		ask := func(path, name, value string) (int, string) {
			res := tn.get(t, site, route{http.MethodGet, path + "?" + url.Values{name: {value}}.Encode()}, token)
			text, _ := io.ReadAll(res.Body)
			asked++
			return res.StatusCode, string(text)
		}
		for _, r := range routes(t) {
			path := strings.ReplaceAll(r.path, "{$}", "")
			if r.method != http.MethodGet || strings.Contains(path, "{") || seen[path] {
				continue
			}
			if status, _ := ask(path, "no-such-filter", "1"); status != http.StatusBadRequest {
				continue // no list, or not this person's
			}
			seen[path] = true
			lists++
			for _, name := range names {
				tn.inject(t, ask, path, name)
			}
		}
	}
	if lists < 12 || asked < 2000 {
		t.Errorf("only %d lists found, %d requests", lists, asked)
	}
	t.Logf("%d lists, %d requests", lists, asked)
}

func (tn town) inject(t *testing.T, ask func(path, name, value string) (int, string), path, name string) {
	t.Helper()
	if status, _ := ask(path, name, ""); status >= 400 {
		return // not a parameter of this list
	}
	for _, value := range injections {
		status, text := ask(path, name, value)
		at := fmt.Sprintf("%s?%s=%.40q", path, name, value)
		if status >= 500 {
			t.Errorf("%s: %d", at, status)
		}
		for _, word := range spilled {
			if strings.Contains(html.UnescapeString(text), word) && !strings.Contains(value, word) {
				t.Errorf("%s: the page says %q", at, word)
			}
		}
		if status == http.StatusBadRequest && !strings.Contains(text, "网址") {
			t.Errorf("%s: the refusal names nothing", at)
		}
		if status < 300 && free[name] == "" && (codes[name] == nil || !codes[name].MatchString(value)) {
			t.Errorf("%s: taken with %d", at, status)
			return
		}
	}
}
