//go:build !postgres

package app_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"juli/internal/db"
)

// A scene is one body's things that are not public, each text of which carries
// a mark, and the people of other bodies, who must find none of it.
type scene struct {
	name, owner, mark string
	acts              []string
	others            []string
}

var scenes = []scene{
	{
		"a district", "nangang1", "Q7X2W9A",
		[]string{"/bureau/records/new", "/account/deputies", "/bureau/import"},
		[]string{"daoli1", "daoli2", "xiangfang1", "street1", "street2", "community1", "community2", "firm2", "firm3", "firm4"},
	},
	{
		"an enterprise", "firm1", "Q7X2W9B",
		[]string{"/enterprise/records/new", "/enterprise/filings/new", "/enterprise/staff/new", "/admin/people/new"},
		[]string{"firm2", "firm3", "firm4", "committee1"},
	},
	{
		"a visitor's request to a district", "", "Q7X2W9C",
		[]string{"/enterprise-account"},
		[]string{"daoli1", "xiangfang1", "street1", "firm1", "firm2"},
	},
}

// TestOthersFindNothing is AZ-2: what one body keeps is not there for another's
// people, whether they guess its ids, look through their own pages, search, or
// take lists away as files. An id that exists answers like one that does not.
// JULI_PROBES sets how many ids are tried (200000 for a release).
func TestOthersFindNothing(t *testing.T) {
	tn := newTown(t)
	most := 20_000
	if n, err := strconv.Atoi(os.Getenv("JULI_PROBES")); err == nil {
		most = n
	}
	var logins []string
	for _, s := range scenes {
		logins = append(logins, s.others...)
		if s.owner != "" {
			logins = append(logins, s.owner)
		}
	}
	slices.Sort(logins)
	k := newClerk(t, tn, slices.Compact(logins)...)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 2))
	probes := 0
	for i, s := range scenes {
		mark := k.lastID()
		k.keep(s)
		probes += k.probe(s, k.idsSince(mark), rnd, most*(i+1)/len(scenes)-probes)
		k.look(s)
	}
	if probes < most {
		t.Errorf("%d probes, want %d", probes, most)
	}
	t.Logf("%d probes", probes)
}

// keep makes the things of a scene.
func (k *clerk) keep(s scene) {
	k.canary = s.mark
	x := &trial{clerk: k, done: map[string]int{}, why: map[string]string{}, next: map[string][]string{}}
	for round := range 12 {
		k.walk(s.owner, 3, homes, func(path string, a answer) {
			for _, f := range forms(path, a.body) {
				p := k.pattern(f.action)
				if !slices.Contains(s.acts, p) || x.done[p] >= 2 {
					continue
				}
				fixed := x.fixed(p, s.owner)
				if p == "/enterprise-account" {
					fixed["division"] = "230103"
				}
				form := k.fill(f, round, fixed)
				if !x.prepare(p, &form) {
					continue
				}
				before, _ := k.tally()
				res := k.as(s.owner).send(k.t, x.stamped(s.owner, form))
				if after, _ := k.tally(); after > before {
					x.done[p]++
				} else {
					x.why[p] = complaint(res.body)
				}
			}
		})
	}
	for _, p := range s.acts {
		if x.done[p] == 0 {
			k.t.Errorf("%s: %s not done: %s", s.name, p, x.why[p])
		}
	}
	seen := 0
	k.walk(s.owner, 4, homes, func(_ string, a answer) { seen += strings.Count(plain(a), s.mark) })
	if seen == 0 && s.owner != "" {
		k.t.Errorf("%s: the owner doesn't see the mark either", s.name)
	}
}

func (k *clerk) lastID() (id db.ID) {
	k.t.Helper()
	err := k.DB.Write(k.t.Context(), func(tx *db.Tx) error { id = tx.NewID(); return nil })
	if err != nil {
		k.t.Fatal(err)
	}
	return id
}

