package credit

import (
	"fmt"

	"juli/internal/rulebook"
)

// builtins are the names that every expression may use: the register's view of
// the subject. Dates are day numbers; area is in 0.01 square metres.
var builtins = []rulebook.Var{
	{Name: "today", Type: rulebook.Int},
	{Name: "period_from", Type: rulebook.Int},
	{Name: "since", Type: rulebook.Int},
	{Name: "last_service", Type: rulebook.Int},
	{Name: "projects", Type: rulebook.Int},
	{Name: "projects_all", Type: rulebook.Int},
	{Name: "area", Type: rulebook.Int},
	{Name: "registered", Type: rulebook.Bool},
	{Name: "working", Type: rulebook.Bool},
	{Name: "form", Type: rulebook.Text},
	{Name: "subject", Type: rulebook.Text},
	{Name: "project_kind", Type: rulebook.Text},
}

// scoreNames may be used once the score is known.
var scoreNames = []rulebook.Var{
	{Name: "score", Type: rulebook.Int}, {Name: "unrectified", Type: rulebook.Int}, {Name: "vetoed", Type: rulebook.Bool}, {Name: "listed", Type: rulebook.Bool},
}

// recordNames may be used in an item's condition.
var recordNames = []rulebook.Var{
	{Name: "value", Type: rulebook.Int},
	{Name: "level", Type: rulebook.Text},
	{Name: "evidence", Type: rulebook.Text},
	{Name: "event", Type: rulebook.Int},
	{Name: "decision", Type: rulebook.Int},
	{Name: "identified", Type: rulebook.Int},
	{Name: "due", Type: rulebook.Int},
	{Name: "rectified", Type: rulebook.Bool},
	{Name: "overdue", Type: rulebook.Bool},
}

// language makes the names of a set of subject kinds, with the facts declared
// for them, each as itself and as has_itself.
func (p *parser) language(key string, set uint8, more ...rulebook.Var) *rulebook.Language {
	key = fmt.Sprintf("%s/%d", key, set)
	if l := p.languages[key]; l != nil {
		return l
	}
	vars := append([]rulebook.Var{}, builtins...)
	vars = append(vars, more...)
	for _, f := range p.FactDecls {
		fits := set&(1<<f.Subject) != 0 || f.Subject == Enterprise && set&(1<<Branch) != 0
		if !fits {
			continue
		}
		t := rulebook.Int
		if f.Type == BoolFact {
			t = rulebook.Bool
		}
		vars = append(vars, rulebook.Var{Name: f.Name, Type: t}, rulebook.Var{Name: "has_" + f.Name, Type: rulebook.Bool})
	}
	l, err := rulebook.NewLanguage(vars...)
	if err != nil && p.err == nil {
		p.err = err
	}
	p.languages[key] = l
	return l
}

func (p *parser) register(k SubjectKind) *rulebook.Language { return p.language("register", 1<<k) }

func (p *parser) scored(k SubjectKind) *rulebook.Language {
	return p.scoredSet(1 << k)
}

func (p *parser) scoredSet(set uint8) *rulebook.Language {
	vars := append([]rulebook.Var{}, scoreNames...)
	for _, c := range p.Classes {
		vars = append(vars, rulebook.Var{Name: "count_" + c.Code, Type: rulebook.Int}, rulebook.Var{Name: "sum_" + c.Code, Type: rulebook.Int})
	}
	return p.language("scored", set, vars...)
}

func (p *parser) recorded(set uint8) *rulebook.Language {
	return p.language("record", set, recordNames...)
}
