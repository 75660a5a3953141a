//go:build !postgres

package app_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// ACC-7: every page of every role is well-formed, says its language, has one
// heading of its own, and marks dates as dates.
func TestEveryPageIsWellFormed(t *testing.T) {
	s := newStage(t)
	said := map[string]bool{}
	for _, p := range s.pages(t) {
		for _, why := range slices.Concat(crooked(p.body), dangling(p.body), bareDates(p.body), bareAmounts(p.body)) {
			if at := p.route + why; !said[at] {
				said[at] = true
				t.Errorf("%s: %s", p, why)
			}
		}
	}
}

// voids are the elements without an end.
var voids = strings.Fields("area base br col embed hr img input link meta source track wbr")

// crooked compares the tags as they are written with the tree that a browser
// makes of them: where they differ, the browser had to mend something.
func crooked(text string) (list []string) {
	var open, written, made []string
	z := html.NewTokenizer(strings.NewReader(text))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		token := z.Token()
		switch kind {
		case html.StartTagToken, html.SelfClosingTagToken:
			names := map[string]bool{}
			for _, a := range token.Attr {
				if names[a.Key] {
					list = append(list, fmt.Sprintf("<%s> has %s twice", token.Data, a.Key))
				}
				names[a.Key] = true
			}
			written = append(written, fmt.Sprint(len(open), token.Data))
			if kind == html.StartTagToken && !slices.Contains(voids, token.Data) {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				return append(list, fmt.Sprintf("</%s> closes nothing that is open: %v", token.Data, open))
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		list = append(list, fmt.Sprintf("never closed: %v", open))
	}
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return append(list, err.Error())
	}
	var down func(n *html.Node, depth int)
	down = func(n *html.Node, depth int) {
		for c := range n.ChildNodes() {
			if c.Type == html.ElementNode {
				made = append(made, fmt.Sprint(depth, strings.ToLower(c.Data)))
				down(c, depth+1)
			}
		}
	}
	down(doc, 0)
	for i := range min(len(written), len(made)) {
		if written[i] != made[i] {
			return append(list, fmt.Sprintf("a browser makes %s of %s, after %v", made[i], written[i], written[max(0, i-4):i]))
		}
	}
	return list
}

// inside are the elements that may not hold one another.
var inside = map[string][]string{"a": {"a", "button"}, "button": {"a", "button"}, "form": {"form"}, "label": {"label"}}

// dangling are ids that stand twice, references that lead nowhere, and what a
// page must have once.
func dangling(text string) (list []string) {
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return []string{err.Error()}
	}
	ids, count := map[string]int{}, map[string]int{}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			if n.Namespace == "" && !onPaper(n) {
				count[n.Data]++
			}
			if id := attr(n, "id"); id != "" {
				ids[id]++
			}
			for up := range n.Ancestors() {
				if slices.Contains(inside[up.Data], n.Data) {
					list = append(list, fmt.Sprintf("<%s> inside <%s>", n.Data, up.Data))
				}
			}
		}
		if n.Type == html.ElementNode && n.Data == "html" && attr(n, "lang") != "zh-CN" {
			list = append(list, "the page does not say its language")
		}
	}
	for id, n := range ids {
		if n > 1 {
			list = append(list, fmt.Sprintf("id %s stands %d times", id, n))
		}
	}
	for n := range doc.Descendants() {
		for _, key := range []string{"for", "aria-describedby", "aria-labelledby", "aria-controls", "headers"} {
			for _, id := range strings.Fields(attr(n, key)) {
				if ids[id] == 0 {
					list = append(list, fmt.Sprintf("<%s %s=%q> leads nowhere", n.Data, key, id))
				}
			}
		}
		if to, ok := strings.CutPrefix(attr(n, "href"), "#"); ok && n.Data == "a" && ids[to] == 0 {
			list = append(list, fmt.Sprintf("the link #%s leads nowhere", to))
		}
	}
	for _, one := range []string{"title", "h1", "main", "footer"} {
		if count[one] != 1 && (one != "h1" || !strings.Contains(text, `class="paper"`)) {
			list = append(list, fmt.Sprintf("%d <%s>", count[one], one))
		}
	}
	return list
}

// onPaper says whether a node is part of an official document shown on a page,
// which has a heading and a foot of its own.
func onPaper(n *html.Node) bool {
	for up := range n.Ancestors() {
		if attr(up, "class") == "paper" {
			return true
		}
	}
	return false
}

