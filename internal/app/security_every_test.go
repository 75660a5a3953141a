//go:build !postgres

package app_test

import (
	"slices"
	"strings"
	"testing"
)

// TestEveryForm fills in every form of every desk in one small city, as the
// people whose desks they are:
//
//	AUT-2  a session of one factor changes nothing
//	AZ-3   a form with a field too many is refused
//	SES-4  with an old second factor, where the matrix wants a fresh one: nothing
//	AUD-1  an act writes its event; where the event can't be written, nothing is
//	MON-3  the same form again changes nothing
func TestEveryForm(t *testing.T) {
	tn := newTown(t)
	firms := tn.logins(t, "qiye-", 4)
	x := &trial{clerk: newClerk(t, tn, slices.Concat(everybody, firms)...), done: map[string]int{}, why: map[string]string{}, fresh: map[string]bool{}, tried: map[string]int{}, lately: map[string]int{}, muted: map[string]int{}, next: map[string][]string{}}
	x.signSomebodyIn()
	for round := range 6 {
		for _, login := range slices.Concat([]string{""}, everybody, firms) {
			if len(x.missing()) > 0 {
				x.desk(login, round)
			}
		}
		if round%2 == 1 { // what was asked for is worked off
			if err := tn.Jobs.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, p := range x.missing() {
		t.Errorf("POST %s: never done; tried %d times, last: %s", p, x.tried[p], x.why[p])
	}
	var stood []string
	for p := range x.fresh {
		stood = append(stood, p)
	}
	slices.Sort(stood)
	if !slices.Equal(stood, stepUps) {
		t.Errorf("routes that want a fresh second factor:\n%s\nwant\n%s", strings.Join(stood, "\n"), strings.Join(stepUps, "\n"))
	}
	t.Logf("%d of %d posting routes done, %d forms with a field too many refused", len(x.done), len(x.post), x.refused)
}
