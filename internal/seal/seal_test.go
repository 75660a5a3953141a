package seal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/seal"
)

const canary = "11010519491231002X"

// load makes a key file of the test's own and loads it.
func load(t *testing.T, d *db.DB) (*seal.Keys, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "juli.keys")
	if err := seal.CreateFile(path); err != nil {
		t.Fatal(err)
	}
	return reload(t, d, path), path
}

func reload(t *testing.T, d *db.DB, path string) *seal.Keys {
	t.Helper()
	k, err := seal.Load(t.Context(), d, path)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func wantOpen(t *testing.T, k *seal.Keys, sealed []byte) {
	t.Helper()
	got, err := k.Open("owner", "id_number", 7, sealed)
	if err != nil || string(got) != canary {
		t.Errorf("Open = %q, %v", got, err)
	}
}

func mustSeal(t *testing.T, k *seal.Keys) []byte {
	t.Helper()
	sealed, err := k.Seal("owner", "id_number", 7, []byte(canary))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// TestSealedValueIsBoundToItsRow is CRY-2: a ciphertext opens only where it was
// sealed, whole.
func TestSealedValueIsBoundToItsRow(t *testing.T) {
	k := seal.Ephemeral()
	sealed := mustSeal(t, k)
	wantOpen(t, k, sealed)
	if bytes.Contains(sealed, []byte(canary[:6])) || bytes.Equal(sealed, mustSeal(t, k)) {
		t.Error("the value shows, or equal values look alike")
	}
	for _, tt := range []struct {
		name, table, column string
		row                 db.ID
	}{
		{"another row", "owner", "id_number", 8},
		{"another column", "owner", "phone", 7},
		{"another table", "staff", "id_number", 7},
		{"a shifted boundary", "owneri", "d_number", 7},
	} {
		if _, err := k.Open(tt.table, tt.column, tt.row, sealed); !fault.Is(err, "seal.open") {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := k.Seal("owner", "id_number", 0, nil); !fault.Is(err, "seal.row") {
		t.Errorf("a row without id: %v", err)
	}
}

// TestEveryBitIsProtected is CRY-2 and CRY-3: no bit can be changed unseen.
func TestEveryBitIsProtected(t *testing.T) {
	k := seal.Ephemeral()
	sealed := mustSeal(t, k)
	for i := range len(sealed) * 8 {
		changed := slices.Clone(sealed)
		changed[i/8] ^= 1 << (i % 8)
		if _, err := k.Open("owner", "id_number", 7, changed); err == nil {
			t.Errorf("bit %d can be changed", i)
		}
	}
	for n := range sealed {
		if _, err := k.Open("owner", "id_number", 7, sealed[:n]); err == nil {
			t.Errorf("it opens when cut to %d bytes", n)
		}
	}
}

func TestBlindIndex(t *testing.T) {
	k := seal.Ephemeral()
	a := k.Blind("owner.phone", []byte("13800000000"))
	if len(a) != 32 || !bytes.Equal(a, k.Blind("owner.phone", []byte("13800000000"))) {
		t.Error("equal values are not found again")
	}
	for _, b := range [][]byte{
		k.Blind("owner.phone", []byte("13800000001")),
		k.Blind("staff.phone", []byte("13800000000")),
		k.Blind("owner.phone1", []byte("3800000000")),
		seal.Ephemeral().Blind("owner.phone", []byte("13800000000")),
	} {
		if bytes.Equal(a, b) {
			t.Error("different things look alike")
		}
	}
}

// TestRotation is CRY-4: keys change while the program runs; old rows stay
// readable and can be sealed again.
func TestRotation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
		d = d.WithRealClock(func() time.Time { return now })
		k, path := load(t, d)
		other := reload(t, d, path) // another copy of the program
		old := mustSeal(t, k)
		blind := k.Blind("owner.phone", []byte("1"))
		wantOpen(t, other, old)

		if err := k.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantOpen(t, other, mustSeal(t, k)) // within Notice the old key seals
		if _, changed, err := k.Reseal("owner", "id_number", 7, old); changed || err != nil {
			t.Errorf("resealed before the new key is in use: %v, %v", changed, err)
		}
		now = now.Add(seal.Notice)
		if err := other.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		fresh, changed, err := k.Reseal("owner", "id_number", 7, old)
		if err != nil || !changed || bytes.Equal(fresh[:5], old[:5]) {
			t.Errorf("Reseal: changed %v, %v", changed, err)
		}
		for _, keys := range []*seal.Keys{k, other, reload(t, d, path)} {
			wantOpen(t, keys, old)
			wantOpen(t, keys, fresh)
			if !bytes.Equal(blind, keys.Blind("owner.phone", []byte("1"))) {
				t.Error("the blind index changed")
			}
		}
	})
}

// TestMasterRotation is CRY-4: the file's key changes without touching a row.
func TestMasterRotation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, path := load(t, d)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sealed := mustSeal(t, k)
		if err := seal.AddMaster(path); err != nil {
			t.Fatal(err)
		}
		wantOpen(t, reload(t, d, path), sealed)
		if err := k.Rewrap(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantOpen(t, reload(t, d, path), sealed)

		if err := os.WriteFile(path, before, 0o600); err != nil { // the new master is lost
			t.Fatal(err)
		}
		if _, err := seal.Load(t.Context(), d, path); !fault.Is(err, "seal.wrong-file") {
			t.Errorf("without the new master key: %v", err)
		}
	})
}

