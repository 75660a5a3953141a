package registry

import (
	"cmp"
	"context"
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
