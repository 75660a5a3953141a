package campaign_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"juli/internal/authz"
	"juli/internal/campaign"
	"juli/internal/casework"
	"juli/internal/city/town"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/registry"
)

// begin drafts a campaign over the whole city and has it approved.
func (w *world) begin(maker, checker authz.Actor, change func(*campaign.Campaign)) db.ID {
	w.t.Helper()
	c := campaign.Campaign{
		Kind: campaign.KindInspection, Theme: "SAFETY", Title: "夏季安全检查", Basis: "物业管理条例", Division: "2301", From: w.Today(), To: w.Today().AddDays(20), Sample: 4,
	}
	if change != nil {
		change(&c)
	}
	id, err := w.svc.Draft(w.t.Context(), maker, c)
	if err != nil {
		w.t.Fatal(err)
	}
	w.must(func(ctx context.Context, tx *db.Tx) error { return w.svc.ApproveIn(ctx, tx, checker, id, 1) })
	return id
}

// staffed makes two officials of the city and two of each district.
func (w *world) staffed() (city1, city2 authz.Actor) {
	w.t.Helper()
	city1, city2 = w.official("city1", authz.CityBureau, "2301"), w.official("city2", authz.CityBureau, "2301")
	for _, d := range []code.Division{"230102", "230103"} {
		for _, n := range []string{"a", "b"} {
			w.official("qu"+string(d)+n, authz.DistrictBureau, d)
		}
	}
	return city1, city2
}

// run draws and starts.
func (w *world) run(id db.ID, who authz.Actor) {
	w.t.Helper()
	w.must(func(ctx context.Context, tx *db.Tx) error { return w.svc.DrawIn(ctx, tx, who, id, 2, "") })
	w.must(func(ctx context.Context, tx *db.Tx) error { return w.svc.StartIn(ctx, tx, who, id, 3) })
}

func TestACampaignIsDrawnFromAPoolThatWasFrozenBefore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		city1, city2 := w.staffed()
		c := campaign.Campaign{Kind: campaign.KindInspection, Theme: "SAFETY", Title: "夏季安全检查", Basis: "物业管理条例", Division: "2301", From: w.Today(), To: w.Today().AddDays(20), Sample: 4}
		id, err := w.svc.Draft(t.Context(), city1, c)
		if err != nil {
			t.Fatal(err)
		}
		approve := func(who authz.Actor) error {
			return w.do(func(ctx context.Context, tx *db.Tx) error { return w.svc.ApproveIn(ctx, tx, who, id, 1) })
		}
		if err := approve(city1); !fault.Is(err, "authz.same-person") {
			t.Errorf("who drafted approves: %v", err)
		}
		if err := approve(w.District(town.Huayuan)); fault.From(err).Kind != fault.NotFound {
			t.Errorf("a district approves for the city: %v", err)
		}
		if err := approve(city2); err != nil {
			t.Fatal(err)
		}
		frozen := w.campaign(id)
		if frozen.PoolSize != 5 || frozen.PoolDigest == "" || frozen.Seed != "" {
			t.Errorf("the pool is %+v", frozen)
		}
		w.Project("新来小区", town.Huayuan, w.Yi.USCC, "9000") // too late to be drawn
		w.run(id, city1)
		var f campaign.DrawFile
		w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
			f, err = w.svc.File(ctx, tx, w.Program, id)
			return err
		})
		if f.Digest != frozen.PoolDigest || len(f.Seed) != 64 || len(f.Result) != 4 {
			t.Errorf("the file is %+v", f)
		}
		drawn, err := campaign.Draw([]byte(f.Pool), f.Seed)
		if err != nil || string(campaign.ResultText(drawn)) != string(campaign.ResultText(f.Result)) {
			t.Errorf("drawn again: %v, %v", drawn, err)
		}
		sent := w.sent(id)
		for _, x := range w.inspections(id) {
			i := slices.IndexFunc(f.Result, func(d campaign.Drawn) bool { return d.Project == string(x.Project) })
			if i < 0 || sent[f.Result[i].Inspectors[0]].Account != x.First || sent[f.Result[i].Inspectors[1]].Account != x.Second {
				t.Errorf("%s is inspected by %s and %s", x.Project, x.First, x.Second)
			}
			w.Read(func(ctx context.Context, tx *db.Tx) error {
				list, _, err := casework.Todos(ctx, tx, w.who[x.First], []*casework.Machine{campaign.InspectionMachine}, casework.Filter{Mine: true}, casework.Cursor{}, 50)
				if !slices.ContainsFunc(list, func(t casework.Todo) bool { return t.ID == x.ID && t.Due == x.Due && t.Due != 0 }) {
					t.Errorf("%s is not on the list of who leads it", x.Project)
				}
				return err
			})
		}
		w.WantAudit("campaign:"+id.String(), "campaign.drafted", "campaign.approved", "campaign.drawn", "campaign.started")
	})
}

