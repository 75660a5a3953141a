package volunteer_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/city/town"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/volunteer"
)

// A world is a town whose community calls for volunteers.
type world struct {
	*town.Town
	t                *testing.T
	svc              *volunteer.Service
	community, other authz.Actor // two persons of one community
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{t: t}
	w.on(town.New(t, d))
	w.community, w.other = w.Community(town.Huayuan), w.Community(town.Huayuan)
	return w
}

func (w *world) on(tn *town.Town) {
	w.Town, w.svc = tn, &volunteer.Service{DB: tn.DB, Keys: tn.Keys, Books: &volunteer.Books{City: "2301"}}
}

func (w *world) try(fn func(ctx context.Context, tx *db.Tx) error) error {
	return w.DB.Write(w.t.Context(), func(tx *db.Tx) error { return fn(w.t.Context(), tx) })
}

func (w *world) refused(what, rule string, fn func(ctx context.Context, tx *db.Tx) error) {
	w.t.Helper()
	if err := w.try(fn); !fault.Is(err, rule) {
		w.t.Errorf("%s: %v, want %s", what, err, rule)
	}
}

func entry(name, phone string) volunteer.Entry {
	return volunteer.Entry{Division: town.Huayuan, Name: name, Phone: phone, Consent: true, Open: true}
}

func (w *world) enter(name, phone string) (id db.ID) {
	w.t.Helper()
	w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = w.svc.EnterIn(ctx, tx, w.community, entry(name, phone))
		return err
	})
	return id
}

func (w *world) call(places int64) (id db.ID) {
	w.t.Helper()
	w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = w.svc.PublishIn(ctx, tx, w.community, volunteer.Call{
			Division: town.Huayuan, Title: "清扫楼道积雪", Task: "清扫三号楼楼道和门前积雪", Place: "花园小区三号楼", On: day.MustParse("2021-06-10"), At: "09:00", Minutes: 120, Places: places,
		})
		return err
	})
	return id
}

func (w *world) take(id db.ID) (t volunteer.Take) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) error {
		c, err := casework.Find(ctx, tx, volunteer.CallMachine, id)
		if fault.Is(err, "casework.not-found") {
			c, err = casework.Find(ctx, tx, volunteer.RosterMachine, id)
		}
		t = volunteer.Take{ID: id, Version: c.Version, Note: "因故"}
		return err
	})
	return t
}

func (w *world) signUp(call db.ID, name, phone string) error {
	return w.try(func(ctx context.Context, tx *db.Tx) error {
		return w.svc.SignUpIn(ctx, tx, authz.Anonymous, call, entry(name, phone))
	})
}

func (w *world) signedUp(call db.ID) (list []volunteer.Signup) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) error {
		c, err := w.svc.Call(ctx, tx, call)
		if err == nil {
			list, err = w.svc.SignedUp(ctx, tx, w.community, c)
		}
		return err
	})
	return list
}

