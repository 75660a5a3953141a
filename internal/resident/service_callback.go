package resident

import (
	"context"
	"slices"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// CalledBackIn rates in the name of the voice whom the hotline called: officials
// and the interface of 12345 may do it for reports of that channel, but not who
// answered or reviewed, and not over what the resident said of the answer already.
func (s *Reports) CalledBackIn(ctx context.Context, tx *db.Tx, who authz.Actor, report db.ID, x Rating) error {
	r, err := s.at(ctx, tx, who, report, authz.ReportSign)
	if err != nil {
		return err
	}
	voices, err := voicesOf(ctx, tx, report)
	if err != nil {
		return err
	}
	if r.Channel != Hotline || len(voices) == 0 {
		return fault.New(fault.Conflict, "resident.callback", "只有12345工单可以登记回访结果。")
	}
	if r.MergedInto != 0 {
		if r, err = reportOf(ctx, tx, r.MergedInto); err != nil {
			return err
		}
	}
	steps, err := casework.History(ctx, tx, r.Case)
	if err != nil {
		return err
	}
	if HadAHand(who, r, steps) {
		return fault.New(fault.Conflict, "resident.own-work", "答复的单位和审核的人员不能登记回访结果，请由其他单位回访。")
	}
	if v := voices[0]; v.Solved != NotAsked && r.State != ReviewPassed && ratedSince(v, steps) {
		return fault.New(fault.Conflict, "resident.rated-already", "居民已经评价过这次答复（%s），回访结果不能代替居民本人的评价。", v.RatedOn)
	}
	return s.rate(ctx, tx, who, r, voices[0], x)
}

// HadAHand says whether the actor belongs to the body that answered last, or
// answered or reviewed as a person.
func HadAHand(who authz.Actor, r *Report, steps []casework.Step) bool {
	if who.SystemName() != "" {
		return false
	}
	body := ""
	for _, x := range steps {
		switch x.Act {
		case ActAnswer:
			body = x.Body
		case ActPass, ActReviewBack:
		default:
			continue
		}
		if x.Person != 0 && x.Person == who.Person {
			return true
		}
	}
	return slices.ContainsFunc(who.Grants, func(g authz.Grant) bool {
		return g.Scope.Covers(r.Place()) && authz.Body(g.Role, g.Scope) == body
	})
}

// ratedSince says whether a voice rated the answer that is the last one.
func ratedSince(v Voice, steps []casework.Step) bool {
	for _, x := range slices.Backward(steps) {
		if x.Act == ActAnswer {
			return v.RatedOn >= day.FromTime(x.At)
		}
	}
	return false
}
