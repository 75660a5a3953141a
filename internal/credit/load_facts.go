package credit

import (
	"context"
	"maps"
	"slices"
	"strings"

	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
	"juli/internal/registry"
)

// RegisterFacts are the names under which a rulebook finds the register's own
// facts (PC-25); every other name comes from [Evaluations.ReportInput].
var RegisterFacts = []Named{
	{"missing_groups", "项目基础信息缺失组数"},
	{"contract_overdue_days", "物业服务合同备案逾期天数"},
	{"managers_named", "已登记的项目经理人数"},
	{"contract_days", "合同剩余天数"},
	{"projects", "在管项目数"},
	{"residential_projects", "在管住宅项目数"},
	{"last_residential", "最近一个住宅项目的结束日"},
	{"years", "经营年数"},
}

// filingDays is how long a contract may wait for its filing (demo assumption:
// 30 days after it begins).
const filingDays = 30

func (p *planner) projectFacts(info *registry.Project) Facts {
	managers := p.managers[info.Code]
	f := Facts{
		"missing_groups": int64(len(registry.Missing(*info, managers))),
		"managers_named": managers,
	}
	if late := p.snap.Day - info.ContractFrom.AddDays(filingDays); info.Enterprise != "" && info.ContractFrom != 0 && info.FilingNumber == "" && late > 0 {
		f["contract_overdue_days"] = int64(late)
	}
	if info.ContractTo != 0 {
		f["contract_days"] = int64(info.ContractTo) - int64(p.snap.Day)
	}
	return f
}

func (p *planner) enterpriseFacts(e *registry.SnapEnterprise) Facts {
	var residential, last int64
	for c, spans := range p.held[e.USCC] {
		info := p.projects[c]
		if info == nil || info.Use != registry.Residential && info.Use != registry.Mixed {
			continue
		}
		for _, s := range spans {
			end := s.To
			if s.To == 0 || s.To >= p.snap.Day {
				residential++
				end = p.snap.Day
			}
			last = max(last, int64(end))
		}
	}
	f := Facts{"projects": e.Projects, "residential_projects": residential}
	if last != 0 {
		f["last_residential"] = last
	}
	if e.Founded != 0 {
		f["years"] = int64(p.snap.Day.Year() - e.Founded.Year())
	}
	return f
}

// kindWord is the project's kind as rulebooks write it.
func kindWord(u registry.Use) string { return strings.ToLower(string(u)) }

// merge adds what other modules reported to the register's facts.
func (l *loader) merge(s Subject, f Facts) Facts {
	in := l.inputs[s]
	if len(in) == 0 {
		return f
	}
	if f == nil {
		f = Facts{}
	}
	maps.Copy(f, in)
	return f
}

// inputsOn reads the newest value of every reported input by the day.
func inputsOn(ctx context.Context, tx *db.Tx, asOf day.Date) (map[Subject]Facts, error) {
	out := map[Subject]Facts{}
	scan := func(row db.Scanner) (struct{}, error) {
		var kind SubjectKind
		var id db.ID
		var name string
		var value int64
		err := row.Scan((*kindColumn)(&kind), &id, &name, &value)
		s := Subject{kind, id}
		if out[s] == nil {
			out[s] = Facts{}
		}
		out[s][name] = value // later days overwrite earlier ones
		return struct{}{}, err
	}
	for _, err := range db.Rows(ctx, tx, scan, `SELECT kind, subject, name, value FROM credit_input WHERE on_day <= $1 ORDER BY kind, subject, name, on_day, id`, asOf) {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// pastMax is how many published periods the list rules look back at (PC-52).
const pastMax = 8

// pastBefore reads the enterprises' published results before the day, newest
// first, if the book's lists ask for consecutive periods.
func pastBefore(ctx context.Context, tx *db.Tx, b *Book, asOf day.Date) (map[Subject][]Past, error) {
	out := map[Subject][]Past{}
	if !slices.ContainsFunc(b.Lists, func(l ListRule) bool {
		return slices.ContainsFunc(l.Enter, func(e ListEntry) bool { return e.Periods > 1 })
	}) {
		return out, nil
	}
	scan := func(row db.Scanner) (p Past, err error) {
		var score int64
		err = row.Scan((*kindColumn)(&p.Subject.Kind), &p.Subject.ID, &p.Period.Name, &p.Period.Cutoff, &score, &p.Scored, &p.Grade)
		p.Score = money.Points(score)
		return p, err
	}
	for p, err := range db.Rows(ctx, tx, scan, `
		SELECT o.kind, o.subject, e.period, e.as_of, o.score, o.scored, o.grade
		FROM credit_publication b
		JOIN credit_evaluation e ON e.id = b.evaluation
		JOIN credit_outcome o ON o.evaluation = e.id
		WHERE b.state = 'published' AND e.as_of < $1 AND o.kind <= 1
			AND NOT EXISTS (SELECT 1 FROM credit_publication c WHERE c.corrects = b.id AND c.state = 'published')
		ORDER BY o.kind, o.subject, e.as_of DESC, e.id DESC`, asOf) {
		if err != nil {
			return nil, err
		}
		s := Subject{Enterprise, p.Subject.ID} // branches are found by their enterprise
		if len(out[s]) < pastMax {
			out[s] = append(out[s], p)
		}
	}
	return out, nil
}

// checkInput refuses an input that the register itself supplies.
func checkInput(name string) error {
	if slices.ContainsFunc(RegisterFacts, func(n Named) bool { return n.Code == name }) {
		return fault.New(fault.Invalid, "credit.input", "“%s”由登记数据计算，不能报送。", name)
	}
	return nil
}