func TestHoursCountOnceAnotherPersonConfirmedThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ann, bob := w.enter("张三丰", "13800000001"), w.enter("李四光", "0451-82345678")
		call := w.call(5)
		for _, x := range [][2]string{{"张三丰", "138 0000 0001"}, {"李四光", "045182345678"}} {
			if err := w.signUp(call, x[0], x[1]); err != nil {
				t.Fatal(err)
			}
		}
		minutes := map[db.ID]int64{ann: 90, bob: 0}
		hold := func(ctx context.Context, tx *db.Tx) error {
			return w.svc.HoldIn(ctx, tx, w.community, w.take(call), minutes)
		}
		w.refused("before its day", "volunteer.early", hold)
		w.on(w.On("2021-06-10"))
		minutes[ann] = 721
		w.refused("more than half a day", "volunteer.minutes", hold)
		minutes[ann] = 90
		if err := w.try(hold); err != nil {
			t.Fatal(err)
		}
		confirm := func(who authz.Actor) func(context.Context, *db.Tx) error {
			return func(ctx context.Context, tx *db.Tx) error { return w.svc.ConfirmIn(ctx, tx, who, w.take(call)) }
		}
		w.refused("who noted them confirms", "authz.same-person", confirm(w.community))
		w.refused("another community confirms", "authz.not-found", confirm(w.Community(town.Nangang)))
		w.on(w.On("2021-06-11"))
		if err := w.try(confirm(w.other)); err != nil {
			t.Fatal(err)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			for day, want := range map[day.Date]volunteer.Totals{
				day.MustParse("2021-06-11"): {Volunteers: 2, Minutes: 90}, day.MustParse("2021-06-10"): {Volunteers: 2}, day.MustParse("2021-05-31"): {},
			} {
				if got, err := volunteer.TotalsOf(ctx, tx, "", day); err != nil || got != want {
					t.Errorf("%s: %+v, %v, want %+v", day, got, err, want)
				}
			}
			all, err := volunteer.ByCommunity(ctx, tx, "230103", tx.Today())
			if err != nil || len(all) != 1 || all[0] != (volunteer.Totals{Division: town.Huayuan, Volunteers: 2, Minutes: 90}) {
				t.Errorf("by community: %+v, %v", all, err)
			}
			named, err := w.svc.Named(ctx, tx, 0, 0, 10)
			if err != nil || len(named) != 1 || named[0].Shown != "张**" || named[0].Minutes != 90 {
				t.Errorf("named: %+v, %v", named, err)
			}
			broken, err := volunteer.Broken(ctx, tx)
			if len(broken) > 0 {
				t.Errorf("kept totals differ from the hours: %v", broken)
			}
			return err
		})
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `UPDATE volunteer SET minutes = minutes + 1 WHERE id = $1`, ann); err != nil {
				return err
			}
			if broken, err := volunteer.Broken(ctx, tx); err != nil || len(broken) != 1 {
				t.Errorf("a wrong total is not seen: %v, %v", broken, err)
			}
			return nil
		})
	})
}

func TestAVolunteerDoesNotConfirmTheOwnHours(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		call := w.call(2)
		if err := w.try(func(ctx context.Context, tx *db.Tx) error { // signed in: the roster knows the person
			return w.svc.SignUpIn(ctx, tx, w.other, call, entry("王五", "13800000002"))
		}); err != nil {
			t.Fatal(err)
		}
		id := w.signedUp(call)[0].ID
		w.on(w.On("2021-06-10"))
		hold := func(ctx context.Context, tx *db.Tx) error {
			return w.svc.HoldIn(ctx, tx, w.community, w.take(call), map[db.ID]int64{id: 60})
		}
		w.refused("hours of who is not accepted yet", "volunteer.minutes", hold)
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			return w.svc.DecideIn(ctx, tx, w.community, w.take(id), volunteer.ActAccept)
		})
		if err := w.try(hold); err != nil {
			t.Fatal(err)
		}
		w.refused("the volunteer confirms", "authz.same-person", func(ctx context.Context, tx *db.Tx) error {
			return w.svc.ConfirmIn(ctx, tx, w.other, w.take(call))
		})
	})
}

// Somebody of the staff who was entered as a volunteer, without the account, is known by
// the telephone or the name.
func TestWhoHasTheVolunteersNameOrTelephoneDoesNotConfirmTheHours(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		describe := func(who authz.Actor, name, phone string) {
			w.Write(func(ctx context.Context, tx *db.Tx) error {
				n, err := w.Keys.Seal("identity_person", "name_sealed", who.Person, []byte(name))
				if err != nil {
					return err
				}
				p, err := w.Keys.Seal("identity_person", "phone_sealed", who.Person, []byte(phone))
				if err != nil {
					return err
				}
				_, err = tx.Exec(ctx, `INSERT INTO identity_person (id, display, name_sealed, phone_sealed, created_at) VALUES ($1, '', $2, $3, 0)`, who.Person, n, p)
				return err
			})
		}
		named, called, another := w.Community(town.Huayuan), w.Community(town.Huayuan), w.Community(town.Huayuan)
		describe(named, "张三丰", "13911111111")
		describe(called, "李四光", "13800000001")
		describe(another, "王五", "13922222222")
		id, call := w.enter("张 三丰", "13800000001"), w.call(1)
		w.Write(func(ctx context.Context, tx *db.Tx) error { return w.svc.SignIn(ctx, tx, w.community, call, id) })
		w.on(w.On("2021-06-10"))
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			return w.svc.HoldIn(ctx, tx, w.community, w.take(call), map[db.ID]int64{id: 60})
		})
		confirm := func(who authz.Actor) error {
			return w.try(func(ctx context.Context, tx *db.Tx) error { return w.svc.ConfirmIn(ctx, tx, who, w.take(call)) })
		}
		for what, who := range map[string]authz.Actor{"of that name": named, "of that telephone": called} {
			if err := confirm(who); !fault.Is(err, "authz.same-person") {
				t.Errorf("the colleague %s: %v", what, err)
			}
		}
		if err := confirm(another); err != nil {
			t.Error(err)
		}
	})
}

