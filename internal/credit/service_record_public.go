package credit

import (
	"context"
	"slices"
	"time"

	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
)

// A PublicRecord is what everybody may know of credit information that took
// effect: the facts that score, their proof and the rule; neither persons nor
// what somebody wrote in free words (PI-1).
type PublicRecord struct {
	Filed          // Summary, Files, Person, Account and Body are left empty
	Condition      // Number is the notice's
	StateTitle     string
	ItemTitle      string
	ClassTitle     string
	Basis          string // the regulation that the item cites
	Path           string // of the item in the rulebook
	BookTitle      string
	BookVersion    string
	Banner         string
	EnterpriseName string
	ProjectName    string
	History        []PublicStep // oldest first
}

// A PublicStep is one step of a record, without who took it.
type PublicStep struct {
	At    time.Time
	Title string
}

// publicStates are the states in which everybody may see a record.
var publicStates = []string{RecordEffective, RecordRepairing, RecordRepaired, RecordExpired, RecordAnnulled}

// publicActs are the steps shown of them: from the identification on.
var publicActs = []string{
	ActIdentify, ActNotify, ActObject, ActUphold, ActDismiss, ActEffect, ActRectify, ActApplyRepair, ActGrantRepair, ActRefuseRepair, ActExpire, ActAnnul, ActImport,
}

// Public reads a record as everybody may see it. One that has not taken effect,
// or was never identified, is not there.
func (s *Records) Public(ctx context.Context, tx *db.Tx, id db.ID) (p PublicRecord, err error) {
	missing := fault.New(fault.NotFound, "credit.no-record", "没有找到这条信用信息。")
	var ok bool
	if p.Condition, ok, err = conditionOf(ctx, tx, id); err != nil || !ok || !slices.Contains(publicStates, p.State) {
		return PublicRecord{}, orMissing(err, missing)
	}
	if p.Filed, ok, err = filedByID(ctx, tx, id); err != nil || !ok {
		return PublicRecord{}, orMissing(err, missing)
	}
	p.Summary, p.Files, p.Person, p.Account, p.Body = "", nil, 0, 0, ""
	b, err := s.Books(ctx, tx, p.Opened)
	if err != nil {
		return PublicRecord{}, err
	}
	p.StateTitle, p.BookTitle, p.BookVersion, p.Banner = RecordMachine.StateTitle(p.State), b.Title, b.Version, b.Banner
	if it := b.Item(b.ItemNo(p.Item)); it != nil {
		p.ItemTitle, p.ClassTitle, p.Basis, p.Path = it.Title, b.Classes[it.Class].Title, it.Basis, it.Path
	}
	if p.EnterpriseName, p.ProjectName, err = namesOf(ctx, tx, p.Enterprise, p.Project); err != nil {
		return PublicRecord{}, err
	}
	c, err := casework.Find(ctx, tx, RecordMachine, id)
	if err != nil {
		return PublicRecord{}, err
	}
	steps, err := casework.History(ctx, tx, c)
	for _, step := range steps {
		if slices.Contains(publicActs, step.Act) {
			p.History = append(p.History, PublicStep{At: step.At, Title: step.ActTitle})
		}
	}
	return p, err
}
