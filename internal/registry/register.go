package registry

import (
	"context"
	"slices"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
)

// A pair is a subject before and after a change.
type pair[T any] struct{ before, after T }

// A batch gathers what goes with many changes: figures and search.
type batch struct {
	index *Index
	stats map[code.USCC]stat
}

type stat struct {
	projects int64
	area     money.Area
}

func newBatch() *batch { return &batch{index: NewIndex(), stats: map[code.USCC]stat{}} }

// counts tells for whom a project counts, and its area there: who holds it. It
// is the definition of the figures projects and managed_area.
func counts(p *Project) (code.USCC, stat) {
	if !holds(p) {
		return "", stat{}
	}
	return p.Enterprise, stat{1, p.Area}
}

func (b *batch) count(p *Project, sign int64) {
	uscc, n := counts(p)
	if uscc == "" {
		return
	}
	have := b.stats[uscc]
	b.stats[uscc] = stat{have.projects + sign*n.projects, have.area + money.Area(sign)*n.area}
}

// close writes figures and search. The figures are added to, never set, so that
// two acts at once both count.
func (b *batch) close(ctx context.Context, tx *db.Tx) error {
	for _, uscc := range sortedKeys(b.stats) {
		n := b.stats[uscc]
		if n == (stat{}) {
			continue
		}
		_, err := tx.Exec(ctx, `UPDATE enterprise SET projects = projects + $2, managed_area = managed_area + $3 WHERE uscc = $1`, string(uscc), n.projects, int64(n.area))
		if err != nil {
			return err
		}
	}
	clear(b.stats)
	return b.index.Write(ctx, tx)
}

func enterpriseDoc(e *Enterprise) Doc {
	return Doc{Kind: DocEnterprise, Code: string(e.USCC), Title: e.Name, Detail: e.Address, Division: e.Division, Enterprise: e.USCC, Open: true}
}

func projectDoc(p *Project) Doc {
	return Doc{Kind: DocProject, Code: string(p.Code), Title: p.Name, Detail: p.Address, Division: p.Division, Enterprise: p.Enterprise, Project: p.Code, Open: true}
}

// storeEnterprises registers new enterprises and changed ones.
func (s *Service) storeEnterprises(ctx context.Context, tx *db.Tx, b *batch, fresh []Enterprise, changed []pair[Enterprise]) error {
	for i := range fresh {
		fresh[i].ID, fresh[i].Version = tx.NewID(), 1
		b.index.Add(tx, enterpriseDoc(&fresh[i]))
	}
	if err := enterprises.insert(ctx, tx, s, fresh); err != nil {
		return err
	}
	after := make([]Enterprise, len(changed))
	for i, c := range changed {
		c.after.Version = c.before.Version + 1
		after[i] = c.after
	}
	if err := enterprises.replace(ctx, tx, s, after); err != nil {
		return err
	}
	for _, c := range changed {
		if c.before.Name == c.after.Name && c.before.Address == c.after.Address && c.before.Division == c.after.Division {
			continue
		}
		if err := b.index.Change(ctx, tx, enterpriseDoc(&c.after)); err != nil {
			return err
		}
	}
	return b.index.writeDocs(ctx, tx)
}

// storeProjects registers new projects and changed ones, and who holds them; a
// manager that follows another holds from since at the earliest.
func (s *Service) storeProjects(ctx context.Context, tx *db.Tx, b *batch, fresh []Project, changed []pair[Project], since day.Date) error {
	for i := range fresh {
		fresh[i].ID, fresh[i].Version = tx.NewID(), 1
		b.index.Add(tx, projectDoc(&fresh[i]))
		b.count(&fresh[i], 1)
	}
	if err := projects.insert(ctx, tx, s, fresh); err != nil {
		return err
	}
	if err := startHoldings(ctx, tx, fresh); err != nil {
		return err
	}
	after := make([]Project, len(changed))
	for i, c := range changed {
		c.after.Version = c.before.Version + 1
		after[i] = c.after
		b.count(&c.before, -1)
		b.count(&c.after, 1)
	}
	if err := projects.replace(ctx, tx, s, after); err != nil {
		return err
	}
	for _, c := range changed {
		if err := moveHolding(ctx, tx, c.before, c.after, since); err != nil {
			return err
		}
		if projectDoc(&c.before) == projectDoc(&c.after) {
			continue
		}
		if err := b.index.Change(ctx, tx, projectDoc(&c.after)); err != nil {
			return err
		}
	}
	return b.index.writeDocs(ctx, tx)
}

