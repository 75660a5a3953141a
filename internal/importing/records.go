package importing

import (
	"context"
	"strings"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
	"juli/internal/sheet"
)

// progressEvery is how many records are taken over between two words of progress.
const progressEvery = 500

// records takes over past credit information, row by row through credit's own
// gate, in the caller's transaction. The same proof for the same item and
// subject is there already and stays as it is.
func (s *Service) records(ctx context.Context, tx *db.Tx, who authz.Actor, p *pass) error {
	for r, err := range p.rows(ctx) {
		if err != nil {
			return err
		}
		if p.tell != nil && p.out.Rows%progressEvery == 0 {
			p.tell(p.out.Rows)
		}
		if len(r.Problems) > 0 {
			continue
		}
		if there, err := s.there(ctx, tx, who, r); err != nil {
			return err
		} else if there {
			p.out.Same++
			continue
		}
		proposal, err := proposalOf(r)
		var fresh bool
		if err == nil {
			_, fresh, err = s.Records.ImportIn(ctx, tx, who, proposal, credit.PastRecord{
				Identified: r.Date("identified"), Effective: r.Date("effective"), Points: money.Points(r.Cell("points").N), Reason: r.Text("reason"),
			})
		}
		switch {
		case err != nil && fault.From(err).Kind == fault.Internal:
			return err
		case err != nil:
			r.RefuseErr(err)
			p.refuse(r.Problems...)
		case fresh:
			p.out.New++
		default:
			p.out.Same++
		}
	}
	return nil
}

// there tells whether a row names a record by the number that an export gave it.
func (s *Service) there(ctx context.Context, tx *db.Tx, who authz.Actor, r *sheet.Row) (bool, error) {
	id, err := db.ParseID(r.Text("record"))
	if err != nil || id == 0 {
		return false, nil
	}
	return s.Records.Stands(ctx, tx, who, id)
}

// proposalOf reads a row as the event that was recorded.
func proposalOf(r *sheet.Row) (credit.Proposal, error) {
	p := credit.Proposal{
		Item: r.Text("item"), Level: r.Text("level"), Enterprise: code.USCC(r.Text("enterprise")),
		Event: r.Date("event"), Summary: r.Text("summary"), Honour: r.Text("honour"), Value: money.Points(r.Cell("value").N), Due: r.Date("due"),
		Document: credit.Document{
			Type: r.Text("document_type"), Number: r.Text("document_number"), Issuer: r.Text("document_issuer"),
			Date: r.Date("document_date"), Expires: r.Date("document_expires"),
		},
		Known: true, // whoever imports a file has looked at it
	}
	refused := fault.New(fault.Invalid, "importing.record", "请改正标出的内容。")
	var err error
	if s := r.Text("project"); s != "" {
		if p.Project, err = code.ParseProjectCode(s); err != nil {
			refused.With("project", fault.From(err).Text)
		}
	}
	for _, s := range strings.FieldsFunc(r.Text("projects"), func(c rune) bool { return strings.ContainsRune(";；,，、 \n", c) }) {
		other, err := code.ParseProjectCode(s)
		if err != nil {
			refused.With("projects", fault.From(err).Text)
			continue
		}
		p.Projects = append(p.Projects, other)
	}
	if s := r.Text("person"); s != "" {
		if p.Person, err = db.ParseID(s); err != nil {
			refused.With("person", "没有这个人员编号。")
		}
	}
	if p.Document.Number == "" { // by it the same file is known again
		refused.With("document_number", "请填写文号；没有文号时填写原系统编号。")
	}
	return p, refused.OrNil()
}
