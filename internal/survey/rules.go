package survey

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"juli/internal/fault"
	"juli/internal/money"
)

// Needed is how many of so many homes have to answer for the book's margin: the
// size for one half, corrected for a finite number of homes, rounded up.
func (b *Book) Needed(homes int64) int64 {
	// n0 = z²/(4e²); n = n0·N / (N + n0 − 1)
	a, c := int64(b.Z)*int64(b.Z), 4*int64(b.Margin)*int64(b.Margin)
	return min(homes, ceil(big.NewInt(0).Mul(big.NewInt(homes), big.NewInt(a)), big.NewInt(homes*c+a-c)))
}

// Drawn is how many homes are asked so that enough of them answer; of a renovated
// estate so many that answers can cover what the guidance wants.
func (b *Book) Drawn(homes int64, renovated bool) int64 {
	n := b.Needed(homes)
	if renovated {
		n = max(n, part(homes, b.Coverage))
	}
	return min(homes, ceil(big.NewInt(0).Mul(big.NewInt(n), big.NewInt(int64(money.Point))), big.NewInt(int64(b.Response))))
}

// ToCheck is how many of so many paper answers another person reads again.
func (b *Book) ToCheck(paper, checked, different int64) int64 {
	n := min(paper, max(b.CheckLeast, part(paper, b.CheckShare)))
	if checked >= n && different*int64(money.Point) > int64(b.Tolerance)*checked {
		return paper // too many differ: all of them
	}
	return n
}

// A Reread is what the second reading of paper answers came to: so many were read
// again, of so many the two readings differed, and of so many of those the entry was
// not what the paper says.
type Reread struct{ Checked, Differed, Mended int64 }

// Doubtful says whether so much differs that a result is published only with a
// reason.
func (b *Book) Doubtful(r Reread) bool {
	return r.Differed*int64(money.Point) > int64(b.Doubt)*r.Checked
}

// part is a share of n, rounded up.
func part(n int64, share money.Points) int64 {
	return ceil(big.NewInt(0).Mul(big.NewInt(n), big.NewInt(int64(share))), big.NewInt(int64(money.Point)))
}

func ceil(a, b *big.Int) int64 {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	return q.Int64()
}

// Draw is the n homes of so many that a seed chooses, in the order of their
// numbers: those with the smallest SHA-256 of "seed:number". Anybody can do it again
// with sha256sum.
func Draw(seed string, homes, n int64) []int64 {
	type ticket struct {
		hash [sha256.Size]byte
		home int64
	}
	all := make([]ticket, homes)
	for i := range all {
		home := int64(i + 1)
		all[i] = ticket{sha256.Sum256([]byte(seed + ":" + strconv.FormatInt(home, 10))), home}
	}
	slices.SortFunc(all, func(a, b ticket) int {
		return cmp.Or(bytes.Compare(a.hash[:], b.hash[:]), cmp.Compare(a.home, b.home))
	})
	out := make([]int64, 0, n)
	for _, t := range all[:min(n, homes)] {
		out = append(out, t.home)
	}
	slices.Sort(out)
	return out
}

