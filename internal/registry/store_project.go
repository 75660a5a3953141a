package registry

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

var projects = &ledger[Project]{
	name: "project",
	key:  "code",
	cols: []string{
		"code", "id", "version", "name", "pinyin", "division", "address", "boundary", "kind", "built", "area", "households", "buildings",
		"green_area", "lifts", "pumps", "parking_above", "parking_below", "heat_supplier", "enclosure", "renovated", "facilities",
		"enterprise", "contract_party", "contract_kind", "contract_from", "contract_to", "filing_number", "filing_date",
		"service_level", "fee", "state", "entered", "left_on", "changed_at", "changed_by", "source", "reason",
	},
	row: projectRow,
}

var projectCols = strings.Join(projects.cols, ", ")

func projectRow(_ *Service, p *Project, into []any) ([]any, error) {
	return append(into,
		string(p.Code), p.ID, p.Version, p.Name, fullPinyin(p.Name), string(p.Division), p.Address, p.Boundary, string(p.Use), p.Built, int64(p.Area), p.Households, p.Buildings,
		int64(p.Green), p.Lifts, p.Pumps, p.ParkingAbove, p.ParkingBelow, p.HeatSupplier, string(p.Enclosure), p.Renovated, string(p.Facilities),
		null(p.Enterprise), p.ContractParty, string(p.ContractKind), p.ContractFrom, p.ContractTo, p.FilingNumber, p.FilingDate,
		p.ServiceLevel, int64(p.Fee), string(p.State), p.Entered, p.LeftOn, db.Millis(p.At), p.By, string(p.Source), p.Reason), nil
}

func scanProject(row db.Scanner) (p Project, err error) {
	var enterprise *string
	var pinyin string
	var at int64
	err = row.Scan(&p.Code, &p.ID, &p.Version, &p.Name, &pinyin, &p.Division, &p.Address, &p.Boundary, &p.Use, &p.Built, &p.Area, &p.Households, &p.Buildings,
		&p.Green, &p.Lifts, &p.Pumps, &p.ParkingAbove, &p.ParkingBelow, &p.HeatSupplier, &p.Enclosure, &p.Renovated, &p.Facilities,
		&enterprise, &p.ContractParty, &p.ContractKind, &p.ContractFrom, &p.ContractTo, &p.FilingNumber, &p.FilingDate,
		&p.ServiceLevel, &p.Fee, &p.State, &p.Entered, &p.LeftOn, &at, &p.By, &p.Source, &p.Reason)
	if enterprise != nil {
		p.Enterprise = code.USCC(*enterprise)
	}
	p.At = db.FromMillis(at)
	return p, err
}

func projectOf(ctx context.Context, tx *db.Tx, c code.ProjectCode) (Project, error) {
	p, ok, err := db.One(ctx, tx, scanProject, `SELECT `+projectCols+` FROM project WHERE code = $1`, string(c))
	if err == nil && !ok {
		err = noProject()
	}
	return p, err
}

func projectsOf(ctx context.Context, tx *db.Tx, codes []code.ProjectCode) (map[code.ProjectCode]Project, error) {
	found := make(map[code.ProjectCode]Project, len(codes))
	for chunk := range slices.Chunk(codes, chunkRows) {
		for p, err := range db.Rows(ctx, tx, scanProject, `SELECT `+projectCols+` FROM project WHERE code IN (`+params(1, len(chunk))+`)`, anys(chunk)...) {
			if err != nil {
				return nil, err
			}
			found[p.Code] = p
		}
	}
	return found, nil
}

// nextSerials reserves n serials of a community and returns the first.
func nextSerials(ctx context.Context, tx *db.Tx, community code.Division, n int64) (first int64, err error) {
	last, err := db.Value[int64](ctx, tx, `
		INSERT INTO project_serial (division, last) VALUES ($1, $2)
		ON CONFLICT (division) DO UPDATE SET last = project_serial.last + excluded.last
		RETURNING last`, string(community), n)
	if err != nil {
		return 0, err
	}
	if last > serialMax {
		return 0, fault.New(fault.Conflict, "registry.serial", "社区 %s 的项目顺序号已用完。", community)
	}
	return last - n + 1, nil
}

// useSerials notes serials that came with a file, so that they are not given again.
func useSerials(ctx context.Context, tx *db.Tx, used map[code.Division]int64) error {
	for _, d := range sortedKeys(used) {
		_, err := tx.Exec(ctx, `
			INSERT INTO project_serial (division, last) VALUES ($1, $2)
			ON CONFLICT (division) DO UPDATE SET last = excluded.last
			WHERE project_serial.last < excluded.last`, string(d), used[d])
		if err != nil {
			return err
		}
	}
	return nil
}

func serialOf(c code.ProjectCode) (n int64) {
	_, _ = fmt.Sscanf(string(c[12:]), "%d", &n)
	return n
}

func noProject() error {
	return fault.New(fault.NotFound, "registry.no-project", "没有找到这个项目。")
}
