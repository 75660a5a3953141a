package city

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/volunteer"
)

// A team is the volunteers of one community.
type team struct {
	at     code.Division
	people []db.ID
}

// helps are what volunteers are called to.
var helps = []struct{ title, task, place string }{
	{"清扫楼道和门前积雪", "带好铁锹和手套，两人一组清扫单元门前和坡道", "社区服务站门前"},
	{"陪独居老人体检", "接送、排队、取报告", "社区卫生服务中心"},
	{"整理楼道堆放物品", "劝导并帮助搬运，不动有主的物品", "小区中心花坛"},
	{"教老人使用手机缴费", "一对一演示，不代输密码", "社区活动室"},
	{"小区绿地补种", "工具由社区提供", "小区东门"},
	{"夏夜巡逻", "两人一组，发现险情先报告", "社区服务站门前"},
}

// teams are the communities with volunteers: about forty of a city, a few of a
// small one, and those whose people can sign in.
func (dr *driver) teams() []*team {
	if dr.helpers != nil {
		return dr.helpers
	}
	seen := map[code.Division]bool{}
	add := func(i int) {
		if d := dr.plan.Projects[i].Division; !seen[d] {
			seen[d] = true
			dr.helpers = append(dr.helpers, &team{at: d})
		}
	}
	for _, home := range dr.homes() {
		add(home)
	}
	for i := 3; i < len(dr.plan.Projects); i += max(9, len(dr.plan.Projects)/40) {
		add(i)
	}
	return dr.helpers
}

