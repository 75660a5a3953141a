package registry

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// divisionsFrom is the first day on which the shipped edition counts. The
// edition is of 2023; earlier records name the same codes, so it is dated back
// to the year before the first cycle ([D]).
var divisionsFrom = day.MustParse("2019-01-01")

// divisionsMax bounds one list of divisions.
const divisionsMax = 5000

//go:embed data/harbin_divisions.csv
var divisionsCSV []byte

// A Division is a row of the division tree. Kind is the official sort of place:
// city, district, county, county_city, subdistrict, town, township,
// quasi_township, community, village, quasi_community, quasi_village.
type Division struct {
	Code      code.Division
	Name      string
	Kind      string
	Parent    code.Division
	ValidFrom day.Date
	ValidTo   day.Date // last day; none while it stands
}

// On tells whether the division stands on a day.
func (d Division) On(date day.Date) bool {
	return d.ValidFrom <= date && (d.ValidTo == 0 || date <= d.ValidTo)
}

var divisionKinds = []Choice{
	{"city", "市"},
	{"district", "区"},
	{"county", "县"},
	{"county_city", "县级市"},
	{"subdistrict", "街道"},
	{"town", "镇"},
	{"township", "乡"},
	{"quasi_township", "类似乡级单位"},
	{"community", "居民委员会"},
	{"village", "村民委员会"},
	{"quasi_community", "类似居民委员会"},
	{"quasi_village", "类似村民委员会"},
}

// KindTitle is the division's kind in Chinese.
func (d Division) KindTitle() string { return titleOf(divisionKinds, d.Kind) }

// shipped reads the embedded list once.
var shipped = sync.OnceValues(func() ([]Division, error) {
	r := csv.NewReader(bytes.NewReader(divisionsCSV))
	r.FieldsPerRecord, r.ReuseRecord = 4, true
	if _, err := r.Read(); err != nil {
		return nil, fmt.Errorf("divisions: %w", err)
	}
	var all []Division
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("divisions: %w", err)
		}
		own, err := code.ParseDivision(rec[0])
		if err != nil {
			return nil, fmt.Errorf("divisions: %w", err)
		}
		parent := own.Parent()
		if own.Level() == code.City {
			parent = "" // the province has no row
		}
		all = append(all, Division{Code: own, Name: strings.Clone(rec[1]), Kind: strings.Clone(rec[2]), Parent: parent, ValidFrom: divisionsFrom})
	}
})