// idsSince are the ids that were given since, of every table.
func (k *clerk) idsSince(mark db.ID) (ids []string) {
	k.t.Helper()
	err := k.DB.Read(k.t.Context(), func(tx *db.Tx) error {
		for _, table := range []string{"casework_case", "blob_file", "job", "identity_account", "identity_grant", "identity_request", "identity_invitation", "notify_message", "audit_event", "credit_record", "registry_filing", "staff", "staff_person"} {
			list, err := db.All(k.t.Context(), tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) }, `SELECT id FROM `+table+` WHERE id > $1 ORDER BY id LIMIT 20`, mark)
			if err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
			for _, id := range list {
				ids = append(ids, id.String())
			}
		}
		return nil
	})
	if err != nil {
		k.t.Fatal(err)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// probe asks for every id on every route as everybody else, and compares the
// answer with that for an id that was never given.
func (k *clerk) probe(s scene, ids []string, rnd *rand.Rand, most int) (n int) {
	t := k.t
	if len(ids) < 3 {
		t.Fatalf("%s: only ids %v", s.name, ids)
	}
	before, _ := k.tally()
	tokens, nothing := map[string]string{}, map[string]string{}
	for _, login := range s.others {
		tokens[login] = csrfOf(t, k.as(login))
	}
	var list []route
	for _, r := range routes(t) {
		if strings.Contains(r.path, "{id}") || strings.Contains(r.path, "{file}") {
			list = append(list, r)
		}
	}
	ask := func(r route, login, id, other string) answer {
		path := strings.NewReplacer("{id}", id, "{file}", other, "{uscc}", "91230102MAGPU0141Y").Replace(r.path)
		c := k.as(login)
		if r.method == "GET" {
			return c.get(t.Context(), path)
		}
		return c.send(t, sending{action: path, values: url.Values{"_csrf": {tokens[login]}, "_once": {fmt.Sprintf("probe%020d", n)}}})
	}
	for ; n < most; n++ {
		r := list[n%len(list)]
		login := s.others[rnd.IntN(len(s.others))]
		id, other := ids[rnd.IntN(len(ids))], ids[rnd.IntN(len(ids))]
		a := ask(r, login, id, other)
		if strings.Contains(a.body, s.mark) {
			t.Fatalf("%s: %s %s as %s with %s shows the mark, status %d", s.name, r.method, r.path, login, id, a.status)
		}
		key := r.method + r.path + login
		if nothing[key] == "" {
			nothing[key] = bare(ask(r, login, "32T0000000001", "32T0000000001"), "32T0000000001", "32T0000000001")
		}
		if got := bare(a, id, other); got != nothing[key] {
			t.Fatalf("%s: %s %s as %s tells %s from an id that was never given: %d %s", s.name, r.method, r.path, login, id, a.status, unlike(got, nothing[key]))
		}
	}
	if after, kind := k.tally(); after != before {
		t.Errorf("%s: %d probes wrote %d events, the last %s", s.name, n, after-before, kind)
	}
	return n
}

var fleeting = regexp.MustCompile(`name="_(csrf|once)" value="[^"]*"|请求编号[^<]*<[^>]*>[^<]*|\b[A-Z2-7]{16}\b`)

// bare is an answer without what differs each time.
func bare(a answer, ids ...string) string {
	text := fmt.Sprint(a.status, " ", a.to(), " ", a.header.Get("ETag"), " ", a.header.Get("Last-Modified"), " ", a.body)
	for _, id := range ids {
		text = strings.ReplaceAll(text, id, "")
	}
	return fleeting.ReplaceAllString(text, "")
}

// unlike is where two texts part.
func unlike(a, b string) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	i = max(i-60, 0)
	return fmt.Sprintf("…%s… and …%s…", strings.ToValidUTF8(a[i:min(len(a), i+160)], ""), strings.ToValidUTF8(b[i:min(len(b), i+160)], ""))
}

// look goes over everything that others can open, searches and takes away.
func (k *clerk) look(s scene) {
	k.wide = true
	defer func() { k.wide = false }()
	head := s.mark[:5]
	for _, login := range append([]string{""}, s.others...) {
		starts := append([]string{"/", "/open-data", "/search?q=" + head, "/enterprises?q=" + head, "/projects?q=" + head, "/openapi.json", "/api/v1/enterprises?q=" + head}, homes...)
		for _, list := range []string{"/bureau/records", "/bureau/filings", "/bureau/enterprises", "/bureau/projects", "/bureau/", "/enterprise/records", "/enterprise/filings", "/enterprise/staff", "/admin/people", "/admin/requests", "/enterprises", "/projects"} {
			starts = append(starts, list+"?q="+head, list+"?format=csv", list+"?format=xlsx")
		}
		k.walk(login, 2, starts, func(path string, a answer) {
			if strings.Contains(strings.ToUpper(plain(a)), s.mark) {
				k.t.Errorf("%s: %s as %q shows the mark", s.name, path, login)
			}
			if a.status >= 500 {
				k.t.Errorf("%s as %q: %d", path, login, a.status)
			}
		})
	}
}

// plain is what an answer says; of a workbook, the text of its parts.
func plain(a answer) string {
	if !strings.HasPrefix(a.body, "PK") {
		return a.body
	}
	z, err := zip.NewReader(bytes.NewReader([]byte(a.body)), int64(len(a.body)))
	if err != nil {
		return a.body
	}
	var b strings.Builder
	for _, f := range z.File {
		if r, err := f.Open(); err == nil {
			_, _ = io.Copy(&b, io.LimitReader(r, 16<<20))
			r.Close()
		}
	}
	return b.String()
}
