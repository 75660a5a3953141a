//go:build !postgres

package app_test

import (
	"os"
	"strings"
	"testing"
)

// PI-7, CRY-2: a report, joined and rated by pages alone: whoever copies the files
// of the database then has neither the links that follow it, nor the tickets of the
// codes, nor a telephone.
func TestACopyOfTheDatabaseFollowsNoReport(t *testing.T) {
	e := newEstate(t)
	first := e.handsIn("door", "13912345671")
	number := e.reportOf(first).Number
	second := e.confirmed("/report/join/"+number, number, "phone", "13912345672")
	again := e.confirmed("/report/find", "/report/find", "number", number, "phone", "13912345671")
	var copied []byte
	for _, end := range []string{"", "-wal"} {
		part, err := os.ReadFile(e.DB.Path() + end)
		if err != nil && end == "" {
			t.Fatal(err)
		}
		copied = append(copied, part...)
	}
	if !strings.Contains(string(copied), number) {
		t.Fatal("the copy does not hold the report")
	}
	all := []secret{{"first telephone", "13912345671"}, {"second telephone", "13912345672"}}
	for _, link := range []string{first, second, again} {
		all = append(all, secret{"link", strings.TrimPrefix(link, "/report/follow/")})
	}
	absent(t, "the copy", copied, all)
	for _, one := range []string{"/report/follow/", "/report/confirm/"} {
		if strings.Contains(string(copied), one) {
			t.Errorf("the copy holds an address of %s", one)
		}
	}
}
