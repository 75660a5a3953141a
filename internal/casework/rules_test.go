package casework_test

import (
	"slices"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/day"
)

func TestWaits(t *testing.T) {
	today := day.MustParse("2026-07-01")
	for _, tt := range []struct {
		due     day.Date
		assumed bool
		words   string
		late    bool
	}{
		{0, false, "未设期限", false},
		{today.AddDays(-1), false, "已逾期1天", true},
		{today, false, "今天到期", false},
		{today.AddDays(1), false, "明天到期", false},
		{today.AddDays(2), false, "还剩2天", false},
		{today.AddDays(400), true, "还剩400天（节假日安排尚未公布，按推定）", false},
	} {
		if words, late := casework.Waits(tt.due, today, tt.assumed); words != tt.words || late != tt.late {
			t.Errorf("Waits(%s) = %q %v, want %q %v", tt.due, words, late, tt.words, tt.late)
		}
	}
}

func TestHolderAt(t *testing.T) {
	at := authz.Place{Division: "230103001003", Enterprise: firm, Project: "2301030010030001"}
	for _, tt := range []struct {
		role authz.Role
		at   authz.Place
		want string
	}{
		{authz.CityBureau, at, "city_bureau@2301"},
		{authz.DistrictBureau, at, "district_bureau@230103"},
		{authz.Subdistrict, at, "subdistrict@230103001"},
		{authz.Community, at, "community@230103001003"},
		{authz.Association, at, "association@2301"},
		{authz.Enterprise, at, "enterprise@" + string(firm)},
		{authz.ProjectManager, at, "project_manager@2301030010030001"},
		{authz.Community, authz.Place{Division: "230103"}, ""},
		{authz.Committee, authz.Place{Division: "230103"}, ""},
		{authz.Public, at, ""},
	} {
		h, ok := casework.HolderAt(tt.role, tt.at)
		if h.Key() != tt.want || ok != (tt.want != "") {
			t.Errorf("HolderAt(%s) = %q %v, want %q", tt.role, h.Key(), ok, tt.want)
		}
		if ok && casework.ParseHolder(h.Key()) != h {
			t.Errorf("ParseHolder(%q) = %+v, want %+v", h.Key(), casework.ParseHolder(h.Key()), h)
		}
	}
}

func TestCheckFindsBrokenMachines(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(*casework.Machine)
		want  string
	}{
		{"sound", func(*casework.Machine) {}, ""},
		{"no title", func(m *casework.Machine) { m.Title = "" }, "no name"},
		{"a state twice", func(m *casework.Machine) { m.States = append(m.States, m.States[0]) }, "twice"},
		{"an act twice", func(m *casework.Machine) { m.Acts = append(m.Acts, m.Acts[0]) }, "twice"},
		{"an act to nowhere", func(m *casework.Machine) { m.Acts[1].To = "moon" }, "no state"},
		{"an act from nowhere", func(m *casework.Machine) { m.Acts[1].From = []string{"moon"} }, "no state"},
		{"an unknown duty", func(m *casework.Machine) { m.Acts[1].May = "moon.fly" }, "duty matrix"},
		{"an unknown maker", func(m *casework.Machine) { m.Acts[2].Not = []string{"fly"} }, "no act"},
		{"a state without exit", func(m *casework.Machine) { m.States[3].Final = false }, "left false"},
		{"an exit from the end", func(m *casework.Machine) { m.States[2].Final = true }, ""},
		{"a state without entry", func(m *casework.Machine) { m.Acts[3].To = "closed" }, "never reached"},
	} {
		m := *order
		m.States, m.Acts = slices.Clone(order.States), slices.Clone(order.Acts)
		tt.spoil(&m)
		err := m.Check()
		if tt.name == "an exit from the end" {
			if err == nil {
				t.Errorf("%s: no error", tt.name)
			}
			continue
		}
		if got := err; (tt.want == "") != (got == nil) || got != nil && !strings.Contains(got.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, got, tt.want)
		}
	}
}

func TestDocHoldsItsOwnPlace(t *testing.T) {
	doc := order.WriteSection("# 办理流程\n")
	section, ok := order.Section(doc)
	if !ok || section != order.Doc() || !strings.Contains(section, "[*] --> proposed: 提出") || !strings.Contains(section, "closed --> [*]") {
		t.Errorf("section %v:\n%s", ok, section)
	}
	if again := order.WriteSection(doc); again != doc {
		t.Error("writing it twice changed it")
	}
}
