package feed

import (
	"context"
	"slices"
	"strings"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
)

// A Scope is what somebody wants to hear of; empty fields choose all.
type Scope struct {
	Kinds    []Kind
	Division code.Division // and below: district, street, community
	Project  code.ProjectCode
	Topic    string // of reports; then there are only reports

	at code.Division // where the project stands
}

// Check refuses a scope of things that are not there, and learns where its
// project stands. Every scope goes through it before it is asked.
func (f *Feeds) Check(ctx context.Context, tx *db.Tx, s *Scope) error {
	bad := fault.New(fault.Invalid, "feed.scope", "请改正标出的内容。")
	for _, k := range s.Kinds {
		if k.Title() == "" {
			bad.With("kinds", "请从列出的类别中选择。")
		}
	}
	if s.Topic != "" {
		book, err := f.Reports.Books.InForce(ctx, tx, tx.Today())
		if err != nil {
			return err
		}
		if _, ok := book.Topic(s.Topic); !ok || len(s.Kinds) > 0 && !slices.Contains(s.Kinds, Reports) {
			bad.With("topic", "请从列出的诉求类别中选择；诉求类别只用于居民诉求。")
		}
	}
	if s.Division != "" {
		if _, err := registry.DivisionOf(ctx, tx, s.Division); err != nil || s.Division.Level() < code.City {
			bad.With("place", "没有这个区县、街道或社区。")
		}
	}
	if s.Project != "" {
		p, err := registry.PlaceOfProject(ctx, tx, s.Project)
		if fault.From(err) != nil && fault.From(err).Kind == fault.NotFound {
			bad.With("project", "没有这个项目。")
		} else if err != nil {
			return err
		}
		s.at = p.Division
	}
	return bad.OrNil()
}

// place is the narrowest division that the scope names, "" the whole city.
func (s Scope) place() code.Division {
	if s.Project != "" {
		return s.at
	}
	if s.Division.Level() <= code.City {
		return ""
	}
	return s.Division
}

// Wants says whether things of a kind are within the scope at all.
func (s Scope) Wants(k Kind) bool {
	if s.Topic != "" && k != Reports {
		return false
	}
	return len(s.Kinds) == 0 || slices.Contains(s.Kinds, k)
}

// Takes says whether an item is within the scope. A project also hears what its
// community calls for and which campaigns cover it; a published batch of lists is
// the city's, its entries are the places'.
func (s Scope) Takes(it Item) bool {
	if !s.Wants(it.Kind) || s.Topic != "" && it.Topic != s.Topic {
		return false
	}
	at := s.place()
	if it.Kind == Lists && it.whole != (at == "" && s.Project == "") {
		return false
	}
	if s.Project != "" && (it.Project != "" || it.Kind == Lists) {
		return it.Project == s.Project
	}
	if at == "" {
		return true
	}
	return slices.ContainsFunc(it.Places, func(p code.Division) bool {
		return at.Contains(p) || it.Kind == Campaigns && p.Contains(at) || s.Project != "" && p == at
	})
}

// Describe names the scope in words, for headings.
func (f *Feeds) Describe(ctx context.Context, tx *db.Tx, s Scope) (string, error) {
	words := "全市"
	if s.Project != "" {
		names, err := registry.ProjectNames(ctx, tx, []code.ProjectCode{s.Project})
		if err != nil {
			return "", err
		}
		words = names[s.Project]
	} else if s.place() != "" {
		path, err := registry.DivisionPath(ctx, tx, s.Division)
		if err != nil {
			return "", err
		}
		words = registry.PlaceName(path)
	}
	var kinds []string
	for _, k := range s.Kinds {
		kinds = append(kinds, k.Title())
	}
	what := strings.Join(kinds, "、")
	if s.Topic != "" {
		book, err := f.Reports.Books.InForce(ctx, tx, tx.Today())
		if err != nil {
			return "", err
		}
		what = "居民诉求（" + book.TopicTitle(s.Topic) + "）"
	}
	if what == "" {
		what = "物业监管动态"
	}
	return words + what, nil
}
