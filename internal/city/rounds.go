package city

import (
	"context"
	"math/rand/v2"
	"time"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
	"juli/internal/registry"
)

// rounds are what the city does with every project: a stock-taking of the basic
// information when the files are set up, and the yearly assessment of service.
func (dr *driver) rounds(ctx context.Context, tx *db.Tx, r *rand.Rand, today day.Date) error {
	for i := range dr.plan.Projects {
		var err error
		switch {
		case today == start.AddDays(20+i%60):
			err = dr.takeStock(ctx, tx, r, i, today)
		case today == assessmentDay(today.Year()).AddDays(i%30):
			err = dr.assess(ctx, tx, r, i, today)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func assessmentDay(year int) day.Date { return day.Of(year, time.May, 6) }

// takeStock finds what a project's file lacks; careless firms put it right late.
func (dr *driver) takeStock(ctx context.Context, tx *db.Tx, r *rand.Rand, i int, today day.Date) error {
	p := &dr.plan.Projects[i]
	managers := int64(0)
	if dr.managed == nil {
		dr.managed = map[int]bool{}
		for _, m := range dr.plan.Managers {
			dr.managed[m.Project] = true
		}
	}
	if dr.managed[i] {
		managers = 1
	}
	if missing := len(registry.Missing(p.Project, managers)); missing > 0 {
		if err := dr.found1(ctx, tx, r, i, today, "HRB-B01", money.Points(missing)*money.Point, "基础信息缺失"); err != nil {
			return err
		}
	}
	if p.FilingNumber == "" {
		if err := dr.found1(ctx, tx, r, i, today, "HRB-B02", 0, "物业服务合同没有备案"); err != nil {
			return err
		}
	}
	if managers == 0 {
		return dr.found1(ctx, tx, r, i, today, "HRB-B03", 0, "没有确定项目经理")
	}
	return nil
}

// assess is the yearly assessment of service quality: the worse a firm works,
// the likelier its projects fail; passing ends last year's failure.
func (dr *driver) assess(ctx context.Context, tx *db.Tx, r *rand.Rand, i int, today day.Date) error {
	fails := r.IntN(100) < max(2, 74-dr.quality(i))
	failedBefore := dr.failed[i]
	if dr.failed == nil {
		dr.failed = map[int]bool{}
	}
	dr.failed[i] = fails
	if failedBefore {
		if err := dr.assessed(ctx, tx, i, today); err != nil {
			return err
		}
	}
	if !fails {
		return nil
	}
	return dr.found1(ctx, tx, r, i, today, "HRB-N08", 0, "年度物业服务质量评定不合格")
}

// assessed reports the day of a newer assessment, which ends the older one's effect.
func (dr *driver) assessed(ctx context.Context, tx *db.Tx, i int, today day.Date) error {
	id, err := db.Value[db.ID](ctx, tx, `SELECT id FROM project WHERE code = $1`, string(dr.plan.Projects[i].Code))
	if err != nil {
		return err
	}
	e := event{project: i, firm: dr.plan.Projects[i].Owner, item: &credit.Item{Subjects: 1 << credit.Project}}
	who, err := dr.who(ctx, tx, &e, "district_bureau", 1)
	if err != nil {
		return err
	}
	return dr.Evaluations.ReportInput(ctx, tx, who, credit.Subject{Kind: credit.Project, ID: id}, dr.place(&e), "last_assessment", today, int64(today), "supervision")
}

// found1 has the system propose what it found; the district identifies it.
func (dr *driver) found1(ctx context.Context, tx *db.Tx, r *rand.Rand, i int, today day.Date, item string, value money.Points, text string) error {
	e := event{happening: happening{item: item, text: text, proof: "HLJ-N5", issuer: "区住建局"}, project: i, firm: dr.plan.Projects[i].Owner, day: today, r: rand.New(rand.NewPCG(r.Uint64(), 5))}
	return dr.try(ctx, tx, task{"propose", func(ctx context.Context, tx *db.Tx) error {
		book, err := dr.Books.InForce(ctx, tx, today)
		if err != nil {
			return err
		}
		if e.book, e.item = book, book.Item(book.ItemNo(item)); e.item == nil {
			return nil
		}
		p := credit.Proposal{Item: item, Project: code.ProjectCode(dr.place(&e).Project), Event: today, Summary: text, Value: value, Known: true}
		if item == "HRB-N08" {
			p.Document = credit.Document{Type: "HLJ-N5", Number: dr.number(&e), Issuer: e.issuer, Date: today}
		}
		var fresh bool
		if e.record, fresh, err = dr.Records.ProposeSystem(ctx, tx, "credit-findings", p); err != nil || !fresh {
			return err
		}
		proc, _ := book.ProcedureOf(book.ItemNo(item), 0)
		on := today.AddDays(1 + e.r.IntN(4))
		dr.act(&e, on, "identify", credit.StepIdentify, 2, proc, func(ctx context.Context, tx *db.Tx, who authz.Actor, t credit.Take) error {
			return dr.Records.IdentifyIn(ctx, tx, who, t, credit.Discretion{})
		})
		if item != "HRB-N08" && e.r.IntN(100) < dr.quality(i) {
			dr.act(&e, on.AddDays(30+e.r.IntN(500)), "rectify", credit.StepIdentify, 2, proc, dr.rectify)
		}
		return nil
	}})
}
