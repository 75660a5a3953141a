package city

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/campaign"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/supervision"
)

// A round is one campaign of the story.
type round struct {
	campaign.Campaign
	draft  day.Date
	share  int  // of 2,891 projects
	signed bool // only where officials can sign in, and not concluded
}

// campaignRounds are two campaigns of 2021 that come to their end, and one that is
// under way when the story ends.
func (dr *driver) campaignRounds() []round {
	last := dr.opt.Until.AddDays(-9)
	spring, autumn := day.MustParse("2021-04-06"), day.MustParse("2021-09-06")
	list := []round{
		{draft: spring, share: 120, Campaign: campaign.Campaign{Theme: "SANITATION", Title: "2021年春季环境卫生专项检查", Basis: "物业管理条例第三十五条；春季爱国卫生运动部署", From: spring.AddDays(7), To: spring.AddDays(45)}},
		{draft: autumn, share: 160, Campaign: campaign.Campaign{Theme: "SAFETY", Title: "2021年秋季住宅小区安全专项检查", Basis: "物业管理条例第四十六条；消防法第四十六条", From: autumn.AddDays(7), To: autumn.AddDays(45)}},
		{draft: last, share: 60, signed: true, Campaign: campaign.Campaign{Theme: "DAILY", Title: fmt.Sprintf("%d年第%d季度日常巡查", dr.opt.Until.Year(), (int(dr.opt.Until.Month())+2)/3), Basis: "物业管理条例第五条", Scope: dr.signingDistricts(), From: last.AddDays(3), To: dr.opt.Until.AddDays(20)}},
	}
	for i := range list {
		list[i].Kind, list[i].Division = campaign.KindInspection, dr.City
		list[i].SeedRule = fmt.Sprintf("%d年第%d期福利彩票双色球开奖号码", list[i].draft.Year(), 3*int(list[i].draft-day.Of(list[i].draft.Year(), 1, 1))/7+1)
		list[i].SeedOn, list[i].SeedDigits = list[i].draft.AddDays(2), 14
		list[i].Sample = max(10, dr.opt.Scale.Projects*list[i].share/City.Projects)
	}
	return list
}

// inspect has the city run its campaigns.
func (dr *driver) inspect(ctx context.Context, tx *db.Tx, r *rand.Rand, today day.Date) error {
	for _, c := range dr.campaignRounds() {
		if c.draft != today || !c.signed && c.To.AddDays(20) > dr.opt.Until {
			continue
		}
		if err := dr.try(ctx, tx, task{"campaign", func(ctx context.Context, tx *db.Tx) error { return dr.begin(ctx, tx, r, c, today) }}); err != nil {
			return err
		}
	}
	return nil
}

// begin drafts a campaign and plans its way to the end.
func (dr *driver) begin(ctx context.Context, tx *db.Tx, r *rand.Rand, c round, today day.Date) error {
	for _, d := range districtShare { // each district has two who may be drawn
		for n := range 2 {
			if _, err := dr.people.body(ctx, tx, authz.DistrictBureau, authz.Scope{Division: d.code}, n+1); err != nil {
				return err
			}
		}
	}
	maker, err := dr.people.actor(ctx, tx, "city1")
	if err != nil {
		return err
	}
	id, err := dr.Campaigns.DraftIn(ctx, tx, maker, c.Campaign)
	if err != nil {
		return err
	}
	step := func(after int, login, name string, act func(ctx context.Context, tx *db.Tx, who authz.Actor, version int64) error) {
		dr.later(today.AddDays(after), name, func(ctx context.Context, tx *db.Tx) error {
			who, err := dr.people.actor(ctx, tx, login)
			if err != nil {
				return err
			}
			flow, err := casework.Find(ctx, tx, campaign.Machine, id)
			if err != nil {
				return err
			}
			return act(ctx, tx, who, flow.Version)
		})
	}
	step(1, "city2", "approve-campaign", func(ctx context.Context, tx *db.Tx, who authz.Actor, v int64) error {
		return dr.Campaigns.ApproveIn(ctx, tx, who, id, v)
	})
	number := lottery(rand.New(rand.NewPCG(dr.opt.Seed, uint64(today))))
	step(2, "city2", "note-seed", func(ctx context.Context, tx *db.Tx, who authz.Actor, v int64) error {
		return dr.Campaigns.SeedIn(ctx, tx, who, id, v, number)
	})
	step(2, "city1", "draw", func(ctx context.Context, tx *db.Tx, who authz.Actor, v int64) error {
		return dr.Campaigns.DrawIn(ctx, tx, who, id, v, number)
	})
	step(3, "city1", "start-campaign", func(ctx context.Context, tx *db.Tx, who authz.Actor, v int64) error {
		if err := dr.Campaigns.StartIn(ctx, tx, who, id, v); err != nil {
			return err
		}
		return dr.send(ctx, tx, r, id, c, max(tx.Today(), c.From.AddDays(-1)))
	})
	if !c.signed {
		step(int(c.To-today)+1, "city1", "conclude-campaign", func(ctx context.Context, tx *db.Tx, who authz.Actor, v int64) error {
			return dr.Campaigns.ConcludeIn(ctx, tx, who, id, v)
		})
	}
	return nil
}

