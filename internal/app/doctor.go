package app

import (
	"context"
	"fmt"

	"juli/internal/audit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/seal"
	"juli/internal/tlog"
)

// A Finding is the result of one check.
type Finding struct {
	Key    string `json:"key"`
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// invariants must always hold: each counts the rows that break it.
var invariants = []struct{ key, name, query string }{
	{"credit.entry-record", "计分事实都有信用记录", `SELECT COUNT(*) FROM credit_entry e WHERE NOT EXISTS (SELECT 1 FROM credit_record r WHERE r.id = e.record)`},
	{"credit.published-once", "每期只有一个有效的公布结果", `SELECT COUNT(*) FROM (SELECT period FROM credit_publication p WHERE state = 'published' AND NOT EXISTS (SELECT 1 FROM credit_publication c WHERE c.corrects = p.id AND c.state = 'published') GROUP BY period HAVING COUNT(*) > 1) x`},
	{"credit.outcomes", "评价结果与评价说明一致", `SELECT COUNT(*) FROM credit_evaluation e WHERE e.enterprises <> (SELECT COUNT(*) FROM credit_outcome o WHERE o.evaluation = e.id AND o.kind <= 1)`},
	{"registry.holding", "项目同一时间只由一家企业服务", `SELECT COUNT(*) FROM project_holding a JOIN project_holding b ON b.project = a.project AND b.id > a.id WHERE a.held_from <= COALESCE(b.held_to, '9999-12-31') AND b.held_from <= COALESCE(a.held_to, '9999-12-31')`},
	{"registry.counts", "企业在管项目数与登记一致", `SELECT COUNT(*) FROM enterprise e WHERE e.projects <> (SELECT COUNT(*) FROM project p WHERE p.enterprise = e.uscc AND p.state = 'ACTIVE')`},
	{"registry.parents", "区划的上级都存在", `SELECT COUNT(*) FROM division d WHERE d.parent IS NOT NULL AND NOT EXISTS (SELECT 1 FROM division p WHERE p.code = d.parent)`},
	{"retention.pass", "没有遗留的清理放行", `SELECT COUNT(*) FROM retention_pass`},
	{"registry.area", "企业在管面积与登记一致", `SELECT COUNT(*) FROM enterprise e WHERE e.managed_area <> (SELECT COALESCE(CAST(SUM(p.area) AS BIGINT), 0) FROM project p WHERE p.enterprise = e.uscc AND p.state = 'ACTIVE')`},
}

// Doctor checks settings, schema and invariants. Opening already refuses unsafe
// settings; that refusal is a finding too.
func Doctor(ctx context.Context, cfg Config) ([]Finding, error) {
	d, err := db.Open(ctx, cfg.DB)
	if err != nil {
		return []Finding{{"db.settings", "数据库设置", false, fault.From(err).Text}}, nil
	}
	defer d.Close()
	out := []Finding{{"db.settings", "数据库设置", true, d.Engine()}}
	have, want, err := d.SchemaVersion(ctx)
	if err != nil {
		return nil, err
	}
	out = append(out, Finding{"db.schema", "数据库结构", have == want, fmt.Sprintf("版本 %d，程序需要 %d", have, want)})
	if have != want {
		return out, nil
	}
	may, err := d.MayDefine(ctx)
	if err != nil {
		return nil, err
	}
	out = append(out, Finding{"db.role", "运行所用的数据库角色", true, defining(d.Engine(), may)})
	path, err := seal.Path(d, cfg.Keys)
	if err == nil {
		_, err = seal.Load(ctx, d, path)
	}
	out = append(out, Finding{"seal.keys", "密钥文件", err == nil, detail(err)})
	err = d.Read(ctx, func(tx *db.Tx) error {
		for _, i := range invariants {
			n, err := db.Value[int64](ctx, tx, i.query)
			if err != nil {
				return fmt.Errorf("%s: %w", i.key, err)
			}
			out = append(out, Finding{i.key, i.name, n == 0, fmt.Sprintf("%d 处不符", n)})
		}
		found, err := (&App{DB: d, Config: cfg}).published(ctx, tx)
		if err != nil {
			return err
		}
		out = append(out, found...)
		logged := tlog.Check(ctx, tx)
		out = append(out, Finding{"tlog.checkpoint", "公开日志与签名校验点一致", logged == nil, detail(logged)})
		waiting, err := audit.Backlogs(ctx, tx)
		for _, b := range waiting {
			out = append(out, Finding{"outbox." + b.Consumer, "事件后续处理 " + b.Consumer, b.Failing == 0, fmt.Sprintf("等待 %d，失败 %d", b.Waiting, b.Failing)})
		}
		return err
	})
	return out, err
}

// defining tells whether the program's own role could change the schema (INP-8).
// One role for both is allowed, so it is a hint.
func defining(engine string, may bool) string {
	switch {
	case engine == "sqlite":
		return "SQLite 没有角色，由文件权限保护"
	case may:
		return "可以改动表结构；见 docs/operations.md“两个角色”"
	}
	return "不能改动表结构"
}

func detail(err error) string {
	if err == nil {
		return "可用"
	}
	return fault.From(err).Text
}
