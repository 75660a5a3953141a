package resident_test

import (
	"bytes"
	"context"
	"testing"

	"juli/internal/authz"
	"juli/internal/city/town"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
)

func (w *world) newKey(who authz.Actor, ask resident.KeyAsk) (id db.ID, key string, err error) {
	err = w.act(func(ctx context.Context, tx *db.Tx) error { id, key, err = w.MakeKeyIn(ctx, tx, who, ask); return err })
	return id, key, err
}

// TestKeysAreTheSystemAdministratorsAlone is AZ-4: of the three administrators one
// makes and ends keys, with a fresh second factor; the others and everybody else do not.
func TestKeysAreTheSystemAdministratorsAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		at := authz.Scope{Division: "2301"}
		sys := w.Actor(authz.SysAdmin, at)
		ask := resident.KeyAsk{Channel: resident.Open311, Name: "城市随手拍", Contact: "0451-84612345", Division: "230103"}
		for who, rule := range map[*authz.Actor]string{
			new(w.Fresh(w.Actor(authz.SecAdmin, at))):   "authz.denied",
			new(w.Fresh(w.Actor(authz.AuditAdmin, at))): "authz.denied",
			new(w.Fresh(w.city)):                        "authz.denied",
			&sys:                                        "authz.step-up",
		} {
			_, _, err := w.newKey(*who, ask)
			wantRule(t, err, rule)
		}
		sys = w.Fresh(sys)
		id, key, err := w.newKey(sys, ask)
		wantRule(t, err, "")
		w.WantAudit("interface_key:"+id.String(), "open311.key-made")
		for _, bad := range []resident.KeyAsk{
			{Channel: "WEB", Name: "x"},
			{Channel: resident.Open311},
			{Channel: resident.Open311, Name: "x", Contact: "请打 138 0000 0001"},
			{Channel: resident.Open311, Name: "x", Division: town.Huayuan},
			{Channel: resident.Open311, Name: "x", Division: "230188"},
			{Channel: resident.Open311, Name: "x", Division: "110101"},
		} {
			if _, _, err := w.newKey(sys, bad); err == nil {
				t.Errorf("a key for %+v", bad)
			}
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			open, err := w.KeysOf(ctx, tx, sys, resident.Open311)
			if err != nil || len(open) != 1 || open[0].Name != ask.Name || open[0].Contact != ask.Contact || open[0].Division != ask.Division {
				t.Errorf("keys: %+v, %v", open, err)
			}
			orders, err := w.KeysOf(ctx, tx, sys, resident.Hotline)
			if err != nil || len(orders) != 0 {
				t.Errorf("keys of the hotline: %+v, %v", orders, err)
			}
			kept, err := db.Value[[]byte](ctx, tx, `SELECT contact_sealed FROM interface_key`)
			if err != nil || bytes.Contains(kept, []byte("84612345")) {
				t.Errorf("the contact is kept in clear, %v", err)
			}
			_, _, err = w.ByKey(ctx, tx, key)
			wantRule(t, err, "resident.key") // another interface's
			c, err := w.ClientOf(ctx, tx, resident.Open311, key)
			if err != nil || c.ID != id || c.Reaches("230103005") != nil || c.Reaches("230102") == nil {
				t.Errorf("client: %+v, %v", c, err)
			}
			return nil
		})
		wantRule(t, w.act(func(ctx context.Context, tx *db.Tx) error { return w.EndKeyIn(ctx, tx, sys, resident.Hotline, id) }), "authz.not-found")
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error { return w.EndKeyIn(ctx, tx, sys, resident.Open311, id) }))
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.ClientOf(ctx, tx, resident.Open311, key)
			wantRule(t, err, "resident.key")
			return nil
		})
	})
}

// request is a report of a client that gives all that the specification lets it give.
func (w *world) request(key string) (resident.Receipt, error) {
	var out resident.Receipt
	return out, w.act(func(ctx context.Context, tx *db.Tx) error {
		c, err := w.ClientOf(ctx, tx, resident.Open311, key)
		if err != nil {
			return err
		}
		in := w.submission("door", "")
		out, err = w.TakeRequestIn(ctx, tx, authz.System("open311"), c, resident.Request{
			Submission: in, Given: resident.Given{First: "小明", Last: "王", Phone: "+86 138-0000-0001", Email: "wang@example.cn", Lat: "45.75"}, Once: []byte("1"), Digest: []byte("1"),
		})
		return err
	})
}

func TestAKeyReportsWhereItMay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		here := w.Projects[0].Division.Up(code.District)
		other := code.Division("230103")
		if here == other {
			other = "230102"
		}
		for division, rule := range map[code.Division]string{here: "", "": "", other: "resident.key-place"} {
			_, key, err := w.newKey(authz.System("test"), resident.KeyAsk{Channel: resident.Open311, Name: "城市随手拍", Division: division})
			wantRule(t, err, "")
			_, err = w.request(key)
			wantRule(t, err, rule)
		}
	})
}

// PI-2: whoever handles a report sees masked how to reach who reported; in full
// with a reason and a fresh second factor, and the log keeps both. What a client of
// the open interface gave is shown alike.
func TestContactsAreMaskedUntilAReasonIsGiven(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, key, err := w.newKey(authz.System("test"), resident.KeyAsk{Channel: resident.Open311, Name: "城市随手拍"})
		wantRule(t, err, "")
		a, err := w.request(key)
		wantRule(t, err, "")
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.JoinIn(ctx, tx, authz.Anonymous, a.Report, 0, bob, "")
			return err
		}))
		masked := func(who authz.Actor) (list []resident.Contact) {
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
				list, err = w.MaskedIn(ctx, tx, who, a.Report)
				return err
			})
			return list
		}
		if got := masked(w.community); len(got) != 2 || got[0] != (resident.Contact{Name: "王**", Phone: "138****0001", Email: "w***@example.cn"}) || got[1] != (resident.Contact{Phone: "138****0002"}) {
			t.Errorf("masked: %+v", got)
		}
		if got := masked(w.firm); got != nil {
			t.Errorf("the firm sees %+v", got)
		}
		full := func(who authz.Actor, reason string) (list []resident.Contact, err error) {
			err = w.act(func(ctx context.Context, tx *db.Tx) error {
				list, err = w.ContactsIn(ctx, tx, who, a.Report, reason)
				return err
			})
			return list, err
		}
		_, err = full(w.community, "联系入户维修")
		wantRule(t, err, "authz.step-up")
		_, err = full(w.Fresh(w.firm), "联系入户维修")
		wantRule(t, err, "authz.denied")
		_, err = full(w.Fresh(w.Community("230103001001")), "联系入户维修")
		wantRule(t, err, "authz.not-found")
		who := w.Fresh(w.community)
		_, err = full(who, " ")
		wantRule(t, err, "identity.reason")
		list, err := full(who, "联系入户维修")
		if err != nil || len(list) != 2 || list[0] != (resident.Contact{Name: "王小明", Phone: anna, Email: "wang@example.cn"}) || list[1].Phone != bob {
			t.Errorf("in full: %+v, %v", list, err)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM audit_event WHERE kind = 'resident.phone-read' AND account = $1 AND detail LIKE '%联系入户维修%'`, who.Account)
			if err != nil || n != 1 {
				t.Errorf("%d events with the reason, %v", n, err)
			}
			return nil
		})
	})
}