// TestKeyFileIsGuarded is CRY-4: the file is private, whole and never remade
// over sealed data.
func TestKeyFileIsGuarded(t *testing.T) {
	d := dbtest.SQLite(t)
	path, err := seal.Path(d, "")
	if err != nil {
		t.Fatal(err)
	}
	sealed := mustSeal(t, reload(t, d, path)) // the first use makes the file
	wantOpen(t, reload(t, d, path), sealed)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	if err := seal.CreateFile(path); err == nil {
		t.Error("an existing file is replaced")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wantRule := func(name, rule string) {
		t.Helper()
		if _, err := seal.Load(t.Context(), d, path); !fault.Is(err, rule) {
			t.Errorf("%s: %v, want %s", name, err, rule)
		}
	}
	must(t, os.Chmod(path, 0o640))
	wantRule("readable for the group", "seal.mode")
	must(t, os.Chmod(path, 0o600))
	for i := range text {
		changed := slices.Clone(text)
		changed[i] ^= 4
		must(t, os.WriteFile(path, changed, 0o600))
		if _, err := seal.Load(t.Context(), d, path); err == nil {
			t.Errorf("a changed byte %d passes", i)
		}
	}
	must(t, os.Remove(path))
	wantRule("a lost file", "seal.no-file")
	must(t, seal.CreateFile(path))
	wantRule("another database's file", "seal.wrong-file")
}

// TestKeysAreNotInTheDatabase is CRY-2 and CRY-4: neither a key nor a canary
// stands in SQLite's files in clear.
func TestKeysAreNotInTheDatabase(t *testing.T) {
	d := dbtest.SQLite(t)
	k, path := load(t, d)
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := k.SealFor(t.Context(), tx, 9, "owner", "id_number", 7, []byte(canary))
		return err
	})
	must(t, err)
	file, err := os.ReadFile(path)
	must(t, err)
	secret := bytes.Fields(file)[2]
	for _, suffix := range []string{"", "-wal"} {
		text, err := os.ReadFile(d.Path() + suffix)
		must(t, err)
		if bytes.Contains(text, secret) || bytes.Contains(text, []byte(canary)) {
			t.Errorf("found in the database file%s", suffix)
		}
	}
}

// TestForgottenPersonCannotBeRead is PI-5: destroying the key is the deletion.
func TestForgottenPersonCannotBeRead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
		d = d.WithRealClock(func() time.Time { return now })
		k, _ := load(t, d)
		const ann, bob = db.ID(1), db.ID(2)
		sealed := map[db.ID][]byte{}
		write := func(fn func(tx *db.Tx) error) {
			t.Helper()
			must(t, d.Write(t.Context(), fn))
		}
		read := func(tx *db.Tx, who db.ID) error {
			got, err := k.OpenFor(t.Context(), tx, who, "owner", "id_number", 7, sealed[who])
			if err == nil && string(got) != canary {
				t.Errorf("read %q", got)
			}
			return err
		}
		write(func(tx *db.Tx) (err error) {
			for _, who := range []db.ID{ann, bob} {
				if sealed[who], err = k.SealFor(t.Context(), tx, who, "owner", "id_number", 7, []byte(canary)); err != nil {
					return err
				}
			}
			_, err = k.OpenFor(t.Context(), tx, ann, "owner", "id_number", 7, sealed[bob])
			if !fault.Is(err, "seal.open") {
				t.Errorf("one person's key opens another's data: %v", err)
			}
			return nil
		})
		must(t, k.Rotate(t.Context()))
		now = now.Add(seal.Notice)
		write(func(tx *db.Tx) error {
			last, err := k.ResealPersons(t.Context(), tx, 0, 10)
			if last != bob || err != nil {
				t.Errorf("ResealPersons = %v, %v", last, err)
			}
			if last, err = k.ResealPersons(t.Context(), tx, last, 10); last != 0 || err != nil {
				t.Errorf("at the end: %v, %v", last, err)
			}
			return read(tx, ann)
		})
		write(func(tx *db.Tx) error { return k.Forget(t.Context(), tx, ann) })
		write(func(tx *db.Tx) error {
			if err := read(tx, ann); !fault.Is(err, "seal.forgotten") {
				t.Errorf("a forgotten person: %v", err)
			}
			if _, err := k.SealFor(t.Context(), tx, ann, "owner", "id_number", 8, nil); !fault.Is(err, "seal.forgotten") {
				t.Errorf("sealing for a forgotten person: %v", err)
			}
			return read(tx, bob)
		})
	})
}

// TestBackupsOutliveTheDatabase is CRY-4: what seals a backup comes from the key
// file alone, by the name of its master key, and survives its rotation.
func TestBackupsOutliveTheDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "juli.keys")
	must(t, seal.CreateFile(path))
	first, err := seal.OpenMasters(path)
	must(t, err)
	must(t, seal.AddMaster(path))
	later, err := seal.OpenMasters(path)
	must(t, err)
	derive := func(m *seal.Masters, name, purpose string) []byte {
		t.Helper()
		key, err := m.Derive(name, purpose, []byte("salt"))
		must(t, err)
		return key
	}
	name := first.Newest()
	if !bytes.Equal(derive(first, name, "backup"), derive(later, name, "backup")) {
		t.Error("an old backup would not open after a rotation")
	}
	if bytes.Equal(derive(first, name, "backup"), derive(first, name, "other")) {
		t.Error("two purposes share a key")
	}
	if later.Newest() == name {
		t.Error("new backups would be sealed under the old key")
	}
	if _, err := first.Derive(later.Newest(), "backup", nil); !fault.Is(err, "seal.wrong-file") {
		t.Errorf("a key that the file does not hold: %v", err)
	}
}

// FuzzOpen checks that nothing but a sealed value opens, and nothing panics.
func FuzzOpen(f *testing.F) {
	k := seal.Ephemeral()
	sealed, err := k.Seal("owner", "id_number", 7, []byte(canary))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed[:40])
	f.Add([]byte{1, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := k.Open("owner", "id_number", 7, b); err == nil {
			t.Errorf("%x opens", b)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
