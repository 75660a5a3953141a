package resident

import (
	"context"
	"crypto/rand"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
)

// A Key lets another system bring reports by one channel, about the places of one
// division. Only its hash is kept.
type Key struct {
	ID       db.ID         `json:"id"`
	Channel  string        `json:"channel"`
	Name     string        `json:"name"`
	Division code.Division `json:"division"`
	Contact  string        `json:"contact,omitempty"` // of the body that runs the system
	MadeAt   time.Time     `json:"made_at"`
	Ended    time.Time     `json:"ended_at,omitzero"` // zero: in use
	Used     time.Time     `json:"used_at,omitzero"`  // zero: never
}

// A KeyAsk says for whom a key is made.
type KeyAsk struct {
	Channel  string        // Hotline or Open311
	Name     string        // the system
	Division code.Division // "" the whole city
	Contact  string        // an office telephone or a mailbox; nobody's own
}

// keyKinds are the channels that have keys: how a key begins, and the events.
var keyKinds = map[string]struct{ prefix, event string }{
	Hotline: {"juli-", "resident.key"},
	Open311: {"open311-", "open311.key"},
}

const (
	keysMax    = 100 // in use, of a channel
	contactMax = 100
)

func (s *Reports) system() authz.Place { return authz.Place{Division: s.City} }

// MakeKeyIn makes a key for a system; it is shown this once.
func (s *Reports) MakeKeyIn(ctx context.Context, tx *db.Tx, who authz.Actor, ask KeyAsk) (id db.ID, key string, err error) {
	if err := authz.Require(who, authz.ReportKeys, s.system()); err != nil {
		return 0, "", err
	}
	kind, ok := keyKinds[ask.Channel]
	if !ok {
		return 0, "", fault.New(fault.Invalid, "resident.key-channel", "没有这种接口。")
	}
	if ask.Division == "" {
		ask.Division = s.City
	}
	ask.Name, ask.Contact = tidy(ask.Name), tidy(ask.Contact)
	if err := s.checkKey(ctx, tx, ask); err != nil {
		return 0, "", err
	}
	live, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM interface_key WHERE channel = $1 AND ended_at = 0`, ask.Channel)
	if err != nil {
		return 0, "", err
	}
	if live >= keysMax {
		return 0, "", fault.New(fault.Conflict, "resident.keys", "在用的密钥已到上限，请先停用不再使用的。")
	}
	id, key = tx.NewID(), kind.prefix+rand.Text()
	var sealed []byte
	if ask.Contact != "" {
		if sealed, err = s.Keys.Seal("interface_key", "contact_sealed", id, []byte(ask.Contact)); err != nil {
			return 0, "", err
		}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO interface_key (id, channel, name, division, contact_sealed, hash, made_at, made_by, ended_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0)`,
		id, ask.Channel, ask.Name, string(ask.Division), sealed, hashOf(key), db.Millis(tx.Now), who.Account); err != nil {
		return 0, "", err
	}
	return id, key, audit.Append(ctx, tx, who, kind.event+"-made", keyObject(id), map[string]any{"name": ask.Name, "division": string(ask.Division)})
}

func keyObject(id db.ID) string { return "interface_key:" + id.String() }

// own is the telephone of a person, not of an office.
var own = regexp.MustCompile(`(^|[^0-9])(\+?86)?[ -]?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}([^0-9]|$)`)

func (s *Reports) checkKey(ctx context.Context, tx *db.Tx, ask KeyAsk) error {
	bad := fault.New(fault.Invalid, "resident.key-form", "请改正标出的内容。")
	if n := utf8.RuneCountInString(ask.Name); n == 0 || n > 60 {
		bad.With("name", "请写明使用密钥的系统，1 到 60 个字。")
	}
	switch {
	case utf8.RuneCountInString(ask.Contact) > contactMax:
		bad.With("contact", "不超过 100 个字。")
	case own.MatchString(ask.Contact):
		bad.With("contact", "请填写单位的办公电话或邮箱，不填个人手机号。")
	}
	names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) { yield(ask.Division) })
	if err != nil {
		return err
	}
	if l := ask.Division.Level(); names[ask.Division] == "" || l != code.City && l != code.District || !s.City.Contains(ask.Division) {
		bad.With("division", "请选择全市或一个区县。")
	}
	return bad.OrNil()
}

// EndKeyIn ends a key of a channel at once.
func (s *Reports) EndKeyIn(ctx context.Context, tx *db.Tx, who authz.Actor, channel string, id db.ID) error {
	if err := authz.Require(who, authz.ReportKeys, s.system()); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE interface_key SET ended_at = $2 WHERE id = $1 AND channel = $3 AND ended_at = 0`, id, db.Millis(tx.Now), channel)
	if err != nil {
		return err
	}
	if n == 0 {
		return noReport()
	}
	return audit.Append(ctx, tx, who, keyKinds[channel].event+"-ended", keyObject(id), nil)
}

// KeysOf lists the keys of a channel, newest first.
func (s *Reports) KeysOf(ctx context.Context, tx *db.Tx, who authz.Actor, channel string) ([]Key, error) {
	if err := authz.RequireAny(who, authz.ReportKeys); err != nil {
		return nil, err
	}
	return db.All(ctx, tx, func(row db.Scanner) (k Key, err error) {
		var made, ended, used int64
		var contact []byte
		if err := row.Scan(&k.ID, &k.Channel, &k.Name, &k.Division, &contact, &made, &ended, &used); err != nil {
			return k, err
		}
		k.MadeAt = db.FromMillis(made)
		if ended != 0 {
			k.Ended = db.FromMillis(ended)
		}
		if used != 0 {
			k.Used = db.FromMillis(used)
		}
		if k.Division == "" { // made before keys had a place
			k.Division = s.City
		}
		if contact == nil {
			return k, nil
		}
		plain, err := s.Keys.Open("interface_key", "contact_sealed", k.ID, contact)
		k.Contact = string(plain)
		return k, err
	}, `SELECT id, channel, name, division, contact_sealed, made_at, ended_at, used_at FROM interface_key WHERE channel = $1 ORDER BY id DESC LIMIT 500`, channel)
}

// A Client is a system that came with a key.
type Client struct {
	ID       db.ID
	Name     string
	Division code.Division // where it may report
}

// ClientOf says whose key it is; one that is missing, none or ended is refused.
func (s *Reports) ClientOf(ctx context.Context, tx *db.Tx, channel, key string) (Client, error) {
	c, ok, err := db.One(ctx, tx, func(row db.Scanner) (c Client, err error) { return c, row.Scan(&c.ID, &c.Name, &c.Division) },
		`SELECT id, name, division FROM interface_key WHERE hash = $1 AND channel = $2 AND ended_at = 0`, hashOf(strings.TrimSpace(key)), channel)
	if err == nil && !ok {
		err = fault.New(fault.Unauthenticated, "resident.key", "接口密钥不正确或已停用。")
	}
	if err != nil {
		return c, err
	}
	if c.Division == "" {
		c.Division = s.City
	}
	if tx.Writes() {
		_, err = tx.Exec(ctx, `UPDATE interface_key SET used_at = $2 WHERE id = $1`, c.ID, db.Millis(tx.Now))
	}
	return c, err
}

// Reaches says whether a client may report about a place.
func (c Client) Reaches(at code.Division) error {
	if c.Division.Contains(at) {
		return nil
	}
	return fault.New(fault.Forbidden, "resident.key-place", "这个密钥不能用于所在的区县。")
}
