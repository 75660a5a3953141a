package notify

import (
	"context"
	"fmt"

	"juli/internal/db"
	"juli/internal/fault"
)

const seriesMax = 20 // characters of a document series

// NextNumber takes the next document number (文号) of a series and year, for
// example 哈物信告〔2021〕12号. The number belongs to the caller's transaction: one
// that fails gives it back, so that the series has no gap (党政机关公文格式 GB/T 9704).
func NextNumber(ctx context.Context, tx *db.Tx, series string, year int) (string, error) {
	if n := len([]rune(series)); n == 0 || n > seriesMax || year < 1949 || year > 9999 {
		return "", fault.New(fault.Invalid, "notify.series", "文号的机关代字或年份不正确。")
	}
	if err := tx.Lock(ctx, "notify_number", fmt.Sprint(series, year)); err != nil {
		return "", err
	}
	n, err := db.Value[int64](ctx, tx, `
		INSERT INTO notify_number (series, year, last) VALUES ($1, $2, 1)
		ON CONFLICT (series, year) DO UPDATE SET last = notify_number.last + 1
		RETURNING last`, series, year)
	if err != nil {
		return "", fmt.Errorf("take document number: %w", err)
	}
	return fmt.Sprintf("%s〔%d〕%d号", series, year, n), nil
}
