package importing_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"juli/internal/city/town"
	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/importing"
	"juli/internal/sheet"
)

// manyEnterprises is a file of n enterprises with every column filled.
func manyEnterprises(t testing.TB, n int, format sheet.Format) []byte {
	t.Helper()
	first, second := []rune("新华民生安居长青银河金辉远大恒信嘉和瑞丰"), []rune("诚达宇通泰和盛世明德永康华茂润泽")
	var b bytes.Buffer
	_, err := importing.Enterprises.Schema().Write(t.Context(), &b, format, func(yield func([]any, error) bool) {
		for i := range n {
			u, err := code.MakeUSCC(fmt.Sprintf("91230103MA%07d", i))
			if err != nil {
				t.Fatal(err)
			}
			name := "哈尔滨" + string([]rune{first[i%20], second[i/20%16], first[i/320%20], second[i/6400%16]}) + "物业管理有限公司"
			if !yield([]any{string(u), name, "LOCAL", nil, "王建国", "230103", fmt.Sprintf("哈尔滨市南岗区红旗大街%d号", i%999+1), "13812345678", "2010-05-01", "500000.00", "40", "3", "ACTIVE"}, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestImportKeepsLittleInMemory is INP-3 at a fifth of the rows and of the
// memory; BenchmarkImport reads a file at the limit.
func TestImportKeepsLittleInMemory(t *testing.T) {
	const n = 20_000
	w := newWorld(t, town.Empty(t, dbtest.SQLite(t)))
	content := manyEnterprises(t, n, sheet.CSV)
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, most := m.HeapInuse, uint64(0)
	out, err := w.Import(t.Context(), w.clerk, file(importing.Enterprises, content), func(int64) {
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapInuse)
	})
	if err != nil || out.New != n || !out.Committed {
		t.Fatalf("%s, %v", told(out), err)
	}
	if most == 0 || most > before && most-before > 51<<20 {
		t.Errorf("%d rows took %d MB", n, (int64(most)-int64(before))>>20)
	}
}

// benchRows is a file's limit.
const benchRows = 100_000

// BenchmarkImport takes a file at the limit into an empty register; compare with
// BenchmarkBareBulk (goal of csv: 2.5 times).
func BenchmarkImport(b *testing.B) {
	for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		b.Run(string(format), func(b *testing.B) {
			content := manyEnterprises(b, benchRows, format)
			for b.Loop() {
				b.StopTimer()
				w := newWorld(b, town.Empty(b, dbtest.SQLite(b)))
				b.StartTimer()
				if out, err := w.Import(b.Context(), w.clerk, file(importing.Enterprises, content), nil); err != nil || out.New != benchRows {
					b.Fatal(told(out), err)
				}
			}
		})
	}
}

// BenchmarkRead is the share that reading the same file has in BenchmarkImport.
func BenchmarkRead(b *testing.B) {
	for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		b.Run(string(format), func(b *testing.B) {
			content := manyEnterprises(b, benchRows, format)
			for b.Loop() {
				f, err := sheet.Open(b.Context(), bytes.NewReader(content), int64(len(content)), sheet.Standard)
				if err != nil {
					b.Fatal(err)
				}
				for r, err := range importing.Enterprises.Schema().Read(b.Context(), f, sheet.Mapping{}) {
					if err != nil || len(r.Problems) > 0 {
						b.Fatal(err, r.Problems)
					}
				}
			}
		})
	}
}

// BenchmarkBareBulk inserts the rows that BenchmarkImport stores, ready made: the
// enterprises alone, and with them their search index.
func BenchmarkBareBulk(b *testing.B) {
	w := newWorld(b, town.Empty(b, dbtest.SQLite(b)))
	if _, err := w.Import(b.Context(), w.clerk, file(importing.Enterprises, manyEnterprises(b, benchRows, sheet.CSV)), nil); err != nil {
		b.Fatal(err)
	}
	all := dump(b, w.Service.DB)
	for _, search := range []bool{false, true} {
		b.Run(fmt.Sprintf("search=%v", search), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				d := town.Empty(b, dbtest.SQLite(b)).DB
				b.StartTimer()
				err := d.Write(b.Context(), func(tx *db.Tx) error {
					for _, t := range all {
						if t.name != "enterprise" && !search {
							continue
						}
						if _, err := tx.Bulk(b.Context(), t.name, t.columns, slices.Values(t.rows)); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

type table struct {
	name    string
	columns []string
	rows    [][]any
}

// dump reads the tables of a SQLite database.
func dump(b *testing.B, d *db.DB) map[string]table {
	b.Helper()
	tables := map[string]table{}
	err := d.Read(b.Context(), func(tx *db.Tx) error {
		names, err := texts(b.Context(), tx, `SELECT name FROM sqlite_master WHERE type = 'table' AND (name = 'enterprise' OR name LIKE 'search%') ORDER BY name`)
		if err != nil {
			return err
		}
		for _, name := range names {
			t := table{name: name}
			if t.columns, err = texts(b.Context(), tx, `SELECT name FROM pragma_table_info('`+name+`') ORDER BY cid`); err != nil {
				return err
			}
			t.rows, err = db.All(b.Context(), tx, func(row db.Scanner) ([]any, error) {
				values, into := make([]any, len(t.columns)), make([]any, len(t.columns))
				for i := range values {
					into[i] = &values[i]
				}
				return values, row.Scan(into...)
			}, `SELECT `+strings.Join(t.columns, ", ")+` FROM `+name)
			if err != nil {
				return err
			}
			tables[name] = t
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return tables
}

func texts(ctx context.Context, tx *db.Tx, query string) ([]string, error) {
	return db.All(ctx, tx, func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) }, query)
}

// manyRecords is a file of n past records of three projects, each by a document
// of its own.
func manyRecords(w *world, n int) []byte {
	var content bytes.Buffer
	content.WriteString(recordHead)
	for i := range n {
		fmt.Fprintf(&content, "HRB-B05,%s,%s,2020-06-01,事实,,哈住建〔2020〕%d号,市住建局,2020-06-05,2020-06-10\n", w.Jia.USCC, w.Projects[i%2].Code, i)
	}
	return content.Bytes()
}

// BenchmarkImportRecords takes over a file of past records at the limit, on the
// engine that JULI_TEST_ENGINE names.
func BenchmarkImportRecords(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b, town.New(b, dbtest.Any(b)))
		content := manyRecords(w, benchRows)
		b.StartTimer()
		if out, err := w.Import(b.Context(), w.Program, file(importing.Records, content), nil); err != nil || out.New != benchRows {
			b.Fatal(told(out), err, out.Report.Problems[:min(3, len(out.Report.Problems))])
		}
	}
}

// TestImportOfRecordsKeepsLittleInMemory is INP-3 for past records at a fifth of
// the rows and of the memory.
func TestImportOfRecordsKeepsLittleInMemory(t *testing.T) {
	const n = 20_000
	w := newWorld(t, town.New(t, dbtest.SQLite(t)))
	content := manyRecords(w, n)
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, most := m.HeapInuse, uint64(0)
	out, err := w.Import(t.Context(), w.Program, file(importing.Records, content), func(int64) {
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapInuse)
	})
	if err != nil || out.New != n || !out.Committed {
		t.Fatalf("%s, %v", told(out), err)
	}
	if most == 0 || most > before && most-before > 51<<20 {
		t.Errorf("%d rows took %d MB", n, (int64(most)-int64(before))>>20)
	}
}
