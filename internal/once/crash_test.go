package once_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/once"
)

const (
	crashWriters = 4
	crashPool    = 1_000_000 // what is moved, one at a time
)

// cycles is how often the process is killed: 25 here, JULI_CRASH_CYCLES=10000
// for the claim of a release.
func cycles(t *testing.T) int {
	t.Helper()
	text := os.Getenv("JULI_CRASH_CYCLES")
	if text == "" {
		return 25
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// CRS-1: a process that is killed at any instant loses nothing that it
// acknowledged, leaves nothing half done, and whoever asks again with the same
// key learns what became of the act whose outcome was unknown.
func TestKilledAtAnyInstantNothingAcknowledgedIsLost(t *testing.T) {
	for engine, address := range crashAddresses(t) {
		t.Run(engine, func(t *testing.T) {
			prepareCrash(t, address)
			seed := uint64(20210415)
			r := rand.New(rand.NewPCG(seed, 1))
			acked := make([]int, crashWriters)
			unknown := 0
			for range cycles(t) {
				crash(t, address, acked, time.Duration(5+r.IntN(120))*time.Millisecond)
				unknown += checkCrash(t, address, acked)
				if t.Failed() {
					t.Fatalf("seed %d, acknowledged %v", seed, acked)
				}
			}
			total := 0
			for _, n := range acked {
				total += n
			}
			if total == 0 {
				t.Error("nothing was ever acknowledged: the test tested nothing")
			}
			t.Logf("%d cycles, seed %d: %d acts acknowledged, 0 lost, %d present and unacknowledged", cycles(t), seed, total, unknown)
		})
	}
}

// crashAddresses makes a migrated database per engine of the run. SQLite's is
// opened with the settings of a server: nothing is left unsynced.
func crashAddresses(t *testing.T) map[string]string {
	t.Helper()
	addresses := map[string]string{}
	only := os.Getenv("JULI_TEST_ENGINE")
	if only != "postgres" {
		address := "sqlite://" + filepath.Join(t.TempDir(), "crash.db")
		d, err := db.Open(t.Context(), address)
		if err := errors.Join(err, d.Migrate(t.Context()), d.Close()); err != nil {
			t.Fatal(err)
		}
		addresses["sqlite"] = address
	}
	if os.Getenv("JULI_TEST_PG") != "" && only != "sqlite" {
		addresses["postgres"] = dbtest.PostgresURL(t)
	}
	return addresses
}

func openCrash(ctx context.Context, address string) (*db.DB, error) {
	if strings.HasPrefix(address, "sqlite") {
		return db.Open(ctx, address)
	}
	return db.Open(ctx, address, db.Unsafe()) // the test server forgets power cuts, not kills
}

func prepareCrash(t *testing.T, address string) {
	t.Helper()
	d, err := openCrash(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close() // between two processes nobody holds the files
	err = d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO meta (key, value) VALUES ('from', $1), ('to', '0')`, strconv.Itoa(crashPool))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// crash starts a process of writers, kills it after a while, and counts what it
// acknowledged: each writer begins with the first act it has no answer for.
func crash(t *testing.T, address string, acked []int, after time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashWriters$", "-test.count=1")
	cmd.Env = append(os.Environ(), "JULI_CRASH_DB="+address, "JULI_CRASH_FROM="+strings.Trim(fmt.Sprint(acked), "[]"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	var timer *time.Timer
	for {
		line, err := lines.ReadString('\n')
		if err != nil { // a line without its end was not acknowledged
			if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) {
				t.Error(err)
			}
			break
		}
		var writer, act int
		switch {
		case line == "ready\n":
			timer = time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		case scanLine(line, &writer, &act):
			if act != acked[writer] {
				t.Errorf("writer %d acknowledged act %d, want %d", writer, act, acked[writer])
			}
			acked[writer]++
		default:
			t.Errorf("the process says %q", line)
		}
	}
	if timer == nil {
		t.Fatal("the process was never ready")
	}
	timer.Stop()
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("the process ended by itself: %v", err)
	}
}

func scanLine(line string, writer, act *int) bool {
	n, err := fmt.Sscanf(line, "ack %d %d\n", writer, act)
	return err == nil && n == 2
}

// checkCrash compares the tables with what was acknowledged and returns how many
// acts are there although nobody was told.
func checkCrash(t *testing.T, address string, acked []int) (unknown int) {
	t.Helper()
	d, err := openCrash(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = d.Read(t.Context(), func(tx *db.Tx) error {
		done, ctx := 0, t.Context()
		for writer, want := range acked {
			n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM meta WHERE key LIKE $1`, fmt.Sprintf("act-%d-%%", writer))
			if err != nil {
				return err
			}
			if int(n) != want && int(n) != want+1 {
				t.Errorf("writer %d: %d acts are there, %d were acknowledged", writer, n, want)
			}
			done += int(n)
			unknown += int(n) - want
		}
		from, err := db.Value[string](ctx, tx, `SELECT value FROM meta WHERE key = 'from'`)
		if err != nil {
			return err
		}
		to, err := db.Value[string](ctx, tx, `SELECT value FROM meta WHERE key = 'to'`)
		if from != strconv.Itoa(crashPool-done) || to != strconv.Itoa(done) {
			t.Errorf("%d acts, but %s left and %s arrived: something is half done", done, from, to)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return unknown
}

// TestCrashWriters is the process that crash kills; by itself it does nothing.
func TestCrashWriters(t *testing.T) {
	address := os.Getenv("JULI_CRASH_DB")
	if address == "" {
		return
	}
	d, err := openCrash(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	say := func(words ...any) error {
		_, err := fmt.Fprintln(os.Stdout, words...)
		return err
	}
	if err := say("ready"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for writer, first := range strings.Fields(os.Getenv("JULI_CRASH_FROM")) {
		wg.Go(func() {
			act, err := strconv.Atoi(first)
			for ; err == nil; act++ {
				if err = move(t.Context(), d, writer, act); err == nil {
					err = say("ack", writer, act)
				}
			}
			t.Error(say(err))
		})
	}
	wg.Wait()
}

// move is one act: a unit leaves one row, arrives at another and is written
// down, at most once for its key.
func move(ctx context.Context, d *db.DB, writer, act int) error {
	name := fmt.Sprintf("act-%d-%d", writer, act)
	return d.Write(ctx, func(tx *db.Tx) error {
		_, _, _, err := once.Do(ctx, tx, "crash", "key-of-"+name, []byte(name), func() (int, []byte, error) {
			_, e1 := tx.Exec(ctx, `UPDATE meta SET value = CAST(CAST(value AS BIGINT) - 1 AS TEXT) WHERE key = 'from'`)
			_, e2 := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES ($1, '1')`, name)
			_, e3 := tx.Exec(ctx, `UPDATE meta SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key = 'to'`)
			return 200, []byte("done"), errors.Join(e1, e2, e3)
		})
		return err
	})
}
