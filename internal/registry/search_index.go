package registry

import (
	"context"
	"encoding/binary"
	"slices"
	"unicode/utf8"

	"juli/internal/code"
	"juli/internal/db"
)

// A DocKind says what a search result is.
type DocKind string

// The kinds. Its first letter leads each of its tokens.
const (
	DocEnterprise DocKind = "ENTERPRISE"
	DocProject    DocKind = "PROJECT"
	DocStaff      DocKind = "STAFF"    // a person's post; not public
	DocDocument   DocKind = "DOCUMENT" // an official document by its number
)

var docKinds = []Choice{{"ENTERPRISE", "企业"}, {"PROJECT", "项目"}, {"STAFF", "人员"}, {"DOCUMENT", "文书"}}

// Title is the kind in Chinese.
func (k DocKind) Title() string { return titleOf(docKinds, k) }

func (k DocKind) letter() byte {
	if k == DocStaff {
		return 's'
	}
	return k[0] | 0x20
}

// A Doc is one thing that the search finds. Code identifies it within its kind
// and is found by its beginning; Title and Detail by any part. An open document
// is for everybody, others for whoever may read at its place.
type Doc struct {
	ID         db.ID
	Kind       DocKind
	Code       string
	Title      string
	Detail     string // address, subject
	Division   code.Division
	Enterprise code.USCC
	Project    code.ProjectCode
	Open       bool
}

// An Index gathers the tokens of many documents and writes them at the end as
// one compressed list for each token: a whole import costs a row per distinct
// token, not one per document and token. Lists are only added to: a token that a
// document has lost is found and then dropped by comparing with the document.
type Index struct {
	fresh []Doc
	pairs map[token]*posting
	syl   []string
}

// A token is one or two characters of a kind of documents, or two initials.
type token struct {
	kind byte // 'e', 'p', …; upper case for initials
	a, b rune
}

func (t token) String() string {
	buf := make([]byte, 0, 10)
	buf = append(buf, t.kind)
	buf = utf8.AppendRune(buf, t.a)
	if t.b != 0 {
		buf = utf8.AppendRune(buf, t.b)
	}
	return string(buf)
}

type posting struct {
	first, last db.ID
	deltas      []byte
}

// NewIndex is an empty one.
func NewIndex() *Index { return &Index{pairs: map[token]*posting{}} }

// Add indexes a new document; it gets an id if it has none. Ids must rise.
func (x *Index) Add(tx *db.Tx, d Doc) {
	if d.ID == 0 {
		d.ID = tx.NewID()
	}
	x.fresh = append(x.fresh, d)
	x.tokens(d, func(t token) { x.post(t, d.ID) })
}

// post adds id to a token's list; a repeated token of one document is dropped.
func (x *Index) post(t token, id db.ID) {
	p := x.pairs[t]
	switch {
	case p == nil:
		x.pairs[t] = &posting{first: id, last: id}
	case id > p.last:
		p.deltas = binary.AppendUvarint(p.deltas, uint64(id-p.last))
		p.last = id
	}
}

// tokens yields the tokens of a document, some more than once.
func (x *Index) tokens(d Doc, yield func(token)) {
	kind := d.Kind.letter()
	title := normal(d.Title)
	grams(title, kind, true, yield)
	grams(normal(d.Detail), kind, false, yield)
	if d.Kind == DocDocument {
		return
	}
	x.syl = syllables(title, x.syl[:0])
	var before rune
	for _, s := range x.syl {
		r, _ := utf8.DecodeRuneInString(s)
		yield(token{kind - 0x20, r, 0})
		if before != 0 {
			yield(token{kind - 0x20, before, r})
		}
		before = r
	}
}

// grams yields single characters, if asked for, and pairs.
func grams(text string, kind byte, single bool, yield func(token)) {
	var before rune
	for _, r := range text {
		if single {
			yield(token{kind, r, 0})
		}
		if before != 0 {
			yield(token{kind, before, r})
		}
		before = r
	}
}

var docCols = []string{"id", "kind", "code", "title", "norm", "detail", "division", "enterprise", "project", "open"}

func docRow(d Doc) []any {
	return []any{d.ID, string(d.Kind), d.Code, d.Title, normal(d.Title), d.Detail, string(d.Division), string(d.Enterprise), string(d.Project), d.Open}
}