// heldFrom is the first day on which a project's manager holds it: the
// contract's first day if that has come, else today.
func heldFrom(p *Project, today day.Date) day.Date {
	if p.ContractFrom != 0 && p.ContractFrom <= today {
		return p.ContractFrom
	}
	return today
}

var holdingCols = []string{"id", "project", "enterprise", "held_from", "held_to"}

// holds tells whether the project is held by its enterprise at all.
func holds(p *Project) bool { return p.Enterprise != "" && p.State != Left }

func startHoldings(ctx context.Context, tx *db.Tx, fresh []Project) error {
	if !slices.ContainsFunc(fresh, func(p Project) bool { return holds(&p) }) {
		return nil
	}
	today := tx.Today()
	row := make([]any, len(holdingCols))
	_, err := tx.Bulk(ctx, "project_holding", holdingCols, func(yield func([]any) bool) {
		for i := range fresh {
			p := &fresh[i]
			if !holds(p) {
				continue
			}
			row[0], row[1], row[2], row[3], row[4] = tx.NewID(), string(p.Code), string(p.Enterprise), heldFrom(p, today), nil
			if !yield(row) {
				return
			}
		}
	})
	return err
}

// moveHolding ends the former manager's holding on the day before the new one's
// begins (PC-35: evaluation asks who held a project, and how long). What the
// register knew until now stays: a contract that is typed with an older day takes
// no day from who held the project then.
func moveHolding(ctx context.Context, tx *db.Tx, before, after Project, since day.Date) error {
	if holds(&before) == holds(&after) && before.Enterprise == after.Enterprise {
		return nil
	}
	from := tx.Today()
	if holds(&after) && (!holds(&before) || after.ContractFrom > before.ContractFrom) { // else the contract is the former manager's
		from = max(heldFrom(&after, from), since)
	}
	all, err := HoldingsOfProject(ctx, tx, after.Code)
	if err != nil {
		return err
	}
	from = follows(all, from, tx.Today())
	for _, h := range all {
		switch {
		case h.To != 0:
		case h.From >= from: // begun today: never held for a whole day
			_, err = tx.Exec(ctx, `DELETE FROM project_holding WHERE id = $1`, h.ID)
		default:
			_, err = tx.Exec(ctx, `UPDATE project_holding SET held_to = $2 WHERE id = $1`, h.ID, from.AddDays(-1))
		}
		if err != nil {
			return err
		}
	}
	if !holds(&after) {
		return nil
	}
	_, err = tx.Exec(ctx, `INSERT INTO project_holding (id, project, enterprise, held_from, held_to) VALUES ($1, $2, $3, $4, NULL)`,
		tx.NewID(), string(after.Code), string(after.Enterprise), from)
	return err
}

// follows is the first day for a new manager that wishes to begin on from: after
// every earlier holding, and after the day on which the present one began, unless
// that is today, which is nobody's whole day yet.
func follows(all []Holding, from, today day.Date) day.Date {
	for _, h := range all {
		switch {
		case h.To != 0:
			from = max(from, h.To.AddDays(1))
		case h.From < today:
			from = max(from, h.From.AddDays(1))
		default:
			from = max(from, h.From)
		}
	}
	return from
}

// checkReferences tells which codes of a subject name nothing: divisions of the
// day, enterprises.
func checkReferences(ctx context.Context, tx *db.Tx, division code.Division, enterprise code.USCC) error {
	refused := fault.New(fault.Invalid, "registry.reference", "请改正标出的内容。")
	d, ok, err := db.One(ctx, tx, scanDivision, `SELECT `+divisionCols+` FROM division WHERE code = $1`, string(division))
	if err != nil {
		return err
	}
	if !ok || !d.On(tx.Today()) {
		refused.With("division", "没有这个区划代码。")
	}
	if enterprise != "" {
		if _, err := PlaceOfEnterprise(ctx, tx, enterprise); err != nil {
			if !fault.Is(err, "registry.no-enterprise") {
				return err
			}
			refused.With("enterprise", "没有登记过这家企业。")
		}
	}
	return refused.OrNil()
}

// PutEnterprise registers an enterprise or a change of it as the authority's own
// act. Version is the one that was edited, 0 for a new one; a change of what
// others changed meanwhile is a conflict (CRS-7).
func (s *Service) PutEnterprise(ctx context.Context, who authz.Actor, e Enterprise, reason string) (out Enterprise, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error { out, err = s.PutEnterpriseIn(ctx, tx, who, e, reason); return err })
	return out, err
}

