//go:build !postgres

package app_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"juli/internal/db"
)

// programs are tables whose texts the program compares or reads as a document.
var programs = regexp.MustCompile(`^(rulebook|audit|casework|case_|job|once|meta|goose|seal|tlog|search|division)`)

// each is how many payloads stand in one text.
const each = 5

// poison writes payloads into every text column that holds what people wrote.
func (tn town) poison(t *testing.T) (columns int) {
	t.Helper()
	return tn.overwrite(t, programs, regexp.MustCompile(`.`), func(int) string { return tn.next(each) })
}

// overwrite adds something to every text that people wrote, in the columns whose
// class in the schema matches: texts with Chinese in them that are no document of
// the program's own. It tells how many columns it reached.
func (tn town) overwrite(t *testing.T, not, class *regexp.Regexp, text func(i int) string) (columns int) {
	t.Helper()
	for table, texts := range schemaTexts(t) {
		for name, kind := range texts {
			if !not.MatchString(table) && class.MatchString(kind) && tn.overwriteColumn(t, table, name, text) {
				columns++
			}
		}
	}
	return columns
}

var schemaStep = regexp.MustCompile(`(?sm)^CREATE TABLE (\w+) \((.*?)\n\);|^ALTER TABLE (\w+) RENAME TO (\w+);|^ALTER TABLE (\w+) ADD COLUMN (\w+) TEXT[^\n]*-- (\w+)$|^DROP TABLE (\w+);`)

// schemaTexts are the text columns with their classes, by table, as all migrations
// leave them.
func schemaTexts(t *testing.T) map[string]map[string]string {
	t.Helper()
	files, err := filepath.Glob("../db/schema/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	column := regexp.MustCompile(`(?m)^\t(\w+) TEXT.*-- (\w+)$`)
	tables := map[string]map[string]string{}
	for _, file := range files {
		schema, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range schemaStep.FindAllStringSubmatch(string(schema), -1) {
			switch {
			case m[1] != "":
				tables[m[1]] = map[string]string{}
				for _, c := range column.FindAllStringSubmatch(m[2], -1) {
					tables[m[1]][c[1]] = c[2]
				}
			case m[3] != "":
				tables[m[4]] = tables[m[3]]
				delete(tables, m[3])
			case m[5] != "":
				tables[m[5]][m[6]] = m[7]
			case m[8] != "":
				delete(tables, m[8])
			}
		}
	}
	return tables
}

func (tn town) overwriteColumn(t *testing.T, table, column string, text func(i int) string) (done bool) {
	t.Helper()
	err := tn.DB.Write(t.Context(), func(tx *db.Tx) error {
		values, err := db.All(t.Context(), tx, func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) },
			fmt.Sprintf(`SELECT DISTINCT %s FROM %s WHERE %s IS NOT NULL AND %s <> '' ORDER BY 1 LIMIT 60`, column, table, column, column))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), fmt.Sprintf(`DROP TRIGGER IF EXISTS %s_no_update`, table)); err != nil {
			return err
		}
		for i, v := range values {
			if !strings.ContainsFunc(v, func(c rune) bool { return unicode.Is(unicode.Han, c) }) || strings.ContainsAny(v[:1], "{[") {
				continue
			}
			err := tx.Try(t.Context(), func() error {
				_, err := tx.Exec(t.Context(), fmt.Sprintf(`UPDATE %s SET %s = $1 WHERE %s = $2`, table, column, column), v+text(i+len(table)+len(column)), v)
				return err
			})
			done = done || err == nil // a CHECK of the column's own says no
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s.%s: %v", table, column, err)
	}
	return done
}

// TestThePublicSeesWhatIsPublic is AZ-3 and PI-3 for reading: a mark is put into
// every text of a column that the schema does not call public. No visitor meets
// it, on no page, in no file, by no interface; the people whose business it is do.
func TestThePublicSeesWhatIsPublic(t *testing.T) {
	if os.Getenv("JULI_TEST_ENGINE") == "postgres" {
		t.Setenv("JULI_TEST_ENGINE", "sqlite") // pages are the same; the texts are written past SQLite's triggers
	}
	tn := newTown(t)
	const mark = "内部标记七"
	columns := tn.overwrite(t, regexp.MustCompile(`^(rulebook|job|once|meta|goose|seal|search|division)`), regexp.MustCompile(`^(internal|personal|sensitive)$`), func(int) string { return mark })
	met := map[string]int{}
	for login, starts := range doors {
		k := newClerk(t, tn)
		if login == "" {
			for _, list := range []string{"/enterprises", "/projects", "/league"} {
				starts = append(starts, list+"?format=csv", list+"?format=xlsx")
			}
			starts = append(starts, tn.interfaces(t)...)
		} else {
			k = newClerk(t, tn, login)
		}
		visit(t, k.as(login), 12, starts, func(path string, a answer) {
			if a.status != http.StatusOK {
				return
			}
			n := strings.Count(plain(a), mark)
			if met[login] += n; n > 0 && login == "" {
				t.Errorf("%s shows a visitor what is not public", path)
			}
		})
	}
	t.Logf("%d columns marked; met: %v", columns, met)
	if columns < 10 || met["city1"]+met["nangang1"] < 20 {
		t.Errorf("%d columns marked, officials met %v: too few to prove anything", columns, met)
	}
}

// interfaces are addresses of the open interface, each operation with a few of
// the things it answers about.
func (tn town) interfaces(t *testing.T) (list []string) {
	t.Helper()
	for _, path := range []string{"enterprises", "projects", "results", "figures", "divisions", "duties", "rulebooks"} {
		list = append(list, "/api/v1/"+path)
	}
	for prefix, query := range map[string]string{
		"/api/v1/enterprises/": `SELECT uscc FROM enterprise ORDER BY managed_area DESC, uscc LIMIT 10`,
		"/api/v1/projects/":    `SELECT code FROM project ORDER BY area DESC, code LIMIT 10`,
		"/api/v1/rulebooks/":   `SELECT digest FROM rulebook ORDER BY digest LIMIT 10`,
	} {
		list = append(list, tn.texts(t, prefix, query)...)
	}
	return list
}
