package hook

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/feed"
	"juli/internal/notify"
	"juli/internal/seal"
)

const (
	liveMax = 100 // subscriptions that are not ended
	nameMax = 60
	addrMax = 500
)

// A Policy is how much failing is borne.
type Policy struct {
	FailuresMax int64 // in a row, then a subscription is paused
}

// DefaultPolicy is what the program runs with: with the pauses between tries, a
// receiver that is down altogether is paused in its second day, before anything is
// given up.
var DefaultPolicy = Policy{FailuresMax: 7}

// Service is the webhooks of one city.
type Service struct {
	DB     *db.DB
	Keys   *seal.Keys
	City   code.Division
	Feeds  *feed.Feeds
	Way    notify.Webhook
	Base   string // address of the platform, put before paths
	Policy Policy
}

func (s *Service) require(who authz.Actor) error {
	return authz.Require(who, authz.HookManage, authz.Place{Division: s.City})
}

func missing() error { return fault.New(fault.NotFound, "hook.none", "没有找到这个订阅。") }

// MakeIn makes a subscription; its secret is shown this once.
func (s *Service) MakeIn(ctx context.Context, tx *db.Tx, who authz.Actor, d Draft) (id db.ID, secret string, err error) {
	if err := s.require(who); err != nil {
		return 0, "", err
	}
	d.Name, d.Address = strings.TrimSpace(d.Name), strings.TrimSpace(d.Address)
	bad := fault.New(fault.Invalid, "hook.form", "请改正标出的内容。")
	if n := utf8.RuneCountInString(d.Name); n == 0 || n > nameMax {
		bad.With("name", "请写明接收系统，1 到 60 个字。")
	}
	to := notify.Target{Address: d.Address, Secret: notify.NewSecret()}
	if err := s.Way.Check(to); err != nil || len(d.Address) > addrMax {
		bad.With("address", "只能使用 https 地址，且主机须由运维人员列入允许推送的主机（JULI_HOOK_HOSTS）。")
	}
	if err := s.Feeds.Check(ctx, tx, &d.Scope); err != nil {
		return 0, "", err
	}
	if err := bad.OrNil(); err != nil {
		return 0, "", err
	}
	live, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM hook_subscription WHERE state <> 'ended'`)
	if err != nil {
		return 0, "", err
	}
	if live >= liveMax {
		return 0, "", fault.New(fault.Conflict, "hook.many", "订阅已到上限 %d 个，请先停用不再使用的。", liveMax)
	}
	plain, err := json.Marshal(to)
	if err != nil {
		return 0, "", err
	}
	id = tx.NewID()
	sealed, err := s.Keys.Seal("hook_subscription", "target_sealed", id, plain)
	if err != nil {
		return 0, "", err
	}
	u, _ := url.Parse(d.Address) // checked above
	if err := insert(ctx, tx, id, who.Account, u.Host, d, sealed); err != nil {
		return 0, "", err
	}
	return id, to.Secret, audit.Append(ctx, tx, who, "hook.made", object(id), map[string]any{"name": d.Name, "host": u.Host})
}

func object(id db.ID) string { return "hook_subscription:" + id.String() }

// PauseIn holds deliveries back until the subscription is resumed.
func (s *Service) PauseIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) error {
	return s.turn(ctx, tx, who, id, Active, Paused, "hook.paused")
}

// ResumeIn goes on with a paused one; what it missed goes out at once.
func (s *Service) ResumeIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) error {
	if err := s.turn(ctx, tx, who, id, Paused, Active, "hook.resumed"); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE hook_delivery SET next_at = $2 WHERE subscription = $1 AND state = 'waiting'`, id, db.Millis(tx.Real))
	return err
}

// EndIn ends a subscription for good; what waits is given up.
func (s *Service) EndIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) error {
	if err := s.require(who); err != nil {
		return err
	}
	x, err := byID(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := s.turn(ctx, tx, who, id, x.State, Ended, "hook.ended"); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE hook_delivery SET state = 'given-up', done_at = $2 WHERE subscription = $1 AND state = 'waiting'`, id, db.Millis(tx.Real))
	return err
}

func (s *Service) turn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, from, to, event string) error {
	if err := s.require(who); err != nil {
		return err
	}
	if from == Ended {
		return missing()
	}
	n, err := tx.Exec(ctx, `UPDATE hook_subscription SET state = $3, failures = 0, hold_until = 0, changed_at = $4 WHERE id = $1 AND state = $2`, id, from, to, db.Millis(tx.Now))
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "hook.state", "这个订阅的状态已经变化，请刷新后再办。")
	}
	return audit.Append(ctx, tx, who, event, object(id), nil)
}

// List lists the subscriptions with what became of the newest delivery.
func (s *Service) List(ctx context.Context, tx *db.Tx, who authz.Actor) ([]Subscription, error) {
	if err := authz.RequireAny(who, authz.HookManage); err != nil {
		return nil, err
	}
	return list(ctx, tx)
}

// Deliveries are the newest of one subscription, of a state or ("") of all.
func (s *Service) Deliveries(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, state string, before db.ID, limit int) (Subscription, []Delivery, error) {
	if err := authz.RequireAny(who, authz.HookManage); err != nil {
		return Subscription{}, nil, err
	}
	x, err := byID(ctx, tx, id)
	if err != nil {
		return x, nil, err
	}
	rows, err := deliveriesOf(ctx, tx, id, state, before, limit)
	return x, rows, err
}

// Halted counts the paused subscriptions, which wait for an administrator.
func (s *Service) Halted(ctx context.Context, tx *db.Tx, who authz.Actor) (int64, error) {
	if err := authz.RequireAny(who, authz.HookManage); err != nil {
		return 0, err
	}
	return db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM hook_subscription WHERE state = 'paused'`)
}

// Words names what a subscription is to hear of.
func (s *Service) Words(ctx context.Context, tx *db.Tx, x feed.Scope) (string, error) {
	if err := s.Feeds.Check(ctx, tx, &x); err != nil {
		return "订阅的地区、项目或类别已不存在", nil //nolint:nilerr // that is what the page says
	}
	return s.Feeds.Describe(ctx, tx, x)
}
