//go:build browser

package web_test

import (
	"fmt"
	"net/http"
	"testing"

	"juli/internal/web/webtest"
)

func TestDesignPageInABrowser(t *testing.T) {
	b := webtest.Open(t, site().Handler(http.NewServeMux()))
	for _, view := range []string{"", "dark", "large.0", "large.2.dark"} {
		if view != "" {
			b.Cookie("juli-view", view)
		}
		for _, width := range []int{320, 360, 768, 1280, 1920} {
			b.Width(width)
			b.Go("/design")
			b.Check()
			b.Shot(fmt.Sprintf("design-%s-%d.png", view, width))
		}
	}
}
