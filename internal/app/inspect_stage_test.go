//go:build !postgres

package app_test

import (
	"testing"

	"juli/internal/authz"
	"juli/internal/campaign"
	"juli/internal/casework"
	"juli/internal/db"
)

// assigned is an inspection that waits for one of those who sign in.
func (tn town) assigned(t *testing.T) (x campaign.Inspection, login string) {
	t.Helper()
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) error {
		list, err := tn.Campaigns.Inspections(t.Context(), tx, authz.System("test"), campaign.Sift{State: campaign.Assigned, Limit: 100})
		if err != nil {
			return err
		}
		for _, one := range list {
			for name := range tn.accounts {
				id, err := db.Value[db.ID](t.Context(), tx, `SELECT id FROM identity_account WHERE login = $1`, name)
				if err != nil {
					return err
				}
				if id == one.First {
					x, login = one, name
				}
			}
		}
		return nil
	})
	if err != nil || login == "" {
		t.Fatalf("nothing waits for anybody: %v", err)
	}
	return x, login
}

// visit is the page of an inspection that waits for somebody: a colleague hands
// it over, as when a case goes to another.
func (tn town) visit(t *testing.T, login string) string {
	t.Helper()
	to := tn.actor(t, login)
	x, from := tn.assigned(t)
	err := tn.DB.Write(t.Context(), func(tx *db.Tx) error {
		list, err := tn.Campaigns.Inspections(t.Context(), tx, authz.System("test"), campaign.Sift{State: campaign.Assigned, Limit: 100})
		if err != nil {
			return err
		}
		for _, one := range list {
			if casework.ParseHolder(one.FirstBody) == casework.Bodies(second(to))[0] {
				x = one
			}
		}
		who, err := tn.Identity.ActorOf(t.Context(), tx, x.First)
		if err != nil || x.First == to.Account {
			return err
		}
		_, err = casework.Reassign(t.Context(), tx, second(who), campaign.InspectionMachine, x.ID, 1, to, "出差")
		return err
	})
	if err != nil {
		t.Fatalf("from %s: %v", from, err)
	}
	return "/bureau/inspections/" + x.ID.String() + "/visit"
}

func second(who authz.Actor) authz.Actor { who.Second = true; return who }
