package city

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/money"
	"juli/internal/registry"
)

// A Scale is how large a city is.
type Scale struct {
	Name        string
	Enterprises int
	Projects    int
}

// The scales of `juli demo`. City is Harbin's size at the end of 2021.
var (
	Small = Scale{"small", 24, 60}
	City  = Scale{"city", 902, 2891}
)

// A Plan is the register of a city before its story begins.
type Plan struct {
	Scale       Scale
	Seed        uint64
	Start       day.Date // the first day of the story
	Enterprises []Enterprise
	Projects    []Project
	Managers    []Manager
}

// An Enterprise is a firm of the plan with its character: how well it works
// decides what happens to it.
type Enterprise struct {
	registry.Enterprise
	Quality int // 0 … 100
}

// A Project is an estate of the plan.
type Project struct {
	registry.Project
	Owner int // place of its enterprise in the plan
}

// A Manager is in charge of a project.
type Manager struct {
	Project  int
	Name     string
	IDNumber string
	Phone    string
	From     day.Date
	To       day.Date
}

// districtShare is how many of 2,891 projects stand in each division: most in
// the nine districts, few in the counties.
var districtShare = []struct {
	code  code.Division
	share int
}{
	{"230102", 420},
	{"230103", 406},
	{"230104", 349},
	{"230110", 382},
	{"230109", 224},
	{"230108", 118},
	{"230111", 190},
	{"230112", 152},
	{"230113", 140},
	{"230123", 44},
	{"230124", 32},
	{"230125", 58},
	{"230126", 60},
	{"230127", 28},
	{"230128", 30},
	{"230129", 32},
	{"230183", 96},
	{"230184", 130},
}

// areaQuantiles are the floor areas, in ㎡, at the 0th, 5th … 100th percentile
// of projects: a long tail whose mean is near 70,000 ㎡, so that 2,891 projects
// make about 200 million.
var areaQuantiles = []int64{
	1_800, 4_500, 7_500, 10_500, 14_000, 18_000, 22_500, 27_000, 32_000, 37_500, 43_500,
	50_000, 57_500, 66_000, 76_000, 88_000, 103_000, 124_000, 155_000, 214_000, 640_000,
}

// area draws a floor area in 0.01 ㎡ from the quantiles.
func area(r *rand.Rand) money.Area {
	n := len(areaQuantiles) - 1
	i := r.IntN(n)
	low, high := areaQuantiles[i], areaQuantiles[i+1]
	return money.Area((low + r.Int64N(high-low)) * 100)
}

// NewPlan draws a city. communities lists the residents' committees by district.
func NewPlan(scale Scale, seed uint64, start day.Date, communities map[code.Division][]code.Division) Plan {
	r := rand.New(rand.NewPCG(seed, 1921))
	p := Plan{Scale: scale, Seed: seed, Start: start}
	n := &namer{r, map[string]bool{}}
	p.enterprises(r, n)
	p.projects(r, n, communities)
	p.managers(r, n)
	return p
}

// district draws a district by the share of projects.
func district(r *rand.Rand) code.Division {
	total := 0
	for _, d := range districtShare {
		total += d.share
	}
	at := r.IntN(total)
	for _, d := range districtShare {
		if at -= d.share; at < 0 {
			return d.code
		}
	}
	return districtShare[0].code
}

func (p *Plan) enterprises(r *rand.Rand, n *namer) {
	for i := range p.Scale.Enterprises {
		outside := i%17 == 5
		d := district(r)
		e := Enterprise{Quality: quality(r)}
		e.Kind, e.Name, e.Division, e.State = registry.Local, n.enterprise(outside), d, registry.Active
		if outside {
			e.Kind, e.Head = registry.OutsideBranch, n.brand()+"物业服务集团有限公司"
		}
		e.USCC = uscc(r, d, i)
		e.LegalPerson, e.Phone = n.person(), phone(r)
		e.Address = n.address()
		e.Founded = day.Of(1998+r.IntN(20), 1, 1).AddDays(r.IntN(365))
		e.Capital = money.Fen(pick(r, []int64{50, 100, 200, 300, 500, 1000})) * 10_000_00
		e.Staff = int64(6 + r.IntN(60))
		e.PartyMembers = int64(r.IntN(5))
		p.Enterprises = append(p.Enterprises, e)
	}
}

// quality draws how well a firm works: most are decent, few are very good or bad.
func quality(r *rand.Rand) int {
	sum := 0
	for range 4 {
		sum += r.IntN(26)
	}
	return sum
}

func phone(r *rand.Rand) string { return fmt.Sprintf("0451-8%07d", r.IntN(10_000_000)) }

// uscc makes a valid code: registering department 9, kind 1, the district, an
// organisation code with its inner check digit, and the check character.
func uscc(r *rand.Rand, d code.Division, i int) code.USCC {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	org := []byte("MA")
	for range 3 {
		org = append(org, alphabet[r.IntN(len(alphabet))])
	}
	org = fmt.Appendf(org, "%03d", i%1000)
	u, err := code.MakeUSCC("91" + d.Six() + string(org) + string(innerCheck(org)))
	if err != nil {
		panic(err) // every character is of the alphabet
	}
	return u
}

