package survey_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/city/town"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/rulebook"
	"juli/internal/survey"
	"juli/rulebooks"
)

// A world is a town with the shipped rulebook of surveys.
type world struct {
	*town.Town
	t   *testing.T
	svc *survey.Service

	community, second, printer, street, district, other authz.Actor
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	tn := town.New(t, d)
	w := &world{
		Town: tn, t: t, community: tn.Community(town.Huayuan), second: tn.Community(town.Huayuan), printer: tn.Community(town.Huayuan), street: tn.Street(town.Huayuan),
		district: tn.Fresh(tn.District(town.Huayuan)), other: tn.District(town.Daoli),
	}
	w.on(tn)
	tn.Write(func(ctx context.Context, tx *db.Tx) error {
		text, err := rulebooks.Files.ReadFile("survey/harbin-2020.yaml")
		if err != nil {
			return err
		}
		_, err = (&rulebook.Service{DB: d, Kinds: rulebook.KindsOf(survey.Kind())}).InstallIn(ctx, tx, tn.Program, text)
		return err
	})
	return w
}

func (w *world) on(tn *town.Town) {
	w.Town = tn
	w.svc = &survey.Service{DB: tn.DB, Keys: tn.Keys, Books: &survey.Books{City: "2301"}, Registry: tn.Registry, Evaluations: &credit.Evaluations{DB: tn.DB, City: "2301"}}
}

// try runs an act and gives its refusal.
func (w *world) try(fn func(ctx context.Context, tx *db.Tx) error) error {
	return w.DB.Write(w.t.Context(), func(tx *db.Tx) error { return fn(w.t.Context(), tx) })
}

func (w *world) refused(what, rule string, fn func(ctx context.Context, tx *db.Tx) error) {
	w.t.Helper()
	if err := w.try(fn); !fault.Is(err, rule) {
		w.t.Errorf("%s: %v, want %s", what, err, rule)
	}
}

// take is the survey's act as somebody sees it now.
func (w *world) take(id db.ID, note string) (t survey.Take) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) error {
		c, err := casework.Find(ctx, tx, survey.Machine, id)
		t = survey.Take{Survey: id, Version: c.Version, Note: note}
		return err
	})
	return t
}

func (w *world) do(who authz.Actor, id db.ID, act func(context.Context, *db.Tx, authz.Actor, survey.Take) error) {
	w.t.Helper()
	t := w.take(id, "因故")
	w.Write(func(ctx context.Context, tx *db.Tx) error { return act(ctx, tx, who, t) })
}

func (w *world) plan(project int) (id db.ID) {
	w.t.Helper()
	w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = w.svc.PlanIn(ctx, tx, w.community, survey.Plan{Project: w.Projects[project].Code})
		return err
	})
	return id
}

func (w *world) opened() (id db.ID, slips []survey.Slip) {
	w.t.Helper()
	id = w.plan(0)
	w.do(w.community, id, w.svc.OpenIn)
	w.refused("codes before they are printed", "survey.not-printed", func(ctx context.Context, tx *db.Tx) error {
		_, _, err := w.svc.SlipsIn(ctx, tx, w.printer, id)
		return err
	})
	w.do(w.printer, id, w.svc.PrintIn)
	w.refused("codes that another printed", "survey.not-printed", func(ctx context.Context, tx *db.Tx) error {
		_, _, err := w.svc.SlipsIn(ctx, tx, w.community, id)
		return err
	})
	w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
		_, slips, err = w.svc.SlipsIn(ctx, tx, w.printer, id)
		return err
	})
	return id, slips
}

func (w *world) answers(id db.ID, code, choices string) error {
	return w.try(func(ctx context.Context, tx *db.Tx) error {
		return w.svc.AnswerIn(ctx, tx, authz.Anonymous, id, code, choices)
	})
}

func (w *world) enters(id db.ID, home int64, choices string) error {
	return w.try(func(ctx context.Context, tx *db.Tx) error {
		return w.svc.EnterIn(ctx, tx, w.community, id, home, choices)
	})
}