// PutEnterpriseIn is PutEnterprise in the caller's transaction.
func (s *Service) PutEnterpriseIn(ctx context.Context, tx *db.Tx, who authz.Actor, e Enterprise, reason string) (Enterprise, error) {
	at := placeOf(e)
	if err := authz.Require(who, authz.RegistryImport, at); err != nil {
		return Enterprise{}, err
	}
	return s.putEnterprise(ctx, tx, who, e, Change{tx.Now, who.Account, FromOffice, reason})
}

// putEnterprise applies the rules and stores; who may do so was asked before.
func (s *Service) putEnterprise(ctx context.Context, tx *db.Tx, who authz.Actor, e Enterprise, change Change) (Enterprise, error) {
	if err := tx.Lock(ctx, "enterprise", e.USCC); err != nil {
		return Enterprise{}, err
	}
	old, err := s.enterpriseOf(ctx, tx, e.USCC)
	isNew := fault.Is(err, "registry.no-enterprise")
	if err != nil && !isNew {
		return Enterprise{}, err
	}
	switch {
	case isNew && e.Version != 0:
		return Enterprise{}, noEnterprise()
	case !isNew && e.Version == 0:
		return Enterprise{}, fault.New(fault.Conflict, "registry.exists", "这家企业已经登记。")
	case !isNew && e.Version != old.Version:
		return Enterprise{}, stale()
	}
	if !isNew && who.SystemName() == "" && change.Source == FromOffice {
		if err := authz.Require(who, authz.RegistryImport, placeOf(old)); err != nil {
			return Enterprise{}, err
		}
	}
	e.ID, e.Entered, e.LeftOn, e.Projects, e.Managed = old.ID, old.Entered, old.LeftOn, old.Projects, old.Managed
	settle(&e.State, &e.Entered, &e.LeftOn, tx.Today())
	e.Change = change
	if err := s.checkedEnterprise(ctx, tx, &e); err != nil {
		return Enterprise{}, err
	}
	b := newBatch()
	kind := "registry.enterprise-changed"
	if isNew {
		kind = "registry.enterprise-added"
		err = s.storeEnterprises(ctx, tx, b, []Enterprise{e}, nil)
	} else {
		err = s.storeEnterprises(ctx, tx, b, nil, []pair[Enterprise]{{old, e}})
	}
	if err != nil {
		return Enterprise{}, err
	}
	if err := b.close(ctx, tx); err != nil {
		return Enterprise{}, err
	}
	if e, err = s.enterpriseOf(ctx, tx, e.USCC); err != nil {
		return Enterprise{}, err
	}
	return e, audit.Append(ctx, tx, who, kind, "enterprise:"+string(e.USCC), auditDetail(placeOf(e), e.Version, change))
}

func (s *Service) checkedEnterprise(ctx context.Context, tx *db.Tx, e *Enterprise) error {
	if err := wanting(enterpriseFields, e); err != nil {
		return err
	}
	if err := checkEnterprise(e, tx.Today()); err != nil {
		return err
	}
	return checkReferences(ctx, tx, e.Division, "")
}

// auditDetail says what happened without naming anybody.
func auditDetail(where authz.Place, version int64, c Change) audit.Change {
	act := authz.RegistryImport
	if c.Source == FromFiling {
		act = authz.RegistryCheck
	}
	return audit.Change{Act: act, At: where, Detail: map[string]any{"version": version, "source": string(c.Source)}}
}

// PutProject registers a project or a change of it as the authority's own act.
// Version is the one that was edited, 0 for a new one; a new one without a code
// gets the next of its community.
func (s *Service) PutProject(ctx context.Context, who authz.Actor, p Project, reason string) (out Project, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error { out, err = s.PutProjectIn(ctx, tx, who, p, reason); return err })
	return out, err
}

// PutProjectIn is PutProject in the caller's transaction.
func (s *Service) PutProjectIn(ctx context.Context, tx *db.Tx, who authz.Actor, p Project, reason string) (Project, error) {
	if err := authz.Require(who, authz.RegistryImport, placeOfProject(p)); err != nil {
		return Project{}, err
	}
	return s.putProject(ctx, tx, who, p, Change{tx.Now, who.Account, FromOffice, reason}, 0)
}

