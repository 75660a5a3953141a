package open311

import (
	"context"
	"crypto/sha256"

	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/resident"
)

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// client is whose key it is; one that is missing, none or ended is refused in the
// specification's words.
func (a *API) client(ctx context.Context, tx *db.Tx, key string) (resident.Client, error) {
	c, err := a.Reports.ClientOf(ctx, tx, resident.Open311, key)
	if fault.Is(err, "resident.key") {
		err = fault.New(fault.Unauthenticated, "open311.key", "Missing or Invalid API Key: 没有写 api_key，或者它不正确、已停用。")
	}
	return c, err
}
