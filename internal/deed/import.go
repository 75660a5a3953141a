package deed

import (
	"context"
	"iter"
	"regexp"
	"strconv"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Past is a deed of an earlier ledger: closed, with its result.
type Past struct {
	Line   int
	Serial string // its number in the earlier ledger
	Draft
	Lead, Helping, Leader                       string
	Promise                                     string
	Entered, Starts, Deadline, DoneOn, ClosedOn day.Date
	Result
	Wrong []string // fields that could not be read
}

// A Refusal is what is wrong with one field of one row.
type Refusal struct {
	Line              int
	Field, Rule, Text string
}

var serialForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z-]{0,29}$`)

// ImportIn takes over past deeds: all rows or, where any is refused, none. A row
// whose number is known already stays as it is. Dry only judges.
func (s *Service) ImportIn(ctx context.Context, tx *db.Tx, who authz.Actor, rows iter.Seq2[Past, error], dry bool, refuse func(Refusal)) (fresh, same int64, err error) {
	if err := authz.RequireAny(who, authz.DeedImport); err != nil {
		return 0, 0, err
	}
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return 0, 0, err
	}
	im := importer{s: s, tx: tx, who: who, book: book, refuse: refuse, numbers: map[string]int{}, links: map[string]int{}}
	for p, err := range rows {
		if err != nil {
			return im.fresh, im.same, err
		}
		if err := im.take(ctx, p); err != nil {
			return im.fresh, im.same, err
		}
	}
	if dry || im.bad || len(im.deeds) == 0 {
		return im.fresh, im.same, nil
	}
	if err := insertDeeds(ctx, tx, im.deeds); err != nil {
		return 0, 0, err
	}
	if _, err := casework.OpenAll(ctx, tx, who, Machine, im.openings); err != nil {
		return 0, 0, err
	}
	return im.fresh, im.same, audit.Append(ctx, tx, who, "deed.imported", "deed:import", audit.Change{Act: authz.DeedImport, Detail: map[string]any{"new": im.fresh, "same": im.same}})
}

type importer struct {
	s           *Service
	tx          *db.Tx
	who         authz.Actor
	book        *Book
	refuse      func(Refusal)
	numbers     map[string]int // line of each
	links       map[string]int
	deeds       []Deed
	openings    []casework.Opening
	fresh, same int64
	bad         bool
}

// take judges one row and keeps it for later.
func (im *importer) take(ctx context.Context, p Past) error {
	wrong := fault.New(fault.Invalid, "deed.past", "请改正标出的内容。")
	for _, field := range p.Wrong {
		wrong.With(field, "") // told already
	}
	at, err := placeOf(ctx, im.tx, p.Draft)
	if err != nil {
		if f := fault.From(err); f.Kind != fault.Invalid {
			return err
		}
		merge(wrong, err)
	} else if err := authz.Require(im.who, authz.DeedImport, at); err != nil {
		merge(wrong, notHere(p.Draft))
	}
	if p.Detail == "" {
		p.Detail = p.Title
	}
	p.Category, p.Source, p.How = codeOf(im.book.Categories, p.Category), codeOf(im.book.Sources, p.Source), codeOf(im.book.Hows, p.How)
	merge(wrong, im.book.CheckDraft(p.Draft))
	merge(wrong, im.book.CheckResult(p.Result, Proofs{Before: im.book.BeforeMin, After: im.book.AfterMin})) // past pictures are not asked for
	im.days(p, wrong)
	if !serialForm.MatchString(p.Serial) {
		wrong.With("serial", "序号是 1 到 30 位字母、数字或横线。")
	}
	link, err := Link(p.Order, p.Case)
	merge(wrong, err)
	number := "LS" + string(at.Division.Up(code.District)) + "-" + strings.ToUpper(p.Serial)
	if line, twice := im.numbers[number]; twice {
		wrong.With("serial", "与第 "+strconv.Itoa(line)+" 行重复。")
	}
	im.numbers[number] = p.Line
	known, err := db.Value[int64](ctx, im.tx, `SELECT COUNT(*) FROM deed WHERE number = $1 OR number = $2`, number, strings.ToUpper(p.Serial))
	if err != nil {
		return err
	}
	if known == 0 && link != "" {
		if line, twice := im.links[link]; twice {
			wrong.With("order", "与第 "+strconv.Itoa(line)+" 行是同一工单或案件，只计一次。")
		}
		im.links[link] = p.Line
		merge(wrong, single(ctx, im.tx, link))
	}
	if known == 0 && p.ClosedOn != 0 {
		frozen, err := db.Value[int64](ctx, im.tx, `SELECT COUNT(*) FROM deed_month WHERE month = $1 AND district = $2`, string(MonthOf(p.ClosedOn)), string(at.Division.Up(code.District)))
		if err != nil {
			return err
		}
		if frozen > 0 {
			wrong.With("closed", "所在月份的月报已经冻结，不能再补入。")
		}
	}
	if im.tell(p, wrong) {
		return nil
	}
	if known > 0 {
		im.same++
		return nil
	}
	im.keep(p, at, number, link)
	return nil
}

func (im *importer) days(p Past, wrong *fault.Error) {
	today := im.tx.Today()
	if p.ClosedOn == 0 || p.ClosedOn > today {
		wrong.With("closed", "请填写销号日期，不能晚于今天。")
	}
	if p.DoneOn == 0 || p.ClosedOn != 0 && p.DoneOn > p.ClosedOn {
		wrong.With("done", "请填写办结日期，不能晚于销号日期。")
	}
	if p.Entered == 0 || p.DoneOn != 0 && p.Entered > p.DoneOn {
		wrong.With("entered", "请填写登记日期，不能晚于办结日期。")
	}
	bounded(wrong, "promise", p.Promise, textMax, false)
	bounded(wrong, "helping", p.Helping, shortMax, false)
	bounded(wrong, "leader", p.Leader, shortMax, false)
}

// tell reports what is wrong with a row and says whether anything is.
func (im *importer) tell(p Past, wrong *fault.Error) bool {
	if wrong.OrNil() == nil {
		return false
	}
	im.bad = true
	for field, text := range wrong.Fields {
		if text != "" {
			im.refuse(Refusal{p.Line, field, wrong.Rule, text})
		}
	}
	return true
}

func (im *importer) keep(p Past, at authz.Place, number, link string) {
	d := Deed{
		ID: im.tx.NewID(), Number: number, State: Closed, Title: strings.TrimSpace(p.Title), Category: p.Category, Source: p.Source, SourceRef: p.SourceRef, Link: link,
		Division: at.Division, District: at.Division.Up(code.District), Project: code.ProjectCode(at.Project), Detail: p.Detail,
		Lead: leadOf(p.Lead, at), Helping: p.Helping, Leader: p.Leader, Promise: p.Promise, Starts: p.Starts, Deadline: p.Deadline, Percent: 100,
		Result: p.Text, People: p.People, How: p.How, Households: p.Households, Spent: p.Spent, DoneOn: p.DoneOn, ClosedOn: p.ClosedOn,
		Imported: true, Version: 1, CollectedOn: p.Entered,
	}
	im.fresh++
	im.deeds = append(im.deeds, d)
	im.openings = append(im.openings, casework.Opening{ID: d.ID, Object: d.object(), Title: d.Title, Place: d.place(), Way: casework.Way{Act: ActImport}})
}

// leadOf is the body at the place whose role has that title; the district's, where
// an earlier ledger says it in other words.
func leadOf(title string, at authz.Place) casework.Holder {
	role := authz.DistrictBureau
	for _, r := range leads {
		if r.Title() == strings.TrimSpace(title) {
			role = r
		}
	}
	h, ok := casework.HolderAt(role, at)
	if !ok {
		h, _ = casework.HolderAt(authz.DistrictBureau, at)
	}
	return h
}

// pastFields are the names that rules use for a field, as a file's columns call it.
var pastFields = map[string]string{"case": "order"}

// codeOf is the code of a choice that a file names by its title.
func codeOf(list []Choice, text string) string {
	text = strings.TrimSpace(text)
	for _, c := range list {
		if c.Title == text {
			return c.Code
		}
	}
	return text
}

func merge(into *fault.Error, err error) {
	if err == nil {
		return
	}
	for field, text := range fault.From(err).Fields {
		if name := pastFields[field]; name != "" {
			field = name
		}
		into.With(field, text)
	}
}