func TestASurveyFromItsPlanToCredit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, slips := w.opened()
		if len(slips) != 146 { // of 300 homes, 73 needed
			t.Fatalf("%d slips, want 146", len(slips))
		}
		for i, s := range slips[:80] {
			if err := w.answers(id, survey.ShowCode(s.Code), []string{"544455", "444444", "555555", "200221"}[i%4]); err != nil {
				t.Fatal(err)
			}
		}
		w.refused("closing before its day", "survey.not-yet", func(ctx context.Context, tx *db.Tx) error { return w.svc.CloseIn(ctx, tx, w.community, w.take(id, "")) })
		w.on(w.On("2021-07-02"))
		if err := w.svc.Advance(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.do(w.community, id, w.svc.ProposeIn)
		w.refused("publishing by who has no fresh second factor", "authz.step-up", func(ctx context.Context, tx *db.Tx) error {
			return w.svc.PublishIn(ctx, tx, w.District(town.Huayuan), w.take(id, ""))
		})
		w.do(w.district, id, w.svc.PublishIn)
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			r, err := w.svc.Public(ctx, tx, id)
			if err != nil {
				return err
			}
			if r.Answered != 80 || r.Rated != 80 || r.Satisfied != 60 || !r.SampleOK() || r.Counts[0][0] != 40 || r.Counts[5][4] != 20 {
				t.Errorf("published %+v", r.Tally)
			}
			if !slices.Equal(survey.Draw(r.Seed, r.Homes, r.Drawn), homesOf(slips)) {
				t.Error("the published seed draws other homes")
			}
			inputs, err := db.All(ctx, tx, func(row db.Scanner) (s string, err error) {
				var name string
				var value int64
				err = row.Scan(&name, &value)
				return fmt.Sprint(name, " ", value), err
			}, `SELECT name, value FROM credit_input ORDER BY name`)
			want := []string{fmt.Sprint("last_survey ", int64(tx.Today())), "sample_ok 1", "satisfaction 750000"}
			if err != nil || !slices.Equal(inputs, want) {
				t.Errorf("credit was told %v, %v, want %v", inputs, err, want)
			}
			total, err := survey.TotalsOf(ctx, tx, "230103", tx.Today())
			if (total != survey.Totals{Surveys: 1, Rated: 80, Satisfied: 60}) {
				t.Errorf("totals %+v", total)
			}
			if before, err := survey.TotalsOf(ctx, tx, "", tx.Today()-1); before.Surveys != 0 || err != nil {
				t.Errorf("counted before it was published: %+v, %v", before, err)
			}
			return err
		})
	})
}

func homesOf(slips []survey.Slip) (out []int64) {
	for _, s := range slips {
		out = append(out, s.Home)
	}
	return out
}

func TestAHomeAnswersOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, slips := w.opened()
		first := slips[0]
		typed := strings.ToLower(first.Code[:5]) + " " + strings.NewReplacer("0", "o", "1", "l").Replace(first.Code[5:])
		if err := w.answers(id, typed, "555555"); err != nil {
			t.Fatalf("a code as people type it: %v", err)
		}
		for what, rule := range map[string]string{first.Code: "survey.answered", "ABCDE-FGHJK": "survey.code", "": "survey.code", slips[1].Code + "0": "survey.code"} {
			if err := w.answers(id, what, "555555"); !fault.Is(err, rule) {
				t.Errorf("code %q: %v, want %s", what, err, rule)
			}
		}
		if err := w.enters(id, first.Home, "111111"); !fault.Is(err, "survey.answered") {
			t.Errorf("the same home on paper: %v", err)
		}
		if err := w.enters(id, notDrawn(slips), "111111"); !fault.Is(err, "survey.answered") {
			t.Errorf("a home that was not drawn: %v", err)
		}
		for _, bad := range []string{"", "55555", "55555x", "5555559", "999999"} {
			if err := w.answers(id, slips[1].Code, bad); !fault.Is(err, "survey.choices") {
				t.Errorf("choices %q: %v", bad, err)
			}
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			named, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM survey_answer WHERE home IS NOT NULL OR account IS NOT NULL OR person IS NOT NULL`)
			if named != 0 {
				t.Error("an answer by code is kept with its home")
			}
			return err
		})
		w.do(w.community, id, w.svc.ReissueIn)
		if err := w.answers(id, slips[1].Code, "555555"); !fault.Is(err, "survey.code") {
			t.Errorf("an old slip after new ones were issued: %v", err)
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, fresh, err := w.svc.SlipsIn(ctx, tx, w.printer, id)
			if err == nil && (len(fresh) != len(slips)-1 || fresh[0].Home != slips[1].Home) {
				t.Errorf("%d slips after one of %d answered", len(fresh), len(slips))
			}
			if err == nil {
				err = w.svc.AnswerIn(ctx, tx, authz.Anonymous, id, fresh[0].Code, "444444")
			}
			return err
		})
	})
}

func notDrawn(slips []survey.Slip) int64 {
	for h := int64(1); ; h++ {
		if !slices.ContainsFunc(slips, func(s survey.Slip) bool { return s.Home == h }) {
			return h
		}
	}
}

func TestNoCodeStandsInTheTables(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, slips := w.opened()
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			blinds, err := db.All(ctx, tx, func(row db.Scanner) (b []byte, err error) { return b, row.Scan(&b) }, `SELECT code_blind FROM survey_home ORDER BY home`)
			for i, b := range blinds {
				if len(b) != 32 || strings.Contains(string(b), slips[i].Code) {
					t.Errorf("home %d: %x", slips[i].Home, b)
				}
			}
			if len(blinds) != len(slips) {
				t.Errorf("%d hashes for %d slips", len(blinds), len(slips))
			}
			return err
		})
	})
}

func TestAnotherPersonReadsThePapersAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, slips := w.opened()
		for _, s := range slips[:30] {
			if err := w.enters(id, s.Home, "444444"); err != nil {
				t.Fatal(err)
			}
		}
		w.on(w.On("2021-07-02"))
		w.do(w.community, id, w.svc.CloseIn)
		w.refused("proposing unread", "survey.unchecked", func(ctx context.Context, tx *db.Tx) error {
			return w.svc.ProposeIn(ctx, tx, w.community, w.take(id, ""))
		})
		check := func(who authz.Actor) (c survey.Checking) {
			w.Read(func(ctx context.Context, tx *db.Tx) error {
				x, book, err := w.svc.Survey(ctx, tx, who, id)
				if err == nil {
					c, err = w.svc.CheckingOf(ctx, tx, who, x, book)
				}
				return err
			})
			return c
		}
		read := func(who authz.Actor, paper db.ID, choices string) error {
			return w.try(func(ctx context.Context, tx *db.Tx) error {
				_, err := w.svc.CheckIn(ctx, tx, who, id, paper, choices)
				return err
			})
		}
		c := check(w.second)
		if c.Need != 5 || c.Next == nil || check(w.community).Next != nil {
			t.Fatalf("checking %+v; who entered them is offered %v", c, check(w.community).Next)
		}
		if err := read(w.community, c.Next.ID, "444444"); !fault.Is(err, "authz.same-person") {
			t.Errorf("who entered it reads it again: %v", err)
		}
		for c.Next != nil && c.Done < 4 {
			if err := read(w.second, c.Next.ID, "444444"); err != nil {
				t.Fatal(err)
			}
			c = check(w.second)
		}
		if err := read(w.second, c.Next.ID, "144444"); err != nil { // one of five differs: all are read
			t.Fatal(err)
		}
		if c = check(w.second); c.Need != 30 || c.Done != 5 || c.Different != 1 {
			t.Errorf("after a difference: %+v, want all 30", c)
		}
		for c.Next != nil {
			if err := read(w.second, c.Next.ID, "444444"); err != nil {
				t.Fatal(err)
			}
			c = check(w.second)
		}
		w.refused("proposing with a difference that nobody settled", "survey.unchecked", func(ctx context.Context, tx *db.Tx) error {
			return w.svc.ProposeIn(ctx, tx, w.community, w.take(id, ""))
		})
		settle := func(who authz.Actor, choices string) error {
			return w.try(func(ctx context.Context, tx *db.Tx) error {
				return w.svc.SettleIn(ctx, tx, who, id, c.Settle.ID, choices)
			})
		}
		if c.Settle == nil || c.Settle.Choices != "444444" || c.Settle.Right != "144444" || c.Open != 1 || check(w.community).Settle != nil {
			t.Fatalf("to be settled: %+v; who entered it is offered %v", c, check(w.community).Settle)
		}
		for _, tt := range []struct {
			who           authz.Actor
			choices, rule string
		}{
			{w.community, "444444", "authz.same-person"},
			{w.second, "44444", "survey.choices"},
			{w.second, "141444", "survey.agreed"},
			{w.second, "244444", ""},
			{w.second, "444444", "survey.settled"}, // neither was right
		} {
			if err := settle(tt.who, tt.choices); tt.rule == "" && err != nil || tt.rule != "" && !fault.Is(err, tt.rule) {
				t.Errorf("settled as %s: %v, want %q", tt.choices, err, tt.rule)
			}
		}
		w.do(w.community, id, w.svc.ProposeIn)
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			x, _, err := w.svc.Survey(ctx, tx, w.district, id)
			if x.Answered != 30 || x.Satisfied != 29 || x.SampleOK() || x.Reread != (survey.Reread{Checked: 20, Differed: 1, Mended: 1}) {
				t.Errorf("what was settled counts: %+v, %+v", x.Tally, x.Reread)
			}
			return err
		})
	})
}

// TestMuchThatDiffersIsPublishedWithItsReasonAlone is the second reading that was
// made up: every paper differs, so whoever publishes answers for it in public.
func TestMuchThatDiffersIsPublishedWithItsReasonAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, slips := w.opened()
		for _, s := range slips[:5] {
			if err := w.enters(id, s.Home, "444444"); err != nil {
				t.Fatal(err)
			}
		}
		w.on(w.On("2021-07-02"))
		w.do(w.community, id, w.svc.CloseIn)
		for i := range 5 { // two of five differ: a slip of who read again, and one of who entered
			w.Write(func(ctx context.Context, tx *db.Tx) error {
				x, book, err := w.svc.Survey(ctx, tx, w.second, id)
				if err != nil {
					return err
				}
				c, err := w.svc.CheckingOf(ctx, tx, w.second, x, book)
				if err != nil {
					return err
				}
				read := []string{"444444", "544444", "444444", "144444", "444444"}[i]
				same, err := w.svc.CheckIn(ctx, tx, w.second, id, c.Next.ID, read)
				if err == nil && !same {
					err = w.svc.SettleIn(ctx, tx, w.second, id, c.Next.ID, []string{"", "444444", "", "144444", ""}[i])
				}
				return err
			})
		}
		w.do(w.community, id, w.svc.ProposeIn)
		for note, rule := range map[string]string{"": "survey.doubtful", "问李某 13912345678": "survey.private"} {
			w.refused("much differs, "+note, rule, func(ctx context.Context, tx *db.Tx) error {
				return w.svc.PublishIn(ctx, tx, w.district, w.take(id, note))
			})
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			return w.svc.PublishIn(ctx, tx, w.district, w.take(id, "两份均已当面核对"))
		})
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			r, err := w.svc.Public(ctx, tx, id)
			if r.Reread != (survey.Reread{Checked: 5, Differed: 2, Mended: 1}) || r.Despite != "两份均已当面核对" || r.Satisfied != 4 {
				t.Errorf("the public reads %+v, %q, %d satisfied", r.Reread, r.Despite, r.Satisfied)
			}
			return err
		})
	})
}

func TestWhoMayDoWhatOfASurvey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		firm := w.Firm(w.Jia.USCC)
		w.refused("a firm plans its own survey", "authz.denied", func(ctx context.Context, tx *db.Tx) error {
			_, err := w.svc.PlanIn(ctx, tx, firm, survey.Plan{Project: w.Projects[0].Code})
			return err
		})
		w.refused("another district plans it", "authz.not-found", func(ctx context.Context, tx *db.Tx) error {
			_, err := w.svc.PlanIn(ctx, tx, w.other, survey.Plan{Project: w.Projects[0].Code})
			return err
		})
		id := w.plan(0)
		w.refused("a second one meanwhile", "survey.running", func(ctx context.Context, tx *db.Tx) error {
			_, err := w.svc.PlanIn(ctx, tx, w.street, survey.Plan{Project: w.Projects[0].Code})
			return err
		})
		w.do(w.street, id, w.svc.OpenIn)
		w.refused("a firm prints the slips", "authz.denied", func(ctx context.Context, tx *db.Tx) error {
			_, _, err := w.svc.SlipsIn(ctx, tx, firm, id)
			return err
		})
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			if _, _, err := w.svc.Survey(ctx, tx, firm, id); err != nil {
				t.Errorf("the firm does not see that it is asked about: %v", err)
			}
			if _, _, err := w.svc.Survey(ctx, tx, w.Firm(w.Yi.USCC), id); !fault.Is(err, "authz.not-found") {
				t.Errorf("another firm sees it: %v", err)
			}
			if r, err := w.svc.Public(ctx, tx, id); err != nil || r.Seed != "" || len(r.Sealed) != 64 || r.Counts != nil || r.Answered != 0 {
				t.Errorf("before it is published the public sees %+v, %v", r.Survey, err)
			}
			return nil
		})
		w.on(w.On("2021-07-02"))
		w.do(w.street, id, w.svc.CloseIn)
		both := w.Actor(authz.DistrictBureau, authz.Scope{Division: "230103"})
		w.do(both, id, w.svc.ProposeIn)
		w.refused("who proposed publishes", "authz.same-person", func(ctx context.Context, tx *db.Tx) error {
			return w.svc.PublishIn(ctx, tx, w.Fresh(both), w.take(id, ""))
		})
		w.do(w.district, id, w.svc.ReturnIn)
		w.do(w.community, id, w.svc.ProposeIn)
		w.do(w.district, id, w.svc.PublishIn)
		w.plan(0) // and the next one may be planned
	})
}

func TestACancelledSurveyStaysToBeSeen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, slips := w.opened()
		w.refused("without a reason", "casework.note", func(ctx context.Context, tx *db.Tx) error {
			return w.svc.CancelIn(ctx, tx, w.district, w.take(id, ""))
		})
		w.refused("by who runs it", "authz.denied", func(ctx context.Context, tx *db.Tx) error {
			return w.svc.CancelIn(ctx, tx, w.community, w.take(id, "因故"))
		})
		w.do(w.district, id, w.svc.CancelIn)
		if err := w.answers(id, slips[0].Code, "555555"); !fault.Is(err, "survey.closed") {
			t.Errorf("answering a cancelled one: %v", err)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			list, err := survey.List(ctx, tx, authz.Anonymous, survey.Query{Public: true, Limit: 10})
			if len(list) != 1 || list[0].Why != "因故" || list[0].Seed == "" {
				t.Errorf("the public sees %+v", list)
			}
			return err
		})
		w.plan(0)
	})
}

// Which papers are read again is drawn: a checker who chose would read those that
// are right anyway.
func TestNobodyChoosesWhichPaperIsReadAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, slips := w.opened()
		for _, s := range slips[:6] { // five of six are read again
			if err := w.enters(id, s.Home, "444444"); err != nil {
				t.Fatal(err)
			}
		}
		w.on(w.On("2021-07-02"))
		w.do(w.community, id, w.svc.CloseIn)
		var papers []db.ID
		drawn := func() (next db.ID) {
			w.Read(func(ctx context.Context, tx *db.Tx) error {
				x, book, err := w.svc.Survey(ctx, tx, w.second, id)
				if err != nil {
					return err
				}
				c, err := w.svc.CheckingOf(ctx, tx, w.second, x, book)
				if err != nil {
					return err
				}
				if c.Next != nil {
					next = c.Next.ID
				}
				papers, err = db.All(ctx, tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) },
					`SELECT id FROM survey_answer WHERE survey = $1 AND id NOT IN (SELECT answer FROM survey_check WHERE survey = $1)`, id)
				return err
			})
			return next
		}
		for read := 0; ; read++ {
			next := drawn()
			for _, p := range papers {
				if p != next {
					w.refused("a paper of the own choice", "survey.not-drawn", func(ctx context.Context, tx *db.Tx) error {
						_, err := w.svc.CheckIn(ctx, tx, w.second, id, p, "444444")
						return err
					})
				}
			}
			if next == 0 {
				if read != 5 {
					t.Errorf("%d papers were read, want 5", read)
				}
				return
			}
			w.Write(func(ctx context.Context, tx *db.Tx) error {
				_, err := w.svc.CheckIn(ctx, tx, w.second, id, next, "444444")
				return err
			})
		}
	})
}

// Whoever printed the slips saw every code and could have answered for all: from
// then on the person has no part in the result.
func TestWhoPrintedTheSlipsNeitherEndsNorProposesASurvey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, slips := w.opened()
		for _, s := range slips {
			if err := w.answers(id, s.Code, "555555"); err != nil {
				t.Fatal(err)
			}
		}
		w.refused("ending it early", "authz.same-person", func(ctx context.Context, tx *db.Tx) error {
			return w.svc.CloseIn(ctx, tx, w.printer, w.take(id, ""))
		})
		w.do(w.community, id, w.svc.CloseIn)
		w.refused("proposing the result", "authz.same-person", func(ctx context.Context, tx *db.Tx) error {
			return w.svc.ProposeIn(ctx, tx, w.printer, w.take(id, ""))
		})
		w.do(w.second, id, w.svc.ProposeIn)
	})
}

// The seed tells which homes are asked: it is public once no paper of theirs can be
// entered any more, and then proves to be the one of the start.
func TestTheSeedIsPublicOnceTheAskingIsOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id, slips := w.opened()
		seen := func() (one survey.Survey) {
			w.Read(func(ctx context.Context, tx *db.Tx) error {
				r, err := w.svc.Public(ctx, tx, id)
				if err != nil {
					return err
				}
				list, err := survey.List(ctx, tx, authz.Anonymous, survey.Query{Public: true, Limit: 10})
				if len(list) != 1 || list[0].Seed != r.Seed || list[0].Sealed != r.Sealed {
					t.Errorf("the list says %+v, the page %+v", list, r.Survey)
				}
				one = r.Survey
				return err
			})
			return one
		}
		before := seen()
		if before.Seed != "" || len(before.Sealed) != 64 {
			t.Errorf("while homes are asked: %+v", before)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			detail, err := db.Value[string](ctx, tx, `SELECT CAST(detail AS TEXT) FROM audit_event WHERE kind = 'survey.opened'`)
			if strings.Contains(detail, `"seed":`) || !strings.Contains(detail, before.Sealed) {
				t.Errorf("the event of the start says %s", detail)
			}
			return err
		})
		hidden := func(when string) {
			t.Helper()
			if x := seen(); x.Seed != "" || x.Sealed != before.Sealed {
				t.Errorf("%s: %+v", when, x)
			}
		}
		w.on(w.On("2021-07-02"))
		w.do(w.community, id, w.svc.CloseIn)
		hidden("while paper is still entered")
		w.do(w.community, id, w.svc.ProposeIn)
		hidden("while the result may be sent back")
		w.do(w.district, id, w.svc.ReturnIn)
		if err := w.enters(id, slips[0].Home, "444444"); err != nil {
			t.Fatal(err)
		}
		hidden("while paper is entered again")
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			x, book, err := w.svc.Survey(ctx, tx, w.second, id)
			if err != nil {
				return err
			}
			c, err := w.svc.CheckingOf(ctx, tx, w.second, x, book)
			if err == nil {
				_, err = w.svc.CheckIn(ctx, tx, w.second, id, c.Next.ID, "444444")
			}
			return err
		})
		w.do(w.community, id, w.svc.ProposeIn)
		told := func() (n int64) {
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
				n, err = db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM audit_event WHERE kind LIKE 'survey.%' AND CAST(detail AS TEXT) LIKE '%"seed":%'`)
				return err
			})
			return n
		}
		if n := told(); n != 0 {
			t.Errorf("%d events tell the seed before the result is published", n)
		}
		w.do(w.district, id, w.svc.PublishIn)
		if n := told(); n != 1 {
			t.Errorf("%d events tell the seed with the result", n)
		}
		after := seen()
		if after.Seed == "" || after.SeedDigest() != before.Sealed || survey.DrawDigest(survey.Draw(after.Seed, after.Homes, after.Drawn)) != before.Draw {
			t.Errorf("once it is over: %+v", after)
		}
	})
}
