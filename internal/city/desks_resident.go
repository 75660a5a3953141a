package city

import (
	"context"
	"math/rand/v2"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
)

// A waiting report is handed in some days before the end and taken so far that it
// waits on the desk of somebody who signs in.
type waiting struct {
	topic   string
	project int
	ago     int
	answer  bool // the enterprise answered: the community reviews
	text    string
}

// waitingReports are chosen for the accounts of [driver.seats].
func (dr *driver) waitingReports() []waiting {
	order := dr.biggest()
	var list []waiting
	for n := range 4 {
		list = append(list, waiting{topic: "door", project: dr.first(func(p *Project) bool { return p.Owner == order[n%len(order)] }), ago: 1})
	}
	for n := range 2 {
		at := dr.homes()[n]
		list = append(list, waiting{topic: "fees", project: at, ago: 1}, waiting{topic: "clean", project: at, ago: 2, answer: true}, waiting{topic: "door", project: at, ago: 2})
	}
	list = append(list, waiting{topic: "committee", project: dr.homes()[0], ago: 1, text: "业委会这个季度的公共收益收支还没有公布，什么时候可以看到？"})
	for _, d := range dr.signingDistricts() {
		list = append(list, waiting{topic: "lift", project: dr.first(func(p *Project) bool { return p.Division.Up(code.District) == d }), ago: 5})
	}
	return list
}

// leaveReports lets today's waiting reports begin.
func (dr *driver) leaveReports(ctx context.Context, tx *db.Tx, today day.Date) error {
	for i, w := range dr.waitingReports() {
		if w.project < 0 || today != dr.opt.Until.AddDays(-w.ago) {
			continue
		}
		p := &plaint{project: w.project, r: rand.New(rand.NewPCG(dr.opt.Seed, uint64(i)))}
		for _, c := range complaints {
			if c.topic == w.topic {
				p.complaint = c
			}
		}
		if w.text != "" {
			p.text = w.text
		}
		err := dr.try(ctx, tx, task{"leave-report", func(ctx context.Context, tx *db.Tx) error {
			if err := dr.handIn(ctx, tx, p); err != nil || !w.answer {
				return err
			}
			t, _, who, err := dr.held(ctx, tx, p, 1)
			if err != nil {
				return err
			}
			return dr.Reports.AnswerIn(ctx, tx, who, t, p.answer, nil)
		}})
		if err != nil {
			return err
		}
	}
	return nil
}
