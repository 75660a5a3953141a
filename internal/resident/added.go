package resident

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"juli/internal/db"
)

// An Added is what a client added to a report of its own, as it said it.
type Added struct {
	ID, Report db.ID
	At         time.Time
	Text       string
	Media      []string
}

// AddedBy lists what a client added in a time, to some reports or (none named) to
// any, oldest first. Erased with the contacts of a report, it has no words any more.
func (s *Reports) AddedBy(ctx context.Context, tx *db.Tx, client db.ID, reports []db.ID, from, to time.Time, most int) ([]Added, error) {
	cond, args := "client = $1 AND said_at >= $2 AND said_at <= $3", []any{client, db.Millis(from), db.Millis(to)}
	if len(reports) > 0 {
		var marks []string
		for _, id := range reports {
			args = append(args, id)
			marks = append(marks, "$"+strconv.Itoa(len(args)))
		}
		cond += " AND report IN (" + strings.Join(marks, ", ") + ")"
	}
	type row struct {
		Added
		said, media []byte
	}
	rows, err := db.All(ctx, tx, func(sc db.Scanner) (x row, err error) {
		var at int64
		err = sc.Scan(&x.ID, &x.Report, &at, &x.said, &x.media)
		x.At = db.FromMillis(at)
		return x, err
	}, `SELECT id, report, said_at, said_sealed, media_sealed FROM open311_update WHERE `+cond+` ORDER BY said_at, id LIMIT `+strconv.Itoa(most), args...)
	if err != nil {
		return nil, err
	}
	list := make([]Added, 0, len(rows))
	for _, x := range rows {
		if err := s.openAdded(&x.Added, x.said, x.media); err != nil {
			return nil, err
		}
		list = append(list, x.Added)
	}
	return list, nil
}

func (s *Reports) openAdded(a *Added, said, media []byte) error {
	if len(said) > 0 {
		plain, err := s.Keys.Open("open311_update", "said_sealed", a.ID, said)
		if err != nil {
			return err
		}
		a.Text = string(plain)
	}
	if len(media) == 0 {
		return nil
	}
	plain, err := s.Keys.Open("open311_update", "media_sealed", a.ID, media)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, &a.Media); err != nil {
		return fmt.Errorf("decode media: %w", err)
	}
	return nil
}
