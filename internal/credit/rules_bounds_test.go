package credit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/money"
	"juli/internal/rulebook"
)

// Every number of a book that enters a score is bounded, on both sides.
func TestNoNumberOfABookGoesBeyondTheBound(t *testing.T) {
	for _, tt := range []struct{ name, fragment, at string }{
		{"points", "items: [{code: N, class: bad, subject: enterprise, title: 坏, points: -%s}]", "items[N].points"},
		{"level", "items: [{code: N, class: bad, subject: enterprise, title: 坏, levels: [{code: l, title: 级, points: -%s}]}]", "levels[l].points"},
		{"band", "items: [{code: N, class: good, subject: enterprise, title: 好, bands: [{ge: 0, points: %s}]}]", "bands[1].points"},
		{"unit", "items: [{code: N, class: bad, subject: enterprise, title: 坏, per_unit: -%s}]", "items[N].per_unit"},
		{"discretion", "items: [{code: N, class: bad, subject: enterprise, title: 坏, discretion: {min: 0, max: %s}}]", "discretion.max"},
		{"factor", "items: [{code: N, class: bad, subject: enterprise, title: 坏, points: -1, repeat: {kind: factors, factors: [1, %s]}}]", "factors[2]"},
		{"also", "items: [{code: N, class: bad, subject: project, title: 坏, points: -1, also: [{subject: enterprise, points: -%s}]}]", "also[1].points"},
		{"cap", "classes: [{code: good, title: 好, sign: good, cap: %s}, {code: bad, title: 坏, sign: bad}]", "classes[good].cap"},
		{"floor", "classes: [{code: good, title: 好, sign: good}, {code: bad, title: 坏, sign: bad, floor: -%s}]", "classes[bad].floor"},
		{"base", "subjects: {enterprise: {base: %s, grades: [{code: A, title: 甲}]}, project: {base: 100}}", "subjects.enterprise.base"},
		{"clamp", "subjects: {enterprise: {base: 1, clamp: {max: %s}, grades: [{code: A, title: 甲}]}, project: {base: 100}}", "clamp.max"},
		{"grade", "subjects: {enterprise: {base: 1, grades: [{code: A, title: 甲, ge: %[1]s}, {code: B, title: 乙, lt: %[1]s}]}, project: {base: 100}}", "grades[A].ge"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Parse([]byte(small(fmt.Sprintf(tt.fragment, "1000000")))); err != nil {
				t.Errorf("at the bound: %v", err)
			}
			_, err := Parse([]byte(small(fmt.Sprintf(tt.fragment, "1000000.01"))))
			if err == nil || !strings.Contains(err.Error(), tt.at+"：") || !strings.Contains(err.Error(), "超出范围") {
				t.Errorf("beyond it: %v, want a problem at %s", err, tt.at)
			}
		})
	}
}

// extreme is a book whose numbers stand at the bound.
func extreme(t testing.TB) *Book {
	return parsed(t, `
facts: {report: {type: points, title: 报送分, subject: project}, units: {type: int, title: 数量, subject: enterprise}}
subjects: {enterprise: {base: 0, grades: [{code: A, title: 甲, ge: 0}, {code: C, title: 丙, lt: 0}]}, project: {base: 1000000, base_input: report}, manager: {base: 100}}
items:
  - {code: N, class: bad, subject: enterprise, title: 处罚, points: -1000000}
  - {code: U, class: bad, subject: enterprise, title: 每件, per_unit: -1000000}
  - {code: R, class: bad, subject: enterprise, title: 重复, points: -1000000, repeat: {kind: factors, factors: [1000000]}}
  - {code: F, class: bad, subject: enterprise, title: 按数, per_unit: -1000000, fact: units}`)
}

