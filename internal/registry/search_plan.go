package registry

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"

	"juli/internal/db"
)

// A plan finds the documents of one kind: for each word any of some sets of
// tokens, all of a set at once.
type plan [][][]string

// plans turns the words into tokens for each kind.
func (s *searcher) plans() (all []plan, tokens []string) {
	for _, k := range s.kinds {
		var p plan
		for _, w := range s.words {
			sets := [][]string{gramsOf(w, k.letter())}
			if isLatin(w) && k != DocDocument {
				for _, initials := range initialsOf(w) {
					sets = append(sets, gramsOf(initials, k.letter()-0x20))
				}
			}
			p = append(p, sets)
			for _, set := range sets {
				tokens = append(tokens, set...)
			}
		}
		all = append(all, p)
	}
	slices.Sort(tokens)
	return all, slices.Compact(tokens)
}

// gramsOf is the pairs of a word, or its only character.
func gramsOf(w string, kind byte) (set []string) {
	r := []rune(w)
	if len(r) == 1 {
		return []string{token{kind, r[0], 0}.String()}
	}
	for i := 0; i+1 < len(r) && len(set) < gramsMax; i++ {
		set = append(set, token{kind, r[i], r[i+1]}.String())
	}
	return set
}

func (p plan) run(lists map[string][]db.ID) []db.ID {
	var found []db.ID
	for i, sets := range p {
		var any []db.ID
		for _, set := range sets {
			any = append(any, intersection(set, lists)...)
		}
		slices.Sort(any)
		any = slices.Compact(any)
		if i == 0 {
			found = any
		} else {
			found = both(found, any)
		}
		if len(found) == 0 {
			return nil
		}
	}
	return found
}

// intersection is the documents that every token of the set has.
func intersection(set []string, lists map[string][]db.ID) []db.ID {
	byLength := slices.Clone(set)
	slices.SortFunc(byLength, func(a, b string) int { return cmp.Compare(len(lists[a]), len(lists[b])) })
	found := lists[byLength[0]]
	for _, t := range byLength[1:] {
		if len(found) == 0 {
			return nil
		}
		found = both(found, lists[t])
	}
	return found
}

// both intersects two sorted lists.
func both(a, b []db.ID) []db.ID {
	out := make([]db.ID, 0, min(len(a), len(b)))
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			out = append(out, a[i])
			i, j = i+1, j+1
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return out
}

// postings reads the lists of the tokens, each sorted.
func postings(ctx context.Context, tx *db.Tx, tokens []string) (map[string][]db.ID, error) {
	type list struct {
		token string
		first db.ID
		docs  []byte
	}
	scan := func(row db.Scanner) (l list, err error) { return l, row.Scan(&l.token, &l.first, &l.docs) }
	lists := make(map[string][]db.ID, len(tokens))
	for chunk := range slices.Chunk(tokens, chunkRows) {
		for l, err := range db.Rows(ctx, tx, scan, `SELECT token, first, docs FROM search_posting WHERE token IN (`+params(1, len(chunk))+`) ORDER BY token, first`, anys(chunk)...) {
			if err != nil {
				return nil, err
			}
			ids, id := append(lists[l.token], l.first), l.first
			for rest := l.docs; len(rest) > 0; {
				delta, n := binary.Uvarint(rest)
				if n <= 0 {
					break
				}
				id += db.ID(delta)
				ids, rest = append(ids, id), rest[n:]
			}
			lists[l.token] = ids
		}
	}
	for t, ids := range lists {
		if !slices.IsSorted(ids) {
			slices.Sort(ids)
			lists[t] = slices.Compact(ids)
		}
	}
	return lists, nil
}
