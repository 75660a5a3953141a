// Command assets bundles the browser code from npm into internal/web/assets/dist,
// where the program embeds it. It runs after npm ci and does nothing while the
// bundles are newer than what they are made of.
//
// It is a module of its own, so that the product does not link esbuild.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/evanw/esbuild/pkg/api"
)

// entries maps a bundle's name to its source, both seen from the repository.
var entries = []api.EntryPoint{
	{InputPath: "tools/assets/htmx.js", OutputPath: "htmx"},
	{InputPath: "tools/assets/charts.js", OutputPath: "charts"},
}

const dist = "internal/web/assets/dist"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
}

func run() error {
	root, err := repository()
	if err != nil {
		return err
	}
	if err := os.Chdir(root); err != nil {
		return err
	}
	if _, err := os.Stat("node_modules/htmx.org"); err != nil {
		return fmt.Errorf("run npm ci first: %w", err)
	}
	if fresh() {
		return nil
	}
	result := api.Build(api.BuildOptions{
		EntryPointsAdvanced: entries,
		AbsWorkingDir:       root,
		NodePaths:           []string{filepath.Join(root, "node_modules")},
		Outdir:              dist,
		Bundle:              true,
		Format:              api.FormatIIFE,
		Target:              api.ES2020,
		Charset:             api.CharsetUTF8,
		LegalComments:       api.LegalCommentsLinked,
		MinifySyntax:        true,
		MinifyWhitespace:    true,
		MinifyIdentifiers:   true,
		Write:               true,
		LogLevel:            api.LogLevelWarning,
	})
	if len(result.Errors) > 0 {
		return fmt.Errorf("%d errors", len(result.Errors))
	}
	for _, f := range result.OutputFiles {
		fmt.Printf("%s %d\n", filepath.Base(f.Path), len(f.Contents))
	}
	return nil
}

// repository is the nearest folder above that holds package-lock.json.
func repository() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(dir, "package-lock.json")); e == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no package-lock.json above %s", dir)
		}
		dir = up
	}
	return "", err
}

// fresh says whether every bundle is newer than its sources and the lock file.
func fresh() bool {
	newest := time.Time{}
	sources, _ := filepath.Glob("tools/assets/*")
	for _, file := range append(sources, "package-lock.json") {
		if info, err := os.Stat(file); err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	for _, e := range entries {
		info, err := os.Stat(filepath.Join(dist, strings.TrimPrefix(e.OutputPath, "/")+".js"))
		if err != nil || info.ModTime().Before(newest) {
			return false
		}
	}
	return true
}