// Twelve hours are the most of one person on one day, in whatever calls and communities;
// and a call does not last much longer than it was called for.
func TestNobodyServesMoreThanADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		type one struct {
			who      authz.Actor
			call, id db.ID
		}
		var calls []one
		for i, minutes := range []int64{400, 300, 600} {
			who, at := w.community, town.Huayuan
			if i == 2 {
				who, at = w.Community(town.Nangang), town.Nangang
			}
			x := one{who: who}
			w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
				e := entry("张三丰", "13800000001")
				e.Division = at
				if i == 1 {
					x.id = calls[0].id
				} else if x.id, err = w.svc.EnterIn(ctx, tx, who, e); err != nil {
					return err
				}
				x.call, err = w.svc.PublishIn(ctx, tx, who, volunteer.Call{Division: at, Title: "清雪", Task: "清雪", Place: "门前", On: day.MustParse("2021-06-10"), At: "09:00", Minutes: minutes, Places: 2})
				if err != nil {
					return err
				}
				return w.svc.SignIn(ctx, tx, who, x.call, x.id)
			})
			calls = append(calls, x)
		}
		w.on(w.On("2021-06-10"))
		hold := func(i int, minutes int64) func(context.Context, *db.Tx) error {
			x := calls[i]
			return func(ctx context.Context, tx *db.Tx) error {
				return w.svc.HoldIn(ctx, tx, x.who, w.take(x.call), map[db.ID]int64{x.id: minutes})
			}
		}
		w.refused("an hour and a minute longer than called for", "volunteer.minutes", hold(0, 461))
		w.Write(hold(0, 460))
		w.refused("a second call beyond the day", "volunteer.minutes", hold(1, 261))
		w.Write(hold(1, 200))
		w.refused("another community's call beyond the day", "volunteer.minutes", hold(2, 61))
		w.Write(hold(2, 60))
	})
}

func TestWhoWasServedConfirmsByTheSlip(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.enter("张三丰", "13800000001")
		call := w.call(1)
		var slip string
		w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
			if err := w.svc.SignIn(ctx, tx, w.community, call, id); err != nil {
				return err
			}
			return nil
		})
		w.refused("the slip before it is printed", "volunteer.not-printed", func(ctx context.Context, tx *db.Tx) error {
			_, _, err := w.svc.SlipIn(ctx, tx, w.other, call)
			return err
		})
		w.Write(func(ctx context.Context, tx *db.Tx) error { return w.svc.PrintIn(ctx, tx, w.other, w.take(call)) })
		w.Write(func(ctx context.Context, tx *db.Tx) (err error) {
			_, slip, err = w.svc.SlipIn(ctx, tx, w.other, call)
			return err
		})
		served := func(code string) error {
			return w.try(func(ctx context.Context, tx *db.Tx) error {
				_, err := w.svc.ServedIn(ctx, tx, authz.Anonymous, code)
				return err
			})
		}
		if err := served(slip); !fault.Is(err, "volunteer.not-held") {
			t.Errorf("before anything was noted: %v", err)
		}
		w.on(w.On("2021-06-10"))
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			return w.svc.HoldIn(ctx, tx, w.community, w.take(call), map[db.ID]int64{id: 45})
		})
		for _, wrong := range []string{"", "0000-0000-0000", slip + "0"} {
			if err := served(wrong); !fault.Is(err, "volunteer.code") {
				t.Errorf("code %q: %v", wrong, err)
			}
		}
		if err := served(slip); err != nil {
			t.Fatal(err)
		}
		if err := served(slip); !fault.Is(err, "volunteer.not-held") {
			t.Errorf("twice: %v", err)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			c, err := w.svc.Call(ctx, tx, call)
			if c.State != volunteer.Confirmed || c.People != 1 || c.Total != 45 {
				t.Errorf("call %+v", c)
			}
			return err
		})
	})
}

