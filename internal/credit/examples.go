package credit

import (
	"juli/internal/rulebook"
)

// An Example is a worked example that a rulebook carries. It is run as a test.
type Example struct {
	ID, Title   string
	Line        int
	Mark        rulebook.Mark
	Constructed bool
	Input       Input
	Expect      Expect
}

// Expect is what an example must give; empty fields are not compared.
type Expect struct {
	Subject                       Subject // zero: the enterprise
	Score, ByScore, Grade, Status string
	NoScore                       bool
	Blacklisted, Provisional      *bool
	Lists                         []string
	Sums                          map[string]string
}
