package app_test

import (
	"testing"

	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/notify"
	"juli/internal/registry"
)

// TestEveryDeskHasWork: whoever signs in to a demo city finds something that
// waits for them, with a proof to look at, and no heap of unread mail.
func TestEveryDeskHasWork(t *testing.T) {
	tn := newTown(t)
	machines := []*casework.Machine{credit.RecordMachine, registry.FilingMachine}
	for _, login := range []string{"city1", "city2", "nangang1", "nangang2", "daoli1", "daowai1", "xiangfang1", "songbei1", "pingfang1", "street1", "street2", "community1", "firm1", "firm2", "firm3", "firm4"} {
		k := newClerk(t, tn, login)
		who := k.people[login]
		err := tn.DB.Read(t.Context(), func(tx *db.Tx) error {
			list, _, err := casework.Todos(t.Context(), tx, who, machines, casework.Filter{}, casework.Cursor{}, 5)
			if err != nil {
				return err
			}
			if len(list) == 0 {
				t.Errorf("nothing waits for %s", login)
			}
			mail, err := notify.Unread(t.Context(), tx, who)
			if mail > 60 {
				t.Errorf("%s has %d messages unread", login, mail)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := tn.count(t, `SELECT COUNT(*) FROM credit_record_file`); n < 15 {
		t.Errorf("%d records carry a file", n)
	}
	if n := tn.count(t, `SELECT COUNT(*) FROM casework_case WHERE machine = $1 AND closed = $2`, registry.FilingMachine.Name, false); n == 0 {
		t.Error("no filing waits to be checked")
	}
}
