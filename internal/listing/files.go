package listing

import (
	"context"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Paper is a file that somebody handed in with an entry.
type Paper struct {
	blob.File
	Purpose string // NOMINATION, REPLY, REPAIR
}

// Title is the purpose in Chinese.
func (p Paper) Title() string {
	return map[string]string{"NOMINATION": "提名材料", "REPLY": "申辩材料", "REPAIR": "修复材料"}[p.Purpose]
}

const filesMax = 10

// addFiles keeps files with an entry.
func addFiles(ctx context.Context, tx *db.Tx, entry db.ID, purpose string, ids []db.ID) error {
	if len(ids) == 0 {
		return nil
	}
	if len(ids) > filesMax {
		return fault.New(fault.Invalid, "listing.files", "最多 %d 个文件。", filesMax).With("files", "文件太多。")
	}
	known, err := blob.Files(ctx, tx, ids...)
	if err != nil {
		return err
	}
	for _, id := range ids {
		f, ok := known[id]
		if !ok {
			return fault.New(fault.Invalid, "listing.files", "文件没有上传成功，请重新上传。").With("files", "请重新上传。")
		}
		if _, err := tx.Exec(ctx, `INSERT INTO listing_file (entry, file, purpose, sha256, added_at) VALUES ($1, $2, $3, $4, $5)`, entry, id, purpose, f.SHA256, db.Millis(tx.Now)); err != nil {
			return err
		}
	}
	return nil
}

// PapersOf lists the files of an entry.
func PapersOf(ctx context.Context, tx *db.Tx, entry db.ID) ([]Paper, error) {
	type row struct {
		id      db.ID
		purpose string
	}
	rows, err := db.All(ctx, tx, func(s db.Scanner) (r row, err error) { return r, s.Scan(&r.id, &r.purpose) },
		`SELECT file, purpose FROM listing_file WHERE entry = $1 ORDER BY added_at, file LIMIT 100`, entry)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]db.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	known, err := blob.Files(ctx, tx, ids...)
	out := make([]Paper, 0, len(rows))
	for _, r := range rows {
		out = append(out, Paper{known[r.id], r.purpose})
	}
	return out, err
}

// FileIn gives a file of an entry to who may read it, and writes that down (AUD-1).
func (s *Service) FileIn(ctx context.Context, tx *db.Tx, who authz.Actor, entry, file db.ID) (db.ID, error) {
	e, err := s.entryFor(ctx, tx, who, entry)
	if err != nil {
		return 0, err
	}
	if err := authz.Require(who, authz.FileRead, e.Place()); err != nil {
		return 0, err
	}
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM listing_file WHERE entry = $1 AND file = $2`, entry, file)
	switch {
	case err != nil:
		return 0, err
	case n == 0:
		return 0, fault.New(fault.NotFound, "listing.no-file", "没有找到这个文件。")
	}
	return file, audit.Append(ctx, tx, who, "listing.file-read", e.Object(), audit.Change{Act: authz.FileRead, At: e.Place(), Detail: map[string]any{"file": file}})
}
