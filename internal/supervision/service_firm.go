package supervision

import (
	"context"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
)

// answers is the enterprise that a fault is laid to: the one that served the
// project when it was found. One that served there before answers only on days on
// which nobody does, and for what is owed by those who left (former).
func answers(ctx context.Context, tx *db.Tx, f Fault, former bool) (code.USCC, error) {
	held, err := registry.HolderOn(ctx, tx, f.Project, f.FoundOn)
	switch {
	case err != nil:
		return "", err
	case f.Enterprise == "" && held == "":
		return "", fault.New(fault.Conflict, "supervision.no-enterprise", "发现那天没有企业服务这个项目，请填写以前服务的企业。").With("enterprise", "请填写企业。")
	case f.Enterprise == "" || f.Enterprise == held:
		return held, nil
	}
	before, err := registry.HeldBefore(ctx, tx, f.Project, f.Enterprise, f.FoundOn)
	if err != nil || before && (held == "" || former) {
		return f.Enterprise, err
	}
	why := "登记中没有这家企业服务过这个项目的记录。"
	if held != "" {
		names, err := registry.EnterpriseNames(ctx, tx, []code.USCC{held})
		if err != nil {
			return "", err
		}
		why = "发现那天（" + f.FoundOn.Chinese() + "）服务这个项目的是" + names[held] + "，不是这家企业；只有交接类问题可以追究以前服务的企业。"
	}
	return "", fault.New(fault.Invalid, "supervision.not-holder", "%s", why).With("enterprise", why)
}

// gone says whether a case is about an enterprise that no longer served the
// project when the fault was found.
func gone(ctx context.Context, tx *db.Tx, c *Case) (bool, error) {
	held, err := registry.HolderOn(ctx, tx, c.Project, c.FoundOn)
	return held != "" && held != c.Enterprise, err
}
