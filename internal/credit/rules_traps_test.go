package credit

import (
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
	"juli/rulebooks"
)

func shipped(t testing.TB, name string) *Book {
	t.Helper()
	text, err := fs.ReadFile(rulebooks.Files, "credit/"+name+".yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// one evaluates one bundle and keeps the result.
func one(t testing.TB, b *Book, opt Options, bundle Bundle) Result {
	t.Helper()
	out, err := b.Evaluate(Input{Options: opt, Bundles: []Bundle{bundle}})
	if err != nil || len(out) != 1 {
		t.Fatalf("Evaluate = %d results, %v", len(out), err)
	}
	return out[0]
}

func on(s string) day.Date { return day.MustParse(s) }

// at is a record of an item that took effect on one day.
func at(b *Book, id db.ID, item string, s Subject, date string) Record {
	d := on(date)
	return Record{ID: id, Item: b.ItemNo(item), Subject: s, Event: d, Decision: d, Identified: d, Effective: d, Reasoned: true}
}

func firm() Unit {
	return Unit{ID: 1, Registered: true, Working: true, Since: on("2010-01-01"), Division: "230103"}
}

var theFirm = Subject{Enterprise, 1}

// example finds and runs one worked example of a shipped rulebook.
func example(t *testing.T, book, id string) {
	t.Helper()
	b := shipped(t, book)
	for _, r := range RunExamples(b) {
		if r.ID == id {
			if !r.OK {
				t.Errorf("%s %s: want %s, got %s\n%s", book, id, r.Expected, r.Got, strings.Join(r.Trace, "\n"))
			}
			return
		}
	}
	t.Errorf("%s has no example %s", book, id)
}

// The worked examples of domain/credit.md §6 stand in the rulebooks under the
// names of the domain; none may get lost.
func TestWorkedExamplesStandInTheRulebooks(t *testing.T) {
	for book, ids := range map[string][]string{
		"qiqihar": {"QQ-1", "QQ-2", "QQ-3"}, "yantai": {"YT-1", "YT-2", "YT-3", "SD-4", "YT-5"}, "shandong": {"YT-3", "SD-4", "SD-6"},
	} {
		for _, id := range ids {
			example(t, book, id)
		}
	}
}

// Traps 1 to 5 of domain/credit.md §5 are examples of the rulebooks: bounds
// included, the hole at 119.5, cap first, weighted mean, below 60 without bad
// information.
func TestTraps1To5(t *testing.T) {
	example(t, "yantai", "YT-2")
	example(t, "yantai", "YT-84")
	example(t, "zhongshan", "ZS-119h")
	example(t, "yantai", "YT-1")
	example(t, "qiqihar", "QQ-1")
	example(t, "shandong", "SD-4")
	example(t, "yantai", "SD-4")
}

// Trap 6: the last day counts or not, as the book says; a record may expire
// between the cut-off and publication without moving the published result.
func TestTrap6LastDay(t *testing.T) {
	for _, tt := range []struct {
		lastDay, asOf string
		want          money.Points
	}{
		{"counts", "2021-06-30", 90 * money.Point},
		{"counts", "2021-07-01", 100 * money.Point},
		{"excluded", "2021-06-29", 90 * money.Point},
		{"excluded", "2021-06-30", 100 * money.Point},
	} {
		b := parsed(t, "cycle: {unit: year, record_date: identified, accrual: rolling, last_day: "+tt.lastDay+"}")
		r := one(t, b, Options{AsOf: on(tt.asOf)}, Bundle{Unit: firm(), Records: []Record{at(b, 9, "N", theFirm, "2020-06-30")}})
		if r.Enterprise.Score != tt.want {
			t.Errorf("last day %s, as of %s: %s, want %s", tt.lastDay, tt.asOf, r.Enterprise.Score, tt.want)
		}
	}
	// 29 February: a term of a year ends on 28 February (民法典 art. 202).
	b := parsed(t, "")
	r := one(t, b, Options{AsOf: on("2021-02-28")}, Bundle{Unit: firm(), Records: []Record{at(b, 9, "N", theFirm, "2020-02-29")}})
	if r.Enterprise.Score != 90*money.Point || r.Enterprise.NextChange != on("2021-03-01") {
		t.Errorf("leap day: %s, next change %s", r.Enterprise.Score, r.Enterprise.NextChange)
	}
}

// Trap 7: points follow whoever was in charge on the day (银川 YC-M06), not who is now.
func TestTrap7ManagerChanges(t *testing.T) {
	b := parsed(t, "derive: [{from: project, to: manager, classes: [bad]}]")
	project := Subject{Project, 2}
	bundle := Bundle{
		Unit:     firm(),
		Projects: []ProjectFact{{ID: 2, Kind: "residential", Held: []Span{{From: on("2019-01-01")}}}},
		Persons: []Person{
			{ID: 3, Kind: Manager, Terms: []Term{{2, Span{on("2019-01-01"), on("2021-03-31")}}}},
			{ID: 4, Kind: Manager, Terms: []Term{{2, Span{on("2021-04-01"), 0}}}},
		},
		Records: []Record{at(b, 9, "P", project, "2021-03-31"), at(b, 10, "P", project, "2021-04-01"), at(b, 11, "P", project, "2021-05-01")},
	}
	r := one(t, b, Options{AsOf: on("2021-06-30")}, bundle)
	if got := [2]string{r.Persons[0].Score.String(), r.Persons[1].Score.String()}; got != [2]string{"97", "94"} {
		t.Errorf("old and new manager = %v, want 97 and 94", got)
	}
	if l := r.Persons[1].Lines[1]; l.Kind != DerivedLine || l.From != project || l.Record != 10 {
		t.Errorf("line = %+v, want record 10 from the project", l)
	}
}

// Trap 8: in real time a grade rises overnight when a record falls off; the
// result names the day, so that a journal can be kept.
func TestTrap8NextChange(t *testing.T) {
	b := shipped(t, "yantai")
	basic, bad := at(b, 8, "YT-BASIC", theFirm, "2022-08-01"), at(b, 9, "YT-BAD", theFirm, "2022-08-01")
	basic.Points, bad.Points = 80*money.Point, 5*money.Point
	bundle := Bundle{Unit: firm(), Records: []Record{basic, bad}}
	before := one(t, b, Options{AsOf: on("2023-08-01")}, bundle)
	after := one(t, b, Options{AsOf: before.Enterprise.NextChange}, bundle)
	if before.Enterprise.Grade != "A" || before.Enterprise.NextChange != on("2023-08-02") || after.Enterprise.Grade != "AA" {
		t.Errorf("%s until %s, then %s; want A until 2023-08-02, then AA", before.Enterprise.Grade, before.Enterprise.NextChange, after.Enterprise.Grade)
	}
	if after.Enterprise.NextChange != 0 {
		t.Errorf("nothing more to come, got %s", after.Enterprise.NextChange)
	}
}

// Trap 9: a district that hasn't reported blocks; it never counts as zero.
func TestTrap9LateDistrict(t *testing.T) {
	b := shipped(t, "qiqihar")
	score := Facts{"project_score": int64(90 * money.Point)}
	bundle := Bundle{Unit: firm(), Projects: []ProjectFact{
		{ID: 2, Kind: "residential", Area: 100, District: "230202", Held: []Span{{From: on("2019-01-01")}}, Facts: score},
		{ID: 3, Kind: "residential", Area: 100, District: "230203", Held: []Span{{From: on("2019-01-01")}}, Facts: score},
	}}
	r := one(t, b, Options{AsOf: on("2021-06-30"), Reporting: map[code.Division]bool{"230202": true}}, bundle)
	if o := r.Enterprise; o.Scored || o.Status != "awaiting" || !o.Incomplete || o.Score != 0 {
		t.Errorf("enterprise = %+v, want awaiting", o)
	}
	if r.Projects[0].Status != "" || r.Projects[1].Status != "awaiting" {
		t.Errorf("projects = %s, %s", r.Projects[0].Status, r.Projects[1].Status)
	}
	all := one(t, b, Options{AsOf: on("2021-06-30"), Reporting: map[code.Division]bool{"230202": true, "230203": true}}, bundle)
	if !all.Enterprise.Scored || all.Enterprise.Score != 90*money.Point {
		t.Errorf("complete: %+v", all.Enterprise)
	}
}

// Trap 10: a vetoed firm keeps its score, and lifting the veto restores the grade.
func TestTrap10VetoLifted(t *testing.T) {
	b := shipped(t, "harbin-2021")
	veto := at(b, 9, "HRB-V02", theFirm, "2021-05-01")
	bundle := Bundle{Unit: firm(), Projects: []ProjectFact{{ID: 2, Kind: "residential", Area: 100, Held: []Span{{From: on("2019-01-01")}}}}, Records: []Record{veto}}
	vetoed := one(t, b, Options{AsOf: on("2021-09-30")}, bundle)
	bundle.Records[0].Annulled = on("2021-09-01")
	lifted := one(t, b, Options{AsOf: on("2021-09-30")}, bundle)
	if v, l := vetoed.Enterprise, lifted.Enterprise; v.Grade != "C" || v.ByScore != "AAA" || l.Grade != "AAA" || v.Score != l.Score || len(v.Restraints) != 1 || v.Restraints[0].Record != 9 {
		t.Errorf("vetoed %s (%s) %s, lifted %s %s", v.Grade, v.ByScore, v.Score, l.Grade, l.Score)
	}
	// "at least one year": it holds past the year until repaired.
	bundle.Records[0].Annulled = 0
	if r := one(t, b, Options{AsOf: on("2023-09-30")}, bundle); r.Enterprise.Grade != "C" {
		t.Errorf("two years on, unrepaired: %s", r.Enterprise.Grade)
	}
	bundle.Records[0].Repaired = on("2021-08-01")
	for asOf, want := range map[string]string{"2021-09-30": "C", "2022-05-01": "C", "2022-05-02": "AAA"} {
		if r := one(t, b, Options{AsOf: on(asOf)}, bundle); r.Enterprise.Grade != want {
			t.Errorf("repaired early, as of %s: %s, want %s", asOf, r.Enterprise.Grade, want)
		}
	}
}

// PC-06: periods, cut-offs and publication days.
func TestPC06Periods(t *testing.T) {
	for _, tt := range []struct{ book, on, want string }{
		{"qiqihar", "2021-06-30", "2021-H1 2021-01-01 2021-06-30 2021-06-30 2021-07-15"},
		{"qiqihar", "2021-07-01", "2021-H2 2021-07-01 2021-12-31 2021-12-31 2022-01-15"},
		{"shandong", "2022-03-31", "2022-Q1 2022-01-01 2022-03-31 2022-04-12 "},
		{"shandong", "2022-05-01", "2022-Q2 2022-04-01 2022-06-30 2022-07-06 "},
		{"shangqiu", "2022-05-01", "2022 2022-01-01 2022-12-31 2022-12-31 "},
		{"taizhou", "2024-02-29", "2024-02 2024-02-01 2024-02-29 2024-02-29 "},
		{"yantai", "2024-02-29", "2024-02-29 2024-02-29 2024-02-29 2024-02-29 2024-02-29"},
	} {
		p := shipped(t, tt.book).PublicationPeriod(on(tt.on))
		got := fmt.Sprintf("%s %s %s %s %s", p.Name, p.From, p.To, p.Cutoff, p.Publish)
		if got != tt.want {
			t.Errorf("%s on %s = %q, want %q", tt.book, tt.on, got, tt.want)
		}
	}
	// What is identified between the period's end and its cut-off belongs to the next period.
	r := parsed(t, "cycle: {unit: year, record_date: identified, accrual: reset, cutoff_after: 10}")
	bundle := Bundle{Unit: firm(), Records: []Record{at(r, 9, "N", theFirm, "2021-12-31"), at(r, 10, "N", theFirm, "2022-01-05")}}
	if o := r.ForPeriod(r.Period(on("2021-12-31")), Options{}).Evaluate(&bundle); o.AsOf != on("2022-01-10") || o.Enterprise.Score != 90*money.Point {
		t.Errorf("as of %s: %s, want 90", o.AsOf, o.Enterprise.Score)
	}
	b := shipped(t, "qiqihar")
	if next := b.NextPeriod(b.Period(on("2021-12-31"))); next.Name != "2022-H1" {
		t.Errorf("next = %s", next.Name)
	}
}

// PC-11: two versions of one measure, and each day has one.
func TestPC11Versions(t *testing.T) {
	old, now := shipped(t, "harbin-2020"), shipped(t, "harbin-2021")
	for d, want := range map[string][2]bool{"2019-12-31": {}, "2020-01-01": {true}, "2021-04-14": {true, false}, "2021-04-15": {false, true}, "2026-04-14": {false, true}, "2026-04-15": {}} {
		if got := [2]bool{old.InForceOn(on(d)), now.InForceOn(on(d))}; got != want {
			t.Errorf("in force on %s = %v, want %v", d, got, want)
		}
	}
	if old.Successor != now.Name() || old.Digest == now.Digest || len(old.Digest) != 64 {
		t.Errorf("successor %q, digests %q %q", old.Successor, old.Digest, now.Digest)
	}
	if old.Banner != "演示口径，非正式评分标准" || now.Banner != old.Banner {
		t.Errorf("banner = %q, %q", old.Banner, now.Banner)
	}
}

// PC-02: where the records of branches go.
func TestPC02Branches(t *testing.T) {
	b := shipped(t, "zhejiang")
	for form, want := range map[Form]Attribution{Independent: OwnUnit, LocalBranch: ToHead, OutsideBranch: AtPlace} {
		if got := b.Attribute(form); got != want {
			t.Errorf("Attribute(%s) = %s, want %s", form.Key(), got.Key(), want.Key())
		}
	}
}

// PC-25: the system proposes what it finds, once, and it doesn't count before
// an official identified it.
func TestPC25Findings(t *testing.T) {
	b := shipped(t, "harbin-2021")
	bundle := Bundle{Unit: firm(), Projects: []ProjectFact{
		{ID: 2, Kind: "residential", Area: 100, Held: []Span{{From: on("2019-01-01")}}, Facts: Facts{"contract_overdue_days": 3, "managers_named": 2, "satisfaction": int64(80 * money.Point), "sample_ok": 1}},
		{ID: 3, Kind: "residential", Area: 100, Held: []Span{{From: on("2019-01-01")}}, Facts: Facts{"contract_overdue_days": 0, "managers_named": 1, "satisfaction": int64(80*money.Point) - 1, "sample_ok": 1}},
	}}
	found := func() (codes []string) {
		for _, f := range b.NewEvaluator(Options{AsOf: on("2021-09-30")}).Findings(&bundle) {
			codes = append(codes, fmt.Sprintf("%s/%d", b.Item(f.Item).Code, f.Subject.ID))
		}
		return codes
	}
	if got, want := found(), []string{"HRB-B02/2", "HRB-B03/2", "HRB-G10/2"}; !slices.Equal(got, want) {
		t.Errorf("Findings = %v, want %v", got, want)
	}
	bundle.Records = []Record{at(b, 9, "HRB-B02", Subject{Project, 2}, "2021-09-01")}
	if got, want := found(), []string{"HRB-B03/2", "HRB-G10/2"}; !slices.Equal(got, want) {
		t.Errorf("Findings beside a standing record = %v, want %v", got, want)
	}
}

// PC-43: the ladder of measures on accumulated demerits (Beijing 6/9/12).
func TestPC43Ladder(t *testing.T) {
	b := parsed(t, `
subjects: {enterprise: {base: 0}, project: {base: 0}}
ladders: [{subject: enterprise, classes: [bad], steps: [{at: 6, title: 书面警告}, {at: 9, title: 约谈, months: 12}, {at: 12, title: 重新核查, months: 12}]}]
items: [{code: D, class: bad, subject: enterprise, title: 扣分, discretion: {min: 0, max: 20}}, {code: G, class: good, subject: enterprise, title: 加分, points: 5}]`)
	for points, want := range map[string]int{"5.9999": 0, "6": 1, "9": 2, "11.5": 2, "12": 3} {
		r := at(b, 9, "D", theFirm, "2021-06-01")
		r.Points, _ = money.ParsePoints(points)
		got := one(t, b, Options{AsOf: on("2021-06-30")}, Bundle{Unit: firm(), Records: []Record{r, at(b, 10, "G", theFirm, "2021-06-01")}})
		if len(got.Enterprise.Measures) != want {
			t.Errorf("%s demerits: %v, want %d measures", points, got.Enterprise.Measures, want)
		}
	}
}

// PC-38: grades by rank, with ties, rounding and a minimum score.
func TestPC38RankGrades(t *testing.T) {
	rank := func(t *testing.T, extra string, scores ...string) string {
		t.Helper()
		b := parsed(t, `
subjects: {enterprise: {base: 0, rank_grades: {`+extra+`bands: [{code: A, percent: 20, min_score: 80}, {code: B, percent: 60}, {code: C, percent: 100}]}}, project: {base: 0}}
items: [{code: S, class: good, subject: enterprise, title: 得分, discretion: {min: 0, max: 200}}]`)
		in := Input{Options: Options{AsOf: on("2021-06-30")}}
		for i, s := range scores {
			u := firm()
			u.ID = db.ID(100 + i)
			r := at(b, db.ID(i+1), "S", Subject{Enterprise, u.ID}, "2021-06-01")
			r.Points, _ = money.ParsePoints(s)
			in.Bundles = append(in.Bundles, Bundle{Unit: u, Records: []Record{r}})
		}
		out, err := b.Evaluate(in)
		if err != nil {
			t.Fatal(err)
		}
		grades := ""
		for _, r := range out {
			grades += r.Enterprise.Grade
		}
		return grades
	}
	for _, tt := range []struct {
		name, extra string
		scores      []string
		want        string
	}{
		{"PC-38 places in any order", "", []string{"70", "95", "60", "85", "90"}, "CACBB"},
		{"PC-38 the best lacks the minimum", "", []string{"79", "70", "60", "50", "40"}, "BBBCC"},
		{"PC-38 a tie takes the better place", "", []string{"90", "90", "60", "50", "40"}, "AABCC"},
		{"PC-38 a tie takes the worse place", "tie: worse, ", []string{"90", "90", "60", "50", "40"}, "BBBCC"},
		{"PC-38 n·p rounded half up: 1.2 places are one", "", []string{"95", "94", "93", "92", "91", "90"}, "ABBBCC"},
		{"PC-38 n·p rounded up: two", "rounding: up, ", []string{"95", "94", "93", "92", "91", "90"}, "AABBCC"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := rank(t, tt.extra, tt.scores...); got != tt.want {
				t.Errorf("grades = %s, want %s", got, tt.want)
			}
		})
	}
}

// PC-45: who takes which step, by class, level and item.
func TestPC45Procedures(t *testing.T) {
	b := shipped(t, "harbin-2021")
	path := func(item string) string {
		p, ok := b.ProcedureOf(b.ItemNo(item), 0)
		if !ok {
			return "none"
		}
		var steps []string
		for _, s := range p.Steps {
			steps = append(steps, s.Step+":"+strings.Join(s.Roles, "+")+":"+s.Term.String())
		}
		return strings.Join(steps, " ")
	}
	for item, want := range map[string]string{
		"HRB-G03": "propose:enterprise:0d check:district_bureau:0d identify:city_bureau:5wd notice:system:0d effective:system:0d",
		"HRB-N04": "propose:district_bureau:0d identify:district_bureau:5wd notice:system:0d objection:enterprise:10wd decide:district_bureau+city_bureau:15wd effective:system:0d",
		"HRB-B04": "propose:community:0d identify:subdistrict:5wd notice:system:0d objection:enterprise:10wd decide:district_bureau+city_bureau:15wd effective:system:0d",
	} {
		if got := path(item); got != want {
			t.Errorf("%s\n got %s\nwant %s", item, got, want)
		}
	}
	for i := range b.Items {
		if _, ok := b.ProcedureOf(ItemNo(i), 0); !ok {
			t.Errorf("%s has no procedure", b.Items[i].Code)
		}
	}
	levels := parsed(t, `
items: [{code: H, class: good, subject: enterprise, title: 荣誉, levels: [{code: city, title: 市, points: 4}, {code: county, title: 县, points: 2}]}]
procedures:
  - {code: high, title: 市级, classes: [good], levels: [city], steps: [{step: identify, roles: [city]}]}
  - {code: low, title: 县级, classes: [good], steps: [{step: identify, roles: [district]}]}`)
	for level, want := range map[string]string{"city": "high", "county": "low"} {
		if p, _ := levels.ProcedureOf(0, levels.Item(0).LevelNo(level)); p.Code != want {
			t.Errorf("level %s: %s, want %s", level, p.Code, want)
		}
	}
}

// PC-46, PC-47: the notice slip's terms, and when an objection is heard.
func TestPC46And47NoticeAndObjection(t *testing.T) {
	b := shipped(t, "harbin-2021")
	if n := b.Notice; n.Copies != 3 || n.Rectify.String() != "15d" || n.Objection.String() != "10wd" || len(n.To) != 3 {
		t.Errorf("notice = %+v", n)
	}
	cal, told := day.DefaultCalendar(), on("2021-06-01")
	for _, tt := range []struct {
		name, ground, on string
		before           int
		rule             string
	}{
		{"in time", "wrong_facts", "2021-06-16", 0, ""}, // 端午节 on 14 June isn't worked
		{"a day late", "wrong_law", "2021-06-17", 0, "credit.objection-late"},
		{"a second time", "wrong_law", "2021-06-10", 1, "credit.objection-again"},
		{"for another reason", "unfair", "2021-06-10", 0, "credit.objection-ground"},
	} {
		if v := b.MayObject(cal, tt.ground, tt.before, told, on(tt.on)); v.Rule != tt.rule || v.OK != (tt.rule == "") {
			t.Errorf("%s: %+v, want rule %q", tt.name, v, tt.rule)
		}
	}
}

// PC-48: preconditions of repair.
func TestPC48Repair(t *testing.T) {
	b := shipped(t, "harbin-2021")
	r := at(b, 9, "HRB-N01", theFirm, "2021-05-01")
	mended := r
	mended.Rectified = on("2021-05-10")
	relapse := at(b, 10, "HRB-N01", theFirm, "2021-06-01")
	lie := at(b, 11, "HRB-N15", theFirm, "2021-05-01")
	lie.Rectified = on("2021-05-10")
	for _, tt := range []struct {
		name   string
		r      Record
		others []Record
		on     string
		rule   string
	}{
		{"all fulfilled", mended, nil, "2021-08-01", ""},
		{"not rectified", r, nil, "2021-08-01", "credit.repair-rectify"},
		{"too early", mended, nil, "2021-07-31", "credit.repair-age"},
		{"relapsed", mended, []Record{relapse}, "2021-08-01", "credit.repair-relapse"},
		{"the item excludes it", lie, nil, "2022-08-01", "credit.repair-item"},
	} {
		if v := b.MayRepair(tt.r, tt.others, on(tt.on)); v.Rule != tt.rule {
			t.Errorf("%s: %+v, want rule %q", tt.name, v, tt.rule)
		}
	}
	if v := shipped(t, "qiqihar").MayRepair(mended, nil, on("2021-08-01")); v.Rule != "credit.repair-none" {
		t.Errorf("a measure without repair: %+v", v)
	}
}

// PC-49, PC-50: which published periods an annulment moves, where late records go.
func TestPC49And50ReversalAndFreeze(t *testing.T) {
	b := shipped(t, "harbin-2021")
	periods := []Period{b.Period(on("2021-06-30")), b.Period(on("2021-09-30")), b.Period(on("2021-12-31"))}
	r := at(b, 9, "HRB-N01", theFirm, "2021-08-01")
	r.Annulled, r.Evidence = on("2021-10-20"), b.EvidenceNo("HLJ-N1")
	got := b.Affected(r, periods)
	if len(got) != 2 || got[0].Name != "2021-Q3" {
		t.Errorf("Affected = %v", got)
	}
	if to := b.LateGoes(periods[0], on("2021-07-01")); to != "next_period" {
		t.Errorf("late record goes %q", to)
	}
	if to := b.LateGoes(periods[0], on("2021-06-30")); to != "" {
		t.Errorf("record in time goes %q", to)
	}
	bundle := Bundle{Unit: firm(), Projects: []ProjectFact{{ID: 2, Kind: "residential", Area: 100, Held: []Span{{From: on("2019-01-01")}}}}, Records: []Record{r}}
	frozen := one(t, b, Options{AsOf: on("2021-09-30"), Known: on("2021-09-30")}, bundle)
	rerun := one(t, b, Options{AsOf: on("2021-09-30")}, bundle)
	if frozen.Enterprise.Score != 95*money.Point || rerun.Enterprise.Score != 100*money.Point {
		t.Errorf("as known then %s, run again %s", frozen.Enterprise.Score, rerun.Enterprise.Score)
	}
}

// PC-51: every line names its record and its place in the rulebook.
func TestPC51Explain(t *testing.T) {
	b := shipped(t, "harbin-2021")
	r := one(t, b, Options{AsOf: on("2021-09-30")}, Bundle{
		Unit:     firm(),
		Projects: []ProjectFact{{ID: 2, Kind: "residential", Area: 100, Held: []Span{{From: on("2019-01-01")}}}},
		Records: []Record{
			at(b, 9, "HRB-N09", Subject{Project, 2}, "2021-08-01"), at(b, 10, "HRB-N09", Subject{Project, 2}, "2020-08-01"),
			at(b, 11, "HRB-G06", theFirm, "2021-08-01"),
			{ID: 12, Item: NoItem, Subject: theFirm, Effective: on("2021-01-01")},
		},
	})
	var lines []string
	for _, o := range []*Outcome{&r.Projects[0], &r.Enterprise} {
		for i := range o.Lines {
			l := &o.Lines[i]
			lines = append(lines, fmt.Sprintf("%s %s %s %d %s", l.Points, l.Kind.Key(), l.Reason.Key(), l.Record, l.Path))
		}
	}
	want := []string{
		"100 base counted 0 subjects.project.base", "0 record expired 10 items[HRB-N09]", "-5 record counted 9 items[HRB-N09]",
		"95 projects counted 0 compose", "4 record counted 11 items[HRB-G06]", "0 record unknown_item 12 ",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("lines =\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if r.Book != b.Digest {
		t.Errorf("result names book %q", r.Book)
	}
}

// PC-53: leaving a list by term, repair or the next rating.
func TestPC53ListExit(t *testing.T) {
	b := shipped(t, "harbin-2021")
	bundle := Bundle{Unit: firm(), Projects: []ProjectFact{{ID: 2, Kind: "residential", Area: 100, Held: []Span{{From: on("2019-01-01")}}}}}
	signal := func(asOf string, l Listing, records ...Record) string {
		bundle.Listed, bundle.Records = []Listing{l}, records
		for _, s := range one(t, b, Options{AsOf: on(asOf)}, bundle).Enterprise.Signals {
			if s.List == l.List {
				return fmt.Sprint(s.Leave, " ", s.Why)
			}
		}
		return "stays"
	}
	listed := Listing{Subject: theFirm, List: "black", Since: on("2021-06-01")}
	repaired := listed
	repaired.Repair = on("2021-09-01")
	veto := at(b, 9, "HRB-V02", theFirm, "2021-05-01")
	for _, tt := range []struct{ name, got, want string }{
		{"still fulfils the entry", signal("2021-09-30", listed, veto), "stays"},
		{"repaired", signal("2021-09-30", repaired, veto), "true 信用修复"},
		{"no longer", signal("2021-09-30", listed), "true 本期评价不再符合列入条件"},
		{"term over", signal("2022-06-02", listed), "true 列入期限届满"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, tt.got, tt.want)
		}
	}
}

// PC-54, PC-55: uses by grade and list; a sanction without legal basis and
// national entry is advice only.
func TestPC54And55Uses(t *testing.T) {
	b := shipped(t, "harbin-2021")
	veto := at(b, 9, "HRB-V02", theFirm, "2021-05-01")
	r := one(t, b, Options{AsOf: on("2021-09-30")}, Bundle{
		Unit: firm(), Projects: []ProjectFact{{ID: 2, Kind: "residential", Area: 100, Held: []Span{{From: on("2019-01-01")}}}},
		Records: []Record{veto}, Listed: []Listing{{Subject: theFirm, List: "black", Since: on("2021-06-01")}},
	})
	var got []string
	for _, u := range r.Enterprise.Uses {
		got = append(got, fmt.Sprint(u.Code, " ", u.Advice))
	}
	want := []string{"inspect_more false", "interview true", "tender_bar true", "replace false"}
	if !slices.Equal(got, want) {
		t.Errorf("uses = %v, want %v", got, want)
	}
	national := parsed(t, `uses: [{code: bar, title: 限制, action: tender, grades: [A], sanction: true, basis: 某条例第一条, national: 全国清单第一项}]`)
	if national.Uses[0].Advice {
		t.Error("a sanction with basis and national entry is advice")
	}
}

// Every PC construct of the domain has a test that names it.
func TestEveryConstructIsTested(t *testing.T) {
	var all strings.Builder
	for _, name := range []string{"rules_constructs_test.go", "rules_traps_test.go"} {
		text, err := fs.ReadFile(testFiles, name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for n := 1; n <= 55; n++ {
		if !strings.Contains(all.String(), fmt.Sprintf("PC-%02d", n)) {
			t.Errorf("PC-%02d has no test", n)
		}
	}
}

// The reused buffers of an evaluator never leak from one bundle into the next.
func TestEvaluatorForgets(t *testing.T) {
	b := shipped(t, "harbin-2021")
	full := Bundle{
		Unit: firm(), Projects: []ProjectFact{{ID: 2, Kind: "residential", Area: 100, Held: []Span{{From: on("2019-01-01")}}}},
		Persons: []Person{{ID: 3, Kind: Manager, Terms: []Term{{2, Span{on("2019-01-01"), 0}}}}},
		Records: []Record{at(b, 9, "HRB-V01", theFirm, "2021-05-01"), at(b, 10, "HRB-N14", Subject{Project, 2}, "2021-05-01")},
	}
	empty := Bundle{Unit: firm()}
	empty.Unit.ID = 7
	e := b.NewEvaluator(Options{AsOf: on("2021-09-30")})
	want := one(t, b, Options{AsOf: on("2021-09-30")}, empty)
	e.Evaluate(&full)
	got := e.Evaluate(&empty).Clone()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("after another bundle = %+v\nwant %+v", got, want)
	}
}
