package identity

import (
	"context"
	"strings"

	"golang.org/x/text/unicode/norm"

	"juli/internal/db"
	"juli/internal/seal"
)

// Same says whether a person of an account has that name or that telephone, for rules
// that keep people from deciding about themselves. Nothing of the person is told.
func Same(ctx context.Context, tx *db.Tx, keys *seal.Keys, person db.ID, name, phone string) (bool, error) {
	if person == 0 {
		return false, nil
	}
	p, err := (&Service{Keys: keys}).full(ctx, tx, person)
	if err != nil {
		return false, err
	}
	plain := func(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), "") }
	return p.Name != "" && plain(p.Name) == plain(name) || p.Phone != "" && plain(p.Phone) == plain(phone), nil
}
