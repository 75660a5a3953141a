package town_test

import (
	"context"
	"testing"

	"juli/internal/authz"
	"juli/internal/city/town"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/registry"
)

func TestTown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		tn := town.New(t, d)
		moved := tn.On("2021-07-01").Change(tn.Projects[0], func(p *registry.Project) { p.Enterprise = tn.Yi.USCC })
		tn.WantAudit("project:"+string(moved.Code), "registry.project-added", "registry.project-changed")
		tn.Read(func(ctx context.Context, tx *db.Tx) error {
			got, err := registry.TotalsOf(ctx, tx, "", tn.Today())
			if err != nil || got.Enterprises != 3 || got.Projects != 5 || got.Area != 26_500_050 {
				t.Errorf("totals = %+v, %v", got, err)
			}
			broken, err := registry.Broken(ctx, tx)
			if err != nil || len(broken) > 0 {
				t.Errorf("broken: %v, %v", broken, err)
			}
			return nil
		})
		at := authz.Place{Division: town.Huayuan, Enterprise: tn.Jia.USCC, Project: string(moved.Code)}
		for name, who := range map[string]authz.Actor{
			"city": tn.City(), "district": tn.District(town.Huayuan), "street": tn.Street(town.Huayuan), "community": tn.Community(town.Huayuan),
			"association": tn.Association(), "firm": tn.Firm(tn.Jia.USCC), "manager": tn.ProjectManager(moved.Code),
		} {
			if err := authz.Require(who, authz.RegistryRead, at); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
