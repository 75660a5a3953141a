package app

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"juli/internal/audit"
	"juli/internal/db"
	"juli/internal/rulebook"
	"juli/internal/survey"
	"juli/internal/tlog"
)

// An officialAct is a kind of event that the public log tells of.
type officialAct struct {
	kind, title string
	describe    func(a *App, ctx context.Context, tx *db.Tx, e audit.Event, act *tlog.Act) error
}

// officialActs is the whole table of what goes into the public log.
var officialActs = []officialAct{
	{"credit.published", "公布信用评价结果", (*App).describePublication},
	{"listing.published", "公布红黑榜", (*App).describeBatch},
	{"listing.corrected", "更正撤销红黑榜条目", (*App).describeEntry},
	{"listing.repaired", "修复移出黑榜", (*App).describeEntry},
	{"listing.removed", "期满移出红黑榜", (*App).describeEntry},
	{"survey.opened", "满意度调查抽取住户", (*App).describeSurvey},
	{"survey.closed", "满意度调查结束", (*App).describeSurvey},
	{"survey.published", "公布满意度调查结果和抽样种子", (*App).describeSurvey},
	{"campaign.approved", "批准专项检查，封存抽取名单", (*App).describeCampaign},
	{"campaign.drawn", "公布双随机抽取结果", (*App).describeCampaign},
	{"campaign.concluded", "公布专项检查结果", (*App).describeCampaign},
	{"campaign.cancelled", "取消专项检查", (*App).describeCampaign},
	{"rulebook.comment-opened", "评价规则公开征求意见", (*App).describeRulebook},
	{"rulebook.adopted", "评价规则施行", (*App).describeRulebook},
	{"rulebook.retired", "评价规则停止施行", (*App).describeRulebook},
}

// publicLog is the log with what it says of each act.
func (a *App) publicLog() *tlog.Log {
	return &tlog.Log{Keys: a.Keys, City: a.City, Describe: a.describe}
}

func (a *App) describe(ctx context.Context, tx *db.Tx, e audit.Event) (tlog.Act, error) {
	for _, o := range officialActs {
		if o.kind != e.Kind {
			continue
		}
		act := tlog.Act{Kind: e.Kind, Title: o.title, Object: e.Object, At: e.At, Role: e.Role, Scope: e.Scope}
		return act, o.describe(a, ctx, tx, e, &act)
	}
	return tlog.Act{}, fmt.Errorf("no description for %s", e.Kind)
}

// describePublication names the cycle, its document and the digest of the
// frozen result.
func (a *App) describePublication(ctx context.Context, tx *db.Tx, e audit.Event, act *tlog.Act) error {
	var said struct {
		Evaluation, Corrects db.ID
		Period, Number       string
	}
	if err := json.Unmarshal(e.Detail, &said); err != nil {
		return err
	}
	result, err := a.Evaluations.Evaluation(ctx, tx, said.Evaluation)
	if err != nil {
		return err
	}
	act.Number, act.Digest = said.Number, hex.EncodeToString(result.Digest)
	act.Text = fmt.Sprintf("%s信用评价结果，截至 %s", said.Period, result.AsOf)
	act.Href = "/league?period=" + said.Period
	if said.Corrects != 0 {
		act.Title = "更正公布信用评价结果"
	}
	return nil
}

// describeSurvey names the project and the digest of the draw's seed, then the seed,
// then what was counted.
func (a *App) describeSurvey(ctx context.Context, tx *db.Tx, e audit.Event, act *tlog.Act) error {
	id, err := idOf(e.Object)
	if err != nil {
		return err
	}
	x, err := survey.Find(ctx, tx, id)
	if err != nil {
		return err
	}
	var said struct {
		Seed, Digest     string
		SeedDigest       string `json:"seed_digest"`
		Homes, Count     int64
		Rated, Satisfied int64
	}
	if err := json.Unmarshal(e.Detail, &said); err != nil {
		return err
	}
	act.Digest, act.Href = said.Digest, "/surveys/"+id.String()
	if said.SeedDigest == "" && said.Seed != "" { // opened before digests were kept
		said.SeedDigest = survey.Survey{Seed: said.Seed}.SeedDigest()
	}
	switch e.Kind {
	case "survey.opened":
		act.Text = fmt.Sprintf("%s：从 %d 户中抽取 %d 户，随机种子的摘要 %s，种子和结果一起公布", x.Title, said.Homes, said.Count, said.SeedDigest)
	case "survey.closed":
		act.Text = fmt.Sprintf("%s：答卷 %d 户", x.Title, said.Count)
	default:
		act.Text = fmt.Sprintf("%s：答卷 %d 户，有评价 %d 户，满意 %d 户", x.Title, said.Count, said.Rated, said.Satisfied)
	}
	if e.Kind != "survey.opened" && said.Seed != "" {
		act.Text += "，随机种子 " + said.Seed
	}
	return nil
}

// describeRulebook names the rulebook as it stood at the act, and its digest.
func (a *App) describeRulebook(ctx context.Context, tx *db.Tx, e audit.Event, act *tlog.Act) error {
	id, err := idOf(e.Object)
	if err != nil {
		return err
	}
	v, err := rulebook.Find(ctx, tx, id)
	if err != nil {
		return err
	}
	var said struct{ Until, From, Last string }
	if err := json.Unmarshal(e.Detail, &said); err != nil {
		return err
	}
	act.Text, act.Digest, act.Href = v.Title+"（"+v.Name()+"）", v.Digest, "/rulebooks/"+v.Digest
	for _, part := range []struct{ word, on string }{{"征求意见至 ", said.Until}, {"自 ", said.From}, {"施行至 ", said.Last}} {
		if part.on != "" {
			act.Text += "，" + part.word + part.on
		}
	}
	return nil
}

// sequence takes what waits into the public log, batch by batch.
func (a *App) sequence(ctx context.Context) error {
	for took := 1; took > 0; {
		err := a.DB.Write(ctx, func(tx *db.Tx) (err error) {
			took, err = a.publicLog().Sequence(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// catchUp queues the official acts of kinds that the public log tells of for the
// first time: from before the city had a log, or before it told of them.
func catchUp(ctx context.Context, tx *db.Tx) error {
	for _, o := range officialActs {
		n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM tlog_entry WHERE kind = $1`, o.kind)
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		if err := audit.Requeue(ctx, tx, tlog.Consumer, o.kind); err != nil {
			return err
		}
	}
	return nil
}
