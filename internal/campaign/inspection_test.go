package campaign_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/campaign"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/supervision"
)

// running is a campaign over all five projects, under way.
func running(t *testing.T, d *db.DB, kind string) (*world, db.ID, authz.Actor) {
	t.Helper()
	w := newWorld(t, d)
	city1, city2 := w.staffed()
	id := w.begin(city1, city2, func(c *campaign.Campaign) { c.Sample, c.Kind = 5, kind })
	w.run(id, city1)
	return w, id, city1
}

func (w *world) confirm(who authz.Actor, x campaign.Inspection) error {
	return w.do(func(ctx context.Context, tx *db.Tx) error {
		return w.svc.ConfirmIn(ctx, tx, who, x.ID, w.inspection(x.ID).Case.Version)
	})
}

// settle has both inspectors do their part.
func (w *world) settle(x campaign.Inspection, found ...campaign.Answer) error {
	if err := w.submit(x, found...); err != nil {
		return err
	}
	return w.confirm(w.who[x.Second], x)
}

func TestFindingsWithPointsNeedTwoInspectorsAndAPhoto(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, id, _ := running(t, d, campaign.KindInspection)
		x := w.inspections(id)[0]
		first, second := w.who[x.First], w.who[x.Second]
		lane := campaign.Answer{Item: "fire-lane", Facts: "三号楼南侧停有车辆", Deadline: "now", Points: true}
		lamp := campaign.Answer{Item: "common-lamp", Facts: "二单元三层灯不亮", Deadline: "7d"}
		err := w.do(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.svc.SubmitIn(ctx, tx, second, x.ID, 1, campaign.Visit{Answers: w.answers(x)})
			return err
		})
		if err == nil {
			t.Error("the second inspector keeps the first one's record")
		}
		if err := w.submit(x, lane, lamp); err != nil {
			t.Fatal(err)
		}
		if err := w.submit(x, lane); !fault.Is(err, "casework.state") {
			t.Errorf("submitted twice: %v", err)
		}
		if got := w.inspection(x.ID); got.State != campaign.Confirming || got.SettledOn != 0 || got.Case.Account != x.Second || got.ResultTitle() != "" {
			t.Errorf("submitted: %+v", got)
		}
		if err := w.confirm(second, x); !fault.Is(err, "campaign.no-photo") {
			t.Errorf("confirmed without a photo: %v", err)
		}
		if err := w.photo(w.District("230103"), x, "fire-lane", false); err == nil {
			t.Error("somebody else adds a photo")
		}
		if err := w.photo(first, x, "lift-date", false); !fault.Is(err, "campaign.unknown-item") {
			t.Errorf("a photo of what was not found: %v", err)
		}
		if err := w.photo(first, x, "fire-lane", false); err != nil {
			t.Fatal(err)
		}
		if err := w.confirm(first, x); err == nil {
			t.Error("who found it confirms it")
		}
		if err := w.confirm(second, x); err != nil {
			t.Fatal(err)
		}
		cases := w.cases()
		if len(cases) != 1 || cases[0].Project != x.Project || cases[0].Channel != supervision.Inspection || cases[0].Violation != "S01" || cases[0].FoundOn != w.Today() || cases[0].State != supervision.Registered {
			t.Errorf("cases: %+v", cases)
		}
		got := w.inspection(x.ID)
		if got.State != campaign.Mending || got.ResultTitle() != "不合格（2 项待整改）" || got.Good() || got.Score.String() != "92" || got.Due.String() != "2021-06-08" {
			t.Errorf("confirmed: %+v, %s", got, got.Score)
		}
		w.WantAudit("inspection:"+x.ID.String(), "inspection.submitted", "inspection.photographed", "inspection.confirmed")
		w.mend(t, x)
	})
}

