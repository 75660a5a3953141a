package resident

import (
	"context"
	"crypto/rand"
	"strings"
	"time"
	"unicode/utf8"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

// TakeOrderIn takes a 12345 order over. An order that is here already stays as it
// is: known tells so, with the number that it got then.
func (s *Reports) TakeOrderIn(ctx context.Context, tx *db.Tx, who authz.Actor, in Submission) (out Receipt, known bool, err error) {
	in.Channel, in.SourceRef = Hotline, strings.TrimSpace(in.SourceRef)
	if in.SourceRef == "" {
		return Receipt{}, false, fault.New(fault.Invalid, "resident.order", "请填写工单编号。").With("order_no", "请填写工单编号。")
	}
	if err := tx.Lock(ctx, "resident_order", in.SourceRef); err != nil {
		return Receipt{}, false, err
	}
	if out.Report, out.Number, err = bySource(ctx, tx, Hotline, in.SourceRef); err != nil || out.Report != 0 {
		return out, out.Report != 0, err
	}
	out, err = s.SubmitIn(ctx, tx, who, in)
	return out, false, err
}

// OrderOf finds a report by the number of its 12345 order.
func OrderOf(ctx context.Context, tx *db.Tx, ref string) (*Report, error) {
	id, _, err := bySource(ctx, tx, Hotline, ref)
	if err != nil {
		return nil, err
	}
	return reportOf(ctx, tx, id)
}

// A Key lets another system exchange orders. Only its hash is kept.
type Key struct {
	ID     db.ID
	Name   string
	MadeAt time.Time
	Ended  time.Time // zero: in use
	Used   time.Time // zero: never
}

const keysMax = 100

func (s *Reports) system() authz.Place { return authz.Place{Division: s.City} }

// MakeKeyIn makes a key for a system; it is shown this once.
func (s *Reports) MakeKeyIn(ctx context.Context, tx *db.Tx, who authz.Actor, name string) (key string, err error) {
	if err := authz.Require(who, authz.ReportKeys, s.system()); err != nil {
		return "", err
	}
	name = tidy(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > 60 {
		return "", fault.New(fault.Invalid, "resident.key-name", "请填写使用密钥的系统。").With("name", "1 到 60 个字。")
	}
	live, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM resident_key WHERE ended_at = 0`)
	if err != nil {
		return "", err
	}
	if live >= keysMax {
		return "", fault.New(fault.Conflict, "resident.keys", "在用的密钥已到上限，请先停用不再使用的。")
	}
	key = "juli-" + rand.Text()
	id := tx.NewID()
	if _, err := tx.Exec(ctx, `INSERT INTO resident_key (id, name, hash, made_at, made_by, ended_at, used_at) VALUES ($1, $2, $3, $4, $5, 0, 0)`,
		id, name, hashOf(key), db.Millis(tx.Now), who.Account); err != nil {
		return "", err
	}
	return key, audit.Append(ctx, tx, who, "resident.key-made", "resident_key:"+id.String(), map[string]any{"name": name})
}

// EndKeyIn ends a key at once.
func (s *Reports) EndKeyIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) error {
	if err := authz.Require(who, authz.ReportKeys, s.system()); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE resident_key SET ended_at = $2 WHERE id = $1 AND ended_at = 0`, id, db.Millis(tx.Now))
	if err != nil {
		return err
	}
	if n == 0 {
		return noReport()
	}
	return audit.Append(ctx, tx, who, "resident.key-ended", "resident_key:"+id.String(), nil)
}

// KeysOf lists the keys, newest first.
func (s *Reports) KeysOf(ctx context.Context, tx *db.Tx, who authz.Actor) ([]Key, error) {
	if err := authz.RequireAny(who, authz.ReportKeys); err != nil {
		return nil, err
	}
	return db.All(ctx, tx, func(row db.Scanner) (k Key, err error) {
		var made, ended, used int64
		err = row.Scan(&k.ID, &k.Name, &made, &ended, &used)
		k.MadeAt = db.FromMillis(made)
		if ended != 0 {
			k.Ended = db.FromMillis(ended)
		}
		if used != 0 {
			k.Used = db.FromMillis(used)
		}
		return k, err
	}, `SELECT id, name, made_at, ended_at, used_at FROM resident_key ORDER BY id DESC LIMIT 500`)
}

// ByKey is who acts with a key: the program in the name of a system. A key that
// is none or was ended is refused as one.
func (s *Reports) ByKey(ctx context.Context, tx *db.Tx, key string) (who authz.Actor, id db.ID, err error) {
	id, ok, err := db.One(ctx, tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) },
		`SELECT id FROM resident_key WHERE hash = $1 AND ended_at = 0`, hashOf(key))
	if err != nil {
		return who, 0, err
	}
	if !ok {
		return who, 0, fault.New(fault.Unauthenticated, "resident.key", "接口密钥不正确或已停用。")
	}
	if tx.Writes() {
		if _, err := tx.Exec(ctx, `UPDATE resident_key SET used_at = $2 WHERE id = $1`, id, db.Millis(tx.Now)); err != nil {
			return who, 0, err
		}
	}
	return authz.System("order-interface"), id, nil
}

// ProjectNamed finds the one project of a name, in a district if it is known;
// more than one or none is not found.
func ProjectNamed(ctx context.Context, tx *db.Tx, name string, at code.Division) (code.ProjectCode, bool, error) {
	list, err := db.All(ctx, tx, func(row db.Scanner) (c code.ProjectCode, err error) { return c, row.Scan(&c) }, `
		SELECT code FROM project WHERE name = $1 AND division >= $2 AND division < $3 ORDER BY code LIMIT 2`, name, string(at), string(at)+":")
	if err != nil || len(list) != 1 {
		return "", false, err
	}
	return list[0], true, nil
}
