package bureau

import (
	"context"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/web"
)

// secondKinds are the acts without a case that want a second person.
var secondKinds = []struct{ key, title string }{{"publication", "公布评价结果"}, {"rulebook", "批准施行规则"}}

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