// mend has the enterprise mend what was found, the second inspector look again,
// and the case be closed.
func (w *world) mend(t *testing.T, x campaign.Inspection) {
	t.Helper()
	second, firm := w.who[x.Second], w.Firm(x.Enterprise)
	version := func() int64 { return w.inspection(x.ID).Case.Version }
	report := func(who authz.Actor, what string) error {
		return w.do(func(ctx context.Context, tx *db.Tx) error { return w.svc.ReportIn(ctx, tx, who, x.ID, version(), what) })
	}
	recheck := func(who authz.Actor, passed bool, why string) error {
		return w.do(func(ctx context.Context, tx *db.Tx) error {
			return w.svc.RecheckIn(ctx, tx, who, x.ID, version(), passed, why)
		})
	}
	other := w.Yi.USCC
	if x.Enterprise == other {
		other = w.Jia.USCC
	}
	if err := report(w.Firm(other), "换好了"); fault.From(err).Kind != fault.NotFound {
		t.Errorf("another enterprise reports: %v", err)
	}
	w.on("2021-06-05")
	for _, again := range []bool{false, true} {
		if err := report(firm, "灯已更换"); err != nil {
			t.Fatal(err)
		}
		if err := recheck(w.who[x.First], true, ""); err == nil {
			t.Error("who found it looks again")
		}
		if err := recheck(second, again, "四层的也不亮"); err != nil {
			t.Fatal(err)
		}
	}
	tally := w.tally(x.Campaign)
	if tally.Failed != 1 || tally.Rectified != 0 {
		t.Errorf("with its case open: %+v", tally)
	}
	made := w.cases()[0].ID
	w.must(func(ctx context.Context, tx *db.Tx) error { // the case goes its own way
		for _, act := range []string{supervision.ActVerify, supervision.ActConfirm, supervision.ActOrder, supervision.ActReport, supervision.ActPass} {
			way := casework.Way{Act: act}
			if act == supervision.ActOrder {
				way.Due = w.Today().AddDays(3)
			}
			if _, err := casework.Do(ctx, tx, w.Program, supervision.CaseMachine, casework.Move{Case: made, Way: way}); err != nil {
				return err
			}
		}
		return campaign.OnCasePassed(ctx, tx, made)
	})
	if tally := w.tally(x.Campaign); tally.Rectified != 1 || tally.Findings != 2 || tally.Cases != 1 {
		t.Errorf("all mended in time: %+v", tally)
	}
	if got := w.inspection(x.ID); got.State != campaign.Done || !got.Case.Closed {
		t.Errorf("looked at again: %+v", got)
	}
	w.must(func(ctx context.Context, tx *db.Tx) error { return campaign.OnCaseReopened(ctx, tx, made) })
	if tally := w.tally(x.Campaign); tally.Rectified != 0 {
		t.Errorf("with its case open again: %+v", tally)
	}
}

// cases are those of the supervision, the newest first.
func (w *world) cases() (list []supervision.Case) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = w.svc.Cases.List(ctx, tx, w.Program, supervision.Query{Limit: 50})
		return err
	})
	return list
}

func (w *world) tally(id db.ID) (t campaign.Tally) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) { t, err = campaign.TallyOf(ctx, tx, id); return err })
	return t
}

func TestARecordThatIsNotConfirmedGoesBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, id, _ := running(t, d, campaign.KindInspection)
		x := w.inspections(id)[1]
		if err := w.submit(x, campaign.Answer{Item: "lift-date", Facts: "一号楼电梯", Deadline: "15d", Points: true}); err != nil {
			t.Fatal(err)
		}
		back := func(why string) error {
			return w.do(func(ctx context.Context, tx *db.Tx) error {
				return w.svc.ReturnIn(ctx, tx, w.who[x.Second], x.ID, 2, why)
			})
		}
		if err := back(""); !fault.Is(err, "casework.note") {
			t.Errorf("returned without a reason: %v", err)
		}
		if err := back("标志日期没有看清"); err != nil {
			t.Fatal(err)
		}
		if err := w.settle(x); err != nil {
			t.Fatal(err)
		}
		got := w.inspection(x.ID)
		if got.State != campaign.Done || got.Score.String() != "100" || got.ResultTitle() != "合格" || got.Round != 2 || len(w.cases()) != 0 {
			t.Errorf("done: %+v", got)
		}
		if tally := w.tally(id); tally.Inspected != 1 || tally.Passed != 1 || tally.Findings != 0 {
			t.Errorf("tally: %+v", tally)
		}
	})
}

func TestWhoStepsBackIsReplacedByLot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, id, _ := running(t, d, campaign.KindInspection)
		x := w.inspections(id)[0]
		step := func(why string) error {
			return w.do(func(ctx context.Context, tx *db.Tx) error {
				return w.svc.RecuseIn(ctx, tx, w.who[x.First], x.ID, 1, why)
			})
		}
		if err := step(""); !fault.Is(err, "casework.note") {
			t.Errorf("without a reason: %v", err)
		}
		if err := step("配偶在该企业任职"); err != nil {
			t.Fatal(err)
		}
		got := w.inspection(x.ID)
		if got.First == x.First || got.First == x.Second || got.Due != x.Due || got.Case.Account != got.First {
			t.Errorf("now it is %s instead of %s beside %s", got.First, x.First, x.Second)
		}
		if err := w.submit(got); err != nil {
			t.Errorf("the substitute: %v", err)
		}
	})
}

