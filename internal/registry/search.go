package registry

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/db"
)

const (
	queryMax      = 60  // characters of a question
	wordsMax      = 5   // words of it
	gramsMax      = 8   // tokens asked of one word
	candidateRows = 300 // documents compared at a time
	candidatesMax = 20  // times
	hitsMax       = 100
)

// A Hit is a document that was found; Rank is 0 for the name or code itself, 1
// for its beginning, 2 for any other place.
type Hit struct {
	Doc
	Rank int
}

// A Query asks the search.
type Query struct {
	Text  string
	Kinds []DocKind // none: every kind
	Limit int       // at most 100; 0: 20
}

// Search finds enterprises, projects, people and documents by Chinese name from
// one character up, by pinyin or initials, by the beginning of a code, or by
// address, best first. What is not public is found only where the actor may read
// it (AZ-2).
func Search(ctx context.Context, tx *db.Tx, who authz.Actor, q Query) ([]Hit, error) {
	words := wordsOf(q.Text)
	if len(words) == 0 {
		return nil, nil
	}
	s := &searcher{words: words, whole: strings.Join(words, ""), limit: q.Limit, kinds: q.Kinds, seen: map[db.ID]bool{}}
	if s.limit <= 0 || s.limit > hitsMax {
		s.limit = min(max(s.limit, 20), hitsMax)
	}
	if len(s.kinds) == 0 {
		s.kinds = []DocKind{DocEnterprise, DocProject, DocStaff, DocDocument}
	}
	s.scope(who)
	if err := s.heads(ctx, tx); err != nil {
		return nil, err
	}
	if len(s.hits) < s.limit {
		if err := s.inside(ctx, tx); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(s.hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(kindOrder(a.Kind), kindOrder(b.Kind)), cmp.Compare(len(a.Title), len(b.Title)), cmp.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID))
	})
	return s.hits[:min(len(s.hits), s.limit)], nil
}

func kindOrder(k DocKind) int {
	for i, c := range docKinds {
		if c.Code == string(k) {
			return i
		}
	}
	return len(docKinds)
}

// wordsOf cuts a question into normal words.
func wordsOf(text string) (words []string) {
	r := []rune(text)
	for w := range strings.FieldsSeq(string(r[:min(len(r), queryMax)])) {
		if w = normal(w); w != "" && len(words) < wordsMax {
			words = append(words, w)
		}
	}
	return words
}

// A searcher is one question being answered.
type searcher struct {
	words []string
	whole string
	limit int
	kinds []DocKind
	hits  []Hit
	seen  map[db.ID]bool

	where string // kinds and scope, over parameters $1…
	args  []any
}

// scope prepares the condition that every look at search_doc carries.
func (s *searcher) scope(who authz.Actor) {
	for _, k := range s.kinds {
		s.args = append(s.args, string(k))
	}
	s.where = `kind IN (` + params(1, len(s.args)) + `)`
	cond, args := authz.Filter(authz.Scopes(who, authz.RegistryRead), authz.Columns{Division: "division", Enterprise: "enterprise", Project: "project"}, len(s.args)+1)
	s.where += ` AND (open OR ` + cond + `)`
	s.args = append(s.args, args...)
}

// heads looks for names and codes that are or begin with the question.
func (s *searcher) heads(ctx context.Context, tx *db.Tx) error {
	n := len(s.args)
	for _, by := range []struct{ column, head string }{{"norm", s.whole}, {"code", strings.ToUpper(s.whole)}} {
		if by.column == "code" && !isASCII(by.head) {
			continue
		}
		args := append(slices.Clone(s.args), by.head, by.head+"\U0010FFFF", s.limit)
		docs, err := db.All(ctx, tx, scanDoc, `
			SELECT `+docSelect+` FROM search_doc
			WHERE `+by.column+` >= `+params(n+1, 1)+` AND `+by.column+` < `+params(n+2, 1)+` AND `+s.where+`
			ORDER BY `+by.column+`, id LIMIT `+params(n+3, 1), args...)
		if err != nil {
			return err
		}
		for _, d := range docs {
			s.take(d)
		}
	}
	return nil
}

// take keeps a document that answers every word.
func (s *searcher) take(d Doc) {
	if s.seen[d.ID] {
		return
	}
	s.seen[d.ID] = true
	title, detail := normal(d.Title), normal(d.Detail)
	var syl []string
	for _, w := range s.words {
		if strings.Contains(title, w) || strings.Contains(detail, w) || isASCII(w) && strings.HasPrefix(d.Code, strings.ToUpper(w)) {
			continue
		}
		if syl == nil {
			syl = syllables(title, nil)
		}
		if d.Kind == DocDocument || !isLatin(w) || !spelled(w, syl) {
			return
		}
	}
	s.hits = append(s.hits, Hit{Doc: d, Rank: s.rank(d, title)})
}

func (s *searcher) rank(d Doc, title string) int {
	own := strings.ToUpper(s.whole)
	switch {
	case title == s.whole || d.Code == own:
		return 0
	case strings.HasPrefix(title, s.whole) || strings.HasPrefix(d.Code, own):
		return 1
	}
	return 2
}

func isLatin(w string) bool {
	return strings.Trim(w, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

func spelled(w string, syl []string) bool {
	for i := range syl {
		if spells(w, syl, i) {
			return true
		}
	}
	return false
}

// inside looks for names and addresses that hold every word anywhere.
func (s *searcher) inside(ctx context.Context, tx *db.Tx) error {
	plans, tokens := s.plans()
	if len(tokens) == 0 {
		return nil
	}
	lists, err := postings(ctx, tx, tokens)
	if err != nil {
		return err
	}
	var ids []db.ID
	for _, p := range plans {
		ids = append(ids, p.run(lists)...)
	}
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id db.ID) bool { return s.seen[id] })
	looks := 0
	for chunk := range slices.Chunk(ids, candidateRows) {
		if looks++; looks > candidatesMax || len(s.hits) >= s.limit {
			return nil
		}
		n := len(s.args)
		args := slices.Clone(s.args)
		for _, id := range chunk {
			args = append(args, id)
		}
		docs, err := db.All(ctx, tx, scanDoc, `
			SELECT `+docSelect+` FROM search_doc
			WHERE id IN (`+params(n+1, len(chunk))+`) AND `+s.where+`
			ORDER BY id`, args...)
		if err != nil {
			return err
		}
		for _, d := range docs {
			s.take(d)
		}
	}
	return nil
}

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
