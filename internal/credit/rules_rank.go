package credit

import (
	"cmp"
	"iter"
	"slices"

	"juli/internal/code"
	"juli/internal/money"
)

// Ranks are the places of all subjects of a city on one day, for items
// triggered by rank (PC-27) and grades by rank (PC-38).
type Ranks struct {
	fired  map[rankKey]bool
	grades map[Subject]string
}

type rankKey struct {
	item    ItemNo
	subject Subject
}

// A standing is one subject in a ranking.
type standing struct {
	subject Subject
	peers   string
	value   money.Points
}

// City evaluates all bundles in turn. A book with rankings needs the city's
// places first, so that bundles is run up to three times; any other book runs
// it once. What yield gets is valid until the next call.
func (e *Evaluator) City(bundles iter.Seq2[*Bundle, error], yield func(*Result) error) error {
	if e.book.needRanks && e.ranks == nil {
		if err := e.rankCity(bundles); err != nil {
			return err
		}
	}
	for b, err := range bundles {
		if err != nil {
			return err
		}
		if err := yield(e.Evaluate(b)); err != nil {
			return err
		}
	}
	return nil
}

// NeedsRanks says whether the book ranks subjects of the whole city, so that
// one subject alone can't be evaluated without [Evaluator.UseRanks].
func (b *Book) NeedsRanks() bool { return b.needRanks }

// Ranks are the places found by City, for evaluating single subjects later.
func (e *Evaluator) Ranks() *Ranks { return e.ranks }

// UseRanks evaluates with the places of an earlier run over the city.
func (e *Evaluator) UseRanks(r *Ranks) { e.ranks = r }

func (e *Evaluator) rankCity(bundles iter.Seq2[*Bundle, error]) error {
	e.ranks = &Ranks{fired: map[rankKey]bool{}, grades: map[Subject]string{}}
	quiet := e.opt.Quiet
	e.opt.Quiet = true
	defer func() { e.opt.Quiet = quiet }()
	byItem := map[ItemNo][]standing{}
	for b, err := range bundles {
		if err != nil {
			return err
		}
		e.Evaluate(b)
		for no := range e.book.Items {
			if e.book.Items[no].Rank != nil {
				byItem[ItemNo(no)] = e.standings(byItem[ItemNo(no)], e.book.Items[no].Rank)
			}
		}
	}
	for no, list := range byItem {
		for _, s := range firing(list, e.book.Items[no].Rank) {
			e.ranks.fired[rankKey{no, s}] = true
		}
	}
	return e.rankGrades(bundles)
}

// standings adds the subjects of the bundle just evaluated.
func (e *Evaluator) standings(list []standing, r *Rank) []standing {
	b := e.bundle
	value := func(out *Outcome, f Facts) (money.Points, bool) {
		if r.By == "" {
			return out.Score, out.Scored
		}
		v, has := f[r.By]
		return e.book.asPoints(r.By, v), has
	}
	if r.Of == Enterprise {
		if v, has := value(&e.res.Enterprise, b.Unit.Facts); has {
			list = append(list, standing{e.res.Enterprise.Subject, peerGroup(r.Peers, b, b.Unit.Division), v})
		}
		return list
	}
	for i := range b.Projects {
		p := &b.Projects[i]
		if !e.held[i] || !e.inScope[i] {
			continue
		}
		if v, has := value(&e.res.Projects[i], p.Facts); has {
			list = append(list, standing{Subject{Project, p.ID}, peerGroup(r.Peers, b, p.District), v})
		}
	}
	return list
}

// eachPeers calls fn for each peer group, best value first.
func eachPeers(list []standing, fn func([]standing)) {
	slices.SortFunc(list, func(a, b standing) int {
		return cmp.Or(cmp.Compare(a.peers, b.peers), cmp.Compare(b.value, a.value), cmp.Compare(a.subject.Kind, b.subject.Kind), cmp.Compare(a.subject.ID, b.subject.ID))
	})
	for lo := 0; lo < len(list); {
		hi := lo + 1
		for hi < len(list) && list[hi].peers == list[lo].peers {
			hi++
		}
		fn(list[lo:hi])
		lo = hi
	}
}

