package registry_test

import (
	"testing"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/money"
	"juli/internal/registry"
)

func parseArea(s string) (money.Area, error) { return money.ParseArea(s) }

func TestDivisions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.write(func(tx *db.Tx) error { return registry.EnsureDivisions(t.Context(), tx) }) // twice changes nothing
		w.read(func(tx *db.Tx) error {
			n, err := db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM division`)
			if err != nil || n != 3505 {
				t.Errorf("divisions = %d, %v; want 3505", n, err)
			}
			c, err := registry.DivisionOf(t.Context(), tx, "230108001003")
			if err != nil || c.Name != "上海新村社区" || c.Kind != "community" || c.Parent != "230108001" {
				t.Errorf("L6 = %+v, %v", c, err)
			}
			path, err := registry.DivisionPath(t.Context(), tx, nangang)
			if err != nil || len(path) != 4 || path[0].Code != "2301" || path[1].Name != "南岗区" {
				t.Errorf("path = %v, %v", path, err)
			}
			districts, err := registry.Districts(t.Context(), tx, tx.Today())
			if err != nil || len(districts) != 18 {
				t.Errorf("districts = %d, %v; want 18", len(districts), err)
			}
			before, err := registry.Divisions(t.Context(), tx, "2301", day.MustParse("2018-12-31"))
			if err != nil || len(before) != 0 {
				t.Errorf("before the edition's first day: %d, %v", len(before), err)
			}
			_, err = registry.DivisionOf(t.Context(), tx, "239999")
			wantRule(t, err, "registry.division")
			return nil
		})
	})
}

func TestEveryStateIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		e := w.enterprise(1, "哈尔滨新华物业管理有限公司", "230103")
		edit := e
		edit.Name, edit.Phone, edit.PartyMembers = "哈尔滨新华物业服务有限公司", "13912345678", 5
		changed, err := w.on("2021-07-01").PutEnterprise(t.Context(), w.clerk, edit, "更名")
		if err != nil || changed.Version != 2 {
			t.Fatalf("change: version %d, %v", changed.Version, err)
		}
		_, err = w.PutEnterprise(t.Context(), w.clerk, edit, "又一次")
		wantRule(t, err, "registry.stale")

		w.read(func(tx *db.Tx) error {
			inside, err := w.EnterpriseTimeline(t.Context(), tx, district(7, "230103"), e.USCC)
			if err != nil || len(inside) != 2 {
				t.Fatalf("timeline = %v, %v", inside, err)
			}
			want := "企业名称:哈尔滨新华物业管理有限公司→哈尔滨新华物业服务有限公司;联系电话:138****5678→139****5678;党员人数:3→5;"
			if got := titles(inside[0].Differences); got != want {
				t.Errorf("differences = %s", got)
			}
			if inside[0].Reason != "更名" || inside[1].Version != 1 {
				t.Errorf("events = %+v", inside)
			}
			for _, who := range []authz.Actor{authz.Anonymous, district(8, "230102")} {
				outside, err := w.EnterpriseTimeline(t.Context(), tx, who, e.USCC)
				if err != nil || titles(outside[0].Differences) != "企业名称:哈尔滨新华物业管理有限公司→哈尔滨新华物业服务有限公司;" || outside[0].Reason != "" {
					t.Errorf("outside sees %+v, %v", outside, err)
				}
			}
			old, err := w.EnterpriseAt(t.Context(), tx, district(7, "230103"), e.USCC, 1)
			if err != nil || old.Name != e.Name || old.LegalPerson != "王**" {
				t.Errorf("version 1 = %+v, %v", old, err)
			}
			return nil
		})
		err = w.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE enterprise_version SET name = 'x'`)
			return err
		})
		if err == nil {
			t.Error("an earlier state could be edited")
		}
	})
}

