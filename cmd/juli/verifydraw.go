package main

import (
	"fmt"
	"io"

	"juli/internal/campaign"
)

// A drawVerdict is a draw that came out the same again.
type drawVerdict struct {
	Title    string           `json:"title"`
	Period   string           `json:"period"`
	Pool     string           `json:"pool_sha256"`
	Rule     string           `json:"seed_rule"` // what was agreed before the pool was frozen, "" nothing
	Seed     string           `json:"seed"`
	Projects int              `json:"projects"`
	Result   string           `json:"result_sha256"`
	Drawn    []campaign.Drawn `json:"drawn"`
}

// draw repeats a random draw (双随机) from its file, without asking anybody; the
// digests are to be compared with those in the public log.
func (c *verifyCmd) draw(e env) error {
	text, err := readFile(c.What)
	if err != nil {
		return err
	}
	f, err := campaign.VerifyDraw(text)
	if err != nil {
		return err
	}
	p, err := campaign.ReadPool([]byte(f.Pool))
	if err != nil {
		return err
	}
	v := drawVerdict{p.Title, p.Period, f.Digest, agreed(p), f.Seed, len(p.Projects), campaign.DigestOf(campaign.ResultText(f.Result)), f.Result}
	return c.answer(e, v, func(w io.Writer) {
		for _, d := range v.Drawn {
			fmt.Fprintf(w, "%s  %v\n", d.Project, d.Inspectors)
		}
		rule := v.Rule
		if rule == "" {
			rule = "没有约定，由系统随机产生"
		}
		fmt.Fprintf(w, "种子约定：%s\n种子使用：%s\n约定的是公开数字时，请自己查对那天公布的数字是否相同。\n", rule, v.Seed)
		fmt.Fprintf(w, "核验通过：从 %d 个项目中按种子重新抽取，%d 个结果与公布的相同。\n名单摘要 %s\n结果摘要 %s\n两个摘要应与公开日志中的记录一致。\n", v.Projects, len(v.Drawn), v.Pool, v.Result)
	})
}

// agreed is the public number that was named as the pool was frozen.
func agreed(p campaign.Pool) string {
	if p.SeedOn == "" {
		return p.SeedRule
	}
	return fmt.Sprintf("%s，%s 公布，%d 位数字", p.SeedRule, p.SeedOn, p.SeedDigits)
}
