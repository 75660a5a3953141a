package app

import (
	"path/filepath"
	"testing"

	"juli/internal/notify"
)

// Every periodic work does its turn in a city that has just been opened, where
// it finds nothing to do, and again.
func TestPeriodicsRunInAnEmptyCity(t *testing.T) {
	a, err := Open(t.Context(), Config{DB: "sqlite://" + filepath.Join(t.TempDir(), "city.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	for _, p := range periodics {
		for range 2 {
			if err := p.do(a, t.Context()); err != nil {
				t.Errorf("%s: %v", p.kind, err)
			}
		}
	}
}

func TestChannels(t *testing.T) {
	for _, tt := range []struct {
		address string
		want    notify.Mail
		ok      bool
	}{
		{"", notify.Mail{}, true},
		{"smtp://u:p@mail.example.cn:2525?from=a@example.cn", notify.Mail{Host: "mail.example.cn", Port: 2525, User: "u", Password: "p", From: "a@example.cn"}, true},
		{"smtp://mail.example.cn", notify.Mail{}, false},
		{"http://mail.example.cn?from=a@example.cn", notify.Mail{}, false},
	} {
		got, err := channels(tt.address)
		if (err == nil) != tt.ok {
			t.Errorf("%q: %v", tt.address, err)
		}
		if tt.ok && tt.address != "" && (len(got) != 1 || got[0] != notify.Channel(tt.want)) {
			t.Errorf("%q = %+v, want %+v", tt.address, got, tt.want)
		}
	}
}
