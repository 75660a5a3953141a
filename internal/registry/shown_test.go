package registry_test

import (
	"testing"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/registry"
)

func TestTheRegisterIsReadInWordsAndGroupedFigures(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return registry.EnsureDivisions(t.Context(), tx) }); err != nil {
			t.Fatal(err)
		}
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			got, err := registry.Shown(t.Context(), tx, registry.EnterpriseColumns(), map[string]string{"capital": "5000000.00", "division": "230110", "name": "安居物业"})
			for key, want := range map[string]string{"capital": "5,000,000.00", "division": "香坊区（230110）", "name": "安居物业"} {
				if got[key] != want {
					t.Errorf("%s reads %q, want %q", key, got[key], want)
				}
			}
			masked, err2 := registry.Shown(t.Context(), tx, registry.EnterpriseColumns(), map[string]string{"capital": "***", "division": "999999"})
			if masked["capital"] != "***" || masked["division"] != "999999" {
				t.Errorf("what cannot be read became %v, %v", masked, err2)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
