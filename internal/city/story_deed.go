package city

import (
	"context"
	"math/rand/v2"
	"time"

	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/money"
)

// The year of deeds: what the 2021 report counts, and how many people each serves
// on average (in halves). A small city has a tenth of them.
const (
	deedsOfYear   = 240
	deedsOfSmall  = 24
	halvesPerDeed = 575 // 287.5 people
	startsOver    = 285 // days of the year on which deeds are collected
)

// A deedKind is one sort of wish with what came of it.
type deedKind struct {
	category, programme    string
	title, promise, result string
	milestones             [2]string
}

var deedKinds = []deedKind{
	{"repair", "home", "%s更换老旧单元门", "更换破损单元门，安装闭门器", "单元门全部更换，已交由物业维护", [2]string{"测量和订货", "安装"}},
	{"heat", "heating", "%s更换供热立管", "供暖期前更换锈蚀立管并打压", "立管更换完成，室温达标", [2]string{"停热放水", "更换和打压"}},
	{"water", "", "%s疏通排水管网", "疏通并更换堵塞的排水井", "排水通畅，雨后无积水", [2]string{"清淤", "更换井盖"}},
	{"lift", "", "%s电梯大修", "更换曳引机和门机，重新检验", "电梯检验合格恢复运行", [2]string{"停梯施工", "检验"}},
	{"road", "home", "%s修补破损道路", "修补坑洼路面，重划停车位", "路面平整，新增车位已公示", [2]string{"铣刨", "摊铺划线"}},
	{"green", "green", "%s补栽绿化", "补栽乔木和草坪，增设座椅", "绿地恢复，交由物业养护", [2]string{"整地", "栽植"}},
	{"safe", "home", "%s打通消防通道", "拆除障碍，划定禁停标线", "消防车通行试验合格", [2]string{"清障", "划线验收"}},
	{"elder", "", "%s加装坡道扶手", "单元入口加装无障碍坡道和扶手", "坡道扶手投入使用", [2]string{"施工", "验收"}},
	{"heat", "heating", "%s锅炉房并网改造", "小锅炉房并入集中供热管网", "并网完成，旧锅炉拆除", [2]string{"管线施工", "并网调试"}},
	{"fee", "", "%s公示收费和公共收益", "核对账目并在公示栏和平台公示", "收费标准和公共收益已公示", [2]string{"对账", "公示"}},
}

// works are the year's deeds on their way.
type works struct {
	people     []int64
	programmes map[string]db.ID
	pictures   map[string][2]db.ID
}

// A work is one deed of the story.
type work struct {
	kind   deedKind
	id     db.ID
	place  *Project
	lead   authz.Role
	people int64
	spent  money.Fen
	r      *rand.Rand
	redone bool
}

var firstOfDeeds = day.Of(2021, time.January, 4)

// deeds is the chapter of practical deeds: programmes in January, deeds through the
// year, each district's month, and work left on the desks at the end.
func (dr *driver) deeds(ctx context.Context, tx *db.Tx, r *rand.Rand, today day.Date) error {
	if today < firstOfDeeds {
		return nil
	}
	if dr.works == nil {
		dr.works = &works{programmes: map[string]db.ID{}, pictures: map[string][2]db.ID{}}
		if err := dr.planDeeds(ctx, tx); err != nil {
			return err
		}
	}
	n, since := len(dr.works.people), int(today-firstOfDeeds)
	for i := range n {
		if i*startsOver/n == since {
			dr.beginWork(dr.newWork(r, i, dr.works.people[i]), today, closedWork)
		}
	}
	for i, l := range dr.leftWorks() {
		if today == dr.opt.Until.AddDays(-l.ago) {
			w := dr.newWork(r, i+3, 120)
			w.place, w.lead = l.place, l.lead
			dr.beginWork(w, today, l.far)
		}
	}
	return dr.deedMonths(ctx, tx, today)
}

// planDeeds sets up the three programmes and deals the year's people out.
func (dr *driver) planDeeds(ctx context.Context, tx *db.Tx) error {
	n := deedsOfSmall
	if dr.opt.Scale.Projects >= City.Projects {
		n = deedsOfYear
	}
	dr.works.people = dealPeople(n)
	who, err := dr.people.actor(ctx, tx, "city1")
	if err != nil {
		return err
	}
	for _, p := range []deed.Programme{
		{Kind: "heating", Name: "2021年供热管网和锅炉房改造", Goal: "供暖期前完成锈蚀立管更换和小锅炉房并网", Budget: 12_000_000 * money.Yuan},
		{Kind: "green", Name: "2021年绿色社区创建", Goal: "补齐绿地和休憩设施，创建绿色社区", Budget: 4_000_000 * money.Yuan},
		{Kind: "home", Name: "2021年共建美好家园", Goal: "修门、修路、打通消防通道，居民参与共建", Budget: 10_000_000 * money.Yuan},
	} {
		p.Division, p.Starts, p.Ends, p.Open = dr.City, firstOfDeeds, day.Of(2021, time.December, 31), true
		id, err := dr.Deeds.AddProgrammeIn(ctx, tx, who, p, "年度资金计划")
		if err != nil {
			return err
		}
		dr.works.programmes[p.Kind] = id
	}
	return nil
}

// dealPeople says how many people each of n deeds serves; not one more or less
// than 287.5 for each on average.
func dealPeople(n int) []int64 {
	weights := make([]int64, n)
	for i := range weights {
		weights[i] = int64(60 + (i*37)%90 + (i*53)%140)
	}
	return money.Split(int64(n)*halvesPerDeed/2, weights)
}

