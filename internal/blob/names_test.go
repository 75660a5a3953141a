//go:build !postgres

package blob_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
)

// hostile are some ten thousand file names that mean to lie elsewhere, to be
// another kind of file, or to be no name at all.
func hostile() (names []string) {
	ups := []string{"", "../", `..\`, "..%2f", "..%252f", "%2e%2e/", "%c0%af", "..\xc0\xaf", "..／", "．．/", "/", "//", `\\host\share\`, `\\?\C:\`, "C:\\", "C:", "....//", "..;/", "\u202e", "%00", "\x00", "\n", "\t", "file://", "/dev/", "/proc/self/fd/", "~/", "$HOME/", "-", "--", "|", "`id`", "$(id)", "<svg>", "\ufeff", "\u200b", ".", " "}
	stems := []string{"a", "etc/passwd", "tmp/x", "..", ".", "", "CON", "NUL.txt", "aux", "com1", strings.Repeat("长", 85), strings.Repeat("长", 255), strings.Repeat("𠮷", 300), strings.Repeat("a", 5000), "e\u0301", "\xff\xfe", "a\xed\xa0\x80b", "a.php", "a.html", ".htaccess", "web.config"}
	tails := []string{".csv", ".CSV", ".csv.", ".csv ", ".csv\x00", ".csv::$DATA", ".csv/", ".csv\\", ".html.csv", "\x00.csv", "\n.csv", "%00.csv", ".csv\u202e"}
	for _, up := range ups {
		for _, stem := range stems {
			for _, tail := range tails {
				names = append(names, up+stem+tail)
			}
		}
	}
	return names
}

// INP-2: whatever of ten thousand names a file comes with, it is refused or lies
// in the store under its hash, and is called by a plain name of its own kind.
func TestTenThousandNamesCannotEscape(t *testing.T) {
	s, dir := open(t)
	d := dbtest.SQLite(t)
	clean := regexp.MustCompile(`^[^/\\\x00-\x1f\x{202e}\x{200b}\x{feff}<>:"|?*]{1,120}\.csv$`)
	names, kept := hostile(), 0
	must(t, d.Write(t.Context(), func(tx *db.Tx) error {
		for _, name := range names {
			f, err := s.Put(t.Context(), tx, name, strings.NewReader("小区,户数\n"))
			switch {
			case fault.Is(err, "blob.type"):
				continue
			case err != nil:
				return err
			case !clean.MatchString(f.Name) || !utf8.ValidString(f.Name):
				t.Errorf("%.60q is kept as %.60q", name, f.Name)
			}
			kept++
		}
		return nil
	}))
	if paths := onDisk(t, filepath.Dir(dir)); len(paths) != 1 || !regexp.MustCompile(`^files/[0-9a-f]{2}/[0-9a-f]{64}$`).MatchString(paths[0]) {
		t.Errorf("%d names left %v", len(names), paths)
	}
	if len(names) < 10_000 || kept < len(names)/2 {
		t.Errorf("%d names, %d kept", len(names), kept)
	}
}

// Links that somebody put in the place of the store's own folders lead nowhere:
// nothing is written or read behind them.
func TestLinkedFoldersAreNotEntered(t *testing.T) {
	for _, link := range []string{"tmp", "its folder"} {
		s, dir := open(t)
		d := dbtest.SQLite(t)
		f := put(t, s, d, "a.csv", "x")
		place := link
		if link != "tmp" {
			place = f.SHA256[:2]
		}
		away := t.TempDir()
		must(t, os.WriteFile(filepath.Join(away, f.SHA256), []byte("secret"), 0o600))
		must(t, os.RemoveAll(filepath.Join(dir, place)))
		must(t, os.Symlink(away, filepath.Join(dir, place)))
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := s.Put(t.Context(), tx, "b.csv", strings.NewReader("x")); err != nil {
				return err
			}
			_, _, err := s.Open(t.Context(), tx, f.ID)
			return err
		})
		if err == nil {
			t.Errorf("%s as a link: a file was written or read through it", link)
		}
		if left := onDisk(t, away); len(left) != 1 {
			t.Errorf("%s as a link: written outside: %v", link, left)
		}
	}
}