// DrawDigest names a draw: the SHA-256 of its home numbers, one a line.
func DrawDigest(homes []int64) string {
	var b strings.Builder
	for _, h := range homes {
		b.WriteString(strconv.FormatInt(h, 10) + "\n")
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// Interval is Wilson's score interval of k of n in percent, as wide as z asks,
// exact but for the last of its four places, which is rounded outwards.
func Interval(k, n int64, z money.Points) (low, high money.Points) {
	if n == 0 {
		return 0, 100 * money.Point
	}
	// with s = 10⁴ and z = Z/s: (2kns² + nZ² ± Z·√(n(4k(n−k)s² + nZ²))) / 2n(ns² + Z²)
	num := func(v int64) *big.Int { return big.NewInt(v) }
	mul := func(list ...*big.Int) *big.Int {
		out := num(1)
		for _, v := range list {
			out.Mul(out, v)
		}
		return out
	}
	s2, z2 := num(int64(money.Point)*int64(money.Point)), num(int64(z)*int64(z))
	mid := new(big.Int).Add(mul(num(2*k), num(n), s2), mul(num(n), z2))
	under := mul(num(n), new(big.Int).Add(mul(num(4*k), num(n-k), s2), mul(num(n), z2)))
	below := mul(num(2*n), new(big.Int).Add(mul(num(n), s2), z2))
	scale := num(100 * int64(money.Point)) // percent, in 0.0001
	root := new(big.Int).Sqrt(mul(scale, scale, z2, under))
	root.Add(root, num(1)) // at least the true root
	mid.Mul(mid, scale)
	low = money.Points(max(0, new(big.Int).Div(new(big.Int).Sub(mid, root), below).Int64()))
	high = money.Points(min(100*int64(money.Point), ceil(new(big.Int).Add(mid, root), below)))
	return low, high
}

// Share is k of n in percent, two places, half up; 0 of 0 is 0.
func Share(k, n int64) money.Points {
	if n == 0 {
		return 0
	}
	v, err := money.MulDiv(k, 10_000, n, money.HalfUp)
	if err != nil {
		return 0 // no city has so many homes
	}
	return money.Points(v * 100)
}

// A Tally is what answers come to.
type Tally struct {
	Answered  int64     // homes that answered
	Rated     int64     // of them, with an opinion on the first question
	Satisfied int64     // of them, satisfied
	Counts    [][]int64 // question × choice: homes
	Score     money.Points
}

// Count counts answers, each one choice code for each question in the book's order.
func (b *Book) Count(answers []string) Tally {
	t := Tally{Answered: int64(len(answers)), Counts: make([][]int64, len(b.Questions))}
	for q := range b.Questions {
		t.Counts[q] = make([]int64, len(b.Choices))
		for _, a := range answers {
			if c := b.choice(a[q]); c >= 0 {
				t.Counts[q][c]++
			}
		}
	}
	for c, n := range t.Counts[0] {
		if b.Choices[c].None {
			continue
		}
		if t.Rated += n; c < b.Satisfied {
			t.Satisfied += n
		}
	}
	t.Score = b.score(t.Counts)
	return t
}

// score is the mean of the questions' means by their weights, two places, rounded
// once; a question on which nobody has an opinion counts for nothing.
func (b *Book) score(counts [][]int64) money.Points {
	sum, weights := new(big.Rat), new(big.Rat)
	for q := range b.Questions {
		points, n := int64(0), int64(0)
		for c, homes := range counts[q] {
			if !b.Choices[c].None {
				points, n = points+homes*int64(b.Choices[c].Points), n+homes
			}
		}
		if n == 0 {
			continue
		}
		w := big.NewRat(int64(b.Questions[q].Weight), 1)
		sum.Add(sum, new(big.Rat).Mul(w, big.NewRat(points, n)))
		weights.Add(weights, w)
	}
	if weights.Sign() == 0 {
		return 0
	}
	sum.Quo(sum, weights)
	twice := new(big.Int).Mul(sum.Num(), big.NewInt(2))
	twice.Div(new(big.Int).Add(twice, new(big.Int).Mul(sum.Denom(), big.NewInt(100))), new(big.Int).Mul(sum.Denom(), big.NewInt(200)))
	return money.Points(twice.Int64() * 100)
}

// checkChoices refuses answers that do not fit the questions.
func (b *Book) checkChoices(choices string) error {
	if len(choices) != len(b.Questions) {
		return fault.New(fault.Invalid, "survey.choices", "请回答每一个问题。")
	}
	e := fault.New(fault.Invalid, "survey.choices", "请回答每一个问题。")
	for q := range b.Questions {
		if b.choice(choices[q]) < 0 {
			e.With("q-"+b.Questions[q].Code, "请选一项。")
		}
	}
	return e.OrNil()
}

// Dismissal is what the guidance for renovated estates says of a result: whether
// enough homes were asked, and whether so few are satisfied that the community may
// propose a meeting on dismissal. Exactly the bound does not.
func (b *Book) Dismissal(homes int64, t Tally) (covered, may bool) {
	covered = t.Answered*int64(money.Point) >= homes*int64(b.Coverage)
	return covered, covered && t.Satisfied*int64(money.Point) < t.Answered*int64(b.Below)
}