func TestWhoSeesAnEnterprise(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		e := w.enterprise(1, "甲物业有限公司", "230103")
		w.read(func(tx *db.Tx) error {
			public, err := w.Enterprise(t.Context(), tx, e.USCC)
			if err != nil || public.Phone != "138****5678" || public.LegalPerson != "王**" || public.PartyMembers != 0 {
				t.Errorf("public = %+v, %v", public, err)
			}
			for _, tt := range []struct {
				who  authz.Actor
				rule string
			}{
				{district(1, "230103"), ""},
				{district(2, "230102"), "authz.not-found"},
				{firm(3, e.USCC), ""},
				{firm(4, uscc("230103", 9)), "authz.not-found"},
				{authz.Anonymous, "authz.anonymous"},
			} {
				_, err := w.EnterpriseFor(t.Context(), tx, tt.who, e.USCC)
				wantRule(t, err, tt.rule)
			}
			return nil
		})
		_, err := w.UnmaskEnterprise(t.Context(), district(1, "230103"), e.USCC, "核实")
		wantRule(t, err, "authz.step-up")
		official := district(1, "230103")
		official.StepUp = w.DB.Now()
		clear, err := w.UnmaskEnterprise(t.Context(), official, e.USCC, "核实")
		if err != nil || clear.Phone != "13812345678" {
			t.Errorf("unmasked = %v, %v", clear.Phone, err)
		}
		_, err = w.UnmaskEnterprise(t.Context(), official, e.USCC, " ")
		wantRule(t, err, "registry.unmask-reason")
	})
}

func TestPutRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		e := w.enterprise(1, "甲物业有限公司", "230103")
		for _, tt := range []struct {
			name   string
			change func(p *registry.Project)
			fields []string
		}{
			{"no name", func(p *registry.Project) { p.Name = "" }, []string{"name"}},
			{"a street is no community", func(p *registry.Project) { p.Division = "230103001" }, []string{"division"}},
			{"a community that is not there", func(p *registry.Project) { p.Division = "230103001999" }, []string{"division"}},
			{"built next year", func(p *registry.Project) { p.Built = 2022 }, []string{"built"}},
			{"ends before it begins", func(p *registry.Project) { p.ContractTo = p.ContractFrom.AddDays(-1) }, []string{"contract_to"}},
			{"filed tomorrow", func(p *registry.Project) { p.FilingDate = day.MustParse("2021-06-02") }, []string{"filing_date"}},
			{"an enterprise that is not there", func(p *registry.Project) { p.Enterprise = uscc("230103", 5) }, []string{"enterprise"}},
			{"a code of another community", func(p *registry.Project) { p.Code = code.ProjectCode(daoli + "0001") }, []string{"code"}},
		} {
			t.Run(tt.name, func(t *testing.T) {
				p := complete("花园小区", nangang, e.USCC)
				tt.change(&p)
				_, err := w.PutProject(t.Context(), w.clerk, p, "")
				wantFields(t, err, tt.fields...)
			})
		}
		_, err := w.PutProject(t.Context(), district(1, "230102"), complete("花园小区", nangang, e.USCC), "")
		wantRule(t, err, "authz.not-found")
		_, err = w.PutProject(t.Context(), firm(2, e.USCC), complete("花园小区", nangang, e.USCC), "")
		wantRule(t, err, "authz.denied")
		_, err = w.PutEnterprise(t.Context(), w.clerk, registry.Enterprise{USCC: e.USCC, Name: "x", Kind: registry.Local, Division: "230103"}, "")
		wantRule(t, err, "registry.exists")
		_, err = w.PutEnterprise(t.Context(), w.clerk, registry.Enterprise{USCC: uscc("230103", 7), Kind: registry.Branch, Division: "230103", Name: "分公司"}, "")
		wantFields(t, err, "head")
	})
}

