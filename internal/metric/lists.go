package metric

import (
	"context"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/listing"
)

// listFigures count what was published of the red and black lists. A batch is
// the whole city's, whichever division asks.
func listFigures(ctx context.Context, tx *db.Tx, division code.Division, on day.Date) ([]Figure, error) {
	t, err := listing.TallyOf(ctx, tx, division, on)
	return []Figure{
		count("list_batches", "红黑榜批次", "截至当日已公布的红黑榜批次数", "批", t.Batches, "/lists"),
		count("red_entries", "红榜条目", "截至当日公布列入红榜的条目数（含后来期满移出的，不含更正撤销的）", "条", t.Red, "/lists/entries?side=RED&counted=1"),
		count("black_entries", "黑榜条目", "截至当日公布列入黑榜的条目数（含后来期满、修复移出的，不含更正撤销的）", "条", t.Black, "/lists/entries?side=BLACK&counted=1"),
	}, err
}