func TestACampaignIsConcludedWithItsCounts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, id, city1 := running(t, d, campaign.KindInspection)
		list := w.inspections(id)
		for i, x := range list[:4] {
			var bad []campaign.Answer
			if i == 0 { // 21 points short
				for _, item := range []string{"fire-lane", "clean-rubbish", "green-care", "desk-price"} {
					bad = append(bad, campaign.Answer{Item: item, Facts: "院内", Deadline: "3d"})
				}
			}
			if err := w.settle(x, bad...); err != nil {
				t.Fatal(err)
			}
		}
		conclude := func() error {
			return w.do(func(ctx context.Context, tx *db.Tx) error { return w.svc.ConcludeIn(ctx, tx, city1, id, 4) })
		}
		if err := conclude(); !fault.Is(err, "campaign.not-over") {
			t.Errorf("concluded too early: %v", err)
		}
		w.on("2021-06-22")
		city1 = w.actor(city1.Account)
		if err := conclude(); err != nil {
			t.Fatal(err)
		}
		got := w.tally(id)
		if got.Planned != 5 || got.Inspected != 4 || got.Passed != 3 || got.Failed != 1 || got.Rectified != 0 {
			t.Errorf("tally: %+v", got)
		}
		if x := w.inspection(list[4].ID); x.State != campaign.Dropped || !x.Case.Closed {
			t.Errorf("what nobody visited is %s", x.State)
		}
		if x := w.inspection(list[0].ID); x.State != campaign.Mending {
			t.Errorf("what is being mended is %s", x.State)
		}
	})
}

// An assessment's result becomes what the credit rules know by name.
func TestAnAssessmentIsReportedToTheEvaluation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, id, _ := running(t, d, campaign.KindAssessment)
		list := w.inspections(id)
		bad := campaign.Answer{Item: "fire-lane", Facts: "院内", Deadline: "3d", Points: true}
		if err := w.submit(list[0], bad); err != nil {
			t.Fatal(err)
		}
		inputs := func(x campaign.Inspection) (out string) {
			w.Read(func(ctx context.Context, tx *db.Tx) error {
				all, err := db.All(ctx, tx, func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) }, `
					SELECT c.name || '=' || c.value FROM credit_input c JOIN project p ON p.id = c.subject WHERE p.code = $1 AND c.kind = 2 ORDER BY c.name`, string(x.Project))
				for _, s := range all {
					out += s + " "
				}
				return err
			})
			return out
		}
		if got := inputs(list[0]); got != "" {
			t.Errorf("before it is confirmed: %s", got)
		}
		if err := w.photo(w.who[list[0].First], list[0], "fire-lane", false); err != nil {
			t.Fatal(err)
		}
		if err := w.confirm(w.who[list[0].Second], list[0]); err != nil {
			t.Fatal(err)
		}
		if err := w.settle(list[1]); err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"assessment_failed=1 last_assessment=737942 ", "assessment_failed=0 last_assessment=737942 "} {
			if got := inputs(list[i]); got != want {
				t.Errorf("inspection %d reports %q, want %q", i, got, want)
			}
		}
	})
}

func TestInspectionsAreSeenWhereTheyBelong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, id, _ := running(t, d, campaign.KindInspection)
		done := w.inspections(id)[0]
		if err := w.settle(done); err != nil {
			t.Fatal(err)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			for name, one := range map[string]struct {
				who  authz.Actor
				want int
			}{
				"the city": {w.City(), 5}, "a district": {w.District("230103"), 3}, "the enterprise: what stands": {w.Firm(done.Enterprise), 1},
				"the association": {w.Association(), 5}, "the project's manager": {w.ProjectManager(done.Project), 1},
			} {
				list, err := w.svc.Inspections(ctx, tx, one.who, campaign.Sift{Campaign: id, Limit: 100})
				if err != nil || len(list) != one.want {
					t.Errorf("%s sees %d, %v, want %d", name, len(list), err, one.want)
				}
			}
			for _, x := range w.inspections(id)[1:] {
				if _, err := w.svc.Inspection(ctx, tx, w.Firm(x.Enterprise), x.ID); fault.From(err).Kind != fault.NotFound {
					t.Errorf("an enterprise sees what is not made yet: %v", err)
				}
			}
			_, err := w.svc.Inspections(ctx, tx, authz.Anonymous, campaign.Sift{Limit: 5})
			if fault.From(err).Kind != fault.Unauthenticated {
				t.Errorf("a visitor: %v", err)
			}
			return nil
		})
		if c := w.inspection(done.ID).Case; c.State != campaign.Done || c.Machine != campaign.InspectionMachine {
			t.Errorf("the case is %+v", c)
		}
	})
}

