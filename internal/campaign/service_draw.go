package campaign

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
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
	p := Pool{Format: DrawFormat, Title: c.Title, Period: c.From.String() + "/" + c.To.String(), Sample: c.Sample, Each: b.Each, SeedRule: c.SeedRule, SeedDigits: c.SeedDigits}
	if c.SeedOn != 0 {
		p.SeedOn = c.SeedOn.String()
	}
	salt := make([]byte, 16)
	if err := s.random(salt); err != nil {
		return p, err
	}
	p.Salt = hex.EncodeToString(salt)
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
	if err := shuffle(list, s.random); err != nil {
		return err
	}
	for _, o := range list {
		if !o.Division.Contains(c.Division) && !c.Division.Contains(o.Division) {
			continue
		}
		h := casework.Holder{Role: o.Role, Division: o.Division}
		number := fmt.Sprintf("%04d", len(p.Inspectors)+1) // by lot: in the next campaign it is another
		p.Inspectors = append(p.Inspectors, PoolInspector{number, h.Key(), string(o.Division), append([]string{}, o.Ties...)})
		if err := insertInspector(ctx, tx, c.ID, number, o.Account, h.Key()); err != nil {
			return err
		}
	}
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

// shuffle puts a list into an order that nobody chose.
func shuffle[T any](list []T, random func([]byte) error) error {
	keys := make([]byte, 8*len(list))
	if err := random(keys); err != nil {
		return err
	}
	for i := len(list) - 1; i > 0; i-- {
		j := binary.BigEndian.Uint64(keys[8*i:]) % uint64(i+1)
		list[i], list[j] = list[j], list[i]
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

// agreed is a seed as it is entered, if it is one of the campaign's agreed number.
func (c Campaign) agreed(seed string, today day.Date) (string, error) {
	seed = strings.Join(strings.Fields(seed), " ")
	switch {
	case today < c.SeedOn:
		return "", fault.New(fault.Conflict, "campaign.seed-early", "约定的数字 %s 才公布，到那天才能抽取。", c.SeedOn)
	case seed == "" || len(seed) > seedMax:
		return "", fault.New(fault.Invalid, "campaign.seed", "请填写事先约定的公开数字。").With("seed", "请填写“"+c.SeedRule+"”公布的数字。")
	case c.SeedDigits > 0 && !CheckSeed(seed, c.SeedDigits):
		return "", fault.New(fault.Invalid, "campaign.seed-shape", "填写的不是约定的数字。").With("seed", fmt.Sprintf("“%s”是 %d 位数字，请照公布的填写，不要加文字。", c.SeedRule, c.SeedDigits))
	}
	return seed, nil
}

// SeedIn notes the agreed number once it is public. Another person enters it again
// and draws.
func (s *Campaigns) SeedIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64, seed string) error {
	c, err := find(ctx, tx, who, id, authz.CampaignDraw)
	if err != nil {
		return err
	}
	if c.SeedRule == "" {
		return fault.New(fault.Conflict, "campaign.no-seed-rule", "这次检查没有约定公开数字，种子由系统随机产生，可以直接抽取。")
	}
	if seed, err = c.agreed(seed, tx.Today()); err != nil {
		return err
	}
	if err := s.move(ctx, tx, who, &c, version, casework.Way{Act: ActSeed}); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE campaign SET seed_noted = $2 WHERE id = $1`, id, seed); err != nil {
		return err
	}
	return s.note(ctx, tx, who, c, "campaign.seed-noted", authz.CampaignDraw, map[string]any{"seed": seed})
}

// DrawIn draws. seed is the public number that was named before the pool was
// frozen, the same as another person noted; where none was named, the system draws
// one.
func (s *Campaigns) DrawIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, version int64, seed string) error {
	c, err := find(ctx, tx, who, id, authz.CampaignDraw)
	if err != nil {
		return err
	}
	b, err := s.Books.ByDigest(ctx, tx, c.Book)
	if err != nil {
		return err
	}
	if seed, err = s.seed(c, seed, tx.Today()); err != nil {
		return err
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

// seed is what a campaign is drawn by.
func (s *Campaigns) seed(c Campaign, typed string, today day.Date) (string, error) {
	if c.SeedRule == "" {
		raw := make([]byte, 32)
		err := s.random(raw)
		return hex.EncodeToString(raw), err
	}
	seed, err := c.agreed(typed, today)
	switch {
	case err != nil:
		return "", err
	case c.State == Approved && c.SeedOn != 0 && c.SeedNoted == "":
		return "", fault.New(fault.Conflict, "campaign.seed-unnoted", "请先由一人登记公布的数字，再由另一人输入同样的数字抽取。").With("act", "请先由一人登记公布的数字。")
	case c.SeedNoted != "" && seed != c.SeedNoted:
		return "", fault.New(fault.Invalid, "campaign.seed-other", "两人填写的数字不同。").With("seed", "与另一人登记的不同，请一起对照公布的数字；登记错的可以重新登记。")
	}
	return seed, nil
}

// Open says whether everybody may see the pool, and so who is drawn: when nobody is
// visited any more. Before that the digests of pool and result alone are public.
func (c Campaign) Open() bool {
	return c.State == Concluded || c.State == Cancelled && c.PoolDigest != ""
}

// File is all that is needed to draw again: for everybody once the visits are over,
// for the authority that runs the campaign at any time.
func (s *Campaigns) File(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (f DrawFile, err error) {
	c, err := s.Public(ctx, tx, id)
	if err != nil {
		return f, err
	}
	if !c.Open() && !authz.May(who, authz.CampaignDraw, c.place()) {
		return f, fault.New(fault.NotFound, "campaign.sealed", "检查结束后公布抽取文件，以免被检查的单位事先知道。现在可以在公开日志里查到名单和结果的摘要。")
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