var aDate = regexp.MustCompile(`\b(19|20)\d\d-[01]\d-[0-3]\d\b`)

// undated are the elements in which a date is a value or a name, not a date.
var undated = strings.Fields("time code pre option textarea title script style")

func bareDates(text string) (list []string) {
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return []string{err.Error()}
	}
	for n := range doc.Descendants() {
		if n.Type != html.TextNode || !aDate.MatchString(n.Data) {
			continue
		}
		marked := false
		where := ""
		for up := range n.Ancestors() {
			marked = marked || slices.Contains(undated, up.Data)
			if len(where) < 40 {
				where += " < " + up.Data + "." + attr(up, "class")
			}
		}
		if !marked {
			list = append(list, fmt.Sprintf("a date that is not marked as one: %q%s", strings.TrimSpace(n.Data), where))
		}
	}
	return list
}

var anAmount = regexp.MustCompile(`^[+\-−]?[\d,]+\.\d{2,4}$`)

// unit is what a column or the text behind a figure must say.
var unit = regexp.MustCompile(`元|㎡|分|%|户|个|项|名|家|次|天|米|平方|占比|值`)

// bareAmounts are figures with decimals, money, areas or points, that do not say
// what they are of.
func bareAmounts(text string) (list []string) {
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return []string{err.Error()}
	}
	for n := range doc.Descendants() {
		if n.Type != html.TextNode || !anAmount.MatchString(strings.TrimSpace(n.Data)) {
			continue
		}
		said := false
		for up := range n.Ancestors() {
			said = said || unit.MatchString(attr(up, "data-th")) || slices.Contains([]string{"code", "pre", "textarea", "option", "svg"}, up.Data)
			if up.Data == "span" || up.Data == "b" || up.Data == "dd" || up.Data == "div" && attr(up.Parent, "class") == "facts" || up.Data == "p" || up.Data == "td" && attr(up, "data-th") == "" {
				said = said || unit.MatchString(textOf(up))
			}
		}
		if !said {
			list = append(list, fmt.Sprintf("an amount without its unit: %s in %s", strings.TrimSpace(n.Data), attr(n.Parent, "data-th")))
		}
	}
	return list
}

// ACC-5: every line of the statement says how it is kept; the docs name for each
// a test that is in the tree, the page none.
func TestTheStatementNamesItsTests(t *testing.T) {
	tn := newTown(t)
	body := newClient(tn.site).get(t.Context(), "/accessibility").body
	rows := regexp.MustCompile(`(?s)<tr role="row"><th role="rowheader"[^>]*>(.*?)</th><td[^>]*>(.*?)</td></tr>`).FindAllStringSubmatch(body, -1)
	if len(rows) < 20 || strings.Contains(body, "TestE") {
		t.Fatalf("%d lines", len(rows))
	}
	docs, err := os.ReadFile("../../docs/accessibility.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		_, after, _ := strings.Cut(string(docs), "| "+row[1]+" |")
		line, _, _ := strings.Cut(after, "\n")
		name := regexp.MustCompile(`Test\w+`).FindString(line)
		if len(row[1]) < 6 || len(row[2]) < 6 || name == "" || !declared(t, "internal/app", name) {
			t.Errorf("%s: %q by %q", row[1], row[2], line)
		}
	}
}

// ACC-4: who needs help finds it from the foot of a page: how to report, to look
// it up, to come by a code, and whom to call.
func TestTheFootLeadsToHelpForResidents(t *testing.T) {
	c := newClient(newTown(t).site)
	home := c.get(t.Context(), "/").body
	to := regexp.MustCompile(`class="help"[^>]*href="([^"]+)"|href="([^"]+)"[^>]*class="help"`).FindStringSubmatch(home)
	if to == nil || to[1]+to[2] != "/help" {
		t.Fatalf("the foot leads to %q", to)
	}
	a := c.get(t.Context(), "/help")
	for _, words := range []string{"反映问题，分三步", "没收到验证码", "长辈版", `href="tel:12345"`, `href="/report"`, `href="/report/find"`, `href="/accessibility"`} {
		if a.status != 200 || !strings.Contains(a.body, words) {
			t.Errorf("%d: the help lacks %s", a.status, words)
		}
	}
}
