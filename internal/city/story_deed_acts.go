package city

import (
	"context"
	"fmt"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/deed"
)

// step plans an act: person 1 receives and closes, person 2 works (of the body that
// leads), person 3 calls back and signs.
func (dr *driver) step(w *work, on day.Date, name string, person int, do func(context.Context, *db.Tx, authz.Actor, deed.Take) error) day.Date {
	dr.later(on, name, func(ctx context.Context, tx *db.Tx) error {
		role, scope := authz.DistrictBureau, authz.Scope{Division: w.place.Division.Up(code.District)}
		if person == 2 && w.lead == authz.Subdistrict {
			role, scope = w.lead, authz.Scope{Division: w.place.Division.Up(code.Street)}
		}
		nth := person
		if role == authz.Subdistrict {
			nth = 1
		}
		who, err := dr.people.body(ctx, tx, role, scope, nth)
		if err != nil {
			return err
		}
		c, err := casework.Find(ctx, tx, deed.Machine, w.id)
		if err != nil {
			return err
		}
		return do(ctx, tx, who, deed.Take{Deed: w.id, Version: c.Version})
	})
	return on
}

func (dr *driver) collectDeed(ctx context.Context, tx *db.Tx, w *work) error {
	who, err := dr.people.body(ctx, tx, authz.DistrictBureau, authz.Scope{Division: w.place.Division.Up(code.District)}, 2)
	if err != nil {
		return err
	}
	source := []string{"visit", "hotline", "petition", "report", "inspection"}[w.r.IntN(5)]
	f := deed.Draft{
		Title: fmt.Sprintf(w.kind.title, w.place.Name), Category: w.kind.category, Source: source, Project: string(w.place.Code),
		Detail: "居民多次反映，希望尽快解决。" + w.kind.promise + "。",
	}
	if source == "hotline" {
		dr.serial++
		f.Order = fmt.Sprintf("HRB2021%06d", dr.serial)
	}
	w.id, err = dr.Deeds.CollectIn(ctx, tx, who, f)
	return err
}

func (w *work) accept(dr *driver) func(context.Context, *db.Tx, authz.Actor, deed.Take) error {
	return func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
		err := dr.Deeds.AcceptIn(ctx, tx, who, t, deed.Acceptance{Lead: w.lead, Helping: "物业服务企业", Leader: "分管副局长", Programme: dr.works.programmes[w.kind.programme]})
		if err != nil {
			return err
		}
		t.Version++
		return dr.Deeds.PublishIn(ctx, tx, who, t, true, nil)
	}
}

// schedule promises sixty days; late ones promised less than they took.
func (w *work) schedule(dr *driver, late bool) func(context.Context, *db.Tx, authz.Actor, deed.Take) error {
	return func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
		today := tx.Today()
		end := today.AddDays(60)
		if late {
			end = today.AddDays(12)
		}
		return dr.Deeds.PlanIn(ctx, tx, who, t, deed.Plan{
			Promise: w.kind.promise, Starts: today.AddDays(1), Deadline: end,
			Milestones: []deed.Milestone{{Title: w.kind.milestones[0], Due: today.AddDays(8)}, {Title: w.kind.milestones[1], Due: end}},
		})
	}
}

func (w *work) done(dr *driver) func(context.Context, *db.Tx, authz.Actor, deed.Take) error {
	return func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
		pair, err := dr.pictures(ctx, tx, w.kind.category)
		if err != nil {
			return err
		}
		var files []deed.FileRef
		if !w.redone {
			files = []deed.FileRef{{ID: pair[0], Moment: deed.Before}, {ID: pair[1], Moment: deed.After}}
		}
		x, err := dr.Deeds.Dossier(ctx, tx, who, t.Deed)
		if err != nil {
			return err
		}
		var ends []deed.Reached
		for _, m := range x.Milestones {
			if m.Reached == 0 {
				ends = append(ends, deed.Reached{Seq: m.Seq, On: min(m.Due, tx.Today())})
			}
		}
		err = dr.Deeds.DoneIn(ctx, tx, who, t, deed.Result{
			Text: w.kind.result, People: w.people, How: []string{"register", "households", "signed"}[w.people%3], Households: w.people * 2 / 5, Spent: w.spent, Reached: ends,
		}, files)
		if err != nil || w.redone {
			return err
		}
		chief, err := dr.people.body(ctx, tx, authz.DistrictBureau, authz.Scope{Division: w.place.Division.Up(code.District)}, 1)
		if err != nil {
			return err
		}
		t.Version++
		return dr.Deeds.PublishIn(ctx, tx, chief, t, true, []db.ID{pair[0], pair[1]})
	}
}

func (w *work) name(dr *driver) func(context.Context, *db.Tx, authz.Actor, deed.Take) error {
	return func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
		var list []deed.Named
		for i := range 3 {
			list = append(list, deed.Named{
				Name:  string([]rune{pick(w.r, surnames), pick(w.r, givenFirst), pick(w.r, givenSecond)}),
				Phone: fmt.Sprintf("199%04d%03d%d", w.r.IntN(10000), w.r.IntN(1000), i),
			})
		}
		return dr.Deeds.NameIn(ctx, tx, who, t, list)
	}
}
