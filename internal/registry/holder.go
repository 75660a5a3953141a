package registry

import (
	"context"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
)

// HolderOn is the enterprise that served a project on a day; before the first
// known day it is the first one. "" is nobody.
func HolderOn(ctx context.Context, tx *db.Tx, project code.ProjectCode, on day.Date) (code.USCC, error) {
	all, err := HoldingsOfProject(ctx, tx, project)
	if err != nil || len(all) == 0 {
		return "", err
	}
	if on < all[0].From {
		return all[0].Enterprise, nil
	}
	held := code.USCC("")
	for _, h := range all {
		if h.From <= on && (h.To == 0 || on <= h.To) {
			held = h.Enterprise
		}
	}
	return held, nil
}

// HeldBefore says whether an enterprise had begun to serve a project by a day.
func HeldBefore(ctx context.Context, tx *db.Tx, project code.ProjectCode, enterprise code.USCC, on day.Date) (bool, error) {
	all, err := HoldingsOfProject(ctx, tx, project)
	for _, h := range all {
		if h.Enterprise == enterprise && h.From <= on {
			return true, err
		}
	}
	return false, err
}
