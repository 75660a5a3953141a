package app

import (
	"context"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// forwardMax is the most days that a demo's calendar is moved on at once.
const forwardMax = 366

// Forward moves a demo city's calendar on, a day at a time, and does on each day
// what the clock would have done: terms run out on their own day, with all that
// follows. tell hears of each day. A real city has no such calendar ("db.demo").
func (a *App) Forward(ctx context.Context, days int, tell func(day.Date)) error {
	if days < 1 || days > forwardMax {
		return fault.New(fault.Invalid, "app.forward", "天数应为 1 到 %d。", forwardMax)
	}
	for range days {
		err := a.DB.ForwardCity(ctx, dayLong, func(tx *db.Tx) error {
			return audit.Append(ctx, tx, authz.System("cli"), "city.forwarded", "city", nil)
		})
		if err != nil {
			return err
		}
		if err := a.oneDay(ctx); err != nil {
			return err
		}
		tell(day.FromTime(a.DB.Now()))
	}
	return nil
}

// oneDay does the periodic work that is due once within a day or less often by the
// city's calendar, then what follows from it.
func (a *App) oneDay(ctx context.Context) error {
	today := a.DB.Now().Unix() / int64(dayLong/time.Second)
	for _, p := range periodics {
		if p.every < time.Hour || p.every > dayLong && today%int64(p.every/dayLong) != 0 {
			continue
		}
		if err := p.do(a, ctx); err != nil {
			return fault.Wrap(err, fault.Internal, "app.forward", "%s没有做完。", p.title)
		}
	}
	return a.Settle(ctx)
}
