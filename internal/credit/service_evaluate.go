package credit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
	"juli/internal/registry"
)

// Evaluations runs, keeps, publishes and compares the evaluation of one city.
type Evaluations struct {
	DB   *db.DB
	City code.Division
	// Books and Actor are what a job needs: the rulebook it was asked for, and
	// who an account's holder is now.
	Books *Books
	Actor func(ctx context.Context, tx *db.Tx, account db.ID) (authz.Actor, error)
}

// A Request says what to evaluate.
type Request struct {
	Book     *Book
	Purpose  string   // ForCycle, ForCorrection, ForTrial
	AsOf     day.Date // 0: the period's cut-off
	Known    day.Date // 0: what is known today
	Period   Period   // zero: the book's period of AsOf
	Corrects db.ID    // evaluation whose published result is run again
	Why      string
}

func (s *Evaluations) place() authz.Place { return authz.Place{Division: s.City} }

// Evaluate runs a book over the city and stores the result: a snapshot that
// nothing changes later. The computing reads a snapshot of the database, so
// that a large city doesn't keep others from writing.
func (s *Evaluations) Evaluate(ctx context.Context, who authz.Actor, q Request) (Evaluation, error) {
	var c *computed
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if err = authz.Require(who, authz.CreditEvaluate, s.place()); err != nil {
			return err
		}
		c, err = s.compute(ctx, tx, q)
		return err
	})
	if err != nil {
		return Evaluation{}, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error { return s.keep(ctx, tx, who, c) })
	return c.Evaluation, err
}

// EvaluateIn is Evaluate inside the caller's transaction.
func (s *Evaluations) EvaluateIn(ctx context.Context, tx *db.Tx, who authz.Actor, q Request) (Evaluation, error) {
	if err := authz.Require(who, authz.CreditEvaluate, s.place()); err != nil {
		return Evaluation{}, err
	}
	c, err := s.compute(ctx, tx, q)
	if err != nil {
		return Evaluation{}, err
	}
	return c.Evaluation, s.keep(ctx, tx, who, c)
}

func (s *Evaluations) keep(ctx context.Context, tx *db.Tx, who authz.Actor, c *computed) error {
	e := &c.Evaluation
	e.ID, e.MadeBy, e.MadeAt = tx.NewID(), who.Account, db.Millis(tx.Now)
	if err := c.store(ctx, tx); err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "credit.evaluated", "credit_evaluation:"+e.ID.String(), map[string]any{
		"purpose": e.Purpose, "book": e.Book, "period": e.Period.Name, "as_of": e.AsOf, "digest": hex.EncodeToString(e.Digest),
	})
}

// compute runs a book over the city in memory.
func (s *Evaluations) compute(ctx context.Context, tx *db.Tx, q Request) (*computed, error) {
	return s.computeTold(ctx, tx, q, nil)
}

// computeTold is compute, and tells after each enterprise how many of how many
// are done; an error ends it.
func (s *Evaluations) computeTold(ctx context.Context, tx *db.Tx, q Request, tell func(done, total int64) error) (*computed, error) {
	q, err := settleRequest(q, tx.Today())
	if err != nil {
		return nil, err
	}
	snap, err := registry.SnapshotOn(ctx, tx, q.AsOf)
	if err != nil {
		return nil, err
	}
	l, err := newLoader(ctx, tx, q.Book, snap, q.AsOf)
	if err != nil {
		return nil, err
	}
	ev := q.Book.ForPeriod(q.Period, Options{AsOf: q.AsOf, Known: q.Known})
	col := newCollector(l, snap)
	add := col.add
	if tell != nil {
		add = col.telling(int64(len(snap.Enterprises)), tell)
	}
	if err := ev.City(l.bundles(ctx, tx), add); err != nil {
		return nil, err
	}
	c := col.done()
	c.Evaluation = Evaluation{
		Purpose: q.Purpose, Book: q.Book.Digest, BookCode: q.Book.Code, BookVersion: q.Book.Version, Period: q.Period, AsOf: q.AsOf, Known: q.Known,
		Records: l.records, Digest: col.hash.Sum(nil), Corrects: q.Corrects, Why: q.Why,
	}
	for i := range c.standings {
		switch c.standings[i].Subject.Kind {
		case Enterprise, Branch:
			c.Enterprises++
		case Project:
			c.Projects++
		default:
			c.Persons++
		}
	}
	c.rank()
	return c, nil
}

// settleRequest fills what follows from the book and refuses what cannot be.
func settleRequest(q Request, today day.Date) (Request, error) {
	if q.Book == nil {
		return q, fault.New(fault.Invalid, "credit.no-book", "没有可用的评价规则。")
	}
	if q.AsOf == 0 && q.Period.To == 0 {
		q.AsOf = today
	}
	if q.Period.To == 0 {
		q.Period = q.Book.Period(q.AsOf)
	}
	if q.AsOf == 0 {
		q.AsOf = q.Period.Cutoff
	}
	if q.Known == 0 {
		q.Known = today
	}
	if q.Purpose == "" {
		q.Purpose = ForTrial
	}
	if q.Purpose == ForCycle && q.AsOf > today {
		return q, fault.New(fault.Invalid, "credit.future-cutoff", "截止日 %s 还没有到，不能评价本期。", q.AsOf)
	}
	return q, nil
}

// A collector turns the results into rows and one digest.
type collector struct {
	loader   *loader
	out      *computed
	units    map[db.ID]*registry.SnapEnterprise
	projects map[db.ID]*registry.Project
	hash     hash.Hash
}

