package importing

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/sheet"
)

const (
	checkMax    = time.Minute     // to read and judge a file (INP-3)
	timeMax     = 5 * time.Minute // to store one
	reasonMax   = 200
	problemsMax = 20_000 // a file with more mistakes is not read on
)

// A Service imports and exports.
type Service struct {
	DB       *db.DB
	Registry *registry.Service
	Records  *credit.Records
	Ledger   *deed.Service
	Reports  *resident.Reports
	Files    *blob.Store
	// Actor is who an account's holder is now; jobs act for them.
	Actor func(ctx context.Context, tx *db.Tx, account db.ID) (authz.Actor, error)
	// Limits of a file; zero is [sheet.Standard].
	Limits sheet.Limits
}

// A File is a file to import, and how to read it.
type File struct {
	Kind    Kind
	Content io.ReaderAt
	Size    int64
	Sheet   string        // worksheet; "" is the first visible one
	Mapping sheet.Mapping // without columns, found by the heads
	Reason  string        // kept with every changed subject
}

// An Outcome is what came of a file.
type Outcome struct {
	Kind      Kind            `json:"kind"`
	Dry       bool            `json:"dry"`
	Committed bool            `json:"committed"`
	Rows      int64           `json:"rows"`
	New       int64           `json:"new"`
	Changed   int64           `json:"changed"`
	Same      int64           `json:"same"`
	Report    sheet.Report    `json:"report"`
	Warnings  int             `json:"warnings"`
	Warned    []sheet.Problem `json:"warned,omitempty"` // the first of them
	Stopped   bool            `json:"stopped"`          // too many mistakes: the rest wasn't read
	Mapping   sheet.Mapping   `json:"mapping"`
	Orders    []Order         `json:"orders,omitempty"` // the first of those that are here now
}

// Err is nil if nothing was wrong with the file, else one fault with the first
// mistakes by row and field.
func (o *Outcome) Err() error { return o.Report.Err() }

// Template writes an empty file of a kind.
func (s *Service) Template(ctx context.Context, w io.Writer, kind Kind, format sheet.Format) error {
	schema := kind.Schema()
	if kind == Orders {
		err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { schema, err = s.orderSchema(ctx, tx); return err })
		if err != nil {
			return err
		}
	}
	return schema.Template(ctx, w, format)
}

// Inspect shows what a file looks like, for a person to map its columns.
func (s *Service) Inspect(ctx context.Context, who authz.Actor, f File) (sheet.Inspection, error) {
	if err := authz.RequireAny(who, f.Kind.Act()); err != nil {
		return sheet.Inspection{}, err
	}
	file, err := s.open(ctx, f)
	if err != nil {
		return sheet.Inspection{}, err
	}
	return f.Kind.Schema().Inspect(ctx, file)
}

// Check reads a whole file and tells what an import would do and what is wrong;
// nothing is stored.
func (s *Service) Check(ctx context.Context, who authz.Actor, f File, progress func(rows int64)) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, checkMax)
	defer cancel()
	var out Outcome
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		out, err = s.pass(ctx, tx, who, f, true, progress)
		return err
	})
	return out, err
}

// Import takes a file over in one transaction: all of it, or nothing if anything
// is wrong with it, which [Outcome.Report] then says.
func (s *Service) Import(ctx context.Context, who authz.Actor, f File, progress func(rows int64)) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, timeMax)
	defer cancel()
	var out Outcome
	err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		out, err = s.ImportIn(ctx, tx, who, f, progress)
		if err == nil && !out.Committed {
			return errMistakes
		}
		return err
	})
	if errors.Is(err, errMistakes) {
		err = nil
	}
	return out, err
}

// ImportIn is Import inside the caller's transaction, which the caller must not
// commit unless the outcome says Committed.
func (s *Service) ImportIn(ctx context.Context, tx *db.Tx, who authz.Actor, f File, progress func(rows int64)) (Outcome, error) {
	out, err := s.pass(ctx, tx, who, f, false, progress)
	out.Committed = err == nil && out.Report.Total == 0
	return out, err
}

var errMistakes = errors.New("the file has mistakes")

func (s *Service) open(ctx context.Context, f File) (*sheet.File, error) {
	if f.Kind.Schema() == nil {
		_, err := ParseKind(string(f.Kind))
		return nil, err
	}
	file, err := sheet.Open(ctx, f.Content, f.Size, s.limits())
	if err != nil {
		return nil, err
	}
	if f.Sheet != "" {
		err = file.Use(f.Sheet)
	}
	return file, err
}

// A pass is one reading of one file.
type pass struct {
	schema  *sheet.Schema
	file    *sheet.File
	mapping sheet.Mapping
	out     Outcome
	refused map[cell]bool   // by the sheet already; whoever gets the row need not say it again
	bad     map[int]bool    // rows
	absent  map[string]bool // columns that the heads lack and rows need
	dry     bool
	tell    func(rows int64)
}

type cell struct {
	row int
	key string
}

