package sheet_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"juli/internal/fault"
	"juli/internal/sheet"
)

// peak tells by how many bytes fn drives the memory taken from the system.
func peak(fn func()) int64 {
	read := func() int64 {
		s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		metrics.Read(s)
		return int64(s[0].Value.Uint64()) - int64(s[1].Value.Uint64())
	}
	runtime.GC()
	before, most := read(), int64(0)
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			most = max(most, read()-before)
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	fn()
	close(done)
	wg.Wait()
	return most
}

// worked is the time that the processor has spent on this program, whoever else
// keeps it busy.
func worked() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// noise is text that packs badly, so that a bomb passes the ratio and is
// stopped by the next limit.
func noise(i int) string {
	return fmt.Sprintf("%08x%08x", uint32(i)*2654435761, uint32(i)*40503+uint32(i)<<13)
}

// Bombs are refused with a readable fault, in little memory and little time (INP-3).
func TestBombs(t *testing.T) {
	small := sheet.Standard
	small.Rows, small.Cells = 100, 2_000
	tiny := sheet.Standard
	tiny.Inflated = 2 << 20
	dense := sheet.Standard
	dense.Ratio = 2_000
	cell := `<c t="str"><v>x</v></c>`
	nested := archive(parts(sheetXML(heads))...)
	for _, tt := range []struct {
		name   string
		file   func() []byte
		limits sheet.Limits
		rule   string
	}{
		{"half a megabyte that unpacks to 540", func() []byte {
			return archive(parts(repeat(`<worksheet><sheetData>`+heads, `<!--`+strings.Repeat("x", 1_000)+`-->`, 540_000, `</sheetData></worksheet>`))...)
		}, dense, "sheet.inflated"},
		{"an entry that packs too well", func() []byte {
			return archive(parts(repeat(`<worksheet><sheetData>`, ` `, 100_000_000, `</sheetData></worksheet>`))...)
		}, sheet.Standard, "sheet.ratio"},
		{"an entry that lies about its size", func() []byte {
			return lie(archive(parts(repeat(`<worksheet><sheetData>`, ` `, 100_000_000, `</sheetData></worksheet>`))...))
		}, sheet.Standard, "sheet.broken"},
		{"many entries that are too large together", func() []byte {
			var more []entry
			for i := range 9 {
				more = append(more, entry{fmt.Sprintf("xl/media/%d.png", i), repeat("", "0123456789abcdef", 20_000, "")})
			}
			return archive(parts(sheetXML(heads), more...)...)
		}, tiny, "sheet.inflated"},
		{"42.zip", func() []byte {
			var more []entry
			for i := range 16 {
				more = append(more, entry{fmt.Sprintf("lib %d.zip", i), func(w io.Writer) { _, _ = w.Write(nested) }})
			}
			return archive(more...)
		}, sheet.Standard, "sheet.format"},
		{"1,001 entries", func() []byte {
			var more []entry
			for i := range 998 {
				more = append(more, entry{fmt.Sprintf("x/%d", i), text("")})
			}
			return archive(parts(sheetXML(heads), more...)...)
		}, sheet.Standard, "sheet.entries"},
		{"a directory without end", func() []byte {
			var more []entry
			for i := range 60_000 {
				more = append(more, entry{fmt.Sprintf("%060d", i), text("")})
			}
			return archive(append(parts(sheetXML(heads)), more...)...)
		}, sheet.Standard, "sheet.entries"},
		{"entries that share their bytes", func() []byte { return overlap(book(heads)) }, sheet.Standard, "sheet.broken"},
		{"too many rows", func() []byte {
			return archive(parts(repeat(`<worksheet><sheetData>`+heads, `<row><c t="str"><v>`+uscc+`</v></c>`+cell+`</row>`, 111, `</sheetData></worksheet>`))...)
		}, small, "sheet.rows-max"},
		{"too many rows of csv", func() []byte {
			return []byte("信用代码,企业名称\n" + strings.Repeat(uscc+",x\n", 101))
		}, small, "sheet.rows-max"},
		{"too many empty cells", func() []byte {
			return archive(parts(repeat(`<worksheet><sheetData>`+heads+`<row>`, `<c s="1"/>`, 3_000, `</row></sheetData></worksheet>`))...)
		}, small, "sheet.cells-max"},
		{"too many cells of csv", func() []byte {
			return []byte("信用代码,企业名称\n" + strings.Repeat(strings.Repeat(",", 500)+"\n", 10))
		}, small, "sheet.cells-max"},
		{"a cell of 200 MB", func() []byte {
			return archive(parts(repeat(`<worksheet><sheetData>`+heads+`<row><c t="str"><v>`, `0123456789abcdef`, 12_500_000, `</v></c></row></sheetData></worksheet>`))...)
		}, dense, "sheet.text"},
		{"a tag of a million attributes", func() []byte {
			return archive(parts(repeat(`<worksheet><sheetData><row `, `a="b" `, 1_000_000, `></row></sheetData></worksheet>`))...)
		}, dense, "sheet.text"},
		{"a csv record of 100 MB", func() []byte {
			return []byte("信用代码,企业名称\n\"" + strings.Repeat("0123456789abcdef\n", 6_000_000))
		}, sheet.Standard, "sheet.text"},
		{"shared strings of 130 MB", func() []byte {
			shared := entry{"xl/sharedStrings.xml", repeat(`<sst>`, `<si><t>`+strings.Repeat("聚力", 100)+`</t></si>`, 210_000, `</sst>`)}
			return archive(parts(sheetXML(heads), shared)...)
		}, dense, "sheet.strings"},
		{"two million shared strings", func() []byte {
			shared := entry{"xl/sharedStrings.xml", repeat(`<sst>`, `<si><t>x</t></si>`, 2_000_001, `</sst>`)}
			return archive(parts(sheetXML(heads), shared)...)
		}, dense, "sheet.strings"},
		{"a billion laughs", func() []byte {
			laughs := `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>`
			shared := entry{"xl/sharedStrings.xml", text(laughs + `<sst><si><t>&lol1;</t></si></sst>`)}
			return archive(parts(sheetXML(heads), shared)...)
		}, sheet.Standard, "sheet.broken"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := tt.file()
			start := worked()
			var err error
			grew := peak(func() { err = fails(t.Context(), file, tt.limits) })
			if !fault.Is(err, tt.rule) {
				t.Errorf("refused by %v, want %s", err, tt.rule)
			}
			if f := fault.From(err); f != nil && f.Kind != fault.TooLarge && f.Kind != fault.Invalid {
				t.Errorf("kind = %v", f.Kind)
			}
			if grew > 256<<20 {
				t.Errorf("took %d MB", grew>>20)
			}
			if took := worked() - start; took > slower*10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// lie sets every size that the directory gives for the worksheet to 1,000 bytes.
func lie(b []byte) []byte {
	for at := 0; ; at += 4 {
		i := bytes.Index(b[at:], []byte("PK\x01\x02"))
		if i < 0 {
			return b
		}
		at += i
		if bytes.HasPrefix(b[at+46:], []byte("xl/worksheets/")) {
			binary.LittleEndian.PutUint32(b[at+24:], 1_000)
		}
	}
}

// overlap points the last entry of the directory at the bytes of the first.
func overlap(b []byte) []byte {
	last := bytes.LastIndex(b, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(b[last+42:], 0)
	return b
}

// Rows that are only formatted, and a dimension of the whole sheet, cost nothing.
func TestAHugeDimensionIsNoBomb(t *testing.T) {
	row := `<row r="1048576"><c r="A1048576" t="str"><v>` + uscc + `</v></c><c r="B1048576" t="str"><v>甲</v></c><c r="XFD1048576" s="1"/></row>`
	got := read(t, archive(parts(repeat(`<worksheet><dimension ref="A1:XFD1048576"/><sheetData>`+heads, `<row spans="1:16384"/>`, 30_000, row+`</sheetData></worksheet>`))...))
	if len(got) != 1 || !strings.HasPrefix(got[0], "1048576: "+uscc+"|甲") {
		t.Errorf("read %q", got)
	}
}

// A file at the limits is read in less than 256 MB of extra memory.
func TestMemoryOfALargeFile(t *testing.T) {
	const rows, columns = 20_000, 20
	shared := entry{"xl/sharedStrings.xml", func(w io.Writer) {
		_, _ = io.WriteString(w, `<sst><si><t>`+uscc+`</t></si>`)
		for i := range rows * columns {
			_, _ = fmt.Fprintf(w, `<si><t>聚力%s</t></si>`, noise(i))
		}
		_, _ = io.WriteString(w, `</sst>`)
	}}
	body := func(w io.Writer) {
		_, _ = io.WriteString(w, `<worksheet><sheetData>`+heads)
		for i := range rows {
			_, _ = fmt.Fprintf(w, `<row r="%d"><c t="s"><v>0</v></c>`, i+2)
			for j := range columns - 1 {
				_, _ = fmt.Fprintf(w, `<c t="s"><v>%d</v></c>`, i*columns+j+1)
			}
			_, _ = io.WriteString(w, `</row>`)
		}
		_, _ = io.WriteString(w, `</sheetData></worksheet>`)
	}
	b := archive(parts(body, shared)...)
	n := 0
	grew := peak(func() {
		for _, err := range firms.Read(t.Context(), open(t, b), sheet.Mapping{}) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
	})
	t.Logf("%d rows, %d MB packed, %d MB more memory", n, len(b)>>20, grew>>20)
	if n != rows || grew > 256<<20 {
		t.Errorf("%d rows in %d MB", n, grew>>20)
	}
}

func TestReadingStopsWithItsContext(t *testing.T) {
	xlsx := archive(parts(repeat(`<worksheet><sheetData>`+heads, `<row/>`, 100_000, `</sheetData></worksheet>`))...)
	csv := []byte("信用代码,企业名称\n" + strings.Repeat(",,\n", 500_000))
	for name, b := range map[string][]byte{"xlsx": xlsx, "csv": csv} {
		late, stop := context.WithDeadline(t.Context(), time.Now())
		if err := fails(late, b, sheet.Standard); !fault.Is(err, "sheet.time") {
			t.Errorf("%s out of time: %v", name, err)
		}
		stop()
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := fails(gone, b, sheet.Standard); !errors.Is(err, context.Canceled) {
			t.Errorf("%s cancelled: %v", name, err)
		}
	}
}

func TestOpenRefusesPasswords(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: "xl/workbook.xml", Flags: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, "x")
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := fails(t.Context(), b.Bytes(), sheet.Standard); !fault.Is(err, "sheet.password") {
		t.Errorf("refused by %v", err)
	}
}
