package db

import (
	"context"

	"juli/internal/fault"
)

// MarkDemo makes an empty database a demo one, which alone may have a calendar
// of its own. A database that anybody acted in is refused ("db.not-empty").
func (d *DB) MarkDemo(ctx context.Context) error {
	return d.Write(ctx, func(tx *Tx) error {
		n, err := Value[int64](ctx, tx, `SELECT COUNT(*) FROM (SELECT uscc FROM enterprise LIMIT 1) e`)
		if err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Conflict, "db.not-empty", "数据库里已有数据，演示城市只能建在空数据库中。")
		}
		done, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES ('demo', '1') ON CONFLICT (key) DO NOTHING`)
		if err == nil && done == 0 {
			return fault.New(fault.Conflict, "db.not-empty", "这个演示数据库没有建完，请删除后重新建立。")
		}
		return err
	})
}