// putProject applies the rules and stores; who may do so was asked before. A new
// manager holds the project from since at the earliest.
func (s *Service) putProject(ctx context.Context, tx *db.Tx, who authz.Actor, p Project, change Change, since day.Date) (Project, error) {
	old, isNew, err := s.formerProject(ctx, tx, p)
	if err != nil {
		return Project{}, err
	}
	if !isNew && who.SystemName() == "" && change.Source == FromOffice {
		if err := authz.Require(who, authz.RegistryImport, placeOfProject(old)); err != nil {
			return Project{}, err
		}
	}
	p.ID, p.Entered, p.LeftOn = old.ID, old.Entered, old.LeftOn
	settle(&p.State, &p.Entered, &p.LeftOn, tx.Today())
	p.Change = change
	if err := wanting(projectFields, &p); err != nil {
		return Project{}, err
	}
	if err := checkProject(&p, tx.Today()); err != nil {
		return Project{}, err
	}
	if err := checkReferences(ctx, tx, p.Division, p.Enterprise); err != nil {
		return Project{}, err
	}
	if err := s.numberProject(ctx, tx, &p); err != nil {
		return Project{}, err
	}
	b := newBatch()
	kind := "registry.project-changed"
	if isNew {
		kind = "registry.project-added"
		err = s.storeProjects(ctx, tx, b, []Project{p}, nil, since)
	} else {
		err = s.storeProjects(ctx, tx, b, nil, []pair[Project]{{old, p}}, since)
	}
	if err != nil {
		return Project{}, err
	}
	if err := b.close(ctx, tx); err != nil {
		return Project{}, err
	}
	if p, err = projectOf(ctx, tx, p.Code); err != nil {
		return Project{}, err
	}
	return p, audit.Append(ctx, tx, who, kind, "project:"+string(p.Code), auditDetail(placeOfProject(p), p.Version, change))
}

// formerProject is what the register holds now, under the project's lock.
func (s *Service) formerProject(ctx context.Context, tx *db.Tx, p Project) (old Project, isNew bool, err error) {
	if p.Code == "" {
		if p.Version != 0 {
			return old, false, noProject()
		}
		return old, true, nil
	}
	if err := tx.Lock(ctx, "project", p.Code); err != nil {
		return old, false, err
	}
	old, err = projectOf(ctx, tx, p.Code)
	isNew = fault.Is(err, "registry.no-project")
	switch {
	case err != nil && !isNew, isNew && p.Version != 0:
		return old, false, err
	case !isNew && p.Version == 0:
		return old, false, fault.New(fault.Conflict, "registry.exists", "这个项目已经登记。")
	case !isNew && p.Version != old.Version:
		return old, false, stale()
	}
	return old, isNew, nil
}

// numberProject gives a new project the next code of its community.
func (s *Service) numberProject(ctx context.Context, tx *db.Tx, p *Project) error {
	if p.Code != "" {
		return useSerials(ctx, tx, map[code.Division]int64{p.Code.Community(): serialOf(p.Code)})
	}
	n, err := nextSerials(ctx, tx, p.Division, 1)
	if err != nil {
		return err
	}
	p.Code, err = code.MakeProjectCode(p.Division, int(n))
	return err
}

// A Holding says which enterprise held a project from a day to a day, both
// included; To is none while it lasts.
type Holding struct {
	ID         db.ID
	Project    code.ProjectCode
	Enterprise code.USCC
	From, To   day.Date
}

const holdingSelect = `id, project, enterprise, held_from, held_to`

const holdingsMax = 1000 // of one subject on a page

func scanHolding(row db.Scanner) (h Holding, err error) {
	return h, row.Scan(&h.ID, &h.Project, &h.Enterprise, &h.From, &h.To)
}

// HoldingsOfProject lists who held a project, oldest first.
func HoldingsOfProject(ctx context.Context, tx *db.Tx, c code.ProjectCode) ([]Holding, error) {
	return db.All(ctx, tx, scanHolding, `SELECT `+holdingSelect+` FROM project_holding WHERE project = $1 ORDER BY held_from, id LIMIT $2`, string(c), holdingsMax)
}

// HoldingsOfEnterprise lists what an enterprise held, oldest first.
func HoldingsOfEnterprise(ctx context.Context, tx *db.Tx, uscc code.USCC) ([]Holding, error) {
	return db.All(ctx, tx, scanHolding, `SELECT `+holdingSelect+` FROM project_holding WHERE enterprise = $1 ORDER BY held_from, id LIMIT $2`, string(uscc), holdingsMax)
}

// Holdings streams every holding that touches the days from–to, by project:
// evaluation weighs by holder and time (PC-35).
func Holdings(ctx context.Context, tx *db.Tx, from, to day.Date) func(yield func(Holding, error) bool) {
	return db.Rows(ctx, tx, scanHolding, `
		SELECT `+holdingSelect+` FROM project_holding
		WHERE held_from <= $2 AND (held_to IS NULL OR held_to >= $1)
		ORDER BY project, held_from, id`, from.String(), to.String())
}
