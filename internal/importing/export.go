package importing

import (
	"context"
	"io"
	"iter"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/sheet"
)

// Export writes what an actor may export of a division, in the columns in which
// it can be imported again, and tells how many rows. Personal data is masked
// unless clear, which is an act of its own (PI-2).
func (s *Service) Export(ctx context.Context, who authz.Actor, w io.Writer, kind Kind, division code.Division, format sheet.Format, clear bool) (n int, err error) {
	if kind == Orders {
		return 0, fault.New(fault.NotFound, "importing.export", "12345工单请从诉求列表导出。")
	}
	begin := s.DB.Read
	if clear {
		begin = s.DB.Write // the act leaves an audit event
	}
	err = begin(ctx, func(tx *db.Tx) error {
		n, err = kind.Schema().Write(ctx, w, format, s.exported(ctx, tx, who, kind, division, clear))
		return err
	})
	return n, err
}

func (s *Service) exported(ctx context.Context, tx *db.Tx, who authz.Actor, kind Kind, division code.Division, clear bool) iter.Seq2[[]any, error] {
	switch kind {
	case Enterprises:
		return values(s.Registry.ExportEnterprises(ctx, tx, who, division, clear))
	case Projects:
		return values(s.Registry.ExportProjects(ctx, tx, who, division))
	case Staff:
		return values(s.Registry.ExportStaff(ctx, tx, who, division, clear))
	case Deeds:
		return s.exportedDeeds(ctx, tx, who, division)
	}
	return s.exportedRecords(ctx, tx, who, division)
}

func values(rows iter.Seq2[[]string, error]) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		var out []any
		for row, err := range rows {
			out = out[:0]
			for _, text := range row {
				out = append(out, text)
			}
			if !yield(out, err) || err != nil {
				return
			}
		}
	}
}

// exportedRecords are the records that are or were in effect, by id.
func (s *Service) exportedRecords(ctx context.Context, tx *db.Tx, who authz.Actor, division code.Division) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for p, err := range s.Records.ExportIn(ctx, tx, who, division) {
			if err != nil {
				yield(nil, err)
				return
			}
			others, person := "", any(nil)
			for i, c := range p.Projects {
				if i > 0 {
					others += "；"
				}
				others += string(c)
			}
			if p.Person != 0 {
				person = p.Person.String()
			}
			d := p.Document
			row := []any{
				p.ID.String(), p.Item, p.Level, string(p.Enterprise), string(p.Project), others, person, p.Event, p.Summary,
				d.Type, d.Number, d.Issuer, d.Date, d.Expires, p.Honour, optional(p.Value), optional(p.Past.Points), p.Past.Reason, p.Due,
				p.Past.Identified, p.Past.Effective,
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// optional leaves a cell empty that says nothing.
func optional[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}
