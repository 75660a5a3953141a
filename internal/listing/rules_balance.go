package listing

import (
	"cmp"
	"slices"
	"strings"

	"juli/internal/code"
	"juli/internal/money"
)

// A Balance is one district's part of a side beside its part of the projects.
type Balance struct {
	District          code.Division
	Entries, Projects int64
	Warn              bool // its part of the entries is out of proportion
}

// Weigh compares each district's share of the entries with its share of the
// projects. entries and projects are by district.
func (w Warnings) Weigh(entries, projects map[code.Division]int64) []Balance {
	var out []Balance
	var allEntries, allProjects int64
	for _, n := range entries {
		allEntries += n
	}
	for d, n := range projects {
		allProjects += n
		out = append(out, Balance{District: d, Entries: entries[d], Projects: n})
	}
	for d, n := range entries {
		if projects[d] == 0 {
			out = append(out, Balance{District: d, Entries: n})
		}
	}
	for i := range out {
		b := &out[i]
		// entries/allEntries > balance × projects/allProjects, without dividing
		b.Warn = w.Balance > 0 && b.Entries >= w.BalanceEntries &&
			b.Entries*allProjects*int64(money.Point) > int64(w.Balance)*b.Projects*allEntries
	}
	slices.SortFunc(out, func(a, b Balance) int { return cmp.Compare(a.District, b.District) })
	return out
}

// Small lists why an entry's numbers say little.
func (w Warnings) Small(kind SubjectKind, homes, inspections, projects int64) []string {
	var why []string
	if homes < w.Homes {
		why = append(why, "户数少")
	}
	if inspections < w.Inspections {
		why = append(why, "检查次数少")
	}
	if kind == OfEnterprise && projects < w.Projects {
		why = append(why, "在管项目少")
	}
	return why
}

// tidy is what somebody wrote, without spaces at its ends.
func tidy(s string) string { return strings.TrimSpace(s) }
