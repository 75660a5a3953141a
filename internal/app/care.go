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

// Invariants are sentences about a city that hold at every instant; verify asks
// them of a restored copy, doctor of the living one.
func Invariants() []backup.Invariant {
	none := func(query string) func(context.Context, *db.Tx) error {
		return func(ctx context.Context, tx *db.Tx) error {
			n, err := db.Value[int64](ctx, tx, query)
			if err == nil && n > 0 {
				err = fmt.Errorf("%d rows", n)
			}
			return err
		}
	}
	return []backup.Invariant{
		{Name: "企业的在管项目数和面积等于其项目之和", Check: none(`
			SELECT COUNT(*) FROM enterprise AS e
			LEFT JOIN (
				SELECT enterprise, COUNT(*) AS n, CAST(SUM(area) AS BIGINT) AS area FROM project
				WHERE state = 'ACTIVE' GROUP BY enterprise
			) AS p ON p.enterprise = e.uscc
			WHERE e.projects <> COALESCE(p.n, 0) OR e.managed_area <> COALESCE(p.area, 0)`)},
		{Name: "登记的上级区划都存在", Check: none(`
			SELECT COUNT(*) FROM division AS d
			WHERE d.parent IS NOT NULL AND NOT EXISTS (SELECT 1 FROM division AS p WHERE p.code = d.parent)`)},
		{Name: "待处理的反应都有其事件", Check: none(`
			SELECT COUNT(*) FROM audit_pending AS p
			WHERE NOT EXISTS (SELECT 1 FROM audit_event AS e WHERE e.id = p.event_id)`)},
		{Name: "没有保留期清理的放行留在事务之外", Check: none(`SELECT COUNT(*) FROM retention_pass`)},
	}
}
