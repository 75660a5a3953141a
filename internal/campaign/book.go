package campaign

import (
	"context"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
	"juli/internal/rulebook"
)

// A Book is the rulebook of inspections: checklists, deadlines, the draw.
type Book struct {
	*rulebook.Document
	Banner     string
	Inspectors []authz.Role // whose officials are drawn
	Each       int          // inspectors of one inspection
	Avoid      day.Term     // so long after working there somebody is not sent there
	Weight     money.Points // of a project whose grade says nothing
	Terms      Terms
	Pass       money.Points
	Winter     Season
	Deadlines  []Deadline
	Sections   []Section
}

// Terms are how long each step may take.
type Terms struct{ Approve, Draw, Start, Inspect, Confirm, Recheck, Conclude day.Term }

// A Season lies between two days of the year, written 10-15, both included.
type Season struct{ From, To string }

// Has tells whether the season holds a day.
func (s Season) Has(d day.Date) bool {
	on := d.String()[5:]
	if s.From <= s.To {
		return s.From <= on && on <= s.To
	}
	return s.From <= on || on <= s.To
}

// A Deadline is one choice for how soon a finding is to be mended.
type Deadline struct {
	Code, Title string
	Term        day.Term
}

// A Section is a part of the checklist; Season "" holds the whole year.
type Section struct {
	Code, Title, Season string
	Points              money.Points
	Items               []Item
}

// An Item is one thing to look at. Violation is its code in the catalogue of
// violations, Group the catalogue's group.
type Item struct {
	Code, Title, Violation, Group, Basis, Deadline string
	Points                                         money.Points
	Section                                        string // its title
	Mark                                           rulebook.Mark
}

// Checklist is what is looked at on a day: the sections of the season, and of
// them only the chosen items; none chosen are all.
func (b *Book) Checklist(on day.Date, chosen []string) []Item {
	season := "summer"
	if b.Winter.Has(on) {
		season = "winter"
	}
	want := map[string]bool{}
	for _, c := range chosen {
		want[c] = true
	}
	var out []Item
	for _, s := range b.Sections {
		if s.Season != "" && s.Season != season {
			continue
		}
		for _, it := range s.Items {
			if len(want) == 0 || want[it.Code] {
				out = append(out, it)
			}
		}
	}
	return out
}

// Item finds an item by its code.
func (b *Book) Item(code string) (Item, bool) {
	for _, s := range b.Sections {
		for _, it := range s.Items {
			if it.Code == code {
				return it, true
			}
		}
	}
	return Item{}, false
}

// Deadline finds a choice by its code.
func (b *Book) Deadline(code string) (Deadline, bool) {
	for _, d := range b.Deadlines {
		if d.Code == code {
			return d, true
		}
	}
	return Deadline{}, false
}

// Books finds the rulebook of a city.
type Books struct{ City code.Division }

// InForce is the book that holds on a day.
func (s *Books) InForce(ctx context.Context, tx *db.Tx, on day.Date) (*Book, error) {
	v, err := rulebook.InForce(ctx, tx, kindName, s.City, on)
	if err != nil {
		return nil, err
	}
	return s.ByDigest(ctx, tx, v.Digest)
}

// kept are the books that were read: their texts never change.
var kept = db.NewKept[string, *Book](16)

// ByDigest is the book of a digest, as campaigns remember it.
func (s *Books) ByDigest(ctx context.Context, tx *db.Tx, digest string) (*Book, error) {
	return kept.Get(ctx, tx, digest, func() (*Book, error) {
		v, err := rulebook.ByDigest(ctx, tx, digest)
		if err != nil {
			return nil, err
		}
		text, err := rulebook.TextOf(ctx, tx, v.ID)
		if err != nil {
			return nil, err
		}
		return Parse(text)
	})
}
