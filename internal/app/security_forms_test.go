package app_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"juli/internal/db"
)

// everybody are the demo city's people, one or two of each kind of body.
var everybody = []string{
	"secadmin1", "secadmin2", "nangang1", "nangang2", "daoli1", "daoli2", "street1", "community1", "city1", "city2", "association1", "firm1", "firm2", "firm3", "firm4", "committee1", "sysadmin", "auditadmin",
}

// elsewhere are the posting routes that the clerk does not take, and why.
var elsewhere = map[string]string{
	"/login": "TestGuessing", "/login/second": "TestSessionsByHTTP", "/login/renew": "identity", "/logout": "TestSessionsByHTTP", "/stepup": "TestSessionsByHTTP",
	"/join": "TestDefaultPairs", "/join/enrol": "TestDefaultPairs", "/account/password": "identity", "/account/second": "identity", "/account/second/confirm": "identity",
	"/bureau/import/{id}": "TestACheckedFileIsImportedFromItsPage", "/bureau/import/{id}/columns": "internal/importing", "/bureau/import/{id}/second": "TestPastRecordsNeedTwoPersons", "/design": "a page of examples", "/session/keep": "changes nothing", "/bureau/simulate": "reads only",
	"/bureau/lists/{id}/publish": "TestAListGoesFromItsCandidatesToThePublicPage", "/bureau/lists/{id}/withhold": "TestAListGoesFromItsCandidatesToThePublicPage", "/bureau/lists/{id}/uncover": "TestAListGoesFromItsCandidatesToThePublicPage", "/bureau/list-entries/{id}/correct": "TestAListGoesFromItsCandidatesToThePublicPage",
	"/bureau/list-followups/{id}": "TestAListGoesFromItsCandidatesToThePublicPage", "/enterprise/lists/{id}/repair": "TestAListGoesFromItsCandidatesToThePublicPage",
	"/rulebooks/{digest}/comments": "TestADraftIsCommentedOn", "/s": "TestASurveyGoesFromItsSlipToThePublicPage", "/s/{id}": "TestASurveyGoesFromItsSlipToThePublicPage", "/bureau/surveys/{id}/slips": "TestASurveyGoesFromItsSlipToThePublicPage", "/bureau/surveys/{id}/check": "TestASurveyGoesFromItsSlipToThePublicPage", "/volunteers/served": "TestAVolunteerJoinsServesAndLeaves", "/bureau/volunteer-calls/{id}/hours": "TestAVolunteerJoinsServesAndLeaves", "/volunteers/join": "TestAVolunteerJoinsServesAndLeaves", "/volunteers/leave": "TestAVolunteerJoinsServesAndLeaves", "/deeds/confirm": "TestThoseServedConfirmByTheirCode", "/admin/hooks": "TestASubscriptionIsMadePausedAndEnded", "/admin/hooks/{id}/pause": "TestASubscriptionIsMadePausedAndEnded", "/admin/hooks/{id}/resume": "TestASubscriptionIsMadePausedAndEnded", "/admin/hooks/{id}/end": "TestASubscriptionIsMadePausedAndEnded", "/report/mine": "TestAResidentReportsWithoutAnAccount", "/report/confirm": "TestAResidentReportsWithoutAnAccount", "/report/confirm/again": "TestAWrongCodeIsSentAgainWhileWhatWasWrittenStays", "/report/follow": "TestAResidentReportsWithoutAnAccount", "/report/follow/add": "TestAResidentReportsWithoutAnAccount", "/bureau/reports/{id}/callback": "TestAnOrderIsCalledBack", "/bureau/surveys/{id}/settle": "TestASurveyGoesFromItsSlipToThePublicPage", "/committee/cases/{id}": "TestACommitteeConfirmsWhatWasMendedInItsEstate",
}

// stepUps are the routes whose act the matrix wants a fresh second factor for.
var stepUps = []string{
	"/account/deputies", "/admin/grants/{id}/approve", "/admin/grants/{id}/refuse", "/admin/open311-keys", "/admin/open311-keys/{id}/end", "/admin/order-keys", "/admin/order-keys/{id}/end", "/admin/people-invite", "/admin/people/new", "/admin/people/{id}/grant", "/admin/people/{id}/recover", "/admin/people/{id}/revoke", "/admin/recoveries/{id}/approve", "/admin/recoveries/{id}/cancel", "/admin/requests/{id}/confirm", "/admin/requests/{id}/refuse", "/bureau/campaigns/{id}", "/bureau/deeds/{id}/sign", "/bureau/enterprises/{uscc}", "/bureau/measures/{id}/decide", "/bureau/publications/{id}", "/bureau/reports/{id}/phones", "/bureau/rulebooks/{id}", "/bureau/surveys/{id}/publish", "/bureau/volunteers/{id}/full",
}

