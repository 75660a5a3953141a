package tlog_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/seal"
	"juli/internal/tlog"
)

// newLog routes "test.act" into a fresh log.
func newLog(t *testing.T, d *db.DB) *tlog.Log {
	t.Helper()
	write(t, d, func(tx *db.Tx) error {
		return audit.SetRoutes(t.Context(), tx, audit.Routes{"test.act": {tlog.Consumer}})
	})
	return &tlog.Log{Keys: seal.Ephemeral(), City: "2301", Describe: func(_ context.Context, _ *db.Tx, e audit.Event) (tlog.Act, error) {
		return tlog.Act{Kind: e.Kind, Title: "公布", Object: e.Object, At: e.At, Text: "第<1>号 & 𠮷"}, nil
	}}
}

func write(t *testing.T, d *db.DB, fn func(*db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, d *db.DB, fn func(*db.Tx) error) {
	t.Helper()
	if err := d.Read(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// act writes n official acts and sequences them in one batch or more.
func act(t *testing.T, d *db.DB, l *tlog.Log, n int) {
	t.Helper()
	write(t, d, func(tx *db.Tx) error {
		for i := range n {
			if err := audit.Append(t.Context(), tx, authz.System("test"), "test.act", fmt.Sprintf("thing:%d", i), nil); err != nil {
				return err
			}
		}
		return nil
	})
	for done := false; !done; {
		write(t, d, func(tx *db.Tx) error {
			took, err := l.Sequence(t.Context(), tx)
			done = took == 0
			return err
		})
	}
}

// reader reads the log as an outsider does, by paths alone.
func reader(t *testing.T, d *db.DB) *tlog.Reader {
	t.Helper()
	r := &tlog.Reader{Fetch: func(path string) (out []byte, err error) {
		err = d.Read(t.Context(), func(tx *db.Tx) error {
			if path == "checkpoint" {
				c, _, err := tlog.Latest(t.Context(), tx)
				out = []byte(c.Note)
				return err
			}
			tile, err := tlog.ParsePath(path)
			if err != nil {
				return err
			}
			out, err = tlog.Tile(t.Context(), tx, tile)
			return err
		})
		return out, err
	}}
	read(t, d, func(tx *db.Tx) error {
		p, err := tlog.ProofOf(t.Context(), tx, 0)
		r.Verifier = p.Verifier
		return err
	})
	return r
}

func TestEveryEntryIsProvedAndEveryCheckpointHolds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := newLog(t, d)
		var earlier []string
		for _, n := range []int{1, 1, 3, 250, 2, 300} {
			act(t, d, l, n)
			r := reader(t, d)
			tree, text, err := r.Head()
			if err != nil {
				t.Fatal(err)
			}
			for _, old := range earlier {
				if err := r.Consistent(tree, old); err != nil {
					t.Errorf("%d entries: %v", tree.N, err)
				}
			}
			earlier = append(earlier, text)
		}
		r := reader(t, d)
		tree, _, err := r.Head()
		if err != nil {
			t.Fatal(err)
		}
		if tree.N != 557 {
			t.Fatalf("%d entries, want 557", tree.N)
		}
		read(t, d, func(tx *db.Tx) error { return tlog.Check(t.Context(), tx) })
		seen := int64(0)
		if err := r.All(tree, func(e tlog.Entry) error {
			if e.Number != seen {
				return fmt.Errorf("entry %d after %d", e.Number, seen-1)
			}
			seen++
			return nil
		}); err != nil || seen != tree.N {
			t.Errorf("%d entries read: %v", seen, err)
		}
		for _, n := range []int64{0, 255, 256, 511, 512, 556} {
			if e, err := r.Entry(tree, n); err != nil || e.Text != "第<1>号 & 𠮷" {
				t.Errorf("entry %d: %+v %v", n, e, err)
			}
			proveFile(t, d, n)
		}
		if _, err := r.Entry(tree, 557); err == nil {
			t.Error("an entry beyond the end was proved")
		}
	})
}

// proveFile checks the proof of one entry as a file, and that no other byte of
// it passes.
func proveFile(t *testing.T, d *db.DB, number int64) {
	t.Helper()
	var p tlog.Proof
	read(t, d, func(tx *db.Tx) (err error) {
		p, err = tlog.ProofOf(t.Context(), tx, number)
		return err
	})
	file := p.File()
	e, err := tlog.CheckFile(file, p.Verifier)
	if err != nil || e.Number != number || e.Kind != "test.act" {
		t.Fatalf("proof of %d: %+v %v", number, e, err)
	}
	other := tlog.Proof{Entry: p.Entry, Hashes: p.Hashes, Checkpoint: p.Checkpoint}
	other.Entry.Body = []byte(strings.Replace(string(p.Entry.Body), "公布", "撤回", 1))
	if _, err := tlog.CheckFile(other.File(), p.Verifier); err == nil {
		t.Errorf("a changed entry %d was proved", number)
	}
}