// TestHoldings is PC-35: a project that moves to another firm leaves no day
// without a holder and none with two.
func TestHoldings(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b := w.enterprise(1, "甲物业有限公司", "230103"), w.enterprise(2, "乙物业有限公司", "230103")
		p := w.project("花园小区", nangang, a.USCC, "1000")
		if p.Code != code.ProjectCode(nangang)+"0001" {
			t.Errorf("code = %s", p.Code)
		}
		p.Enterprise, p.ContractFrom, p.ContractTo = b.USCC, day.MustParse("2021-08-01"), day.MustParse("2024-07-31")
		p, err := w.on("2021-08-10").PutProject(t.Context(), w.clerk, p, "更换物业")
		wantRule(t, err, "")
		w.read(func(tx *db.Tx) error {
			h, err := registry.HoldingsOfProject(t.Context(), tx, p.Code)
			if err != nil || len(h) != 2 {
				t.Fatalf("holdings = %v, %v", h, err)
			}
			if h[0].Enterprise != a.USCC || h[0].From.String() != "2020-01-01" || h[0].To.String() != "2021-07-31" ||
				h[1].Enterprise != b.USCC || h[1].From.String() != "2021-08-01" || h[1].To != 0 {
				t.Errorf("holdings = %+v", h)
			}
			n := 0
			for _, err := range registry.Holdings(t.Context(), tx, day.MustParse("2021-08-01"), day.MustParse("2021-12-31")) {
				if err != nil {
					t.Error(err)
				}
				n++
			}
			if n != 1 {
				t.Errorf("holdings after the change = %d, want 1", n)
			}
			left, _ := w.Enterprise(t.Context(), tx, a.USCC)
			took, _ := w.Enterprise(t.Context(), tx, b.USCC)
			if left.Projects != 0 || left.Managed != 0 || took.Projects != 1 || took.Managed != 100_000 {
				t.Errorf("figures: left %d %v, took %d %v", left.Projects, left.Managed, took.Projects, took.Managed)
			}
			return nil
		})
		p.State = registry.Left
		_, err = w.on("2021-09-01").PutProject(t.Context(), w.clerk, p, "退出")
		wantRule(t, err, "")
		w.read(func(tx *db.Tx) error {
			for on, want := range map[string]registry.Totals{
				"2021-05-31": {},
				"2021-06-01": {Enterprises: 2, Projects: 1, Area: 100_000},
				"2021-08-31": {Enterprises: 2, Projects: 1, Area: 100_000},
				"2021-09-01": {Enterprises: 2},
			} {
				got, err := registry.TotalsOf(t.Context(), tx, "", day.MustParse(on))
				if err != nil || got != want {
					t.Errorf("%s: %+v, %v; want %+v", on, got, err, want)
				}
			}
			by, err := registry.TotalsByDistrict(t.Context(), tx, day.MustParse("2021-08-01"))
			if err != nil || len(by) != 1 || by[0].Division != "230103" || by[0].Area != 100_000 {
				t.Errorf("by district = %+v, %v", by, err)
			}
			return nil
		})
	})
}

func TestMissing(t *testing.T) {
	for _, tt := range []struct {
		name     string
		change   func(p *registry.Project)
		managers int64
		want     []registry.Group
	}{
		{"all there", func(*registry.Project) {}, 1, nil},
		{"nobody named", func(*registry.Project) {}, 0, []registry.Group{registry.GroupManager}},
		{"level without fee", func(p *registry.Project) { p.Fee = 0 }, 1, []registry.Group{registry.GroupService}},
		{"contract without end", func(p *registry.Project) { p.ContractTo = 0 }, 1, []registry.Group{registry.GroupContract}},
		{"facilities may be a list or lifts", func(p *registry.Project) { p.Lifts, p.Facilities = 0, "消防控制室 1" }, 1, nil},
		{"no facilities", func(p *registry.Project) { p.Lifts = 0 }, 1, []registry.Group{registry.GroupFacilities}},
		{
			"several", func(p *registry.Project) { p.Address, p.Built, p.Area, p.Use = "", 0, 0, "" }, 1,
			[]registry.Group{registry.GroupAddress, registry.GroupYear, registry.GroupArea, registry.GroupType},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := complete("花园小区", nangang, uscc("230103", 1))
			tt.change(&p)
			got := registry.Missing(p, tt.managers)
			if len(got) != len(tt.want) {
				t.Fatalf("missing = %v, want %v", got, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("missing = %v, want %v", got, tt.want)
				}
			}
		})
	}
}

func TestFacilities(t *testing.T) {
	for _, tt := range []struct{ in, want, rule string }{
		{"消防控制室 1；监控探头 86", "消防控制室 1；监控探头 86", ""},
		{"电梯;水泵  4 ;\n", "电梯 1；水泵 4", ""},
		{"", "", ""},
		{"健身 器材 3", "健身 器材 3", ""},
		{"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一", "", "registry.facility"},
	} {
		got, err := registry.ParseFacilities(tt.in)
		if string(got) != tt.want {
			t.Errorf("%q = %q, want %q", tt.in, got, tt.want)
		}
		wantRule(t, err, tt.rule)
	}
	if l := registry.Facilities("电梯 1；水泵 4").List(); len(l) != 2 || l[1] != (registry.Facility{Name: "水泵", Count: 4}) {
		t.Errorf("list = %v", l)
	}
}

func FuzzFacilities(f *testing.F) {
	f.Add("消防控制室 1；监控探头 86")
	f.Add("a 0;；b 00012\n 3")
	f.Fuzz(func(t *testing.T, s string) {
		once, err := registry.ParseFacilities(s)
		if err != nil {
			return
		}
		if twice, err := registry.ParseFacilities(string(once)); err != nil || twice != once {
			t.Errorf("%q → %q → %q, %v", s, once, twice, err)
		}
	})
}
