//go:build browser && !postgres

package app_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"juli/internal/authz"
	"juli/internal/campaign"
	"juli/internal/db"
	"juli/internal/web/webtest"
)

// A line is a server that can be out of reach and come back at its address.
type line struct {
	t       *testing.T
	h       http.Handler
	address string
	server  *httptest.Server
}

func (l *line) up() {
	l.t.Helper()
	at := "127.0.0.1:0"
	if l.address != "" {
		at = l.address
	}
	listener, err := (&net.ListenConfig{}).Listen(l.t.Context(), "tcp", at)
	if err != nil {
		l.t.Fatal(err)
	}
	l.address = listener.Addr().String()
	l.server = httptest.NewUnstartedServer(l.h)
	l.server.Listener.Close()
	l.server.Listener = listener
	l.server.Start()
}

func (l *line) down() {
	l.server.CloseClientConnections()
	l.server.Close()
}

// assigned is an inspection that waits for one of those who sign in.
func (tn town) assigned(t *testing.T) (x campaign.Inspection, login string) {
	t.Helper()
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) error {
		list, err := tn.Campaigns.Inspections(t.Context(), tx, authz.System("test"), campaign.Sift{State: campaign.Assigned, Limit: 100})
		if err != nil {
			return err
		}
		for _, one := range list {
			for name := range tn.accounts {
				id, err := db.Value[db.ID](t.Context(), tx, `SELECT id FROM identity_account WHERE login = $1`, name)
				if err != nil {
					return err
				}
				if id == one.First {
					x, login = one, name
				}
			}
		}
		return nil
	})
	if err != nil || login == "" {
		t.Fatalf("nothing waits for anybody: %v", err)
	}
	return x, login
}