// firing lists the subjects whose place triggers an item. Ties at the edge all
// count; the top and the bottom are by number or by share of the peers.
func firing(list []standing, r *Rank) []Subject {
	var out []Subject
	eachPeers(list, func(peers []standing) {
		n := max(r.Top, r.Bottom)
		if r.Percent > 0 {
			n = places(len(peers), r.Percent, money.Up)
		}
		if n = min(n, len(peers)); n == 0 {
			return
		}
		edge := peers[n-1].value
		if r.Bottom > 0 {
			edge = peers[len(peers)-n].value
		}
		for _, p := range peers {
			if r.Top > 0 && p.value >= edge || r.Bottom > 0 && p.value <= edge {
				out = append(out, p.subject)
			}
		}
	})
	return out
}

// places is n × percent, rounded.
func places(n int, percent money.Points, mode money.Mode) int {
	v, err := money.MulDiv(int64(n), int64(percent), int64(100*money.Point), mode)
	if err != nil {
		return 0
	}
	return int(v)
}

// rankGrades grades by place (PC-38), with the items triggered by rank counted.
func (e *Evaluator) rankGrades(bundles iter.Seq2[*Bundle, error]) error {
	lists := map[SubjectKind][]standing{}
	ranked := false
	for k := range subjectKinds {
		ranked = ranked || e.book.rule(k) != nil && e.book.rule(k).Ranks != nil
	}
	if !ranked {
		return nil
	}
	for b, err := range bundles {
		if err != nil {
			return err
		}
		e.Evaluate(b)
		e.ranked(lists, &e.res.Enterprise, peerOf(b, b.Unit.Division))
		for i := range e.res.Projects {
			if e.held[i] {
				e.ranked(lists, &e.res.Projects[i], peerOf(b, b.Projects[i].District))
			}
		}
		for i := range e.res.Persons {
			e.ranked(lists, &e.res.Persons[i], peerOf(b, b.Unit.Division))
		}
	}
	for k, list := range lists {
		r := e.book.rule(k).Ranks
		eachPeers(list, func(peers []standing) {
			for i, p := range peers {
				e.ranks.grades[p.subject] = r.grade(peers, i)
			}
		})
	}
	return nil
}

type peerFunc func(by string) string

func peerOf(b *Bundle, d code.Division) peerFunc {
	return func(by string) string { return peerGroup(by, b, d) }
}

func (e *Evaluator) ranked(lists map[SubjectKind][]standing, out *Outcome, peers peerFunc) {
	rule := e.book.rule(out.Subject.Kind)
	if rule == nil || rule.Ranks == nil || !out.Scored {
		return
	}
	lists[out.Subject.Kind] = append(lists[out.Subject.Kind], standing{out.Subject, peers(rule.Ranks.Peers), out.Score})
}

// grade is the grade of the i-th of the peers, who are sorted best first.
func (r *RankGrades) grade(peers []standing, i int) string {
	place := i + 1
	if r.Tie == "better" {
		for place > 1 && peers[place-2].value == peers[i].value {
			place--
		}
	} else {
		for place < len(peers) && peers[place].value == peers[i].value {
			place++
		}
	}
	for _, b := range r.Bands {
		if place <= places(len(peers), b.Percent, r.Mode) && (!b.HasMin || peers[i].value >= b.MinScore) {
			return b.Code
		}
	}
	return r.Bands[len(r.Bands)-1].Code
}

// rankRows adds the rows of an item triggered by rank to the bundle at hand.
func (e *Evaluator) rankRows(no ItemNo, it *Item, out row) {
	if e.ranks == nil {
		return
	}
	out.kind = RankLine
	slot := out.slot()
	add := func(src int32) {
		out.src = src
		out.points, out.reason = it.measured(money.Point)
		e.rows = append(e.rows, out)
	}
	own := e.subjectOf(slot)
	switch {
	case own.Kind == it.Rank.Of, own.Kind == Branch && it.Rank.Of == Enterprise:
		if e.ranks.fired[rankKey{no, own}] {
			add(slot)
		}
	case slot == 0 && it.Rank.Of == Project:
		for i := range e.bundle.Projects {
			if e.held[i] && e.ranks.fired[rankKey{no, Subject{Project, e.bundle.Projects[i].ID}}] {
				add(int32(1 + i))
			}
		}
	}
}
