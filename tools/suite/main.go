// Command suite runs the checks of the project, all of them or the named ones:
//
//	go run ./tools/suite [step …]
//
// Its steps are tree, generated, lint, supply, pure, sqlite, browser and
// postgres; fuzz, bench and screenshots run only when they are named. Every
// database test runs twice: on SQLite without the race detector, under which
// pure-Go SQLite is thirty to forty times slower, and on PostgreSQL with it.
// A test that skips itself has not passed; it counts as failed here.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A step is one named part of the suite.
type step struct {
	name  string
	about string
	extra bool // only when named
	run   func(ctx context.Context, s *suite) error
}

// steps stand in the order in which they run: cheap ones first, and the test
// passes last, so that a run ends with the lines of go test.
var steps = []step{
	{"tree", "nothing third-party committed, lock file without addresses", false, command("go", "run", "./tools/supply", "tree")},
	{"generated", "templ components match their Go", false, generated},
	{"lint", "golangci-lint", false, lint},
	{"supply", "licences, bill of materials, reproducible build, no test hooks", false, command("go", "run", "./tools/supply", "licences", "sbom", "repro", "hooks")},
	{"pure", "packages without a database, race detector", false, pure},
	{"sqlite", "packages with a database, on SQLite", false, onSQLite},
	{"browser", "walks in a browser; LibreOffice and nginx beside us", false, browser},
	{"postgres", "packages with a database, on PostgreSQL, race detector", false, onPostgres},
	{"fuzz", "every fuzz target, JULI_FUZZ_TIME each (30s)", true, fuzz},
	{"bench", "benchmarks", true, bench},
	{"screenshots", "docs/img from the running demo", true, screenshots},
}

// A suite is one run: what it found out about the packages, and its tally.
type suite struct {
	packages       []testPackage
	mu             sync.Mutex // of the tally
	passed, failed int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "suite:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, names []string) error {
	// In a checkout of another owner git tells go nothing, and go would refuse to build.
	if err := os.Setenv("GOFLAGS", strings.TrimSpace(os.Getenv("GOFLAGS")+" -buildvcs=false")); err != nil {
		return err
	}
	for _, name := range names {
		if !slices.ContainsFunc(steps, func(st step) bool { return st.name == name }) {
			return fmt.Errorf("no step %q", name)
		}
	}
	var s suite
	var bad []string
	start := time.Now()
	for _, st := range steps {
		if len(names) == 0 && st.extra || len(names) > 0 && !slices.Contains(names, st.name) {
			continue
		}
		fmt.Printf("== %s: %s\n", st.name, st.about)
		began := time.Now()
		err := st.run(ctx, &s)
		if err != nil {
			fmt.Printf("== %s failed: %v\n", st.name, err)
			bad = append(bad, st.name)
		}
		fmt.Printf("== %s took %s\n", st.name, time.Since(began).Round(100*time.Millisecond))
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	fmt.Printf("== all took %s\n", time.Since(start).Round(time.Second))
	if s.passed+s.failed > 0 {
		fmt.Printf("%d passed, %d failed\n", s.passed, s.failed)
	}
	if len(bad) > 0 {
		return fmt.Errorf("failed: %s", strings.Join(bad, ", "))
	}
	return nil
}

// command makes a step of one program whose output is shown.
func command(name string, args ...string) func(context.Context, *suite) error {
	return func(ctx context.Context, _ *suite) error {
		return show(exec.CommandContext(ctx, name, args...))
	}
}

// show runs cmd with its output on ours.
func show(cmd *exec.Cmd) error {
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	return nil
}
