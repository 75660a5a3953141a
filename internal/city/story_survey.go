package city

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/survey"
)

// An asking is one survey of the story: which project, when, and how far it goes.
type asking struct {
	project int
	plan    day.Date
	until   string // the last act: "" publication
	answers int    // of a hundred homes that were drawn
	papers  int
	id      db.ID
}

// askings are the year's surveys: one project in forty-eight of a city, one in six
// of a small one, half in spring and half in autumn; and four of the last weeks that
// wait at a desk.
func (dr *driver) askings() []*asking {
	if dr.asked != nil {
		return dr.asked
	}
	left := dr.unfinished()
	taken := map[int]bool{}
	for _, a := range left {
		taken[a.project] = true
	}
	every := max(6, len(dr.plan.Projects)/60)
	spring := day.Of(2021, time.April, 6)
	for from := 1; from < len(dr.plan.Projects); from += every {
		i := from
		for i < len(dr.plan.Projects) && (!dr.askable(i) || taken[i]) {
			i++
		}
		if i == len(dr.plan.Projects) {
			break
		}
		taken[i] = true
		n := len(dr.asked)
		on := spring.AddDays(n % 40)
		if n%2 == 1 {
			on = on.AddMonths(5)
		}
		dr.asked = append(dr.asked, &asking{project: i, plan: on, answers: 52 + n%9, papers: 6})
	}
	dr.asked = append(dr.asked, left...)
	return dr.asked
}

// askable projects have homes, and not so many of a renovated estate, of which
// nearly all would be asked.
func (dr *driver) askable(i int) bool {
	p := &dr.plan.Projects[i]
	return p.Households > 0 && (!p.Renovated || p.Households < 200)
}

// unfinished are the surveys that wait for those who can sign in.
func (dr *driver) unfinished() []*asking {
	u := dr.opt.Until
	first, second := dr.homes()[0], dr.homes()[1] // where community1 and community2 are
	taken := map[int]bool{first: true, second: true}
	in := func(districts ...code.Division) int {
		for _, d := range districts {
			for i := range dr.plan.Projects {
				if dr.plan.Projects[i].Division.Up(code.District) == d && dr.askable(i) && !taken[i] {
					taken[i] = true
					return i
				}
			}
		}
		return -1
	}
	list := []*asking{
		{project: first, plan: u.AddDays(-14), until: survey.ActOpen, answers: 15, papers: 2},
		{project: second, plan: u.AddDays(-45), until: survey.ActClose, answers: 55, papers: 7},
		{project: in("230103", "230102"), plan: u.AddDays(-48), until: survey.ActPropose, answers: 55},
		{project: in("230102", "230104", "230103", "230110"), plan: u.AddDays(-2), until: survey.ActPlan},
	}
	out := list[:0]
	for _, a := range list {
		if a.project >= 0 {
			out = append(out, a)
		}
	}
	return out
}

// surveys is the chapter of the surveys.
func (dr *driver) surveys(ctx context.Context, tx *db.Tx, r *rand.Rand, today day.Date) error {
	for _, a := range dr.askings() {
		if a.plan != today {
			continue
		}
		if err := dr.try(ctx, tx, task{"survey-plan", func(ctx context.Context, tx *db.Tx) error { return dr.ask(ctx, tx, r, a) }}); err != nil {
			return err
		}
	}
	_, err := dr.Surveys.AdvanceIn(ctx, tx)
	return err
}

// ask plans a survey and what follows.
func (dr *driver) ask(ctx context.Context, tx *db.Tx, r *rand.Rand, a *asking) (err error) {
	who, err := dr.neighbour(ctx, tx, a, 1)
	if err != nil {
		return err
	}
	if a.id, err = dr.Surveys.PlanIn(ctx, tx, who, survey.Plan{Project: dr.plan.Projects[a.project].Code}); err != nil || a.until == survey.ActPlan {
		return err
	}
	dice := rand.New(rand.NewPCG(r.Uint64(), 11))
	open := a.plan.AddDays(3)
	dr.surveyAct(a, open, "survey-open", 1, dr.Surveys.OpenIn)
	for part := range 2 {
		dr.later(open.AddDays(3+part*4), "survey-answers", func(ctx context.Context, tx *db.Tx) error { return dr.surveyAnswers(ctx, tx, dice, a, part == 1) })
	}
	if a.until == survey.ActOpen || a.until == survey.ActClose {
		return nil
	}
	dr.later(open.AddDays(32), "survey-checks", func(ctx context.Context, tx *db.Tx) error { return dr.checks(ctx, tx, a) })
	dr.surveyAct(a, open.AddDays(33), "survey-propose", 1, dr.Surveys.ProposeIn)
	if a.until == "" {
		dr.surveyAct(a, open.AddDays(36), "survey-publish", 0, dr.Surveys.PublishIn)
	}
	return nil
}

