package app

import (
	"context"

	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/metric"
)

// Figures computes every city figure as of a day, 0 for the city's today.
func (a *App) Figures(ctx context.Context, on day.Date) (list []metric.Figure, err error) {
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		if on == 0 {
			on = tx.Today()
		}
		list, err = metric.City(ctx, tx, a.Evaluations, a.City, on)
		return err
	})
	return list, err
}
