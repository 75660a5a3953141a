package open311

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"time"
	"unicode/utf8"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Key lets a client report in residents' names. Only its hash is kept.
type Key struct {
	ID     db.ID     `json:"id"`
	Name   string    `json:"name"`
	MadeAt time.Time `json:"made_at"`
	Ended  time.Time `json:"ended_at,omitzero"` // zero: in use
}

const keysMax = 100

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// MakeKeyIn makes a key for a client; it is shown this once.
func MakeKeyIn(ctx context.Context, tx *db.Tx, who authz.Actor, name string) (id db.ID, key string, err error) {
	if err := authz.Require(who, authz.ReportKeys, authz.Place{}); err != nil {
		return 0, "", err
	}
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > 60 {
		return 0, "", fault.New(fault.Invalid, "open311.key-name", "请写明使用密钥的客户端，1 到 60 个字。")
	}
	live, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM open311_key WHERE ended_at = 0`)
	if err != nil {
		return 0, "", err
	}
	if live >= keysMax {
		return 0, "", fault.New(fault.Conflict, "open311.keys", "在用的密钥已到上限，请先停用不再使用的。")
	}
	id, key = tx.NewID(), "open311-"+rand.Text()
	if _, err := tx.Exec(ctx, `INSERT INTO open311_key (id, name, hash, made_at, ended_at) VALUES ($1, $2, $3, $4, 0)`, id, name, hashOf(key), db.Millis(tx.Now)); err != nil {
		return 0, "", err
	}
	return id, key, audit.Append(ctx, tx, who, "open311.key-made", "open311_key:"+id.String(), map[string]any{"name": name})
}

// EndKeyIn ends a key at once.
func EndKeyIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) error {
	if err := authz.Require(who, authz.ReportKeys, authz.Place{}); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE open311_key SET ended_at = $2 WHERE id = $1 AND ended_at = 0`, id, db.Millis(tx.Now))
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.NotFound, "open311.no-key", "没有这个在用的密钥。")
	}
	return audit.Append(ctx, tx, who, "open311.key-ended", "open311_key:"+id.String(), nil)
}

// KeysOf lists the keys, newest first.
func KeysOf(ctx context.Context, tx *db.Tx, who authz.Actor) ([]Key, error) {
	if err := authz.Require(who, authz.ReportKeys, authz.Place{}); err != nil {
		return nil, err
	}
	return db.All(ctx, tx, func(row db.Scanner) (k Key, err error) {
		var made, ended int64
		err = row.Scan(&k.ID, &k.Name, &made, &ended)
		k.MadeAt = db.FromMillis(made)
		if ended != 0 {
			k.Ended = db.FromMillis(ended)
		}
		return k, err
	}, `SELECT id, name, made_at, ended_at FROM open311_key ORDER BY id DESC LIMIT 500`)
}

// client is whose key it is; one that is missing, none or ended is refused.
func client(ctx context.Context, tx *db.Tx, key string) (db.ID, error) {
	id, ok, err := db.One(ctx, tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) },
		`SELECT id FROM open311_key WHERE hash = $1 AND ended_at = 0`, hashOf(key))
	if err == nil && !ok {
		err = fault.New(fault.Unauthenticated, "open311.key", "Missing or Invalid API Key: 没有写 api_key，或者它不正确、已停用。")
	}
	return id, err
}