// surveyAct takes an act by the nth person of the community, 0 the district.
func (dr *driver) surveyAct(a *asking, on day.Date, name string, nth int, act func(context.Context, *db.Tx, authz.Actor, survey.Take) error) {
	dr.later(on, name, func(ctx context.Context, tx *db.Tx) error {
		who, err := dr.neighbour(ctx, tx, a, nth)
		if err != nil {
			return err
		}
		c, err := casework.Find(ctx, tx, survey.Machine, a.id)
		if err != nil {
			return err
		}
		return act(ctx, tx, who, survey.Take{Survey: a.id, Version: c.Version})
	})
}

func (dr *driver) neighbour(ctx context.Context, tx *db.Tx, a *asking, nth int) (authz.Actor, error) {
	at := dr.plan.Projects[a.project].Division
	if nth == 0 {
		return dr.people.body(ctx, tx, authz.DistrictBureau, authz.Scope{Division: at.Up(code.District)}, 1)
	}
	return dr.people.body(ctx, tx, authz.Community, authz.Scope{Division: at}, nth)
}

// answers lets half of the homes that answer at all do so: most by code, a few on
// paper, which the community's second person enters.
func (dr *driver) surveyAnswers(ctx context.Context, tx *db.Tx, r *rand.Rand, a *asking, second bool) error {
	who, err := dr.neighbour(ctx, tx, a, 2)
	if err != nil {
		return err
	}
	if !second {
		c, err := casework.Find(ctx, tx, survey.Machine, a.id)
		if err == nil {
			err = dr.Surveys.PrintIn(ctx, tx, who, survey.Take{Survey: a.id, Version: c.Version})
		}
		if err != nil {
			return err
		}
	}
	x, slips, err := dr.Surveys.SlipsIn(ctx, tx, who, a.id)
	if err != nil {
		return err
	}
	book, err := dr.Surveys.Books.ByDigest(ctx, tx, x.Book)
	if err != nil {
		return err
	}
	n := int(x.Drawn) * a.answers / 200
	for i, s := range slips {
		if i >= n {
			break
		}
		choices := opinion(r, len(book.Questions), dr.quality(a.project))
		if second && i < a.papers {
			err = dr.Surveys.EnterIn(ctx, tx, who, a.id, s.Home, choices)
		} else {
			err = dr.Surveys.AnswerIn(ctx, tx, authz.Anonymous, a.id, s.Code, choices)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// opinion is one home's: the better the firm works, the more are satisfied.
func opinion(r *rand.Rand, questions, quality int) string {
	var b strings.Builder
	mood := 1 + r.IntN(3)
	if r.IntN(100) < 45+quality/2 {
		mood = 4 + r.IntN(2)
	}
	for q := range questions {
		n := mood
		if q > 0 {
			n = min(5, max(1, mood-1+r.IntN(3)))
		}
		if r.IntN(25) == 0 {
			n = 0
		}
		b.WriteByte(byte('0' + n))
	}
	return b.String()
}

// checks has the community's first person read again what the second one entered.
func (dr *driver) checks(ctx context.Context, tx *db.Tx, a *asking) error {
	who, err := dr.neighbour(ctx, tx, a, 1)
	if err != nil {
		return err
	}
	x, book, err := dr.Surveys.Survey(ctx, tx, who, a.id)
	if err != nil {
		return err
	}
	for {
		c, err := dr.Surveys.CheckingOf(ctx, tx, who, x, book)
		if err != nil || c.Next == nil {
			return err
		}
		if _, err := dr.Surveys.CheckIn(ctx, tx, who, a.id, c.Next.ID, c.Next.Choices); err != nil {
			return err
		}
	}
}