// An inspector fills the checklist in where there is no network, opens the page
// again, submits; once there is network again it is sent, photos after it, and it
// is one inspection however often it is sent.
func TestAnInspectionIsRecordedWithoutNetwork(t *testing.T) {
	tn := newTown(t)
	x, login := tn.assigned(t)
	token := strings.Repeat("V", 43)
	tn.session(t, tn.actor(t, login).Account, token)
	l := &line{t: t, h: tn.site}
	l.up()
	t.Cleanup(func() { l.down() })
	b := webtest.OpenURL(t, "http://"+l.address)
	b.Expect("ERR_CONNECTION_REFUSED")
	b.Expect("ERR_FAILED")
	b.Width(360)
	b.Cookie("juli", token)
	at := "/bureau/inspections/" + x.ID.String()
	b.Go(at + "/visit")
	b.Check()
	b.Kept() // nothing before the first entry
	b.Shot("visit-360.png")
	await := func(what string) {
		t.Helper()
		ok := webtest.Run(b, chromedp.Evaluate[bool](`new Promise((done) => {
			const end = Date.now() + 15000;
			const look = async () => { if (await (async () => `+what+`)().catch(() => false)) done(true); else if (Date.now() > end) done(false); else setTimeout(look, 50) };
			look();
		})`, chromedp.EvalAwaitPromise))
		if !ok {
			t.Fatalf("%s: never %s; the page says %s", b.Where(), what, b.Text("main"))
		}
	}
	webtest.Run(b, chromedp.Evaluate[any](fillVisit, chromedp.EvalAwaitPromise))
	await(`(await caches.match("` + at + `/visit")) && (await navigator.serviceWorker.getRegistration("/bureau/inspections/"))?.active && navigator.serviceWorker.controller`)
	l.down()

	b.Go(at + "/visit") // the phone was locked meanwhile
	await(`document.querySelector("[name=n-fire-lane]").value === "三号楼南侧停有车辆" && document.getElementById("photo-fire-lane").files.length === 1`)
	b.Shot("visit-offline-360.png")
	b.Do(chromedp.Click(chromedp.CSS("form.ask button[type=submit]")))
	await(`document.querySelector("[data-outbox-text]").textContent.includes("1 份检查记录（1 组照片）") && document.querySelector("[data-outbox-text]").textContent.includes("没有网络")`)
	b.Shot("visit-waits-360.png")
	if n := tn.kinds(t, "inspection.submitted", x.ID); n != 0 {
		t.Fatalf("%d records without network", n)
	}
	webtest.Run(b, chromedp.Evaluate[any](keepCopy, chromedp.EvalAwaitPromise))

	l.up()
	b.Do(chromedp.Click(chromedp.CSS("[data-outbox-send]")))
	b.Do(chromedp.WaitVisible(chromedp.CSS("#photos")))
	if where := b.Where(); where != at || !strings.Contains(b.Text("h1"), "待第二人确认") {
		t.Errorf("sent, the page is %s: %s", where, b.Text("h1"))
	}
	b.Check()
	if n, photos := tn.kinds(t, "inspection.submitted", x.ID), tn.kinds(t, "inspection.photographed", x.ID); n != 1 || photos != 1 {
		t.Errorf("%d records, %d photos", n, photos)
	}

	// The answer got lost on its way: the device sends all of it again.
	webtest.Run(b, chromedp.Evaluate[any](sendCopy, chromedp.EvalAwaitPromise))
	b.Go("/bureau/inspections")
	await(`document.querySelector("[data-outbox]").hidden && !(await indexedDB.databases()).length`)
	b.Kept() // with everything sent, the device keeps nothing
	if n, photos := tn.kinds(t, "inspection.submitted", x.ID), tn.kinds(t, "inspection.photographed", x.ID); n != 1 || photos != 1 {
		t.Errorf("sent again: %d records, %d photos", n, photos)
	}
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) error {
		got, err := tn.Campaigns.Inspection(t.Context(), tx, authz.System("test"), x.ID)
		if err != nil {
			return err
		}
		found, err := campaign.Findings(t.Context(), tx, got)
		if err != nil || got.State != campaign.Confirming || len(found) != 1 || len(found[0].Photos) != 1 || !found[0].Points || got.Score.String() != "94" {
			t.Errorf("what is stored: %+v, %+v, %v", got, found, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// kinds counts the events of a kind about an inspection.
func (tn town) kinds(t *testing.T, kind string, id db.ID) (n int64) {
	t.Helper()
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		n, err = db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM audit_event WHERE kind = $1 AND object = $2`, kind, "inspection:"+id.String())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// fillVisit ticks the checklist as fingers would, with one finding and its photo.
const fillVisit = `(async () => {
	const form = document.querySelector("[data-visit] form");
	for (const box of form.querySelectorAll("input[type=radio][value=PASS]")) box.checked = true;
	form.querySelector("input[name=v-fire-lane][value=FAIL]").checked = true;
	form.elements["n-fire-lane"].value = "三号楼南侧停有车辆";
	form.elements["p-fire-lane"].checked = true;
	form.elements.position.value = "45.75693,126.64240±12";
	const canvas = document.createElement("canvas");
	canvas.width = canvas.height = 40;
	const picture = await new Promise((done) => canvas.toBlob(done, "image/png"));
	const files = new DataTransfer();
	files.items.add(new File([picture], "现场.png", { type: "image/png" }));
	document.getElementById("photo-fire-lane").files = files.files;
	form.elements["n-fire-lane"].dispatchEvent(new Event("input", { bubbles: true }));
})()`

// keepCopy puts what waits aside, sendCopy puts it back.
const keepCopy = `new Promise((done) => {
	const r = indexedDB.open("juli-inspect", 1);
	r.onsuccess = () => {
		const q = r.result.transaction("outbox").objectStore("outbox").getAll();
		q.onsuccess = async () => {
			const w = q.result[0];
			const c = await caches.open("copy");
			const photo = await new Response(w.photos[0].files[0]).blob();
			await c.put("/copy", new Response(JSON.stringify(w)));
			await c.put("/photo", new Response(photo));
			r.result.close();
			done();
		};
	};
})`

const sendCopy = `(async () => {
	const w = await (await caches.match("/copy")).json();
	w.photos[0].files = [new File([await (await caches.match("/photo")).blob()], "现场.png", { type: "image/png" })];
	await caches.delete("copy");
	await new Promise((done) => {
		const r = indexedDB.open("juli-inspect", 1);
		r.onupgradeneeded = () => ["drafts", "outbox"].forEach((name) => r.result.createObjectStore(name, { keyPath: "id" }));
		r.onsuccess = () => {
			const tx = r.result.transaction("outbox", "readwrite");
			tx.objectStore("outbox").put(w);
			tx.oncomplete = () => { r.result.close(); done(); };
		};
	});
})()`
