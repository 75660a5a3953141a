package credit

import (
	"bytes"
	"fmt"
	"testing"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/money"
	"juli/internal/registry"
	"juli/internal/rulebook"
	"juli/internal/seal"
	"juli/rulebooks"
)

// harbin is the demo rulebook in force from 2021-04-15.
func harbin(t testing.TB) *Book {
	t.Helper()
	text, err := rulebooks.Files.ReadFile("credit/harbin-2021.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// street is a small city: enterprises with two projects each.
type street struct {
	t     testing.TB
	d     *db.DB
	svc   *Evaluations
	firms []registry.Enterprise
	homes []registry.Project
}

const community code.Division = "230103001003"

func newStreet(t testing.TB, d *db.DB, firms int) *street {
	t.Helper()
	s := &street{t: t, d: d, svc: &Evaluations{DB: d, City: "2301"}}
	reg := &registry.Service{DB: d, Keys: seal.Ephemeral(), Calendar: day.DefaultCalendar()}
	who := authz.System("test")
	err := dbtest.Clock(d, "2019-01-01").Write(t.Context(), func(tx *db.Tx) error {
		for _, name := range []string{"harbin-2020", "harbin-2021"} {
			text, err := rulebooks.Files.ReadFile("credit/" + name + ".yaml")
			if err != nil {
				return err
			}
			if _, err := (&rulebook.Service{DB: d, Kinds: rulebook.KindsOf(Kind())}).InstallIn(t.Context(), tx, who, text); err != nil {
				return err
			}
		}
		if err := registry.EnsureDivisions(t.Context(), tx); err != nil {
			return err
		}
		for i := range firms {
			u, err := code.MakeUSCC(fmt.Sprintf("91230103MA%07d", i))
			if err != nil {
				return err
			}
			e, err := reg.PutEnterpriseIn(t.Context(), tx, who, registry.Enterprise{USCC: u, Name: fmt.Sprintf("第%d物业有限公司", i), Kind: registry.Local, Division: "230103", Entered: day.MustParse("2019-01-01")}, "建账")
			if err != nil {
				return err
			}
			s.firms = append(s.firms, e)
			for j := range 2 {
				p, err := reg.PutProjectIn(t.Context(), tx, who, registry.Project{
					Name: fmt.Sprintf("第%d-%d小区", i, j), Division: community, Use: registry.Residential, Area: money.Area(1_000_00 * (1 + 2*j)), Enterprise: u, Entered: day.MustParse("2019-01-01"),
				}, "建账")
				if err != nil {
					return err
				}
				s.homes = append(s.homes, p)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// note adds one identified record about a project.
func (s *street) note(home int, item, on string) (record db.ID) {
	s.t.Helper()
	err := s.d.Write(s.t.Context(), func(tx *db.Tx) error {
		p := s.homes[home]
		record = tx.NewID()
		date := day.MustParse(on)
		return replaceEntries(s.t.Context(), tx, record, []Entry{{
			Enterprise: s.firms[home/2].ID, ID: record, Record: record, Subject: Subject{Project, p.ID}, Item: item,
			Event: date, Decision: date, Identified: date, Effective: date, Evidence: "HLJ-N3",
		}})
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return record
}

func (s *street) run(q Request) Evaluation {
	s.t.Helper()
	e, err := s.svc.Evaluate(s.t.Context(), authz.System("test"), q)
	if err != nil {
		s.t.Fatal(err)
	}
	return e
}

func TestEvaluationIsStoredExplainedAndRanked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		d = dbtest.Clock(d, "2021-09-30")
		s := newStreet(t, d, 3)
		s.note(0, "HRB-N04", "2021-08-01") // −3 on 1,000 ㎡ of 4,000
		s.note(3, "HRB-N04", "2021-08-01") // −3 on 3,000 ㎡ of 4,000
		e := s.run(Request{Book: harbin(t), Purpose: ForCycle, Period: harbin(t).Period(day.MustParse("2021-09-30"))})
		if e.Enterprises != 3 || e.Projects != 6 || e.Records != 2 || len(e.Digest) != 32 {
			t.Errorf("evaluation counts %d enterprises, %d projects, %d records", e.Enterprises, e.Projects, e.Records)
		}
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			list, next, err := s.svc.Standings(t.Context(), tx, League{Evaluation: e.ID, Limit: 2})
			if err != nil {
				return err
			}
			if len(list) != 2 || next == "" || list[0].Name != "第2物业有限公司" || list[0].RankCity != 1 || list[1].Name != "第0物业有限公司" || list[1].RankDistrict != 2 {
				t.Errorf("first page = %+v, next %q", list, next)
			}
			rest, next, err := s.svc.Standings(t.Context(), tx, League{Evaluation: e.ID, Limit: 2, After: next})
			if err != nil {
				return err
			}
			if len(rest) != 1 || next != "" || rest[0].Name != "第1物业有限公司" {
				t.Errorf("second page = %+v, next %q", rest, next)
			}
			r, err := s.svc.Explained(t.Context(), tx, e.ID, s.firms[0].ID)
			if err != nil {
				return err
			}
			if o, ok := r.OutcomeOf(Subject{Project, s.homes[0].ID}); !ok || len(o.Lines) == 0 {
				t.Error("the project's lines are lost")
			}
			var sum money.Points
			for _, l := range r.Enterprise.Lines {
				sum += l.Points
			}
			if sum != r.Enterprise.Score {
				t.Errorf("lines add up to %s, score is %s", sum, r.Enterprise.Score)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestSameRunSameDigest(t *testing.T) {
	d := dbtest.Clock(dbtest.SQLite(t), "2021-09-30")
	s := newStreet(t, d, 2)
	s.note(0, "HRB-N04", "2021-08-01")
	q := Request{Book: harbin(t), AsOf: day.MustParse("2021-09-30")}
	a, b := s.run(q), s.run(q)
	if !bytes.Equal(a.Digest, b.Digest) {
		t.Error("the same city under the same book gives two digests")
	}
	s.note(1, "HRB-N09", "2021-08-02")
	if c := s.run(q); bytes.Equal(a.Digest, c.Digest) {
		t.Error("a new record leaves the digest as it was")
	}
}

func TestPublicationNeedsASecondPersonAndOneResultPerPeriod(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		d = dbtest.Clock(d, "2021-10-08")
		s := newStreet(t, d, 2)
		maker, checker := official(11, 21), official(12, 22)
		e, err := s.svc.Evaluate(t.Context(), maker, Request{Book: harbin(t), Purpose: ForCycle, Period: harbin(t).Period(day.MustParse("2021-09-30"))})
		if err != nil {
			t.Fatal(err)
		}
		var p Release
		act := func(fn func(tx *db.Tx) error) error { return d.Write(t.Context(), fn) }
		if err := act(func(tx *db.Tx) (err error) {
			p, err = s.svc.ProposePublication(t.Context(), tx, maker, e.ID, "")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		decide := func(who authz.Actor, yes bool, why string) error {
			return act(func(tx *db.Tx) (err error) {
				_, err = s.svc.DecidePublication(t.Context(), tx, who, p.ID, yes, why)
				return err
			})
		}
		if err := decide(maker, true, ""); !fault.Is(err, "authz.same-person") {
			t.Errorf("the maker checks himself: %v", err)
		}
		if err := decide(official(13, 21), true, ""); !fault.Is(err, "authz.same-person") { // AZ-5: another account, the same person
			t.Errorf("the same person with a second account: %v", err)
		}
		if err := decide(checker, false, ""); !fault.Is(err, "credit.publish-why") {
			t.Errorf("refusing without a reason: %v", err)
		}
		if err := decide(checker, true, ""); err != nil {
			t.Fatal(err)
		}
		if err := decide(checker, true, ""); !fault.Is(err, "credit.publish-decided") {
			t.Errorf("publishing twice: %v", err)
		}
		again := s.run(Request{Book: harbin(t), Purpose: ForCycle, Period: harbin(t).Period(day.MustParse("2021-09-30"))})
		err = act(func(tx *db.Tx) (err error) {
			_, err = s.svc.ProposePublication(t.Context(), tx, maker, again.ID, "")
			return err
		})
		if !fault.Is(err, "credit.published") {
			t.Errorf("a second result for the period: %v", err)
		}
	})
}

func official(account, person db.ID) authz.Actor {
	return authz.Actor{
		Account: account, Person: person, Second: true, StepUp: day.MustParse("2021-10-08").Time(),
		Grants: []authz.Grant{{ID: account, Role: authz.CityBureau, Scope: authz.Scope{Division: "2301"}}},
	}
}

// PC-02: a branch of a firm of the province counts under its head office.
func TestBranchCountsUnderItsHead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		d = dbtest.Clock(d, "2021-09-30")
		s := newStreet(t, d, 2)
		reg := &registry.Service{DB: d, Keys: seal.Ephemeral(), Calendar: day.DefaultCalendar()}
		branch := s.firms[1]
		branch.Kind, branch.Head = registry.Branch, string(s.firms[0].USCC)
		if _, err := reg.PutEnterprise(t.Context(), authz.System("test"), branch, "改为分支机构"); err != nil {
			t.Fatal(err)
		}
		s.note(2, "HRB-N04", "2021-08-01") // on a project of the branch: −3 on 1,000 of 8,000 ㎡
		e := s.run(Request{Book: harbin(t), AsOf: day.MustParse("2021-09-30")})
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			r, err := s.svc.Explained(t.Context(), tx, e.ID, s.firms[0].ID)
			if err != nil {
				return err
			}
			if len(r.Projects) != 4 {
				t.Errorf("the head is scored on %d projects, want its own two and the branch's two", len(r.Projects))
			}
			if got := r.Enterprise.Score.String(); got != "99.63" {
				t.Errorf("head scores %s, want 99.63 (100 − 3·1000/8000, rounded half up)", got)
			}
			b, ok, err := s.svc.Standing(t.Context(), tx, e.ID, Subject{Enterprise, branch.ID})
			if ok && b.Scored {
				t.Errorf("the branch is scored by itself: %+v", b)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
