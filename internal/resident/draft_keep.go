package resident

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/fault"
)

const (
	draftsMax    = 500
	originBytes  = 240 << 20 // of photos that wait for a code, from one network
	waitingBytes = 4 << 30   // and in all: anybody may send them
)

// weigh is from which network a draft came and how large its photos are. What
// waits for codes may fill a part of the disk only, and no one network all of it.
func (s *Reports) weigh(ctx context.Context, tx *db.Tx, addr string, d Draft) (origin []byte, size int64, err error) {
	origin = s.Keys.Blind("resident_draft.origin", []byte(authz.Network(addr)))
	if d.Submission == nil || len(d.Submission.Files) == 0 {
		return origin, 0, nil
	}
	files, err := blob.Files(ctx, tx, d.Submission.Files...)
	if err != nil {
		return nil, 0, err
	}
	for _, f := range files {
		size += f.Size
	}
	if err := tx.Lock(ctx, "resident_draft", 0); err != nil {
		return nil, 0, err
	}
	since := db.Millis(tx.Real.Add(-draftFor))
	own, err := db.Value[int64](ctx, tx, `SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM resident_draft WHERE size > 0 AND origin = $1 AND made_at >= $2`, origin, since)
	if err != nil {
		return nil, 0, err
	}
	all, err := db.Value[int64](ctx, tx, `SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM resident_draft WHERE size > 0`)
	if err != nil {
		return nil, 0, err
	}
	if own+size > originBytes || all+size > waitingBytes {
		return nil, 0, fault.New(fault.TooMany, "resident.draft-bytes", "等待验证的照片太多，暂时不能再收照片。请先填写已收到的验证码，或不附照片提交。")
	}
	return origin, size, nil
}

// Sweep drops drafts that nobody confirmed, with their files, and old counts.
func (s *Reports) Sweep(ctx context.Context) error {
	for more := true; more; {
		err := s.DB.Write(ctx, func(tx *db.Tx) (err error) { more, err = s.sweepIn(ctx, tx); return err })
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Reports) sweepIn(ctx context.Context, tx *db.Tx) (more bool, err error) {
	old, err := db.All(ctx, tx, func(row db.Scanner) (d draftRow, err error) { return d, row.Scan(&d.id, &d.content) },
		`SELECT id, content_sealed FROM resident_draft WHERE made_at < $1 ORDER BY made_at, id LIMIT $2`, db.Millis(tx.Real.Add(-draftFor)), draftsMax)
	if err != nil {
		return false, err
	}
	for _, d := range old {
		plain, err := s.Keys.Open("resident_draft", "content_sealed", d.id, d.content)
		if err != nil {
			return false, err
		}
		var draft Draft
		if err := json.Unmarshal(plain, &draft); err != nil {
			return false, fmt.Errorf("decode draft: %w", err)
		}
		if draft.Submission != nil {
			for _, f := range draft.Submission.Files {
				if err := blob.Delete(ctx, tx, f); err != nil {
					return false, err
				}
			}
		}
		if _, err := tx.Exec(ctx, `DELETE FROM resident_draft WHERE id = $1`, d.id); err != nil {
			return false, err
		}
	}
	_, err = tx.Exec(ctx, `DELETE FROM resident_try WHERE slot < $1`, db.Millis(tx.Real)/time.Hour.Milliseconds()-48)
	return len(old) == draftsMax, err
}
