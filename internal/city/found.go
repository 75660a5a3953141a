package city

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
)

// found makes the register and the accounts on the first day.
func (dr *driver) found(ctx context.Context) error {
	dr.district = map[int]code.Division{}
	for i := range dr.plan.Projects {
		dr.district[i] = dr.plan.Projects[i].Division.Up(code.District)
	}
	dr.people = newPeople(&dr.Services, dr.opt.Seed, start.AddMonths(12*5-1))
	dr.say("登记企业 %d 家、项目 %d 个", len(dr.plan.Enterprises), len(dr.plan.Projects))
	if err := dr.DB.Write(ctx, func(tx *db.Tx) error { return dr.register(ctx, tx) }); err != nil {
		return err
	}
	dr.say("开通账号")
	return dr.people.settle(ctx, dr.seats())
}

// register imports the plan as a city would import its old files.
func (dr *driver) register(ctx context.Context, tx *db.Tx) error {
	who := authz.System("demo")
	columns := keysOf(registry.EnterpriseColumns())
	tally, err := dr.Registry.ImportEnterprises(ctx, tx, who, registry.Input{Columns: columns, Reason: "建立信用档案", Rows: rowsOf(columns, len(dr.plan.Enterprises), func(i int) map[string]string {
		return dr.plan.Enterprises[i].Values()
	})}, report)
	if err = cmp.Or(err, tally.Err()); err != nil {
		return err
	}
	columns = keysOf(registry.ProjectColumns())
	tally, err = dr.Registry.ImportProjects(ctx, tx, who, registry.Input{Columns: columns, Reason: "建立信用档案", Rows: rowsOf(columns, len(dr.plan.Projects), func(i int) map[string]string {
		return dr.plan.Projects[i].Values()
	})}, report)
	if err = cmp.Or(err, tally.Err()); err != nil {
		return err
	}
	columns = keysOf(registry.StaffColumns())
	tally, err = dr.Registry.ImportStaff(ctx, tx, who, registry.Input{Columns: columns, Reason: "建立信用档案", Rows: rowsOf(columns, len(dr.plan.Managers), dr.manager)}, report)
	return cmp.Or(err, tally.Err())
}

// manager is one row of the staff file.
func (dr *driver) manager(i int) map[string]string {
	m := &dr.plan.Managers[i]
	p := &dr.plan.Projects[m.Project]
	return map[string]string{
		"name": m.Name, "identity": m.IDNumber, "enterprise": string(p.Enterprise), "project": string(p.Code), "post": "项目经理", "from": m.From.String(),
	}
}

func report(p registry.Problem) {
	if !p.Warn {
		panic(fault.New(fault.Internal, "city.import", "第 %d 行 %s：%s", p.Line, p.Title, p.Text))
	}
}

func keysOf(columns []registry.Column) []string {
	keys := make([]string, len(columns))
	for i, c := range columns {
		keys[i] = c.Key
	}
	return keys
}

func rowsOf(columns []string, n int, values func(int) map[string]string) func(func(registry.Row, error) bool) {
	return func(yield func(registry.Row, error) bool) {
		cells := make([]string, len(columns))
		for i := range n {
			v := values(i)
			for j, key := range columns {
				cells[j] = v[key]
			}
			if !yield(registry.Row{Line: i + 2, Cells: cells}, nil) {
				return
			}
		}
	}
}

// seats are the accounts that can sign in, besides the four administrators.
func (dr *driver) seats() []seat {
	city := authz.Scope{Division: dr.City}
	out := []seat{
		{"city1", authz.CityBureau, city, true, "市住建局"},
		{"city2", authz.CityBureau, city, false, "市住建局"},
		{"city3", authz.CityBureau, city, false, "市住建局"},
		{"association1", authz.Association, city, true, "市物业管理协会"},
	}
	for _, d := range dr.signingDistricts() {
		for n := 1; n <= 3; n++ {
			out = append(out, seat{fmt.Sprintf("%s%d", districtWords[d], n), authz.DistrictBureau, authz.Scope{Division: d}, n == 1, string(d) + " 区住建局"})
		}
	}
	biggest := dr.biggest()
	for i, e := range biggest[:min(4, len(biggest))] {
		firm := &dr.plan.Enterprises[e]
		out = append(out, seat{fmt.Sprintf("firm%d", i+1), authz.Enterprise, authz.Scope{Enterprise: firm.USCC}, true, firm.Name})
	}
	for i, home := range dr.homes() {
		p := &dr.plan.Projects[home]
		street, community := p.Division.Up(code.Street), p.Division
		for _, second := range []string{"", "b"} { // who verified needs a colleague who verifies again
			out = append(out,
				seat{fmt.Sprintf("street%d%s", i+1, second), authz.Subdistrict, authz.Scope{Division: street}, second == "", string(street) + " 街道"},
				seat{fmt.Sprintf("community%d%s", i+1, second), authz.Community, authz.Scope{Division: community}, second == "", string(community) + " 社区"})
		}
		if i == 0 {
			out = append(out, seat{"committee1", authz.Committee, authz.Scope{Project: string(p.Code)}, true, p.Name + "业委会"})
		}
	}
	return out
}

// homes are the projects whose street and community can sign in: the first is one
// of the largest enterprise's, so that one fault can be followed from end to end.
func (dr *driver) homes() [2]int {
	largest := dr.biggest()[0]
	home := dr.first(func(p *Project) bool { return p.Owner == largest && p.Households > 0 })
	return [2]int{max(home, 0), len(dr.plan.Projects) / 2}
}

// signingDistricts are the districts whose officials can sign in.
func (dr *driver) signingDistricts() []code.Division { return slices.Sorted(maps.Keys(districtWords)) }

// biggest orders the enterprises by how many projects they hold. A plan's owners stay.
func (dr *driver) biggest() []int {
	if dr.bySize != nil {
		return dr.bySize
	}
	held := map[int]int{}
	for i := range dr.plan.Projects {
		held[dr.plan.Projects[i].Owner]++
	}
	order := make([]int, len(dr.plan.Enterprises))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(held[b], held[a]) })
	dr.bySize = order
	return order
}
