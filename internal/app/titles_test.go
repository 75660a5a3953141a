package app

import (
	"testing"
	"time"

	"juli/internal/job"
)

// TestEveryJobHasAChineseTitle: administrators read what the queue does.
func TestEveryJobHasAChineseTitle(t *testing.T) {
	a := &App{Jobs: job.NewRunner(nil)}
	a.handlers()
	kinds := a.Jobs.Kinds()
	if len(kinds) < len(periodics)+2 {
		t.Fatalf("only %d kinds", len(kinds))
	}
	for _, kind := range kinds {
		if !chinese(jobTitles()[kind]) {
			t.Errorf("%s is called %q", kind, jobTitles()[kind])
		}
	}
}

func TestDurationsAreSaidInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		2160 * time.Hour: "90 天", 15 * time.Minute: "15 分钟", 12 * time.Hour: "12 小时", 36 * time.Hour: "1 天 12 小时", 0: "0",
	} {
		if got := span(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}

func chinese(s string) bool {
	for _, c := range s {
		if c >= 0x4e00 && c <= 0x9fff {
			return true
		}
	}
	return false
}
