package credit_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/money"
	"juli/internal/registry"
	"juli/internal/seal"
	"juli/rulebooks"
)

const community code.Division = "230103001003"

func grant(n int64, g authz.Grant) authz.Actor {
	return authz.Actor{Account: db.ID(n), Person: db.ID(1000 + n), Second: true, Grants: []authz.Grant{g}}
}

func official(n int64, role authz.Role, at code.Division) authz.Actor {
	return grant(n, authz.Grant{Role: role, Scope: authz.Scope{Division: at}})
}

// The people of the tests.
var (
	city      = official(1, authz.CityBureau, "2301")
	city2     = official(2, authz.CityBureau, "2301")
	district  = official(3, authz.DistrictBureau, "230103")
	district2 = official(4, authz.DistrictBureau, "230103")
	district3 = official(5, authz.DistrictBureau, "230103")
	elsewhere = official(6, authz.DistrictBureau, "230102")
	office    = official(7, authz.Subdistrict, "230103001")
	residents = official(8, authz.Community, community)
	office2   = official(10, authz.Subdistrict, "230103001")
	guild     = official(9, authz.Association, "2301")
)

// world is a street with one enterprise, another, and two projects of the first.
type world struct {
	t     *testing.T
	d     *db.DB
	today day.Date
	s     *credit.Records
	store *blob.Store
	firm  authz.Actor // of the first enterprise
	rival authz.Actor
	homes []registry.Project
}

// edits are pairs of old and new text in the rulebook.
func newWorld(t *testing.T, d *db.DB, today string, edits ...string) *world {
	t.Helper()
	w := &world{t: t, d: d}
	text, err := rulebooks.Files.ReadFile("credit/harbin-2021.yaml")
	w.must(err)
	book, err := credit.Parse([]byte(strings.NewReplacer(edits...).Replace(string(text))))
	w.must(err)
	w.store, err = blob.At(t.TempDir())
	w.must(err)
	t.Cleanup(func() { w.store.Close() })
	w.s = &credit.Records{Books: func(context.Context, *db.Tx, day.Date) (*credit.Book, error) { return book, nil }}
	w.on(today)
	reg := &registry.Service{DB: w.d, Keys: seal.Ephemeral(), Calendar: day.DefaultCalendar()}
	w.write(func(ctx context.Context, tx *db.Tx) error {
		if err := registry.EnsureDivisions(ctx, tx); err != nil {
			return err
		}
		for i := range 2 {
			u, err := code.MakeUSCC(fmt.Sprintf("91230103MA%07d", i))
			w.must(err)
			e, err := reg.PutEnterpriseIn(ctx, tx, authz.System("test"), registry.Enterprise{USCC: u, Name: fmt.Sprintf("第%d物业有限公司", i), Kind: registry.Local, Division: "230103", Entered: day.MustParse("2019-01-01")}, "建账")
			if err != nil {
				return err
			}
			who := grant(int64(20+i), authz.Grant{Role: authz.Enterprise, Scope: authz.Scope{Enterprise: e.USCC}})
			if w.rival = who; i == 0 {
				w.firm = who
			}
			for j := range 2 {
				p, err := reg.PutProjectIn(ctx, tx, authz.System("test"), registry.Project{
					Name: fmt.Sprintf("第%d-%d小区", i, j), Division: community, Use: registry.Residential, Area: money.Area(1_000_00), Enterprise: u, Entered: day.MustParse("2019-01-01"),
				}, "建账")
				if err != nil {
					return err
				}
				w.homes = append(w.homes, p)
			}
		}
		return nil
	})
	return w
}

// on sets the city's day.
func (w *world) on(date string) {
	w.today = day.MustParse(date)
	w.d = dbtest.Clock(w.d, date)
	w.s.DB = w.d
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) write(fn func(ctx context.Context, tx *db.Tx) error) {
	w.t.Helper()
	w.must(w.d.Write(w.t.Context(), func(tx *db.Tx) error { return fn(w.t.Context(), tx) }))
}

// try runs an act in a transaction of its own and tells the rule that refused it.
func (w *world) try(fn func(ctx context.Context, tx *db.Tx) error) string {
	w.t.Helper()
	err := w.d.Write(w.t.Context(), func(tx *db.Tx) error { return fn(w.t.Context(), tx) })
	if err == nil {
		return ""
	}
	if f := fault.From(err); f.Kind != fault.Internal {
		return f.Rule
	}
	w.t.Fatal(err)
	return ""
}

// upload keeps a file of its own content.
func (w *world) upload(content string) credit.FileRef {
	w.t.Helper()
	var ref credit.FileRef
	w.write(func(ctx context.Context, tx *db.Tx) error {
		f, err := w.store.Put(ctx, tx, "名单.csv", strings.NewReader(content))
		ref.ID = f.ID
		return err
	})
	return ref
}

// order is a rectification order by the street about a project, with a number of its own.
func (w *world) order(number string) credit.Proposal {
	return credit.Proposal{
		Item: "HRB-N05", Project: w.homes[0].Code, Event: w.today.AddDays(-3), Summary: "楼道堆物，责令限期整改。",
		Document: credit.Document{Type: "HLJ-N3", Number: number, Issuer: "某街道办事处", Date: w.today.AddDays(-2)},
	}
}

