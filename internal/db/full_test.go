package db_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"juli/internal/db"
	"juli/internal/fault"
)

const (
	fullSize   = 96 << 20 // of the small disk
	fullRoom   = 64 << 10 // what is left of it before the writing begins
	fullCycles = 50       // the city grows with each
)

// CRS-4: on a full disk writing is refused with a sentence, reading goes on,
// nothing is half done or damaged, and room on the disk heals it. The disk is a
// small tmpfs, mounted in a namespace of the child process, so that nobody else
// sees it and nobody needs to be root.
func TestAFullDiskRefusesAndHeals(t *testing.T) {
	dir := os.Getenv("JULI_FULL_DIR")
	if dir == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestAFullDiskRefusesAndHeals$", "-test.count=1", "-test.v")
		cmd.Env = append(os.Environ(), "JULI_FULL_DIR="+t.TempDir())
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	if err := syscall.Mount("juli", dir, "tmpfs", 0, fmt.Sprintf("size=%d", fullSize)); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), "sqlite://"+filepath.Join(dir, "city.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(dir, "ballast")
	for cycle := range fullCycles {
		fillDisk(t, dir, ballast)
		kept := writeUntilRefused(t, d, cycle)
		if got := rowsOf(t, d, cycle); got != 2*kept {
			t.Fatalf("cycle %d: %d rows, want the %d of %d acknowledged acts", cycle, got, 2*kept, kept)
		}
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		if err := pair(t.Context(), d, cycle, kept); err != nil {
			t.Fatalf("cycle %d: with room again: %v", cycle, err)
		}
	}
}

// fillDisk leaves only a little room.
func fillDisk(t *testing.T, dir, path string) {
	t.Helper()
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if room := int64(disk.Bavail)*disk.Bsize - fullRoom; room > 0 {
		if err := syscall.Fallocate(int(f.Fd()), 0, 0, room); err != nil {
			t.Fatal(err)
		}
	}
}

// pair is one act of two rows.
func pair(ctx context.Context, d *db.DB, cycle, i int) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		for _, half := range []string{"a", "b"} {
			_, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES ($1, $2)`,
				fmt.Sprintf("full-%d-%d-%s", cycle, i, half), strings.Repeat("满", 700))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// writeUntilRefused acts until the disk is full and counts what was acknowledged.
func writeUntilRefused(t *testing.T, d *db.DB, cycle int) int {
	t.Helper()
	for i := range 10_000 {
		err := pair(t.Context(), d, cycle, i)
		if fault.Is(err, "db.full") {
			return i
		}
		if err != nil {
			t.Fatalf("cycle %d, act %d: %v, want db.full", cycle, i, err)
		}
	}
	t.Fatal("the disk never filled")
	return 0
}

func rowsOf(t *testing.T, d *db.DB, cycle int) (n int) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		said, err := db.Value[string](t.Context(), tx, `PRAGMA integrity_check`)
		if err != nil || said != "ok" {
			return fmt.Errorf("integrity: %q, %w", said, err)
		}
		count, err := db.Value[int64](t.Context(), tx, `SELECT COUNT(*) FROM meta WHERE key LIKE $1`, fmt.Sprintf("full-%d-%%", cycle))
		n = int(count)
		return err
	})
	if err != nil {
		t.Fatalf("reading on a full disk: %v", err)
	}
	return n
}
