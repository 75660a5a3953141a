package campaign

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"juli/internal/fault"
)

// DrawFormat names the way of drawing that this file describes.
const DrawFormat = "juli-draw-1"

// A Pool is what is drawn from, frozen before the seed is known. Its JSON text is
// what the digest is of; lists are in the order of their codes.
//
// The draw, so that anybody can repeat it:
//
//	block(label, i) = SHA-256(format ‖ LF ‖ digest ‖ LF ‖ seed ‖ LF ‖ label ‖ LF ‖ i),
//	    digest the lower-case hex SHA-256 of the pool's text, i in decimal from 0
//	below(label, n) = the next block's first 8 bytes, big-endian, as x; if x ≥
//	    2^64 − (2^64 mod n) the block is passed over; else x mod n
//
//	1. Each district gets its share of the sample by its number of projects: whole
//	   parts first, the rest one by one to the largest remainders (equal ones by
//	   code). An explicit sample as large as the pool takes all.
//	2. In each district, by code, its share is drawn without replacement: t =
//	   below("projects/"+district, sum of weights left); the drawn one is the
//	   first, by code, at which the running sum of weights exceeds t.
//	3. For each drawn project, by code: of the inspectors whose area holds its
//	   division and who need not avoid it, those with the fewest inspections of this
//	   draw so far stay; below("inspectors/"+project, their number) is who goes, in
//	   the pool's order. Again for each further inspector.
type Pool struct {
	Format     string          `json:"format"`
	Title      string          `json:"title"`
	Period     string          `json:"period"`
	Sample     int             `json:"sample"`
	Each       int             `json:"inspectors_each"`
	SeedRule   string          `json:"seed_rule"`
	Projects   []PoolProject   `json:"projects"`
	Inspectors []PoolInspector `json:"inspectors"`
	SeedOn     string          `json:"seed_on,omitempty"`     // the day on which the agreed number is made public
	SeedDigits int             `json:"seed_digits,omitempty"` // how many digits it has
	Salt       string          `json:"salt,omitempty"`        // so that nobody finds the pool by its digest
}

// A PoolProject may be drawn; the heavier, the likelier.
type PoolProject struct {
	Code       string `json:"code"`
	Division   string `json:"division"`
	District   string `json:"district"`
	Enterprise string `json:"enterprise"`
	Grade      string `json:"grade"`
	Weight     int64  `json:"weight"` // in ten-thousandths
}

// A PoolInspector may be drawn. ID is a number of this pool alone, given by lot, so
// that nobody is named and who is known in one campaign is not known in the next; Avoid
// lists the enterprises and projects to which the person is not sent.
type PoolInspector struct {
	ID    string   `json:"id"`
	Body  string   `json:"body"` // district_bureau@230103
	Area  string   `json:"area"` // the division in which the person works
	Avoid []string `json:"avoid"`
}

// A Drawn is one project with its inspectors, the first of whom leads.
type Drawn struct {
	Project    string   `json:"project"`
	Inspectors []string `json:"inspectors"`
}

// Text is the pool as it is frozen.
func (p Pool) Text() []byte {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // texts and numbers
	}
	return text
}

// DigestOf is the hex SHA-256 of a text.
func DigestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// dice give the numbers of one draw, each label its own row of them.
type dice struct {
	head string
	next map[string]int
}

func (d *dice) below(label string, n int64) int64 {
	limit := uint64(n)
	_, rest := bits.Div64(1, 0, max(limit, 2)) // 2^64 mod n
	if limit == 1 {
		rest = 0
	}
	for {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s%s\n%d", d.head, label, d.next[label]))
		d.next[label]++
		x := binary.BigEndian.Uint64(sum[:8])
		if rest == 0 || x < -rest {
			return int64(x % limit)
		}
	}
}

// Draw is who inspects what, by the pool's text and the seed alone.
func Draw(text []byte, seed string) ([]Drawn, error) {
	p, err := ReadPool(text)
	if err != nil {
		return nil, err
	}
	d := &dice{DrawFormat + "\n" + DigestOf(text) + "\n" + seed + "\n", map[string]int{}}
	load := map[string]int{}
	var out []Drawn
	for _, x := range p.chosen(d) {
		one := Drawn{Project: x.Code}
		for range p.Each {
			who, ok := p.inspector(d, "inspectors/"+x.Code, x, load, one.Inspectors)
			if !ok {
				return nil, fault.New(fault.Conflict, "campaign.few-inspectors", "项目 %s 没有足够的、不需要回避的检查人员。", x.Code)
			}
			load[who]++
			one.Inspectors = append(one.Inspectors, who)
		}
		out = append(out, one)
	}
	return out, nil
}

