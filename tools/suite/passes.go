package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// common are the flags of every pass. Vet is part of lint.
var common = []string{"-count=1", "-vet=off", "-timeout=40m"}

// shards is into how many runs the package with the most tests is cut, since its
// tests go one after another and other packages are long done.
const shards = 4

// pass runs go test over the packages, as many at a time as there are processors.
func (s *suite) pass(ctx context.Context, env, flags []string, keep func(testPackage) bool) error {
	all, err := s.all(ctx)
	if err != nil {
		return err
	}
	runs := cut(slices.DeleteFunc(slices.Clone(all), func(p testPackage) bool { return !keep(p) }))
	work := make(chan []string, len(runs))
	for _, r := range runs {
		work <- slices.Concat(common, flags, r)
	}
	close(work)
	errs := make([]error, runtime.NumCPU())
	var lanes sync.WaitGroup
	for i := range errs {
		lanes.Go(func() {
			for args := range work {
				errs[i] = errors.Join(errs[i], s.goTest(ctx, env, args...))
			}
		})
	}
	lanes.Wait()
	return errors.Join(errs...)
}

// cut makes the arguments of several runs of go test that together run every test of
// the packages once. The widest package's last shard runs whatever the others don't
// name, so that no test can fall between them; the other packages are dealt out alike.
func cut(list []testPackage) (runs [][]string) {
	if len(list) == 0 {
		return nil
	}
	widest := slices.MaxFunc(list, func(a, b testPackage) int { return len(a.tests) - len(b.tests) })
	var named, others [shards][]string
	for i, name := range widest.tests {
		named[i%shards] = append(named[i%shards], name)
	}
	for i, p := range slices.DeleteFunc(slices.Clone(list), func(p testPackage) bool { return p.path == widest.path }) {
		others[i%shards] = append(others[i%shards], p.path)
	}
	for i := range shards {
		if i < shards-1 && len(named[i]) > 0 {
			runs = append(runs, []string{"-run=^(" + strings.Join(named[i], "|") + ")$", widest.path})
		}
		if len(others[i]) > 0 {
			runs = append(runs, append([]string{"-p=1"}, others[i]...))
		}
	}
	return append(runs, []string{"-skip=^(" + strings.Join(slices.Concat(named[:shards-1]...), "|") + ")$", widest.path})
}

func pure(ctx context.Context, s *suite) error {
	return s.pass(ctx, nil, []string{"-race"}, func(p testPackage) bool { return !p.database })
}

func onSQLite(ctx context.Context, s *suite) error {
	env := []string{"JULI_TEST_ENGINE=sqlite", "JULI_TEST_PG="}
	return s.pass(ctx, env, nil, func(p testPackage) bool { return p.database })
}

// onPostgres sets the tag postgres: files under !postgres hold long crawls of
// pages, which are the same on either engine, and run on SQLite alone.
func onPostgres(ctx context.Context, s *suite) (err error) {
	address, stop, err := postgres(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	env := []string{"JULI_TEST_ENGINE=postgres", "JULI_TEST_PG=" + address}
	return s.pass(ctx, env, []string{"-race", "-tags=postgres"}, func(p testPackage) bool { return p.database })
}

// postgres gives the address of a test server: the one JULI_TEST_PG names, or
// a private one that stop ends.
func postgres(ctx context.Context) (address string, stop func() error, err error) {
	if address = os.Getenv("JULI_TEST_PG"); address != "" {
		return address, func() error { return nil }, nil
	}
	start := exec.CommandContext(ctx, "bash", "tools/pg", "start")
	start.Stderr = os.Stderr
	out, err := start.Output()
	if err != nil {
		return "", nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return strings.TrimSpace(string(out)), func() error { return show(exec.Command("bash", "tools/pg", "stop")) }, nil
}

// browser runs the walks one package at a time: a browser wants the machine.
func browser(ctx context.Context, s *suite) error {
	all, err := s.all(ctx)
	if err != nil {
		return err
	}
	env := []string{"JULI_TEST_ENGINE=sqlite", "JULI_TEST_PG="}
	var errs []error
	for _, p := range all {
		if len(p.browser) == 0 {
			continue
		}
		args := append(append([]string{}, common...), "-tags=browser", "-run", "^("+strings.Join(p.browser, "|")+")$", p.path)
		errs = append(errs, s.goTest(ctx, env, args...))
	}
	return errors.Join(errs...)
}

func fuzz(ctx context.Context, s *suite) error {
	all, err := s.all(ctx)
	if err != nil {
		return err
	}
	length := os.Getenv("JULI_FUZZ_TIME")
	if length == "" {
		length = "30s"
	}
	var errs []error
	for _, p := range all {
		for _, target := range p.fuzz {
			cmd := exec.CommandContext(ctx, "go", "test", "-run=^$", "-fuzz=^"+target+"$", "-fuzztime="+length, p.path)
			cmd.Env = append(os.Environ(), "JULI_TEST_ENGINE=sqlite")
			errs = append(errs, show(cmd))
		}
	}
	return errors.Join(errs...)
}

func bench(ctx context.Context, _ *suite) error {
	if err := show(exec.CommandContext(ctx, "go", "test", "-run=^$", "-bench=.", "-benchmem", "./...")); err != nil {
		return err
	}
	if err := show(exec.CommandContext(ctx, "bash", "tools/build")); err != nil {
		return err
	}
	return show(exec.CommandContext(ctx, filepath.Join("bin", "juli"), "bench"))
}

// screenshots lets the walks of internal/app photograph into docs/img.
func screenshots(ctx context.Context, s *suite) error {
	dir, err := filepath.Abs(filepath.Join("docs", "img"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	env := []string{"JULI_SCREENSHOTS=" + dir, "JULI_TEST_ENGINE=sqlite", "JULI_TEST_PG="}
	return s.goTest(ctx, env, "-count=1", "-timeout=9m", "-tags=browser", "-run=^TestScreenshots$", "./internal/app")
}
