package credit

import (
	"context"
	"iter"
	"strings"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/db"
)

// goneStates are the states of records that no longer stand, as SQL.
var goneStates = "'" + strings.Join(gone, "', '") + "'"

// An Exported record is a record in the form in which ImportIn takes it.
type Exported struct {
	ID db.ID
	Proposal
	Past PastRecord
}

// ExportIn yields the records of a division that have taken effect and still
// stand, as far as the actor may export them, by id.
func (s *Records) ExportIn(ctx context.Context, tx *db.Tx, who authz.Actor, division code.Division) iter.Seq2[Exported, error] {
	return func(yield func(Exported, error) bool) {
		if err := authz.RequireAny(who, authz.CreditExport); err != nil {
			yield(Exported{}, err)
			return
		}
		cond, args := authz.Filter(authz.Scopes(who, authz.CreditExport), authz.Columns{Division: "c.division", Enterprise: "c.enterprise", Project: "c.project"}, 3)
		args = append([]any{string(division), string(division) + ":"}, args...)
		for e, err := range db.Rows(ctx, tx, scanExported, exportedSelect+` AND `+cond+` ORDER BY r.id`, args...) {
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

var exportedSelect = `
	SELECT r.id, r.item, r.level, r.enterprise, r.project, r.person, r.event, r.summary, r.document_type, r.document_number,
		r.document_issuer, r.document_date, r.document_expires, r.honour, r.value, c.rectify_by, c.identified, c.effective, c.points,
		(SELECT STRING_AGG(p.code, ' ' ORDER BY p.code) FROM credit_record_subject x JOIN project p ON p.id = x.subject
			WHERE x.record = r.id AND x.kind = ` + projectKind + ` AND p.code <> r.project)
	FROM credit_current c JOIN credit_record r ON r.id = c.record
	WHERE c.division >= $1 AND c.division < $2 AND c.effective IS NOT NULL AND c.state NOT IN (` + goneStates + `)`

// projectKind is [Project] as SQL.
const projectKind = "2"

func scanExported(row db.Scanner) (e Exported, err error) {
	var others nullText
	err = row.Scan(&e.ID, &e.Item, &e.Level, &e.Enterprise, &e.Project, &e.Person, &e.Event, &e.Summary, &e.Document.Type, &e.Document.Number,
		&e.Document.Issuer, &e.Document.Date, &e.Document.Expires, &e.Honour, (*int64)(&e.Value), &e.Due, &e.Past.Identified, &e.Past.Effective,
		(*int64)(&e.Past.Points), &others)
	for c := range strings.FieldsSeq(string(others)) {
		e.Projects = append(e.Projects, code.ProjectCode(c))
	}
	return e, err
}
