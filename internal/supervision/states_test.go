package supervision_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/city/town"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/supervision"
)

// do takes any act of the case machine by its service method.
func do(ctx context.Context, tx *db.Tx, s *supervision.Cases, who authz.Actor, act string, t supervision.Take, into db.ID) error {
	switch act {
	case supervision.ActVerify:
		return s.VerifyIn(ctx, tx, who, t, supervision.Finding{Violation: "Q03"})
	case supervision.ActOrder:
		return s.OrderIn(ctx, tx, who, t, supervision.Order{Class: "deadline"})
	case supervision.ActMerge:
		return s.MergeIn(ctx, tx, who, t, into)
	case supervision.ActLonger:
		return s.AskLongerIn(ctx, tx, who, t, supervision.Order{Class: "stages", Deadline: tx.Today().AddDays(120)})
	case supervision.ActAskHand:
		return s.AskHandIn(ctx, tx, who, t, supervision.Receiver{To: "城管局"})
	case supervision.ActHand:
		return s.HandIn(ctx, tx, who, t, supervision.Receiver{To: "城管局", Document: "城管受〔2021〕7号"})
	case supervision.ActAsk:
		c, err := s.CaseFor(ctx, tx, authz.System("test"), t.ID)
		if err != nil {
			return err
		}
		t.Until = c.ExtendTo
		return s.AskIn(ctx, tx, who, t)
	}
	return map[string]func(context.Context, *db.Tx, authz.Actor, supervision.Take) error{
		supervision.ActConfirm: s.ConfirmIn, supervision.ActDismiss: s.DismissIn, supervision.ActUnmerge: s.UnmergeIn, supervision.ActGrantLonger: s.GrantLongerIn, supervision.ActKeep: s.KeepIn, supervision.ActCall: s.CallIn,
		supervision.ActReply: s.ReplyIn, supervision.ActGrant: s.GrantIn, supervision.ActDeny: s.DenyIn, supervision.ActReport: s.ReportIn,
		supervision.ActPass: s.PassIn, supervision.ActFail: s.FailIn, supervision.ActAgree: s.AgreeIn, supervision.ActReopen: s.ReopenIn, supervision.ActAskEnd: s.AskEndIn, supervision.ActEnd: s.EndIn,
	}[act](ctx, tx, who, t)
}

// roads lead a registered case into each state; acts of the officials alternate
// between two persons.
var roads = map[string][]string{
	supervision.Registered: {}, supervision.Verifying: {"verify"}, supervision.Found: {"verify", "confirm"}, supervision.Ordered: {"verify", "confirm", "order"},
	supervision.Asking: {"verify", "confirm", "order", "ask"}, supervision.Overdue: {"verify", "confirm", "order", "lapse"}, supervision.Reported: {"verify", "confirm", "order", "report"},
	supervision.Passed: {"verify", "confirm", "order", "report", "pass"}, supervision.Closed: {"verify", "confirm", "order", "report", "pass", "agree"}, supervision.Merged: {"merge"},
	supervision.NotFound: {"dismiss"}, supervision.Handed: {"hand"}, supervision.Ended: {"verify", "confirm", "ask-end", "end"},
	supervision.Longer: {"verify", "confirm", "longer"}, supervision.Handing: {"verify", "confirm", "ask-hand"}, supervision.Ending: {"verify", "confirm", "ask-end"},
	supervision.Archived: {"verify", "confirm", "order", "report", "pass", "agree", "archive"},
}

// TestEveryActInEveryStateByEveryRole tries each act of the case machine in each
// state by one person of each role (AZ-7): it succeeds exactly where the machine,
// the duty matrix and the holder let it, and what is refused leaves no trace.
func TestEveryActInEveryStateByEveryRole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		people := map[authz.Role]authz.Actor{
			authz.CityBureau: w.city, authz.DistrictBureau: w.third, authz.Subdistrict: w.street, authz.Community: w.tn.Community(town.Huayuan),
			authz.Association: w.tn.Association(), authz.Enterprise: w.firm, authz.ProjectManager: w.tn.ProjectManager(w.tn.Projects[0].Code),
			authz.Committee: w.tn.Actor(authz.Committee, authz.Scope{Project: string(w.tn.Projects[0].Code)}),
			authz.Owner:     w.tn.Actor(authz.Owner, authz.Scope{Project: string(w.tn.Projects[0].Code)}), authz.Public: authz.Anonymous,
		}
		tried, done := 0, 0
		for _, state := range supervision.CaseMachine.States {
			id, other := w.inState(state.Name)
			before := w.state(id)
			for _, a := range supervision.CaseMachine.Acts {
				if a.May == "" || a.Name == supervision.ActRegister {
					continue
				}
				for _, duty := range authz.Roles() {
					who, ok := people[duty.Role]
					if !ok {
						continue
					}
					tried++
					holds := !a.ByHolder || slices.Contains(casework.Bodies(who), before.Flow.Holder)
					want := slices.Contains(a.From, state.Name) && authz.May(who, a.May, before.Place()) && authz.May(who, authz.SupervisionRead, before.Place()) && holds &&
						(a.Name != supervision.ActReply || w.on <= before.ReplyDue) // an enterprise is heard until its term ends
					err := w.at(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
						take := w.take(ctx, tx, id, "说明。")
						take.Files = w.photo(ctx, tx)
						if err := do(ctx, tx, s, who, a.Name, take, other); err != nil {
							return err
						}
						return errUndo // look, and leave it as it was
					})
					if got := errors.Is(err, errUndo); got != want {
						t.Errorf("%s of %s by %s: %v, want done=%v", a.Name, state.Name, duty.Role, err, want)
					} else if got {
						done++
					} else if f := fault.From(err); f.Kind == fault.Internal {
						t.Errorf("%s of %s by %s: %v", a.Name, state.Name, duty.Role, err)
					}
				}
			}
			if after := w.state(id); after.Flow.Version != before.Flow.Version || after.State != before.State {
				t.Errorf("%s: refused acts moved the case to %s", state.Name, after.State)
			}
		}
		if tried < 1500 || done < 40 {
			t.Errorf("only %d tried, %d done", tried, done)
		}
	})
}

