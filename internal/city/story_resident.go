package city

import (
	"context"
	"fmt"
	"math/rand/v2"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/resident"
)

const (
	reportsDaily = 7   // in a city of Harbin's size, on average
	voicedEstate = 16  // one estate of so many has residents who report
	contestable  = 100 // percent
)

// firstReport is the day from which residents can report.
var firstReport = day.MustParse("2021-01-01")

// A complaint is what residents say about a topic.
type complaint struct {
	topic, class, text, answer string
	weight                     int
}

var complaints = []complaint{
	{"door", "HELP", "单元门关不严，门禁失灵，陌生人随便进出。", "已更换闭门器和门禁读头，当天恢复使用。", 14},
	{"clean", "COMPLAINT", "楼道几天没有打扫，垃圾桶满了没有清运。", "已当天清扫，并调整保洁班次，每日两次巡查。", 16},
	{"snow", "COMPLAINT", "雪停一天了，小区主路和台阶还没有清。", "已组织人员清雪并撒布融雪剂，台阶铺设防滑垫。", 10},
	{"heat", "HELP", "家里室温只有十六度，老人孩子受不了。", "已联系供热单位入户测温，调整楼栋平衡阀，次日复测达标。", 8},
	{"lift", "HELP", "电梯这周停了两次，有异响。", "维保单位已更换门机皮带并完成自检，运行正常。", 8},
	{"repair", "HELP", "楼顶漏水，顶层住户墙面发霉。", "已做临时防水，列入下月维修计划，届时通知住户。", 12},
	{"order", "COMPLAINT", "外来车辆占满车位，出入口经常堵。", "已加强门岗登记，重新划线并清理占道车辆。", 10},
	{"fire", "REPORT", "消防通道被私家车堵住，救火车进不来。", "已劝离车辆、设置隔离桩，并报告消防救援机构。", 5},
	{"fees", "CONSULT", "物业费标准是怎么定的，公示在哪里？", "收费标准已在公示栏和单元门张贴，附合同约定条款。", 7},
	{"income", "COMPLAINT", "电梯广告的收入从来没有公示过。", "已公示上一年度公共收益收支明细，接受业主查询。", 4},
	{"attitude", "COMPLAINT", "报修电话没人接，前台态度不好。", "已对当班人员批评教育，增设值班电话。", 3},
	{"committee", "CONSULT", "我们小区想成立业委会，要走什么程序？", "街道已安排专人对接，请联系社区报名筹备组。", 3},
}

// A plaint is one report on its way through the story.
type plaint struct {
	complaint
	project int
	id      db.ID
	follow  string
	hotline bool
	r       *rand.Rand
}

// residents is a year of reports: from the web, the hotline, accounts and the
// open interface; joined, merged, late, contested and rated.
func (dr *driver) residents(ctx context.Context, tx *db.Tx, r *rand.Rand, today day.Date) error {
	if today < firstReport {
		return nil
	}
	if dr.key == "" {
		if err := dr.openInterface(ctx, tx); err != nil {
			return err
		}
	}
	for more := true; more; {
		var err error
		if more, err = dr.Reports.AdvanceIn(ctx, tx); err != nil {
			return err
		}
	}
	if today.Time().Weekday() == 1 {
		if err := dr.Reports.FeedCreditIn(ctx, tx); err != nil {
			return err
		}
	}
	for range reportsDaily * 2 {
		if r.IntN(2*City.Projects) >= dr.opt.Scale.Projects+City.Projects/40 {
			continue
		}
		p := &plaint{complaint: pickComplaint(r, today), project: dr.voiced(r), r: rand.New(rand.NewPCG(r.Uint64(), 11))}
		if err := dr.try(ctx, tx, task{"report", func(ctx context.Context, tx *db.Tx) error { return dr.reports(ctx, tx, p, today) }}); err != nil {
			return err
		}
	}
	return dr.leaveReports(ctx, tx, today)
}

func pickComplaint(r *rand.Rand, today day.Date) complaint {
	winter := today.Time().Month() >= 11 || today.Time().Month() <= 3
	for {
		c := complaints[r.IntN(len(complaints))]
		if r.IntN(16) < c.weight && (winter || c.topic != "snow" && c.topic != "heat") {
			return c
		}
	}
}