// EnsureDivisions loads the shipped divisions into an empty table and leaves a
// filled one as it stands.
func EnsureDivisions(ctx context.Context, tx *db.Tx) error {
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM division`)
	if err != nil || n > 0 {
		return err
	}
	all, err := shipped()
	if err != nil {
		return err
	}
	_, err = tx.Bulk(ctx, "division", []string{"code", "name", "kind", "parent", "valid_from", "valid_to"}, func(yield func([]any) bool) {
		for _, d := range all {
			var parent any
			if d.Parent != "" {
				parent = string(d.Parent)
			}
			if !yield([]any{string(d.Code), d.Name, d.Kind, parent, d.ValidFrom, d.ValidTo}) {
				return
			}
		}
	})
	return err
}

const divisionCols = `code, name, kind, COALESCE(parent, ''), valid_from, valid_to`

func scanDivision(row db.Scanner) (d Division, err error) {
	return d, row.Scan(&d.Code, &d.Name, &d.Kind, &d.Parent, &d.ValidFrom, &d.ValidTo)
}

// DivisionOf finds a division by its code.
func DivisionOf(ctx context.Context, tx *db.Tx, c code.Division) (Division, error) {
	d, ok, err := db.One(ctx, tx, scanDivision, `SELECT `+divisionCols+` FROM division WHERE code = $1`, string(c))
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "registry.division", "没有区划代码 %s。", c)
	}
	return d, err
}

// Divisions lists what stands directly below a division on a day; the empty
// code asks for the city itself.
func Divisions(ctx context.Context, tx *db.Tx, parent code.Division, on day.Date) ([]Division, error) {
	below := "parent = $1" // both by index
	if parent == "" {
		below = "parent IS NULL AND $1 = ''"
	}
	return db.All(ctx, tx, scanDivision, `
		SELECT `+divisionCols+` FROM division
		WHERE `+below+` AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2)
		ORDER BY code LIMIT $3`, string(parent), on.String(), divisionsMax)
}

// Districts lists the city's districts and counties on a day. They stand below
// the one division that has none above it; every list page asks for them.
func Districts(ctx context.Context, tx *db.Tx, on day.Date) ([]Division, error) {
	return keptDistricts.Get(ctx, tx, on, func() ([]Division, error) {
		return db.All(ctx, tx, scanDivision, `
			SELECT `+divisionCols+` FROM division
			WHERE parent IN (SELECT code FROM division WHERE parent IS NULL)
				AND kind IN ('district', 'county', 'county_city') AND valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1)
			ORDER BY code LIMIT $2`, on.String(), divisionsMax)
	})
}

// What every list page asks of the divisions, kept until they change.
var (
	keptDistricts = db.NewKept[day.Date, []Division](16, "division")
	keptNames     = db.NewKept[struct{}, map[code.Division]string](1, "division")
)

// DivisionPath lists the divisions from the city down to c.
func DivisionPath(ctx context.Context, tx *db.Tx, c code.Division) ([]Division, error) {
	return db.All(ctx, tx, scanDivision, `
		SELECT `+divisionCols+` FROM division
		WHERE code IN ($1, $2, $3, $4)
		ORDER BY LENGTH(code), code LIMIT 4`,
		string(c.Up(code.City)), string(c.Up(code.District)), string(c.Up(code.Street)), string(c.Up(code.Community)))
}

// DivisionNames gives the names of many divisions at once.
func DivisionNames(ctx context.Context, tx *db.Tx, codes iter.Seq[code.Division]) (map[code.Division]string, error) {
	all, err := keptNames.Get(ctx, tx, struct{}{}, func() (map[code.Division]string, error) { return allNames(ctx, tx) })
	if err != nil {
		return nil, err
	}
	if all != nil {
		names := map[code.Division]string{}
		for c := range codes {
			if name, ok := all[c]; ok {
				names[c] = name
			}
		}
		return names, nil
	}
	return readNames(ctx, tx, slices.Compact(slices.Sorted(codes)))
}

// allNames is the names of a city's divisions, or nil where there are more, or
// where the transaction writes: then only those asked for are read.
func allNames(ctx context.Context, tx *db.Tx) (map[code.Division]string, error) {
	if tx.Writes() {
		return nil, nil
	}
	names := make(map[code.Division]string, divisionsMax)
	for d, err := range db.Rows(ctx, tx, scanDivision, `SELECT `+divisionCols+` FROM division ORDER BY code LIMIT $1`, 4*divisionsMax+1) {
		if err != nil {
			return nil, err
		}
		names[d.Code] = d.Name
	}
	if len(names) > 4*divisionsMax {
		return nil, nil
	}
	return names, nil
}

func readNames(ctx context.Context, tx *db.Tx, asked []code.Division) (map[code.Division]string, error) {
	names := map[code.Division]string{}
	for chunk := range slices.Chunk(asked, chunkRows) {
		rows, err := db.All(ctx, tx, scanDivision, `SELECT `+divisionCols+` FROM division WHERE code IN (`+params(1, len(chunk))+`) ORDER BY code`, anys(chunk)...)
		if err != nil {
			return nil, err
		}
		for _, d := range rows {
			names[d.Code] = d.Name
		}
	}
	return names, nil
}

// PlaceName is a division's name with those above it, below the city:
// 南岗区花园街道…社区.
func PlaceName(path []Division) string {
	var b strings.Builder
	for _, d := range path {
		if d.Kind != "city" {
			b.WriteString(d.Name)
		}
	}
	return b.String()
}
