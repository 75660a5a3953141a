package city_test

import (
	"reflect"
	"testing"

	"juli/internal/city"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/money"
	"juli/internal/registry"
)

func communities(t *testing.T) map[code.Division][]code.Division {
	t.Helper()
	all, err := registry.SeedCommunities()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPlanOfTheCity(t *testing.T) {
	p := city.NewPlan(city.City, 1, day.MustParse("2020-01-01"), communities(t))
	if len(p.Enterprises) != 902 || len(p.Projects) != 2891 {
		t.Fatalf("%d enterprises, %d projects", len(p.Enterprises), len(p.Projects))
	}
	codes, names := map[code.USCC]bool{}, map[string]bool{}
	for _, e := range p.Enterprises {
		if u, err := code.ParseUSCC(string(e.USCC)); err != nil || !u.InnerOK() {
			t.Errorf("%s is no valid code: %v", e.USCC, err)
		}
		if codes[e.USCC] || names[e.Name] {
			t.Errorf("%s %s stands twice", e.USCC, e.Name)
		}
		codes[e.USCC], names[e.Name] = true, true
	}
	var area money.Area
	held := map[int]int{}
	for _, x := range p.Projects {
		area += x.Area
		held[x.Owner]++
	}
	if m2 := int64(area) / 100; m2 < 180_000_000 || m2 > 225_000_000 {
		t.Errorf("total area is %d ㎡, want about 200 million", m2)
	}
	largest := 0
	for _, n := range held {
		largest = max(largest, n)
	}
	if largest < 15 || largest > 120 {
		t.Errorf("the largest firm holds %d projects, want a long tail", largest)
	}
	seen := map[string]string{}
	for _, m := range p.Managers {
		if _, err := code.ParseIDNumber(m.IDNumber); err != nil {
			t.Fatalf("identity number: %v", err)
		}
		if name, known := seen[m.IDNumber]; known && name != m.Name {
			t.Fatalf("one number, two names")
		}
		seen[m.IDNumber] = m.Name
	}
}

func TestPlanIsDeterministic(t *testing.T) {
	in := communities(t)
	a := city.NewPlan(city.Small, 7, day.MustParse("2020-01-01"), in)
	b := city.NewPlan(city.Small, 7, day.MustParse("2020-01-01"), in)
	c := city.NewPlan(city.Small, 8, day.MustParse("2020-01-01"), in)
	if !reflect.DeepEqual(a, b) {
		t.Error("one seed gives two cities")
	}
	if reflect.DeepEqual(a, c) {
		t.Error("two seeds give one city")
	}
}