func TestJoiningTellsNobodyWhoIsOnTheRoster(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.enter("张三丰", "13800000001")
		apply := func(e volunteer.Entry) error {
			return w.try(func(ctx context.Context, tx *db.Tx) error { return w.svc.ApplyIn(ctx, tx, authz.Anonymous, e) })
		}
		for _, e := range []volunteer.Entry{entry("张三丰", "13800000001"), entry("不相干", "13800000001"), entry("新来的", "13800000009")} {
			if err := apply(e); err != nil {
				t.Errorf("%s: %v", e.Phone, err)
			}
		}
		w.refused("entering the same again", "volunteer.known", func(ctx context.Context, tx *db.Tx) error {
			_, err := w.svc.EnterIn(ctx, tx, w.community, entry("张三丰", "13800000001"))
			return err
		})
		refusals := map[string]volunteer.Entry{
			"name": entry("", "13800000003"), "phone": entry("赵六", "12345"), "consent": {Division: town.Huayuan, Name: "赵六", Phone: "13800000003"}, "division": {Division: "230103001", Name: "赵六", Phone: "13800000003", Consent: true},
		}
		for field, e := range refusals {
			if err := apply(e); fault.From(err) == nil || fault.From(err).Fields[field] == "" {
				t.Errorf("%s: %v", field, err)
			}
		}
		for _, phone := range []string{"13800000001", "13800000008"} {
			if err := w.try(func(ctx context.Context, tx *db.Tx) error {
				return w.svc.QuitIn(ctx, tx, authz.Anonymous, town.Huayuan, " 张三丰 ", phone)
			}); err != nil {
				t.Errorf("leaving by %s: %v", phone, err)
			}
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			v, err := w.svc.Volunteer(ctx, tx, w.community, id)
			if err != nil || v.State != volunteer.Left || v.Shown != "张**" || v.Phone != "138****0001" {
				t.Errorf("after leaving: %+v, %v", v, err)
			}
			if _, err := w.svc.Volunteer(ctx, tx, w.Community(town.Nangang), id); !fault.Is(err, "authz.not-found") {
				t.Errorf("another community reads the roster: %v", err)
			}
			waiting, err := w.svc.List(ctx, tx, w.community, volunteer.Query{State: volunteer.Applied, Limit: 10})
			if len(waiting) != 1 {
				t.Errorf("%d wait, want the new one alone", len(waiting))
			}
			return err
		})
	})
}

func TestNamesAndPhonesAreSealed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.enter("张三丰", "13800000001")
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			cells, err := db.All(ctx, tx, func(row db.Scanner) (b []byte, err error) {
				var name, phone, blind []byte
				err = row.Scan(&name, &phone, &blind)
				return bytes.Join([][]byte{name, phone, blind}, nil), err
			}, `SELECT name_sealed, phone_sealed, phone_blind FROM volunteer`)
			if len(cells) != 1 || bytes.Contains(cells[0], []byte("张三丰")) || bytes.Contains(cells[0], []byte("13800000001")) {
				t.Errorf("%d rows, in clear", len(cells))
			}
			return err
		})
		unmask := func(who authz.Actor, reason string) (name, phone string, err error) {
			err = w.try(func(ctx context.Context, tx *db.Tx) (err error) {
				name, phone, err = w.svc.UnmaskIn(ctx, tx, who, id, reason)
				return err
			})
			return name, phone, err
		}
		if _, _, err := unmask(w.community, "联系"); !fault.Is(err, "authz.step-up") {
			t.Errorf("without a fresh second factor: %v", err)
		}
		if _, _, err := unmask(w.Fresh(w.community), ""); !fault.Is(err, "identity.reason") {
			t.Errorf("without a reason: %v", err)
		}
		if name, phone, err := unmask(w.Fresh(w.community), "通知活动改期"); err != nil || name != "张三丰" || phone != "13800000001" {
			t.Errorf("unmasked %q %q %v", name, phone, err)
		}
	})
}

