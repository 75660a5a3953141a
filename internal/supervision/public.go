package supervision

import (
	"context"
	"slices"

	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/registry"
)

// A PublicCase is what everybody may know of a verified fault: what was wrong,
// by when it had to be mended, what followed. Who reported it, what was written
// and the photos stay inside.
type PublicCase struct {
	Case
	Rule     Violation
	Measures []Measure // decided ones, without their reasons
	Steps    []casework.Step
}

// publicActs are the steps that everybody sees, from the finding on.
var publicActs = []string{
	ActConfirm, ActOrder, ActGrantLonger, ActReply, ActAsk, ActGrant, ActDeny, ActReport, ActLapse, ActPass, ActFail, ActAgree, ActSettle, ActReopen, ActArchive, ActHand, ActEnd,
}

// PublicCase reads a case for everybody; one that was not verified isn't there.
func (s *Cases) PublicCase(ctx context.Context, tx *db.Tx, id db.ID) (p PublicCase, err error) {
	c, ok, err := caseByID(ctx, tx, id)
	if err != nil {
		return p, err
	}
	if !ok || c.Verified == 0 {
		return p, missing()
	}
	p.Case = c
	p.Facts, p.Spot, p.Channel, p.Wished = "", "", "", 0
	b, err := s.Books.ByDigest(ctx, tx, c.Book)
	if err != nil {
		return p, err
	}
	p.Rule, _ = b.Violation(c.Violation)
	p.ViolationTitle = p.Rule.Title
	firms, err := registry.EnterpriseNames(ctx, tx, []code.USCC{c.Enterprise})
	if err != nil {
		return p, err
	}
	projects, err := registry.ProjectNames(ctx, tx, []code.ProjectCode{c.Project})
	if err != nil {
		return p, err
	}
	p.EnterpriseName, p.ProjectName = firms[c.Enterprise], projects[c.Project]
	if p.Measures, err = measuresOf(ctx, tx, id); err != nil {
		return p, err
	}
	p.Measures = slices.DeleteFunc(p.Measures, func(m Measure) bool { return !m.decided() && !m.Void() })
	for i := range p.Measures {
		p.Measures[i].Reason, p.Measures[i].Outcome = "", ""
	}
	flow, err := casework.Find(ctx, tx, CaseMachine, id)
	if err != nil {
		return p, err
	}
	steps, err := casework.History(ctx, tx, flow)
	for _, x := range steps {
		if slices.Contains(publicActs, x.Act) {
			x.Note, x.Body = "", ""
			p.Steps = append(p.Steps, x)
		}
	}
	return p, err
}

// OfRecord is the measure that a record of credit came from; false: from none.
func OfRecord(ctx context.Context, tx *db.Tx, record db.ID) (Measure, bool, error) {
	return db.One(ctx, tx, scanMeasure, measureSelect+`WHERE m.record = $1 ORDER BY m.id LIMIT 1`, record)
}

// CountPublic counts the verified cases about an enterprise or a project: what
// [Cases.Public] lists for the same question.
func CountPublic(ctx context.Context, tx *db.Tx, enterprise code.USCC, project code.ProjectCode) (int64, error) {
	return db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM supervision_case WHERE verified IS NOT NULL AND ($1 = '' OR enterprise = $1) AND ($2 = '' OR project = $2)`, string(enterprise), string(project))
}
