package registry

import (
	"context"
	"fmt"

	"juli/internal/db"
)

// brokenMax bounds what one check reports.
const brokenMax = 20

// invariants are what must hold of the register at any time; each query yields
// the codes that break one.
var invariants = []struct{ title, query string }{
	{"企业的在管项目数和面积与项目登记一致", `
		SELECT e.uscc FROM enterprise e
		LEFT JOIN (
			SELECT enterprise, COUNT(*) AS n, CAST(SUM(area) AS BIGINT) AS area
			FROM project WHERE enterprise IS NOT NULL AND state <> 'LEFT' GROUP BY enterprise
		) AS p ON p.enterprise = e.uscc
		WHERE e.projects <> COALESCE(p.n, 0) OR e.managed_area <> COALESCE(p.area, 0)
		ORDER BY e.uscc LIMIT $1`},
	{"每个在管项目只有一条现行服务记录，且与登记企业一致", `
		SELECT p.code FROM project p
		WHERE (SELECT COUNT(*) FROM project_holding h WHERE h.project = p.code AND h.held_to IS NULL)
				<> CASE WHEN p.enterprise IS NOT NULL AND p.state <> 'LEFT' THEN 1 ELSE 0 END
			OR EXISTS (SELECT 1 FROM project_holding h WHERE h.project = p.code AND h.held_to IS NULL AND h.enterprise <> COALESCE(p.enterprise, ''))
		ORDER BY p.code LIMIT $1`},
	{"项目的历次服务记录不重叠", `
		SELECT DISTINCT a.project FROM project_holding a
		JOIN project_holding b ON b.project = a.project AND b.id <> a.id
		WHERE a.held_from <= COALESCE(b.held_to, '9999-12-31') AND b.held_from <= COALESCE(a.held_to, '9999-12-31')
		ORDER BY a.project LIMIT $1`},
	{"登记的历次版本连续", `
		SELECT p.code FROM project p
		WHERE p.version <> 1 + (SELECT COUNT(*) FROM project_version v WHERE v.code = p.code)
		UNION ALL
		SELECT e.uscc FROM enterprise e
		WHERE e.version <> 1 + (SELECT COUNT(*) FROM enterprise_version v WHERE v.uscc = e.uscc)
		ORDER BY 1 LIMIT $1`},
	{"每家企业和每个项目都能检索到", `
		SELECT e.uscc FROM enterprise e
		WHERE NOT EXISTS (SELECT 1 FROM search_doc d WHERE d.code = e.uscc AND d.kind = 'ENTERPRISE' AND d.title = e.name)
		UNION ALL
		SELECT p.code FROM project p
		WHERE NOT EXISTS (SELECT 1 FROM search_doc d WHERE d.code = p.code AND d.kind = 'PROJECT' AND d.title = p.name)
		ORDER BY 1 LIMIT $1`},
}

// Broken lists what in the register contradicts itself, one sentence each; none
// is the only good answer (`juli doctor`).
func Broken(ctx context.Context, tx *db.Tx) ([]string, error) {
	var out []string
	for _, inv := range invariants {
		codes, err := db.All(ctx, tx, scanCode[string], inv.query, brokenMax)
		if err != nil {
			return nil, err
		}
		for _, c := range codes {
			out = append(out, fmt.Sprintf("%s：%s 不符", inv.title, c))
		}
	}
	return out, nil
}
