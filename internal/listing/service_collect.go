package listing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
)

func numbered(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// CollectIn finds the candidates of a batch by the rulebook's triggers. It may be
// repeated: who was a candidate stays one, with newer numbers while nobody took it.
func (s *Service) CollectIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (found int, err error) {
	b, err := s.collecting(ctx, tx, who, id)
	if err != nil {
		return 0, err
	}
	v, err := s.gather(ctx, tx, b)
	if err != nil {
		return 0, err
	}
	for _, key := range v.order {
		e, ok := v.candidate(v.by[key])
		if !ok {
			continue
		}
		e.ID = tx.NewID()
		if _, err := putCandidate(ctx, tx, e); err != nil {
			return 0, err
		}
		found++
	}
	if _, err := tx.Exec(ctx, `UPDATE listing_batch SET inspections = $2, inspected = $3, changed_at = $4 WHERE id = $1`, b.ID, v.inspections, v.inspected, db.Millis(tx.Now)); err != nil {
		return 0, err
	}
	return found, audit.Append(ctx, tx, who, "listing.collected", b.Object(), map[string]any{"candidates": found})
}

// collecting is a batch that still takes candidates, for the city.
func (s *Service) collecting(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Batch, error) {
	b, err := batchByID(ctx, tx, id)
	if err != nil {
		return b, err
	}
	if err := authz.Require(who, authz.ListPropose, s.place()); err != nil {
		return b, err
	}
	return b, stillCollecting(b)
}

func stillCollecting(b Batch) error {
	if b.State != Collecting {
		return fault.New(fault.Conflict, "listing.not-collecting", "这一批%s，不能再增减候选。", b.StateTitle())
	}
	return nil
}

// candidate is a subject whom a trigger of the batch's sides proposes. A subject
// that both sides would take stands where more triggers put it; the black one on
// a tie, since praise must be beyond doubt.
func (v *survey) candidate(x *Evidence) (Entry, bool) {
	fired := map[Side][]Trigger{}
	for _, t := range v.book.Triggers {
		if v.batch.Sides.Has(t.Side) && t.Fires(x, v.batch.Theme) && x.Enough() {
			fired[t.Side] = append(fired[t.Side], t)
		}
	}
	side := Black
	if len(fired[Red]) > len(fired[Black]) {
		side = Red
	}
	if len(fired[side]) == 0 || side == Red && x.RedLine {
		return Entry{}, false
	}
	e := v.entryOf(x)
	e.Side, e.Origin, e.Rule = side, ByRule, fired[side][0].Code
	var why []string
	for _, t := range fired[side] {
		why = append(why, t.Title)
	}
	e.Reason = strings.Join(why, "；")
	return e, true
}

func (v *survey) entryOf(x *Evidence) Entry {
	score, _ := v.book.Sheet.Score(x)
	e := Entry{
		Batch: v.batch.ID, Kind: x.Kind, Subject: x.Code, subjectID: x.ID, Name: x.Name, Enterprise: x.Enterprise, Division: x.Division, Score: score,
		Homes: x.Homes, Area: x.Area, Built: x.Built, Projects: x.Projects, Inspections: x.Inspections, InspectionScore: scoreOrNone(x),
		CasesFound: x.CasesFound, CasesOpen: x.CasesOpen, Bad: x.Bad(), Good: x.Good(), RedLine: x.RedLine,
	}
	if x.Kind == OfProject {
		e.Project = x.Code
	}
	return e
}

// A Nomination proposes a candidate with what proves it.
type Nomination struct {
	Batch   db.ID
	Side    Side
	Kind    SubjectKind
	Subject string
	Reason  string
	Files   []db.ID
}

const reasonMax = 500

// NominateIn proposes a candidate for a batch: by a district or a street of its
// area, or by the association.
func (s *Service) NominateIn(ctx context.Context, tx *db.Tx, who authz.Actor, n Nomination) (Entry, error) {
	b, err := batchByID(ctx, tx, n.Batch)
	if err != nil {
		return Entry{}, err
	}
	n.Reason, n.Subject = tidy(n.Reason), tidy(n.Subject)
	v, err := s.gather(ctx, tx, b)
	if err != nil {
		return Entry{}, err
	}
	x := v.at(n.Kind, n.Subject)
	if x == nil {
		return Entry{}, fault.New(fault.Invalid, "listing.no-subject", "没有找到这个对象。").With("subject", "请核对项目编码或统一社会信用代码；没有企业服务的项目不能列榜。")
	}
	e := v.entryOf(x)
	if err := authz.Require(who, authz.ListNominate, e.Place()); err != nil {
		return Entry{}, err
	}
	if err := n.check(b, x); err != nil {
		return Entry{}, err
	}
	e.Side, e.Origin, e.Reason, e.NominatedBy, e.nominator = n.Side, ByNomination, n.Reason, bodyOf(who, e), who.Person
	if e, err = s.keepNominated(ctx, tx, e); err != nil {
		return Entry{}, err
	}
	if err := addProofs(ctx, tx, e.ID, []Proof{{"NOMINATION", e.NominatedBy, n.Reason}}); err != nil {
		return Entry{}, err
	}
	if err := addFiles(ctx, tx, e.ID, "NOMINATION", n.Files); err != nil {
		return Entry{}, err
	}
	return e, audit.Append(ctx, tx, who, "listing.nominated", e.Object(), audit.Change{Act: authz.ListNominate, At: e.Place(), Detail: map[string]any{"side": e.Side, "subject": e.Subject}})
}

func (n Nomination) check(b Batch, x *Evidence) error {
	if err := stillCollecting(b); err != nil {
		return err
	}
	f := fault.New(fault.Invalid, "listing.nomination", "提名内容不完整。")
	switch {
	case !b.Sides.Has(n.Side):
		f.With("side", "这一批没有"+n.Side.Title()+"。")
	case n.Side == Red && x.RedLine:
		f.With("side", "该对象有未结的红线案件，不能列入红榜。")
	}
	if length := len([]rune(n.Reason)); length == 0 || length > reasonMax {
		f.With("reason", fmt.Sprintf("请写明理由，不超过%d字。", reasonMax))
	} else if notify.Personal(n.Reason) {
		f.With("reason", "理由会公开，请不要写电话、证件号码或邮箱。")
	}
	if !x.Enough() && len(n.Files) == 0 {
		f.With("files", "系统内没有该对象的案件、检查、信用信息或评价结果，请上传证明材料。")
	}
	return f.OrNil()
}

// keepNominated stores a nomination. One of a candidate by rule is added to it and
// keeps the rule; one for the other list, or a second one, is refused: nobody's
// recommendation takes away what a rule found.
func (s *Service) keepNominated(ctx context.Context, tx *db.Tx, e Entry) (Entry, error) {
	old, has, err := db.One(ctx, tx, scanEntry, `SELECT `+entryColumns+` FROM listing_entry e WHERE e.batch = $1 AND e.kind = $2 AND e.subject = $3`, e.Batch, string(e.Kind), e.Subject)
	switch {
	case err != nil:
		return e, err
	case !has:
		e.ID = tx.NewID()
		_, err := putCandidate(ctx, tx, e)
		return e, err
	case old.Origin == ByRule && old.Side != e.Side:
		return e, fault.New(fault.Conflict, "listing.against-rule", "该对象按规则%s是本批%s候选（%s），不能提名到%s。", old.Rule, old.Side.Title(), old.Reason, e.Side.Title())
	case old.State != Candidate || old.Origin == ByNomination:
		return e, fault.New(fault.Conflict, "listing.both-sides", "该对象已在本批%s中，一个对象在一批中只能列一次。", old.Side.Title())
	}
	e.ID = old.ID
	_, err = tx.Exec(ctx, `UPDATE listing_entry SET origin = $2, reason = $3, nominated_by = $4, nominator = $5, changed_at = $6 WHERE id = $1`,
		e.ID, e.Origin, e.Reason, e.NominatedBy, e.nominator, db.Millis(tx.Now))
	return e, err
}

func bodyOf(who authz.Actor, e Entry) string {
	if g, ok := authz.GrantFor(who, authz.ListNominate, e.Place()); ok {
		return authz.Body(g.Role, g.Scope)
	}
	return who.SystemName()
}

// TakeIn takes candidates of a batch into it; what proves them is written down.
func (s *Service) TakeIn(ctx context.Context, tx *db.Tx, who authz.Actor, batch db.ID, ids []db.ID) error {
	b, err := s.collecting(ctx, tx, who, batch)
	if err != nil {
		return err
	}
	v, err := s.gather(ctx, tx, b)
	if err != nil {
		return err
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) == 0 || len(ids) > casework.BulkMax {
		return fault.New(fault.Invalid, "listing.take", "请选择1至%d个候选。", casework.BulkMax).With("entry", "请选择候选。")
	}
	for _, id := range ids {
		if err := s.take(ctx, tx, who, v, id); err != nil {
			return err
		}
	}
	return audit.Append(ctx, tx, who, "listing.taken", b.Object(), map[string]any{"entries": len(ids)})
}

func (s *Service) take(ctx context.Context, tx *db.Tx, who authz.Actor, v *survey, id db.ID) error {
	e, err := entryByID(ctx, tx, id)
	if err != nil {
		return err
	}
	if e.Batch != v.batch.ID {
		return noEntry()
	}
	if e.State != Candidate {
		return fault.New(fault.Conflict, "listing.not-candidate", "“%s”%s，不能再选定。", e.Name, e.StateTitle())
	}
	proofs, err := s.proofs(ctx, tx, v, &e)
	if err != nil {
		return err
	}
	if err := addProofs(ctx, tx, e.ID, proofs); err != nil {
		return err
	}
	if err := s.entryFits(ctx, tx, e); err != nil {
		return err
	}
	if _, err := casework.Open(ctx, tx, who, EntryMachine, casework.Opening{
		ID: e.ID, Object: e.Object(), Title: e.Side.Title() + "（" + v.batch.Title + "）：" + e.Name, Place: e.Place(), Way: casework.Way{Act: actTake},
	}); err != nil {
		return err
	}
	e.State = Taken
	return setEntry(ctx, tx, e)
}

// entryFits holds an entry to the checks of its batch: something proves it, and
// an open case on a red line keeps its subject off the red list.
func (s *Service) entryFits(ctx context.Context, tx *db.Tx, e Entry) error {
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM listing_evidence WHERE entry = $1`, e.ID)
	switch {
	case err != nil:
		return err
	case n == 0:
		return fault.New(fault.Conflict, "listing.no-evidence", "“%s”没有查实案件、检查得分、信用信息或评价结果，不能列榜。", e.Name)
	case e.Side == Red && e.RedLine:
		return fault.New(fault.Conflict, "listing.red-line", "“%s”有未结的红线案件，不能列入红榜。", e.Name)
	}
	return nil
}

// redLine asks again, at a later day, whether a case on a red line is open.
func (s *Service) redLine(ctx context.Context, tx *db.Tx, b Batch, entries []Entry) error {
	if s.Cases == nil {
		return nil
	}
	book, err := s.Books.ByDigest(ctx, tx, b.Book)
	if err != nil {
		return err
	}
	open, err := s.Cases(ctx, tx, b.From, tx.Today(), book.RedLine)
	if err != nil {
		return err
	}
	type service struct {
		project    string
		enterprise code.USCC
	}
	bad, firm := map[service]bool{}, map[code.USCC]bool{}
	for _, c := range open {
		if c.RedLine {
			bad[service{string(c.Project), c.Enterprise}], firm[c.Enterprise] = true, true
		}
	}
	for _, e := range entries {
		if e.Side == Red && (e.Project != "" && bad[service{e.Project, e.Enterprise}] || e.Kind == OfEnterprise && firm[e.Enterprise]) {
			return fault.New(fault.Conflict, "listing.red-line", "“%s”有未结的红线案件，不能列入红榜，请先不予列入。", e.Name)
		}
	}
	return nil
}
