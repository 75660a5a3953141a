// Inspections without network: what an inspector enters, and the photos, stay on
// the device until they are sent, once. Without this script the form is a form.
//
// "drafts" holds what is being filled in, "outbox" what was submitted and is not
// sent yet: the record under the form's own key, then the photos, each under a
// key of its own. The server takes a key once, so sending twice does no harm.
(() => {
  "use strict";
  const all = (sel, root = document) => [...root.querySelectorAll(sel)];
  const CACHE = "juli-inspect";
  const note = document.querySelector("[data-outbox]");
  const visit = document.querySelector("[data-visit]");
  if (!note || !window.indexedDB) return;

  // The device's store, opened only when there is something to keep or to send.
  const open = () => new Promise((done, fail) => {
    const r = indexedDB.open("juli-inspect", 1);
    r.onupgradeneeded = () => {
      r.result.createObjectStore("drafts", { keyPath: "id" });
      r.result.createObjectStore("outbox", { keyPath: "id" });
    };
    r.onsuccess = () => done(r.result);
    r.onerror = () => fail(r.error);
  });
  const run = async (store, mode, what) => {
    const db = await open();
    try {
      return await new Promise((done, fail) => {
        const tx = db.transaction(store, mode);
        const r = what(tx.objectStore(store));
        tx.oncomplete = () => done(r?.result);
        tx.onerror = tx.onabort = () => fail(tx.error);
      });
    } finally {
      db.close();
    }
  };
  const put = (store, v) => run(store, "readwrite", (s) => s.put(v));
  const drop = (store, id) => run(store, "readwrite", (s) => s.delete(id));
  const get = (store, id) => run(store, "readonly", (s) => s.get(id));
  const list = (store) => run(store, "readonly", (s) => s.getAll());
  const exists = async () => !indexedDB.databases || (await indexedDB.databases()).some((d) => d.name === "juli-inspect");

  // What waits, in words.
  const tell = async (why = "") => {
    const waiting = (await exists()) ? await list("outbox") : [];
    note.hidden = waiting.length === 0 && !why;
    const photos = waiting.reduce((n, w) => n + w.photos.length, 0);
    note.querySelector("[data-outbox-text]").textContent =
      (waiting.length ? "本机有 " + waiting.length + " 份检查记录（" + photos + " 组照片）等待发送。" : "") + why;
    return waiting;
  };

  // A page of the server gives a token of the session that is there now.
  const token = async (url) => {
    const res = await fetch(url, { headers: { Accept: "text/html" } });
    const html = new DOMParser().parseFromString(await res.text(), "text/html");
    const t = html.querySelector("input[name=_csrf]");
    if (!t || new URL(res.url).pathname.startsWith("/login")) throw new Error("login");
    return t.value;
  };
  const stored = (res) => res.ok && res.redirected && !new URL(res.url).pathname.startsWith("/login");

  // Sends one: the record, unless it went before, then its photos.
  const send = async (w) => {
    const csrf = await token("/bureau/inspections");
    if (!w.sent) {
      const body = new URLSearchParams(w.fields);
      body.set("_csrf", csrf);
      const res = await fetch("/bureau/inspections/" + w.id + "/visit", { method: "POST", body });
      if (!stored(res)) {
        if (res.status >= 500 || new URL(res.url).pathname.startsWith("/login")) throw new Error("later");
        const html = new DOMParser().parseFromString(await res.text(), "text/html");
        await put("drafts", w); // refused: back to the form, nothing lost
        await drop("outbox", w.id);
        return { refused: html.querySelector("[data-errors]") || html.querySelector("main h1") };
      }
      w.sent = true;
      await put("outbox", w);
    }
    while (w.photos.length) {
      const p = w.photos[0];
      const body = new FormData();
      body.append("_csrf", csrf);
      body.append("_once", p.key);
      body.append("item", p.item);
      for (const f of p.files) body.append("photos", f, f.name);
      const res = await fetch("/bureau/inspections/" + w.id + "/photos", { method: "POST", body });
      if (res.status >= 500 || new URL(res.url).pathname.startsWith("/login")) throw new Error("later");
      w.photos.shift(); // taken, or refused for good: then the page asks for it
      await put("outbox", w);
    }
    await drop("outbox", w.id);
    await drop("drafts", w.id);
    await clean();
    return { refused: null };
  };

  // With everything sent, the device keeps nothing.
  const clean = async () => {
    if ((await list("outbox")).length || (await list("drafts")).length) return;
    await new Promise((done) => {
      const r = indexedDB.deleteDatabase("juli-inspect");
      r.onsuccess = r.onerror = r.onblocked = done;
    });
    await window.caches?.delete(CACHE);
    await (await navigator.serviceWorker?.getRegistration("/bureau/inspections/"))?.unregister();
  };

  let busy = false;
  const sendAll = async () => {
    if (busy) return;
    busy = true;
    let refused = "";
    try {
      for (const w of await tell()) {
        const res = await send(w);
        const at = "/bureau/inspections/" + w.id;
        if (visit?.dataset.visit !== w.id) {
          if (res.refused) refused = "有一份记录需要修改，请打开检查记录：" + res.refused.textContent;
        } else if (res.refused) {
          for (const old of document.querySelectorAll("[data-errors]")) old.remove();
          visit.querySelector("form").prepend(document.adoptNode(res.refused));
          res.refused.focus();
        } else {
          location.href = at;
        }
      }
      await tell(refused);
    } catch (err) {
      await tell(err.message === "login" ? "请先登录，再点“现在发送”。" : "现在没有网络，联网后会自动发送。");
    } finally {
      busy = false;
    }
  };
  note.querySelector("[data-outbox-send]").addEventListener("click", sendAll);
  addEventListener("online", sendAll);
  exists().then((there) => { if (there) sendAll(); });
  if (!visit) return;

  const form = visit.querySelector("form");
  const id = visit.dataset.visit;
  for (const p of all("[data-photo]", visit)) p.hidden = false;
  const said = visit.querySelector("[data-kept-text]");
  said.textContent = "填写的内容和照片会保存在本机，没有网络也能填；提交后联网时自动发送。";

  // The form as it stands: every field that would be sent, and the photos.
  const read = () => {
    const fields = [...new FormData(form)].filter(([k, v]) => k !== "_csrf" && typeof v === "string");
    const photos = all("[data-finding]", form)
      .map((d) => ({ item: d.dataset.finding, files: [...d.querySelector("input[type=file]").files], key: crypto.randomUUID() }))
      .filter((p) => p.files.length);
    return { id, fields, photos, sent: false };
  };
  const unfold = () => {
    for (const d of all("[data-finding]", form)) {
      if (form.elements["v-" + d.dataset.finding]?.value === "FAIL") d.open = true;
    }
  };

  // From the first entry on: keep it, and the page, on the device.
  let prepared = false;
  const prepare = async () => {
    if (prepared) return;
    prepared = true;
    if (window.caches) {
      const c = await caches.open(CACHE);
      const own = all("link[rel=stylesheet][href], script[src]").map((e) => e.href || e.src);
      await c.addAll([location.pathname, ...own]);
    }
    await navigator.serviceWorker?.register(visit.dataset.worker, { scope: visit.dataset.scope });
  };
  let timer;
  form.addEventListener("input", () => {
    unfold();
    clearTimeout(timer);
    timer = setTimeout(() => { put("drafts", read()); prepare().catch(() => {}); form.dataset.kept = "1"; }, 300);
  });

  // What was kept comes back, with its key, so that it cannot be sent as another.
  const restore = async () => {
    if (!(await exists())) return;
    const d = await get("drafts", id);
    if (!d || document.querySelector("[data-errors]")) return;
    for (const box of all("input[type=checkbox], input[type=radio]", form)) box.checked = false;
    for (const [k, v] of d.fields) {
      if (k === "version") continue; // as the server has it now
      const field = form.elements[k];
      if (!field) continue;
      if (field instanceof RadioNodeList || field.type !== "checkbox") field.value = v;
      else field.checked = v === field.value;
    }
    for (const p of d.photos) {
      const files = new DataTransfer();
      for (const f of p.files) files.items.add(f);
      const input = document.getElementById("photo-" + p.item);
      if (input) input.files = files.files;
    }
    unfold();
  };
  restore();

  const where = () => new Promise((done) => {
    const box = form.elements.position;
    if (!navigator.geolocation || box.value) return done();
    navigator.geolocation.getCurrentPosition((p) => {
      const c = p.coords;
      box.value = c.latitude.toFixed(5) + "," + c.longitude.toFixed(5) + "±" + Math.round(c.accuracy);
      done();
    }, () => done(), { timeout: 5000, maximumAge: 60000 });
  });
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    e.stopImmediatePropagation();
    clearTimeout(timer);
    await where();
    if (!form.elements.taken.value) form.elements.taken.value = String(Date.now());
    const w = read();
    await put("drafts", w);
    await put("outbox", w);
    await sendAll();
  }, true);
})();
