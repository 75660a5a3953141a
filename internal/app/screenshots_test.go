//go:build browser

package app_test

import (
	"context"
	"os"
	"testing"

	"juli/internal/authz"
	"juli/internal/web/webtest"
)

// TestScreenshots photographs the running demo for the READMEs: into
// $JULI_SCREENSHOTS (make screenshots), else into a folder of its own.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("JULI_SCREENSHOTS")
	if dir == "" {
		dir = t.TempDir()
	}
	t.Setenv("JULI_SHOTS", dir)
	tn := newTown(t)
	who := tn.actor(t, "city1")
	who.Second, who.StepUp = true, tn.DB.Real()
	b := webtest.Open(t, tn.HandlerAs(func(context.Context, string) (authz.Actor, error) { return who, nil }))
	b.Cookie("juli", "t")
	for _, p := range []struct {
		path, name string
		width      int
	}{
		{"/bureau/overview", "overview.png", 1280},
		{"/bureau/", "todo.png", 1280},
		{"/league", "league.png", 1280},
		{"/league", "league-360.png", 360},
	} {
		b.Width(p.width)
		b.Go(p.path)
		b.Shot(p.name)
		if info, err := os.Stat(dir + "/" + p.name); err != nil || info.Size() < 10_000 {
			t.Errorf("%s: no picture, %v", p.name, err)
		}
	}
}
