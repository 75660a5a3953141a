//go:build !postgres

package app_test

import (
	"regexp"
	"strings"
	"testing"

	"juli/internal/code"
)

var (
	numbers = regexp.MustCompile(`(?:^|[^0-9A-Za-z])([1-9]\d{16}[0-9X])(?:$|[^0-9A-Za-z])`)
	mobiles = regexp.MustCompile(`(?:^|[^0-9A-Za-z.])(1[3-9]\d{9})(?:$|[^0-9A-Za-z])`)
)

// unmasked are the pages on which a person's data stand in full, and why.
var unmasked = map[string]string{
	"/admin/requests/": "the district compares a request with its proof; each reading is an event",
}

// TestNobodyIsNamedInFull is PI-2: every page that every kind of person opens, and
// the lists that they take away, show no whole number of an identity card or a
// mobile phone.
func TestNobodyIsNamedInFull(t *testing.T) {
	tn := newTown(t)
	logins := []string{"city1", "nangang1", "street1", "community1", "association1", "firm1", "committee1", "sysadmin", "secadmin1", "auditadmin"}
	k := newClerk(t, tn, logins...)
	k.keep(scene{"a request", "", "PI", []string{"/enterprise-account"}, nil})
	k.keep(scene{"staff", "firm1", "PI", []string{"/enterprise/staff/new"}, nil})
	k.wide = true
	pages, entitled := 0, 0
	for _, login := range append([]string{""}, logins...) {
		starts := append([]string{"/", "/open-data"}, homes...)
		for _, list := range []string{"/bureau/records", "/bureau/enterprises", "/bureau/projects", "/bureau/filings", "/enterprise/records", "/enterprise/staff", "/admin/people", "/admin/requests", "/admin/audit", "/enterprises", "/projects"} {
			starts = append(starts, list+"?format=csv", list+"?format=xlsx", list+"?format=json")
		}
		k.walk(login, 4, starts, func(path string, a answer) {
			pages++
			for allowed := range unmasked {
				if strings.HasPrefix(path, allowed) {
					entitled += len(numbers.FindAllString(a.body, 5))
					return
				}
			}
			text := plain(a)
			for _, m := range numbers.FindAllStringSubmatch(text, 5) {
				if _, err := code.ParseIDNumber(m[1]); err == nil {
					t.Errorf("%s as %q shows an identity number", path, login)
				}
			}
			for _, m := range mobiles.FindAllStringSubmatch(text, 5) {
				t.Errorf("%s as %q shows the mobile number %s…", path, login, m[1][:3])
			}
		})
	}
	if pages < 300 || entitled == 0 {
		t.Errorf("only %d pages, and the test sees %d numbers where some stand", pages, entitled)
	}
	t.Logf("%d pages", pages)
}