func (dr *driver) newWork(r *rand.Rand, i int, people int64) *work {
	w := &work{kind: deedKinds[i%len(deedKinds)], people: people, r: rand.New(rand.NewPCG(dr.opt.Seed, r.Uint64()))}
	w.place = &dr.plan.Projects[(i*101+7)%len(dr.plan.Projects)]
	w.lead = authz.DistrictBureau
	if i%8 == 5 {
		w.lead = authz.Subdistrict
	}
	w.spent = money.Fen(8_000+w.r.IntN(120_000)) * money.Yuan
	return w
}

// How far a work is taken.
const (
	onlyCollected = iota
	onlyAccepted
	onlyScheduled
	onlyBegun
	suspendAsked
	suspendSigned
	onlyDone
	onlyVerified
	closedWork
)

// beginWork plans the acts of one deed from the day on which it is collected.
func (dr *driver) beginWork(w *work, on day.Date, far int) {
	dr.later(on.AddDays(1), "deed-collect", func(ctx context.Context, tx *db.Tx) error { return dr.collectDeed(ctx, tx, w) })
	steps := []func(day.Date) day.Date{
		onlyAccepted: func(on day.Date) day.Date { return dr.step(w, on.AddDays(1), "deed-accept", 1, w.accept(dr)) },
		onlyScheduled: func(on day.Date) day.Date {
			return dr.step(w, on.AddDays(1), "deed-plan", 2, w.schedule(dr, far == onlyBegun))
		},
		onlyBegun: func(on day.Date) day.Date { return dr.startWork(w, on, far) },
	}
	on = on.AddDays(1)
	for i := onlyAccepted; i <= min(far, onlyBegun); i++ {
		on = steps[i](on)
	}
	switch far {
	case suspendAsked, suspendSigned:
		on = dr.step(w, on.AddDays(2), "deed-suspend", 2, func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
			t.Note = "涉及征收范围，政策尚未明确，需等待市政府批复"
			return dr.Deeds.SuspendIn(ctx, tx, who, t)
		})
		if far == suspendSigned {
			dr.step(w, on.AddDays(1), "deed-sign", 3, func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
				return dr.Deeds.SignIn(ctx, tx, who, t, true)
			})
		}
	case onlyDone, onlyVerified, closedWork:
		dr.endWork(w, on, far)
	}
}

// startWork begins the work and reports each month while it lasts.
func (dr *driver) startWork(w *work, on day.Date, far int) day.Date {
	on = dr.step(w, on.AddDays(1), "deed-begin", 2, func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
		return dr.Deeds.BeginIn(ctx, tx, who, t)
	})
	days, percent := 18+w.r.IntN(34), int64(0)
	if far != closedWork {
		days = 6
	}
	for d := on.AddDays(1); d < on.AddDays(days); d = d.AddDays(1) {
		if d.Day() == 20 && percent < 80 {
			percent += 40
			at := percent
			dr.step(w, d, "deed-report", 2, func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
				report := deed.Report{Percent: at, Text: "按节点施工，材料和人员已到位"}
				if at == 40 {
					report.Reached = []int64{1}
				}
				return dr.Deeds.ReportIn(ctx, tx, who, t, report)
			})
		}
	}
	return on.AddDays(days)
}

// endWork is the result, the call-back by another person, and the close.
func (dr *driver) endWork(w *work, on day.Date, far int) {
	on = dr.step(w, on, "deed-done", 2, w.done(dr))
	if far == onlyDone {
		return
	}
	on = dr.step(w, on.AddDays(2), "deed-name", 3, w.name(dr))
	refused := far == closedWork && w.r.IntN(40) == 0
	for i := range 3 {
		on = dr.step(w, on, "deed-call", 3, func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
			x, err := dr.Deeds.Dossier(ctx, tx, who, t.Deed)
			if err != nil {
				return err
			}
			solved := !refused || w.redone
			return dr.Deeds.CallIn(ctx, tx, who, t, x.Served[i].ID, deed.Answer{Solved: solved, Satisfied: solved && i < 2})
		})
	}
	if refused && !w.redone {
		on = dr.step(w, on, "deed-redo", 3, func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
			t.Note = "居民反映施工后仍有渗漏，退回返工"
			w.redone = true
			return dr.Deeds.RedoIn(ctx, tx, who, t)
		})
		dr.endAgain(w, on.AddDays(3), far)
		return
	}
	on = dr.step(w, on, "deed-verify", 3, func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
		return dr.Deeds.VerifyIn(ctx, tx, who, t)
	})
	if far == closedWork {
		dr.step(w, on.AddDays(1), "deed-close", 1, func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
			return dr.Deeds.CloseIn(ctx, tx, who, t)
		})
	}
}

// endAgain is the end of a deed that was sent back once.
func (dr *driver) endAgain(w *work, on day.Date, far int) {
	on = dr.step(w, on, "deed-done", 2, w.done(dr))
	on = on.AddDays(1) // those who said no are on the list again
	for i := range 3 {
		on = dr.step(w, on, "deed-call", 3, func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
			x, err := dr.Deeds.Dossier(ctx, tx, who, t.Deed)
			if err != nil {
				return err
			}
			return dr.Deeds.CallIn(ctx, tx, who, t, x.Served[i].ID, deed.Answer{Solved: true, Satisfied: true})
		})
	}
	on = dr.step(w, on, "deed-verify", 3, func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
		return dr.Deeds.VerifyIn(ctx, tx, who, t)
	})
	dr.step(w, on.AddDays(1), "deed-close", 1, func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
		return dr.Deeds.CloseIn(ctx, tx, who, t)
	})
}
