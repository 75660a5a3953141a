package city

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/campaign"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/fault"
	"juli/internal/hook"
	"juli/internal/identity"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/supervision"
	"juli/internal/survey"
	"juli/internal/volunteer"
)

// Services is what the city is driven through, over the simulated calendar.
type Services struct {
	DB          *db.DB
	City        code.Division
	Identity    *identity.Service
	Registry    *registry.Service
	Books       *credit.Books
	Records     *credit.Records
	Evaluations *credit.Evaluations
	Campaigns   *campaign.Campaigns
	Listing     *listing.Service
	Cases       *supervision.Cases
	Surveys     *survey.Service
	Volunteers  *volunteer.Service
	Reports     *resident.Reports
	Deeds       *deed.Service
	Files       *blob.Store
	Hooks       *hook.Service
	Settle      func(ctx context.Context) error // runs the reactions that wait
}

// Options say which city to make.
type Options struct {
	Scale    Scale
	Seed     uint64
	Until    day.Date // the city calendar stands here when it is done
	Progress io.Writer
}

// start is the first day of every story: the day from which the demo rulebook holds.
var start = day.MustParse("2020-01-01")

// A driver acts the story out, day by day.
type driver struct {
	Services
	opt      Options
	plan     Plan
	people   *people
	tasks    map[day.Date][]task
	district map[int]code.Division // of a project of the plan
	serial   int                   // of documents
	tally    map[string]int
	managed  map[int]bool // projects of the plan with a manager
	works    *works       // practical deeds
	failed   map[int]bool // projects that failed the last assessment
	asked    []*asking    // the year's surveys
	helpers  []*team      // communities with volunteers
	key      string       // of the client of the open interface
	bySize   []int        // see biggest
}

// Build fills an empty database with a city: services makes the services over a
// calendar that the city sets. It returns the accounts that can sign in.
func Build(ctx context.Context, d *db.DB, services func(*db.DB) Services, opt Options) ([]Account, error) {
	if opt.Until < start.AddMonths(1) {
		return nil, fault.New(fault.Invalid, "city.until", "演示城市从 %s 开始，截止日期至少在一个月之后。", start)
	}
	if err := d.MarkDemo(ctx); err != nil {
		return nil, err
	}
	clock := start.Time().Add(9 * time.Hour)
	s := services(d.WithClock(func() time.Time { return clock }))
	communities, err := registry.SeedCommunities()
	if err != nil {
		return nil, err
	}
	dr := &driver{Services: s, opt: opt, plan: NewPlan(opt.Scale, opt.Seed, start, communities), tasks: map[day.Date][]task{}, tally: map[string]int{}}
	lot := [32]byte{}
	binary.BigEndian.PutUint64(lot[:], opt.Seed)
	dr.Campaigns.Random = rand.NewChaCha8(lot) // the same city each time
	if err := dr.found(ctx); err != nil {
		return nil, err
	}
	for today := start; today <= opt.Until; today = today.AddDays(1) {
		clock = today.Time().Add(9 * time.Hour)
		if err := dr.live(ctx, today); err != nil {
			return nil, fmt.Errorf("%s: %w", today, err)
		}
	}
	return dr.people.accounts, d.SetCityOffset(ctx, sameTimeOn(opt.Until, time.Now()))
}

// sameTimeOn is the moment of a day at which clocks in China show what they show
// now, whatever the zone of the machine.
func sameTimeOn(on day.Date, now time.Time) time.Time {
	return on.Time().Add(now.Sub(day.FromTime(now).Time()))
}

func (dr *driver) say(format string, args ...any) {
	if dr.opt.Progress != nil {
		fmt.Fprintf(dr.opt.Progress, format+"\n", args...)
	}
}

