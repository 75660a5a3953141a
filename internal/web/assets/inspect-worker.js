// The service worker of inspections: it gives back the pages that inspect.js put
// aside, when there is no network. It keeps nothing by itself.
"use strict";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (e) => e.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (e) => {
  if (e.request.method !== "GET") return;
  e.respondWith(fetch(e.request).catch(async (err) => {
    const kept = await caches.match(e.request.url.split("?")[0]);
    if (kept) return kept;
    throw err;
  }));
});
