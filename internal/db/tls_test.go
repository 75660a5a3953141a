package db_test

import (
	"context"
	"testing"
	"time"

	"juli/internal/db"
	"juli/internal/fault"
)

// CRY-5: a database on another machine is not spoken to unless its certificate
// is checked with its name.
func TestDatabasesElsewhereAreVerified(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	for address, refused := range map[string]bool{
		"postgres://juli@192.0.2.1/juli":                                  true,
		"postgres://juli@192.0.2.1/juli?sslmode=disable":                  true,
		"postgres://juli@192.0.2.1/juli?sslmode=allow":                    true,
		"postgres://juli@192.0.2.1/juli?sslmode=prefer":                   true,
		"postgres://juli@192.0.2.1/juli?sslmode=require":                  true,
		"postgres://juli@192.0.2.1/juli?sslmode=verify-ca":                true,
		"postgres://juli@127.0.0.1:1,192.0.2.1:5432/juli?sslmode=disable": true,
		"postgres://juli@db.invalid/juli?sslmode=require":                 true,
		"postgres://juli@localhost.evil.invalid/juli?sslmode=disable":     true,
		"postgres://juli@db.invalid/juli?sslmode=verify-full":             false,
		"postgres://juli@127.0.0.1:1/juli?sslmode=disable":                false,
		"postgres://juli@[::1]:1/juli?sslmode=disable":                    false,
		"postgres:///juli?host=/nowhere&sslmode=disable":                  false,
		"postgres://juli@db.invalid,127.0.0.1:1/juli?sslmode=verify-full": false,
	} {
		_, err := db.Open(ctx, address)
		if err == nil {
			t.Errorf("%s: opened", address)
		}
		if got := fault.Is(err, "db.tls"); got != refused {
			t.Errorf("%s: %v, refused for its link: want %v", address, err, refused)
		}
	}
}
