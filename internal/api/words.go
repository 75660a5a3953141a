package api

import (
	"strings"

	"juli/internal/day"
	"juli/internal/money"
	"juli/internal/registry"
)

// A Page asks for a part of a list.
type Page struct {
	After string `query:"after" maxLength:"400" doc:"上一页答复中的 next；第一页不填"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"每页条数"`
}

// A List is one page of a list.
type List[T any] struct {
	Items []T    `json:"items" nullable:"false" doc:"本页的条目"`
	Next  string `json:"next,omitempty" doc:"下一页的 after；没有下一页时不出现" example:"91230103MA0000005W~nangangwuye"`
	Total *int64 `json:"total,omitempty" doc:"符合条件的总条数；不统计时不出现" example:"902"`
}

// listOf is a page whose items are never null.
func listOf[T any](items []T, next string) List[T] {
	if items == nil {
		items = []T{}
	}
	return List[T]{Items: items, Next: next}
}

// signed splits a sort such as "-area".
func signed(s string) (registry.Sort, bool) {
	key, desc := strings.CutPrefix(s, "-")
	return registry.Sort(key), desc
}

// date is a day, "" for none.
func date(d day.Date) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// points is a score that holds, else "".
func points(holds bool, p money.Points) string {
	if !holds {
		return ""
	}
	return p.String()
}