func TestWhoWorkedAtAPlaceIsNotSentThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		city1, city2 := w.staffed()
		tied := w.who[slices.Sorted(func(yield func(db.ID) bool) {
			for id := range w.who {
				if !yield(id) {
					return
				}
			}
		})[2]]
		w.must(func(ctx context.Context, tx *db.Tx) error { // an owner of one, once of the staff of another
			for i, at := range [][2]string{{"", string(w.Projects[0].Code)}, {string(w.Yi.USCC), ""}} {
				_, err := tx.Exec(ctx, `INSERT INTO identity_grant (id, account_id, person_id, role, division, enterprise, project, manager, official, admin, valid_from, valid_to, state, proposed_at)
					VALUES ($1, $2, $3, $4, '', $5, $6, FALSE, FALSE, FALSE, '2019-01-01', '2019-12-31', 'ended', 0)`, tx.NewID(), tied.Account, tied.Person, []string{"owner", "enterprise"}[i], at[0], at[1])
				if err != nil {
					return err
				}
			}
			return nil
		})
		id := w.begin(city1, city2, func(c *campaign.Campaign) { c.Sample = 5 })
		w.run(id, city2)
		var f campaign.DrawFile
		w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
			f, err = w.svc.File(ctx, tx, w.Program, id)
			return err
		})
		p, err := campaign.ReadPool([]byte(f.Pool))
		if err != nil {
			t.Fatal(err)
		}
		sent := w.sent(id)
		i := slices.IndexFunc(p.Inspectors, func(i campaign.PoolInspector) bool { return sent[i.ID].Account == tied.Account })
		if i < 0 || len(p.Inspectors[i].Avoid) != 2 {
			t.Fatalf("the pool knows %+v", p.Inspectors)
		}
		for _, x := range w.inspections(id) {
			if (x.Project == w.Projects[0].Code || x.Enterprise == w.Yi.USCC) && (x.First == tied.Account || x.Second == tied.Account) {
				t.Errorf("%s is sent to %s", tied.Account, x.Project)
			}
		}
	})
}

func TestAPublicNumberThatWasNamedBeforeIsTheSeed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		city1, city2 := w.staffed()
		published := w.Today().AddDays(2)
		id := w.begin(city1, city2, func(c *campaign.Campaign) {
			c.SeedRule, c.SeedOn, c.SeedDigits = "双色球第2021062期", published, 14
			c.Uses, c.Scope = []string{string(registry.Residential)}, []code.Division{"230103"}
		})
		enter := func(act func(context.Context, *db.Tx, authz.Actor, db.ID, int64, string) error, who authz.Actor, seed string) error {
			version := w.campaign(id).Case.Version
			return w.do(func(ctx context.Context, tx *db.Tx) error { return act(ctx, tx, who, id, version, seed) })
		}
		const number, other = "01 08 14 22 27 30 + 05", "01 08 14 22 27 30 + 06"
		for _, act := range []func(context.Context, *db.Tx, authz.Actor, db.ID, int64, string) error{w.svc.SeedIn, w.svc.DrawIn} {
			if err := enter(act, city2, number); !fault.Is(err, "campaign.seed-early") {
				t.Errorf("before the number is public: %v", err)
			}
		}
		w.on(published.String())
		for seed, rule := range map[string]string{" ": "campaign.seed", "abc": "campaign.seed-shape", "01 08 14": "campaign.seed-shape", number + "期": "campaign.seed-shape"} {
			if err := enter(w.svc.SeedIn, city2, seed); !fault.Is(err, rule) {
				t.Errorf("%q: %v, want %s", seed, err, rule)
			}
		}
		if err := enter(w.svc.DrawIn, city1, number); !fault.Is(err, "campaign.seed-unnoted") {
			t.Errorf("one person alone draws: %v", err)
		}
		if err := enter(w.svc.SeedIn, city2, number); err != nil {
			t.Fatal(err)
		}
		if err := enter(w.svc.DrawIn, city2, number); !fault.Is(err, "authz.same-person") {
			t.Errorf("who noted it draws: %v", err)
		}
		if err := enter(w.svc.DrawIn, city1, other); !fault.Is(err, "campaign.seed-other") {
			t.Errorf("two persons read two numbers: %v", err)
		}
		if err := enter(w.svc.DrawIn, city1, " 01  08 14 22 27 30 + 05"); err != nil {
			t.Fatal(err)
		}
		if c := w.campaign(id); c.Seed != number || c.PoolSize != 3 {
			t.Errorf("seed %q, pool of %d", c.Seed, c.PoolSize)
		}
		if err := w.do(func(ctx context.Context, tx *db.Tx) error { return w.svc.DrawIn(ctx, tx, city1, id, 3, number) }); !fault.Is(err, "casework.stale") {
			t.Errorf("drawn twice: %v", err)
		}
	})
}

