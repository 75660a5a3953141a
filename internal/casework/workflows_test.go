package casework_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"

	"juli/internal/campaign"
	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/deed"
	"juli/internal/fault"
	"juli/internal/importing"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/supervision"
	"juli/internal/survey"
	"juli/internal/volunteer"
)

var update = flag.Bool("update", false, "write docs/workflows.md anew")

// machines are the procedures of the whole city; a new one is added here.
var machines = []*casework.Machine{registry.FilingMachine, credit.RecordMachine, credit.AnnulMachine, credit.MendMachine, importing.PastMachine, supervision.CaseMachine, supervision.MeasureMachine, supervision.PleaMachine, supervision.MendMachine, survey.Machine, volunteer.RosterMachine, volunteer.CallMachine, resident.Machine, campaign.Machine, campaign.InspectionMachine, deed.Machine, deed.MonthMachine, listing.BatchMachine, listing.EntryMachine, listing.FollowMachine}

const workflows = "../../docs/workflows.md"

func TestWorkflowsAreCurrent(t *testing.T) {
	text, err := os.ReadFile(workflows)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(text)
	if *update {
		for _, m := range machines {
			doc = m.WriteSection(doc)
		}
		if err := os.WriteFile(workflows, []byte(doc), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range machines {
		if section, ok := m.Section(doc); !ok || section != m.Doc() {
			t.Errorf("docs/workflows.md: %s is not current: go test ./internal/casework -run Workflows -update", m.Name)
		}
	}
}

// TestEveryStateAndEveryAct walks each procedure of the city: from every state
// every act is tried, and leads where the table says or nowhere (AZ-7).
func TestEveryStateAndEveryAct(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, m := range machines {
			ways := waysTo(m)
			for _, s := range m.States {
				for _, a := range m.Acts {
					write(t, d, func(ctx context.Context, tx *db.Tx) {
						c := walk(ctx, t, tx, m, ways[s.Name], s.Name+"/"+a.Name)
						next, err := casework.Do(ctx, tx, robot, m, casework.Move{Case: c.ID, Way: casework.Way{Act: a.Name}})
						goal := a.To
						if goal == casework.Same {
							goal = s.Name
						}
						legal := slices.Contains(a.From, s.Name)
						if legal && (err != nil || next.State != goal || next.Version != c.Version+1) || !legal && !fault.Is(err, "casework.state") {
							t.Errorf("%s: %s from %s: %s, %v", m.Name, a.Name, s.Name, next.State, err)
						}
					})
				}
			}
		}
	})
}

// waysTo gives for every state the acts that lead to it from the start.
func waysTo(m *casework.Machine) map[string][]string {
	ways := map[string][]string{casework.Start: {}}
	for range m.States {
		for _, a := range m.Acts {
			for _, from := range a.From {
				way, ok := ways[from]
				if _, known := ways[a.To]; ok && !known && a.To != casework.Same {
					ways[a.To] = append(slices.Clone(way), a.Name)
				}
			}
		}
	}
	return ways
}

func walk(ctx context.Context, t *testing.T, tx *db.Tx, m *casework.Machine, way []string, object string) casework.Case {
	t.Helper()
	at := place
	at.Division = "230103001003" // a community: procedures may wait for one
	c, err := casework.Open(ctx, tx, robot, m, casework.Opening{Object: fmt.Sprint(m.Name, object), Title: "x", Place: at, Way: casework.Way{Act: way[0]}})
	for _, act := range way[1:] {
		if err == nil {
			c, err = casework.Do(ctx, tx, robot, m, casework.Move{Case: c.ID, Way: casework.Way{Act: act}})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}
