package credit_test

import (
	"context"
	"testing"

	"juli/internal/authz"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/db/dbtest"
)

// byDistrict is an order that the district itself proposes.
func (w *world) byDistrict(number string) credit.Proposal {
	p := w.order(number)
	p.Item = "HRB-N04"
	return p
}

func (w *world) act(do func(context.Context, *db.Tx, authz.Actor, credit.Take) error, who authz.Actor, id db.ID) string {
	w.t.Helper()
	take := w.take(id, "按规定")
	return w.try(func(ctx context.Context, tx *db.Tx) error { return do(ctx, tx, who, take) })
}

func (w *world) object(who authz.Actor, id db.ID) {
	w.t.Helper()
	if rule := w.act(func(ctx context.Context, tx *db.Tx, who authz.Actor, t credit.Take) error {
		return w.s.ObjectIn(ctx, tx, who, t, credit.Plain{Ground: "wrong_facts", Text: "事实有出入。"})
	}, who, id); rule != "" {
		w.t.Fatalf("objection: %s", rule)
	}
}

func (w *world) decides(who authz.Actor, id db.ID, uphold bool) string {
	w.t.Helper()
	return w.act(func(ctx context.Context, tx *db.Tx, who authz.Actor, t credit.Take) error {
		return w.s.DecideObjectionIn(ctx, tx, who, t, uphold)
	}, who, id)
}

// However often a draft was changed, its maker does not identify it (AZ-5).
func TestManyEditsHideNoMaker(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		var id db.ID
		take, refused := credit.Take{}, ""
		for i := 0; refused == ""; i++ {
			if i > 600 {
				t.Fatal("a draft is changed without end")
			}
			refused = w.try(func(ctx context.Context, tx *db.Tx) error {
				saved, err := w.s.SaveDraftIn(ctx, tx, district, take, w.byDistrict("1号"))
				id = max(id, saved)
				return err
			})
			if refused == "" {
				take = credit.Take{Record: id, Version: int64(i + 1)}
			}
		}
		if refused != "casework.often" {
			t.Errorf("the last change is refused by %q", refused)
		}
		w.write(func(ctx context.Context, tx *db.Tx) error { return w.s.ProposeDraftIn(ctx, tx, district, take) })
		identify := func(ctx context.Context, tx *db.Tx, who authz.Actor, t credit.Take) error {
			return w.s.IdentifyIn(ctx, tx, who, t, credit.Discretion{})
		}
		if rule := w.act(identify, district, id); rule != "authz.same-person" {
			t.Errorf("its maker identifies it: %q", rule)
		}
		if rule := w.act(identify, district2, id); rule != "" {
			t.Errorf("a colleague: %q", rule)
		}
	})
}

// Who wrote a draft is its maker, too, though a colleague hands it in.
func TestWhoWroteADraftDoesNotIdentifyIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		var id db.ID
		w.write(func(ctx context.Context, tx *db.Tx) (err error) {
			id, err = w.s.SaveDraftIn(ctx, tx, district, credit.Take{}, w.byDistrict("1号"))
			return err
		})
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return w.s.ProposeDraftIn(ctx, tx, district2, credit.Take{Record: id, Version: 1})
		})
		identify := func(ctx context.Context, tx *db.Tx, who authz.Actor, t credit.Take) error {
			return w.s.IdentifyIn(ctx, tx, who, t, credit.Discretion{})
		}
		for _, one := range []struct {
			who  authz.Actor
			want string
		}{{district, "authz.same-person"}, {district2, "authz.same-person"}, {district3, ""}} {
			if rule := w.act(identify, one.who, id); rule != one.want {
				t.Errorf("account %s: %q, want %q", one.who.Account, rule, one.want)
			}
		}
	})
}

// Nobody decides an objection who spoke for either side before: not whoever
// proposed or identified, not a person who objected in another office (AZ-5).
func TestWhoSpokeBeforeDecidesNoObjection(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		id := w.propose(district, w.byDistrict("1号"))
		w.identify(district2, id)
		w.object(w.firm, id)
		double := official(90, authz.DistrictBureau, "230103")
		double.Person = w.firm.Person // the same natural person, another account
		for _, one := range []struct {
			name   string
			who    authz.Actor
			uphold bool
			want   string
		}{
			{"who proposed dismisses", district, false, "authz.same-person"},
			{"who identified dismisses", district2, false, "authz.same-person"},
			{"who objected upholds", double, true, "authz.same-person"},
			{"somebody else", district3, false, ""},
		} {
			if rule := w.decides(one.who, id, one.uphold); rule != one.want {
				t.Errorf("%s: %q, want %q", one.name, rule, one.want)
			}
		}
		w.want(id, credit.RecordEffective)
	})
}

func TestWhatTheCityIdentifiedTheDistrictDoesNotAnnul(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		p := w.order("1号")
		p.Item, p.Document.Type, p.Project, p.Enterprise = "HRB-N01", "HLJ-N1", "", w.firm.Grants[0].Scope.Enterprise
		id := w.propose(district, p)
		w.identify(city, id)
		if rule := w.askAnnul(district2, id, "判决撤销"); rule != "credit.annul-below" {
			t.Errorf("the district: %q", rule)
		}
		for _, a := range w.dossier(district2, id).Allowed {
			if a.Name == credit.ActAskAnnul {
				t.Error("the district is offered to annul it")
			}
		}
		if rule := w.annul(city2, official(11, authz.CityBureau, "2301"), id, "判决撤销"); rule != "" {
			t.Errorf("two other persons of the city: %q", rule)
		}
	})
}

// A subject is heard, and holds nobody up by answering again and again.
func TestAnswersAreBounded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-06-01")
		id := w.noticed("1号")
		answers := 0
		answer := func(ctx context.Context, tx *db.Tx, who authz.Actor, t credit.Take) error {
			return w.s.AnswerIn(ctx, tx, who, t, credit.Plain{Text: "已经整改。"})
		}
		for w.act(answer, w.firm, id) == "" {
			if answers++; answers > 50 {
				t.Fatal("answers without end")
			}
		}
		if rule := w.act(answer, w.firm, id); answers != 10 || rule != "casework.often" {
			t.Errorf("%d answers, then %q", answers, rule)
		}
	})
}
