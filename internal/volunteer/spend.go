package volunteer

import (
	"context"
	"encoding/hex"
	"time"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

// networkDaily is how often a day one network may join, sign up and leave together, so
// that it neither fills a community's waiting list nor tries names and telephones.
const networkDaily = 20

// spend counts one of them against the day's limit of the actor's network. What the
// program itself does has no address.
func (s *Service) spend(ctx context.Context, tx *db.Tx, who authz.Actor) error {
	if who.Addr == "" {
		return nil
	}
	key := hex.EncodeToString(s.Keys.Blind("volunteer_try.key", []byte(authz.Network(who.Addr)))[:16])
	if err := tx.Lock(ctx, "volunteer_try", key); err != nil {
		return err
	}
	slot := trySlot(tx)
	n, err := db.Value[int64](ctx, tx, `SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM volunteer_try WHERE key = $1 AND slot > $2`, key, slot-24)
	if err != nil {
		return err
	}
	if n >= networkDaily {
		return fault.New(fault.TooMany, "volunteer.often", "今天从这个网络报名和退出的次数已到上限，请明天再试，或直接联系社区居委会。")
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO volunteer_try (key, slot, n) VALUES ($1, $2, 1)
		ON CONFLICT (key, slot) DO UPDATE SET n = volunteer_try.n + 1`, key, slot)
	return err
}

// trySlot is the hour by the machine's clock.
func trySlot(tx *db.Tx) int64 { return db.Millis(tx.Real) / time.Hour.Milliseconds() }

// forgetTries deletes the counts that limit nobody any more.
func forgetTries(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `DELETE FROM volunteer_try WHERE slot < $1`, trySlot(tx)-48)
	return err
}
