package registry

import (
	"context"
	"iter"
	"slices"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
)

// importMax bounds the rows of one file (INP-3).
const importMax = 100_000

// A Row is one row of a file: its number as the user sees it, and its cells in
// the order of [Input.Columns]. The cells may be reused for the next row.
type Row struct {
	Line  int
	Cells []string
	Wrong bool // a cell could not be read already: the others are checked, the row isn't counted
}

// An Input is a file to be imported. Columns the file lacks leave what is
// registered as it stands; an empty cell of a column that is there empties it.
// Masked personal data (with *) leaves the registered value alone, so that what
// was exported comes back unchanged.
type Input struct {
	Columns  []string // keys
	Rows     iter.Seq2[Row, error]
	Reason   string
	Progress func(rows int64) // may be nil; called now and then
	Dry      bool             // check and count only: nothing is stored, a reading transaction will do
}

// A Problem is what is wrong with one cell. A warning does not stop the import.
type Problem struct {
	Line   int
	Column string // key
	Title  string
	Rule   string
	Text   string
	Warn   bool
}

// A Tally counts what an import did, or would have done but for its errors.
type Tally struct {
	Rows, New, Changed, Same int64
	Errors, Warnings         int64
}

// Err refuses a file with errors, so that the caller's transaction ends.
func (t Tally) Err() error {
	if t.Errors == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "registry.import", "文件中有 %d 处错误，没有导入任何一行。请按提示改正后重新导入。", t.Errors)
}

// hooks is what an import needs to know of its kind of subjects.
type hooks[T comparable] struct {
	kind   string
	fields []field[T]
	key    string // column
	// before reads the keys of a chunk and finds what is registered under them.
	before func(ctx context.Context, tx *db.Tx, items []*item[T]) error
	// finish completes and checks a subject.
	finish func(it *item[T]) error
	// store registers a chunk.
	store func(ctx context.Context, tx *db.Tx, fresh []T, changed []pair[T]) error
}

// An item is a row on its way.
type item[T comparable] struct {
	line  int
	cells []string
	key   string
	old   T
	known bool
	now   T
	bad   bool
	wrong bool            // Row.Wrong
	told  map[string]bool // columns that were refused
}

// An importer is one import.
type importer[T comparable] struct {
	hooks[T]
	s      *Service
	who    authz.Actor
	in     Input
	report func(Problem)
	tally  Tally

	at        []int // of each of the file's columns: its field, or -1
	keyAt     int
	divisions map[code.Division]bool
	allowed   map[code.Division]error
	seen      map[string]int
	change    Change
}

// run reads every row, reports what is wrong, and as long as nothing is, stores.
func (im *importer[T]) run(ctx context.Context, tx *db.Tx) (Tally, error) {
	if err := authz.RequireAny(im.who, authz.RegistryImport); err != nil {
		return Tally{}, err
	}
	if err := im.begin(ctx, tx); err != nil {
		return Tally{}, err
	}
	chunk := make([]*item[T], 0, chunkRows)
	for row, err := range im.in.Rows {
		if err != nil {
			return im.tally, err
		}
		if im.tally.Rows++; im.tally.Rows > importMax {
			return im.tally, fault.New(fault.TooLarge, "registry.import-max", "一个文件最多 %d 行。", importMax)
		}
		chunk = append(chunk, &item[T]{line: row.Line, cells: append([]string(nil), row.Cells...), wrong: row.Wrong})
		if len(chunk) == chunkRows {
			if err := im.chunk(ctx, tx, chunk); err != nil {
				return im.tally, err
			}
			chunk = chunk[:0]
		}
	}
	if err := im.chunk(ctx, tx, chunk); err != nil {
		return im.tally, err
	}
	if im.tally.Errors > 0 || im.in.Dry {
		return im.tally, nil
	}
	return im.tally, audit.Append(ctx, tx, im.who, "registry.imported", im.kind+":import", im.tally)
}

// begin maps the columns and reads what is small.
func (im *importer[T]) begin(ctx context.Context, tx *db.Tx) error {
	im.keyAt = -1
	for i, key := range im.in.Columns {
		im.at = append(im.at, -1)
		for j, f := range im.fields {
			if f.Key == key {
				im.at[i] = j
			}
		}
		if key == im.key {
			im.keyAt = i
		}
	}
	im.allowed, im.seen = map[code.Division]error{}, map[string]int{}
	im.change = Change{tx.Now, im.who.Account, FromImport, clean(im.in.Reason)}
	var err error
	im.divisions, err = divisionSet(ctx, tx)
	return err
}

