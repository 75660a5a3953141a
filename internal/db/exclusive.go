package db

import (
	"errors"
	"os"
	"syscall"

	"juli/internal/fault"
)

// Exclusive makes this program the only one of its kind on a SQLite file, until
// release or the end of the process (CRS-8). On PostgreSQL copies may run side
// by side and it does nothing.
func (d *DB) Exclusive(kind string) (release func(), err error) {
	if d.path == "" {
		return func() {}, nil
	}
	f, err := os.OpenFile(d.path+"."+kind, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fault.New(fault.Conflict, "db.running", "这个数据库已经有一个 juli serve 在运行。")
		}
		return nil, err
	}
	return func() { f.Close() }, nil
}
