package casework_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
)

func TestACaseGoesFromHandToHandInTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		d = dbtest.Clock(d, "2021-06-10") // Thursday before 端午 (14 June free)
		c := opened(t, d, "order:1")
		if c.Holder.Key() != "district_bureau@230103" || c.Due != day.MustParse("2021-06-18") || c.Version != 1 {
			t.Fatalf("opened: %s due %s v%d", c.Holder.Key(), c.Due, c.Version)
		}
		c, rule := do(t, d, officer, c, "issue", "")
		if rule != "" || c.State != "issued" || c.Holder.Enterprise != firm || c.Due != day.MustParse("2021-06-17") {
			t.Fatalf("issued: %s %+v due %s", rule, c.Holder, c.Due)
		}
		c, rule = do(t, d, robot, c, "lapse", "")
		if rule != "" || !c.Closed || c.Holder.Key() != "" || c.Due != 0 {
			t.Fatalf("lapsed: %s %+v", rule, c)
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) {
			steps, err := casework.History(ctx, tx, c)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range steps {
				got = append(got, fmt.Sprintf("%d %s %s→%s %s %s%s", s.Version, s.ActTitle, s.From, s.To, s.Person, s.Body, s.System))
			}
			want := []string{
				"1 提出 →proposed " + clerk.Person.String() + " subdistrict@230103001",
				"2 发出 proposed→issued " + officer.Person.String() + " district_bureau@230103",
				"3 到期办结 issued→closed  job",
			}
			if !slices.Equal(got, want) {
				t.Errorf("history:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	})
}

func TestWhoMayNot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		samePerson := officer
		samePerson.Account, samePerson.Person = 99, clerk.Person
		for i, tt := range []struct {
			name string
			who  authz.Actor
			act  string
			note string
			want string
		}{
			{"another district sees nothing", other, "issue", "", "authz.not-found"},
			{"an enterprise does not issue", manager, "issue", "", "authz.denied"},
			{"a visitor signs in first", authz.Anonymous, "issue", "", "authz.anonymous"},
			{"the city does not hold the case", bureau, "issue", "", "casework.not-holder"},
			{"the maker's second account is the same person", samePerson, "issue", "", "authz.same-person"},
			{"a refusal says why", officer, "refuse", "", "casework.note"},
			{"the law's own act is not a person's", officer, "lapse", "", "casework.program"},
			{"a step cannot be skipped", officer, "close", "", "casework.state"},
			{"an unknown act", officer, "fly", "", "casework.act"},
			{"the holder may", officer, "issue", "", ""},
		} {
			c := opened(t, d, fmt.Sprint("order:", i))
			if _, rule := do(t, d, tt.who, c, tt.act, tt.note); rule != tt.want {
				t.Errorf("%s: %q, want %q", tt.name, rule, tt.want)
			}
		}
	})
}

func TestTheLoserOfTwoWritersIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := opened(t, d, "order:1")
		rules := make([]string, 8)
		var wg sync.WaitGroup
		for i := range rules {
			wg.Go(func() {
				who := official(int64(20+i), authz.DistrictBureau, district)
				err := d.Write(t.Context(), func(tx *db.Tx) error {
					_, err := casework.Do(t.Context(), tx, who, order, casework.Move{Case: c.ID, Version: c.Version, Way: casework.Way{Act: "issue"}})
					return err
				})
				if err != nil {
					rules[i] = fault.From(err).Rule
				}
			})
		}
		wg.Wait()
		won := 0
		for _, r := range rules {
			if r == "" {
				won++
			} else if r != "casework.stale" {
				t.Errorf("loser got %q", r)
			}
		}
		if won != 1 {
			t.Errorf("%d writers won, want 1", won)
		}
	})
}

func TestTodosByDeadlineAndPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for i := range 7 {
			opened(t, dbtest.Clock(d, day.MustParse("2021-06-01").AddDays(6-i).String()), fmt.Sprint("order:", i))
		}
		d = dbtest.Clock(d, "2021-06-09")
		write(t, d, func(ctx context.Context, tx *db.Tx) {
			var dues []string
			late := 0
			after := casework.Cursor{}
			for page := 0; ; page++ {
				todos, next, err := casework.Todos(ctx, tx, officer, []*casework.Machine{order}, casework.Filter{}, after, 3)
				if err != nil {
					t.Fatal(err)
				}
				for _, todo := range todos {
					dues = append(dues, todo.Due.String()+todo.ID.String())
					if todo.Late {
						late++
					}
				}
				if next == (casework.Cursor{}) {
					if page != 2 {
						t.Errorf("ended on page %d", page)
					}
					break
				}
				after = next
			}
			if len(dues) != 7 || !slices.IsSorted(dues) || late != 1 {
				t.Errorf("%d todos, sorted %v, %d late: %v", len(dues), slices.IsSorted(dues), late, dues)
			}
			counts, err := casework.TodoCounts(ctx, tx, officer, []*casework.Machine{order})
			if err != nil || len(counts) != 1 || counts[0] != (casework.Count{Machine: "test_order", N: 7, Late: 1}) {
				t.Errorf("counts %v, %v", counts, err)
			}
			for name, who := range map[string]authz.Actor{"another district": other, "the city": bureau, "a visitor": authz.Anonymous} {
				if todos, _, err := casework.Todos(ctx, tx, who, nil, casework.Filter{}, casework.Cursor{}, 10); err != nil || len(todos) != 0 {
					t.Errorf("%s sees %d todos (%v)", name, len(todos), err)
				}
			}
			if todos, _, _ := casework.Todos(ctx, tx, officer, nil, casework.Filter{Late: true}, casework.Cursor{}, 10); len(todos) != 1 {
				t.Errorf("%d late", len(todos))
			}
			past, err := casework.PastDue(ctx, tx, order, "proposed", tx.Today(), casework.Cursor{}, 10)
			if err != nil || len(past) != 1 {
				t.Errorf("%d past due, %v", len(past), err)
			}
		})
	})
}

