package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"juli/internal/backup"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/seal"
	"juli/internal/tlog"
)

// OpenPlace opens the database and the files of a city and nothing more: no
// schema is moved, so a running server is not disturbed and a new database
// stays empty for a restore.
func OpenPlace(ctx context.Context, cfg Config) (place backup.Place, err error) {
	d, err := db.Open(ctx, cfg.DB)
	if err != nil {
		return place, err
	}
	defer func() {
		if err != nil {
			d.Close()
		}
	}()
	dir, err := filesOf(d, cfg.Folder)
	if err != nil {
		return place, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return place, fmt.Errorf("files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return place, fmt.Errorf("files: %w", err)
	}
	return backup.Place{DB: d, Files: root}, nil
}

// OpenMasters reads the key file without opening the database: the one given
// (JULI_KEYS), or the one beside the SQLite file.
func OpenMasters(cfg Config) (*seal.Masters, error) {
	path := cfg.Keys
	if path == "" {
		file, ok := strings.CutPrefix(cfg.DB, "sqlite://")
		if !ok {
			return nil, fault.New(fault.Invalid, "seal.no-path", "使用PostgreSQL时须用 JULI_KEYS 指定密钥文件。")
		}
		path = file + ".keys"
	}
	return seal.OpenMasters(path)
}

// ClosePlace closes what OpenPlace opened.
func ClosePlace(p backup.Place) error { return errors.Join(p.Files.Close(), p.DB.Close()) }

// filesOf is the folder of uploaded files: the one given (JULI_FILES), or one
// beside the SQLite file.
func filesOf(d *db.DB, given string) (string, error) {
	switch {
	case given != "":
		return given, nil
	case d.Path() == "":
		return "", fault.New(fault.Invalid, "app.no-files", "使用PostgreSQL时须用 JULI_FILES 指定存放文件的目录。")
	}
	return strings.TrimSuffix(d.Path(), filepath.Ext(d.Path())) + "-files", nil
}

// Invariants are what holds of a city at every instant: verify asks them of a
// restored copy, doctor of the living one.
func Invariants() []backup.Invariant {
	list := make([]backup.Invariant, 0, len(invariants))
	for _, i := range invariants {
		list = append(list, backup.Invariant{Name: i.name, Check: func(ctx context.Context, tx *db.Tx) error {
			n, err := db.Value[int64](ctx, tx, i.query)
			if err == nil && n > 0 {
				err = fmt.Errorf("%s: %d rows", i.key, n)
			}
			return err
		}})
	}
	return append(list, backup.Invariant{Name: "公开日志与签名校验点一致", Check: tlog.Check})
}