// divisionSet is the codes that stand today.
func divisionSet(ctx context.Context, tx *db.Tx) (map[code.Division]bool, error) {
	set := map[code.Division]bool{}
	for d, err := range db.Rows(ctx, tx, scanDivision, `SELECT `+divisionCols+` FROM division ORDER BY code`) {
		if err != nil {
			return nil, err
		}
		if d.On(tx.Today()) {
			set[d.Code] = true
		}
	}
	return set, nil
}

func (im *importer[T]) chunk(ctx context.Context, tx *db.Tx, items []*item[T]) error {
	if len(items) == 0 {
		return nil
	}
	if err := im.before(ctx, tx, items); err != nil {
		return err
	}
	var fresh []T
	var changed []pair[T]
	for _, it := range items {
		im.read(it)
		switch {
		case it.bad, it.wrong:
		case !it.known:
			im.tally.New++
			fresh = append(fresh, it.now)
		case it.now == it.old:
			im.tally.Same++
		default:
			im.tally.Changed++
			changed = append(changed, pair[T]{it.old, it.now})
		}
	}
	if im.in.Progress != nil {
		im.in.Progress(im.tally.Rows)
	}
	if im.tally.Errors > 0 || im.in.Dry {
		return nil // the rest is only checked
	}
	return im.store(ctx, tx, fresh, changed)
}

// read turns the cells into a subject over what is registered.
func (im *importer[T]) read(it *item[T]) {
	it.now = it.old
	for i, cell := range it.cells {
		if i >= len(im.at) || im.at[i] < 0 {
			continue
		}
		f := &im.fields[im.at[i]]
		if f.Private && strings.Contains(cell, "*") {
			if !it.known && !it.bad {
				im.refuse(it, f.Key, "registry.masked", "新登记的"+f.Title+"不能带 *，请填写完整内容。")
			}
			continue
		}
		if err := f.set(&it.now, clean(cell)); err != nil && !it.told[f.Key] {
			e := fault.From(err)
			im.refuse(it, f.Key, e.Rule, e.Text)
		}
	}
	im.judge(it)
}

// judge says what the row lacks and what cannot be true of it. Of a row with
// cells that could not be read nothing more is sure than which of the file's
// columns it leaves empty.
func (im *importer[T]) judge(it *item[T]) {
	sure := !it.bad
	im.hear(it, wanting(im.fields, &it.now), func(key string) bool { return sure || slices.Contains(im.in.Columns, key) })
	if sure {
		im.hear(it, im.finish(it), func(string) bool { return true })
	}
}

// hear reports a refusal by the fields it names, those that were told already left out.
func (im *importer[T]) hear(it *item[T], refused error, tell func(key string) bool) {
	if refused == nil {
		return
	}
	e := fault.From(refused)
	for _, key := range sortedKeys(e.Fields) {
		if !it.told[key] && tell(key) {
			im.refuse(it, key, e.Rule, e.Fields[key])
		}
	}
	if len(e.Fields) == 0 {
		im.refuse(it, im.key, e.Rule, e.Text)
	}
}

func (im *importer[T]) refuse(it *item[T], key, rule, text string) {
	it.bad = true
	if it.told == nil {
		it.told = map[string]bool{}
	}
	it.told[key] = true
	im.tally.Errors++
	im.report(Problem{it.line, key, im.title(key), rule, text, false})
}

func (im *importer[T]) warn(it *item[T], key, rule, text string) {
	im.tally.Warnings++
	im.report(Problem{it.line, key, im.title(key), rule, text, true})
}

func (im *importer[T]) title(key string) string {
	for _, f := range im.fields {
		if f.Key == key {
			return f.Title
		}
	}
	return ""
}

// cell is the key cell of an item.
func (im *importer[T]) keyCell(it *item[T]) string {
	if im.keyAt < 0 || im.keyAt >= len(it.cells) {
		return ""
	}
	return clean(it.cells[im.keyAt])
}

// once refuses a second row of the same subject.
func (im *importer[T]) once(it *item[T]) {
	if line, twice := im.seen[it.key]; twice {
		im.refuse(it, im.key, "registry.twice", "与第 "+itoa(line)+" 行重复。")
		return
	}
	im.seen[it.key] = it.line
}

// at asks whether the actor may import at a division that stands.
func (im *importer[T]) place(refused *fault.Error, d code.Division) {
	if !im.divisions[d] {
		refused.With("division", "没有这个区划代码。")
		return
	}
	err, asked := im.allowed[d]
	if !asked {
		err = authz.Require(im.who, authz.RegistryImport, authz.Place{Division: d})
		im.allowed[d] = err
	}
	if err != nil {
		refused.With("division", "不在您管辖的区划内。")
	}
}
