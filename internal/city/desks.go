package city

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strconv"
	"sync"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/notify"
	"juli/internal/registry"
)

// A leftover is an event of the last days that is taken a few steps and then
// waits on somebody's desk, so that everybody who signs in finds work to do.
type leftover struct {
	item, level string
	project     int  // of the plan; -1: none fits this city
	ago         int  // days before the story's end
	identified  bool // by a second person: its subject has been notified
	good        bool
	proof       string
	issuer      string
	text        string
}

// leftovers are chosen for the accounts of [driver.seats].
func (dr *driver) leftovers() []leftover {
	firm := func(n int) int { // the n-th largest enterprise's first project
		order := dr.biggest()
		return dr.first(func(p *Project) bool { return p.Owner == order[n%len(order)] })
	}
	at := func(n int) int { return dr.homes()[n] } // where street and community n+1 are
	list := []leftover{
		{item: "HRB-N09", project: firm(0), ago: 3, identified: true, proof: "OTHER", issuer: "街道办事处", text: "消防通道停放车辆，物业没有劝离和报告"},
		{item: "HRB-N04", project: firm(1), ago: 3, identified: true, proof: "HLJ-N3", issuer: "区住建局", text: "检查发现楼道堆放杂物、照明损坏，责令限期整改"},
		{item: "HRB-N04", project: firm(2), ago: 2, identified: true, proof: "HLJ-N3", issuer: "区住建局", text: "二次供水泵房卫生不合格，责令限期整改"},
		{item: "HRB-N10", project: firm(3), ago: 2, identified: true, proof: "OTHER", issuer: "区住建局", text: "两部电梯检验过期仍在使用"},
		{item: "HRB-G03", project: firm(0), ago: 1, good: true, proof: "OTHER", issuer: "市人民政府", text: "获评全市文明单位"},
		{item: "HRB-G02", project: firm(1), ago: 2, good: true, proof: "OTHER", issuer: "省人民政府", text: "获评全省抗灾救灾先进集体"},
		{item: "HRB-G05", level: "city", project: firm(2), ago: 1, good: true, proof: "OTHER", issuer: "市住建局", text: "命名为市级物业管理示范项目"},
		{item: "HRB-N07", project: firm(3), ago: 2, proof: "HLJ-N4", issuer: "市物业管理协会", text: "低于成本报价扰乱市场，行业内通报批评"},
		{item: "HRB-N11", project: at(0), ago: 1, proof: "OTHER", issuer: "社区居民委员会", text: "降雪停止二十四小时后小区主路仍有积冰"},
		{item: "HRB-B04", project: at(0), ago: 2, proof: "OTHER", issuer: "社区居民委员会", text: "公示栏没有收费标准"},
		{item: "HRB-G11", project: at(0), ago: 1, good: true, proof: "OTHER", issuer: "业主委员会", text: "业主送来锦旗，感谢夜间抢修供热管道"},
		{item: "HRB-N05", project: at(0), ago: 1, proof: "HLJ-N3", issuer: "街道办事处", text: "单元门损坏三周没有修复，责令限期整改"},
		{item: "HRB-N11", project: at(1), ago: 1, proof: "OTHER", issuer: "社区居民委员会", text: "人行坡道积雪没有清除，老人摔倒"},
		{item: "HRB-G08", project: at(1), ago: 2, good: true, proof: "OTHER", issuer: "街道办事处", text: "寒潮期间供热保障工作受到书面肯定"},
	}
	for i, d := range dr.signingDistricts() {
		in := dr.first(func(p *Project) bool { return p.Division.Up(code.District) == d })
		list = append(list, leftover{item: "HRB-N10", project: in, ago: 1 + i%2, proof: "OTHER", issuer: "区住建局", text: "电梯检验合格标志过期仍在使用"})
	}
	return list
}

func (dr *driver) first(is func(*Project) bool) int {
	for i := range dr.plan.Projects {
		if is(&dr.plan.Projects[i]) {
			return i
		}
	}
	return -1
}

// leave lets today's leftovers begin.
func (dr *driver) leave(ctx context.Context, tx *db.Tx, today day.Date) error {
	for _, l := range dr.leftovers() {
		if l.project < 0 || today != dr.opt.Until.AddDays(-l.ago) {
			continue
		}
		if err := dr.try(ctx, tx, task{"leave", func(ctx context.Context, tx *db.Tx) error { return dr.leaveOne(ctx, tx, l, today) }}); err != nil {
			return err
		}
	}
	if today != dr.opt.Until.AddDays(-1) {
		return nil
	}
	if err := dr.try(ctx, tx, task{"leave-mending", dr.leaveMending}); err != nil {
		return err
	}
	return dr.try(ctx, tx, task{"leave-filing", dr.leaveFiling})
}

func (dr *driver) leaveOne(ctx context.Context, tx *db.Tx, l leftover, today day.Date) error {
	e := event{
		happening: happening{item: l.item, proof: l.proof, issuer: l.issuer, text: l.text, good: l.good},
		project:   l.project, firm: dr.plan.Projects[l.project].Owner, day: today, r: rand.New(rand.NewPCG(dr.opt.Seed, uint64(today))),
	}
	if l.level != "" {
		e.levels = []string{l.level}
	}
	file, err := dr.Files.Put(ctx, tx, l.issuer+"材料.png", scan(len(l.text)))
	if err != nil {
		return err
	}
	proc, err := dr.file(ctx, tx, &e, []credit.FileRef{{ID: file.ID}})
	if err != nil || !l.identified {
		return err
	}
	step, _ := proc.Step(credit.StepIdentify)
	who, err := dr.who(ctx, tx, &e, first(step.Roles), 2)
	if err != nil {
		return err
	}
	c, err := casework.Find(ctx, tx, credit.RecordMachine, e.record)
	if err != nil {
		return err
	}
	return dr.Records.IdentifyIn(ctx, tx, who, credit.Take{Record: e.record, Version: c.Version}, credit.Discretion{})
}

