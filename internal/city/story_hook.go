package city

import (
	"context"
	"math/rand/v2"
	"slices"

	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/feed"
	"juli/internal/hook"
)

// hookHost is of a receiver that does not exist: a demonstration sends nothing.
const hookHost = "ioc.example.cn"

// hooks leaves the system administrator a subscription that is paused: another
// department is to hear of lists and campaigns once its system is ready.
func (dr *driver) hooks(ctx context.Context, tx *db.Tx, _ *rand.Rand, today day.Date) error {
	if today != dr.opt.Until {
		return nil
	}
	who, err := dr.people.actor(ctx, tx, "sysadmin")
	if err != nil {
		return err
	}
	svc := *dr.Hooks
	svc.Way.Out.Hosts = append(slices.Clone(svc.Way.Out.Hosts), hookHost)
	id, _, err := svc.MakeIn(ctx, tx, who, hook.Draft{
		Name: "城市运行管理平台（示例，接收方未开通）", Address: "https://" + hookHost + "/juli", Scope: feed.Scope{Kinds: []feed.Kind{feed.Lists, feed.Campaigns}},
	})
	if err != nil {
		return err
	}
	dr.tally["hook"]++
	return svc.PauseIn(ctx, tx, who, id)
}