// plenty are the routes whose acts make work for others: they are done more often.
var plenty = []string{
	"/enterprise-account", "/admin/people/new", "/admin/people/{id}/grant", "/admin/people/{id}/recover", "/bureau/records/new", "/bureau/records/{id}", "/bureau/cases/{id}", "/bureau/cases/{id}/measures", "/bureau/cases/new", "/bureau/inspections/{id}/visit", "/bureau/inspections/{id}", "/bureau/campaigns/{id}", "/enterprise/cases/{id}", "/bureau/reports/{id}", "/enterprise/reports/{id}", "/committee/reports/{id}",
	"/enterprise/records/new", "/enterprise/filings/new", "/bureau/evaluations",
}

// A trial is what the test of every form learns.
type trial struct {
	*clerk
	done    map[string]int    // successes by route
	why     map[string]string // the last refusal by route
	fresh   map[string]bool   // routes that asked for a step-up
	tried   map[string]int
	lately  map[string]int // the round after which a person tries a route again
	muted   map[string]int
	next    map[string][]string // where acts led a person, to look at first
	refused int                 // unknown fields
}

// missing are the routes that were not done yet.
func (x *trial) missing() (list []string) {
	for _, p := range x.post {
		if x.done[p] == 0 && elsewhere[p] == "" {
			list = append(list, p)
		}
	}
	return list
}

// desk opens one person's pages and sends the forms on them that still miss.
func (x *trial) desk(login string, round int) {
	found := map[string][]htmlForm{}
	at := map[string]string{}
	each := 2
	if round == 0 && (login == "nangang1" || login == "daoli1") {
		x.next[login] = append(x.next[login], x.deedsOf(login)...)
	}
	if strings.HasPrefix(login, "firm") {
		each = 8 // records in many states
		if round == 0 {
			x.next[login] = append(x.next[login], x.repairsOf(login)...)
		}
	}
	x.walk(login, each, slices.Concat(x.next[login], homes, []string{"/enterprise/records?state=effective", "/enterprise/records?state=noticed"}), func(path string, a answer) {
		for _, f := range forms(path, a.body) {
			if p := x.pattern(f.action); p != "" && len(found[p]) < 4 {
				found[p] = append(found[p], f)
				at[f.action] = path
			}
		}
	})
	if login == "city1" {
		found["/account/sessions/end"] = []htmlForm{{action: "/account/sessions/end", controls: []control{{name: "_csrf", kind: "hidden"}, {name: "_once", kind: "hidden", value: fmt.Sprint("0123456789ABCDEF", round)}}}}
	}
	order := slices.Sorted(maps.Keys(found))
	if round%2 == 1 {
		slices.Reverse(order)
	}
	for _, p := range order {
		most := 1
		if slices.Contains(plenty, p) {
			most = 8
		}
		for i, f := range found[p] {
			if elsewhere[p] != "" || x.done[p] >= most || x.lately[p+login] > round {
				continue
			}
			x.lately[p+login] = round + 1
			if s := x.fill(f, round+i, x.fixed(p, login)); x.prepare(p, &s) {
				x.try(p, login, s)
			}
		}
	}
}