func TestExtremesNeverTurnOver(t *testing.T) {
	b, far := extreme(t), money.Points(math.MaxInt64)
	most := rulebook.PointsMax
	for _, tt := range []struct {
		name    string
		item    string
		value   money.Points
		records int
		units   int64
		want    money.Points
	}{
		{"many at the bound", "N", 0, 1000, 0, -1000 * most},
		{"an endless measure", "U", far, 1000, 0, -1000 * most},
		{"a negative measure", "U", -far, 1, 0, 0},
		{"an endless factor", "R", 0, 1000, 0, -1000 * most},
		{"an endless fact", "N", 0, 1, math.MaxInt64, -2 * most},
		{"a fact below all", "N", 0, 1, math.MinInt64, -most},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bundle := Bundle{Unit: firm()}
			if tt.units != 0 {
				bundle.Unit.Facts = Facts{"units": tt.units}
			}
			for i := range tt.records {
				r := at(b, db.ID(10+i), tt.item, theFirm, "2021-01-05")
				r.Value = tt.value
				bundle.Records = append(bundle.Records, r)
			}
			o := one(t, b, Options{AsOf: on("2021-09-30")}, bundle).Enterprise
			if o.Score != tt.want || (o.Grade == "C") != (tt.want < 0) {
				t.Errorf("score %s, grade %s; want %s", o.Score, o.Grade, tt.want)
			}
		})
	}
	for fact, want := range map[int64]money.Points{math.MaxInt64: 2 * most, math.MinInt64: 0} {
		bundle := Bundle{Unit: firm(), Projects: []ProjectFact{{ID: 10, Kind: "residential", Area: 100, District: "230103", Held: []Span{{From: on("2019-01-01")}}, Facts: Facts{"report": fact}}}}
		if o := one(t, b, Options{AsOf: on("2021-09-30")}, bundle).Projects[0]; o.Score != want {
			t.Errorf("a reported score of %d gives %s, want %s", fact, o.Score, want)
		}
	}
}

// FuzzMoreBadNeverHelps checks that no measure, however large, turns a score over:
// another bad record never gives a better one.
func FuzzMoreBadNeverHelps(f *testing.F) {
	b := extreme(f)
	f.Add(int64(math.MaxInt64), int64(1), int64(math.MinInt64))
	f.Add(int64(1)<<62, int64(1)<<40, int64(-1))
	f.Fuzz(func(t *testing.T, v1, v2, units int64) {
		bundle, last := Bundle{Unit: firm()}, money.Points(math.MaxInt64)
		bundle.Unit.Facts = Facts{"units": units}
		for i, v := range []int64{v1, v2, v1, v2} {
			r := at(b, db.ID(10+i), []string{"U", "U", "R", "N"}[i], theFirm, "2021-01-05")
			r.Value = money.Points(v)
			bundle.Records = append(bundle.Records, r)
			o := one(t, b, Options{AsOf: on("2021-09-30")}, bundle).Enterprise
			if o.Score > last || o.Score > 0 {
				t.Fatalf("after %d bad records the score is %s, before %s", i+1, o.Score, last)
			}
			last = o.Score
		}
	})
}

// A trial that takes too long ends with a reason, and a gone request ends it too.
func TestATrialEndsWithItsTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newStreet(t, dbtest.Clock(d, "2021-10-08"), 1)
		try := func(ctx context.Context) error {
			return d.Read(t.Context(), func(tx *db.Tx) error {
				_, err := s.svc.Try(ctx, tx, authz.System("test"), Request{Book: harbin(t), AsOf: on("2021-09-30")})
				return err
			})
		}
		if err := try(t.Context()); err != nil {
			t.Fatal(err)
		}
		late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
		defer cancel()
		if err := try(late); !fault.Is(err, "credit.try-slow") {
			t.Errorf("without time: %v", err)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if err := try(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("of a gone request: %v", err)
		}
	})
}

// The computing itself stops between two enterprises, not only its queries.
func TestComputingStopsBetweenEnterprises(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newStreet(t, dbtest.Clock(d, "2021-10-08"), 3)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		seen := int64(0)
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			_, err := s.svc.computeTold(ctx, tx, Request{Book: harbin(t), AsOf: on("2021-09-30")}, func(done, _ int64) error {
				seen = done
				stop()
				return nil
			})
			return err
		})
		if !errors.Is(err, context.Canceled) || seen != 1 {
			t.Errorf("stopped after %d enterprises: %v", seen, err)
		}
	})
}
