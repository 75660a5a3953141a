package city

import (
	"context"
	"math/rand/v2"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/supervision"
)

// casesFrom is the first day on which the story tells of cases; casesPerYear is
// how many a city of Harbin's size has in the year that is told.
var casesFrom = day.MustParse("2021-01-04")

const casesPerYear = 520

// A fault1 is one kind of fault of the story, with its words.
type fault1 struct {
	violation string
	weight    int
	spot      string
	facts     string
}

var faults = []fault1{
	{"Q02", 26, "2号楼楼道", "楼道堆放杂物，垃圾没有日产日清。"},
	{"Q03", 22, "3号楼2单元", "单元门损坏关不上，报修两周没有处理。"},
	{"Q01", 14, "小区东门", "合同约定的门岗值守没有落实。"},
	{"D01", 12, "公示栏", "没有公示收费标准和公共收益。"},
	{"S01", 9, "1号楼北侧", "消防通道停放车辆，物业没有劝离。"},
	{"S03", 8, "5号楼屋檐", "屋檐冰溜悬挂，没有设置警示。"},
	{"E01", 10, "小区主路", "降雪停止后没有按时清雪。"},
	{"F01", 5, "服务中心", "超出公示标准收取装修管理费。"},
	{"C01", 4, "1号楼电梯厅", "电梯广告收入没有入账。"},
	{"S02", 4, "6号楼电梯", "电梯检验合格标志过期仍在使用。"},
	{"A01", 6, "服务中心", "居民多次投诉无人答复。"},
}

// A caseTale is one case on its way.
type caseTale struct {
	project int
	fault1
	channel supervision.Channel
	body    authz.Role
	until   string // the last act that is taken; "" all
	id      db.ID
	r       *rand.Rand
}