// AUD-4: whatever is changed in the stored log, a reader notices.
func TestTamperingIsNoticed(t *testing.T) {
	d := dbtest.SQLite(t)
	l := newLog(t, d)
	act(t, d, l, 300)
	r := reader(t, d)
	fetch, rnd := r.Fetch, rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a seeded walk, no secret
	tree, _, err := r.Head()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2000 {
		bad := &tlog.Reader{Verifier: r.Verifier}
		kind, at := i%5, rnd.IntN(1<<20)
		bad.Fetch = func(path string) ([]byte, error) {
			b, err := fetch(path)
			if err != nil || path == "checkpoint" != (kind == 0) {
				return b, err
			}
			return tampered(b, kind, at), nil
		}
		if noticed(bad, tree.N) == nil {
			t.Fatalf("case %d (kind %d at %d) was not noticed", i, kind, at)
		}
	}
}

// tampered is b with a byte flipped, a piece dropped, doubled or moved.
func tampered(b []byte, kind, at int) []byte {
	at %= len(b)
	out := append([]byte(nil), b...)
	switch kind {
	case 0, 1: // the checkpoint, or any tile
		out[at] ^= 1
	case 2:
		return out[:at]
	case 3:
		return append(out[:at], b[max(0, at-32):]...)
	case 4:
		for i := range out[at:] {
			out[at+i] = b[len(b)-1-i]
		}
		if string(out) == string(b) {
			out[at] ^= 1
		}
	}
	if string(out) == string(b) {
		out = append(out, 0)
	}
	return out
}

func noticed(r *tlog.Reader, size int64) error {
	tree, _, err := r.Head()
	if err != nil {
		return err
	}
	if tree.N != size {
		return errors.New("size")
	}
	return r.All(tree, func(tlog.Entry) error { return nil })
}

// A tree that was changed under the log is never signed: two checkpoints never
// contradict each other.
func TestAContradictionIsNotSigned(t *testing.T) {
	d := dbtest.SQLite(t)
	l := newLog(t, d)
	act(t, d, l, 5)
	write(t, d, func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), `DROP TRIGGER tlog_hash_no_update`); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `UPDATE tlog_hash SET hash = $1 WHERE number = 6`, make([]byte, 32))
		return err
	})
	if err := d.Read(t.Context(), func(tx *db.Tx) error { return tlog.Check(t.Context(), tx) }); err == nil {
		t.Error("the self-check passed a changed tree")
	}
	write(t, d, func(tx *db.Tx) error {
		return audit.Append(t.Context(), tx, authz.System("test"), "test.act", "thing:6", nil)
	})
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := l.Sequence(t.Context(), tx)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "contradicts") {
		t.Errorf("signed over a changed tree: %v", err)
	}
}

func TestPaths(t *testing.T) {
	for _, good := range []string{"tile/0/000", "tile/0/x001/x234/067", "tile/5/000.p/1", "tile/entries/x001/000.p/255"} {
		tile, err := tlog.ParsePath(good)
		if err != nil || tlog.Path(tile) != good {
			t.Errorf("%s: %v, %s", good, err, tlog.Path(tile))
		}
	}
	for _, bad := range []string{
		"", "checkpoint", "tile/8/0/000", "tile/6/000", "tile/00/000", "tile/0/1", "tile/0/x000/001", "tile/0/000.p/0",
		"tile/0/000.p/256", "tile/0/-01", "tile/0/x001/234/567", "tile/0/../000", "tile/entries/000.p/+1",
	} {
		if tile, err := tlog.ParsePath(bad); err == nil {
			t.Errorf("%s is taken as %v", bad, tile)
		}
	}
}

func FuzzCheckFile(f *testing.F) {
	f.Add([]byte("c2sp.org/tlog-proof@v1\nextra e30=\nindex 0\n\njuli/2301/x\n1\nAAAA\n\n— x y\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, err := tlog.CheckFile(file, "juli/2301/00+deadbeef+AQ=="); err == nil {
			t.Error("a proof without a key was believed")
		}
	})
}

func TestAnEntrysBytesStay(t *testing.T) {
	at, err := tlog.Decode([]byte(`{"v":1,"kind":"credit.published","title":"公布","object":"x:1","at":"2021-04-08T09:00:00+08:00","role":"city_bureau"}`))
	if err != nil {
		t.Fatal(err)
	}
	b, err := at.Encode()
	if err != nil || !json.Valid(b) {
		t.Fatal(string(b), err)
	}
	if want := `{"v":1,"kind":"credit.published","title":"公布","object":"x:1","at":"2021-04-08T09:00:00+08:00","role":"city_bureau"}`; string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
	if _, err := tlog.Decode([]byte(`{"v":2}`)); err == nil {
		t.Error("a newer form was read as ours")
	}
}
