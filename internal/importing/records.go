package importing

import (
	"context"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
	"juli/internal/registry"
	"juli/internal/sheet"
)

// records takes over past credit information through credit's own gate, in the
// caller's transaction. The same proof for the same item and subject is there
// already and stays as it is.
func (s *Service) records(ctx context.Context, tx *db.Tx, who authz.Actor, p *pass) error {
	take, err := s.Records.TakeOver(ctx, tx, who, p.dry, p.hearRecord)
	if err != nil {
		return err
	}
	for r, err := range p.rows(ctx) {
		if err != nil {
			return err
		}
		if p.tell != nil && p.out.Rows%progressEvery == 0 {
			p.tell(p.out.Rows)
		}
		told := len(r.Problems)
		row := credit.PastRow{Line: r.Number}
		if row.Proposal, err = proposalOf(r); err != nil {
			r.RefuseErr(err)
			p.refuse(r.Problems[told:]...)
		}
		for _, problem := range r.Problems {
			p.refused[cell{r.Number, problem.Key}] = true
			row.Wrong = append(row.Wrong, problem.Key)
		}
		if id, err := db.ParseID(r.Text("record")); err == nil {
			row.Record = id
		}
		row.Past = credit.PastRecord{
			Identified: r.Date("identified"), Effective: r.Date("effective"), Points: money.Points(r.Cell("points").N), Reason: r.Text("reason"),
		}
		if err := take.Add(ctx, row); err != nil {
			return err
		}
	}
	err = take.Close(ctx)
	p.out.New, p.out.Same = take.New, take.Same
	return err
}

// progressEvery is how many records are taken over between two words of progress.
const progressEvery = 500

// hearRecord takes what credit says of a row. What it says of a field that the
// file knows nothing of is said of the whole row.
func (p *pass) hearRecord(said credit.PastProblem) {
	if said.Field == "files" { // a file's only proof
		said.Field = "document_number"
	}
	at := slices.IndexFunc(p.schema.Columns, func(c sheet.Column) bool { return c.Key == said.Field })
	if at < 0 {
		p.refuse(sheet.Problem{Row: said.Line, Rule: said.Rule, Text: said.Text})
		return
	}
	p.hear(registry.Problem{Line: said.Line, Column: said.Field, Title: p.schema.Columns[at].Title, Rule: said.Rule, Text: said.Text})
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