// voiced picks an estate whose residents report; the worse its firm, the likelier.
func (dr *driver) voiced(r *rand.Rand) int {
	step := max(1, min(voicedEstate, len(dr.plan.Projects)/60))
	best := r.IntN(len(dr.plan.Projects)) / step * step
	if other := r.IntN(len(dr.plan.Projects)) / step * step; dr.quality(other) < dr.quality(best) {
		best = other
	}
	return best
}

// reports hands a report in and plans its way.
func (dr *driver) reports(ctx context.Context, tx *db.Tx, p *plaint, today day.Date) error {
	if err := dr.handIn(ctx, tx, p); err != nil {
		return err
	}
	c, err := casework.Find(ctx, tx, resident.Machine, p.id)
	if err != nil {
		return err
	}
	on := today
	if c.State == resident.Submitted {
		on = today.AddDays(1)
		dr.later(on, "report-sign", func(ctx context.Context, tx *db.Tx) error { return dr.signReport(ctx, tx, p) })
	}
	wait := 1 + p.r.IntN(4)
	if p.r.IntN(100) < 14-dr.quality(p.project)/10 { // deadlines are missed, too
		wait += 18 + p.r.IntN(10)
	}
	dr.answers(p, on.AddDays(wait), 0)
	for i := range p.r.IntN(12) / 9 * (1 + p.r.IntN(3)) {
		dr.later(today.AddDays(1+i), "report-join", func(ctx context.Context, tx *db.Tx) error {
			_, err := dr.Reports.JoinIn(ctx, tx, authz.Anonymous, p.id, 0, p.phone(i+1), "")
			return err
		})
	}
	if p.r.IntN(100) < 7 {
		dr.again(p, today.AddDays(1))
	}
	return nil
}

// phone is a number that no operator gives out.
func (p *plaint) phone(n int) string { return fmt.Sprintf("1990000%04d", (p.project*7+n*131)%10000) }

func (dr *driver) handIn(ctx context.Context, tx *db.Tx, p *plaint) error {
	in := resident.Submission{Channel: resident.Web, Class: p.class, Topic: p.topic, Project: dr.plan.Projects[p.project].Code, Body: p.text}
	dice := p.r.IntN(100)
	switch {
	case dice < 45:
		p.hotline = true
		dr.serial++
		in.SourceRef = fmt.Sprintf("GD%s%05d", tx.Today().String()[:4], dr.serial)
		out, _, err := dr.Reports.TakeOrderIn(ctx, tx, authz.System("order-interface"), in)
		p.id, p.follow = out.Report, out.Follow
		return err
	case dice < 52:
		c, err := dr.client(ctx, tx)
		if err != nil {
			return err
		}
		once := []byte(tx.NewID().String())
		out, err := dr.Reports.TakeRequestIn(ctx, tx, authz.System("open311"), c, resident.Request{Submission: in, Given: resident.Given{Text: in.Body}, Once: once, Digest: once})
		p.id, p.follow = out.Report, out.Follow
		return err
	case dice < 60:
		in.Phone = p.phone(0)
	}
	out, err := dr.Reports.SubmitIn(ctx, tx, authz.Anonymous, in)
	p.id, p.follow = out.Report, out.Follow
	return err
}

// bodyAt is a person of the role that has a report in hand.
func (dr *driver) bodyAt(ctx context.Context, tx *db.Tx, p *plaint, role authz.Role, nth int) (authz.Actor, error) {
	at := dr.place(&event{project: p.project})
	scope := authz.Scope{Division: at.Division}
	switch role {
	case authz.Enterprise:
		scope = authz.Scope{Enterprise: at.Enterprise}
	case authz.Subdistrict:
		scope.Division = at.Division.Up(code.Street)
	case authz.DistrictBureau:
		scope.Division = at.Division.Up(code.District)
	case authz.CityBureau:
		scope.Division = dr.City
	case authz.Committee:
		scope = authz.Scope{Project: at.Project}
	}
	return dr.people.body(ctx, tx, role, scope, nth)
}