// cases is the chapter of supervision: faults of the year, and what time does.
func (dr *driver) cases(ctx context.Context, tx *db.Tx, r *rand.Rand, today day.Date) error {
	if today < casesFrom {
		return nil
	}
	for range 4 {
		if r.IntN(4*365*City.Projects) < casesPerYear*(dr.opt.Scale.Projects+City.Projects/30) {
			t := &caseTale{project: dr.befalls(r, false), fault1: drawFault(r), r: rand.New(rand.NewPCG(r.Uint64(), 9))}
			t.channel = pick(r, []supervision.Channel{supervision.Inspection, supervision.Inspection, supervision.Media, supervision.Petition, supervision.PublicReport, supervision.PublicReport, supervision.Hotline, supervision.SelfFound})
			t.body = pick(r, []authz.Role{authz.DistrictBureau, authz.DistrictBureau, authz.Subdistrict, authz.Community})
			if err := dr.openCase(ctx, tx, t, today); err != nil {
				return err
			}
		}
	}
	if err := dr.leaveCases(ctx, tx, r, today); err != nil {
		return err
	}
	for more := true; more; {
		var err error
		if _, more, err = dr.Cases.AdvanceIn(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func drawFault(r *rand.Rand) fault1 {
	total := 0
	for _, f := range faults {
		total += f.weight
	}
	at := r.IntN(total)
	for _, f := range faults {
		if at -= f.weight; at < 0 {
			return f
		}
	}
	return faults[0]
}

// official is the nth person of a body at the project's place.
func (dr *driver) official(ctx context.Context, tx *db.Tx, project int, role authz.Role, nth int) (authz.Actor, error) {
	p := &dr.plan.Projects[project]
	scope := authz.Scope{}
	switch role {
	case authz.CityBureau:
		scope.Division = dr.City
	case authz.DistrictBureau:
		scope.Division = p.Division.Up(code.District)
	case authz.Subdistrict:
		scope.Division = p.Division.Up(code.Street)
	case authz.Community:
		scope.Division = p.Division
	case authz.Enterprise:
		scope.Enterprise = p.Enterprise
	default:
		scope.Project = string(p.Code)
	}
	return dr.people.body(ctx, tx, role, scope, nth)
}

// openCase registers a fault; what follows is planned from what is found then.
func (dr *driver) openCase(ctx context.Context, tx *db.Tx, t *caseTale, today day.Date) error {
	return dr.try(ctx, tx, task{"case", func(ctx context.Context, tx *db.Tx) error {
		who, err := dr.official(ctx, tx, t.project, t.body, 1)
		if err != nil {
			return err
		}
		t.id, err = dr.Cases.RegisterIn(ctx, tx, who, supervision.Fault{
			Channel: t.channel, Project: dr.plan.Projects[t.project].Code, Violation: t.violation, Facts: t.facts, Spot: t.spot, FoundOn: today,
		})
		if err != nil || t.until == supervision.ActRegister {
			return err
		}
		dr.caseAct(t, today.AddDays(1+t.r.IntN(2)), supervision.ActVerify, t.body, 1, "现场核实，情况属实。")
		return nil
	}})
}

// caseAct plans one act on a case and what follows from it.
func (dr *driver) caseAct(t *caseTale, on day.Date, act string, role authz.Role, nth int, note string) {
	dr.later(on, "case-"+act, func(ctx context.Context, tx *db.Tx) error {
		who, err := dr.official(ctx, tx, t.project, role, nth)
		if err != nil {
			return err
		}
		c, err := casework.Find(ctx, tx, supervision.CaseMachine, t.id)
		if err != nil {
			return err
		}
		if err := dr.takeCase(ctx, tx, who, act, supervision.Take{ID: t.id, Version: c.Version, Note: note, Spot: t.spot}); err != nil {
			return err
		}
		if t.until != act {
			dr.afterCase(t, act, tx.Today(), c.Due)
		}
		return nil
	})
}

func (dr *driver) takeCase(ctx context.Context, tx *db.Tx, who authz.Actor, act string, t supervision.Take) error {
	switch act {
	case supervision.ActVerify:
		return dr.Cases.VerifyIn(ctx, tx, who, t, supervision.Finding{})
	case supervision.ActConfirm:
		return dr.Cases.ConfirmIn(ctx, tx, who, t)
	case supervision.ActDismiss:
		return dr.Cases.DismissIn(ctx, tx, who, t)
	case supervision.ActOrder:
		return dr.Cases.OrderIn(ctx, tx, who, t, supervision.Order{Class: "deadline"})
	case supervision.ActReply:
		return dr.Cases.ReplyIn(ctx, tx, who, t)
	case supervision.ActAsk:
		x, err := dr.Cases.CaseFor(ctx, tx, who, t.ID)
		if err != nil {
			return err
		}
		t.Until = x.Deadline.AddDays(5)
		return dr.Cases.AskIn(ctx, tx, who, t)
	case supervision.ActGrant:
		return dr.Cases.GrantIn(ctx, tx, who, t)
	case supervision.ActPass:
		return dr.Cases.PassIn(ctx, tx, who, t)
	case supervision.ActFail:
		return dr.Cases.FailIn(ctx, tx, who, t)
	case supervision.ActCall:
		return dr.Cases.CallIn(ctx, tx, who, t)
	case supervision.ActAgree:
		return dr.Cases.AgreeIn(ctx, tx, who, t)
	case supervision.ActReopen:
		return dr.Cases.ReopenIn(ctx, tx, who, t)
	}
	picture, err := photo(t.ID, t.Version)
	if err != nil {
		return err
	}
	file, err := dr.Files.Put(ctx, tx, "整改后照片.png", picture)
	if err != nil {
		return err
	}
	t.Files = []db.ID{file.ID}
	return dr.Cases.ReportIn(ctx, tx, who, t)
}

// orderer is the body that orders what t.body found.
func (t *caseTale) orderer() authz.Role {
	if t.body == authz.Community {
		return authz.Subdistrict
	}
	return t.body
}

// afterCase plans what follows an act: mostly the next step, now and then a turn.
func (dr *driver) afterCase(t *caseTale, act string, today, _ day.Date) {
	roll := t.r.IntN(100)
	soon := today.AddDays(1 + t.r.IntN(2))
	switch act {
	case supervision.ActVerify:
		if roll < 8 && t.until == "" {
			dr.caseAct(t, soon, supervision.ActDismiss, t.body, 2, "复核时现场已无此情况，反映不实。")
			return
		}
		dr.caseAct(t, soon, supervision.ActConfirm, t.body, 2, "")
	case supervision.ActConfirm:
		dr.caseAct(t, soon, supervision.ActOrder, t.orderer(), 1, "")
		if roll < 15 && t.until == "" {
			dr.caseAct(t, soon.AddDays(1), supervision.ActReply, authz.Enterprise, 1, "该处由相邻单位施工造成，我公司已在协调处理。")
		}
	case supervision.ActOrder, supervision.ActFail, supervision.ActReopen:
		dr.mend(t, act, today, roll)
	case supervision.ActAsk:
		dr.caseAct(t, soon, supervision.ActGrant, t.orderer(), 2, "")
	case supervision.ActGrant:
		dr.caseAct(t, today.AddDays(4), "report", authz.Enterprise, 1, "配件已到货，维修完成。")
	case supervision.ActReport:
		if roll < 14 && t.until == "" {
			dr.caseAct(t, soon, supervision.ActFail, authz.Community, 1, "现场复查，问题没有彻底解决。")
			return
		}
		dr.caseAct(t, soon, supervision.ActPass, authz.Community, 1, "现场复查，已经整改到位。")
	case supervision.ActPass:
		switch {
		case roll < 8:
			dr.caseAct(t, soon, supervision.ActReopen, authz.Community, 2, "居民反映没有修好。")
		case roll < 30:
			dr.caseAct(t, soon, supervision.ActAgree, authz.Committee, 1, "业委会到现场看过，住户表示已经解决。")
		case roll < 45:
			dr.caseAct(t, soon, supervision.ActCall, authz.Community, 1, "电话回访，居民表示已经解决。")
		}
	}
}

// mend has the firm mend the fault: the careless are late, and then the district
// takes measures.
func (dr *driver) mend(t *caseTale, act string, today day.Date, roll int) {
	late := roll >= 40+dr.quality(t.project)
	switch {
	case t.until == supervision.ActPropose, t.until == supervision.ActDecide:
		dr.caseMeasure(t, today.AddDays(18))
	case late && t.until == "":
		dr.caseMeasure(t, today.AddDays(18+t.r.IntN(4)))
		dr.caseAct(t, today.AddDays(26+t.r.IntN(6)), "report", authz.Enterprise, 1, "已全部整改完成，对逾期深表歉意。")
	case late && t.until != supervision.ActPass:
	case roll < 8 && act == supervision.ActOrder && t.until == "":
		dr.caseAct(t, today.AddDays(1), supervision.ActAsk, authz.Enterprise, 1, "所需配件采购需要时间，申请延期。")
	default:
		dr.caseAct(t, today.AddDays(1+t.r.IntN(3)), "report", authz.Enterprise, 1, "已安排人员整改完成，请复查。")
	}
}

// caseMeasure has the district propose and decide a measure on a late case.
func (dr *driver) caseMeasure(t *caseTale, on day.Date) {
	kind := pick(t.r, []string{supervision.Deduct, supervision.Deduct, supervision.Summons})
	if t.until == supervision.ActDecide {
		kind = supervision.Summons
	}
	dr.later(on, "measure", func(ctx context.Context, tx *db.Tx) error {
		first, err := dr.official(ctx, tx, t.project, authz.DistrictBureau, 1)
		if err != nil {
			return err
		}
		id, err := dr.Cases.ProposeMeasureIn(ctx, tx, first, t.id, supervision.Wish{Kind: kind, Reason: "逾期没有完成整改。"})
		if err != nil || t.until == supervision.ActPropose {
			return err
		}
		dr.later(on.AddDays(1), "measure-decide", func(ctx context.Context, tx *db.Tx) error {
			second, err := dr.official(ctx, tx, t.project, authz.DistrictBureau, 2)
			if err != nil {
				return err
			}
			return dr.Cases.DecideMeasureIn(ctx, tx, second, supervision.Take{ID: id, Version: 1})
		})
		if kind == supervision.Summons && t.until != supervision.ActDecide {
			dr.later(on.AddDays(6), "measure-carry", func(ctx context.Context, tx *db.Tx) error { return dr.meet(ctx, tx, t, id) })
		}
		return nil
	})
}

// meet holds a summons and keeps its minutes.
func (dr *driver) meet(ctx context.Context, tx *db.Tx, t *caseTale, measure db.ID) error {
	who, err := dr.official(ctx, tx, t.project, authz.DistrictBureau, 1)
	if err != nil {
		return err
	}
	c, err := casework.Find(ctx, tx, supervision.MeasureMachine, measure)
	if err != nil {
		return err
	}
	file, err := dr.Files.Put(ctx, tx, "约谈记录.png", scan(int(t.id%40)))
	if err != nil {
		return err
	}
	return dr.Cases.CarryMeasureIn(ctx, tx, who, supervision.Take{
		ID: measure, Version: c.Version, Note: "已约谈企业负责人，企业承诺十日内整改到位。", Files: []db.ID{file.ID},
	}, supervision.ActCarry, supervision.Outcome{})
}

// leaveCases begins, in the last weeks, cases that stop at each step, at the
// places of those who can sign in.
func (dr *driver) leaveCases(ctx context.Context, tx *db.Tx, r *rand.Rand, today day.Date) error {
	at := dr.homes() // where a street and a community sign in
	type stop struct {
		ago, project int
		until        string
		body         authz.Role
	}
	order := dr.biggest()
	var list []stop
	for n, until := range []string{supervision.ActOrder, supervision.ActOrder, supervision.ActOrder, supervision.ActOrder} {
		firm := order[n%len(order)]
		list = append(list, stop{7, dr.first(func(p *Project) bool { return p.Owner == firm }), until, authz.DistrictBureau})
	}
	list = append(list,
		stop{12, at[0], supervision.ActReport, authz.Subdistrict}, stop{12, at[1], supervision.ActReport, authz.Subdistrict}, stop{4, at[0], supervision.ActVerify, authz.Community},
		stop{2, at[0], supervision.ActRegister, authz.Subdistrict}, stop{2, at[1], supervision.ActRegister, authz.Community}, stop{26, at[0], supervision.ActOrder, authz.DistrictBureau})
	for n, d := range dr.signingDistricts() {
		in := dr.first(func(p *Project) bool { return p.Division.Up(code.District) == d })
		list = append(list, stop{3, in, supervision.ActVerify, authz.DistrictBureau}, stop{25, in, []string{supervision.ActPropose, supervision.ActDecide}[n%2], authz.DistrictBureau})
	}
	list = append(list, stop{12, at[0], supervision.ActPass, authz.Subdistrict}) // for the committee to confirm
	for i, s := range list {
		if s.project < 0 || today != dr.opt.Until.AddDays(-s.ago) {
			continue
		}
		t := &caseTale{project: s.project, fault1: faults[i%4], channel: supervision.PublicReport, body: s.body, until: s.until, r: rand.New(rand.NewPCG(uint64(i), 11))}
		if s.until != supervision.ActPass {
			t.r = rand.New(rand.NewPCG(r.Uint64(), 11))
		}
		if s.until == supervision.ActDecide {
			t.fault1 = faults[4] // of safety: a summons may come first
		}
		if err := dr.openCase(ctx, tx, t, today); err != nil {
			return err
		}
	}
	return nil
}
