package identity

import (
	"context"
	"encoding/hex"
	"fmt"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

// Guessing is bounded by counting evaluated tries in the last 15 minutes (AUT-3):
// 5 for an account as outsiders try it, 5 for it on each device that it was used
// on before, so that no outsider can lock its owner out, and 100 for an address.
// A whole sign-in gives its own tries back.

// A try is something that is being evaluated and counts against limits.
type try struct {
	key  string
	most int64
}

func tryKey(kind, value string) string { return kind + ":" + hex.EncodeToString(hashOf(value))[:32] }

func (s *Service) tries(from Origin, kind, subject string, device db.ID) []try {
	key := tryKey(kind, subject)
	if device != 0 {
		key = tryKey(kind+"-device", subject+"|"+device.String())
	}
	return []try{{tryKey("addr", authz.Network(from.Addr)), tryAddr}, {key, tryAccount}}
}

const slotMillis = 60_000

func slotsOf(tx *db.Tx) (first, now int64) {
	now = db.Millis(tx.Real) / slotMillis
	return now - tryWindow.Milliseconds()/slotMillis, now
}

// spend counts the tries, or refuses when one limit is reached: then nothing is
// evaluated and nothing counted.
func spend(ctx context.Context, tx *db.Tx, tries []try) error {
	first, now := slotsOf(tx)
	for _, t := range tries {
		if err := tx.Lock(ctx, "try", t.key); err != nil {
			return err
		}
		n, err := db.Value[int64](ctx, tx, `SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM identity_try WHERE key = $1 AND slot > $2`, t.key, first)
		if err != nil {
			return fmt.Errorf("throttle: %w", err)
		}
		if n >= t.most {
			return fault.New(fault.TooMany, "identity.too-many", "尝试次数过多，请15分钟后再试。")
		}
	}
	return count(ctx, tx, tries, now, 1)
}

// refund takes tries back that turned out to be no guesses.
func refund(ctx context.Context, tx *db.Tx, tries []try) error {
	_, now := slotsOf(tx)
	return count(ctx, tx, tries, now, -1)
}

func count(ctx context.Context, tx *db.Tx, tries []try, slot, by int64) error {
	for _, t := range tries {
		_, err := tx.Exec(ctx, `
			INSERT INTO identity_try (key, slot, n) VALUES ($1, $2, $3)
			ON CONFLICT (key, slot) DO UPDATE SET n = identity_try.n + excluded.n`, t.key, slot, by)
		if err != nil {
			return fmt.Errorf("throttle: %w", err)
		}
	}
	return nil
}
