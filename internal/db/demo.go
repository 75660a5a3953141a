package db

import (
	"context"
	"strconv"
	"time"

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

// ForwardCity moves a demo city's calendar on and does something in the same
// transaction, which still has the old time. Processes that opened the database
// before keep the calendar they know. Refused ("db.demo") for a real city, and backwards.
func (d *DB) ForwardCity(ctx context.Context, by time.Duration, also func(tx *Tx) error) error {
	var offset int64
	err := d.Write(ctx, func(tx *Tx) error {
		text, demo, err := One(ctx, tx, scanString, `SELECT value FROM meta WHERE key = 'city_offset_ms'`)
		if err != nil {
			return err
		}
		if !demo || by <= 0 {
			return fault.New(fault.Forbidden, "db.demo", "只有演示城市的日历可以推进，而且只能向前。")
		}
		if offset, err = strconv.ParseInt(text, 10, 64); err != nil {
			return err
		}
		offset += by.Milliseconds()
		if _, err := tx.Exec(ctx, `UPDATE meta SET value = $1 WHERE key = 'city_offset_ms'`, strconv.FormatInt(offset, 10)); err != nil {
			return err
		}
		return also(tx)
	})
	if err == nil {
		d.offset.Store(offset)
	}
	return err
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