func (s *Service) pass(ctx context.Context, tx *db.Tx, who authz.Actor, f File, dry bool, progress func(rows int64)) (Outcome, error) {
	if err := authz.RequireAny(who, f.Kind.Act()); err != nil {
		return Outcome{}, err
	}
	if len([]rune(f.Reason)) > reasonMax {
		return Outcome{}, fault.New(fault.Invalid, "importing.reason", "导入说明不能超过 %d 个字。", reasonMax).With("reason", "不能超过 200 个字。")
	}
	file, err := s.open(ctx, f)
	if err != nil {
		return Outcome{}, err
	}
	p := &pass{
		schema: f.Kind.Schema(), file: file, mapping: f.Mapping, dry: dry, refused: map[cell]bool{}, bad: map[int]bool{}, absent: map[string]bool{},
		out: Outcome{Kind: f.Kind, Dry: dry}, tell: progress,
	}
	if p.mapping.Columns == nil {
		in, err := p.schema.Inspect(ctx, file)
		if err != nil {
			return p.out, err
		}
		p.mapping = in.Mapping
	}
	p.out.Mapping = p.mapping
	if len(p.mapping.Columns) == 0 {
		return p.out, fault.New(fault.Invalid, "sheet.columns", "没有找到可以导入的列，请对照模板检查表头。")
	}
	switch f.Kind {
	case Records:
		err = s.records(ctx, tx, who, p)
	case Deeds:
		err = s.deeds(ctx, tx, who, p)
	case Orders:
		err = s.orders(ctx, tx, who, p)
	default:
		err = s.register(ctx, tx, who, p, f)
	}
	p.out.Report.Rows, p.out.Report.Bad = int(p.out.Rows), len(p.bad)
	p.out.Report.Sort()
	return p.out, err
}

// register hands the rows to the register.
func (s *Service) register(ctx context.Context, tx *db.Tx, who authz.Actor, p *pass, f File) error {
	do := map[Kind]func(context.Context, *db.Tx, authz.Actor, registry.Input, func(registry.Problem)) (registry.Tally, error){
		Enterprises: s.Registry.ImportEnterprises, Projects: s.Registry.ImportProjects, Staff: s.Registry.ImportStaff,
	}[f.Kind]
	var keys []string
	var at []int
	for i, c := range p.schema.Columns {
		if _, has := p.mapping.Columns[c.Key]; has {
			keys, at = append(keys, c.Key), append(at, i)
		}
	}
	tally, err := do(ctx, tx, who, registry.Input{
		Columns: keys, Rows: p.cells(ctx, at), Reason: f.Reason, Progress: p.tell, Dry: p.dry,
	}, p.hear)
	p.out.New, p.out.Changed, p.out.Same = tally.New, tally.Changed, tally.Same
	return err
}

// rows yields the rows of the file and keeps what is wrong with their cells.
func (p *pass) rows(ctx context.Context) iter.Seq2[*sheet.Row, error] {
	return func(yield func(*sheet.Row, error) bool) {
		for r, err := range p.schema.Read(ctx, p.file, p.mapping) {
			if err != nil {
				yield(nil, err)
				return
			}
			p.out.Rows++
			for _, problem := range r.Problems {
				p.refused[cell{r.Number, problem.Key}] = true
			}
			p.refuse(r.Problems...)
			if p.out.Report.Total >= problemsMax {
				p.out.Stopped = true
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (p *pass) refuse(problems ...sheet.Problem) {
	for _, problem := range problems {
		p.bad[problem.Row] = true
	}
	p.out.Report.AddProblems(problems...)
}

// miss says once, of the heads, that a column is not there which rows need: whoever
// mends the file mends one place.
func (p *pass) miss(of sheet.Problem) {
	p.bad[of.Row] = true
	if p.absent[of.Key] {
		return
	}
	p.absent[of.Key] = true
	of.Row, of.Rule, of.Text = p.mapping.Row, "sheet.columns", "表头里没有这一列；文件中有新登记的内容，这一列必须填写。"
	p.out.Report.AddProblems(of)
}

// cells yields the rows as the register takes them: text as people would type
// it, whatever the file made of it.
func (p *pass) cells(ctx context.Context, at []int) iter.Seq2[registry.Row, error] {
	return func(yield func(registry.Row, error) bool) {
		texts := make([]string, len(at))
		for r, err := range p.rows(ctx) {
			if err != nil {
				yield(registry.Row{}, err)
				return
			}
			for i, column := range at {
				texts[i] = r.TextAt(column)
			}
			if !yield(registry.Row{Line: r.Number, Cells: texts, Wrong: len(r.Problems) > 0}, nil) {
				return
			}
		}
	}
}

// hear takes what the register says of a cell.
func (p *pass) hear(said registry.Problem) {
	problem := sheet.Problem{Row: said.Line, Key: said.Column, Title: said.Title, Rule: said.Rule, Text: said.Text}
	i, has := p.mapping.Columns[said.Column]
	if has {
		problem.Column = sheet.ColumnName(i)
	}
	switch {
	case !has && said.Rule == "registry.required":
		p.miss(problem)
	case said.Warn:
		if p.out.Warnings++; len(p.out.Warned) < sheet.ProblemsMax {
			p.out.Warned = append(p.out.Warned, problem)
		}
	case !p.refused[cell{said.Line, said.Column}]:
		p.refuse(problem)
	}
}