func TestACallHasSoManyPlaces(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		call := w.call(2)
		for _, x := range []string{"13800000011", "13800000012", "13800000013"} {
			w.enter("志愿者", x)
		}
		for i, want := range []string{"", "", "volunteer.full"} {
			err := w.signUp(call, "志愿者", []string{"13800000011", "13800000012", "13800000013"}[i])
			if want == "" && err != nil || want != "" && !fault.Is(err, want) {
				t.Errorf("number %d: %v", i+1, err)
			}
		}
		for _, x := range [][2]string{{"志愿者", "13800000011"}, {"不相干", "13800000011"}, {"不相干", "13700000001"}} { // signed up or not
			if err := w.signUp(call, x[0], x[1]); !fault.Is(err, "volunteer.full") || len(w.signedUp(call)) != 2 {
				t.Errorf("%v on a full call: %v, %d signed up", x, err, len(w.signedUp(call)))
			}
		}
		first := w.signedUp(call)[0].ID
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			return w.svc.DecideIn(ctx, tx, w.community, w.take(first), volunteer.ActLeave)
		})
		if err := w.signUp(call, "志愿者", "13800000013"); err != nil { // the place of who left
			t.Error(err)
		}
		w.on(w.On("2021-06-11"))
		if err := w.signUp(call, "志愿者", "13800000014"); !fault.Is(err, "volunteer.over") {
			t.Errorf("after its day: %v", err)
		}
	})
}

func TestHoursAreWrittenAsPeopleSayThem(t *testing.T) {
	for minutes, want := range map[int64]string{0: "0", 60: "1", 90: "1.5", 45: "0.8", 44: "0.7", 6000: "100"} {
		if got := volunteer.Hours(minutes); got != want {
			t.Errorf("%d minutes = %s, want %s", minutes, got, want)
		}
	}
}

// One person alone must not publish, note, print and confirm.
func TestWhoNotesTheHoursNeverHoldsTheSlip(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.enter("张三丰", "13800000001")
		call := w.call(1)
		slip := func(who authz.Actor) func(context.Context, *db.Tx) error {
			return func(ctx context.Context, tx *db.Tx) error {
				c, err := casework.Find(ctx, tx, volunteer.CallMachine, call)
				if err != nil {
					return err
				}
				return w.svc.PrintIn(ctx, tx, who, volunteer.Take{ID: call, Version: c.Version})
			}
		}
		hold := func(who authz.Actor) func(context.Context, *db.Tx) error {
			return func(ctx context.Context, tx *db.Tx) error {
				return w.svc.HoldIn(ctx, tx, who, w.take(call), map[db.ID]int64{id: 60})
			}
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error { return w.svc.SignIn(ctx, tx, w.community, call, id) })
		w.Write(slip(w.community))
		w.on(w.On("2021-06-10"))
		w.refused("noting after printing", "authz.same-person", hold(w.community))
		w.Write(hold(w.other))
		for name, who := range map[string]authz.Actor{"who noted": w.other, "another": w.community} {
			w.refused("printing by "+name+" after the hours are noted", "volunteer.no-slip", slip(who))
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			return w.svc.ReturnIn(ctx, tx, w.community, w.take(call))
		})
		w.refused("printing by who noted, once returned", "authz.same-person", slip(w.other))
	})
}

// Strangers with invented names take no place, and a phone alone takes nobody off a
// roster; the refusal of a full waiting list is the same for everybody.
func TestStrangersNeitherFillACallNorRemoveAnybody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.enter("张三丰", "13800000001")
		call := w.call(2)
		for _, phone := range []string{"13900000001", "13900000002", "13900000003"} {
			if err := w.signUp(call, "不相干", phone); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.signUp(call, "张三丰", "13800000001"); err != nil {
			t.Fatalf("who is on the roster finds no place: %v", err)
		}
		list := w.signedUp(call)
		for i, x := range list[1:3] { // one place is left: the first accepted gets it
			w.Write(func(ctx context.Context, tx *db.Tx) error {
				return w.svc.DecideIn(ctx, tx, w.community, w.take(x.ID), volunteer.ActAccept)
			})
			if n := len(w.signedUp(call)); n != 4-i {
				t.Errorf("after %d were accepted %d are signed up", i+1, n)
			}
		}
		quit := func(name string) string {
			w.Write(func(ctx context.Context, tx *db.Tx) error {
				return w.svc.QuitIn(ctx, tx, authz.Anonymous, town.Huayuan, name, "13800000001")
			})
			var state string
			w.Read(func(ctx context.Context, tx *db.Tx) error {
				v, err := w.svc.Volunteer(ctx, tx, w.community, id)
				state = v.State
				return err
			})
			return state
		}
		if got := quit("不相干"); got != volunteer.Active {
			t.Errorf("a stranger who knows the phone: %s", got)
		}
		if got := quit("张三丰"); got != volunteer.Left {
			t.Errorf("by name and phone: %s", got)
		}
	})
}