// The enterprise cannot be late for what it was not told: a record of days ago is
// refused, and the time to mend runs from the day of the notice.
func TestTheTimeToMendRunsFromTheNotice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, id, _ := running(t, d, campaign.KindInspection)
		list, sent := w.inspections(id), w.Today()
		x, y := list[0], list[1]
		lamp := campaign.Answer{Item: "common-lamp", Facts: "二单元三层灯不亮", Deadline: "7d"}
		lane := campaign.Answer{Item: "fire-lane", Facts: "三号楼南侧停有车辆", Deadline: "now", Points: true}
		w.on(sent.AddDays(10).String())
		submit := func(x campaign.Inspection, ago time.Duration, found ...campaign.Answer) error {
			return w.do(func(ctx context.Context, tx *db.Tx) error {
				_, err := w.svc.SubmitIn(ctx, tx, w.who[x.First], x.ID, w.inspection(x.ID).Case.Version, campaign.Visit{Answers: w.answers(x, found...), Taken: tx.Now.Add(-ago)})
				return err
			})
		}
		if err := submit(x, 49*time.Hour, lamp); !fault.Is(err, "campaign.taken-late") {
			t.Errorf("a record of three days ago: %v", err)
		}
		if err := submit(x, 47*time.Hour, lamp); err != nil {
			t.Fatal(err)
		}
		if err := w.confirm(w.who[x.Second], x); err != nil {
			t.Fatal(err)
		}
		if got := w.inspection(x.ID); got.Due != sent.AddDays(17) || got.MadeOn != sent.AddDays(8) || got.ResultTitle() != "合格（1 项待整改）" || !got.Good() {
			t.Errorf("made on %s, to be mended by %s, %s", got.MadeOn, got.Due, got.ResultTitle())
		}
		if err := submit(y, 0, lamp, lane); err != nil {
			t.Fatal(err)
		}
		if err := w.photo(w.who[y.First], y, "fire-lane", false); err != nil {
			t.Fatal(err)
		}
		w.on(sent.AddDays(13).String())
		if err := w.confirm(w.who[y.Second], y); err != nil {
			t.Fatal(err)
		}
		if got := w.inspection(y.ID); got.Due != sent.AddDays(20) {
			t.Errorf("confirmed three days later, to be mended by %s", got.Due)
		}
	})
}

// TestAVisitWaitsOnlyForWhoMayActOnIt: the lot names who goes, so a visit stands on
// the list of the one whose turn it is, and not on that of colleagues of the body.
func TestAVisitWaitsOnlyForWhoMayActOnIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, id, _ := running(t, d, campaign.KindInspection)
		x := w.inspections(id)[0]
		reads := func(who authz.Actor) (listed bool, counted int64) {
			t.Helper()
			machines := []*casework.Machine{campaign.InspectionMachine}
			w.must(func(ctx context.Context, tx *db.Tx) error {
				list, _, err := casework.Todos(ctx, tx, who, machines, casework.Filter{Machine: campaign.InspectionMachine.Name}, casework.Cursor{}, 100)
				if err != nil {
					return err
				}
				listed = slices.ContainsFunc(list, func(t casework.Todo) bool { return t.ID == x.ID })
				counts, err := casework.TodoCounts(ctx, tx, who, machines)
				for _, c := range counts {
					if c.Machine == campaign.InspectionMachine.Name {
						counted += c.N
					}
				}
				if int(counted) != len(list) {
					t.Errorf("%d counted, %d listed", counted, len(list))
				}
				return err
			})
			return listed, counted
		}
		check := func(when string, now db.ID, colleague authz.Actor) {
			t.Helper()
			if x = w.inspection(x.ID); x.Turn() != now {
				t.Errorf("%s: it is the turn of %s, want %s", when, x.Turn(), now)
			}
			for _, account := range []db.ID{x.First, x.Second} {
				if listed, _ := reads(w.who[account]); listed != (account == now) {
					t.Errorf("%s: on the list of %s: %v", when, account, listed)
				}
			}
			if listed, n := reads(colleague); listed || n != 0 {
				t.Errorf("%s: a colleague without a name on it reads %d visits", when, n)
			}
		}
		body := casework.ParseHolder(x.FirstBody)
		check("drawn", x.First, w.Actor(body.Role, authz.Scope{Division: body.Division}))
		if err := w.submit(x, campaign.Answer{Item: "fire-lane", Facts: "三号楼南侧停有车辆", Deadline: "now", Points: true}); err != nil {
			t.Fatal(err)
		}
		body = casework.ParseHolder(x.SecondBody)
		check("recorded", x.Second, w.Actor(body.Role, authz.Scope{Division: body.Division}))
	})
}
