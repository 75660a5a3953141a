package app

import (
	"os"
	"path/filepath"
	"testing"

	"juli/internal/authz"
	"juli/internal/city"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/notify"
	"juli/internal/seal"
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

// What the register itself shows is proposed once, for the project that lacks
// it, and waits for an official; a second look finds nothing new.
func TestFindingsOfACityAreProposedOnce(t *testing.T) {
	dir := t.TempDir()
	cfg := Config{DB: "sqlite://" + filepath.Join(dir, "town.db"), Folder: filepath.Join(dir, "files"), Keys: filepath.Join(dir, "keys"), Unsafe: true}
	if os.Getenv("JULI_TEST_ENGINE") == "postgres" {
		cfg.DB = dbtest.PostgresURL(t)
		t.Cleanup(func() { os.Remove(city.AccountsPath(cfg.DB)) })
		if err := seal.CreateFile(cfg.Keys); err != nil {
			t.Fatal(err)
		}
	}
	a, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if _, err := a.BuildDemo(t.Context(), city.Options{Scale: city.Small, Seed: 3, Until: day.MustParse("2021-07-31")}); err != nil {
		t.Fatal(err)
	}
	found := func() (n int64) {
		err := a.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			n, err = db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM credit_record r JOIN credit_current c ON c.record = r.id WHERE r.source = 'system' AND r.item = 'HRB-B03' AND c.state <> 'draft'`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	look := func() {
		t.Helper()
		if err := a.find(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	look()
	before := found()
	var left code.ProjectCode // by its only manager
	err = a.DB.Write(t.Context(), func(tx *db.Tx) error {
		text, err := db.Value[string](t.Context(), tx, `
			SELECT MIN(p.code) FROM project p
			WHERE p.state = 'ACTIVE' AND p.enterprise <> '' AND 1 = (SELECT COUNT(*) FROM staff o WHERE o.project = p.code AND o.post = 'MANAGER' AND o.served_to IS NULL)`)
		if err != nil {
			return err
		}
		left = code.ProjectCode(text)
		posts, err := a.Registry.StaffOfProject(t.Context(), tx, authz.System("test"), left, tx.Today())
		if err != nil {
			return err
		}
		for _, s := range posts {
			if s.Post == "MANAGER" {
				s.To = tx.Today().AddDays(-1)
				if _, err := a.Registry.PutStaffIn(t.Context(), tx, authz.System("test"), s); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	look()
	look()
	if n := found(); n != before+1 {
		t.Errorf("%d records after the manager left and two looks, %d before", n, before)
	}
	err = a.DB.Read(t.Context(), func(tx *db.Tx) error {
		state, err := db.Value[string](t.Context(), tx, `SELECT c.state FROM credit_current c WHERE c.item = 'HRB-B03' AND c.project = $1 ORDER BY c.record DESC LIMIT 1`, string(left))
		if err == nil && state != credit.RecordChecked {
			t.Errorf("what was found of %s stands at %q, want an official's identification", left, state)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
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
