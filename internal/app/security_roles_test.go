package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/identity"
)

// desksOf are the only paths below /admin that each administrator opens.
var desksOf = map[string][]string{
	"sysadmin":   {"/admin/{$}", "/admin/jobs", "/admin/settings", "/admin/order-keys", "/admin/open311-keys", "/admin/hooks", "/admin/doctor"},
	"secadmin1":  {"/admin/{$}", "/admin/people", "/admin/grants", "/admin/recoveries"},
	"auditadmin": {"/admin/{$}", "/admin/audit", "/admin/doctor"},
}

// TestThreeAdministrators is AZ-4 and AUT-2 by HTTP: every route of every desk as
// each of the three. None opens another's pages or a business desk, none posts
// there, and no two of them may do the same but look at the self-check.
func TestThreeAdministrators(t *testing.T) {
	tn := newTown(t)
	k := newClerk(t, tn, "sysadmin", "secadmin1", "auditadmin")
	refused := 0
	for login, mine := range desksOf {
		c := k.as(login)
		token := csrfOf(t, c)
		for _, r := range routes(t) {
			if open.MatchString(r.path) || strings.HasPrefix(r.path, "/account") || r.path == "/stepup" {
				continue
			}
			theirs := slices.ContainsFunc(mine, func(p string) bool {
				return r.path == p || strings.HasPrefix(r.path, p+"/") || p == "/admin/people" && strings.HasPrefix(r.path, p+"-")
			})
			path := strings.NewReplacer("{$}", "", "{id}", "0000000000001", "{uscc}", "91230102MAGPU0141Y", "{code}", "2301020150080001", "{file}", "0000000000001", "{kind}", "staff").Replace(r.path)
			before, _ := k.tally()
			var a answer
			if r.method == "GET" {
				a = c.get(t.Context(), path)
			} else {
				a = c.send(t, sending{action: path, values: url.Values{"_csrf": {token}, "_once": {fmt.Sprintf("%020d", refused)}}})
			}
			after, kind := k.tally()
			switch {
			case theirs && r.method == "GET" && a.status == http.StatusForbidden:
				t.Errorf("%s %s is refused to %s: %s", r.method, r.path, login, complaint(a.body))
			case theirs:
				continue
			case a.status != http.StatusForbidden && a.status != http.StatusNotFound:
				t.Errorf("%s %s as %s: %d", r.method, r.path, login, a.status)
			case after != before:
				t.Errorf("%s %s as %s wrote %s", r.method, r.path, login, kind)
			}
			refused++
		}
	}
	t.Logf("%d routes refused", refused)
}

// csrfOf is a token for the client's forms.
func csrfOf(t *testing.T, c *client) string {
	t.Helper()
	return c.form(t, "/enterprise-account", "").values.Get("_csrf")
}

// TestManyApproveAtOnce is AZ-5: sixty-four approvals at once, half of them by
// the maker: one takes effect, and it is never the maker's.
func TestManyApproveAtOnce(t *testing.T) {
	tn := newTown(t)
	k := newClerk(t, tn, "secadmin1", "secadmin2")
	maker := k.people["secadmin1"]
	clerk := tn.actor(t, "city1")
	for run := range 5 {
		grant, err := tn.Identity.Propose(t.Context(), maker, identity.GrantRequest{
			Account: clerk.Account, Role: authz.DistrictBureau, Scope: authz.Scope{Division: "230103"}, To: k.today().AddDays(30 + run), Reason: "测试",
		})
		if err != nil {
			t.Fatal(err)
		}
		tokens := map[string]string{"secadmin1": csrfOf(t, k.as("secadmin1")), "secadmin2": csrfOf(t, k.as("secadmin2"))}
		status := make([]int, 64)
		var all sync.WaitGroup
		for i := range status {
			all.Go(func() {
				login := []string{"secadmin1", "secadmin2"}[i%2]
				s := sending{action: "/admin/grants/" + grant.String() + "/approve", values: url.Values{"_csrf": {tokens[login]}, "_once": {fmt.Sprintf("%010d%010d", run, i)}}}
				status[i] = k.as(login).send(t, s).status
			})
		}
		all.Wait()
		won := 0
		for i, s := range status {
			switch {
			case s == http.StatusSeeOther && i%2 == 0:
				t.Errorf("run %d: the maker approved", run)
			case s == http.StatusSeeOther:
				won++
			case s >= 500:
				t.Errorf("run %d: %d", run, s)
			}
		}
		n := tn.count(t, `SELECT COUNT(*) FROM audit_event WHERE kind = 'identity.granted' AND outcome = 'done' AND object = $1`, "grant:"+grant.String())
		by := tn.count(t, `SELECT COUNT(*) FROM identity_grant WHERE id = $1 AND state = 'active' AND decided_by <> proposed_by`, grant)
		if won != 1 || n != 1 || by != 1 {
			t.Errorf("run %d: %d told so, %d events, %d grants by another person", run, won, n, by)
		}
	}
}