// lottery is a public number that was named before: six of 33 and one of 16.
func lottery(r *rand.Rand) string {
	balls := r.Perm(33)[:6]
	slices.Sort(balls)
	out := ""
	for _, n := range balls {
		out += fmt.Sprintf("%02d ", n+1)
	}
	return out + fmt.Sprintf("+ %02d", r.IntN(16)+1)
}

// send plans the visits: nearly all are made; of a campaign that is under way at
// the end, those of the first days.
func (dr *driver) send(ctx context.Context, tx *db.Tx, r *rand.Rand, id db.ID, c round, today day.Date) error {
	program := authz.System("demo")
	for before := db.ID(0); ; {
		list, err := dr.Campaigns.Inspections(ctx, tx, program, campaign.Sift{Campaign: id, Before: before, Limit: 200})
		if err != nil {
			return err
		}
		for _, x := range list {
			before = x.ID
			dice := rand.New(rand.NewPCG(r.Uint64(), 9))
			if !c.signed && dice.IntN(25) > 0 {
				dr.later(today.AddDays(1+dice.IntN(13)), "visit", func(ctx context.Context, tx *db.Tx) error { return dr.goTo(ctx, tx, dice, x) })
			}
			if c.signed && dice.IntN(4) == 0 {
				dr.later(today.AddDays(1+dice.IntN(4)), "visit", func(ctx context.Context, tx *db.Tx) error { return dr.goTo(ctx, tx, dice, x) })
			}
		}
		if len(list) < 200 {
			return nil
		}
	}
}

// holderOf is the holder of an account that the draw named.
func (dr *driver) holderOf(ctx context.Context, tx *db.Tx, account db.ID) (authz.Actor, error) {
	for login, id := range dr.people.ids {
		if id == account {
			return dr.people.actor(ctx, tx, login)
		}
	}
	return authz.Actor{}, fmt.Errorf("nobody has account %s", account)
}

// quality of a registered project of the plan.
func (dr *driver) qualityOf(c code.ProjectCode) int {
	i, found := slices.BinarySearchFunc(dr.plan.Projects, c, func(p Project, c code.ProjectCode) int { return strings.Compare(string(p.Code), string(c)) })
	if !found {
		return 50
	}
	return dr.quality(i)
}

// places where something is amiss, as inspectors write it down.
var spots = []string{"三号楼二单元", "东侧出入口", "地下车库入口", "五号楼北侧", "中心花园", "一号楼一层大厅"}

// goTo is one visit: the worse a firm works, the more is found.
func (dr *driver) goTo(ctx context.Context, tx *db.Tx, r *rand.Rand, x campaign.Inspection) error {
	x, err := dr.Campaigns.Inspection(ctx, tx, authz.System("demo"), x.ID)
	if err != nil {
		return err
	}
	who, err := dr.holderOf(ctx, tx, x.First)
	if err != nil {
		return err
	}
	_, list, err := dr.Campaigns.Checklist(ctx, tx, x)
	if err != nil {
		return err
	}
	bad := max(1, (76-dr.qualityOf(x.Project))/4) // percent of the items
	answers, pointed := map[string]campaign.Answer{}, ""
	for _, it := range list {
		a := campaign.Answer{Item: it.Code, Verdict: campaign.Good}
		switch n := r.IntN(100); {
		case n < bad:
			a = campaign.Answer{Item: it.Code, Verdict: campaign.Bad, Facts: spots[r.IntN(len(spots))] + "，" + it.Title + "没有做到", Deadline: it.Deadline}
			if it.Group == "SAFETY" && pointed == "" && r.IntN(3) == 0 {
				a.Points, pointed = true, it.Code
			}
		case n == 99:
			a.Verdict = campaign.NotApplicable
		}
		answers[it.Code] = a
	}
	at := fmt.Sprintf("45.%05d,126.%05d±%d", 70_000+r.IntN(9_000), 60_000+r.IntN(9_000), 5+r.IntN(20))
	if _, err := dr.Campaigns.SubmitIn(ctx, tx, who, x.ID, x.Case.Version, campaign.Visit{Answers: answers, Position: at}); err != nil {
		return err
	}
	if pointed != "" {
		file, err := dr.Files.Put(ctx, tx, "现场照片.png", scan(len(pointed)))
		if err != nil {
			return err
		}
		if err := dr.Campaigns.PhotosIn(ctx, tx, who, x.ID, pointed, []db.ID{file.ID}, false); err != nil {
			return err
		}
	}
	dr.later(tx.Today().AddDays(1+r.IntN(2)), "confirm-inspection", func(ctx context.Context, tx *db.Tx) error { return dr.confirmVisit(ctx, tx, r, x.ID) })
	return nil
}

