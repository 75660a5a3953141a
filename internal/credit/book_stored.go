package credit

import (
	"context"
	"sync"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/rulebook"
)

// Books reads a city's stored rulebooks and keeps them parsed: a digest names
// its text for ever, so what was parsed once never changes.
type Books struct {
	City code.Division

	parsed sync.Map // digest → *Book
}

// InForce is the book in force for the city on a day (PC-11): an old day finds
// its old version.
func (s *Books) InForce(ctx context.Context, tx *db.Tx, on day.Date) (*Book, error) {
	v, err := rulebook.InForce(ctx, tx, kindName, s.City, on)
	if err != nil {
		return nil, err
	}
	return s.of(ctx, tx, v)
}

// ByDigest is the book under which a result was computed.
func (s *Books) ByDigest(ctx context.Context, tx *db.Tx, digest string) (*Book, error) {
	if b, done := s.parsed.Load(digest); done {
		return b.(*Book), nil
	}
	v, err := rulebook.ByDigest(ctx, tx, digest)
	if err != nil {
		return nil, err
	}
	return s.of(ctx, tx, v)
}

func (s *Books) of(ctx context.Context, tx *db.Tx, v rulebook.Version) (*Book, error) {
	if b, done := s.parsed.Load(v.Digest); done {
		return withEnd(b.(*Book), v), nil
	}
	text, err := rulebook.TextOf(ctx, tx, v.ID)
	if err != nil {
		return nil, err
	}
	b, err := Parse(text)
	if err != nil {
		return nil, err
	}
	s.parsed.Store(v.Digest, b)
	return withEnd(b, v), nil
}

// withEnd is b as the register of versions knows it: a later version may have
// ended it earlier than its own file says.
func withEnd(b *Book, v rulebook.Version) *Book {
	if b.To == v.To && b.State == v.State {
		return b
	}
	c, doc := *b, *b.Document
	doc.To, doc.State = v.To, v.State
	c.Document = &doc
	return &c
}
