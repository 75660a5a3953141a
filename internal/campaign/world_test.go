package campaign_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"testing"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/campaign"
	"juli/internal/city/town"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/identity"
	"juli/internal/rulebook"
	"juli/internal/supervision"
	"juli/rulebooks"
)

// A world is a town whose officials have accounts, with the rulebooks in force.
type world struct {
	*town.Town
	t      *testing.T
	ident  *identity.Service
	makers []authz.Actor
	svc    *campaign.Campaigns
	files  *blob.Store
	who    map[db.ID]authz.Actor
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{Town: town.New(t, d), t: t, who: map[db.ID]authz.Actor{}}
	var err error
	if w.files, err = blob.At(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.files.Close() })
	w.at(w.Town)
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		kinds := rulebook.KindsOf(credit.Kind(), supervision.Kind(), campaign.Kind())
		for _, name := range []string{"credit/harbin-2021.yaml", "supervision/harbin.yaml", "inspection/harbin.yaml"} {
			text, err := rulebooks.Files.ReadFile(name)
			if err != nil {
				return err
			}
			if _, err := (&rulebook.Service{DB: w.DB, Kinds: kinds}).InstallIn(ctx, tx, authz.System("install"), text); err != nil {
				return err
			}
		}
		return nil
	})
	first, err := w.ident.Init(t.Context(), "2301")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range first {
		if f.Login == "secadmin1" || f.Login == "secadmin2" {
			w.Read(func(ctx context.Context, tx *db.Tx) error {
				id, err := db.Value[db.ID](ctx, tx, `SELECT id FROM identity_account WHERE login = $1`, f.Login)
				w.makers = append(w.makers, w.actor(id))
				return err
			})
		}
	}
	return w
}

// at puts the services on a day of the town.
func (w *world) at(tn *town.Town) {
	w.Town = tn
	w.ident = identity.New(tn.DB, tn.Keys)
	w.svc = &campaign.Campaigns{
		DB: tn.DB, City: "2301", Calendar: day.DefaultCalendar(), Books: &campaign.Books{City: "2301"}, CreditBooks: &credit.Books{City: "2301"},
		Evaluations: &credit.Evaluations{DB: tn.DB, City: "2301"},
		Cases: &supervision.Cases{
			DB: tn.DB, Calendar: day.DefaultCalendar(), Books: &supervision.Books{City: "2301"},
			Records: &credit.Records{DB: tn.DB, Calendar: day.DefaultCalendar(), Books: (&credit.Books{City: "2301"}).InForce},
		},
	}
}

func (w *world) on(date string) { w.at(w.On(date)) }

func (w *world) actor(id db.ID) (who authz.Actor) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) { who, err = w.ident.ActorOf(ctx, tx, id); return err })
	who.Second = true
	return w.Fresh(who)
}

// official makes an account of a role that may be drawn.
func (w *world) official(login string, role authz.Role, at code.Division) authz.Actor {
	w.t.Helper()
	var id db.ID
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		out, err := w.ident.InviteIn(ctx, tx, w.makers[0], identity.Invite{Login: login, Name: "王建国", Role: role, Scope: authz.Scope{Division: at}, To: w.Today().AddDays(900)})
		if err != nil {
			return err
		}
		if id = out.Account; out.Proposed {
			return w.ident.ApproveIn(ctx, tx, w.makers[1], out.Grant)
		}
		return nil
	})
	who := w.actor(id)
	w.who[id] = who
	return who
}

// do runs an act of the service, refused or not.
func (w *world) do(act func(ctx context.Context, tx *db.Tx) error) error {
	return w.DB.Write(w.t.Context(), func(tx *db.Tx) error { return act(w.t.Context(), tx) })
}

func (w *world) must(act func(ctx context.Context, tx *db.Tx) error) {
	w.t.Helper()
	if err := w.do(act); err != nil {
		w.t.Fatal(err)
	}
}

// campaign reads one as the program does.
func (w *world) campaign(id db.ID) (c campaign.Campaign) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
		c, err = w.svc.Campaign(ctx, tx, w.Program, id)
		return err
	})
	return c
}

// inspection reads one as the program does.
func (w *world) inspection(id db.ID) (x campaign.Inspection) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
		x, err = w.svc.Inspection(ctx, tx, w.Program, id)
		return err
	})
	return x
}

// inspections are those of a campaign, the newest first.
func (w *world) inspections(id db.ID) (list []campaign.Inspection) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = w.svc.Inspections(ctx, tx, w.Program, campaign.Sift{Campaign: id, Limit: 100})
		return err
	})
	return list
}

// answers are good for everything but what is given.
func (w *world) answers(x campaign.Inspection, but ...campaign.Answer) map[string]campaign.Answer {
	w.t.Helper()
	out := map[string]campaign.Answer{}
	w.Read(func(ctx context.Context, tx *db.Tx) error {
		_, list, err := w.svc.Checklist(ctx, tx, x)
		for _, it := range list {
			out[it.Code] = campaign.Answer{Item: it.Code, Verdict: campaign.Good}
		}
		return err
	})
	for _, a := range but {
		a.Verdict = campaign.Bad
		out[a.Item] = a
	}
	return out
}

// submit is the record of the leading inspector.
func (w *world) submit(x campaign.Inspection, but ...campaign.Answer) error {
	return w.do(func(ctx context.Context, tx *db.Tx) error {
		_, err := w.svc.SubmitIn(ctx, tx, w.who[x.First], x.ID, w.inspection(x.ID).Case.Version, campaign.Visit{Answers: w.answers(x, but...), Position: "45.75693,126.64240±12"})
		return err
	})
}

func (w *world) photo(who authz.Actor, x campaign.Inspection, item string, after bool) error {
	return w.do(func(ctx context.Context, tx *db.Tx) error {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
			return err
		}
		f, err := w.files.Put(ctx, tx, "现场.png", &b)
		if err != nil {
			return err
		}
		return w.svc.PhotosIn(ctx, tx, who, x.ID, item, []db.ID{f.ID}, after)
	})
}
