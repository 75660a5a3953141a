package credit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
)

// numberMin is how many characters of a document number must be given.
const numberMin = 4

// A Numbered is something that is found by a document number: a publication, or a
// record by its proof, its notice or another letter about it.
type Numbered struct {
	Number     string
	Period     string // of a publication, else
	Record     db.ID
	Own        bool // the actor reads the record at its desk, not only as everybody does
	Item       string
	ItemTitle  string
	Enterprise string // name
	Project    string // name
}

var numberBrackets = strings.NewReplacer(
	"[", "〔", "]", "〕", "［", "〔", "］", "〕", "(", "〔", ")", "〕", "（", "〔", "）", "〕", "【", "〔", "】", "〕", " ", "", "　", "",
)

// ByNumber finds publications and records by the beginning of a document number,
// in whatever brackets, as far as the actor may see them (AZ-2).
func (s *Records) ByNumber(ctx context.Context, tx *db.Tx, who authz.Actor, text string, limit int) ([]Numbered, error) {
	text = numberBrackets.Replace(text)
	if len([]rune(text)) < numberMin || !strings.ContainsAny(text, "〔0123456789") {
		return nil, nil
	}
	last := text + "\U0010FFFF"
	out, err := db.All(ctx, tx, func(row db.Scanner) (n Numbered, err error) { return n, row.Scan(&n.Number, &n.Period) }, `
		SELECT number, period FROM credit_publication
		WHERE state = 'published' AND number >= $1 AND number < $2 ORDER BY id DESC LIMIT $3`, text, last, limit)
	if err != nil {
		return nil, err
	}
	records, err := numbered(ctx, tx, who, text, last, limit)
	if err != nil {
		return nil, err
	}
	if records, err = s.withLetters(ctx, tx, who, text, limit, records); err != nil {
		return nil, err
	}
	b, err := s.Books(ctx, tx, tx.Today())
	if err != nil {
		return nil, err
	}
	for _, n := range records {
		if it := b.Item(b.ItemNo(n.Item)); it != nil {
			n.ItemTitle = it.Title
		}
		out = append(out, n)
	}
	return out[:min(len(out), limit)], nil
}

// seenByNumber is a query over records that the actor, or everybody, may see;
// its first column says whether it is the actor's own view.
func seenByNumber(who authz.Actor, arg func(any) string, number, where string) string {
	sees := visible(who, arg)
	return `
		SELECT ` + sees + ` AS own, ` + number + `, c.record, c.item, COALESCE(e.name, ''), COALESCE(p.name, '')
		FROM credit_current c
		JOIN credit_record r ON r.id = c.record
		LEFT JOIN enterprise e ON e.uscc = c.enterprise
		LEFT JOIN project p ON p.code = c.project
		WHERE (` + sees + ` OR c.state IN (` + list(publicStates, arg) + `)) AND ` + where
}

func scanNumbered(row db.Scanner) (n Numbered, err error) {
	return n, row.Scan(&n.Own, &n.Number, &n.Record, &n.Item, &n.Enterprise, &n.Project)
}

// numbered finds records by the number of their proof or of their notice.
func numbered(ctx context.Context, tx *db.Tx, who authz.Actor, from, to string, limit int) ([]Numbered, error) {
	var out []Numbered
	for _, column := range []string{"r.document_number", "c.number"} {
		var args []any
		arg := func(v any) string { args = append(args, v); return fmt.Sprintf("$%d", len(args)) }
		query := seenByNumber(who, arg, column, column+` <> '' AND `+column+` >= `+arg(from)+` AND `+column+` < `+arg(to))
		found, err := db.All(ctx, tx, scanNumbered, query+` ORDER BY `+column+`, c.record LIMIT `+arg(limit), args...)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// withLetters adds what only those concerned may know: records by the number of
// another letter about them, such as the decision on an objection.
func (s *Records) withLetters(ctx context.Context, tx *db.Tx, who authz.Actor, text string, limit int, have []Numbered) ([]Numbered, error) {
	if who.Account == 0 {
		return have, nil
	}
	letters, err := notify.ByNumber(ctx, tx, text, limit)
	if err != nil {
		return nil, err
	}
	for _, m := range letters {
		id, ok := strings.CutPrefix(m.Object, "credit_record:")
		record, err := db.ParseID(id)
		if !ok || err != nil || slices.ContainsFunc(have, func(n Numbered) bool { return n.Record == record && n.Number == m.Number }) {
			continue
		}
		o, err := s.load(ctx, tx, who, record)
		if err != nil && fault.From(err).Kind == fault.NotFound {
			continue // not the actor's to see
		}
		if err != nil {
			return nil, err
		}
		n := Numbered{Number: m.Number, Record: record, Own: true, Item: o.f.Item}
		if n.Enterprise, n.Project, err = namesOf(ctx, tx, o.f.Enterprise, o.f.Project); err != nil {
			return nil, err
		}
		have = append(have, n)
	}
	return have, nil
}
