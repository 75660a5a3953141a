package sheet_test

import (
	"bytes"
	"io"
	"strconv"
	"testing"

	"juli/internal/sheet"
)

const benchRows = 10_000

func benchFile(b *testing.B, format sheet.Format) []byte {
	var out bytes.Buffer
	_, err := firms.Write(b.Context(), &out, format, benchData)
	if err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

func benchData(yield func([]any, error) bool) {
	for i := range benchRows {
		if !yield(row("聚力物业服务有限公司第"+strconv.Itoa(i)+"分公司"), nil) {
			return
		}
	}
}

// BenchmarkRead is the cost of 10,000 typed rows of ten columns.
func BenchmarkRead(b *testing.B) {
	for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		b.Run(string(format), func(b *testing.B) {
			file := benchFile(b, format)
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				for r, err := range firms.Read(b.Context(), open(b, file), sheet.Mapping{}) {
					if err != nil || len(r.Problems) > 0 {
						b.Fatal(err, r.Problems)
					}
					n++
				}
				if n != benchRows {
					b.Fatal(n)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
		})
	}
}

// BenchmarkWrite is the cost of exporting the same rows.
func BenchmarkWrite(b *testing.B) {
	for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		b.Run(string(format), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := firms.Write(b.Context(), io.Discard, format, benchData); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
		})
	}
}
