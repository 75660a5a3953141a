package bureau

import (
	"context"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/web"
)

// secondKinds are the acts without a case: what a period that has ended wants,
// and what wants a second person.
var secondKinds = []struct{ key, title string }{{"evaluation", "信用评价"}, {"publication", "公布评价结果"}, {"rulebook", "批准施行规则"}}

// withSeconds adds what another person proposed and the actor may decide now to
// the counts, and gives its lines, those of one kind if kind names it.
func (d *Desk) withSeconds(ctx context.Context, tx *db.Tx, who authz.Actor, kind string, counts []casework.Count) ([]casework.Count, []web.Todo, error) {
	releases, err := d.Evaluations.Undecided(ctx, tx, who)
	if err != nil {
		return nil, nil, err
	}
	books, err := d.Rulebooks.Adoptable(ctx, tx, who)
	if err != nil {
		return nil, nil, err
	}
	lines := map[string][]web.Todo{}
	if lines["evaluation"], err = d.awaited(ctx, tx, who); err != nil {
		return nil, nil, err
	}
	for _, p := range releases {
		title := "批准公布：" + p.Period + " 评价结果"
		if p.Corrects != 0 {
			title = "批准公布：" + p.Period + " 评价结果更正"
		}
		lines["publication"] = append(lines["publication"], web.Todo{
			Title: title, Href: "/bureau/evaluations/" + p.Evaluation.String(), Act: "批准公布", Due: web.DueOf(0, tx.Today()),
			Detail: join("数据截至 "+p.AsOf.String(), clock(db.FromMillis(p.ProposedAt))+" 提请，须由另一人决定", p.Why),
		})
	}
	for _, v := range books {
		lines["rulebook"] = append(lines["rulebook"], web.Todo{
			Title: "批准施行：" + v.Title + " " + v.Version, Href: "/bureau/rulebooks/" + v.ID.String(), Act: "批准施行", Due: web.DueOf(0, tx.Today()),
			Detail: join("征求意见已于 "+v.CommentTo.String()+" 截止", "须由上传人以外的人批准"),
		})
	}
	var shown []web.Todo
	for _, s := range secondKinds {
		if n := int64(len(lines[s.key])); n > 0 {
			counts = append(counts, casework.Count{Machine: s.key, N: n})
		}
		if kind == "" || kind == s.key {
			shown = append(shown, lines[s.key]...)
		}
	}
	return counts, shown, nil
}

// awaited is the line for the period that ended without a result on its way.
func (d *Desk) awaited(ctx context.Context, tx *db.Tx, who authz.Actor) ([]web.Todo, error) {
	a, ok, err := d.Evaluations.Awaited(ctx, tx, who)
	if err != nil || !ok {
		return nil, err
	}
	t := web.Todo{
		Title: "运行评价：" + a.Name, Href: "/bureau/evaluations#run", Act: "运行评价", Due: web.DueOf(a.Publish, tx.Today()),
		Detail: join(a.From.String()+" 至 "+a.To.String(), "这一期已经结束，还没有评价结果"),
	}
	if a.Run != 0 {
		t.Title, t.Href, t.Act, t.Detail = "提请公布："+a.Name+" 评价结果", "/bureau/evaluations/"+a.Run.String(), "提请公布", join(a.From.String()+" 至 "+a.To.String(), "已评价，还没有提请公布")
	}
	return []web.Todo{t}, nil
}

// secondKind says whether a filter names one of them.
func secondKind(key string) bool {
	for _, s := range secondKinds {
		if s.key == key {
			return true
		}
	}
	return false
}