// innerCheck is the check character of an organisation code (GB 11714).
func innerCheck(org []byte) byte {
	weights := []int{3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, c := range org {
		v := int(c - '0')
		if c >= 'A' {
			v = int(c-'A') + 10
		}
		sum += weights[i] * v
	}
	switch v := 11 - sum%11; v {
	case 10:
		return 'X'
	case 11:
		return '0'
	default:
		return byte('0' + v)
	}
}

// projects gives every enterprise its projects: a few large firms hold dozens,
// most hold one to three, some none yet.
func (p *Plan) projects(r *rand.Rand, n *namer, communities map[code.Division][]code.Division) {
	owners := p.owners(r)
	serial := map[code.Division]int{}
	for i := range p.Scale.Projects {
		d := p.Enterprises[owners[i]].Division
		if r.IntN(5) == 0 {
			d = district(r)
		}
		community := pick(r, communities[d])
		residential := r.IntN(100) < 88
		x := Project{Owner: owners[i]}
		serial[community]++
		c, err := code.MakeProjectCode(community, serial[community])
		if err != nil {
			panic(err)
		}
		x.Code, x.Division, x.Name, x.Address = c, community, n.project(residential), n.address()
		x.Use = registry.Residential
		if !residential {
			x.Use = pick(r, []registry.Use{registry.Commercial, registry.Office, registry.Mixed})
		}
		x.Area = area(r)
		p.describe(r, n, &x, residential)
		p.Projects = append(p.Projects, x)
	}
	slices.SortStableFunc(p.Projects, func(a, b Project) int { return cmp.Compare(a.Code, b.Code) })
}

// owners hands out the projects with a long tail over the enterprises.
func (p *Plan) owners(r *rand.Rand) []int {
	count := len(p.Enterprises)
	idle := max(1, count/180) // registered, without a project
	order := r.Perm(count)
	var out []int
	out = append(out, order[idle:]...)
	for len(out) < p.Scale.Projects {
		// products of uniform draws prefer the first in the order
		n := count - idle
		k := r.IntN(n) * (r.IntN(n) + 1) / n
		if r.IntN(2) == 0 {
			k = k * (r.IntN(n) + 1) / n
		}
		out = append(out, order[idle+k])
	}
	return out[:p.Scale.Projects]
}

func (p *Plan) describe(r *rand.Rand, n *namer, x *Project, residential bool) {
	e := &p.Enterprises[x.Owner]
	m2 := int64(x.Area) / 100
	x.Built = int64(1985 + r.IntN(34))
	x.Renovated = residential && x.Built < 2000 && r.IntN(3) == 0
	x.Buildings = max(1, m2/7_500)
	if residential {
		x.Households = max(12, m2/(78+r.Int64N(22)))
	}
	x.Green = money.Area(m2 * int64(18+r.IntN(18)) / 100 * 100 / 4)
	x.Lifts = x.Buildings * int64(r.IntN(4))
	x.Pumps = 1 + m2/90_000
	x.ParkingAbove, x.ParkingBelow = m2/400, m2/600
	x.HeatSupplier = pick(r, heating)
	x.Enclosure = pick(r, []registry.Enclosure{registry.OpenEstate, registry.ClosedEstate})
	f, err := registry.ParseFacilities("消防控制室 1；监控探头 " + strconv.FormatInt(16+m2/1200, 10))
	if err != nil {
		panic(err)
	}
	x.Facilities = f
	x.Enterprise, x.State = e.USCC, registry.Active
	x.ContractKind = pick(r, []registry.ContractKind{registry.Prestage, registry.Owners, registry.Owners})
	x.ContractParty = x.Name + "业主大会"
	if x.ContractKind == registry.Prestage {
		x.ContractParty = "哈尔滨" + n.brand() + "房地产开发有限公司"
	}
	x.ContractFrom = p.Start.AddDays(-r.IntN(700))
	x.ContractTo = x.ContractFrom.AddMonths(12 * (3 + r.IntN(3)))
	x.FilingDate = x.ContractFrom.AddDays(5 + r.IntN(20))
	if x.FilingDate > p.Start {
		x.FilingDate = p.Start
	}
	x.FilingNumber = fmt.Sprintf("哈物合备〔%d〕%04d号", x.FilingDate.Year(), 1+r.IntN(9000))
	x.ServiceLevel = int64(1 + r.IntN(4))
	x.Fee = money.Fen(55 + r.IntN(190))
	p.forget(r, e, x)
}

// forget leaves gaps in what careless firms declare.
func (p *Plan) forget(r *rand.Rand, e *Enterprise, x *Project) {
	if r.IntN(100) < e.Quality+25 {
		return
	}
	for range 1 + r.IntN(2) {
		switch r.IntN(5) {
		case 0:
			x.Built = 0
		case 1:
			x.ContractParty = ""
		case 2:
			x.Fee, x.ServiceLevel = 0, 0
		case 3:
			x.Facilities, x.Lifts, x.Pumps = "", 0, 0
		case 4:
			x.FilingNumber, x.FilingDate = "", 0
		}
	}
}

// managers names one manager per project; good ones look after two small ones.
func (p *Plan) managers(r *rand.Rand, n *namer) {
	last := map[int]Manager{}
	for i := range p.Projects {
		x := &p.Projects[i]
		e := &p.Enterprises[x.Owner]
		if r.IntN(100) >= e.Quality+40 { // nobody named yet
			continue
		}
		m, known := last[x.Owner]
		if !known || r.IntN(3) > 0 {
			m = Manager{Name: n.person(), IDNumber: idNumber(r, len(p.Managers)), Phone: phone(r)}
		}
		m.Project, m.From = i, p.Start.AddDays(-30-r.IntN(600))
		last[x.Owner] = m
		p.Managers = append(p.Managers, m)
	}
}

// idNumber is a valid number of somebody born before 1920: nobody who lives.
func idNumber(r *rand.Rand, i int) string {
	born := day.Of(1901, 1, 1).AddDays(i%6000 + r.IntN(3)).String()
	body := "2301" + fmt.Sprintf("%02d", 2+i/6000%10) + born[:4] + born[5:7] + born[8:] + fmt.Sprintf("%03d", i%999)
	weights := []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for k, w := range weights {
		sum += w * int(body[k]-'0')
	}
	return body + string("10X98765432"[sum%11])
}