// volunteers is the chapter of the volunteers: rosters in January, a call every
// ten weeks, and what waits at the end.
func (dr *driver) volunteers(ctx context.Context, tx *db.Tx, r *rand.Rand, today day.Date) error {
	for i, t := range dr.teams() {
		begin := day.Of(2021, time.January, 11).AddDays(i % 20)
		since := int(today - begin)
		var err error
		switch {
		case since == 0:
			err = dr.try(ctx, tx, task{"volunteers", func(ctx context.Context, tx *db.Tx) error { return dr.enlist(ctx, tx, r, t) }})
		case since > 0 && since%70 == 10 && today < dr.opt.Until.AddDays(-20):
			err = dr.help(ctx, tx, r, t, today.AddDays(7), 9, since/70)
		}
		if err == nil && i < 2 {
			err = dr.helpLeft(ctx, tx, r, t, today)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (dr *driver) helper(ctx context.Context, tx *db.Tx, t *team, nth int) (authz.Actor, error) {
	return dr.people.body(ctx, tx, authz.Community, authz.Scope{Division: t.at}, nth)
}

// enlist enters the first volunteers; one in three of them joins alone and is accepted.
func (dr *driver) enlist(ctx context.Context, tx *db.Tx, r *rand.Rand, t *team) error {
	who, err := dr.helper(ctx, tx, t, 1)
	if err != nil {
		return err
	}
	for n := range 6 + r.IntN(6) {
		e := dr.volunteer(r, t, n)
		if n%3 < 2 {
			id, err := dr.Volunteers.EnterIn(ctx, tx, who, e)
			if err != nil {
				return err
			}
			t.people = append(t.people, id)
			continue
		}
		if err := dr.Volunteers.ApplyIn(ctx, tx, authz.Anonymous, e); err != nil {
			return err
		}
	}
	waiting, err := dr.Volunteers.List(ctx, tx, who, volunteer.Query{State: volunteer.Applied, Limit: 20})
	if err != nil {
		return err
	}
	for _, v := range waiting {
		if err := dr.Volunteers.DecideIn(ctx, tx, who, volunteer.Take{ID: v.ID, Version: 1}, volunteer.ActAccept); err != nil {
			return err
		}
		t.people = append(t.people, v.ID)
	}
	return nil
}

func (dr *driver) volunteer(r *rand.Rand, t *team, n int) volunteer.Entry {
	name := (&namer{r, map[string]bool{}}).person()
	return volunteer.Entry{
		Division: t.at, Name: name, Phone: fmt.Sprintf("139%02d%06d", n, r.IntN(1_000_000)), Skills: pick(r, []string{"", "理发", "修电器", "陪伴老人", "摄影", "开车"}), Consent: true, Open: r.IntN(3) > 0,
	}
}

// help publishes a call for a day, fills it, notes the hours and has them
// confirmed; steps says how far: 1 published, 2 filled, 3 noted, 9 confirmed.
func (dr *driver) help(ctx context.Context, tx *db.Tx, r *rand.Rand, t *team, on day.Date, steps, turn int) error {
	h := helps[1+(turn+len(t.people))%(len(helps)-1)]
	if m := on.Month(); m >= time.November || m <= time.March { // there is snow
		h = helps[(turn+len(t.people))%3]
	}
	dice := rand.New(rand.NewPCG(r.Uint64(), 13))
	var id db.ID
	return dr.try(ctx, tx, task{"volunteer-call", func(ctx context.Context, tx *db.Tx) error {
		who, err := dr.helper(ctx, tx, t, 1)
		if err != nil {
			return err
		}
		id, err = dr.Volunteers.PublishIn(ctx, tx, who, volunteer.Call{Division: t.at, Title: h.title, Task: h.task, Place: h.place, On: on, At: "09:00", Minutes: int64(60 + 30*dice.IntN(4)), Places: 8})
		if err != nil || steps < 2 {
			return err
		}
		for i, v := range t.people {
			if i < 4+turn%3 {
				if err := dr.Volunteers.SignIn(ctx, tx, who, id, v); err != nil {
					return err
				}
			}
		}
		slip := ""
		if turn%4 == 3 && steps >= 9 { // who is served gets the slip before anybody comes
			c, err := casework.Find(ctx, tx, volunteer.CallMachine, id)
			if err == nil {
				err = dr.Volunteers.PrintIn(ctx, tx, who, volunteer.Take{ID: id, Version: c.Version})
			}
			if err == nil {
				_, slip, err = dr.Volunteers.SlipIn(ctx, tx, who, id)
			}
			if err != nil {
				return err
			}
		}
		if steps >= 3 {
			dr.later(max(on, tx.Today().AddDays(1)), "volunteer-hold", func(ctx context.Context, tx *db.Tx) error { return dr.attend(ctx, tx, dice, t, id) })
		}
		if steps >= 9 {
			dr.later(on.AddDays(2), "volunteer-confirm", func(ctx context.Context, tx *db.Tx) error { return dr.confirmed(ctx, tx, t, id, slip) })
		}
		return nil
	}})
}

// attend has the community's second person note who came.
func (dr *driver) attend(ctx context.Context, tx *db.Tx, r *rand.Rand, t *team, id db.ID) error {
	who, err := dr.helper(ctx, tx, t, 2)
	if err != nil {
		return err
	}
	c, err := dr.Volunteers.Call(ctx, tx, id)
	if err != nil {
		return err
	}
	people, err := dr.Volunteers.SignedUp(ctx, tx, who, c)
	if err != nil {
		return err
	}
	minutes := map[db.ID]int64{}
	for i, p := range people {
		if i == 0 || r.IntN(8) > 0 {
			minutes[p.ID] = c.Minutes - int64(15*r.IntN(3))
		}
	}
	return dr.Volunteers.HoldIn(ctx, tx, who, volunteer.Take{ID: id, Version: c.Case.Version}, minutes)
}

// confirmed is the second party: who was served, by the slip, or the community's
// first person.
func (dr *driver) confirmed(ctx context.Context, tx *db.Tx, t *team, id db.ID, slip string) error {
	if slip != "" {
		_, err := dr.Volunteers.ServedIn(ctx, tx, authz.Anonymous, slip)
		return err
	}
	who, err := dr.helper(ctx, tx, t, 1)
	if err != nil {
		return err
	}
	c, err := casework.Find(ctx, tx, volunteer.CallMachine, id)
	if err != nil {
		return err
	}
	err = dr.Volunteers.ConfirmIn(ctx, tx, who, volunteer.Take{ID: id, Version: c.Version})
	if fault.Is(err, "authz.same-person") { // a volunteer of the same name: it waits for who was served
		return nil
	}
	return err
}

// helpLeft leaves work for the communities that can sign in: hours to note and to
// confirm, a call to come, somebody who wants to join.
func (dr *driver) helpLeft(ctx context.Context, tx *db.Tx, r *rand.Rand, t *team, today day.Date) error {
	u := dr.opt.Until
	switch today {
	case u.AddDays(-6):
		return dr.help(ctx, tx, r, t, u.AddDays(-3), 3, 0)
	case u.AddDays(-5):
		return dr.help(ctx, tx, r, t, u.AddDays(-1), 2, 1)
	case u.AddDays(-4):
		return dr.help(ctx, tx, r, t, u.AddDays(9), 2, 2)
	case u.AddDays(-1):
		return dr.try(ctx, tx, task{"volunteer-apply", func(ctx context.Context, tx *db.Tx) error {
			return dr.Volunteers.ApplyIn(ctx, tx, authz.Anonymous, dr.volunteer(r, t, 40))
		}})
	}
	return nil
}