// Substitute is who goes instead of an inspector who must not or cannot: drawn
// anew among those who were not on the inspection yet.
func Substitute(text []byte, seed string, drawn []Drawn, project string, not []string) (string, error) {
	p, err := ReadPool(text)
	if err != nil {
		return "", err
	}
	d := &dice{DrawFormat + "\n" + DigestOf(text) + "\n" + seed + "\n", map[string]int{}}
	load := map[string]int{}
	for _, one := range drawn {
		for _, who := range one.Inspectors {
			load[who]++
		}
	}
	i, found := slices.BinarySearchFunc(p.Projects, project, func(x PoolProject, code string) int { return cmp.Compare(x.Code, code) })
	if !found {
		return "", fault.New(fault.Conflict, "campaign.not-in-pool", "项目不在抽取名单里。")
	}
	who, ok := p.inspector(d, fmt.Sprintf("substitute/%s/%d", project, len(not)), p.Projects[i], load, not)
	if !ok {
		return "", fault.New(fault.Conflict, "campaign.few-inspectors", "没有其他不需要回避的检查人员可以接替。")
	}
	return who, nil
}

// ReadPool reads a frozen pool and refuses one that is not in its order.
func ReadPool(text []byte) (p Pool, err error) {
	bad := func(why string) (Pool, error) {
		return Pool{}, fault.New(fault.Invalid, "campaign.pool", "抽取名单不合要求：%s。", why)
	}
	read := json.NewDecoder(bytes.NewReader(text))
	read.DisallowUnknownFields()
	if err := read.Decode(&p); err != nil {
		return bad("不是规定的格式")
	}
	switch {
	case p.Format != DrawFormat:
		return bad("格式版本不是 " + DrawFormat)
	case p.Each < 1 || p.Each > eachMax || p.Sample < 1:
		return bad("抽取数量不对")
	case !slices.IsSortedFunc(p.Projects, func(a, b PoolProject) int { return above(a.Code, b.Code) }),
		!slices.IsSortedFunc(p.Inspectors, func(a, b PoolInspector) int { return above(a.ID, b.ID) }):
		return bad("名单没有按编号排列，或有重复")
	}
	for _, x := range p.Projects {
		if x.Weight < 1 || x.Weight > int64(fullMarks) || x.District == "" {
			return bad("项目 " + x.Code + " 的权重或区县不对")
		}
	}
	return p, nil
}

// above makes equal neighbours look out of order.
func above(a, b string) int {
	if a == b {
		return -1
	}
	return cmp.Compare(a, b)
}

// chosen are the drawn projects by code.
func (p Pool) chosen(d *dice) []PoolProject {
	by := map[string][]PoolProject{}
	for _, x := range p.Projects {
		by[x.District] = append(by[x.District], x)
	}
	var out []PoolProject
	shares := p.shares(by)
	for _, district := range sorted(by) {
		left, sum := by[district], int64(0)
		for _, x := range left {
			sum += x.Weight
		}
		for range shares[district] {
			t := d.below("projects/"+district, sum)
			i := 0
			for run := left[0].Weight; run <= t; run += left[i].Weight {
				i++
			}
			out = append(out, left[i])
			sum -= left[i].Weight
			left = slices.Delete(slices.Clone(left), i, i+1)
		}
	}
	slices.SortFunc(out, func(a, b PoolProject) int { return cmp.Compare(a.Code, b.Code) })
	return out
}

// shares divides the sample over the districts, largest remainders first.
func (p Pool) shares(by map[string][]PoolProject) map[string]int {
	n, want := len(p.Projects), min(p.Sample, len(p.Projects))
	out, given := map[string]int{}, 0
	districts := sorted(by)
	for _, d := range districts {
		out[d] = want * len(by[d]) / n
		given += out[d]
	}
	slices.SortStableFunc(districts, func(a, b string) int {
		return cmp.Compare(want*len(by[b])%n, want*len(by[a])%n)
	})
	for i := 0; given < want; i++ {
		out[districts[i]]++
		given++
	}
	return out
}

// inspector draws one for a project, of those with the least to do.
func (p Pool) inspector(d *dice, label string, x PoolProject, load map[string]int, not []string) (string, bool) {
	var least []string
	for _, i := range p.Inspectors {
		if !i.goesTo(x) || slices.Contains(not, i.ID) {
			continue
		}
		if len(least) > 0 && load[i.ID] < load[least[0]] {
			least = nil
		}
		if len(least) == 0 || load[i.ID] == load[least[0]] {
			least = append(least, i.ID)
		}
	}
	if len(least) == 0 {
		return "", false
	}
	return least[d.below(label, int64(len(least)))], true
}

func (i PoolInspector) goesTo(x PoolProject) bool {
	return strings.HasPrefix(x.Division, i.Area) && !slices.Contains(i.Avoid, x.Code) && !slices.Contains(i.Avoid, x.Enterprise)
}

func sorted[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