var errUndo = fault.New(fault.Conflict, "test.undo", "撤销。")

// inState leads a new case into a state and gives another open one beside it.
func (w *world) inState(state string) (id, other db.ID) {
	w.t.Helper()
	turn := 0
	w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) (err error) {
		if other, err = s.RegisterIn(ctx, tx, w.first, w.fault()); err != nil {
			return err
		}
		id, err = s.RegisterIn(ctx, tx, w.first, w.fault())
		return err
	})
	for _, act := range roads[state] {
		switch act {
		case supervision.ActLapse, supervision.ActArchive:
			day := w.on.AddDays(30)
			if act == supervision.ActArchive {
				day = w.on.AddDays(95)
			}
			w.must(day, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
				_, _, err := s.AdvanceIn(ctx, tx)
				return err
			})
			continue
		}
		who := []authz.Actor{w.first, w.second}[turn%2]
		turn++
		switch act {
		case supervision.ActAsk, supervision.ActReport:
			who = w.firm
		case supervision.ActPass:
			who = w.community
		case supervision.ActAgree:
			who = w.tn.Actor(authz.Committee, authz.Scope{Project: string(w.tn.Projects[0].Code)})
		case supervision.ActOrder, supervision.ActAskEnd:
			who = w.first
		}
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			take := w.take(ctx, tx, id, "说明。")
			if act == supervision.ActReport {
				take.Files = w.photo(ctx, tx)
			}
			return do(ctx, tx, s, who, act, take, other)
		})
	}
	if c := w.state(id); c.State != state {
		w.t.Fatalf("led to %s, want %s", c.State, state)
	}
	return id, other
}

// TestAMergedCaseComesBackWhole: merging is a person's decision, and undoing it
// loses neither reports nor photos.
func TestAMergedCaseComesBackWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		var a, b db.ID
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) (err error) {
			if a, err = s.RegisterIn(ctx, tx, w.first, w.fault()); err != nil {
				return err
			}
			f := w.fault()
			f.Channel, f.SourceRef, f.Files = supervision.Hotline, "12345-1", w.photo(ctx, tx)
			b, err = s.RegisterIn(ctx, tx, w.first, f)
			return err
		})
		if alike := w.state(b).Alike; len(alike) != 1 || alike[0].ID != a {
			t.Fatalf("proposed %v", alike)
		}
		first := w.state(b).Flow.Due
		w.refused("supervision.merge-lesser", w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			f := w.fault()
			f.Violation = "Q02"
			lesser, err := s.RegisterIn(ctx, tx, w.first, f)
			if err != nil {
				return err
			}
			return s.MergeIn(ctx, tx, w.first, w.take(ctx, tx, b, ""), lesser)
		})
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.MergeIn(ctx, tx, w.first, w.take(ctx, tx, b, ""), a)
		})
		if c := w.state(a); len(c.Sources) != 2 || len(c.Proofs) != 1 || len(c.Merged) != 1 {
			t.Errorf("merged: %d sources, %d proofs, %d cases", len(c.Sources), len(c.Proofs), len(c.Merged))
		}
		w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
			return s.UnmergeIn(ctx, tx, w.second, w.take(ctx, tx, b, "不是同一扇门。"))
		})
		if c := w.state(b); c.Flow.Due != first {
			t.Errorf("merged and taken back, the deadline went from %s to %s", first, c.Flow.Due)
		}
		if c := w.state(b); c.State != supervision.Registered || len(c.Sources) != 1 || len(c.Proofs) != 1 || c.Into != 0 {
			t.Errorf("unmerged: %s %d sources %d proofs", c.State, len(c.Sources), len(c.Proofs))
		}
		if c := w.state(a); len(c.Sources) != 1 || len(c.Merged) != 0 {
			t.Errorf("the other keeps %d sources", len(c.Sources))
		}
	})
}

// TestAnEnterpriseSeesOnlyWhatIsVerified: a mere report neither warns nor accuses.
func TestAnEnterpriseSeesOnlyWhatIsVerified(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, state := range []string{supervision.Registered, supervision.Verifying, supervision.NotFound, supervision.Found, supervision.Ordered} {
			id, _ := w.inState(state)
			want := state == supervision.Found || state == supervision.Ordered
			w.must(w.on, func(ctx context.Context, tx *db.Tx, s *supervision.Cases) error {
				c, err := s.CaseFor(ctx, tx, w.firm, id)
				if (err == nil) != want {
					t.Errorf("%s: shown %v", state, err == nil)
				}
				if len(c.Sources) > 0 {
					t.Errorf("%s: the enterprise learns who reported", state)
				}
				list, err := s.List(ctx, tx, w.firm, supervision.Query{Limit: 100})
				if err != nil {
					return err
				}
				if has := slices.ContainsFunc(list, func(c supervision.Case) bool { return c.ID == id }); has != want {
					t.Errorf("%s: listed %v", state, has)
				}
				public, err := s.Public(ctx, tx, supervision.Query{Limit: 100})
				for _, c := range public {
					if c.Verified == 0 || c.Facts != "" || c.Spot != "" {
						t.Errorf("public: %+v", c)
					}
				}
				return err
			})
		}
	})
}
