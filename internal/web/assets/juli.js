// Juli works without this script; with it, dialogs stand in front of the page,
// lists change in place, running work shows its progress, errors get the focus
// and a session warns before it ends. Nothing here is ever needed.
(() => {
  "use strict";
  const all = (sel, root = document) => [...root.querySelectorAll(sel)];

  // A refused form: focus its summary, so that it is read out first.
  document.querySelector("[data-errors]")?.focus();

  // Dialogs: their links would lead to the dialog's place on the page.
  document.addEventListener("click", (e) => {
    const open = e.target.closest?.("[data-dialog]");
    const dialog = open && document.getElementById(open.dataset.dialog);
    if (dialog?.showModal) {
      e.preventDefault();
      dialog.showModal();
      return;
    }
    const close = e.target.closest?.("[data-close]");
    if (close?.closest("dialog[open]")) {
      e.preventDefault();
      close.closest("dialog").close();
    }
    for (const menu of all("details.menu[open]")) {
      if (!menu.contains(e.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    for (const menu of all("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // One click sends a form once; the server would notice a second one anyway.
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.method !== "post" || form.dataset.keep !== undefined) return;
    if (form.dataset.sent) {
      e.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    for (const b of all("button[type=submit]", form)) b.setAttribute("aria-disabled", "true");
  });
  addEventListener("pageshow", () => {
    for (const form of all("form[data-sent]")) {
      delete form.dataset.sent;
      for (const b of all("button[aria-disabled]", form)) b.removeAttribute("aria-disabled");
    }
  });

  // Lists: sorting, paging and filters change the list alone, if htmx is there.
  const swapList = (url) => {
    const list = document.getElementById("list");
    if (!window.htmx || !list) return false;
    list.setAttribute("aria-busy", "true");
    htmx.ajax("GET", url, { target: "#list", select: "#list", swap: "outerHTML" }).then(() => {
      history.pushState({ list: true }, "", url);
      document.querySelector("#list .pager [role=status]")?.scrollIntoView({ block: "nearest" });
    }, () => { location.href = url; });
    return true;
  };
  document.addEventListener("click", (e) => {
    const a = e.target.closest?.("#list a[data-swap], #list .chips a");
    if (!a || e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
    if (swapList(a.href)) e.preventDefault();
  });
  document.addEventListener("submit", (e) => {
    if (!e.target.matches("#list form.filters")) return;
    const q = new URLSearchParams();
    for (const [k, v] of new FormData(e.target)) if (v) q.append(k, v);
    if (swapList(e.target.action + (q.size ? "?" + q : ""))) e.preventDefault();
  });
  addEventListener("popstate", () => { if (document.getElementById("list")) location.reload(); });

  // Running work: ask again while it runs and the page is looked at.
  const refill = (job, next) => { // its buttons stay, one of them may have the focus
    [...next.children].forEach((c, i) => {
      const old = job.children[i];
      if (c.matches("progress")) { old.max = c.max; old.value = c.value; }
      if (!c.matches(".acts") && old.textContent !== c.textContent) old.replaceChildren(...c.childNodes);
    });
  };
  const poll = () => {
    for (const job of all("[data-poll]")) {
      if (document.hidden) continue;
      fetch(job.dataset.poll, { headers: { Accept: "text/html" } })
        .then((res) => (res.ok ? res.text() : Promise.reject(res.status)).then((html) => {
          const next = new DOMParser().parseFromString(html, "text/html").getElementById(job.id);
          if (!next) location.href = res.url; // done: the way leads on
          else if (next.dataset.poll) refill(job, next);
          else job.replaceWith(next);
        }))
        .catch(() => job.removeAttribute("data-poll"));
    }
  };
  if (document.querySelector("[data-poll]")) setInterval(poll, 2000);

  // Sessions: warn three minutes before the end; typing and clicking do not
  // count, since the server doesn't see them.
  const session = document.getElementById("session");
  if (session?.showModal) {
    const idle = Number(session.dataset.idle) * 1000;
    const warn = Math.min(180000, idle / 3);
    let end = Date.now() + idle;
    let told = false; // who puts the question aside is not asked every second
    const left = session.querySelector("[data-left]");
    setInterval(() => {
      const rest = end - Date.now();
      if (rest > warn) return;
      if (rest <= 0) {
        left.textContent = "0 秒";
        return;
      }
      left.textContent = rest > 60000 ? Math.ceil(rest / 60000) + " 分钟" : Math.ceil(rest / 1000) + " 秒";
      if (!told) session.showModal();
      told = true;
    }, 1000);
    session.querySelector("form").addEventListener("submit", (e) => {
      e.preventDefault();
      fetch(e.target.action, { method: "POST", body: new URLSearchParams(new FormData(e.target)) })
        .then((res) => {
          if (!res.ok) throw res.status;
          end = Date.now() + idle;
          told = false;
          session.close();
        })
        .catch(() => location.reload());
    });
  }
})();