// Write stores what was gathered and empties the index.
func (x *Index) Write(ctx context.Context, tx *db.Tx) error {
	if err := x.writeDocs(ctx, tx); err != nil {
		return err
	}
	keys := make([]string, 0, len(x.pairs))
	lists := make(map[string]*posting, len(x.pairs))
	for t, p := range x.pairs {
		s := t.String()
		keys = append(keys, s)
		lists[s] = p
	}
	slices.Sort(keys) // in the order of the table's key
	_, err := tx.Bulk(ctx, "search_posting", []string{"token", "first", "docs"}, func(yield func([]any) bool) {
		row := make([]any, 3)
		for _, k := range keys {
			p := lists[k]
			row[0], row[1], row[2] = k, p.first, p.deltas
			if p.deltas == nil {
				row[2] = []byte{}
			}
			if !yield(row) {
				return
			}
		}
	})
	clear(x.pairs)
	return err
}

// writeDocs stores the documents alone, so that an import need not keep them.
func (x *Index) writeDocs(ctx context.Context, tx *db.Tx) error {
	if len(x.fresh) == 0 {
		return nil
	}
	_, err := tx.Bulk(ctx, "search_doc", docCols, func(yield func([]any) bool) {
		for _, d := range x.fresh {
			if !yield(docRow(d)) {
				return
			}
		}
	})
	clear(x.fresh)
	x.fresh = x.fresh[:0]
	return err
}

// Change replaces a document by what it has become, keeping its id, and indexes
// the tokens that are new to it. Without an earlier document it adds one.
func (x *Index) Change(ctx context.Context, tx *db.Tx, d Doc) error {
	old, ok, err := db.One(ctx, tx, scanDoc, `SELECT `+docSelect+` FROM search_doc WHERE code = $1 AND kind = $2`, d.Code, string(d.Kind))
	if err != nil {
		return err
	}
	if !ok {
		x.Add(tx, d)
		return nil
	}
	d.ID = old.ID
	if d == old {
		return nil
	}
	_, err = tx.Exec(ctx, `
		UPDATE search_doc SET title = $2, norm = $3, detail = $4, division = $5, enterprise = $6, project = $7, open = $8
		WHERE id = $1`, d.ID, d.Title, normal(d.Title), d.Detail, string(d.Division), string(d.Enterprise), string(d.Project), d.Open)
	if err != nil {
		return err
	}
	return x.addTokens(ctx, tx, old, d)
}

// addTokens stores at once, in single lists, the tokens that d has over old: an
// older id does not fit into the rising lists that wait for Write.
func (x *Index) addTokens(ctx context.Context, tx *db.Tx, old, d Doc) error {
	had := map[token]bool{}
	x.tokens(old, func(t token) { had[t] = true })
	var err error
	x.tokens(d, func(t token) {
		if had[t] || err != nil {
			return
		}
		had[t] = true
		_, err = tx.Exec(ctx, `INSERT INTO search_posting (token, first, docs) VALUES ($1, $2, $3) ON CONFLICT (token, first) DO NOTHING`, t.String(), d.ID, []byte{})
	})
	return err
}

// Remove takes a document out of the search.
func Remove(ctx context.Context, tx *db.Tx, kind DocKind, code string) error {
	_, err := tx.Exec(ctx, `DELETE FROM search_doc WHERE code = $1 AND kind = $2`, code, string(kind))
	return err
}

// PutDoc indexes one document in the caller's transaction: features above make
// their official documents found by number.
func PutDoc(ctx context.Context, tx *db.Tx, d Doc) error {
	x := NewIndex()
	if err := x.Change(ctx, tx, d); err != nil {
		return err
	}
	return x.Write(ctx, tx)
}

// CompactSearch rewrites the lists of every token into one each, dropping what
// documents no longer have. A nightly job calls it; results do not change.
func CompactSearch(ctx context.Context, tx *db.Tx) error {
	if err := tx.Lock(ctx, "search", 0); err != nil {
		return err
	}
	x := NewIndex()
	for d, err := range db.Rows(ctx, tx, scanDoc, `SELECT `+docSelect+` FROM search_doc ORDER BY id`) {
		if err != nil {
			return err
		}
		x.tokens(d, func(t token) { x.post(t, d.ID) })
	}
	if _, err := tx.Exec(ctx, `DELETE FROM search_posting`); err != nil {
		return err
	}
	return x.Write(ctx, tx)
}

const docSelect = `id, kind, code, title, detail, division, enterprise, project, open`

func scanDoc(row db.Scanner) (d Doc, err error) {
	return d, row.Scan(&d.ID, &d.Kind, &d.Code, &d.Title, &d.Detail, &d.Division, &d.Enterprise, &d.Project, &d.Open)
}
