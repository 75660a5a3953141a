package db

import (
	"context"

	"juli/internal/fault"
)

// MarkDemo makes an empty database a demo one, which alone may have a calendar
// of its own. A database that anybody acted in is refused ("db.not-empty").
func (d *DB) MarkDemo(ctx context.Context) error {
	return d.Write(ctx, func(tx *Tx) error {
		empty, err := isEmpty(ctx, tx)
		if err != nil {
			return err
		}
		if !empty {
			return fault.New(fault.Conflict, "db.not-empty", "数据库里已有数据，演示城市只能建在空数据库中。")
		}
		done, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES ('demo', '1') ON CONFLICT (key) DO NOTHING`)
		if err == nil && done == 0 {
			return fault.New(fault.Conflict, "db.not-empty", "这个演示数据库没有建完，请删除后重新建立。")
		}
		return err
	})
}

// Empty says whether the register has no enterprise and no demo was begun.
func (d *DB) Empty(ctx context.Context) (empty bool, err error) {
	err = d.Read(ctx, func(tx *Tx) error {
		if empty, err = isEmpty(ctx, tx); err != nil || !empty {
			return err
		}
		_, begun, err := One(ctx, tx, scanString, `SELECT value FROM meta WHERE key = 'demo'`)
		empty = !begun
		return err
	})
	return empty, err
}

func isEmpty(ctx context.Context, tx *Tx) (bool, error) {
	n, err := Value[int64](ctx, tx, `SELECT COUNT(*) FROM (SELECT uscc FROM enterprise LIMIT 1) e`)
	return n == 0, err
}

// HalfBuilt says whether a demo city was begun and never finished.
func (d *DB) HalfBuilt(ctx context.Context) (half bool, err error) {
	err = d.Read(ctx, func(tx *Tx) error {
		n, err := Value[int64](ctx, tx, `SELECT COUNT(*) FROM meta WHERE key = 'demo' OR key = 'city_offset_ms'`)
		half = n == 1
		return err
	})
	return half, err
}