func TestAFullWaitingListAnswersEverybodyAlike(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.enter("张三丰", "13800000001")
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			for i := range 200 {
				if err := w.svc.ApplyIn(ctx, tx, authz.Anonymous, entry("不相干", fmt.Sprint(13900000000+i))); err != nil {
					return err
				}
			}
			return nil
		})
		for _, phone := range []string{"13800000001", "13900000001", "13700000001"} {
			w.refused(phone, "volunteer.waiting", func(ctx context.Context, tx *db.Tx) error {
				return w.svc.ApplyIn(ctx, tx, authz.Anonymous, entry("路人甲", phone))
			})
		}
		call := w.call(2)
		if err := w.signUp(call, "张三丰", "13800000001"); err != nil || len(w.signedUp(call)) != 1 {
			t.Errorf("who is on the roster is shut out by those who wait: %v", err)
		}
	})
}

// The public number of places taken must not tell whose telephone is on the roster.
func TestATelephoneWithAnotherNameTakesNoPlace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.enter("张三丰", "13800000001")
		call := w.call(3)
		taken := func() (n int64) {
			w.Read(func(ctx context.Context, tx *db.Tx) error {
				c, err := w.svc.Call(ctx, tx, call)
				n = c.Signed
				return err
			})
			return n
		}
		for _, phone := range []string{"13800000001", "13700000001"} {
			if err := w.signUp(call, "不相干", phone); err != nil || taken() != 0 {
				t.Errorf("%s: %v, %d places taken", phone, err, taken())
			}
		}
		if err := w.signUp(call, " 张三丰 ", "13800000001"); err != nil || taken() != 1 {
			t.Errorf("by name and telephone: %v, %d places taken", err, taken())
		}
	})
}

// One network neither fills the waiting list nor the audit log; another is free of it.
func TestOneNetworkJoinsSignsUpAndLeavesSoOftenADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.enter("张三丰", "13800000001")
		call := w.call(2)
		from := func(addr string) authz.Actor {
			who := authz.Anonymous
			who.Addr = addr
			return who
		}
		events := func() (n int64) {
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
				n, err = db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM audit_event`)
				return err
			})
			return n
		}
		before := events()
		for i := range 20 {
			who := from(fmt.Sprintf("2001:db8::%d", i+1)) // of one network
			if err := w.try(func(ctx context.Context, tx *db.Tx) error {
				return w.svc.QuitIn(ctx, tx, who, town.Huayuan, "不相干", "13700000001")
			}); err != nil {
				t.Fatalf("number %d: %v", i+1, err)
			}
		}
		if n := events() - before; n != 0 {
			t.Errorf("leaving what was never joined wrote %d events", n)
		}
		acts := map[string]func(context.Context, *db.Tx, authz.Actor) error{
			"leaving": func(ctx context.Context, tx *db.Tx, who authz.Actor) error {
				return w.svc.QuitIn(ctx, tx, who, town.Huayuan, "不相干", "13700000001")
			},
			"joining": func(ctx context.Context, tx *db.Tx, who authz.Actor) error {
				return w.svc.ApplyIn(ctx, tx, who, entry("新来的", "13700000002"))
			},
			"signing up": func(ctx context.Context, tx *db.Tx, who authz.Actor) error {
				return w.svc.SignUpIn(ctx, tx, who, call, entry("张三丰", "13800000001"))
			},
		}
		for what, act := range acts {
			w.refused(what+" once more", "volunteer.often", func(ctx context.Context, tx *db.Tx) error { return act(ctx, tx, from("2001:db8::99")) })
			if err := w.try(func(ctx context.Context, tx *db.Tx) error { return act(ctx, tx, from("2001:db8:1::1")) }); err != nil {
				t.Errorf("%s from another network: %v", what, err)
			}
		}
	})
}