// try sends one form in every way that must change nothing, then properly, then
// again.
func (x *trial) try(p, login string, s sending) {
	t := x.t
	x.tried[p]++
	before, _ := x.tally()
	same := func(what string, a answer) {
		t.Helper()
		if now, kind := x.tally(); now != before {
			t.Errorf("POST %s as %q, %s: %d new events (%s), status %d", p, login, what, now-before, kind, a.status)
		}
	}
	a := x.as(login).send(t, x.stamped(login, s.with("owner_id", "1")))
	if a.status == http.StatusNotFound {
		return // what was to be changed has gone its way meanwhile
	}
	if a.status != http.StatusBadRequest {
		t.Errorf("POST %s as %q with a field too many: %d", p, login, a.status)
	} else {
		x.refused++
		same("with a field too many", a)
	}
	if login != "" && !open.MatchString(p) {
		half := x.as(login+"/half").send(t, x.stamped(login+"/half", s))
		if half.status < 300 || half.status == http.StatusSeeOther && !strings.HasPrefix(half.to(), "/login") {
			t.Errorf("POST %s as %q with one factor: %d to %s", p, login, half.status, half.to())
		}
		same("with one factor", half)
		if old := x.as(login+"/old").send(t, x.stamped(login+"/old", s)); strings.HasPrefix(old.to(), "/stepup") {
			x.fresh[p] = true
			same("with an old second factor", old)
		}
	}
	mute := 0
	if now, _ := x.tally(); now == before && x.muted[p] < 2 {
		x.muted[p]++
		mute = x.mute(p, login, s)
	}
	a = x.as(login).send(t, x.stamped(login, s))
	after, kind := x.tally()
	if after == before {
		x.why[p] = fmt.Sprintf("%d as %q, %s", a.status, login, complaint(a.body))
		return
	}
	x.done[p]++
	if a.to() != "" {
		x.next[login] = append([]string{a.to()}, x.next[login]...)
	}
	if mute != 0 && mute < 500 {
		t.Errorf("POST %s as %q: %d while the log can't be written, %d when it can", p, login, mute, a.status)
	}
	again := x.as(login).send(t, x.stamped(login, s))
	if last, _ := x.tally(); last != after || again.status >= 500 || a.status == http.StatusSeeOther && again.to() != a.to() {
		t.Errorf("POST %s as %q twice: %d then %d events (%s); status %d to %q, then %d to %q", p, login, after-before, last-after, kind, a.status, a.to(), again.status, again.to())
	}
}

// mute takes the audit log away and sends the form: nothing may change.
func (x *trial) mute(p, login string, s sending) (status int) {
	t := x.t
	before := x.digest()
	mute, unmute := `CREATE TRIGGER audit_event_mute BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'no log'); END`, `DROP TRIGGER audit_event_mute`
	if x.DB.Engine() == "postgres" {
		x.exec(`CREATE OR REPLACE FUNCTION audit_event_mute() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no log''; END'`)
		mute, unmute = `CREATE TRIGGER audit_event_mute BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_event_mute()`, `DROP TRIGGER audit_event_mute ON audit_event`
	}
	x.exec(mute)
	a := x.as(login).send(t, x.stamped(login, s))
	x.exec(unmute)
	after := x.digest()
	for table, sum := range after {
		if sum != before[table] && table != "identity_try" && table != "table_change" {
			t.Errorf("POST %s as %q without a log: table %s changed, status %d", p, login, table, a.status)
		}
	}
	return a.status
}

func (x *trial) exec(query string) {
	x.t.Helper()
	err := x.DB.Write(x.t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(x.t.Context(), query); return err })
	if err != nil {
		x.t.Fatal(err)
	}
}

// digest stands for everything in the database, by table.
func (x *trial) digest() map[string]string {
	x.t.Helper()
	out := map[string]string{}
	text := func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) }
	tables, sum := `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`, func(tx *db.Tx, table string) (string, error) {
		cols, err := db.All(x.t.Context(), tx, text, `SELECT 'COALESCE(LENGTH("' || name || '"), 0) || COALESCE(SUBSTR(HEX("' || name || '"), 1, 40), 0)' FROM pragma_table_info('`+table+`')`)
		if err != nil || len(cols) == 0 {
			return "", err
		}
		return db.Value[string](x.t.Context(), tx, `SELECT COUNT(*) || ' ' || COALESCE(GROUP_CONCAT(`+strings.Join(cols, ` || `)+`), '') FROM "`+table+`"`)
	}
	if x.DB.Engine() == "postgres" {
		tables, sum = `SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1`, func(tx *db.Tx, table string) (string, error) {
			return db.Value[string](x.t.Context(), tx, `SELECT COALESCE(md5(string_agg(t::text, '' ORDER BY t::text)), '') FROM `+table+` t`)
		}
	}
	err := x.DB.Read(x.t.Context(), func(tx *db.Tx) error {
		list, err := db.All(x.t.Context(), tx, text, tables)
		if err != nil {
			return err
		}
		for _, table := range list {
			if out[table], err = sum(tx, table); err != nil {
				return err
			}
		}
		return nil
	})
	if len(out) < 30 {
		x.t.Fatalf("only %d tables", len(out))
	}
	if err != nil {
		x.t.Fatal(err)
	}
	return out
}

// stamped is a form with a token of that session.
func (x *trial) stamped(token string, s sending) sending {
	c := x.as(token)
	for _, f := range forms("/enterprise-account", c.get(x.t.Context(), "/enterprise-account").body) {
		for _, k := range f.controls {
			if k.name == "_csrf" {
				return s.with("_csrf", k.value)
			}
		}
	}
	return s
}
