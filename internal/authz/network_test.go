package authz_test

import (
	"testing"

	"juli/internal/authz"
)

func TestAllOfOneIPv6NetworkAreOneCaller(t *testing.T) {
	for addr, want := range map[string]string{
		"10.0.0.1":             "10.0.0.1",
		"10.0.0.2":             "10.0.0.2",
		"::ffff:10.0.0.1":      "10.0.0.1",
		"2001:db8:1:2::1":      "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::9": "2001:db8:1:2::/64",
		"2001:db8:1:3::1":      "2001:db8:1:3::/64",
		"fe80::1%eth0":         "fe80::/64",
		"":                     "",
		"unknown":              "unknown",
	} {
		if got := authz.Network(addr); got != want {
			t.Errorf("Network(%q) = %q, want %q", addr, got, want)
		}
	}
}
