package deed

import (
	"context"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/supervision"
)

// Collect is CollectIn in a transaction of its own.
func (s *Service) Collect(ctx context.Context, who authz.Actor, f Draft) (id db.ID, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error { id, err = s.CollectIn(ctx, tx, who, f); return err })
	return id, err
}

// CollectIn enters what people ask for. An order or a case that has its deed
// already is not entered again.
func (s *Service) CollectIn(ctx context.Context, tx *db.Tx, who authz.Actor, f Draft) (db.ID, error) {
	at, err := placeOf(ctx, tx, f)
	if err != nil {
		return 0, err
	}
	if err := authz.Require(who, authz.DeedCollect, at); err != nil {
		if fault.From(err).Kind == fault.NotFound { // elsewhere and nowhere are said in the same words
			err = notHere(f)
		}
		return 0, err
	}
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return 0, err
	}
	if err := book.CheckDraft(f); err != nil {
		return 0, err
	}
	link, err := Link(f.Order, f.Case)
	if err != nil {
		return 0, err
	}
	if err := known(ctx, tx, who, link); err != nil {
		return 0, err
	}
	if err := single(ctx, tx, link); err != nil {
		return 0, err
	}
	d := Deed{
		ID: tx.NewID(), State: Collected, Title: strings.TrimSpace(f.Title), Category: f.Category, Source: f.Source, SourceRef: strings.TrimSpace(f.SourceRef), Link: link,
		Division: at.Division, District: at.Division.Up(code.District), Project: code.ProjectCode(at.Project), Detail: strings.TrimSpace(f.Detail), Version: 1, CollectedOn: tx.Today(),
	}
	if d.Number, err = number(ctx, tx, d.District, tx.Today()); err != nil {
		return 0, err
	}
	if err := insertDeeds(ctx, tx, []Deed{d}); err != nil {
		return 0, err
	}
	if _, err := casework.Open(ctx, tx, who, Machine, casework.Opening{
		ID: d.ID, Object: d.object(), Title: d.Title, Place: d.place(), Way: casework.Way{Act: ActCollect, Term: &book.Accept, Calendar: s.Calendar},
	}); err != nil {
		return 0, err
	}
	return d.ID, audit.Append(ctx, tx, who, "deed.collected", d.object(), audit.Change{Act: authz.DeedCollect, At: at, Detail: map[string]any{"number": d.Number, "link": link}})
}

// placeOf is where a draft's deed stands: its project's community, or the division
// that it names, which lies in one district.
func placeOf(ctx context.Context, tx *db.Tx, f Draft) (authz.Place, error) {
	if strings.TrimSpace(f.Project) != "" {
		p, err := code.ParseProjectCode(f.Project)
		if err != nil {
			return authz.Place{}, fault.New(fault.Invalid, "deed.project", "项目编码不正确。").With("project", fault.From(err).Text)
		}
		at, err := registry.PlaceOfProject(ctx, tx, p)
		if fault.From(err) != nil && fault.From(err).Kind == fault.NotFound {
			return at, notHere(f)
		}
		at.Enterprise = ""
		return at, err
	}
	refuse := func(text string) error {
		return fault.New(fault.Invalid, "deed.division", "请填写实事所在的区划。").With("division", text)
	}
	d, err := code.ParseDivision(f.Division)
	if err != nil {
		return authz.Place{}, refuse("请填写区县、街道或社区的区划代码。")
	}
	if d.Level() < code.District {
		return authz.Place{}, refuse("每件实事归属一个区县，全市合计等于各区县之和。")
	}
	if _, err := registry.DivisionOf(ctx, tx, d); err != nil {
		return authz.Place{}, notHere(f)
	}
	return authz.Place{Division: d}, nil
}

func notHere(f Draft) error {
	field := "division"
	if strings.TrimSpace(f.Project) != "" {
		field = "project"
	}
	return fault.New(fault.Invalid, "deed.not-here", "没有找到所填的地方。").With(field, "您的辖区内没有这个区划或项目，请核对。")
}

// known refuses a case that is none, or none that the actor may read.
func known(ctx context.Context, tx *db.Tx, who authz.Actor, link string) error {
	text, isCase := strings.CutPrefix(link, "case:")
	if !isCase {
		return nil
	}
	refused := fault.New(fault.Invalid, "deed.no-case", "没有找到关联的案件。").With("case", "您的辖区内没有这个案件，请核对编号。")
	id, err := db.ParseID(text)
	if err != nil {
		return refused
	}
	c, err := casework.Find(ctx, tx, supervision.CaseMachine, id)
	if err == nil && !authz.May(who, authz.SupervisionRead, c.Place) || fault.Is(err, "casework.not-found") {
		return refused
	}
	return err
}

// single refuses a second deed about one order or case.
func single(ctx context.Context, tx *db.Tx, link string) error {
	if link == "" {
		return nil
	}
	other, known, err := db.One(ctx, tx, func(row db.Scanner) (n string, err error) { return n, row.Scan(&n) }, `SELECT number FROM deed WHERE link = $1`, link)
	if err != nil || !known {
		return err
	}
	field := "order"
	if strings.HasPrefix(link, "case:") {
		field = "case"
	}
	return fault.New(fault.Invalid, "deed.linked", "这件事已经登记为 %s，同一工单或案件只计一次。", other).With(field, "已登记为 "+other+"。")
}

// An Acceptance says who answers for a deed.
type Acceptance struct {
	Lead            authz.Role // whose body at the deed's place leads
	Helping, Leader string
	Programme       db.ID
}

// leads are the bodies that may lead.
var leads = []authz.Role{authz.CityBureau, authz.DistrictBureau, authz.Subdistrict, authz.Community}

// LeadsAt lists the bodies that may lead a deed at its place.
func LeadsAt(d Deed) (out []casework.Holder) {
	for _, role := range leads {
		if h, ok := casework.HolderAt(role, d.place()); ok {
			out = append(out, h)
		}
	}
	return out
}

// AcceptIn takes a matter into the ledger and gives it to the body that leads.
func (s *Service) AcceptIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, a Acceptance) error {
	return s.act(ctx, tx, who, t, authz.DeedAccept, func(d *Deed, b *Book) (casework.Way, string, error) {
		refused := fault.New(fault.Invalid, "deed.accept", "请修改标出的内容。")
		bounded(refused, "helping", a.Helping, shortMax, false)
		bounded(refused, "leader", a.Leader, shortMax, true)
		found := false
		for _, h := range LeadsAt(*d) {
			if h.Role == a.Lead {
				d.Lead, found = h, true
			}
		}
		if !found {
			refused.With("lead", "请从列出的单位中选择。")
		}
		if err := fits(ctx, tx, a.Programme, d.Division, refused); err != nil {
			return casework.Way{}, "", err
		}
		d.Helping, d.Leader, d.Programme = strings.TrimSpace(a.Helping), strings.TrimSpace(a.Leader), a.Programme
		return casework.Way{Act: ActAccept, Holder: &d.Lead, Term: &b.Plan}, "deed.accepted", refused.OrNil()
	})
}

// DeclineIn answers that a matter is none of the ledger's, with the reason.
func (s *Service) DeclineIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	return s.act(ctx, tx, who, t, authz.DeedAccept, func(*Deed, *Book) (casework.Way, string, error) {
		return casework.Way{Act: ActDecline}, "deed.declined", nil
	})
}