func TestAnAgreedNumberIsStillToComeWhenThePoolIsFrozen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		city1, city2 := w.staffed()
		c := campaign.Campaign{
			Kind: campaign.KindInspection, Theme: "SAFETY", Title: "夏季安全检查", Basis: "物业管理条例", Division: "2301", From: w.Today(), To: w.Today().AddDays(20), Sample: 4,
			SeedRule: "双色球第2021062期", SeedOn: w.Today(), SeedDigits: 14,
		}
		if _, err := w.svc.Draft(t.Context(), city1, c); fault.From(err) == nil || fault.From(err).Fields["seed_on"] == "" {
			t.Errorf("a number of today: %v", err)
		}
		c.SeedOn, c.SeedDigits = w.Today()+1, 0
		if _, err := w.svc.Draft(t.Context(), city1, c); fault.From(err) == nil || fault.From(err).Fields["seed_digits"] == "" {
			t.Errorf("of no length: %v", err)
		}
		c.SeedDigits = 14
		id, err := w.svc.Draft(t.Context(), city1, c)
		if err != nil {
			t.Fatal(err)
		}
		w.on(c.SeedOn.String())
		if err := w.do(func(ctx context.Context, tx *db.Tx) error { return w.svc.ApproveIn(ctx, tx, city2, id, 1) }); !fault.Is(err, "campaign.seed-late") {
			t.Errorf("frozen on the day of the number: %v", err)
		}
	})
}

// Who is visited and by whom is nobody's to know before the visits are over, not
// even from an earlier campaign's numbers.
func TestNobodyLearnsOfAVisitBeforeItWasMade(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.svc.Random = rand.NewChaCha8([32]byte{1})
		city1, city2 := w.staffed()
		id := w.begin(city1, city2, nil)
		w.run(id, city1)
		first := w.inspections(id)[0]
		if err := w.settle(first); err != nil {
			t.Fatal(err)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			for name, who := range map[string]authz.Actor{"a visitor": authz.Anonymous, "an enterprise": w.Firm(first.Enterprise)} {
				if f, err := w.svc.File(ctx, tx, who, id); !fault.Is(err, "campaign.sealed") || f.Pool != "" {
					t.Errorf("%s reads the draw: %v", name, err)
				}
			}
			list, err := w.svc.Inspections(ctx, tx, authz.Anonymous, campaign.Sift{Public: true, Campaign: id, Limit: 100})
			if len(list) != 1 || list[0].ID != first.ID {
				t.Errorf("everybody sees %d inspections, want the one that was made", len(list))
			}
			return err
		})
		again := w.begin(city2, city1, func(c *campaign.Campaign) { c.Title = "第二次检查" })
		one, two := w.sent(id), w.sent(again)
		same := 0
		for number, who := range one {
			if two[number].Account == who.Account {
				same++
			}
		}
		if same == len(one) || len(one) != len(two) {
			t.Errorf("all %d inspectors have the same number in the next campaign", same)
		}
		w.on(w.campaign(id).To.AddDays(1).String())
		version := w.campaign(id).Case.Version
		w.must(func(ctx context.Context, tx *db.Tx) error { return w.svc.ConcludeIn(ctx, tx, city1, id, version) })
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			f, err := w.svc.File(ctx, tx, authz.Anonymous, id)
			if err != nil {
				return err
			}
			text, err := json.Marshal(f)
			if err != nil {
				return err
			}
			if f.Digest != w.campaign(id).PoolDigest || campaign.DigestOf(campaign.ResultText(f.Result)) != w.campaign(id).ResultDigest {
				t.Error("what is published at the end is not what was sealed")
			}
			if _, err := campaign.VerifyDraw(text); err != nil {
				t.Errorf("an outsider draws again: %v", err)
			}
			list, err := w.svc.Inspections(ctx, tx, authz.Anonymous, campaign.Sift{Public: true, Campaign: id, Limit: 100})
			if len(list) != 4 {
				t.Errorf("at the end everybody sees %d inspections", len(list))
			}
			return err
		})
	})
}

// sent tells who the numbers of a pool are.
func (w *world) sent(id db.ID) (out map[string]campaign.Sent) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
		out, err = w.svc.Inspectors(ctx, tx, w.City(), id)
		return err
	})
	return out
}
