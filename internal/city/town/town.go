package town

import (
	"context"
	"fmt"
	"testing"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/money"
	"juli/internal/registry"
	"juli/internal/seal"
)

// Start is the day on which every town stands at first.
const Start = "2021-06-01"

// Communities of the town, in two districts of Harbin.
const (
	Huayuan = code.Division("230103001003") // 南岗区花园街道
	Nangang = code.Division("230103001005") // next to it, in the same street
	Daoli   = code.Division("230102001001") // 道里区
)

// A Town is a register with three enterprises and five projects.
type Town struct {
	DB       *db.DB
	Keys     *seal.Keys
	Registry *registry.Service
	Program  authz.Actor // the program itself, who may do everything

	Jia, Yi, Bing registry.Enterprise // 甲 and 乙 of 南岗, 丙 an outside branch of 道里
	Projects      []registry.Project  // three of 甲 (one in 道里), one of 乙, one of 丙

	t      testing.TB
	people *int64
}

// New builds a town in an empty, migrated database.
func New(t testing.TB, d *db.DB) *Town {
	t.Helper()
	tn := Empty(t, d)
	tn.Jia = tn.Enterprise("甲物业服务有限公司", "230103")
	tn.Yi = tn.Enterprise("乙物业服务有限公司", "230103")
	tn.Bing = tn.put(registry.Enterprise{
		USCC: USCC("230102", tn.next()), Name: "丙物业哈尔滨分公司", Kind: registry.OutsideBranch, Head: "丙物业集团有限公司", Division: "230102", Staff: 20,
	})
	tn.Projects = []registry.Project{
		tn.Project("花园小区", Huayuan, tn.Jia.USCC, "30000"),
		tn.Project("文昌家园", Nangang, tn.Jia.USCC, "60000"),
		tn.Project("江畔名苑", Daoli, tn.Jia.USCC, "10000"),
		tn.Project("阳光新城", Huayuan, tn.Yi.USCC, "120000"),
		tn.Project("中央公馆", Daoli, tn.Bing.USCC, "45000.50"),
	}
	for _, p := range tn.Projects[:4] {
		tn.Manager(p)
	}
	return tn
}

// Empty is a town of divisions only.
func Empty(t testing.TB, d *db.DB) *Town {
	t.Helper()
	tn := &Town{DB: dbtest.Clock(d, Start), Keys: seal.Ephemeral(), Program: authz.System("test"), t: t, people: new(int64)}
	tn.Registry = &registry.Service{DB: tn.DB, Keys: tn.Keys}
	tn.Write(func(ctx context.Context, tx *db.Tx) error { return registry.EnsureDivisions(ctx, tx) })
	return tn
}

// On is the same town on another day.
func (tn *Town) On(date string) *Town {
	later := *tn
	later.DB = dbtest.Clock(tn.DB, date)
	service := *tn.Registry
	service.DB = later.DB
	later.Registry = &service
	return &later
}

// Today is the town's day.
func (tn *Town) Today() day.Date { return day.FromTime(tn.DB.Now()) }

// Write runs fn in a transaction that must succeed.
func (tn *Town) Write(fn func(ctx context.Context, tx *db.Tx) error) {
	tn.t.Helper()
	tn.must(tn.DB.Write(tn.t.Context(), func(tx *db.Tx) error { return fn(tn.t.Context(), tx) }))
}

// Read runs fn on a snapshot; it must succeed.
func (tn *Town) Read(fn func(ctx context.Context, tx *db.Tx) error) {
	tn.t.Helper()
	tn.must(tn.DB.Read(tn.t.Context(), func(tx *db.Tx) error { return fn(tn.t.Context(), tx) }))
}

// Enterprise registers a local enterprise.
func (tn *Town) Enterprise(name string, division code.Division) registry.Enterprise {
	tn.t.Helper()
	return tn.put(registry.Enterprise{
		USCC: USCC(division.Six(), tn.next()), Name: name, Kind: registry.Local, Division: division, LegalPerson: "王建国", Phone: "13812345678",
		Address: "红旗大街1号", Founded: day.MustParse("2010-05-01"), Capital: 500_000 * money.Yuan, Staff: 40, PartyMembers: 3,
	})
}

func (tn *Town) put(e registry.Enterprise) registry.Enterprise {
	tn.t.Helper()
	e, err := tn.Registry.PutEnterprise(tn.t.Context(), tn.Program, e, "首次登记")
	tn.must(err)
	return e
}

// Project registers a project with all its basic information but a manager;
// its enterprise holds it since 2020. area is in square metres.
func (tn *Town) Project(name string, community code.Division, by code.USCC, area string) registry.Project {
	tn.t.Helper()
	size, err := money.ParseArea(area)
	tn.must(err)
	p, err := tn.Registry.PutProject(tn.t.Context(), tn.Program, registry.Project{
		Name: name, Division: community, Address: "花园街88号", Use: registry.Residential, Built: 2008, Area: size, Households: 300, Buildings: 6,
		Lifts: 12, Pumps: 2, Enclosure: registry.ClosedEstate, Facilities: "消防控制室 1；监控探头 86", Enterprise: by,
		ContractParty: "业主大会", ContractKind: registry.Owners, ContractFrom: day.MustParse("2020-01-01"), ContractTo: day.MustParse("2022-12-31"),
		FilingNumber: "物备〔2020〕1号", FilingDate: day.MustParse("2020-01-05"), ServiceLevel: 2, Fee: 120,
	}, "首次登记")
	tn.must(err)
	return p
}

// Change registers a change of a project.
func (tn *Town) Change(p registry.Project, change func(p *registry.Project)) registry.Project {
	tn.t.Helper()
	change(&p)
	p, err := tn.Registry.PutProject(tn.t.Context(), tn.Program, p, "变更")
	tn.must(err)
	return p
}

// Manager names a new person as the project's manager since 2020.
func (tn *Town) Manager(p registry.Project) registry.Staff {
	tn.t.Helper()
	n := tn.next()
	st, err := tn.Registry.PutStaff(tn.t.Context(), tn.Program, registry.Staff{
		Name: "李明" + string([]rune("甲乙丙丁戊己庚辛壬癸")[n%10]), Identity: Identity(n), Enterprise: p.Enterprise, Project: p.Code,
		Post: registry.Manager, From: day.MustParse("2020-01-01"),
	})
	tn.must(err)
	return st
}

// WantAudit checks which kinds of events an object has, oldest first.
func (tn *Town) WantAudit(object string, kinds ...string) {
	tn.t.Helper()
	var got []string
	tn.Read(func(ctx context.Context, tx *db.Tx) error {
		events, err := audit.History(ctx, tx, object, len(kinds)+10)
		for _, e := range events {
			got = append(got, e.Kind)
		}
		return err
	})
	if fmt.Sprint(got) != fmt.Sprint(kinds) {
		tn.t.Errorf("audit of %s = %v, want %v", object, got, kinds)
	}
}

func (tn *Town) next() int {
	*tn.people++
	return int(*tn.people)
}

func (tn *Town) must(err error) {
	tn.t.Helper()
	if err != nil {
		tn.t.Fatal(err)
	}
}
