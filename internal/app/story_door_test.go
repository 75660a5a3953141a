package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/notify"
)

// A door is the story of a broken door: an estate whose people come to every page
// by what stands on their desks, never by an address that they know.
type door struct {
	*estate
	number string // of the report
	first  string // the link that the first resident kept
	second string

	look func(login, page string)                         // with a browser, if the story is walked with one
	send func(page, action string, fill ...string) string // how a resident reports; tells where that led
	rate func(follow, solved, said string)
}

func (d *door) looks(login, page string) {
	if d.look != nil {
		d.look(login, page)
	}
}

// day turns the calendar, and lets the program do what it does by the clock.
func (d *door) day(date string) {
	d.t.Helper()
	d.on(date)
	ctx := d.t.Context()
	d.must(d.now.Reports.Advance(ctx))
	for more := true; more; {
		d.must(d.now.DB.Write(ctx, func(tx *db.Tx) (err error) { _, more, err = d.now.Cases.AdvanceIn(ctx, tx); return err }))
	}
	_, err := d.now.Listing.Advance(ctx)
	d.must(err)
	d.settle()
}

// desks are where each of the story's people begins.
var desks = map[string]string{"the firm": "/enterprise/", "committee1": "/committee/"}

func (d *door) home(login string) string {
	if home := desks[login]; home != "" {
		return home
	}
	return "/bureau/"
}

// lines are where the lines of somebody's to-do list lead that say all the words:
// the first page of the desk is opened and its pages are turned to the end.
func (d *door) lines(login string, words ...string) (list []string) {
	d.t.Helper()
	for path := d.home(login); path != ""; {
		page := d.reads(login, path)
		for _, ul := range nodesOf(page, "ul", "todo") {
			for li := range ul.ChildNodes() {
				if to, _, _ := strings.Cut(hrefIn(li), "#"); to != "" && saysAll(li, words) {
					list = append(list, to)
				}
			}
		}
		path = nextPage(page)
	}
	return list
}

// led is where the first such line leads; there has to be one.
func (d *door) led(login string, words ...string) string {
	d.t.Helper()
	list := d.lines(login, words...)
	d.looks(login, d.home(login))
	if len(list) == 0 {
		d.t.Fatalf("nothing on the to-do list of %s says %q", login, words)
	}
	return list[0]
}

// waits says whether a line with the words stands on somebody's to-do list.
func (d *door) waits(login string, words ...string) bool {
	d.t.Helper()
	return len(d.lines(login, words...)) > 0
}

func nodesOf(page, element, class string) (list []*html.Node) {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == element && (class == "" || attr(n, "class") == class) {
			list = append(list, n)
		}
	}
	return list
}

func words(n *html.Node) string {
	var b strings.Builder
	for x := range n.Descendants() {
		if x.Type == html.TextNode {
			b.WriteString(x.Data)
		}
	}
	return b.String()
}

func saysAll(n *html.Node, list []string) bool {
	text := words(n)
	for _, w := range list {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func hrefIn(n *html.Node) string {
	for x := range n.Descendants() {
		if x.Data == "a" {
			return attr(x, "href")
		}
	}
	return ""
}

func nextPage(page string) string {
	for _, a := range nodesOf(page, "a", "") {
		if attr(a, "rel") == "next" {
			return attr(a, "href")
		}
	}
	return ""
}

// link follows the link of a page that says all the words.
func (d *door) link(login, page string, say ...string) string {
	d.t.Helper()
	d.looks(login, page)
	for _, a := range nodesOf(d.reads(login, page), "a", "") {
		if saysAll(a, say) && strings.HasPrefix(attr(a, "href"), "/") {
			to, _, _ := strings.Cut(attr(a, "href"), "#")
			return to
		}
	}
	d.t.Fatalf("%s finds no link %q on %s", login, say, page)
	return ""
}

func (d *door) says(login, page string, want ...string) {
	d.t.Helper()
	d.looks(login, page)
	body := tags.ReplaceAllString(d.reads(login, page), "")
	for _, w := range want {
		if !strings.Contains(body, w) {
			d.t.Errorf("%s reads on %s nothing of %q", login, page, w)
		}
	}
}

// takes fills in the form of a page that posts to the page itself.
func (d *door) takes(login, page string, fill ...string) string {
	d.t.Helper()
	d.looks(login, page)
	return d.does(login, page, page, fill...)
}

// texts are the short messages that went out since the last time, by telephone.
func (d *door) texts() map[string]string {
	d.t.Helper()
	dir := d.t.TempDir()
	_, err := d.now.Reports.SendTexts(d.t.Context(), notify.TextFile{Dir: dir})
	d.must(err)
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	d.must(err)
	all := map[string]string{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		d.must(err)
		var m map[string]string
		d.must(json.Unmarshal(raw, &m))
		all[m["phone"]] += m["text"]
	}
	return all
}

const (
	anna = "13912340001"
	bob  = "13912340002"
)

// A resident reports a broken door, a second one joins, the enterprise answers,
// the community re-checks, the first resident says that it isn't mended, it is
// opened again, the deadline passes, the district issues a measure, the credit
// page explains the points, the next black list names the project with the
// enterprise's reply beside it; and each of these people was led there by the
// to-do list alone (issue 3).
func TestABrokenDoorIsFollowedByTheToDoListsAlone(t *testing.T) {
	newDoor(t).walk()
}

func newDoor(t *testing.T) *door {
	d := &door{estate: newEstate(t)}
	d.send = d.confirmed
	d.rate = func(follow, solved, said string) {
		d.does("", follow, "/report/follow", "solved", solved, "satisfied", solved, "said", said)
	}
	for _, login := range []string{"city1", "city2"} {
		who := d.actor(t, login)
		who.Second, who.StepUp = true, d.DB.Real()
		d.people[login] = who
	}
	d.people["the district's second"] = twin(d.people["the district"])
	return d
}

func (d *door) walk() {
	d.day("2021-08-02")
	d.residentsReport()
	d.enterpriseMends()
	d.residentSaysNo()
	d.districtSupervises()
	d.districtMeasures()
	d.creditExplains()
	d.blackList()
}

// twin is another person of the same body.
func twin(who authz.Actor) authz.Actor {
	who.Account, who.Person = who.Account+1000, who.Person+1000
	return who
}
