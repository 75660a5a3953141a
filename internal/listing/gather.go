package listing

import (
	"context"
	"strings"

	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
	"juli/internal/registry"
)

// A survey is everything that is known of the city in a batch's period.
type survey struct {
	batch       Batch
	book        *Book
	by          map[subjectKey]*Evidence
	order       []subjectKey // by code, so that a survey lists the same each time
	inspections int64
	inspected   int64
}

type subjectKey struct {
	kind SubjectKind
	code string
}

// gather surveys the city: its stock, results, credit information, inspections
// and cases.
func (s *Service) gather(ctx context.Context, tx *db.Tx, b Batch) (*survey, error) {
	book, err := s.Books.ByDigest(ctx, tx, b.Book)
	if err != nil {
		return nil, err
	}
	v := &survey{batch: b, book: book, by: map[subjectKey]*Evidence{}}
	for _, step := range []func(context.Context, *db.Tx, *survey) error{s.stock, s.results, s.notes, s.visits, s.cases} {
		if err := step(ctx, tx, v); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (v *survey) at(kind SubjectKind, code string) *Evidence { return v.by[subjectKey{kind, code}] }

// stock reads the projects that an enterprise holds, and the enterprises with
// what they hold.
func (s *Service) stock(ctx context.Context, tx *db.Tx, v *survey) error {
	add := func(e *Evidence) {
		e.Items, e.Classes = map[string]int64{}, map[string]int64{}
		key := subjectKey{e.Kind, e.Code}
		v.by[key] = e
		v.order = append(v.order, key)
	}
	subjects, err := registry.StockOf(ctx, tx)
	if err != nil {
		return err
	}
	for _, x := range subjects.Enterprises {
		add(&Evidence{
			Kind: OfEnterprise, ID: x.ID, Code: string(x.USCC), Name: x.Name, Enterprise: x.USCC, Division: x.Division,
			Homes: x.Homes, Area: x.Area, Built: x.Built, Projects: x.Projects,
		})
	}
	for _, x := range subjects.Projects {
		add(&Evidence{
			Kind: OfProject, ID: x.ID, Code: string(x.Code), Name: x.Name, Enterprise: x.Enterprise, Division: x.Division,
			Homes: x.Homes, Area: x.Area, Built: x.Built, Projects: 1,
		})
	}
	return nil
}

// results reads the published cycles that were known at the end of the period.
func (s *Service) results(ctx context.Context, tx *db.Tx, v *survey) error {
	if s.Evaluations == nil {
		return nil
	}
	cycles, err := s.Evaluations.Cycles(ctx, tx)
	if err != nil {
		return err
	}
	n, most := 0, 1
	for _, t := range v.book.Triggers {
		most = max(most, t.Cycles)
	}
	for _, c := range cycles { // newest first
		if c.AsOf > v.batch.To || n == most {
			continue
		}
		for kind, of := range map[credit.SubjectKind]SubjectKind{credit.Enterprise: OfEnterprise, credit.Project: OfProject} {
			if of == OfProject && n > 0 {
				continue // a project's older results are not asked for
			}
			all, err := s.Evaluations.Everybody(ctx, tx, c.Evaluation, kind)
			if err != nil {
				return err
			}
			v.note(of, all, n == 0)
		}
		n++
	}
	return nil
}

// note adds one cycle's results to the subjects of a kind.
func (v *survey) note(kind SubjectKind, all []credit.Ranked, newest bool) {
	var scored int64
	for _, x := range all {
		if x.Scored && x.RankCity > 0 {
			scored++
		}
	}
	for i := range all {
		x := &all[i]
		e := v.at(kind, x.Code)
		if e == nil || kind == OfProject && !v.of(e, x.Enterprise) {
			continue
		}
		grade := x.Grade
		if grade == "" {
			grade = x.Status
		}
		e.Grades = append(e.Grades, grade)
		if newest {
			e.Scored, e.Rank, e.Ranked = x.Scored, x.RankCity, scored
		}
	}
}

// of says whether a project's result is of the enterprise that serves it now.
func (v *survey) of(e *Evidence, enterprise db.ID) bool {
	firm := v.at(OfEnterprise, string(e.Enterprise))
	return firm == nil || enterprise == 0 || firm.ID == enterprise
}

func (s *Service) notes(ctx context.Context, tx *db.Tx, v *survey) error {
	list, err := credit.NotedIn(ctx, tx, v.batch.From, v.batch.To)
	for _, n := range list {
		e := v.at(OfEnterprise, string(n.Enterprise))
		if n.Project != "" {
			if p := v.served(n.Project, n.Enterprise); p != nil {
				e = p
			}
		}
		if e != nil {
			e.Items[n.Item]++
			e.Classes[n.Class]++
		}
	}
	return err
}

func (s *Service) visits(ctx context.Context, tx *db.Tx, v *survey) error {
	if s.Inspections == nil {
		return nil
	}
	list, err := s.Inspections(ctx, tx, v.batch.From, v.batch.To)
	firm, seen := map[code.USCC]money.Points{}, map[code.ProjectCode]bool{}
	for _, x := range list {
		if x.Made == 0 || v.at(OfProject, string(x.Project)) == nil {
			continue
		}
		v.inspections += x.Made
		seen[x.Project] = true
		if e := v.served(string(x.Project), x.Enterprise); e != nil {
			e.Inspections, e.InspectionScore = x.Made, x.Score
		}
		if f := v.at(OfEnterprise, string(x.Enterprise)); f != nil {
			f.Inspections += x.Made
			firm[x.Enterprise] += x.Score * money.Points(x.Made)
		}
	}
	v.inspected = int64(len(seen))
	for uscc, sum := range firm {
		f := v.at(OfEnterprise, string(uscc))
		f.InspectionScore = sum / money.Points(f.Inspections)
	}
	return err
}

// served is a project while the enterprise that something concerns serves it. What a
// firm did there before it left is not held against the one that came after.
func (v *survey) served(project string, by code.USCC) *Evidence {
	if e := v.at(OfProject, project); e != nil && e.Enterprise == by {
		return e
	}
	return nil
}

// cases counts for the enterprise whose they are, and for the project while it serves
// it; what it left behind at others counts with it as such.
func (s *Service) cases(ctx context.Context, tx *db.Tx, v *survey) error {
	if s.Cases == nil {
		return nil
	}
	list, err := s.Cases(ctx, tx, v.batch.From, v.batch.To, v.book.RedLine)
	for _, x := range list {
		firm := v.at(OfEnterprise, string(x.Enterprise))
		if firm != nil {
			firm.add(x)
		}
		switch p := v.served(string(x.Project), x.Enterprise); {
		case p != nil:
			p.add(x)
		case x.Project != "" && firm != nil:
			firm.Left.add(x)
		}
	}
	return err
}

func (d *Done) add(x Cased) {
	d.CasesFound, d.CasesOpen, d.RedLine = d.CasesFound+x.Found, d.CasesOpen+x.Open, d.RedLine || x.RedLine
	d.CasesLate, d.Exposed = d.CasesLate+x.Late, d.Exposed+x.Exposed
}

// caseProofs words what cases of the period say of a subject.
func (v *survey) caseProofs(x *Evidence) (out []Proof) {
	period := v.batch.From.String() + " 至 " + v.batch.To.String()
	if x.CasesFound+x.CasesLate > 0 {
		text := numbered("期内查实案件 %d 件，期内逾期 %d 件，尚未整改 %d 件", x.CasesFound, x.CasesLate, x.CasesOpen)
		if left := x.Left; left.CasesFound+left.CasesLate > 0 {
			text += numbered("（其中在已不再服务的项目：查实 %d 件，逾期 %d 件，尚未整改 %d 件）", left.CasesFound, left.CasesLate, left.CasesOpen)
		}
		out = append(out, Proof{"CASE", period, text})
	}
	if x.Exposed > 0 {
		out = append(out, Proof{"CASE", period, numbered("决定媒体曝光、提请列入黑榜 %d 次", x.Exposed)})
	}
	return out
}

// proofs words what the survey knows of a subject, for the public entry.
func (s *Service) proofs(ctx context.Context, tx *db.Tx, v *survey, e *Entry) ([]Proof, error) {
	x := v.at(e.Kind, e.Subject)
	if x == nil {
		return nil, nil
	}
	out := v.caseProofs(x)
	period := v.batch.From.String() + " 至 " + v.batch.To.String()
	if x.Inspections > 0 {
		out = append(out, Proof{"INSPECTION", period, numbered("检查 %d 次", x.Inspections) + "，平均 " + x.InspectionScore.String() + " 分"})
	}
	if len(x.Grades) > 0 {
		text := "最近一期等级 " + x.Grades[0]
		if x.Scored && x.Rank > 0 {
			text += numbered("，全市 %d 个有得分的对象中第 %d 位", x.Ranked, x.Rank)
		}
		out = append(out, Proof{"RESULT", e.Subject, text})
	}
	records, err := s.recordsOf(ctx, tx, v.batch.From, v.batch.To, e)
	return append(out, records...), err
}

// recordsMax is how many records an entry cites.
const recordsMax = 10

func (s *Service) recordsOf(ctx context.Context, tx *db.Tx, from, to day.Date, e *Entry) ([]Proof, error) {
	list, err := credit.NotedOf(ctx, tx, e.Enterprise, e.Project, from, to, recordsMax)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	book, err := s.Evaluations.Books.InForce(ctx, tx, to)
	if err != nil {
		return nil, err
	}
	var out []Proof
	for _, n := range list {
		title := n.Item
		if it := book.Item(book.ItemNo(n.Item)); it != nil {
			title = it.Title
		}
		out = append(out, Proof{"RECORD", n.Record.String(), strings.TrimSpace(title) + "（" + n.Event.String() + "）"})
	}
	return out, nil
}
