package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
	"time"
)

const (
	cacheEntriesMax = 4096
	cacheBytesMax   = 64 << 20
	cachePageMax    = 512 << 10
)

// A Cache keeps public pages as they were last drawn, per address, edition and
// theme. Only visitors without a session are served from it. It is emptied when
// something is published ([Cache.Drop]) and each page lives a short while only.
type Cache struct {
	mu    sync.RWMutex
	pages map[cacheKey]*cached
	bytes int
	keep  time.Duration
}

type cacheKey struct {
	path, query string
	view        View
}

type cached struct {
	plain, zip []byte
	kind, tag  string
	until      time.Time
}

// NewCache keeps pages for keep; one that keeps them for no time does nothing.
func NewCache(keep time.Duration) *Cache {
	return &Cache{pages: map[cacheKey]*cached{}, keep: keep}
}

// Drop forgets every page.
func (c *Cache) Drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.pages)
	c.bytes = 0
}

// Page serves h through the cache. h must give every visitor the same page: no
// form of it may need a token.
func (c *Cache) Page(h Handler) Handler {
	if c.keep <= 0 {
		return h
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		st := stateOf(r.Context())
		if st.signed || r.Method != http.MethodGet && r.Method != http.MethodHead || st.site.readCookie(r, saidCookie) != "" {
			return h(w, r)
		}
		key := cacheKey{r.URL.Path, r.URL.RawQuery, st.view}
		c.mu.RLock()
		page := c.pages[key]
		c.mu.RUnlock()
		if page == nil || time.Now().After(page.until) {
			made, err := c.draw(h, w, r)
			if err != nil || made == nil {
				return err
			}
			if !st.used { // a page with a token is one visitor's own
				c.store(key, made)
			}
			page = made
		}
		return page.serve(w, r)
	}
}

// capture holds an answer back. What is not a plain page is passed on.
type capture struct {
	http.ResponseWriter
	body   bytes.Buffer
	status int
}

func (w *capture) WriteHeader(status int) {
	w.status = status
	if status != http.StatusOK {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *capture) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if w.status != http.StatusOK {
		return w.ResponseWriter.Write(p)
	}
	return w.body.Write(p)
}

// draw makes the page; nil if the answer was no page and has been sent already.
func (c *Cache) draw(h Handler, w http.ResponseWriter, r *http.Request) (*cached, error) {
	rec := &capture{ResponseWriter: w}
	method := r.Method
	r.Method = http.MethodGet
	err := h(rec, r)
	r.Method = method
	if err != nil || rec.status != http.StatusOK {
		return nil, err
	}
	body := bytes.Clone(rec.body.Bytes())
	sum := sha256.Sum256(body)
	return &cached{
		plain: body, zip: squeeze(body), kind: w.Header().Get("Content-Type"),
		tag: `"` + hex.EncodeToString(sum[:8]) + `"`, until: time.Now().Add(c.keep),
	}, nil
}

func (c *Cache) store(key cacheKey, p *cached) {
	size := len(p.plain) + len(p.zip)
	if size > cachePageMax {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.pages[key]; old != nil {
		c.bytes -= len(old.plain) + len(old.zip)
		delete(c.pages, key)
	}
	for k, old := range c.pages { // map order is as good as any for throwing away
		if len(c.pages) < cacheEntriesMax && c.bytes+size <= cacheBytesMax {
			break
		}
		c.bytes -= len(old.plain) + len(old.zip)
		delete(c.pages, k)
	}
	c.pages[key] = p
	c.bytes += size
}

func (p *cached) serve(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", p.kind)
	h.Set("Cache-Control", "no-cache") // keep, but ask first
	h.Set("Vary", "Cookie")
	h.Set("ETag", p.tag)
	if r.Header.Get("If-None-Match") == p.tag {
		h.Del("Content-Length")
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	writeBody(w, r, p.plain, p.zip)
	return nil
}