// live plays one day: what was due, what happens anew, what time does by
// itself, the reactions, and at the end of a cycle the evaluation.
func (dr *driver) live(ctx context.Context, today day.Date) error {
	r := rand.New(rand.NewPCG(dr.opt.Seed, uint64(today)))
	err := dr.DB.Write(ctx, func(tx *db.Tx) error {
		for _, t := range dr.tasks[today] {
			if err := dr.try(ctx, tx, t); err != nil {
				return err
			}
		}
		delete(dr.tasks, today)
		if err := dr.rounds(ctx, tx, r, today); err != nil {
			return err
		}
		if err := dr.happen(ctx, tx, r, today); err != nil {
			return err
		}
		for i, c := range chapters {
			if err := c(dr, ctx, tx, rand.New(rand.NewPCG(dr.opt.Seed+uint64(i)+1, uint64(today))), today); err != nil {
				return err
			}
		}
		if err := dr.leave(ctx, tx, today); err != nil {
			return err
		}
		if err := dr.readMail(ctx, tx, today); err != nil {
			return err
		}
		for more := true; more; {
			var err error
			if _, more, err = dr.Records.AdvanceIn(ctx, tx); err != nil {
				return err
			}
		}
		return dr.cycles(ctx, tx, today)
	})
	if err != nil {
		return err
	}
	if today.LastOfMonth() == today {
		dr.say("  %s  信用信息 %d 条", today, dr.tally["propose"])
	}
	return dr.Settle(ctx)
}

// A chapter is what one feature adds to each day of the story.
type chapter func(dr *driver, ctx context.Context, tx *db.Tx, r *rand.Rand, today day.Date) error

// chapters are told one after the other, each with dice of its own, so that one
// does not change another's story.
var chapters = []chapter{(*driver).cases, (*driver).surveys, (*driver).volunteers, (*driver).residents, (*driver).inspect, (*driver).deeds, (*driver).lists, (*driver).open311, (*driver).hooks, (*driver).clear}

// A task is one act on a later day.
type task struct {
	name string
	do   func(ctx context.Context, tx *db.Tx) error
}

func (dr *driver) later(on day.Date, name string, do func(ctx context.Context, tx *db.Tx) error) {
	if on <= dr.opt.Until {
		dr.tasks[on] = append(dr.tasks[on], task{name, do})
	}
}

// try runs a task; what the rules refuse leaves nothing behind, as in life.
func (dr *driver) try(ctx context.Context, tx *db.Tx, t task) error {
	err := tx.Try(ctx, func() error { return t.do(ctx, tx) })
	if err == nil {
		dr.tally[t.name]++
		return nil
	}
	switch f := fault.From(err); f.Kind {
	case fault.Conflict, fault.Invalid, fault.NotFound:
		dr.tally["refused "+t.name+" "+f.Rule]++
		return nil
	}
	return fmt.Errorf("%s: %w", t.name, err)
}

// Tally counts the acts of the story and the refusals, for tests.
func (dr *driver) Tally() map[string]int { return dr.tally }

// cycles runs, proposes and publishes the evaluations of the periods that end.
func (dr *driver) cycles(ctx context.Context, tx *db.Tx, today day.Date) error {
	for _, end := range cycleEnds {
		cutoff := day.MustParse(end.cutoff)
		publish := cutoff.AddDays(8)
		if cutoff == dr.opt.Until {
			publish = cutoff
		}
		if today == publish {
			if err := dr.publish(ctx, tx, cutoff); err != nil {
				return err
			}
		}
	}
	return nil
}

// cycleEnds are the periods that the demo publishes: a half-year under the first
// version of the rules, three quarters under the second.
var cycleEnds = []struct{ cutoff string }{{"2020-12-31"}, {"2021-06-30"}, {"2021-09-30"}, {"2021-12-31"}}

func (dr *driver) publish(ctx context.Context, tx *db.Tx, cutoff day.Date) error {
	maker, err := dr.people.actor(ctx, tx, "city1")
	if err != nil {
		return err
	}
	checker, err := dr.people.actor(ctx, tx, "city2")
	if err != nil {
		return err
	}
	book, err := dr.Books.InForce(ctx, tx, cutoff)
	if err != nil {
		return err
	}
	e, err := dr.Evaluations.EvaluateIn(ctx, tx, maker, credit.Request{Book: book, Purpose: credit.ForCycle, Period: book.PublicationPeriod(cutoff)})
	if err != nil {
		return err
	}
	p, err := dr.Evaluations.ProposePublication(ctx, tx, maker, e.ID, "本期评价")
	if err != nil {
		return err
	}
	if _, err := dr.Evaluations.DecidePublication(ctx, tx, checker, p.ID, true, ""); err != nil {
		return err
	}
	dr.say("  %s  公布 %s：%d 家企业，%d 条信用信息", tx.Today(), e.Period.Name, e.Enterprises, e.Records)
	return nil
}

// role makes an actor of a role at a place act as a fresh second factor would let it.
func fresh(who authz.Actor, now time.Time) authz.Actor {
	who.Second, who.StepUp = true, now
	return who
}
