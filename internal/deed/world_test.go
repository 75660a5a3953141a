package deed_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"testing"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/casework"
	"juli/internal/city/town"
	"juli/internal/db"
	"juli/internal/deed"
	"juli/internal/fault"
	"juli/internal/money"
	"juli/internal/rulebook"
	"juli/rulebooks"
)

// A world is a town with a ledger and its people.
type world struct {
	*town.Town
	*deed.Service
	t      testing.TB
	files  *blob.Store
	shots  *int
	chief  authz.Actor // of 南岗: receives and closes
	worker authz.Actor
	caller authz.Actor // calls back and signs
	city   authz.Actor
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	tn := town.New(t, d)
	w := &world{Town: tn, t: t, shots: new(int)}
	w.Service = &deed.Service{DB: tn.DB, Keys: tn.Keys, Books: &deed.Books{City: "2301"}}
	w.chief, w.worker, w.caller = tn.Fresh(tn.District(town.Huayuan)), tn.Fresh(tn.District(town.Huayuan)), tn.Fresh(tn.District(town.Huayuan))
	w.city = tn.Fresh(tn.City())
	text, err := rulebooks.Files.ReadFile("deed/harbin.yaml")
	w.must(err)
	tn.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := (&rulebook.Service{DB: tn.DB, Kinds: rulebook.KindsOf(deed.Kind())}).InstallIn(ctx, tx, authz.System("test"), text)
		return err
	})
	w.files, err = blob.At(t.TempDir())
	w.must(err)
	t.Cleanup(func() { _ = w.files.Close() })
	return w
}

// on is the same world on a later day.
func (w *world) on(date string) *world {
	later := *w
	later.Town = w.On(date)
	service := *w.Service
	service.DB = later.Town.DB
	later.Service = &service
	return &later
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func wantRule(t testing.TB, err error, rule string) {
	t.Helper()
	if rule == "" && err != nil || rule != "" && !fault.Is(err, rule) {
		t.Fatalf("error = %v, want %q", err, rule)
	}
}

var draft = deed.Draft{Title: "花园小区更换单元门", Category: "repair", Source: "report", Division: string(town.Huayuan), Detail: "三个单元的门坏了半年"}

func (w *world) collect(f deed.Draft) db.ID {
	w.t.Helper()
	id, err := w.Collect(w.t.Context(), w.worker, f)
	w.must(err)
	return id
}

// take runs one act on the deed as it stands now.
func (w *world) take(id db.ID, act func(ctx context.Context, tx *db.Tx, t deed.Take) error) error {
	ctx := w.t.Context()
	return w.DB().Write(ctx, func(tx *db.Tx) error {
		c, err := casework.Find(ctx, tx, deed.Machine, id)
		if err != nil {
			return err
		}
		return act(ctx, tx, deed.Take{Deed: id, Version: c.Version, Note: "理由"})
	})
}

// DB is the town's database: both halves of the world have one.
func (w *world) DB() *db.DB { return w.Town.DB }

// shot is another width for every picture: no two are the same.
func (w *world) shot() int {
	*w.shots++
	return 8 + *w.shots
}

func (w *world) picture(ctx context.Context, tx *db.Tx) db.ID {
	var b bytes.Buffer
	w.must(png.Encode(&b, image.NewGray(image.Rect(0, 0, w.shot(), 8))))
	f, err := w.files.Put(ctx, tx, "照片.png", &b)
	w.must(err)
	return f.ID
}

var plan = deed.Plan{Promise: "七月底前更换三个单元门", Milestones: []deed.Milestone{{Title: "订货"}, {Title: "安装"}}}

var result = deed.Result{Text: "三个单元门已更换", People: 240, How: "register", Households: 96, Spent: 18_000 * money.Yuan}

// ended is the result with today for every milestone that is still open.
func (w *world) ended(ctx context.Context, tx *db.Tx, id db.ID) deed.Result {
	x, err := w.Dossier(ctx, tx, w.city, id)
	w.must(err)
	r := result
	for _, m := range x.Milestones {
		if m.Reached == 0 {
			r.Reached = append(r.Reached, deed.Reached{Seq: m.Seq, On: tx.Today()})
		}
	}
	return r
}

// acts are one proper call of every act, by name.
func (w *world) acts() map[string]func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
	type call = func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error
	return map[string]call{
		deed.ActAccept: func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
			return w.AcceptIn(ctx, tx, who, t, deed.Acceptance{Lead: authz.DistrictBureau, Leader: "分管副局长"})
		},
		deed.ActDecline: w.DeclineIn,
		deed.ActPlan: func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
			p := plan
			p.Starts, p.Deadline = tx.Today(), tx.Today().AddDays(40)
			p.Milestones = []deed.Milestone{{Title: "订货", Due: p.Starts.AddDays(9)}, {Title: "安装", Due: p.Deadline}}
			return w.PlanIn(ctx, tx, who, t, p)
		},
		deed.ActBegin: w.BeginIn,
		deed.ActReport: func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
			return w.ReportIn(ctx, tx, who, t, deed.Report{Percent: 50, Text: "门已到货", Reached: []int64{1}})
		},
		deed.ActFile: func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
			return w.AddFilesIn(ctx, tx, who, t, []deed.FileRef{{ID: w.picture(ctx, tx), Moment: deed.Before}})
		},
		deed.ActSuspend: w.SuspendIn,
		deed.ActSign: func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
			return w.SignIn(ctx, tx, who, t, true)
		},
		deed.ActUnsign: func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
			return w.SignIn(ctx, tx, who, t, false)
		},
		deed.ActResume: func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
			return w.ResumeIn(ctx, tx, who, t, tx.Today().AddDays(60))
		},
		deed.ActDone: func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
			return w.DoneIn(ctx, tx, who, t, w.ended(ctx, tx, t.Deed), []deed.FileRef{{ID: w.picture(ctx, tx), Moment: deed.Before}, {ID: w.picture(ctx, tx), Moment: deed.After}})
		},
		deed.ActName: func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
			x, err := w.Dossier(ctx, tx, w.city, t.Deed)
			if err != nil {
				return err
			}
			if len(x.Served) > 0 && x.State == deed.Done {
				return w.NameIn(ctx, tx, who, t, []deed.Named{{Name: "赵晓春", Phone: "13900003333"}})
			}
			return w.NameIn(ctx, tx, who, t, []deed.Named{{Name: "王立明", Phone: "13900001111"}, {Name: "李秀兰", Phone: "13900002222"}, {Name: "张文博", Phone: "0451-82345678"}})
		},
		deed.ActCall: func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
			x, err := w.Dossier(ctx, tx, w.city, t.Deed)
			if err != nil {
				return err
			}
			for _, s := range x.Served {
				if s.Answer == nil {
					return w.CallIn(ctx, tx, who, t, s.ID, deed.Answer{Solved: true, Satisfied: true})
				}
			}
			return w.CallIn(ctx, tx, who, t, 1, deed.Answer{})
		},
		deed.ActVerify: w.VerifyIn,
		deed.ActRedo:   w.RedoIn,
		deed.ActClose:  w.CloseIn,
		deed.ActPublish: func(ctx context.Context, tx *db.Tx, who authz.Actor, t deed.Take) error {
			return w.PublishIn(ctx, tx, who, t, true, nil)
		},
	}
}

