package credit

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"juli/internal/money"
	"juli/internal/rulebook"
)

// bands reads grade bands, best grade first.
func (p *parser) bands(k SubjectKind, v rulebook.Value) []Band {
	var out []Band
	for _, e := range v.List() {
		o := e.Object()
		b := Band{Code: o.Get("code").Text(), Title: o.Need("title").Text(), Status: p.status(o.Get("status")), Path: o.Path()}
		b.Bounds, b.MinOpen, b.MaxOpen = p.interval(o)
		b.When = p.scored(k).Expression(o.Get("when"), rulebook.Bool)
		if (b.Code == "") == (b.Status == "") {
			e.Fail("每一档要写 code（等级代码）或 status（无等级的状态）其中之一")
		}
		out = append(out, b)
	}
	return out
}

// interval reads ge, gt, lt, le.
func (p *parser) interval(o *rulebook.Object) (b Bounds, minOpen, maxOpen bool) {
	for _, key := range []string{"ge", "gt"} {
		if o.Has(key) {
			if b.HasMin {
				o.Get(key).Fail("ge 与 gt 只能写一个")
			}
			b.Min, b.HasMin, minOpen = o.Get(key).Points(), true, key == "gt"
		}
	}
	for _, key := range []string{"lt", "le"} {
		if o.Has(key) {
			if b.HasMax {
				o.Get(key).Fail("lt 与 le 只能写一个")
			}
			b.Max, b.HasMax, maxOpen = o.Get(key).Points(), true, key == "lt"
		}
	}
	if p.bounds(o.Value, b); b.HasMin && b.HasMax && b.Min == b.Max && (minOpen || maxOpen) {
		o.Fail("这一档是空的")
	}
	return b, minOpen, maxOpen
}

// A gridSpan is a band on the grid of scores that can occur.
type gridSpan struct {
	lo, hi int64 // inclusive
	band   int
}

// checkBands refuses holes and overlaps between the bands (PC-36): every score
// that can occur after the order of operations needs exactly one unconditional
// band. Scores rounded before grading live on the coarser grid: 中山's integer
// bands cover only if the book rounds to whole points first.
func (p *parser) checkBands(v rulebook.Value, r *SubjectRule) {
	if len(r.Grades) == 0 {
		return
	}
	step := int64(1)
	if i := slices.Index(r.Order, StepRound); i >= 0 && i < slices.Index(r.Order, StepGrade) {
		for range 4 - r.Places {
			step *= 10
		}
	}
	var spans []gridSpan
	for i := range r.Grades {
		s := onGrid(&r.Grades[i], step)
		s.band = i
		for _, before := range spans {
			if r.Grades[i].When != nil && before.lo <= s.hi && s.lo <= before.hi {
				v.Fail("有条件的等级“%s”要写在它所例外的等级“%s”之前，否则永远轮不到", r.Grades[i].name(), r.Grades[before.band].name())
			}
		}
		if r.Grades[i].When == nil {
			spans = append(spans, s)
		}
	}
	for i := 1; i < len(spans); i++ {
		if spans[i].lo > spans[i-1].lo {
			v.Fail("等级要从高到低排列：“%s”应在“%s”之前", r.Grades[spans[i].band].name(), r.Grades[spans[i-1].band].name())
			return
		}
	}
	p.checkCover(v, r, spans, step)
}

func (p *parser) checkCover(v rulebook.Value, r *SubjectRule, spans []gridSpan, step int64) {
	lo, hi := int64(math.MinInt64), int64(math.MaxInt64)
	if i := slices.Index(r.Order, StepClamp); i >= 0 && i < slices.Index(r.Order, StepGrade) {
		if r.Clamp.HasMin {
			lo = floorDiv(int64(r.Clamp.Min), step)
		}
		if r.Clamp.HasMax {
			hi = floorDiv(int64(r.Clamp.Max), step)
		}
	}
	slices.SortFunc(spans, func(a, b gridSpan) int { return cmp.Compare(a.lo, b.lo) })
	at := func(n int64) money.Points { return money.Points(n * step) }
	if len(spans) == 0 || spans[0].lo > lo {
		v.Fail("最低一档以下没有等级：请让最低一档不设下限，或写一档 status")
		return
	}
	if spans[len(spans)-1].hi < hi {
		v.Fail("最高一档以上没有等级：请让最高一档不设上限")
	}
	for i := 1; i < len(spans); i++ {
		a, b := spans[i-1], spans[i]
		switch {
		case a.hi >= b.lo:
			v.Fail("等级“%s”与“%s”在 %s 处重叠", r.Grades[a.band].name(), r.Grades[b.band].name(), at(b.lo))
		case a.hi+1 < b.lo:
			v.Fail("等级“%s”与“%s”之间有空档：%s 至 %s 的分数没有等级；请改上下限，或先修约到整数再定级", r.Grades[a.band].name(), r.Grades[b.band].name(), at(a.hi+1), at(b.lo-1))
		}
	}
}

func (b *Band) name() string { return cmp.Or(b.Code, b.Title) }