// What can't be done before a day is on nobody's list until that day, and counts for
// nobody; a step that leads on forgets the day.
func TestWhatCannotBeDoneYetWaitsForItsDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ready := day.MustParse("2021-06-07")
		var c casework.Case
		write(t, dbtest.Clock(d, "2021-06-01"), func(ctx context.Context, tx *db.Tx) {
			var err error
			c, err = casework.Open(ctx, tx, clerk, order, casework.Opening{Object: "order:early", Title: "x", Place: place, Way: casework.Way{Act: "propose", Ready: ready}})
			if err != nil || c.Ready != ready {
				t.Fatal(c.Ready, err)
			}
		})
		for on, want := range map[string]int{"2021-06-01": 0, "2021-06-06": 0, "2021-06-07": 1} {
			write(t, dbtest.Clock(d, on), func(ctx context.Context, tx *db.Tx) {
				todos, _, err := casework.Todos(ctx, tx, officer, []*casework.Machine{order}, casework.Filter{}, casework.Cursor{}, 9)
				counts, countErr := casework.TodoCounts(ctx, tx, officer, []*casework.Machine{order})
				if err != nil || countErr != nil || len(todos) != want || len(counts) != want {
					t.Errorf("%s: %d to-dos, counts %v, want %d", on, len(todos), counts, want)
				}
			})
		}
		write(t, dbtest.Clock(d, ready.String()), func(ctx context.Context, tx *db.Tx) {
			c, err := casework.Do(ctx, tx, officer, order, casework.Move{Case: c.ID, Version: c.Version, Way: casework.Way{Act: "issue"}})
			if again, findErr := casework.Find(ctx, tx, order, c.ID); err != nil || findErr != nil || again.Ready != 0 {
				t.Errorf("led on it keeps %s, %v", again.Ready, err)
			}
		})
	})
}

// TestWhatNeedsAnotherPersonIsNotOnThePersonsOwnList: who proposed finds neither
// the case nor its count among the to-dos, a colleague does, and the case says why.
func TestWhatNeedsAnotherPersonIsNotOnThePersonsOwnList(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		machines := []*casework.Machine{order}
		write(t, d, func(ctx context.Context, tx *db.Tx) {
			c, err := casework.Open(ctx, tx, officer, order, casework.Opening{Object: "order:own", Title: "未清冰雪", Place: place, Way: casework.Way{Act: "propose"}})
			if err != nil {
				t.Fatal(err)
			}
			for name, x := range map[string]struct {
				who  authz.Actor
				want int
			}{"who proposed": {officer, 0}, "a colleague": {second, 1}} {
				todos, _, err := casework.Todos(ctx, tx, x.who, machines, casework.Filter{}, casework.Cursor{}, 10)
				if err != nil || len(todos) != x.want {
					t.Errorf("%s sees %d to-dos, %v", name, len(todos), err)
				}
				counts, err := casework.TodoCounts(ctx, tx, x.who, machines)
				if err != nil || len(counts) != x.want {
					t.Errorf("%s counts %v, %v", name, counts, err)
				}
			}
			steps, err := casework.History(ctx, tx, c)
			if err != nil {
				t.Fatal(err)
			}
			if barred := casework.BarredFor(officer, c, steps); len(barred) != 1 || barred[0].String() != "“发出”须由另一人办理：您已办理“提出”。" {
				t.Errorf("who proposed is told %v", barred)
			}
			if barred := casework.BarredFor(second, c, steps); len(barred) != 0 {
				t.Errorf("a colleague is told %v", barred)
			}
		})
	})
}

func TestClaimReassignHandOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		chief := official(9, authz.DistrictBureau, district)
		chief.Grants[0].Manager = true
		c := opened(t, d, "order:1")
		write(t, d, func(ctx context.Context, tx *db.Tx) {
			var err error
			if c, err = casework.Claim(ctx, tx, officer, order, c.ID, c.Version); err != nil || c.Account != officer.Account {
				t.Fatal(c.Account, err)
			}
			if _, err := casework.Claim(ctx, tx, second, order, c.ID, c.Version); !fault.Is(err, "casework.claimed") {
				t.Error("second claim:", err)
			}
			if _, err := casework.Claim(ctx, tx, other, order, c.ID, c.Version); !fault.Is(err, "casework.not-found") {
				t.Error("another body's claim:", err)
			}
			if _, err := casework.Reassign(ctx, tx, second, order, c.ID, c.Version, second, ""); !fault.Is(err, "casework.claimed") {
				t.Error("taking a colleague's case:", err)
			}
			if _, err := casework.Reassign(ctx, tx, officer, order, c.ID, c.Version, other, ""); !fault.Is(err, "casework.colleague") {
				t.Error("giving it to another body:", err)
			}
		})
		if _, rule := do(t, d, second, c, "issue", ""); rule != "casework.claimed" {
			t.Errorf("acting on a colleague's case: %q", rule)
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) {
			n, err := casework.HandOver(ctx, tx, chief, officer.Account, second, "离任移交")
			if err != nil || n != 1 {
				t.Fatal(n, err)
			}
			if _, err := casework.HandOver(ctx, tx, second, second.Account, officer, ""); err == nil {
				t.Error("who manages nobody handed over")
			}
			todos, _, err := casework.Todos(ctx, tx, second, []*casework.Machine{order}, casework.Filter{Mine: true}, casework.Cursor{}, 10)
			if err != nil || len(todos) != 1 {
				t.Fatal(len(todos), err)
			}
			c = todos[0].Case
			if c, err = casework.Release(ctx, tx, second, order, c.ID, c.Version); err != nil || c.Account != 0 {
				t.Error(c.Account, err)
			}
		})
		if _, rule := do(t, d, officer, c, "issue", ""); rule != "" {
			t.Errorf("after the release: %q", rule)
		}
	})
}

func TestBulkGivesAResultPerRow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, b, c := opened(t, d, "order:1"), opened(t, d, "order:2"), opened(t, d, "order:3")
		b, _ = do(t, d, officer, b, "issue", "")
		versions := map[db.ID]int64{a.ID: a.Version, b.ID: b.Version, c.ID: c.Version}
		write(t, d, func(ctx context.Context, tx *db.Tx) {
			results, err := casework.Bulk(ctx, tx, []db.ID{a.ID, b.ID, c.ID, a.ID, 7}, func(id db.ID) error {
				if id == a.ID { // refused after it wrote: nothing of it may stay
					if _, err := casework.Do(ctx, tx, officer, order, casework.Move{Case: id, Version: versions[id], Way: casework.Way{Act: "issue"}}); err != nil {
						return err
					}
					return fault.New(fault.Invalid, "test.late", "迟了。")
				}
				_, err := casework.Do(ctx, tx, officer, order, casework.Move{Case: id, Version: versions[id], Way: casework.Way{Act: "issue"}})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range results {
				rule := ""
				if r.Err != nil {
					rule = r.Err.Rule
				}
				got = append(got, rule)
			}
			if want := []string{"test.late", "casework.state", "", "casework.not-found"}; !slices.Equal(got, want) {
				t.Errorf("results %q, want %q", got, want)
			}
			if again, _ := casework.Find(ctx, tx, order, a.ID); again.State != "proposed" || again.Version != 1 {
				t.Errorf("refused row moved to %s v%d", again.State, again.Version)
			}
		})
	})
}

// TestNoSequenceOfActsLeavesTheMachine is the model test of AZ-7: whatever is
// tried in whatever order by whomever, a case moves exactly as the table says.
func TestNoSequenceOfActsLeavesTheMachine(t *testing.T) {
	actors := []authz.Actor{clerk, officer, second, other, bureau, manager, robot}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			c := opened(t, d, fmt.Sprint("order:", n))
			state := c.State
			for range rapid.IntRange(1, 8).Draw(rt, "steps") {
				a := rapid.SampledFrom(order.Acts).Draw(rt, "act")
				who := rapid.SampledFrom(actors).Draw(rt, "who")
				next, rule := do(t, d, who, c, a.Name, "理由")
				legal := slices.Contains(a.From, state)
				switch {
				case rule == "" && !legal:
					rt.Fatalf("%s led from %s to %s", a.Name, state, next.State)
				case rule == "" && a.To == casework.Same && (next.State != state || next.Due != c.Due || next.Holder != c.Holder):
					rt.Fatalf("%s changed %+v to %+v", a.Name, c, next)
				case rule == "" && a.To != casework.Same && (next.State != a.To || next.Version != c.Version+1):
					rt.Fatalf("%s led to %s v%d", a.Name, next.State, next.Version)
				case rule == "casework.state" && legal:
					rt.Fatalf("%s was refused from %s", a.Name, state)
				}
				c, state = next, next.State
			}
		})
	})
}