// TestNoActSequenceByHTTP is AZ-7: random acts on random records by random
// people, offered or not. Wherever a record gets, the machine allows it. JULI_STEPS
// sets how many, JULI_SEED repeats a run.
func TestNoActSequenceByHTTP(t *testing.T) {
	tn := newTown(t)
	seed, steps := uint64(time.Now().UnixNano()), 6000
	if n, err := strconv.ParseUint(os.Getenv("JULI_SEED"), 10, 64); err == nil {
		seed = n
	}
	if n, err := strconv.Atoi(os.Getenv("JULI_STEPS")); err == nil {
		steps = n
	}
	t.Logf("JULI_SEED=%d JULI_STEPS=%d", seed, steps)
	rnd := rand.New(rand.NewPCG(seed, 1))
	logins := []string{"city1", "city2", "nangang1", "nangang2", "daoli1", "daoli2", "daowai1", "daowai2", "songbei1", "songbei2", "pingfang1", "pingfang2", "xiangfang1", "xiangfang2", "street1", "community1", "association1", "firm1", "firm2", "committee1", "secadmin1"}
	k := newClerk(t, tn, logins...)
	tokens := map[string]string{}
	for _, login := range logins {
		tokens[login] = csrfOf(t, k.as(login))
	}
	type standing struct {
		id            db.ID
		state, holder string
		version       int64
	}
	look := func(tx *db.Tx, where string, args ...any) ([]standing, error) {
		return db.All(t.Context(), tx, func(row db.Scanner) (s standing, err error) {
			return s, row.Scan(&s.id, &s.state, &s.holder, &s.version)
		},
			`SELECT id, state, holder, version FROM casework_case WHERE machine = 'credit_record' AND `+where, args...)
	}
	read := func(where string, args ...any) (list []standing) {
		err := tn.DB.Read(t.Context(), func(tx *db.Tx) (err error) { list, err = look(tx, where, args...); return err })
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	open := read(`closed = FALSE ORDER BY id DESC LIMIT 1000`)
	moved := 0
	for i := range steps {
		was := read(`id = $1`, open[rnd.IntN(len(open))].id)[0]
		login := logins[rnd.IntN(len(logins))]
		if near := slices.DeleteFunc(slices.Clone(logins), func(l string) bool {
			return !slices.ContainsFunc(k.people[l].Grants, func(g authz.Grant) bool { return authz.Body(g.Role, g.Scope) == was.holder })
		}); len(near) > 0 && rnd.IntN(2) == 0 {
			login = near[rnd.IntN(len(near))] // half of the time who holds it
		}
		act := credit.RecordMachine.Acts[rnd.IntN(len(credit.RecordMachine.Acts))]
		if fit := slices.DeleteFunc(slices.Clone(credit.RecordMachine.Acts), func(x casework.Act) bool { return !slices.Contains(x.From, was.state) }); len(fit) > 0 && rnd.IntN(2) == 0 {
			act = fit[rnd.IntN(len(fit))] // half of the time what could be next
		}
		path, v := randomForm(rnd, login, act.Name, was.id.String(), was.version)
		v.Set("_csrf", tokens[login])
		v.Set("_once", fmt.Sprintf("%020d", i))
		a := k.as(login).send(t, sending{action: path, values: v})
		now := read(`id = $1`, was.id)[0]
		if a.status >= 500 {
			t.Fatalf("step %d: %s as %s, %v: %d", i, path, login, v, a.status)
		}
		if now == was {
			continue
		}
		moved++
		if !tn.wayAllowed(t, was.id, was.state, now.state, was.version, now.version) || a.status != http.StatusSeeOther {
			t.Fatalf("step %d: %s as %s, %v: from %+v to %+v, status %d", i, path, login, v, was, now, a.status)
		}
	}
	if moved < 20 {
		t.Errorf("only %d of %d steps moved a record", moved, steps)
	}
	t.Logf("%d steps, %d moved a record", steps, moved)
}

// wayAllowed says whether the steps between two versions of a record are the
// machine's: one by the person, and what the program does of itself after it.
func (tn town) wayAllowed(t *testing.T, id db.ID, from, to string, was, now int64) bool {
	t.Helper()
	type taken struct{ act, from, to, system string }
	var steps []taken
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		steps, err = db.All(t.Context(), tx, func(row db.Scanner) (s taken, err error) {
			return s, row.Scan(&s.act, &s.from, &s.to, &s.system)
		}, `SELECT act, from_state, to_state, system FROM casework_step WHERE case_id = $1 AND version > $2 ORDER BY version`, id, was)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range steps {
		x, known := credit.RecordMachine.Act(s.act)
		if !known || s.from != from || !slices.Contains(x.From, from) || x.To != s.to && (x.To != casework.Same || s.to != from) || (i > 0) != (s.system != "") {
			return false
		}
		from = s.to
	}
	return from == to && int64(len(steps)) == now-was && len(steps) > 0
}

// randomForm is an act on a record, as an official or an enterprise sends it.
func randomForm(rnd *rand.Rand, login, act, id string, version int64) (path string, v url.Values) {
	seen := fmt.Sprint(version - int64(rnd.IntN(8)/7)) // now and then an old one
	if !strings.HasPrefix(login, "firm") && rnd.IntN(4) > 0 {
		return "/bureau/records/" + id, url.Values{"version": {seen}, "note": {"随机的意见"}, "act": {act}}
	}
	plea := []string{"object", "answer", "repair", "withdraw"}[rnd.IntN(4)]
	v = url.Values{"version": {seen}, "text": {"随机的说明"}}
	if plea == "object" {
		v.Set("ground", "wrong_law")
	}
	return "/enterprise/records/" + id + "/" + plea, v
}