func onGrid(b *Band, step int64) gridSpan {
	s := gridSpan{lo: math.MinInt64, hi: math.MaxInt64}
	if b.Bounds.HasMin {
		s.lo = ceilDiv(int64(b.Bounds.Min), step)
		if b.MinOpen && s.lo*step == int64(b.Bounds.Min) {
			s.lo++
		}
	}
	if b.Bounds.HasMax {
		s.hi = floorDiv(int64(b.Bounds.Max), step)
		if b.MaxOpen && s.hi*step == int64(b.Bounds.Max) {
			s.hi--
		}
	}
	return s
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func ceilDiv(a, b int64) int64 { return -floorDiv(-a, b) }

// holds says whether points lie between the bounds.
func (b Bounds) holds(p money.Points, minOpen, maxOpen bool) bool {
	if b.HasMin && (p < b.Min || minOpen && p == b.Min) {
		return false
	}
	return !b.HasMax || p < b.Max || !maxOpen && p == b.Max
}

// clamp is p brought between the bounds.
func (b Bounds) clamp(p money.Points) money.Points {
	if b.HasMin && p < b.Min {
		return b.Min
	}
	if b.HasMax && p > b.Max {
		return b.Max
	}
	return p
}

func (p *parser) rankGrades(v rulebook.Value) *RankGrades {
	if !v.Present() {
		return nil
	}
	o := v.Object()
	r := &RankGrades{
		Peers: o.Get("peers").Word("city", "city", "district", "form"),
		Tie:   o.Get("tie").Word("better", "better", "worse"),
		Mode:  roundingMode(o.Get("rounding")), Path: o.Path(),
	}
	last := money.Points(0)
	for _, e := range o.Need("bands").List() {
		eo := e.Object()
		b := RankBand{Code: eo.Need("code").Text(), Percent: eo.Need("percent").Points(), MinScore: eo.Get("min_score").Points(), HasMin: eo.Has("min_score")}
		if b.Percent <= last || b.Percent > 100*money.Point {
			e.Fail("percent 是累计百分比，应逐档增大，最后一档为 100")
		}
		last = b.Percent
		r.Bands = append(r.Bands, b)
	}
	if last != 100*money.Point || len(r.Bands) == 0 || r.Bands[len(r.Bands)-1].HasMin {
		v.Fail("最后一档的 percent 应为 100，且不设 min_score")
	}
	p.needRanks = true
	return r
}

// gradeCodes lists the grades of a subject kind, best first.
func (b *Book) gradeCodes(k SubjectKind) []string {
	r := b.rule(k)
	if r == nil {
		return nil
	}
	var out []string
	for i := range r.Grades {
		if c := r.Grades[i].Code; c != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	if r.Ranks != nil {
		for _, rb := range r.Ranks.Bands {
			if !slices.Contains(out, rb.Code) {
				out = append(out, rb.Code)
			}
		}
	}
	return out
}

// Grades lists the grades of a subject kind with their names, best first.
func (b *Book) Grades(k SubjectKind) []Named {
	var out []Named
	for _, code := range b.gradeCodes(k) {
		out = append(out, Named{code, b.GradeTitle(k, code)})
	}
	return out
}

// Knows says whether code is a grade of the kind, a status grade or the blacklist.
func (b *Book) Knows(k SubjectKind, code string) bool {
	return slices.Contains(b.gradeCodes(k), code) || code == "awaiting" || b.Blacklist != nil && b.Blacklist.Code == code ||
		slices.ContainsFunc(b.Statuses, func(s Status) bool { return s.Code == code || s.Grade == code && code != "" })
}

// KnowsAll reads grades or statuses of a kind of subject, written with commas
// between them; false: one of them is none.
func (b *Book) KnowsAll(k SubjectKind, text string) ([]string, bool) {
	if text == "" {
		return nil, true
	}
	codes := strings.Split(text, ",")
	return codes, !slices.ContainsFunc(codes, func(c string) bool { return !b.Knows(k, c) })
}

// GradeTitle is the Chinese name of a grade, a status grade or the blacklist.
func (b *Book) GradeTitle(k SubjectKind, code string) string {
	if r := b.rule(k); r != nil {
		for i := range r.Grades {
			if r.Grades[i].Code == code {
				return r.Grades[i].Title
			}
		}
	}
	for _, s := range b.Statuses {
		if s.Code == code || s.Grade == code && code != "" {
			return s.Title
		}
	}
	if b.Blacklist != nil && b.Blacklist.Code == code {
		return b.Blacklist.Title
	}
	return code
}

// rule is the rule of a subject kind; a branch falls back on the enterprise's.
func (b *Book) rule(k SubjectKind) *SubjectRule {
	if k == Branch && b.Subjects[Branch] == nil {
		return b.Subjects[Enterprise]
	}
	if k >= subjectKinds {
		return nil
	}
	return b.Subjects[k]
}

// grade reads a grade code that some subject kind has.
func (p *parser) grade(v rulebook.Value) string {
	code := v.Text()
	if !v.Present() {
		return ""
	}
	for k := range subjectKinds {
		if slices.Contains(p.gradeCodes(k), code) {
			return code
		}
	}
	if slices.ContainsFunc(p.Statuses, func(s Status) bool { return s.Code == code }) {
		return code
	}
	v.Fail("没有等级“%s”", code)
	return code
}