func (w *world) propose(who authz.Actor, p credit.Proposal) (id db.ID) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = w.s.ProposeIn(ctx, tx, who, p)
		return err
	})
	return id
}

// dossier reads a record as somebody sees it.
func (w *world) dossier(who authz.Actor, id db.ID) (d credit.Dossier) {
	w.t.Helper()
	w.must(w.d.Read(w.t.Context(), func(tx *db.Tx) (err error) {
		d, err = w.s.Record(w.t.Context(), tx, who, id)
		return err
	}))
	return d
}

func (w *world) take(id db.ID, note string) credit.Take {
	w.t.Helper()
	return credit.Take{Record: id, Version: w.dossier(city, id).Case.Version, Note: note}
}

func (w *world) want(id db.ID, state string) credit.Dossier {
	w.t.Helper()
	d := w.dossier(city, id)
	if d.State != state || d.Case.State != state {
		w.t.Fatalf("record stands at %s (case %s), want %s", d.State, d.Case.State, state)
	}
	return d
}

// noticed leads a street's order to the notice.
func (w *world) noticed(number string) db.ID {
	w.t.Helper()
	id := w.propose(office, w.order(number))
	w.identify(district, id)
	w.want(id, credit.RecordNoticed)
	return id
}

func (w *world) identify(who authz.Actor, id db.ID) {
	w.t.Helper()
	t := w.take(id, "")
	w.write(func(ctx context.Context, tx *db.Tx) error {
		return w.s.IdentifyIn(ctx, tx, who, t, credit.Discretion{})
	})
}

// effective leads it on to the day after the term for objection.
func (w *world) effective(number string) db.ID {
	w.t.Helper()
	id := w.noticed(number)
	w.on(w.want(id, credit.RecordNoticed).Case.Due.AddDays(1).String())
	w.advance()
	w.want(id, credit.RecordEffective)
	return id
}

// rectify confirms that a fault was mended on a day, with words and a photo.
func (w *world) rectify(who authz.Actor, id db.ID, on day.Date) string {
	w.t.Helper()
	take, photo := w.take(id, "现场复查，已整改。"), w.upload("复查记录")
	return w.try(func(ctx context.Context, tx *db.Tx) error {
		return w.s.RectifyIn(ctx, tx, who, take, on, []credit.FileRef{photo})
	})
}

// annul has one person ask to take a record back and another agree.
func (w *world) annul(asks, agrees authz.Actor, id db.ID, why string) string {
	w.t.Helper()
	if rule := w.askAnnul(asks, id, why); rule != "" {
		return rule
	}
	return w.decideAnnul(agrees, id, true)
}

func (w *world) askAnnul(who authz.Actor, id db.ID, why string) string {
	w.t.Helper()
	take, paper := w.take(id, why), w.upload("判决书")
	return w.try(func(ctx context.Context, tx *db.Tx) error {
		return w.s.AskAnnulIn(ctx, tx, who, take, []credit.FileRef{paper})
	})
}

func (w *world) decideAnnul(who authz.Actor, id db.ID, agree bool) string {
	w.t.Helper()
	take := w.take(id, "")
	return w.try(func(ctx context.Context, tx *db.Tx) error { return w.s.DecideAnnulIn(ctx, tx, who, take, agree) })
}

func (w *world) advance() {
	w.t.Helper()
	_, err := w.s.Advance(w.t.Context())
	w.must(err)
}

// entry reads what evaluation sees of a record: "" if nothing.
func (w *world) entry(id db.ID) (seen string) {
	w.t.Helper()
	w.must(w.d.Read(w.t.Context(), func(tx *db.Tx) error {
		rows, err := db.All(w.t.Context(), tx, func(row db.Scanner) (s string, err error) {
			var effective, repaired, annulled, rectified day.Date
			var contested bool
			err = row.Scan(&effective, &rectified, &repaired, &annulled, &contested)
			for name, d := range map[string]day.Date{"effective": effective} {
				if d != 0 {
					s += name + " "
				}
			}
			for _, x := range []struct {
				name string
				on   bool
			}{{"rectified", rectified != 0}, {"repaired", repaired != 0}, {"annulled", annulled != 0}, {"contested", contested}} {
				if x.on {
					s += x.name + " "
				}
			}
			return "[" + strings.TrimSpace(s) + "]", err
		}, `SELECT effective, rectified, repaired, annulled, contested FROM credit_entry WHERE record = $1 ORDER BY id`, id)
		seen = strings.Join(rows, "")
		return err
	}))
	return seen
}

func (w *world) events(id db.ID) string {
	w.t.Helper()
	var kinds []string
	w.must(w.d.Read(w.t.Context(), func(tx *db.Tx) (err error) {
		kinds, err = db.All(w.t.Context(), tx, func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) },
			`SELECT kind FROM audit_event WHERE object = $1 ORDER BY id`, credit.ObjectOf(id))
		return err
	}))
	return strings.ReplaceAll(strings.Join(kinds, " "), "credit.", "")
}

func acts(d credit.Dossier) string {
	var names []string
	for _, a := range d.Allowed {
		names = append(names, a.Name)
	}
	return strings.Join(names, " ")
}

func rulesOf(results []casework.Result) string {
	var rules []string
	for _, r := range results {
		if r.Err == nil {
			rules = append(rules, "ok")
			continue
		}
		rules = append(rules, r.Err.Rule)
	}
	return strings.Join(rules, " ")
}
