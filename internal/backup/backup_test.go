package backup_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"juli/internal/backup"
	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/seal"
)

// keyring is a key file of its own.
func keyring(t testing.TB) *seal.Masters {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys")
	if err := seal.CreateFile(path); err != nil {
		t.Fatal(err)
	}
	return masters(t, path)
}

func masters(t testing.TB, path string) *seal.Masters {
	t.Helper()
	keys, err := seal.OpenMasters(path)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// place is a small city: rows of every type, and files of n bytes in all.
func place(t *testing.T, d *db.DB, n int) backup.Place {
	t.Helper()
	root := folder(t)
	for left := n; left > 0; left -= 70_000 {
		text := make([]byte, min(left, 70_000))
		r := rand.NewChaCha8([32]byte{byte(left), byte(left >> 8)})
		_, _ = r.Read(text)
		sum := sha256.Sum256(text)
		name := hex.EncodeToString(sum[:])
		if err := errors.Join(root.MkdirAll(name[:2], 0o700), root.WriteFile(name[:2]+"/"+name, text, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := root.WriteFile("half.part", []byte("unfinished"), 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		_, e1 := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES ('note', $1)`, "一段文字 with 'quotes' and \x01")
		_, e2 := tx.Exec(ctx, `INSERT INTO division (code, name, kind, parent, valid_from, valid_to) VALUES ($1, $2, $3, NULL, $4, NULL)`,
			"2301", "哈尔滨市", "city", "2020-01-01")
		_, e3 := tx.Exec(ctx, `INSERT INTO notify_number (series, year, last) VALUES ('甲', 2021, 600), ('乙', 2021, 400)`)
		_, e4 := tx.Exec(ctx, `
			INSERT INTO search_doc (id, kind, code, title, norm, detail, division, enterprise, project, open)
			VALUES ($1, 'a', 'x', '', '', '', '', '', '', TRUE), ($2, 'b', 'y', '', '', '', '', '', '', FALSE)`, tx.NewID(), tx.NewID())
		_, e5 := tx.Exec(ctx, `INSERT INTO search_posting (token, first, docs) VALUES ($1, $2, $3)`, "词", int64(-1)<<62, []byte{0, 255, 7})
		return errors.Join(e1, e2, e3, e4, e5)
	})
	return backup.Place{DB: d, Files: root}
}

func folder(t *testing.T) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

func write(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// archive is a backup of p in memory.
func archive(t *testing.T, keys *seal.Masters, p backup.Place) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := backup.Create(t.Context(), p, keys, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// content is every row of every table but the leases, and every file.
func content(t *testing.T, p backup.Place) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := p.DB.Read(t.Context(), func(tx *db.Tx) error {
		tables, err := tx.Tables(t.Context())
		if err != nil {
			return err
		}
		for _, table := range tables {
			scan := func(s db.Scanner) (string, error) {
				row, into := make([]any, len(table.Columns)), make([]any, len(table.Columns))
				for i := range row {
					into[i] = &row[i]
				}
				err := s.Scan(into...)
				for i, v := range row {
					if b, ok := v.(bool); ok { // SQLite says 0 and 1
						row[i] = map[bool]int64{true: 1}[b]
					}
				}
				return fmt.Sprintf("%v", row), err
			}
			rows, err := db.All(t.Context(), tx, scan, "SELECT * FROM "+table.Name)
			if err != nil {
				return err
			}
			if table.Name != "node_lease" {
				slices.Sort(rows)
				all[table.Name] = strings.Join(rows, "\n")
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(p.Files.Name(), "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(path)] = string(text)
	}
	return all
}

// A city put back on either engine is the city that was copied.
func TestRestoreBringsEverythingBackOnEitherEngine(t *testing.T) {
	keys := keyring(t)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		from := place(t, d, 300_000)
		copied := archive(t, keys, from)
		engines := []string{"sqlite"}
		if os.Getenv("JULI_TEST_PG") != "" {
			engines = append(engines, "postgres")
		}
		for _, engine := range engines {
			to := backup.Place{DB: dbtest.Empty(t, engine), Files: folder(t)}
			m, err := backup.Restore(t.Context(), keys, bytes.NewReader(copied), to)
			if err != nil {
				t.Fatalf("to %s: %v", engine, err)
			}
			if m.Rows["search_doc"] != 2 || m.Files != 5 || m.Bytes != 300_000 {
				t.Errorf("manifest = %+v", m)
			}
			if want, got := content(t, from), content(t, to); !maps.Equal(want, got) {
				t.Errorf("to %s: the restored city differs:\n%.2000v\n%.2000v", engine, want, got)
			}
		}
	})
}

// While the money moves about, a copy always holds the whole of it.
func TestABackupIsOfOneInstant(t *testing.T) {
	keys := keyring(t)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		from := place(t, d, 0)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			var err error
			for i := 0; ctx.Err() == nil && err == nil; i++ {
				err = d.Write(t.Context(), func(tx *db.Tx) error {
					_, e1 := tx.Exec(t.Context(), `UPDATE notify_number SET last = last - 1 WHERE series = '甲'`)
					_, e2 := tx.Exec(t.Context(), `UPDATE notify_number SET last = last + 1 WHERE series = '乙'`)
					if i%2 == 1 {
						_, e1 = tx.Exec(t.Context(), `UPDATE notify_number SET last = 1000 - last`)
					}
					return errors.Join(e1, e2)
				})
			}
			done <- err
		}()
		for range 5 {
			to := backup.Place{DB: dbtest.Empty(t, d.Engine()), Files: folder(t)}
			if _, err := backup.Restore(t.Context(), keys, bytes.NewReader(archive(t, keys, from)), to); err != nil {
				t.Error(err)
			}
			if sum := total(t, to.DB); sum != 1000 {
				t.Errorf("the copy holds %d of 1000", sum)
			}
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func total(t *testing.T, d *db.DB) (sum int64) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		sum, err = db.Value[int64](t.Context(), tx, `SELECT CAST(SUM(last) AS BIGINT) FROM notify_number`)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return sum
}

// BAK-1: of a thousand altered, cut, lengthened or shuffled copies none is taken.
func TestAThousandDamagedBackupsAreRefused(t *testing.T) {
	keys := keyring(t)
	small := archive(t, keys, place(t, dbtest.Any(t), 100))
	large := archive(t, keys, place(t, dbtest.Any(t), 400_000)) // several pieces
	r := rand.New(rand.NewPCG(20210415, 1))
	for i := range 1000 {
		whole := small
		if i%10 == 0 {
			whole = large
		}
		bad := slices.Clone(whole)
		a, b := r.IntN(len(bad)), r.IntN(len(bad))
		var what string
		switch i % 5 {
		case 0:
			what = fmt.Sprintf("bit %d of byte %d turned", i%8, a)
			bad[a] ^= 1 << (i % 8)
		case 1:
			what = fmt.Sprintf("cut to %d bytes", a)
			bad = bad[:a]
		case 2:
			what = fmt.Sprintf("bytes %d to %d taken out", min(a, b), max(a, b)+1)
			bad = slices.Delete(bad, min(a, b), max(a, b)+1)
		case 3:
			what = fmt.Sprintf("%d bytes added", b%100+1)
			bad = append(bad, whole[:b%100+1]...)
		case 4:
			what = fmt.Sprintf("byte %d written over", a)
			bad[a] = ^bad[a]
		}
		if _, err := backup.Check(t.Context(), keys, bytes.NewReader(bad)); !fault.Is(err, "backup.damaged") {
			t.Errorf("%s of %d: %v", what, len(whole), err)
		}
	}
}

func TestPiecesCannotBeShuffledOrMixed(t *testing.T) {
	keys := keyring(t)
	const header, piece = 14 + 16 + 32, 64<<10 + 16
	one := archive(t, keys, place(t, dbtest.Any(t), 400_000))
	two := archive(t, keys, place(t, dbtest.Any(t), 400_000))
	at := func(file []byte, i int) []byte { return file[header+i*piece : header+(i+1)*piece] }
	for name, bad := range map[string][]byte{
		"swapped":          slices.Concat(one[:header], at(one, 1), at(one, 0), one[header+2*piece:]),
		"doubled":          slices.Concat(one[:header], at(one, 0), at(one, 0), one[header+2*piece:]),
		"dropped":          slices.Concat(one[:header], at(one, 0), one[header+2*piece:]),
		"cut at a piece":   one[:header+3*piece],
		"of another file":  slices.Concat(one[:header+piece], at(two, 1), one[header+2*piece:]),
		"under its header": slices.Concat(two[:header], one[header:]),
	} {
		if _, err := backup.Check(t.Context(), keys, bytes.NewReader(bad)); !fault.Is(err, "backup.damaged") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := backup.Check(t.Context(), keyring(t), bytes.NewReader(one)); !fault.Is(err, "backup.damaged") {
		t.Errorf("under another key: %v", err)
	}
}

func TestRestoreRefusesWhatWouldDoHarm(t *testing.T) {
	keys := keyring(t)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		from := place(t, d, 100)
		copied := archive(t, keys, from)
		bad := slices.Clone(copied)
		bad[len(bad)-1] ^= 1

		to := backup.Place{DB: dbtest.Empty(t, d.Engine()), Files: folder(t)}
		if _, err := backup.Restore(t.Context(), keys, bytes.NewReader(bad), to); !fault.Is(err, "backup.damaged") {
			t.Errorf("damaged: %v", err)
		}
		if version, _, err := to.DB.SchemaVersion(t.Context()); err != nil || version != 0 {
			t.Errorf("after a refusal the schema is %d (%v), want nothing touched", version, err)
		}
		if _, err := backup.Restore(t.Context(), keys, bytes.NewReader(copied), backup.Place{DB: to.DB}); !fault.Is(err, "backup.no-files") {
			t.Errorf("without a place for files: %v", err)
		}
		if _, err := backup.Restore(t.Context(), keys, bytes.NewReader(copied), from); !fault.Is(err, "backup.not-empty") {
			t.Errorf("over a living city: %v", err)
		}
	})
}

func TestVerifyNamesTheInvariantThatFails(t *testing.T) {
	keys := keyring(t)
	from := place(t, dbtest.Any(t), 100)
	broken := backup.Invariant{Name: "没有错", Check: func(context.Context, *db.Tx) error { return errors.New("planted") }}
	dir := t.TempDir()
	_, err := backup.Verify(t.Context(), keys, bytes.NewReader(archive(t, keys, from)), dir, broken)
	if f := fault.From(err); f.Rule != "backup.invariant" || !strings.Contains(f.Text, "没有错") {
		t.Errorf("err = %v, want the invariant's name", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// A row whose file is gone is found, though every byte of the copy is genuine.
func TestVerifyMissesAFile(t *testing.T) {
	keys := keyring(t)
	d := dbtest.Any(t)
	dir := t.TempDir()
	store, err := blob.At(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var kept blob.File
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		kept, err = store.Put(ctx, tx, "证书.csv", strings.NewReader("a,b\n1,2\n"))
		return err
	})
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	from := backup.Place{DB: d, Files: root}
	if _, err := backup.Verify(t.Context(), keys, bytes.NewReader(archive(t, keys, from)), t.TempDir()); err != nil {
		t.Fatalf("a whole copy: %v", err)
	}
	if err := root.Remove(kept.SHA256[:2] + "/" + kept.SHA256); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Verify(t.Context(), keys, bytes.NewReader(archive(t, keys, from)), t.TempDir()); err == nil {
		t.Error("a row without its file was not noticed")
	}
}

func TestAFileMustHaveTheContentThatItIsNamedBy(t *testing.T) {
	keys := keyring(t)
	d := dbtest.Any(t)
	from := place(t, d, 0)
	name := strings.Repeat("ab", 32)
	if err := from.Files.WriteFile(name, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	to := backup.Place{DB: dbtest.Empty(t, d.Engine()), Files: folder(t)}
	_, err := backup.Restore(t.Context(), keys, bytes.NewReader(archive(t, keys, from)), to)
	if !fault.Is(err, "backup.damaged") {
		t.Errorf("err = %v, want the rot of the disk to be seen", err)
	}
}

func TestCreateFileLeavesACompleteFileOrNone(t *testing.T) {
	keys := keyring(t)
	from := place(t, dbtest.Any(t), 1000)
	path := filepath.Join(t.TempDir(), "city.jb")
	if _, err := backup.CreateFile(t.Context(), from, keys, path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file = %v, %v; want mode 0600", info, err)
	}
	gone, stop := context.WithCancel(t.Context())
	stop()
	other := path + "2"
	if _, err := backup.CreateFile(gone, from, keys, other); err == nil {
		t.Error("a cancelled backup said that it was complete")
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil || len(left) != 1 {
		t.Errorf("the folder holds %v, want the complete file alone", left)
	}
}

// What is in a copy can only be read with the key.
func TestABackupShowsNothing(t *testing.T) {
	keys := keyring(t)
	from := place(t, dbtest.Any(t), 0)
	if err := from.Files.WriteFile("note", bytes.Repeat([]byte("张三13800138000"), 50), 0o600); err != nil {
		t.Fatal(err)
	}
	copied := archive(t, keys, from)
	for _, word := range []string{"哈尔滨市", "张三", "13800138000", "search_doc"} {
		if bytes.Contains(copied, []byte(word)) {
			t.Errorf("the file shows %q", word)
		}
	}
}

func FuzzCheckNeverTakesAnythingElse(f *testing.F) {
	keys := keyring(f)
	f.Add([]byte("JULI-BACKUP-1\n"))
	f.Add(append([]byte("JULI-BACKUP-1\n"), make([]byte, 80)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := backup.Check(t.Context(), keys, bytes.NewReader(b)); !fault.Is(err, "backup.damaged") {
			t.Errorf("Check = %v", err)
		}
	})
}

// A new master key seals new copies; the old ones open as long as the key file
// keeps the old one.
func TestOldBackupsOpenAfterANewMasterKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	if err := seal.CreateFile(path); err != nil {
		t.Fatal(err)
	}
	old := masters(t, path)
	from := place(t, dbtest.Any(t), 0)
	before := archive(t, old, from)
	if err := seal.AddMaster(path); err != nil {
		t.Fatal(err)
	}
	both := masters(t, path)
	after := archive(t, both, from)
	if _, err := backup.Check(t.Context(), both, bytes.NewReader(before)); err != nil {
		t.Errorf("the old copy: %v", err)
	}
	if _, err := backup.Check(t.Context(), old, bytes.NewReader(after)); !fault.Is(err, "backup.damaged") {
		t.Errorf("the new copy under the old file: %v", err)
	}
}
