package db

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// TestEveryColumnHasItsClass is PI-1: each table says why it is kept, on what
// basis and for how long; each column says how private it is.
func TestEveryColumnHasItsClass(t *testing.T) {
	names, err := fs.Glob(schemaFiles, "schema/*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("no schema files: %v", err)
	}
	for _, name := range names {
		text, err := schemaFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range untagged(string(text)) {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

var (
	tableHead = regexp.MustCompile(`^CREATE TABLE (\w+) \($`)
	addColumn = regexp.MustCompile(`^ALTER TABLE (\w+) ADD COLUMN `)
	dataLine  = regexp.MustCompile(`^-- data: purpose=[^;]+; basis=[^;]+; retention=[^;]+$`)
	columnTag = regexp.MustCompile(` -- (public|internal|pi|sensitive)$`)
	notColumn = regexp.MustCompile(`^(PRIMARY KEY|UNIQUE|FOREIGN KEY|CHECK|CONSTRAINT|REFERENCES|ON |AND |OR |\))`)
)

// untagged lists the tables and columns of a schema text that lack their tag.
func untagged(text string) (problems []string) {
	table, last := "", ""
	for line := range strings.SplitSeq(text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch m := tableHead.FindStringSubmatch(line); {
		case m != nil:
			table = m[1]
			if !dataLine.MatchString(last) {
				problems = append(problems, "table "+table+" has no -- data: line")
			}
		case strings.HasPrefix(line, ");"):
			table = ""
		case addColumn.MatchString(line) && !columnTag.MatchString(line):
			problems = append(problems, "column without class: "+trimmed)
		case table != "" && trimmed != "" && !strings.HasPrefix(trimmed, "--") && !notColumn.MatchString(trimmed) && !columnTag.MatchString(line):
			problems = append(problems, "column without class in "+table+": "+trimmed)
		}
		if trimmed != "" && !strings.HasPrefix(trimmed, "-- juli:") {
			last = trimmed
		}
	}
	return problems
}

func TestUntaggedIsSeen(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       int
	}{
		{"tagged", "-- data: purpose=a; basis=b; retention=c\nCREATE TABLE x (\n\ta TEXT -- pi\n);", 0},
		{"a column without class", "-- data: purpose=a; basis=b; retention=c\nCREATE TABLE x (\n\ta TEXT\n);", 1},
		{"an added column without class", "ALTER TABLE x ADD COLUMN b TEXT;", 1},
		{"a table without purpose", "CREATE TABLE x (\n\ta TEXT -- pi\n);", 1},
	} {
		if got := untagged(tt.text); len(got) != tt.want {
			t.Errorf("%s: %q, want %d problems", tt.name, got, tt.want)
		}
	}
}

// TestOneTextForBothEngines pins what a migration may not say.
func TestOneTextForBothEngines(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)\b(SERIAL|AUTOINCREMENT|JSONB?|TIMESTAMP|REAL|DOUBLE|FLOAT|NUMERIC|now\(\)|ILIKE|INTEGER)\b|::`)
	names, _ := fs.Glob(schemaFiles, "schema/*.sql")
	for _, name := range names {
		text, _ := schemaFiles.ReadFile(name)
		for i, line := range strings.Split(string(text), "\n") {
			code, _, _ := strings.Cut(line, "--")
			if found := forbidden.FindString(code); found != "" {
				t.Errorf("%s:%d says %s, which is one engine's", name, i+1, found)
			}
		}
	}
}