// held is the report as it stands and a person of the body that holds it.
func (dr *driver) held(ctx context.Context, tx *db.Tx, p *plaint, nth int) (resident.Take, casework.Case, authz.Actor, error) {
	c, err := casework.Find(ctx, tx, resident.Machine, p.id)
	if err == nil && c.Holder.Role == "" { // merged or closed meanwhile
		err = fault.New(fault.Conflict, "city.nobody", "没有人承办这件诉求。")
	}
	if err != nil {
		return resident.Take{}, c, authz.Actor{}, err
	}
	who, err := dr.bodyAt(ctx, tx, p, c.Holder.Role, nth)
	return resident.Take{Report: p.id, Version: c.Version}, c, who, err
}

func (dr *driver) signReport(ctx context.Context, tx *db.Tx, p *plaint) error {
	t, _, who, err := dr.held(ctx, tx, p, 1)
	if err != nil {
		return err
	}
	if p.r.IntN(60) == 0 {
		t.Note = "反映的是邻里纠纷，不属于物业管理事项，请向社区调解委员会申请调解。"
		return dr.Reports.RefuseIn(ctx, tx, who, t)
	}
	if err := dr.Reports.SignIn(ctx, tx, who, t); err != nil {
		return err
	}
	t.Version++
	return dr.Reports.DispatchIn(ctx, tx, who, t, "")
}

// answers plans the answer, its review and the rating; round counts reopenings.
func (dr *driver) answers(p *plaint, on day.Date, round int) {
	dr.later(on, "report-answer", func(ctx context.Context, tx *db.Tx) error {
		t, c, who, err := dr.held(ctx, tx, p, 1)
		if err != nil {
			return err
		}
		if c.State == resident.Urged {
			return dr.urge(ctx, tx, p, t, who, round)
		}
		if err := dr.Reports.AnswerIn(ctx, tx, who, t, p.answer, nil); err != nil {
			return err
		}
		dr.reviews(p, tx.Today().AddDays(1+p.r.IntN(2)), round)
		return nil
	})
}

// urge has the district register a case, or give time; the answer follows.
func (dr *driver) urge(ctx context.Context, tx *db.Tx, p *plaint, t resident.Take, who authz.Actor, round int) error {
	do := dr.Reports.CaseIn
	if dr.plan.Projects[p.project].Enterprise == "" || p.r.IntN(100) < 55 {
		do, t.Note = dr.Reports.GiveTimeIn, "配件正在采购，准予延后，请抓紧办理。"
	}
	if err := do(ctx, tx, who, t); err != nil {
		return err
	}
	dr.answers(p, tx.Today().AddDays(1+p.r.IntN(3)), round)
	return nil
}

func (dr *driver) reviews(p *plaint, on day.Date, round int) {
	dr.later(on, "report-review", func(ctx context.Context, tx *db.Tx) error {
		t, c, who, err := dr.held(ctx, tx, p, 1)
		if err != nil {
			return err
		}
		if c.State == resident.Answered {
			if p.r.IntN(100) < 6 {
				t.Note = "没有说明何时完成，请补充后重新答复。"
				dr.answers(p, on.AddDays(2), round)
				return dr.Reports.ReviewBackIn(ctx, tx, who, t)
			}
			if err := dr.Reports.PassIn(ctx, tx, who, t, p.r.IntN(100) < 30); err != nil {
				return err
			}
		}
		if err := dr.releases(ctx, tx, p); err != nil {
			return err
		}
		if p.r.IntN(contestable) < 62 {
			dr.rates(p, on.AddDays(1+p.r.IntN(5)), round)
		}
		return nil
	})
}

// releases makes a part of the reports readable for everybody.
func (dr *driver) releases(ctx context.Context, tx *db.Tx, p *plaint) error {
	if p.r.IntN(3) > 0 {
		return nil
	}
	return dr.publishes(ctx, tx, p)
}

// publishes has the street make a report readable for everybody.
func (dr *driver) publishes(ctx context.Context, tx *db.Tx, p *plaint) error {
	who, err := dr.bodyAt(ctx, tx, p, authz.Subdistrict, 1)
	if err != nil {
		return err
	}
	r, err := dr.Reports.Find(ctx, tx, who, p.id)
	if err != nil {
		return err
	}
	return dr.Reports.ReleaseIn(ctx, tx, who, resident.Take{Report: p.id, Version: r.Case.Version, Release: r.Release, Checked: true}, p.text, p.answer, false)
}