// as is who takes an act of the ordinary way.
func (w *world) as(act string) authz.Actor {
	switch act {
	case deed.ActPlan, deed.ActBegin, deed.ActReport, deed.ActFile, deed.ActSuspend, deed.ActDone:
		return w.worker
	case deed.ActSign, deed.ActUnsign, deed.ActName, deed.ActCall, deed.ActVerify, deed.ActRedo:
		return w.caller
	}
	return w.chief
}

// walk takes acts one after the other.
func (w *world) walk(id db.ID, acts ...string) {
	w.t.Helper()
	for _, act := range acts {
		err := w.take(id, func(ctx context.Context, tx *db.Tx, t deed.Take) error { return w.acts()[act](ctx, tx, w.as(act), t) })
		if err != nil {
			w.t.Fatalf("%s: %v", act, err)
		}
	}
}

func (w *world) try(id db.ID, act string, who authz.Actor) error {
	return w.take(id, func(ctx context.Context, tx *db.Tx, t deed.Take) error { return w.acts()[act](ctx, tx, who, t) })
}

func (w *world) dossier(id db.ID) (x deed.Dossier) {
	w.t.Helper()
	w.must(w.DB().Read(w.t.Context(), func(tx *db.Tx) (err error) { x, err = w.Dossier(w.t.Context(), tx, w.city, id); return err }))
	return x
}

// ways are the acts that lead to each state.
var ways = map[string][]string{
	deed.Collected:  {},
	deed.Declined:   {deed.ActDecline},
	deed.Accepted:   {deed.ActAccept},
	deed.Scheduled:  {deed.ActAccept, deed.ActPlan},
	deed.Doing:      {deed.ActAccept, deed.ActPlan, deed.ActBegin},
	deed.Suspending: {deed.ActAccept, deed.ActPlan, deed.ActBegin, deed.ActSuspend},
	deed.Suspended:  {deed.ActAccept, deed.ActPlan, deed.ActBegin, deed.ActSuspend, deed.ActSign},
	deed.Done:       {deed.ActAccept, deed.ActPlan, deed.ActBegin, deed.ActDone, deed.ActName, deed.ActCall, deed.ActCall},
	deed.Verified:   {deed.ActAccept, deed.ActPlan, deed.ActBegin, deed.ActDone, deed.ActName, deed.ActCall, deed.ActCall, deed.ActCall, deed.ActVerify},
	deed.Closed:     {deed.ActAccept, deed.ActPlan, deed.ActBegin, deed.ActDone, deed.ActName, deed.ActCall, deed.ActCall, deed.ActCall, deed.ActVerify, deed.ActClose},
}
