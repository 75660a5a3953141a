package campaign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"juli/internal/fault"
)

// The file was drawn by a program of another language, written from the words at
// Pool alone: an outsider comes to the same result.
func TestAnOutsiderDrawsTheSame(t *testing.T) {
	text, err := os.ReadFile("testdata/draw.json")
	if err != nil {
		t.Fatal(err)
	}
	f, err := VerifyDraw(text)
	if err != nil || len(f.Result) != 9 {
		t.Fatalf("%d drawn: %v", len(f.Result), err)
	}
	for what, change := range map[string]func(*DrawFile){
		"another inspector": func(f *DrawFile) { slices.Reverse(f.Result[0].Inspectors) },
		"another project":   func(f *DrawFile) { f.Result[1].Project = f.Result[0].Project },
		"another seed":      func(f *DrawFile) { f.Seed += "1" },
		"another pool":      func(f *DrawFile) { f.Pool = strings.Replace(f.Pool, `"weight":20000`, `"weight":10000`, 1) },
		"a pool with its digest": func(f *DrawFile) {
			f.Pool = strings.Replace(f.Pool, `"avoid":["E1"]`, `"avoid":[]`, 1)
			f.Digest = DigestOf([]byte(f.Pool))
		},
	} {
		var g DrawFile
		if err := json.Unmarshal(text, &g); err != nil {
			t.Fatal(err)
		}
		change(&g)
		forged, err := json.Marshal(g)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := VerifyDraw(forged); !fault.Is(err, "campaign.draw-broken") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// pool is n projects over three districts; the last of each is four times as
// heavy as the others.
func pool(n, sample int) Pool {
	p := Pool{Format: DrawFormat, Campaign: "1", Sample: sample, Each: 2}
	for i := range n {
		d := fmt.Sprint(230102 + i*3/n)
		x := PoolProject{fmt.Sprintf("%s001001%04d", d, i), d + "001001", d, fmt.Sprint("E", i%7), "A", 10_000}
		if i%10 == 9 {
			x.Weight = 40_000
		}
		p.Projects = append(p.Projects, x)
	}
	for i := range 12 {
		who := PoolInspector{fmt.Sprintf("I%02d", i), "district_bureau@" + fmt.Sprint(230102+i%3), fmt.Sprint(230102 + i%3), []string{}}
		if i < 2 {
			who.Area = "2301"
		}
		if i%4 == 0 {
			who.Avoid = []string{fmt.Sprint("E", i/4)}
		}
		p.Inspectors = append(p.Inspectors, who)
	}
	return p
}

func TestADrawKeepsItsPromises(t *testing.T) {
	p := pool(300, 60)
	text := p.Text()
	heavy, seen := 0, map[string]int{}
	for seed := range 40 {
		drawn, err := Draw(text, fmt.Sprint("seed ", seed))
		if err != nil {
			t.Fatal(err)
		}
		again, err := Draw(text, fmt.Sprint("seed ", seed))
		if err != nil || !bytes.Equal(ResultText(drawn), ResultText(again)) {
			t.Fatal("the same seed draws otherwise")
		}
		district, load, before := map[string]int{}, map[string]int{}, ""
		for _, one := range drawn {
			if one.Project <= before {
				t.Fatalf("%s after %s", one.Project, before)
			}
			before = one.Project
			seen[one.Project]++
			i := slices.IndexFunc(p.Projects, func(x PoolProject) bool { return x.Code == one.Project })
			x := p.Projects[i]
			district[x.District]++
			if x.Weight > 10_000 {
				heavy++
			}
			if len(one.Inspectors) != 2 || one.Inspectors[0] == one.Inspectors[1] {
				t.Fatalf("%s is inspected by %v", one.Project, one.Inspectors)
			}
			for _, id := range one.Inspectors {
				who := p.Inspectors[slices.IndexFunc(p.Inspectors, func(i PoolInspector) bool { return i.ID == id })]
				load[id]++
				if !strings.HasPrefix(x.Division, who.Area) || slices.Contains(who.Avoid, x.Enterprise) {
					t.Fatalf("%s of %s is sent to %s of %s", id, who.Area, x.Code, x.Enterprise)
				}
			}
		}
		if len(drawn) != 60 || district["230102"] != 20 || district["230103"] != 20 || district["230104"] != 20 {
			t.Fatalf("%d drawn, by district %v", len(drawn), district)
		}
		for id, n := range load {
			if n > 20 {
				t.Errorf("%s has %d of 120 visits", id, n)
			}
		}
	}
	// 30 of 300 are four times as heavy: a fifth of each draw would be theirs by
	// number, about half by weight for the first ones drawn.
	if share := float64(heavy) / (40 * 60); share < .22 || share > .45 {
		t.Errorf("%.2f of the drawn are heavy", share)
	}
	if len(seen) < 295 {
		t.Errorf("only %d of 300 projects were ever drawn", len(seen))
	}
}

func TestASubstituteWasNotThereBefore(t *testing.T) {
	p := pool(60, 60)
	text := p.Text()
	drawn, err := Draw(text, "s")
	if err != nil {
		t.Fatal(err)
	}
	one := drawn[7]
	not := slices.Clone(one.Inspectors)
	for range 2 {
		who, err := Substitute(text, "s", drawn, one.Project, not)
		if err != nil || slices.Contains(not, who) {
			t.Fatalf("%s goes instead of %v: %v", who, not, err)
		}
		not = append(not, who)
	}
	for len(not) < 12 {
		who, err := Substitute(text, "s", drawn, one.Project, not)
		if fault.Is(err, "campaign.few-inspectors") {
			return
		}
		if not = append(not, who); err != nil {
			t.Fatal(err)
		}
	}
	t.Error("people of other districts are sent")
}

func TestAPoolThatIsNotInOrderIsRefused(t *testing.T) {
	for what, change := range map[string]func(*Pool){
		"no projects in order":  func(p *Pool) { p.Projects[0], p.Projects[1] = p.Projects[1], p.Projects[0] },
		"a project twice":       func(p *Pool) { p.Projects[1] = p.Projects[0] },
		"no inspectors' order":  func(p *Pool) { slices.Reverse(p.Inspectors) },
		"a weight of nothing":   func(p *Pool) { p.Projects[3].Weight = 0 },
		"nothing to be drawn":   func(p *Pool) { p.Sample = 0 },
		"another format":        func(p *Pool) { p.Format = "x" },
		"a project of nowhere":  func(p *Pool) { p.Projects[3].District = "" },
		"too many for one site": func(p *Pool) { p.Each = 9 },
	} {
		p := pool(30, 10)
		change(&p)
		if _, err := Draw(p.Text(), "s"); !fault.Is(err, "campaign.pool") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if drawn, err := Draw(pool(30, 500).Text(), "s"); err != nil || len(drawn) != 30 {
		t.Errorf("a sample beyond the pool draws %d: %v", len(drawn), err)
	}
	p := pool(30, 30)
	p.Inspectors = p.Inspectors[:1]
	if _, err := Draw(p.Text(), "s"); !fault.Is(err, "campaign.few-inspectors") {
		t.Errorf("one inspector for two: %v", err)
	}
}
