package registry

import (
	"context"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
)

// Firm is what the register says of an enterprise to who confirms its account; see
// [identity.Service].Registered. It holds the legal representative in full, who is
// compared there and not shown.
func (s *Service) Firm(ctx context.Context, tx *db.Tx, uscc code.USCC) (f identity.Firm, ok bool, err error) {
	e, err := s.enterpriseOf(ctx, tx, uscc)
	switch {
	case fault.Is(err, "registry.no-enterprise"):
		return f, false, nil
	case err != nil:
		return f, false, err
	}
	return identity.Firm{Name: e.Name, Division: e.Division, State: e.State.Title(), Legal: e.LegalPerson}, true, nil
}