// confirmVisit is the second inspector's word; what becomes a case is led on.
func (dr *driver) confirmVisit(ctx context.Context, tx *db.Tx, r *rand.Rand, id db.ID) error {
	x, err := dr.Campaigns.Inspection(ctx, tx, authz.System("demo"), id)
	if err != nil {
		return err
	}
	who, err := dr.holderOf(ctx, tx, x.Second)
	if err != nil {
		return err
	}
	if err := dr.Campaigns.ConfirmIn(ctx, tx, who, id, x.Case.Version); err != nil {
		return err
	}
	if x, err = dr.Campaigns.Inspection(ctx, tx, authz.System("demo"), id); err != nil {
		return err
	}
	found, err := campaign.Findings(ctx, tx, x)
	for _, f := range found {
		if f.Case != 0 {
			dr.leadCase(r, f.Case, tx.Today())
		}
	}
	if x.State == campaign.Mending {
		dr.mendVisit(r, id, x.Due, tx.Today())
	}
	return err
}

// mendVisit: most enterprises report in time, and most of what they report is so.
func (dr *driver) mendVisit(r *rand.Rand, id db.ID, due, today day.Date) {
	on := max(due.AddDays(-r.IntN(3)), today.AddDays(1))
	if r.IntN(5) == 0 {
		on = due.AddDays(1 + r.IntN(9))
	}
	version := func(ctx context.Context, tx *db.Tx) (campaign.Inspection, error) {
		return dr.Campaigns.Inspection(ctx, tx, authz.System("demo"), id)
	}
	dr.later(on, "report-mended", func(ctx context.Context, tx *db.Tx) error {
		x, err := version(ctx, tx)
		if err != nil {
			return err
		}
		who, err := dr.people.body(ctx, tx, authz.Enterprise, authz.Scope{Enterprise: x.Enterprise}, 1)
		if err != nil {
			return err
		}
		return dr.Campaigns.ReportIn(ctx, tx, who, id, x.Case.Version, "检查指出的问题已全部整改。")
	})
	dr.later(on.AddDays(1+r.IntN(3)), "recheck-inspection", func(ctx context.Context, tx *db.Tx) error {
		x, err := version(ctx, tx)
		if err != nil {
			return err
		}
		who, err := dr.holderOf(ctx, tx, x.Second)
		if err != nil {
			return err
		}
		return dr.Campaigns.RecheckIn(ctx, tx, who, id, x.Case.Version, true, "现场复查，已整改。")
	})
}

// leadCase takes a case of an inspection to its re-check: verified by two,
// ordered, mended, looked at by the community.
func (dr *driver) leadCase(r *rand.Rand, id db.ID, today day.Date) {
	on := 1
	act := func(after, nth int, name string, do func(ctx context.Context, tx *db.Tx, who authz.Actor, t supervision.Take) error) {
		on += after
		dr.later(today.AddDays(on), name, func(ctx context.Context, tx *db.Tx) error {
			c, err := casework.Find(ctx, tx, supervision.CaseMachine, id)
			if err != nil {
				return err
			}
			who, err := dr.people.body(ctx, tx, c.Holder.Role, authz.Scope{Division: c.Holder.Division, Enterprise: c.Holder.Enterprise, Project: c.Holder.Project}, nth)
			if err != nil {
				return err
			}
			return do(ctx, tx, who, supervision.Take{ID: id, Version: c.Version, Note: "情况属实。"})
		})
	}
	act(0, 1, "verify-case", func(ctx context.Context, tx *db.Tx, who authz.Actor, t supervision.Take) error {
		return dr.Cases.VerifyIn(ctx, tx, who, t, supervision.Finding{})
	})
	act(1, 2, "confirm-case", dr.Cases.ConfirmIn)
	act(1, 1, "order-case", func(ctx context.Context, tx *db.Tx, who authz.Actor, t supervision.Take) error {
		return dr.Cases.OrderIn(ctx, tx, who, t, supervision.Order{Class: "deadline"})
	})
	act(1+r.IntN(3), 1, "report-case", func(ctx context.Context, tx *db.Tx, who authz.Actor, t supervision.Take) error {
		picture, err := photo(id, t.Version)
		if err != nil {
			return err
		}
		file, err := dr.Files.Put(ctx, tx, "整改后照片.png", picture)
		if err != nil {
			return err
		}
		t.Note, t.Files = "已整改完成。", []db.ID{file.ID}
		return dr.Cases.ReportIn(ctx, tx, who, t)
	})
	act(1+r.IntN(2), 1, "pass-case", dr.Cases.PassIn)
}
