//go:build browser && !postgres

package app_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"juli/internal/web/webtest"
)

const sendButton = "main form[method=post] button[type=submit]"

// TestABrokenDoorIsFollowedInABrowser is the story of the broken door with the
// residents on a telephone, by the keyboard alone, and everybody else at a desk:
// each page that they come to is looked at (ACC-1, ACC-3).
func TestABrokenDoorIsFollowedInABrowser(t *testing.T) {
	d := newDoor(t)
	site := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { d.h.ServeHTTP(w, r) }) // as it is on that day
	phone, desk := webtest.Open(t, site), webtest.Open(t, site)
	phone.Width(360)
	desk.Width(1280)
	shown, n := map[string]bool{}, 0
	kind := regexp.MustCompile(`[0-9A-Z]{13,}|\d{4}-\d{6}-\d|at=\d+`)
	d.look = func(login, page string) {
		b := desk
		if login == "" {
			b = phone
		} else {
			d.people[cookieOf(login)] = d.people[login]
			b.Cookie("juli", cookieOf(login))
		}
		b.Go(page)
		n++
		b.Shot(fmt.Sprintf("door-%02d-%s%s.png", n, cookieOf(login), strings.ReplaceAll(kind.ReplaceAllString(page, "x"), "/", "-")))
		if key := login + kind.ReplaceAllString(page, ""); !shown[key] {
			shown[key] = true
			b.Check()
		}
	}
	d.send = func(page, action string, fill ...string) string {
		phone.Go(page)
		for i := 0; i+1 < len(fill); i += 2 {
			phone.Fill(fill[i], fill[i+1])
		}
		phone.Shot("door-form-" + strings.Trim(action, "/") + ".png")
		phone.Follow(sendButton, "[name=code]")
		code := shownCode.FindStringSubmatch(phone.Text("body"))
		if code == nil {
			t.Fatalf("%s shows no code", phone.Where())
		}
		phone.Check()
		phone.Fill("code", code[1])
		phone.Shot("door-code.png")
		phone.Follow(sendButton, ".timeline")
		phone.Check()
		return phone.Where()
	}
	d.rate = func(follow, solved, said string) {
		phone.Go(follow)
		phone.Fill("solved", solved)
		phone.Fill("satisfied", solved)
		if said != "" {
			phone.Fill("said", said)
		}
		phone.Shot("door-rate-" + solved + ".png")
		phone.Follow(sendButton, ".note, .timeline")
		phone.Check()
	}
	d.walk()
}

// cookieOf is a login that a cookie may carry.
func cookieOf(login string) string { return strings.NewReplacer(" ", "-", "'", "").Replace(login) }
