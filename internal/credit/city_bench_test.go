package credit

import (
	"testing"

	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
)

// benchEntries is a fiftieth of what `juli bench` measures.
const benchEntries = 20_000

// benchStreet is a street with many scoring rows, spread over its projects.
func benchStreet(b *testing.B) *street {
	b.Helper()
	s := newStreet(b, dbtest.Clock(dbtest.SQLite(b), "2021-09-30"), 50)
	items := []string{"HRB-N11", "HRB-N12", "HRB-N05", "HRB-G08", "HRB-N04"}
	err := s.d.Write(b.Context(), func(tx *db.Tx) error {
		return AddEntries(b.Context(), tx, func(yield func(Entry) bool) {
			for i := range benchEntries {
				home := i * len(s.homes) / benchEntries
				on := day.MustParse("2021-09-01").AddDays(-i % 700)
				id := tx.NewID()
				e := Entry{
					Enterprise: s.firms[home/2].ID, ID: id, Record: id, Subject: Subject{Project, s.homes[home].ID}, Item: items[i%len(items)],
					Event: on, Decision: on, Identified: on, Effective: on, Evidence: "HLJ-N3",
				}
				if !yield(e) {
					return
				}
			}
		})
	})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkCity evaluates and stores; compare it with BenchmarkBareRead.
func BenchmarkCity(b *testing.B) {
	s, book := benchStreet(b), harbin(b)
	b.ReportAllocs()
	for b.Loop() {
		e, err := s.svc.Evaluate(b.Context(), authz.System("test"), Request{Book: book, Purpose: ForTrial})
		if err != nil || e.Records != benchEntries {
			b.Fatal(e.Records, err)
		}
	}
}

func BenchmarkBareRead(b *testing.B) {
	s := benchStreet(b)
	b.ReportAllocs()
	for b.Loop() {
		err := s.d.Read(b.Context(), func(tx *db.Tx) error {
			n, err := ReadBare(b.Context(), tx)
			if n != benchEntries {
				b.Errorf("read %d rows", n)
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