// leaveMending has a large enterprise report that it mended what its newest record in
// effect was made for; its district has not looked at it yet.
func (dr *driver) leaveMending(ctx context.Context, tx *db.Tx) error {
	firm := dr.plan.Enterprises[dr.biggest()[0]].USCC
	who, err := dr.people.body(ctx, tx, authz.Enterprise, authz.Scope{Enterprise: firm}, 1)
	if err != nil {
		return err
	}
	rows, _, err := dr.Records.List(ctx, tx, who, credit.RecordQuery{States: []string{credit.RecordEffective}, Limit: 100})
	if err != nil {
		return err
	}
	for _, x := range rows {
		if x.Due == 0 || x.Rectified != 0 {
			continue
		}
		file, err := dr.Files.Put(ctx, tx, "整改后照片.png", scan(7))
		if err != nil {
			return err
		}
		return dr.Records.ReportMendIn(ctx, tx, who, credit.Take{Record: x.ID, Version: x.Version}, credit.Plain{Text: "已按要求整改并自查，附整改后的照片，请确认。", Files: []credit.FileRef{{ID: file.ID}}})
	}
	return nil
}

// leaveFiling has a large enterprise declare a change of its file, which its
// district has not checked yet.
func (dr *driver) leaveFiling(ctx context.Context, tx *db.Tx) error {
	order := dr.biggest()
	firm := &dr.plan.Enterprises[order[3%len(order)]]
	who, err := dr.people.body(ctx, tx, authz.Enterprise, authz.Scope{Enterprise: firm.USCC}, 1)
	if err != nil {
		return err
	}
	f, err := dr.Registry.SaveDraftIn(ctx, tx, who, registry.Filing{
		Subject: registry.EnterpriseSubject, Code: string(firm.USCC), Reason: "办公地址搬迁，从业人员增加",
		Values: map[string]string{"address": firm.Address + "二楼", "staff": strconv.FormatInt(firm.Staff+6, 10)},
	}, 0)
	if err != nil {
		return err
	}
	_, err = dr.Registry.FileIn(ctx, tx, who, f.ID, f.Case.Version)
	return err
}

// mailMax is how many messages are opened at a sitting.
const mailMax = 200

// readMail has everybody who signs in open what came until two days ago.
func (dr *driver) readMail(ctx context.Context, tx *db.Tx, today day.Date) error {
	if today != dr.opt.Until.AddDays(-2) && today.LastOfMonth() != today {
		return nil
	}
	for _, a := range dr.people.accounts {
		who, err := dr.people.actor(ctx, tx, a.Login)
		if err != nil {
			return err
		}
		for {
			items, err := notify.Unopened(ctx, tx, who, mailMax)
			if err != nil {
				return err
			}
			if len(items) == 0 {
				break
			}
			for _, it := range items {
				if _, err := notify.Open(ctx, tx, who, it.ID); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// scan is a picture of a document: a red head, a line, grey text, a seal. There are
// seven of them.
func scan(lines int) *bytes.Reader { return bytes.NewReader(scans()[lines%7]) }

var scans = sync.OnceValue(func() (all [7][]byte) {
	for i := range all {
		all[i] = paper(i)
	}
	return all
})

// photo is a picture of a door that no other one equals: the row of stones
// before it spells what it is about.
func photo(about db.ID, version int64) (*bytes.Reader, error) {
	view := image.NewPaletted(image.Rect(0, 0, 256, 192), color.Palette{color.RGBA{214, 218, 222, 255}, color.RGBA{150, 108, 84, 255}, color.RGBA{70, 76, 84, 255}})
	box := func(x, y, w, h int, c uint8) {
		for i := range w * h {
			view.SetColorIndex(x+i%w, y+i/w, c)
		}
	}
	box(16, 24, 224, 120, 1)
	box(104, 64, 48, 80, 2)
	bits := uint64(about)*0x9E3779B97F4A7C15 + uint64(version)
	for i := range 64 {
		box(4*i, 160, 3, 8, uint8(bits>>i&1)*2)
	}
	var out bytes.Buffer
	err := png.Encode(&out, view)
	return bytes.NewReader(out.Bytes()), err
}

func paper(lines int) []byte {
	page := image.NewPaletted(image.Rect(0, 0, 420, 594), color.Palette{color.White, color.RGBA{196, 30, 38, 255}, color.RGBA{110, 116, 124, 255}})
	box := func(x, y, w, h int, c uint8) {
		for i := range w * h {
			page.SetColorIndex(x+i%w, y+i/w, c)
		}
	}
	box(90, 52, 240, 26, 1)
	box(48, 104, 324, 3, 1)
	for i := range 6 + lines {
		box(60, 140+i*24, 300-40*(i%3), 8, 2)
	}
	for x := -38; x <= 38; x++ {
		for y := -38; y <= 38; y++ {
			if d := x*x + y*y; d <= 38*38 && d >= 34*34 {
				page.SetColorIndex(308+x, 470+y, 1)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, page); err != nil {
		panic(err) // a picture in memory
	}
	return b.Bytes()
}
