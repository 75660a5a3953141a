package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// linter is built once from the modules that tools/lint/go.mod pins.
const linter = ".cache/bin/golangci-lint"

func lint(ctx context.Context, _ *suite) error {
	if err := buildLinter(ctx); err != nil {
		return err
	}
	return show(exec.CommandContext(ctx, linter, "run", "--timeout=9m", "./..."))
}

// buildLinter builds golangci-lint where it is missing or older than its pins.
func buildLinter(ctx context.Context) error {
	pins, err := os.ReadFile(filepath.Join("tools", "lint", "go.sum"))
	if err != nil {
		return err
	}
	want := fmt.Appendf(nil, "%x", sha256.Sum256(pins))
	stamp := linter + ".pins"
	if have, err := os.ReadFile(stamp); err == nil && bytes.Equal(have, want) {
		if _, err := os.Stat(linter); err == nil {
			return nil
		}
	}
	if err := os.MkdirAll(filepath.Dir(linter), 0o755); err != nil {
		return err
	}
	fmt.Println("building the linter, once")
	target, err := filepath.Abs(linter)
	if err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", "-C", "tools/lint", "build", "-trimpath", "-o", target,
		"github.com/golangci/golangci-lint/v2/cmd/golangci-lint")
	if err := show(build); err != nil {
		return err
	}
	return os.WriteFile(stamp, want, 0o644)
}

// generated fails where templ generate would change a committed file.
func generated(ctx context.Context, _ *suite) error {
	const root = "internal"
	if _, err := os.Stat(root); os.IsNotExist(err) {
		return nil
	}
	before, err := digests(root)
	if err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "go", "tool", "templ", "generate", "-path", root).CombinedOutput(); err != nil {
		return fmt.Errorf("templ generate: %w\n%s", err, out)
	}
	after, err := digests(root)
	if err != nil {
		return err
	}
	var stale []string
	for path, sum := range after {
		if before[path] != sum {
			stale = append(stale, path)
		}
	}
	if len(stale) > 0 {
		return fmt.Errorf("run make generate and commit: %s", strings.Join(stale, " "))
	}
	return nil
}

// digests hashes the generated components under root.
func digests(root string) (map[string][sha256.Size]byte, error) {
	sums := map[string][sha256.Size]byte{}
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_templ.go") {
			return err
		}
		text, err := os.ReadFile(path)
		sums[path] = sha256.Sum256(text)
		return err
	})
	return sums, err
}
