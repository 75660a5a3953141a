package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// common are the flags of every pass. Vet is part of lint.
var common = []string{"-count=1", "-vet=off", "-timeout=40m"}

// where lists the import paths of the packages that keep says yes to.
func (s *suite) where(ctx context.Context, keep func(testPackage) bool) ([]string, error) {
	all, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, p := range all {
		if keep(p) {
			paths = append(paths, p.path)
		}
	}
	return paths, nil
}

// pass runs one go test over the packages, if there are any.
func (s *suite) pass(ctx context.Context, env, flags []string, keep func(testPackage) bool) error {
	paths, err := s.where(ctx, keep)
	if err != nil || len(paths) == 0 {
		return err
	}
	args := append(append([]string{}, common...), flags...)
	return s.goTest(ctx, env, append(args, paths...)...)
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
