package campaign

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
	"juli/internal/money"
	"juli/internal/registry"
)

const (
	poolMax = 20_000
	pageMax = 200
	seedMax = 100
)

// pool gathers who may be drawn today: the projects of the scope, by use and
// grade, each as heavy as its grade says, and the officials who inspect, each with
// the places to avoid.
func (s *Campaigns) pool(ctx context.Context, tx *db.Tx, c Campaign, b *Book) (Pool, error) {
	p := Pool{Format: DrawFormat, Campaign: c.ID.String(), Title: c.Title, Sample: c.Sample, Each: b.Each, SeedRule: c.SeedRule}
	grades, weights, err := s.grades(ctx, tx)
	if err != nil {
		return p, err
	}
	scope := c.Scope
	if len(scope) == 0 {
		scope = []code.Division{c.Division}
	}
	for _, at := range scope {
		for q := (registry.ListQuery{Division: at, Counted: true, Limit: pageMax}); ; {
			rows, next, err := registry.ListProjects(ctx, tx, q)
			if err != nil {
				return p, err
			}
			for _, x := range rows {
				grade := grades[string(x.Code)]
				if x.State != registry.Active || len(c.Uses) > 0 && !slices.Contains(c.Uses, string(x.Use)) || len(c.Grades) > 0 && !slices.Contains(c.Grades, grade) {
					continue
				}
				weight := int64(b.Weight)
				if w := weights[grade]; w > 0 {
					weight = int64(w)
				}
				p.Projects = append(p.Projects, PoolProject{string(x.Code), string(x.Division), string(x.Division.Up(code.District)), string(x.Enterprise), grade, weight})
			}
			if q.After = next; next == "" || len(p.Projects) > poolMax {
				break
			}
		}
	}
	slices.SortFunc(p.Projects, func(x, y PoolProject) int { return cmp.Compare(x.Code, y.Code) })
	p.Projects = slices.CompactFunc(p.Projects, func(x, y PoolProject) bool { return x.Code == y.Code })
	if len(p.Projects) == 0 {
		return p, fault.New(fault.Conflict, "campaign.empty-pool", "范围内没有符合条件的项目，请修改检查范围。")
	}
	return p, s.inspectors(ctx, tx, c, b, &p)
}

func (s *Campaigns) inspectors(ctx context.Context, tx *db.Tx, c Campaign, b *Book, p *Pool) error {
	since := tx.Today().AddDays(-b.Avoid.N)
	if end, _ := s.Calendar.End(tx.Today(), b.Avoid); end > tx.Today() { // as long back as the term is
		since = tx.Today() - (end - tx.Today())
	}
	list, err := identity.Officials(ctx, tx, b.Inspectors, since)
	if err != nil {
		return err
	}
	for _, o := range list {
		if !o.Division.Contains(c.Division) && !c.Division.Contains(o.Division) {
			continue
		}
		h := casework.Holder{Role: o.Role, Division: o.Division}
		p.Inspectors = append(p.Inspectors, PoolInspector{o.Account.String(), h.Key(), string(o.Division), append([]string{}, o.Ties...)})
	}
	slices.SortFunc(p.Inspectors, func(x, y PoolInspector) int { return cmp.Compare(x.ID, y.ID) })
	for _, x := range p.Projects {
		n := 0
		for _, i := range p.Inspectors {
			if i.goesTo(x) {
				n++
			}
		}
		if n < p.Each {
			return fault.New(fault.Conflict, "campaign.few-inspectors", "项目 %s 没有足够的、不需要回避的检查人员。", x.Code)
		}
	}
	return nil
}

// grades are the projects' grades in the newest published result, and how often
// the credit rules say each grade is looked at.
func (s *Campaigns) grades(ctx context.Context, tx *db.Tx) (map[string]string, map[string]money.Points, error) {
	grades, weights := map[string]string{}, map[string]money.Points{}
	release, ok, err := s.Evaluations.PublishedOn(ctx, tx, tx.Today())
	if err != nil || !ok {
		return grades, weights, err
	}
	book, err := s.CreditBooks.InForce(ctx, tx, tx.Today())
	if err != nil {
		return nil, nil, err
	}
	for _, u := range book.Uses {
		w, err := money.ParsePoints(u.Value)
		if u.Action != "inspection" || err != nil || w <= 0 {
			continue
		}
		for _, g := range u.Grades {
			weights[g] = w
		}
	}
	for q := (credit.League{Evaluation: release.Evaluation, Kind: credit.Project, Limit: pageMax}); ; {
		list, next, err := s.Evaluations.Standings(ctx, tx, q)
		if err != nil {
			return nil, nil, err
		}
		for _, x := range list {
			grades[x.Code] = x.Grade
		}
		if q.After = next; next == "" {
			return grades, weights, nil
		}
	}
}

// DrawIn draws. seed is the public number that was named before the pool was
// frozen; where none was, the system draws one.
func (s *Campaigns) DrawIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64, seed string) error {
	c, err := find(ctx, tx, who, id, authz.CampaignDraw)
	if err != nil {
		return err
	}
	b, err := s.Books.ByDigest(ctx, tx, c.Book)
	if err != nil {
		return err
	}
	if seed = strings.Join(strings.Fields(seed), " "); c.SeedRule == "" {
		raw := make([]byte, 32)
		rand.Read(raw)
		seed = hex.EncodeToString(raw)
	}
	if seed == "" || len(seed) > seedMax {
		return fault.New(fault.Invalid, "campaign.seed", "请填写事先约定的公开数字。").With("seed", "请填写“"+c.SeedRule+"”公布的数字。")
	}
	if err := s.move(ctx, tx, who, &c, version, casework.Way{Act: ActDraw, Holder: c.lead(), Term: &b.Terms.Start}); err != nil {
		return err
	}
	pool, _, err := poolOf(ctx, tx, id)
	if err != nil {
		return err
	}
	drawn, err := Draw(pool, seed)
	if err != nil {
		return err
	}
	result := ResultText(drawn)
	if err := keepDraw(ctx, tx, id, seed, result); err != nil {
		return err
	}
	return s.note(ctx, tx, who, c, "campaign.drawn", authz.CampaignDraw, map[string]any{
		"title": c.Title, "pool": c.PoolDigest, "seed": seed, "result": DigestOf(result), "projects": len(drawn),
	})
}

// File is all that is needed to draw again, for everybody.
func (s *Campaigns) File(ctx context.Context, tx *db.Tx, id db.ID) (f DrawFile, err error) {
	c, err := s.Public(ctx, tx, id)
	if err != nil {
		return f, err
	}
	pool, result, err := poolOf(ctx, tx, id)
	if err != nil {
		return f, err
	}
	f = DrawFile{Format: DrawFormat, Pool: string(pool), Digest: c.PoolDigest, Seed: c.Seed}
	if len(result) > 0 {
		f.Result, err = readResult(result)
	}
	return f, err
}
