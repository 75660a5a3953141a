package listing

import (
	"context"
	"sync"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/rulebook"
)

// Books reads the stored rulebooks of a city and keeps them parsed: a digest
// names its text for ever.
type Books struct {
	City code.Division

	parsed sync.Map // digest → *Book
}

// InForce is the book in force on a day.
func (s *Books) InForce(ctx context.Context, tx *db.Tx, on day.Date) (*Book, error) {
	v, err := rulebook.InForce(ctx, tx, kindName, s.City, on)
	if err != nil {
		return nil, err
	}
	return s.of(ctx, tx, v)
}

// ByDigest is the book under which a batch was made.
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
		return b.(*Book), nil
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
	return b, nil
}
