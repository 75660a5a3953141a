//go:build browser && !postgres

package app_test

import (
	"testing"

	"juli/internal/web/webtest"
)

// TestEveryPageIsAccessible opens every page of every role in a browser. Each is
// held to axe's rules and to a window of 320 px; a route's first one also to wide
// windows, dark and forced colours, a reader's own spacing and the elderly
// edition (ACC-1, ACC-3, ACC-6), and nothing is asked of other origins or kept in
// the browser (PI-7).
func TestEveryPageIsAccessible(t *testing.T) {
	s := newStage(t)
	all := make(chan page)
	list := s.pages(t)
	go func() {
		defer close(all)
		for _, p := range list {
			if open.MatchString(p.route) && !p.first && p.login != "city1" {
				continue // the public's pages differ by the name in the head alone
			}
			select {
			case all <- p:
			case <-t.Context().Done():
				return
			}
		}
	}()
	t.Run("windows", func(t *testing.T) {
		for _, name := range []string{"left", "right"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				b := webtest.Open(t, s.h)
				n := 0
				for p := range all {
					n++
					b.Cookie("juli", p.login)
					if p.login == "" {
						b.Forget("juli")
					}
					s.look(b, p)
				}
				if n < 50 || b.Requests() < n {
					t.Errorf("%d pages, %d requests", n, b.Requests())
				}
			})
		}
	})
}

// look opens one page and looks at it in every way.
func (s *stage) look(b *webtest.Browser, p page) {
	b.Width(320)
	b.Go(p.path)
	b.Check()
	b.Width(1280)
	b.Lost("")
	if !p.first {
		return
	}
	b.Kept()
	b.Check()
	b.Media("prefers-color-scheme=dark")
	b.Contrast(", dark")
	b.Media("forced-colors=active", "prefers-reduced-motion=reduce")
	b.Lost(", forced colours")
	b.Media()
	b.Width(1920)
	b.Lost("")
	b.Width(320)
	b.Spaced(true)
	b.Lost(", spaced")
	b.Cookie("juli-view", "large.0")
	b.Go(p.path)
	b.Check()
	tap := 44
	if p.path == "/" {
		tap = 60
	}
	b.Large(tap)
	b.Width(1280)
	b.Lost(", elderly edition")
	b.Large(tap)
	b.Forget("juli-view")
}
