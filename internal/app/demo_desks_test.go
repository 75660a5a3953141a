package app_test

import (
	"strings"
	"testing"

	"juli/internal/campaign"
	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/listing"
	"juli/internal/notify"
	"juli/internal/registry"
	reports "juli/internal/resident"
	"juli/internal/supervision"
	"juli/internal/survey"
	"juli/internal/volunteer"
)

// procedures are those whose cases wait on desks. A new one is added here and to
// the desks where it waits; imports of past records wait only while one runs.
var procedures = []*casework.Machine{
	credit.RecordMachine, registry.FilingMachine, supervision.CaseMachine, supervision.MeasureMachine, supervision.PleaMachine, supervision.MendMachine, reports.Machine, campaign.Machine, campaign.InspectionMachine,
	listing.BatchMachine, listing.EntryMachine, listing.FollowMachine, deed.Machine, deed.MonthMachine, survey.Machine, volunteer.RosterMachine, volunteer.CallMachine,
}

// leftWith are the accounts whose desks hold work of a procedure when the story
// ends: at least one of each list.
var leftWith = map[string][]string{
	"credit_record": {"nangang1 nangang2", "street1"}, "registry_filing": {"nangang1 nangang2 daoli1 daowai1 xiangfang1 songbei1 pingfang1"},
	"supervision_case": {"nangang1 daoli1 xiangfang1 daowai1", "street1 street2", "community1 community2", "firm1 firm2 firm3 firm4"}, "supervision_plea": {"firm1 firm2 firm3 firm4"}, "supervision_mend": {"firm1 firm2 firm3 firm4"}, "supervision_measure": {"nangang1 nangang2 daoli1 daowai1 xiangfang1"},
	"resident_report": {"firm1 firm2 firm3 firm4", "community1", "street1", "nangang1 daoli1 daowai1 xiangfang1", "committee1"},
	"campaign":        {"city1 nangang1 daoli1"}, "inspection": {"nangang1 daoli1 daowai1 xiangfang1 songbei1 pingfang1"},
	"listing_batch": {"city1"}, "listing_entry": {"firm1 firm2 firm3 firm4"}, "listing_followup": {"nangang1 daoli1 daowai1 xiangfang1 songbei1 pingfang1"},
	"deed": {"nangang1 daoli1 daowai1 xiangfang1", "street1 street2 community1 community2"}, "deed_month": {"nangang1"},
	"survey": {"street1 street2 community1 community2 nangang1 daoli1"}, "volunteer": {"community1 community2 street1 street2"}, "volunteer_call": {"community1 community2 street1 street2"},
}

// TestEveryDeskHasWork: whoever signs in to a demo city finds something that
// waits for them, of each procedure somebody; with a proof to look at, and no heap
// of unread mail.
func TestEveryDeskHasWork(t *testing.T) {
	tn := newTown(t)
	all := []string{"city1", "city2", "nangang1", "nangang2", "daoli1", "daoli2", "daowai1", "xiangfang1", "songbei1", "pingfang1", "street1", "street2", "community1", "community2", "firm1", "firm2", "firm3", "firm4", "committee1"}
	waits := map[string]map[string]int{} // procedure → login → cases
	for _, login := range all {
		k := newClerk(t, tn, login)
		who := k.people[login]
		n := 0
		err := tn.DB.Read(t.Context(), func(tx *db.Tx) error {
			for _, m := range procedures {
				list, _, err := casework.Todos(t.Context(), tx, who, []*casework.Machine{m}, casework.Filter{Machine: m.Name}, casework.Cursor{}, 5)
				if err != nil {
					return err
				}
				if waits[m.Name] == nil {
					waits[m.Name] = map[string]int{}
				}
				waits[m.Name][login], n = len(list), n+len(list)
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
		if n == 0 {
			t.Errorf("nothing waits for %s", login)
		}
	}
	for _, m := range procedures {
		if len(leftWith[m.Name]) == 0 {
			t.Errorf("no desk is said to hold work of %s", m.Name)
		}
		for _, desk := range leftWith[m.Name] {
			n := 0
			for login := range strings.FieldsSeq(desk) {
				n += waits[m.Name][login]
			}
			if n == 0 {
				t.Errorf("%s (%s) waits for none of %s", m.Name, m.Title, desk)
			}
		}
	}
	if n := tn.count(t, `SELECT COUNT(*) FROM credit_record_file`); n < 15 {
		t.Errorf("%d records carry a file", n)
	}
	if n := tn.count(t, `SELECT COUNT(*) FROM casework_case WHERE machine = $1 AND closed = $2`, registry.FilingMachine.Name, false); n == 0 {
		t.Error("no filing waits to be checked")
	}
}
