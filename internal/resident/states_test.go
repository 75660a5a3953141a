package resident_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/city/town"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
)

// allowed is the whole procedure by hand: who may do what in which state. What
// is not here is refused. The report is about fees: signed by the street,
// answered by the enterprise, reviewed by the street.
var allowed = map[string]map[string]string{
	resident.Submitted:    {"topic": officials, "sign": "street", "refuse": "street", "merge": officials},
	resident.Signed:       {"topic": officials, "dispatch": "street", "refuse": "street", "merge": officials},
	resident.Dispatched:   {"topic": officials, "answer": "firm manager", "return": "firm", "extend": officials, "merge": officials},
	resident.Returned:     {"topic": officials, "dispatch": "street", "merge": officials},
	resident.Answered:     {"pass": "street", "review_back": "street"},
	resident.ReviewBack:   {"answer": "firm manager", "merge": officials},
	resident.ReviewPassed: {"rate": "resident", "not solved": "resident"},
	resident.Rated:        {"rate": "resident", "not solved": "resident"},
	resident.Reopened:     {"answer": "firm manager", "extend": officials, "merge": officials},
	resident.Urged:        {"answer": "firm manager", "give_time": "district", "case": "district", "merge": officials},
	resident.Supervised:   {"answer": "firm manager"},
	resident.Merged:       {"unmerge": officials},
	resident.Closed:       {"not solved": "resident"},
	resident.Archived:     {},
	resident.Refused:      {},
}

const officials = "community street district city"

// TestWhoMayDoWhatInWhichState tries every act in every state as every role.
func TestWhoMayDoWhatInWhichState(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		who := map[string]authz.Actor{
			"firm": w.firm, "manager": w.ProjectManager(w.Projects[0].Code), "community": w.community, "street": w.street, "district": w.district, "city": w.city,
			"another firm": w.Firm(w.Yi.USCC), "another community": w.Community(town.Nangang), "another district": w.District(town.Daoli),
			"association": w.Association(), "committee": w.Actor(authz.Committee, authz.Scope{Project: string(w.Projects[0].Code)}),
			"owner":   w.Actor(authz.Owner, authz.Scope{Project: string(w.Projects[0].Code)}),
			"visitor": authz.Anonymous, "sysadmin": w.Actor(authz.SysAdmin, authz.Scope{Division: "2301"}),
		}
		cells := 0
		for state, acts := range allowed {
			here, id, secret := w.reach(state)
			into := here.report("fees", "13900000009").Report
			if state == resident.Urged { // what is late is merged into what is late
				_, into, _ = w.reach(state)
			}
			take := here.take(id, "理由")
			for name, act := range here.acts(take, into) {
				for role, actor := range who {
					cells++
					err := here.would(func(ctx context.Context, tx *db.Tx) error { return act(ctx, tx, actor) })
					want := slices.Contains(strings.Fields(acts[name]), role)
					if (err == nil) != want {
						t.Errorf("%s: %s %s: %v, want allowed %v", state, role, name, err, want)
					}
				}
			}
			err := here.would(func(ctx context.Context, tx *db.Tx) error {
				return here.RateIn(ctx, tx, authz.Anonymous, secret, resident.Rating{Solved: true, Satisfied: true})
			})
			if want := acts["rate"] != ""; (err == nil) != want {
				t.Errorf("%s: a resident rates: %v, want allowed %v", state, err, want)
			}
			err = here.would(func(ctx context.Context, tx *db.Tx) error {
				return here.RateIn(ctx, tx, authz.Anonymous, secret, resident.Rating{})
			})
			if want := acts["not solved"] != ""; (err == nil) != want {
				t.Errorf("%s: a resident says that it is not solved: %v, want allowed %v", state, err, want)
			}
		}
		t.Logf("%d cells", cells)
	})
}

