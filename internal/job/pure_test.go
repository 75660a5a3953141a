package job

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"juli/internal/fault"
)

func TestBackoffDoublesUpToAnHour(t *testing.T) {
	for n, want := range map[int]time.Duration{
		0: 10 * time.Second, 1: 10 * time.Second, 2: 20 * time.Second, 3: 40 * time.Second,
		9: 2560 * time.Second, 10: time.Hour, 1000: time.Hour,
	} {
		if got := backoff(n, 16); got != want {
			t.Errorf("after run %d: %v, want %v", n, got, want)
		}
		if got := backoff(n, -1); got < want || got > want+want/10 {
			t.Errorf("after run %d, spread: %v", n, got)
		}
	}
}

// Periods are counted in the city's days.
func TestNextPeriod(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tt := range []struct {
		every, offset time.Duration
		now, want     string
	}{
		{24 * time.Hour, 2 * time.Hour, "2026-07-01T01:59:59+08:00", "2026-07-01T02:00:00+08:00"},
		{24 * time.Hour, 2 * time.Hour, "2026-07-01T02:00:00+08:00", "2026-07-02T02:00:00+08:00"},
		{24 * time.Hour, 0, "2026-06-30T16:00:00Z", "2026-07-02T00:00:00+08:00"},
		{time.Hour, 0, "2026-07-01T10:20:00+08:00", "2026-07-01T11:00:00+08:00"},
		{time.Minute, 5 * time.Second, "2026-07-01T10:20:04+08:00", "2026-07-01T10:20:05+08:00"},
	} {
		if got := (period{"x", tt.every, tt.offset}).next(at(tt.now)); !got.Equal(at(tt.want)) {
			t.Errorf("every %v + %v after %s: %v, want %s", tt.every, tt.offset, tt.now, got, tt.want)
		}
	}
}

// The heart beats three times in a lease, bears failures and stops when told.
func TestKeepRenewsUntilRefused(t *testing.T) {
	for _, end := range []error{ErrLost, ErrCancelled} {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithCancelCause(t.Context())
			start := time.Now()
			var at []time.Duration
			keep(ctx, stop, time.Minute, func(context.Context) error {
				at = append(at, time.Since(start))
				switch len(at) {
				case 2:
					return errors.New("the database is busy")
				case 4:
					return end
				}
				return nil
			})
			want := []time.Duration{20 * time.Second, 40 * time.Second, time.Minute, 80 * time.Second}
			if !slices.Equal(at, want) || !errors.Is(context.Cause(ctx), end) {
				t.Errorf("beats at %v, ended by %v", at, context.Cause(ctx))
			}
		})
	}
}

func TestWhatIsWorthAnotherRun(t *testing.T) {
	for kind, want := range map[fault.Kind]bool{
		fault.Invalid: true, fault.NotFound: true, fault.Forbidden: true, fault.TooLarge: true,
		fault.Internal: false, fault.Unavailable: false, fault.Conflict: false, fault.TooMany: false,
	} {
		if permanent(fault.New(kind, "x", "x")) != want {
			t.Errorf("%v: permanent is %v", kind, !want)
		}
	}
}
