package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
)

// binary is the release build that tools/build makes.
const binary = "bin/juli"

// release builds the binary as a release is built.
func release(ctx context.Context) error {
	_, err := output(ctx, "", nil, "bash", "tools/build")
	return err
}

// A component is one entry of a CycloneDX bill of materials.
type component struct {
	Type    string `json:"type"`
	Name    string `json:"name"`
	Version string `json:"version"`
	PURL    string `json:"purl"`
	Hashes  []hash `json:"hashes,omitempty"`
}

type hash struct {
	Alg     string `json:"alg"`
	Content string `json:"content"`
}

type bill struct {
	Format   string `json:"bomFormat"`
	Spec     string `json:"specVersion"`
	Version  int    `json:"version"`
	Metadata struct {
		Component component `json:"component"`
	} `json:"metadata"`
	Components []component `json:"components"`
}

// sbom writes the bill of materials from what the linker recorded in the
// binary, and compares it with what `go version -m` prints.
func sbom(ctx context.Context) (string, error) {
	if err := release(ctx); err != nil {
		return "", err
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return "", err
	}
	b, err := billOf(info)
	if err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return "", err
	}
	const path = binary + ".cdx.json"
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return "", err
	}
	printed, err := output(ctx, "", nil, "go", "version", "-m", binary)
	if err != nil {
		return "", err
	}
	if n := strings.Count(printed, "\n\tdep\t"); n+1 != len(b.Components) {
		return "", fmt.Errorf("the bill lists %d components, go version -m %d modules and Go", len(b.Components), n)
	}
	return fmt.Sprintf("%s lists %d components", path, len(b.Components)), nil
}

// billOf lists the Go distribution and the modules of a build.
func billOf(info *debug.BuildInfo) (bill, error) {
	b := bill{Format: "CycloneDX", Spec: "1.5", Version: 1}
	b.Metadata.Component = component{Type: "application", Name: info.Main.Path, Version: info.Main.Version, PURL: "pkg:golang/" + info.Main.Path}
	b.Components = []component{{Type: "library", Name: "std", Version: info.GoVersion, PURL: "pkg:golang/std@" + info.GoVersion}}
	for _, dep := range info.Deps {
		if dep.Replace != nil {
			return bill{}, fmt.Errorf("module %s is replaced", dep.Path)
		}
		c := component{Type: "library", Name: dep.Path, Version: dep.Version, PURL: "pkg:golang/" + dep.Path + "@" + dep.Version}
		// h1 is the SHA-256 over the module's file list, in base 64.
		sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(dep.Sum, "h1:"))
		if err != nil || len(sum) != sha256.Size {
			return bill{}, fmt.Errorf("module %s has no checksum", dep.Path)
		}
		c.Hashes = []hash{{Alg: "SHA-256", Content: hex.EncodeToString(sum)}}
		b.Components = append(b.Components, c)
	}
	return b, nil
}

// repro builds the same source twice in different folders, the second time
// with a build cache that never saw our packages, and compares the bytes.
func repro(ctx context.Context) (string, error) {
	temp, err := os.MkdirTemp("", "juli-repro-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	first, second := filepath.Join(temp, "one"), filepath.Join(temp, "another", "place")
	if err := copyTree(ctx, first); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(second), 0o755); err != nil {
		return "", err
	}
	if _, err := output(ctx, "", nil, "cp", "-a", first, second); err != nil { // the tree may change meanwhile
		return "", err
	}
	cache, err := cleanCache(ctx, first, temp)
	if err != nil {
		return "", err
	}
	var sums []string
	for i, dir := range []string{first, second} {
		env := []string{}
		if i == 1 {
			env = append(env, "GOCACHE="+cache)
		}
		if _, err := output(ctx, dir, env, "bash", "tools/build"); err != nil {
			return "", err
		}
		text, err := os.ReadFile(filepath.Join(dir, binary))
		if err != nil {
			return "", err
		}
		sum := sha256.Sum256(text)
		sums = append(sums, hex.EncodeToString(sum[:]))
	}
	if sums[0] != sums[1] {
		return "", fmt.Errorf("two builds of the same source differ: %s and %s", sums[0], sums[1])
	}
	return "two folders, two caches, one SHA-256: " + sums[0], nil
}

// cleanCache makes a build cache in temp that holds the dependencies and none
// of our packages. The dependencies stay in a cache of their own between runs.
func cleanCache(ctx context.Context, dir, temp string) (string, error) {
	user, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	kept := filepath.Join(user, "juli-repro")
	listed, err := output(ctx, dir, []string{"CGO_ENABLED=0"}, "go", "list", "-deps", "./cmd/juli")
	if err != nil {
		return "", err
	}
	deps := slices.DeleteFunc(strings.Fields(listed), func(path string) bool {
		return path == "juli" || strings.HasPrefix(path, "juli/")
	})
	build := append([]string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid="}, deps...)
	if _, err := output(ctx, dir, []string{"CGO_ENABLED=0", "GOCACHE=" + kept}, "go", build...); err != nil {
		return "", err
	}
	cache := filepath.Join(temp, "cache")
	_, err = output(ctx, "", nil, "cp", "-a", kept, cache)
	return cache, err
}

// copyTree copies the files of the repository, as they lie here, to dir.
func copyTree(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	names, err := files(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, text, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// hooked are packages that only tests may link, and the words that mark a
// hook: an environment variable or a symbol made for tests.
var (
	hooked = []string{
		"testing", "testing/synctest", "net/http/httptest", "juli/internal/db/dbtest", "juli/internal/city/town",
		"pgregory.net/rapid", "go.uber.org/goleak", "github.com/chromedp/chromedp", "github.com/google/go-cmp/cmp",
	}
	hookWords = []string{"JULI_TEST_", "JULI_FAULT", "JULI_FAKE", "testhook"}
)

// hooks looks for test code in the release build: by the packages that are
// linked, and by words in the bytes of an unstripped binary.
func hooks(ctx context.Context) (string, error) {
	listed, err := output(ctx, "", []string{"CGO_ENABLED=0"}, "go", "list", "-deps", "./cmd/juli")
	if err != nil {
		return "", err
	}
	packages := strings.Fields(listed)
	temp, err := os.MkdirTemp("", "juli-hooks-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	path := filepath.Join(temp, "juli")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", path, "./cmd/juli")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build with symbols: %w\n%s", err, out)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if err := hooksIn(packages, text); err != nil {
		return "", err
	}
	return fmt.Sprintf("none among %d packages and the symbols of the binary", len(packages)), nil
}

// hooksIn names every hook among the linked packages and in a binary's bytes.
func hooksIn(packages []string, binary []byte) error {
	var errs []error
	for _, path := range packages {
		if slices.Contains(hooked, path) || strings.HasPrefix(path, "juli/internal/") && strings.HasSuffix(path, "test") {
			errs = append(errs, fmt.Errorf("the program links %s", path))
		}
	}
	for _, word := range hookWords {
		if bytes.Contains(binary, []byte(word)) {
			errs = append(errs, fmt.Errorf("the binary holds %q", word))
		}
	}
	return errors.Join(errs...)
}