func newCollector(l *loader, snap *registry.Snapshot) *collector {
	c := &collector{loader: l, out: &computed{}, units: map[db.ID]*registry.SnapEnterprise{}, projects: map[db.ID]*registry.Project{}, hash: sha256.New()}
	for i := range snap.Enterprises {
		c.units[snap.Enterprises[i].ID] = &snap.Enterprises[i]
	}
	for i := range snap.Projects {
		c.projects[snap.Projects[i].ID] = &snap.Projects[i]
	}
	return c
}

// add keeps one enterprise's result: a standing per subject, one explanation.
func (c *collector) add(r *Result) error {
	unit := c.units[r.Enterprise.Subject.ID]
	if unit == nil {
		return fault.New(fault.Internal, "credit.unit", "评价结果中的企业不在登记中。")
	}
	own := standingOf(&r.Enterprise, unit.ID, unit.Division)
	own.Area, own.Projects = unit.Area, unit.Projects
	c.out.standings = append(c.out.standings, own)
	for i := range r.Projects {
		o := &r.Projects[i]
		info := c.projects[o.Subject.ID]
		if info == nil || info.Enterprise != unit.USCC {
			continue // held before, or there only for a manager's records
		}
		s := standingOf(o, unit.ID, info.Division)
		s.Area, s.Projects = info.Area, 1
		c.out.standings = append(c.out.standings, s)
	}
	for i := range r.Persons {
		c.out.standings = append(c.out.standings, standingOf(&r.Persons[i], unit.ID, unit.Division))
	}
	content := encodeResult(nil, r)
	c.hash.Write(content)
	c.out.explanations = append(c.out.explanations, explanation{unit.ID, content})
	return nil
}

func (c *collector) done() *computed { return c.out }

func standingOf(o *Outcome, enterprise db.ID, at code.Division) Standing {
	return Standing{
		Subject: o.Subject, Enterprise: enterprise, Division: at, Scored: o.Scored, Score: o.Score, Grade: o.Grade, ByScore: o.ByScore,
		Status: o.Status, Why: o.Why, Provisional: o.Provisional, Trial: o.Trial, Incomplete: o.Incomplete, Blacklisted: o.Blacklisted, NextChange: o.NextChange,
	}
}

// ReportInput notes a value that another module or an official supplies by name
// (PC-26), in the unit that the rulebook declares, e.g. points in 0.0001.
func (s *Evaluations) ReportInput(ctx context.Context, tx *db.Tx, who authz.Actor, subject Subject, at authz.Place, name string, on day.Date, value int64, module string) error {
	if err := authz.Require(who, authz.CreditPropose, at); err != nil {
		return err
	}
	if err := checkInput(name); err != nil {
		return err
	}
	if on > tx.Today() {
		return fault.New(fault.Invalid, "credit.future-date", "报送的日期不能晚于今天。")
	}
	id := tx.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO credit_input (id, kind, subject, name, on_day, value, module, reported_by, reported_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, int64(subject.Kind), subject.ID, name, on, value, module, who.Account, db.Millis(tx.Now))
	if err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "credit.input-reported", "credit_input:"+id.String(), map[string]any{"name": name, "value": value, "on": on})
}

// Try runs a book without storing anything: `juli evaluate`, simulation. When
// the context's time is up it says so.
func (s *Evaluations) Try(ctx context.Context, tx *db.Tx, who authz.Actor, q Request) (*Trial, error) {
	if err := authz.Require(who, authz.CreditSimulate, s.place()); err != nil {
		return nil, err
	}
	q.Purpose = ForTrial
	c, err := s.compute(ctx, tx, q)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fault.Wrap(err, fault.Invalid, "credit.try-slow", "计算用时过长，已经停止。请减少或简化规则册中的条件，或在系统空闲时再试。")
	}
	if err != nil {
		return nil, err
	}
	t := &Trial{Evaluation: c.Evaluation, Book: q.Book, Standings: c.standings, explained: make(map[db.ID][]byte, len(c.explanations))}
	for _, x := range c.explanations {
		t.explained[x.enterprise] = x.content
	}
	return t, nil
}

// A Trial is a run that was not stored.
type Trial struct {
	Evaluation Evaluation
	Book       *Book
	Standings  []Standing
	explained  map[db.ID][]byte
}

// Outcome is the explained outcome of one subject of an enterprise.
func (t *Trial) Outcome(enterprise db.ID, s Subject) (Outcome, bool) {
	r, err := decodeResult(t.explained[enterprise])
	if err != nil {
		return Outcome{}, false
	}
	return r.of(s)
}

// of finds a subject's outcome in a result.
func (r *Result) of(s Subject) (Outcome, bool) {
	if sameKind(s.Kind, Enterprise) {
		return r.Enterprise, r.Enterprise.Subject.ID == s.ID
	}
	for _, list := range [][]Outcome{r.Projects, r.Persons} {
		for i := range list {
			if list[i].Subject == s {
				return list[i], true
			}
		}
	}
	return Outcome{}, false
}

// Distribution counts the enterprises of each grade or status, with their
// projects and area, so that no share is shown without its denominator.
func (t *Trial) Distribution(kind SubjectKind, at func(*Standing) bool) []Share {
	return SortShares(t.Book, kind, distribution(t.Standings, kind, at))
}

// A Share is one grade's or status' part of the city.
type Share struct {
	Grade    string // "" with Status
	Status   string
	Count    int64
	Projects int64
	Area     money.Area
}
