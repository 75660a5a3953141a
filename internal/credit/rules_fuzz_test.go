package credit

import (
	"embed"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"juli/internal/db"
	"juli/internal/money"
)

//go:embed rules_constructs_test.go rules_traps_test.go
var testFiles embed.FS

// randomBundle makes an enterprise with projects, managers and records of all
// items of a book, in all states, from one seed.
func randomBundle(b *Book, seed uint64, records int) Bundle {
	r := rand.New(rand.NewPCG(seed, 1))
	start := on("2019-01-01")
	out := Bundle{Unit: firm()}
	for i := range 1 + r.IntN(5) {
		p := ProjectFact{ID: db.ID(10 + i), Kind: "residential", Area: money.Area(r.IntN(20_000_000)), District: "230103", Held: []Span{{From: start}}}
		if r.IntN(6) == 0 {
			p.Held[0].To = start.AddDays(r.IntN(1200))
		}
		out.Projects = append(out.Projects, p)
		out.Persons = append(out.Persons, Person{ID: db.ID(50 + i), Kind: Manager, Terms: []Term{{p.ID, Span{start, 0}}}})
	}
	for i := range records {
		no := ItemNo(r.IntN(len(b.Items)))
		it := &b.Items[no]
		s := theFirm
		if it.For(Project) {
			s = Subject{Project, out.Projects[r.IntN(len(out.Projects))].ID}
		}
		d := start.AddDays(r.IntN(1100))
		rec := Record{ID: db.ID(1000 + i), Item: no, Subject: s, Event: d, Decision: d, Identified: d.AddDays(3), Effective: d.AddDays(17), Reasoned: true}
		rec.Level, rec.Value = uint8(r.IntN(len(it.Levels)+1)), money.Points(r.IntN(5))*money.Point
		rec.Points = money.Points(r.IntN(20)) * money.Point / 2
		for n := uint8(1); n < 8; n++ {
			if it.Proof&(1<<n) != 0 {
				rec.Evidence = n
			}
		}
		switch r.IntN(10) {
		case 0:
			rec.Annulled = d.AddDays(30)
		case 1:
			rec.Due, rec.Rectified = d.AddDays(20), d.AddDays(10+r.IntN(20))
		case 2:
			rec.Due = d.AddDays(20)
		case 3:
			rec.Repaired = d.AddDays(100)
		case 4:
			rec.Key = string(rune('a' + r.IntN(3)))
		case 5:
			rec.Order = db.ID(1000 + r.IntN(i+1))
		}
		out.Records = append(out.Records, rec)
	}
	return out
}

// checkOutcome asserts what must hold of any outcome.
func checkOutcome(t *testing.T, b *Book, o *Outcome) {
	t.Helper()
	sum := money.Points(0)
	for _, l := range o.Lines {
		sum += l.Points
		if !l.Reason.Counts() && l.Points != 0 {
			t.Errorf("a line that doesn't count gives %s: %+v", l.Points, l)
		}
	}
	if o.Scored && sum != o.Score {
		t.Errorf("%v: lines add up to %s, score %s", o.Subject, sum, o.Score)
	}
	for i, s := range o.Sums {
		if c := b.Classes[i].Bounds; c.clamp(s.Capped) != s.Capped {
			t.Errorf("%v: class %s is %s beyond its cap", o.Subject, s.Class, s.Capped)
		}
	}
	if len(o.Restraints) == 0 && o.Status == "" && !o.Provisional && o.Grade != o.ByScore {
		t.Errorf("%v: grade %s without a restraint, by score %s", o.Subject, o.Grade, o.ByScore)
	}
}

// FuzzEvaluate checks what an auditor asks: a score is the sum of its lines,
// caps hold, and neither the order of the records nor a second run matters.
func FuzzEvaluate(f *testing.F) {
	books := []*Book{shipped(f, "harbin-2021"), shipped(f, "harbin-2020")}
	f.Add(uint64(1), uint16(40), uint16(900))
	f.Add(uint64(2), uint16(0), uint16(0))
	f.Add(uint64(3), uint16(200), uint16(500))
	f.Fuzz(func(t *testing.T, seed uint64, records, after uint16) {
		b := books[seed%2]
		opt := Options{AsOf: on("2019-01-01").AddDays(int(after % 1500))}
		bundle := randomBundle(b, seed, int(records%300))
		first := one(t, b, opt, bundle)
		checkOutcome(t, b, &first.Enterprise)
		for i := range first.Projects {
			checkOutcome(t, b, &first.Projects[i])
		}
		for i := range first.Persons {
			checkOutcome(t, b, &first.Persons[i])
		}
		if again := one(t, b, opt, bundle); !reflect.DeepEqual(first, again) {
			t.Error("a second run differs")
		}
		shuffled := bundle
		shuffled.Records = slices.Clone(bundle.Records)
		rand.New(rand.NewPCG(seed, 2)).Shuffle(len(shuffled.Records), func(i, j int) {
			shuffled.Records[i], shuffled.Records[j] = shuffled.Records[j], shuffled.Records[i]
		})
		if other := one(t, b, opt, shuffled); !reflect.DeepEqual(first, other) {
			t.Error("the order of records matters")
		}
		quiet := opt
		quiet.Quiet = true
		if q := one(t, b, quiet, bundle); q.Enterprise.Score != first.Enterprise.Score || q.Enterprise.Grade != first.Enterprise.Grade {
			t.Error("leaving out idle lines moves the score")
		}
	})
}

// FuzzCombine checks the weighted mean against exact integers: q ≤ mean < q + 0.0001.
func FuzzCombine(f *testing.F) {
	f.Add(int64(920000), int64(12_000_000), int64(800000), int64(6_000_000))
	f.Add(int64(-1), int64(1), int64(1), int64(2))
	f.Fuzz(func(t *testing.T, s1, w1, s2, w2 int64) {
		s1, s2, w1, w2 = s1%10_000_000, s2%10_000_000, 1+abs64(w1)%20_000_000_000, 1+abs64(w2)%20_000_000_000
		got, ok := combine("area", []Part{{Score: money.Points(s1), Weight: w1}, {Score: money.Points(s2), Weight: w2}})
		if !ok {
			t.Fatal("not computed")
		}
		rest := (s1-int64(got))*w1 + (s2-int64(got))*w2 // (mean − got) × (w1 + w2)
		if rest < 0 || rest >= w1+w2 {
			t.Errorf("mean of %d×%d and %d×%d = %d", s1, w1, s2, w2, got)
		}
	})
}

func abs64(n int64) int64 { return max(n, -(n + 1)) }

// BenchmarkEvaluate takes enterprises of a thousand records each; a record
// costs what the division says.
func BenchmarkEvaluate(b *testing.B) {
	book := shipped(b, "harbin-2021")
	bundle := randomBundle(book, 7, 1000)
	e := book.NewEvaluator(Options{AsOf: on("2021-12-31")})
	b.ReportAllocs()
	for b.Loop() {
		e.Evaluate(&bundle)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/record")
}

// BenchmarkParse reads a whole rulebook.
func BenchmarkParse(b *testing.B) {
	text := shipped(b, "harbin-2021").Text
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
