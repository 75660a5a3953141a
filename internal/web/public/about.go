package public

import (
	"context"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/listing"
	"juli/internal/resident"
	"juli/internal/supervision"
	"juli/internal/web"
)

// aboutOf are the figures of what else is said of an enterprise or a project, each
// with the list of just those.
func aboutOf(ctx context.Context, tx *db.Tx, enterprise code.USCC, project code.ProjectCode) ([]web.Figure, error) {
	ask := "?enterprise=" + string(enterprise)
	if project != "" {
		ask = "?project=" + string(project)
	}
	cases, err := supervision.CountPublic(ctx, tx, enterprise, project)
	if err != nil {
		return nil, err
	}
	reports, err := resident.Count(ctx, tx, resident.Query{Public: true, Enterprise: enterprise, Project: project})
	if err != nil {
		return nil, err
	}
	listed, err := listing.CountPublic(ctx, tx, enterprise, project)
	return []web.Figure{
		{Label: "整改案件", Value: web.Count(cases), Unit: "件", Href: "/cases" + ask},
		{Label: "居民诉求", Value: web.Count(reports), Unit: "件", Href: "/reports" + ask},
		{Label: "红黑榜", Value: web.Count(listed), Unit: "条", Href: "/lists/entries" + ask},
	}, err
}