// acts are the acts of bodies.
func (w *world) acts(t resident.Take, into db.ID) map[string]func(ctx context.Context, tx *db.Tx, who authz.Actor) error {
	return map[string]func(ctx context.Context, tx *db.Tx, who authz.Actor) error{
		"sign":   func(ctx context.Context, tx *db.Tx, who authz.Actor) error { return w.SignIn(ctx, tx, who, t) },
		"refuse": func(ctx context.Context, tx *db.Tx, who authz.Actor) error { return w.RefuseIn(ctx, tx, who, t) },
		"dispatch": func(ctx context.Context, tx *db.Tx, who authz.Actor) error {
			return w.DispatchIn(ctx, tx, who, t, authz.Subdistrict)
		},
		"return": func(ctx context.Context, tx *db.Tx, who authz.Actor) error { return w.ReturnIn(ctx, tx, who, t) },
		"answer": func(ctx context.Context, tx *db.Tx, who authz.Actor) error {
			return w.AnswerIn(ctx, tx, who, t, "已公示收费标准", nil)
		},
		"review_back": func(ctx context.Context, tx *db.Tx, who authz.Actor) error { return w.ReviewBackIn(ctx, tx, who, t) },
		"pass":        func(ctx context.Context, tx *db.Tx, who authz.Actor) error { return w.PassIn(ctx, tx, who, t, true) },
		"extend":      func(ctx context.Context, tx *db.Tx, who authz.Actor) error { return w.ExtendIn(ctx, tx, who, t) },
		"give_time":   func(ctx context.Context, tx *db.Tx, who authz.Actor) error { return w.GiveTimeIn(ctx, tx, who, t) },
		"case":        func(ctx context.Context, tx *db.Tx, who authz.Actor) error { return w.CaseIn(ctx, tx, who, t) },
		"merge":       func(ctx context.Context, tx *db.Tx, who authz.Actor) error { return w.MergeIn(ctx, tx, who, t, into) },
		"topic": func(ctx context.Context, tx *db.Tx, who authz.Actor) error {
			return w.CorrectIn(ctx, tx, who, t, "income")
		},
		"unmerge": func(ctx context.Context, tx *db.Tx, who authz.Actor) error { return w.UnmergeIn(ctx, tx, who, t) },
	}
}

// path is how a report comes to a state: acts with who takes them.
var path = map[string]string{
	resident.Submitted: "", resident.Signed: "sign:street", resident.Dispatched: "sign:street dispatch:street",
	resident.Returned: "sign:street dispatch:street return:firm", resident.Answered: "sign:street dispatch:street answer:firm",
	resident.ReviewBack:   "sign:street dispatch:street answer:firm review_back:street",
	resident.ReviewPassed: "sign:street dispatch:street answer:firm pass:street", resident.Rated: "sign:street dispatch:street answer:firm pass:street yes:",
	resident.Reopened: "sign:street dispatch:street answer:firm pass:street no:", resident.Urged: "sign:street dispatch:street time:",
	resident.Supervised: "sign:street dispatch:street time: case:district",
	resident.Merged:     "merge:street", resident.Closed: "sign:street dispatch:street answer:firm pass:street time:", resident.Refused: "refuse:street",
	resident.Archived: "sign:street dispatch:street answer:firm pass:street time: later:",
}

// reach brings a new report to a state; here is the world on that day.
func (w *world) reach(state string) (here *world, id db.ID, secret string) {
	w.t.Helper()
	out := w.report("fees", anna)
	here = w
	for _, step := range strings.Fields(path[state]) {
		act, by, _ := strings.Cut(step, ":")
		who := map[string]authz.Actor{"street": w.street, "firm": w.firm, "district": w.district}[by]
		t := here.take(out.Report, "理由")
		switch act {
		case "yes", "no":
			w.must(here.rate(out.Follow, act == "yes", true))
		case "time", "later":
			here = w.on(map[string]string{"time": "2021-08-30", "later": "2021-11-30"}[act])
			w.must(here.Advance(w.t.Context()))
		case "dispatch":
			w.must(here.act(func(ctx context.Context, tx *db.Tx) error { return here.DispatchIn(ctx, tx, who, t, "") }))
		default:
			into := db.ID(0)
			if act == "merge" {
				into = here.report("fees", bob).Report
			}
			w.must(here.act(func(ctx context.Context, tx *db.Tx) error { return here.acts(t, into)[act](ctx, tx, who) }))
		}
	}
	if got := here.see(out.Report).State; got != state {
		w.t.Fatalf("reached %s, want %s", got, state)
	}
	return here, out.Report, out.Follow
}

func TestEveryStateIsTried(t *testing.T) {
	for _, s := range resident.Machine.States {
		if _, ok := allowed[s.Name]; !ok {
			t.Errorf("the table of who may do what lacks %s", s.Name)
		}
	}
}
