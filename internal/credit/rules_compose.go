package credit

import (
	"math/bits"

	"juli/internal/money"
)

// projects adds the composite project score (PC-30, PC-34, PC-35). Inside
// blocks it is added by its block.
func (t *tally) projects() bool {
	e := t.e
	if e.book.Compose.Method == "none" {
		return true
	}
	for i := range e.book.Blocks {
		if e.book.Blocks[i].Projects {
			return true
		}
	}
	score, ok := t.composite()
	if ok {
		t.add(score, ProjectsLine, -1, "compose")
	}
	return ok
}

// composite is the composite project score, with its parts noted in the
// outcome. It reports false when it can't be computed.
func (t *tally) composite() (money.Points, bool) {
	e, c := t.e, &t.e.book.Compose
	first, missing := len(e.parts), false
	for i := range e.bundle.Projects {
		weight := e.weight(i)
		if weight == 0 {
			continue
		}
		p := &e.res.Projects[i]
		part := Part{Project: p.Subject.ID, Score: p.Score, Weight: weight, Missing: !p.Scored}
		missing = missing || part.Missing
		e.parts = append(e.parts, part)
	}
	parts := e.parts[first:len(e.parts):len(e.parts)]
	t.out.Parts = parts
	if missing {
		t.out.Incomplete = true
		if e.book.Districts.Missing != "flag" {
			return 0, false // a district that hasn't reported is never a zero (trap 9)
		}
	}
	if len(parts) == 0 {
		switch c.NoProject {
		case "not_rated":
			t.out.Status, t.out.Why = "not_rated", "截止日没有在管项目。"
			return 0, false
		case "base":
			return c.BaseScore, true
		}
		return 0, true
	}
	if c.Method == "area" {
		e.areas(parts)
		if total(parts) == 0 {
			if c.ZeroArea == "not_rated" {
				t.out.Status, t.out.Why = "not_rated", "在管项目面积为零，无法按面积加权。"
				return 0, false
			}
			for i := range parts {
				parts[i].Weight = 1
			}
		}
	}
	return combine(c.Method, parts)
}

// weight is a project's time in the composite: 1 at the cut-off, or the days on
// which the enterprise held it in the period. 0 = not in it.
func (e *Evaluator) weight(i int) int64 {
	if !e.inScope[i] {
		return 0
	}
	if e.book.Compose.Moved != "time" || e.period.From == 0 {
		if e.held[i] {
			return 1
		}
		return 0
	}
	days := int64(0)
	for _, s := range e.bundle.Projects[i].Held {
		from, to := max(s.From, e.period.From), e.period.To
		if s.To != 0 && s.To < to {
			to = s.To
		}
		if to >= from {
			days += int64(to-from) + 1
		}
	}
	return days
}

// areas multiplies the weights by the projects' floor areas. Parts follow the
// order of the bundle's projects.
func (e *Evaluator) areas(parts []Part) {
	i := 0
	for at := range parts {
		for e.bundle.Projects[i].ID != parts[at].Project || e.weight(i) == 0 {
			i++
		}
		parts[at].Weight *= int64(e.bundle.Projects[i].Area)
		i++
	}
}

func total(parts []Part) int64 {
	sum := int64(0)
	for i := range parts {
		sum += parts[i].Weight
	}
	return sum
}

// combine makes one score of the parts that have reported.
func combine(method string, parts []Part) (money.Points, bool) {
	var hi, lo, weight uint64
	var sum, least money.Points
	negative, seen := false, false
	for i := range parts {
		p := &parts[i]
		if p.Missing || p.Weight == 0 {
			continue
		}
		sum += p.Score
		if !seen || p.Score < least {
			least = p.Score
		}
		negative, seen = negative || p.Score < 0, true
	}
	switch {
	case !seen:
		return 0, false
	case method == "sum":
		return sum, true
	case method == "min":
		return least, true
	}
	shift := money.Points(0)
	if negative {
		shift = least // exact: the weighted mean moves with its terms
	}
	for i := range parts {
		if p := &parts[i]; !p.Missing {
			h, l := bits.Mul64(uint64(p.Score-shift), uint64(p.Weight))
			var carry uint64
			lo, carry = bits.Add64(lo, l, 0)
			hi, _ = bits.Add64(hi, h, carry)
			weight += uint64(p.Weight)
		}
	}
	if hi >= weight {
		return 0, false
	}
	// Cut to 0.0001 downwards: rounding half up to fewer places afterwards, and
	// comparing with bounds on this grid, then give what the exact mean would.
	q, _ := bits.Div64(hi, lo, weight)
	return money.Points(q) + shift, true
}

// blocks weighs the blocks of a score (PC-31). Blocks made of classes are
// already in the total with their raw sums: their line is the difference.
func (t *tally) blocks() bool {
	e := t.e
	if t.slot != 0 || len(e.book.Blocks) == 0 {
		return true
	}
	var there money.Points
	ready := true
	for i := range e.book.Blocks {
		if _, _, ok := t.block(&e.book.Blocks[i]); ok {
			there += e.book.Blocks[i].Weight
		} else if e.book.Blocks[i].Missing == "await" {
			ready = false
		}
	}
	if !ready {
		t.out.Incomplete = true
		return false
	}
	for i := range e.book.Blocks {
		b := &e.book.Blocks[i]
		score, raw, ok := t.block(b)
		switch {
		case ok:
		case b.Missing == "full":
			score = b.Full
		case b.Missing == "reweight":
			t.out.Incomplete = true
			continue
		default:
			t.out.Incomplete = true
		}
		weight, whole := b.Weight, money.Point
		if e.reweighted() {
			whole = there
		}
		weighted, err := money.MulDiv(int64(score), int64(weight), int64(max(whole, 1)), money.HalfUp)
		if err != nil {
			return false
		}
		t.add(money.Points(weighted)-raw, BlockLine, -1, b.Path)
	}
	return true
}

// reweighted says whether the weights of missing blocks are spread over the others.
func (e *Evaluator) reweighted() bool {
	for i := range e.book.Blocks {
		if e.book.Blocks[i].Missing == "reweight" {
			return true
		}
	}
	return false
}

// block is a block's own score and how much of it stands in the total already.
func (t *tally) block(b *Block) (score, raw money.Points, ok bool) {
	e := t.e
	switch {
	case b.Input != "":
		v, has := e.bundle.Unit.Facts[b.Input]
		return b.Clamp.clamp(b.Base + bounded(e.book.asPoints(b.Input, v))), 0, has
	case b.Projects:
		if !t.asked {
			t.asked = true
			t.comp, t.compOK = t.composite()
		}
		return b.Clamp.clamp(b.Base + t.comp), 0, t.compOK
	}
	sums := e.sums[t.sum:]
	for _, c := range b.Classes {
		raw += sums[c].Capped
	}
	return b.Clamp.clamp(b.Base + raw), raw, true
}
