package listing

import (
	"juli/internal/day"
)

// The counters of a subject, as rulebooks call them.
const (
	ConsecutiveBlack = "consecutive_black"
	BlackInWindow    = "black_in_window"
)

// A Showing is one published batch and where a subject stood in it.
type Showing struct {
	On    day.Date // of publication
	Sides Side     // of the batch
	At    Side     // "" : not in it
}

// Counters say how often a subject stood on the black list.
type Counters struct {
	Consecutive int // in a row, up to the newest batch
	InWindow    int // within the rulebook's time window
}

// Of is a counter by its name in the rulebook.
func (c Counters) Of(name string) int {
	if name == ConsecutiveBlack {
		return c.Consecutive
	}
	return c.InWindow
}

// Count counts a subject's showings, given from the oldest batch to the newest,
// as seen on a day. A batch that names the subject on the red list, or that has
// a black list without it, ends a row (worked example G4); a batch of red lists
// only, which does not name it, says nothing.
func Count(showings []Showing, today day.Date, window day.Term, cal *day.Calendar) Counters {
	var c Counters
	for _, s := range showings {
		switch {
		case s.On > today:
			continue
		case s.At == Black:
			c.Consecutive++
			if end, _ := cal.End(s.On, window); end >= today {
				c.InWindow++
			}
		case s.At == Red || s.Sides.Has(Black):
			c.Consecutive = 0
		}
	}
	return c
}

// Reached lists the follow-ups whose counter a new black entry has reached: from
// the threshold on, every further entry calls for it again.
func (b *Book) Reached(c Counters) []FollowUp {
	var out []FollowUp
	for _, f := range b.FollowUps {
		if c.Of(f.Counter) >= f.At {
			out = append(out, f)
		}
	}
	return out
}
