package app_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"juli/internal/app"
	"juli/internal/authz"
	"juli/internal/city"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/seal"
)

// A town is a small demo city with its site.
type town struct {
	*app.App
	site     http.Handler
	accounts map[string]city.Account // by login
}

// newTown is a town of the test's own, a copy of one that was built once.
func newTown(t *testing.T) town {
	t.Helper()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	model.once.Do(func() { model.build(t) })
	if model.accounts == nil {
		t.Fatal("the model town could not be built")
	}
	cfg := townConfig(t.TempDir())
	err := errors.Join(os.CopyFS(filepath.Dir(cfg.Keys), os.DirFS(model.dir)), os.Chmod(cfg.Keys, 0o600))
	if err != nil {
		t.Fatal(err)
	}
	if model.address != "" {
		cfg.DB = dbtest.PostgresCopy(t, model.address)
	}
	a, err := app.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return town{a, a.Handler(), model.accounts}
}

func townConfig(dir string) app.Config {
	return app.Config{DB: "sqlite://" + filepath.Join(dir, "town.db"), Folder: filepath.Join(dir, "files"), Keys: filepath.Join(dir, "keys"), Unsafe: true}
}

// model is the town that the others are copies of.
var model modelTown

type modelTown struct {
	once     sync.Once
	dir      string // database if SQLite, files, keys
	address  string // of its database on PostgreSQL
	accounts map[string]city.Account
	drop     func() error
}

func (m *modelTown) build(t *testing.T) {
	t.Helper()
	var err error
	if m.dir, err = os.MkdirTemp("", "juli-town"); err != nil { //nolint:usetesting // it outlives the test
		t.Fatal(err)
	}
	cfg := townConfig(m.dir)
	if os.Getenv("JULI_TEST_ENGINE") == "postgres" {
		m.address, m.drop = dbtest.PostgresModel(t)
		cfg.DB = m.address
		if err := seal.CreateFile(cfg.Keys); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background() // shared by the tests of this process
	a, err := app.Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	list, err := a.BuildDemo(ctx, city.Options{Scale: city.Small, Seed: 3, Until: day.MustParse("2021-07-31")})
	if err := errors.Join(err, a.Close(), os.Remove(city.AccountsPath(cfg.DB))); err != nil {
		t.Fatal(err)
	}
	m.accounts = map[string]city.Account{}
	for _, one := range list {
		m.accounts[one.Login] = one
	}
}

func (m *modelTown) remove() error {
	err := os.RemoveAll(m.dir)
	if m.drop != nil {
		err = errors.Join(err, m.drop())
	}
	return err
}

func TestMain(m *testing.M) {
	m.Run() // its result is the program's
	if err := model.remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// actor is the holder of a demo account.
func (tn town) actor(t *testing.T, login string) (who authz.Actor) {
	t.Helper()
	err := tn.DB.Read(t.Context(), func(tx *db.Tx) error {
		id, err := db.Value[db.ID](t.Context(), tx, `SELECT id FROM identity_account WHERE login = $1`, login)
		if err != nil {
			return err
		}
		who, err = tn.Identity.ActorOf(t.Context(), tx, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return who
}
