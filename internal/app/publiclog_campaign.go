package app

import (
	"context"
	"encoding/json"
	"fmt"

	"juli/internal/audit"
	"juli/internal/campaign"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/tlog"
)

// describeCampaign says what of a campaign became fixed: the pool before there is
// a seed, the draw with its seed, the counts at the end.
func (a *App) describeCampaign(ctx context.Context, tx *db.Tx, e audit.Event, act *tlog.Act) error {
	id, err := idOf(e.Object)
	if err != nil {
		return err
	}
	var said struct {
		Title, Pool, Seed, Result string
		SeedRule                  string   `json:"seed_rule"`
		SeedOn                    day.Date `json:"seed_on"`
		SeedDigits                int      `json:"seed_digits"`
		Projects, Inspectors      int64
		Tally                     *campaign.Tally
	}
	if err := json.Unmarshal(e.Detail, &said); err != nil {
		return err
	}
	act.Text, act.Digest, act.Href = said.Title, said.Pool, "/campaigns/"+id.String()
	switch {
	case said.Seed != "":
		act.Text += fmt.Sprintf("：种子 %s，名单摘要 %s，抽取 %d 个项目", said.Seed, said.Pool, said.Projects)
		act.Digest = said.Result
	case said.Pool != "":
		act.Text += fmt.Sprintf("：名单 %d 个项目、%d 名检查人员", said.Projects, said.Inspectors)
		if said.SeedRule != "" {
			act.Text += "，种子约定为" + said.SeedRule
			if said.SeedOn != 0 {
				act.Text += fmt.Sprintf("，%s 公布，%d 位数字", said.SeedOn, said.SeedDigits)
			}
		}
	case said.Tally != nil:
		t := said.Tally
		act.Text += fmt.Sprintf("：抽取 %d 个，检查 %d 个，合格 %d 个，不合格 %d 个，其中按期整改 %d 个", t.Planned, t.Inspected, t.Passed, t.Failed, t.Rectified)
	}
	return nil
}
