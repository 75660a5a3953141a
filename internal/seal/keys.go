package seal

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
	"time"

	"juli/internal/db"
	"juli/internal/fault"
)

// Notice is how long before its first use a new data key is written, so that
// every copy of the program has refreshed and can read what it seals.
const Notice = 2 * time.Minute

const (
	kindData  = "data"
	kindBlind = "blind"
)

// Keys are the keys of one database. They may be shared.
type Keys struct {
	d    *db.DB
	path string
	ring atomic.Pointer[ring]
}

// ring is the keys at one moment; it isn't changed once it is in use.
type ring struct {
	data  map[uint32]cipher.AEAD
	since map[uint32]int64 // data key → when it comes into use, ms
	blind []byte
}

// active is the newest data key that has come into use.
func (r *ring) active(now time.Time) uint32 {
	var best uint32
	for id, since := range r.since {
		if since <= now.UnixMilli() && id > best {
			best = id
		}
	}
	return best
}

// row is a line of seal_key.
type row struct {
	id      int64
	kind    string
	master  string
	wrapped []byte
	active  int64
}

// Ephemeral returns keys that stand nowhere and die with the program: for tests
// and for databases thrown away with them.
func Ephemeral() *Keys {
	aead, err := gcm(random())
	if err != nil {
		panic(err) // a key of 32 bytes always fits
	}
	k := &Keys{}
	k.ring.Store(&ring{
		data:  map[uint32]cipher.AEAD{1: aead},
		since: map[uint32]int64{1: 0},
		blind: random(),
	})
	return k
}

// Path is where the key file stands: at given (JULI_KEYS) or beside a SQLite
// database.
func Path(d *db.DB, given string) (string, error) {
	if given != "" {
		return given, nil
	}
	if d.Path() == "" {
		return "", fault.New(fault.Invalid, "seal.no-path", "使用PostgreSQL时须用 JULI_KEYS 指定密钥文件。")
	}
	return d.Path() + ".keys", nil
}

// Load reads the keys of a database. Beside a new SQLite database it makes the
// key file; where something was sealed before and the file is gone, it refuses
// (“seal.no-file”) instead of starting over with new keys.
func Load(ctx context.Context, d *db.DB, path string) (*Keys, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && d.Engine() == "sqlite" {
		if err := createFirst(ctx, d, path); err != nil {
			return nil, err
		}
	}
	k := &Keys{d: d, path: path}
	masters, err := readMasters(path)
	if err != nil {
		return nil, err
	}
	if err := d.Write(ctx, func(tx *db.Tx) error { return firstKeys(ctx, tx, masters[len(masters)-1]) }); err != nil {
		return nil, err
	}
	return k, k.Refresh(ctx)
}

// createFirst makes the key file of a database that has sealed nothing yet.
func createFirst(ctx context.Context, d *db.DB, path string) error {
	return d.Write(ctx, func(tx *db.Tx) error { // under the writer's lock: one program makes it
		n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM seal_key`)
		if err != nil || n > 0 {
			return err
		}
		if err := CreateFile(path); !errors.Is(err, fs.ErrExist) {
			return err
		}
		return nil
	})
}

// firstKeys makes the first data key and the blind key.
func firstKeys(ctx context.Context, tx *db.Tx, m master) error {
	if err := tx.Lock(ctx, "seal", 0); err != nil {
		return err
	}
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM seal_key`)
	if err != nil || n > 0 {
		return err
	}
	if err := insertKey(ctx, tx, m, 1, kindData, 0); err != nil {
		return err
	}
	return insertKey(ctx, tx, m, 2, kindBlind, 0)
}

func insertKey(ctx context.Context, tx *db.Tx, m master, id int64, kind string, active int64) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO seal_key (id, kind, master, wrapped, active_ms, created_ms)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		id, kind, m.name, seal(m.aead, 0, "seal_key", kind, db.ID(id), random()), active, db.Millis(tx.Real))
	return err
}

// Refresh reads the keys again. A running server calls it every minute, well
// within Notice, and so learns of keys that another copy made.
func (k *Keys) Refresh(ctx context.Context) error {
	if k.d == nil {
		return nil
	}
	masters, err := readMasters(k.path)
	if err != nil {
		return err
	}
	var rows []row
	err = k.d.Read(ctx, func(tx *db.Tx) (err error) {
		rows, err = allKeys(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	next := &ring{data: map[uint32]cipher.AEAD{}, since: map[uint32]int64{}}
	for _, r := range rows {
		key, err := unwrap(masters, r)
		if err != nil {
			return err
		}
		if r.kind == kindBlind {
			next.blind = key
			continue
		}
		if next.data[uint32(r.id)], err = gcm(key); err != nil {
			return err
		}
		next.since[uint32(r.id)] = r.active
	}
	k.ring.Store(next)
	return nil
}

func allKeys(ctx context.Context, tx *db.Tx) ([]row, error) {
	return db.All(ctx, tx, func(s db.Scanner) (r row, err error) {
		return r, s.Scan(&r.id, &r.kind, &r.master, &r.wrapped, &r.active)
	}, `SELECT id, kind, master, wrapped, active_ms FROM seal_key ORDER BY id LIMIT 10000`)
}

func unwrap(masters []master, r row) ([]byte, error) {
	for _, m := range masters {
		if m.name == r.master {
			if _, err := keyOf(r.wrapped); err != nil {
				return nil, err
			}
			return open(m.aead, "seal_key", r.kind, db.ID(r.id), r.wrapped)
		}
	}
	return nil, fault.New(fault.Unavailable, "seal.wrong-file", "密钥文件与数据库不配套，请换回原来的密钥文件。")
}

// Rotate makes a new data key, which comes into use after Notice. What the old
// ones sealed stays readable; Reseal moves it over.
func (k *Keys) Rotate(ctx context.Context) error {
	masters, err := readMasters(k.path)
	if err != nil {
		return err
	}
	err = k.d.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Lock(ctx, "seal", 0); err != nil {
			return err
		}
		last, err := db.Value[int64](ctx, tx, `SELECT MAX(id) FROM seal_key`)
		if err != nil {
			return err
		}
		return insertKey(ctx, tx, masters[len(masters)-1], last+1, kindData, db.Millis(tx.Real.Add(Notice)))
	})
	if err != nil {
		return err
	}
	return k.Refresh(ctx)
}

// Rewrap wraps every data key under the newest master key of the file. The
// older master keys are then needed for old backups alone.
func (k *Keys) Rewrap(ctx context.Context) error {
	masters, err := readMasters(k.path)
	if err != nil {
		return err
	}
	newest := masters[len(masters)-1]
	err = k.d.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Lock(ctx, "seal", 0); err != nil {
			return err
		}
		rows, err := allKeys(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range rows {
			key, err := unwrap(masters, r)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `UPDATE seal_key SET master = $1, wrapped = $2 WHERE id = $3`,
				newest.name, seal(newest.aead, 0, "seal_key", r.kind, db.ID(r.id), key), r.id)
			if err != nil {
				return fmt.Errorf("rewrap key %d: %w", r.id, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return k.Refresh(ctx)
}

func (k *Keys) now() time.Time {
	if k.d == nil {
		return time.Now()
	}
	return k.d.Real()
}
