package supervision

import (
	"context"
	"slices"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/fault"
)

// mended are the purposes for which a file shows that a fault is gone.
var mended = []string{"after", "recheck"}

// addFiles keeps photos and papers; one file proves one thing. That a fault is
// gone is not shown by a photo that was handed in before, with whichever case.
func addFiles(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, purpose, spot string, files []db.ID) error {
	if len(files) == 0 {
		return nil
	}
	if len(files) > filesMax {
		return fault.New(fault.Invalid, "supervision.files", "一次最多%d个文件。", filesMax)
	}
	kept, err := blob.Files(ctx, tx, files...)
	if err != nil {
		return err
	}
	for _, f := range files {
		file, ok := kept[f]
		if !ok {
			return fault.New(fault.Invalid, "supervision.file", "上传的文件没有找到，请重新上传。")
		}
		if !slices.Contains(mended, purpose) {
			continue
		}
		known, err := knownPhoto(ctx, tx, file.SHA256)
		if err != nil {
			return err
		}
		if known {
			why := "“" + file.Name + "”以前已经交过，请上传整改后新拍的照片。"
			return fault.New(fault.Invalid, "supervision.known-photo", "%s", why).With("files", why)
		}
	}
	for _, f := range files {
		if err := insertFile(ctx, tx, who, id, purpose, spot, f, kept[f].SHA256); err != nil {
			return err
		}
	}
	return nil
}
