package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/seal"
)

const (
	kills    = 8
	readyMax = 3 * time.Second // CRS-1
)

// build makes the real program, once for all tests.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "juli-program-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "juli")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", errors.Join(err, errors.New(string(out)))
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := build(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// A place is what the program is pointed at by its environment.
type place struct {
	program string
	env     []string
	address string // of the database
}

// places makes an empty city per engine of the run.
func places(t *testing.T, fn func(t *testing.T, c place)) {
	t.Helper()
	program, err := build()
	if err != nil {
		t.Fatal(err)
	}
	only := os.Getenv("JULI_TEST_ENGINE")
	if only != "postgres" {
		t.Run("sqlite", func(t *testing.T) {
			address := "sqlite://" + filepath.Join(t.TempDir(), "city.db")
			fn(t, place{program, []string{"JULI_DB=" + address, "JULI_ADDR=127.0.0.1:0"}, address})
		})
	}
	if os.Getenv("JULI_TEST_PG") != "" && only != "sqlite" {
		t.Run("postgres", func(t *testing.T) {
			address, keys := dbtest.PostgresURL(t), filepath.Join(t.TempDir(), "keys")
			if err := seal.CreateFile(keys); err != nil {
				t.Fatal(err)
			}
			fn(t, place{program, []string{"JULI_DB=" + address, "JULI_ADDR=127.0.0.1:0", "JULI_KEYS=" + keys, "JULI_FILES=" + t.TempDir()}, address})
		})
	}
}

func (c place) command(args ...string) *exec.Cmd {
	cmd := exec.Command(c.program, args...)
	cmd.Env = append(os.Environ(), c.env...)
	return cmd
}

// run runs a command to its end and returns what it printed.
func (c place) run(t *testing.T, want int, args ...string) string {
	t.Helper()
	cmd := c.command(args...)
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != want {
		t.Fatalf("juli %s: %v, want status %d\n%s", strings.Join(args, " "), err, want, out)
	}
	return string(out)
}

// serve starts the server and waits for the line that says it is ready.
func (c place) serve(t *testing.T) (cmd *exec.Cmd, base string) {
	t.Helper()
	cmd = c.command("serve")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, at, ok := strings.Cut(lines.Text(), "http://"); ok {
			base = "http://" + strings.TrimSuffix(at, "/")
			break
		}
	}
	if base == "" {
		t.Fatal("the server ended without a word")
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	if took := time.Since(began); took > readyMax {
		t.Errorf("ready after %v, want at most %v", took, readyMax)
	}
	return cmd, base
}

// lastWrite is the newest write that /readyz acknowledged.
func lastWrite(t *testing.T, c place) (at time.Time) {
	t.Helper()
	d, err := db.Open(t.Context(), c.address)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = d.Read(t.Context(), func(tx *db.Tx) error {
		text, err := db.Value[string](t.Context(), tx, `SELECT value FROM meta WHERE key = 'ready'`)
		if err != nil {
			return err
		}
		at, err = time.Parse(time.RFC3339, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// CRS-1 on the real program: killed in the midst of writing, it is ready again
// within three seconds, what it acknowledged is there, and the doctor finds
// nothing.
func TestTheProgramSurvivesBeingKilled(t *testing.T) {
	places(t, func(t *testing.T, c place) {
		for i := range kills {
			cmd, base := c.serve(t)
			var acked time.Time
			stop := time.AfterFunc(time.Duration(50+37*i)*time.Millisecond, func() { _ = cmd.Process.Kill() })
			for {
				before := time.Now().Truncate(time.Second)
				res, err := http.Get(base + "/readyz")
				if err != nil {
					break
				}
				res.Body.Close()
				if res.StatusCode == http.StatusOK {
					acked = before
				}
			}
			stop.Stop()
			if err := cmd.Wait(); err == nil {
				t.Fatal("a killed program ended well")
			}
			if acked.IsZero() {
				continue // killed before its first answer
			}
			if got := lastWrite(t, c); got.Before(acked) {
				t.Errorf("cycle %d: the write of %v was acknowledged, the newest is of %v", i, acked, got)
			}
		}
		var findings []struct {
			Key string
			OK  bool
		}
		if err := json.Unmarshal([]byte(c.run(t, 0, "doctor", "--json")), &findings); err != nil || len(findings) < 5 {
			t.Fatalf("doctor: %d findings, %v", len(findings), err)
		}
		for _, f := range findings {
			if !f.OK {
				t.Errorf("doctor: %s", f.Key)
			}
		}
	})
}

// SHD-1: the first SIGTERM lets the server end well. CRS-8: a second server on
// the same SQLite file refuses, reading commands and a backup run beside it.
func TestTheProgramEndsWellAndSharesItsDatabase(t *testing.T) {
	places(t, func(t *testing.T, c place) {
		cmd, base := c.serve(t)
		if strings.HasPrefix(c.address, "sqlite") {
			if said := c.run(t, 1, "serve"); !strings.Contains(said, "juli:") || strings.Contains(said, "演示账号") {
				t.Errorf("a second server says %q", said)
			}
		}
		c.run(t, 0, "figures", "--json")
		c.run(t, 0, "keys", "rotate")
		c.run(t, 0, "keys", "master")
		c.run(t, 0, "migrate")
		file := filepath.Join(t.TempDir(), "city.jb")
		c.run(t, 0, "backup", file)
		c.run(t, 0, "verify", file)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text[len(text)/2] ^= 1
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if said := c.run(t, 1, "verify", file); !strings.Contains(said, "backup.damaged") {
			t.Errorf("verify of a damaged file says %q", said)
		}

		res, err := http.Get(base + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("after SIGTERM: %v, want status 0", err)
		}
	})
}

func TestTheProgramRefusesPlainly(t *testing.T) {
	places(t, func(t *testing.T, c place) {
		for _, tt := range []struct {
			want int
			args []string
		}{
			{2, []string{"no-such-command"}},
			{2, []string{"serve", "--no-such-flag"}},
			{1, []string{"serve", "--db", "mysql://x"}},
			{2, nil},
			{2, []string{"evaluate", "--as-of", "yesterday"}},
			{2, []string{"figures", "--as-of", "2021-02-30"}},
			{2, []string{"serve", "--admin-addr", "0.0.0.0:9090"}},
			{2, []string{"serve", "--proxies", "everybody"}},
			{0, []string{"--help"}},
		} {
			if out := c.run(t, tt.want, tt.args...); strings.Contains(out, "goroutine ") {
				t.Errorf("juli %s panics:\n%s", strings.Join(tt.args, " "), out)
			}
		}
	})
}
