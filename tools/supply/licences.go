package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// allowed licences of what is linked or bundled.
var allowed = []string{"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "0BSD", "BSD-0-Clause", "Unlicense", "Zlib", "CC0-1.0", "BlueOak-1.0.0", "Python-2.0", "PSF-2.0"}

// allowedInTests are licences of modules that only tests and tools touch.
var allowedInTests = append(slices.Clone(allowed), "MPL-2.0", "CC-BY-4.0", "PSF-2.0", "Python-2.0")

// A module is what go list says of where a package comes from.
type module struct {
	Path, Version, Dir string
	Main               bool
}

// licences classifies every module linked into the program or its tests, and
// every npm package of the lock file, and refuses what is not on the list.
func licences(ctx context.Context) (string, error) {
	linked, err := modules(ctx, "./cmd/juli")
	if err != nil {
		return "", err
	}
	tested, err := modules(ctx, "-test", "./...")
	if err != nil {
		return "", err
	}
	count := map[string]int{}
	var errs []error
	for key, m := range tested {
		list := allowedInTests
		if _, ok := linked[key]; ok {
			list = allowed
		}
		name, err := licenceOf(m.Dir)
		if err == nil && !slices.Contains(list, name) {
			err = fmt.Errorf("licence %s is not allowed here", name)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("module %s: %w", key, err))
		}
		count[name]++
	}
	errs = append(errs, npmLicences("package-lock.json", count))
	if err := errors.Join(errs...); err != nil {
		return "", err
	}
	var parts []string
	for name, n := range count {
		parts = append(parts, fmt.Sprintf("%s %d", name, n))
	}
	slices.Sort(parts)
	return fmt.Sprintf("%d modules linked, %d with tests: %s", len(linked), len(tested), strings.Join(parts, ", ")), nil
}

// modules finds the modules behind the packages, by path and version.
func modules(ctx context.Context, args ...string) (map[string]module, error) {
	format := "{{with .Module}}{{.Path}}\t{{.Version}}\t{{.Dir}}\t{{.Main}}{{end}}"
	text, err := output(ctx, "", nil, "go", append([]string{"list", "-deps", "-f", format}, args...)...)
	if err != nil {
		return nil, err
	}
	found := map[string]module{}
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) == 4 && f[3] == "false" {
			found[f[0]+"@"+f[1]] = module{Path: f[0], Version: f[1], Dir: f[2]}
		}
	}
	return found, nil
}

// marks recognise a licence by words that no other carries; the first wins.
var marks = []struct {
	name string
	all  []string
}{
	{"MPL-2.0", []string{"mozilla public license version 2.0 ====="}}, // its text names the GNU licences too
	{"MPL-2.0", []string{"mozilla public license", "version 2.0"}},    // names the GPLs as secondary
	{"AGPL-3.0", []string{"gnu affero general public license"}},
	{"LGPL", []string{"gnu lesser general public license"}},
	{"GPL", []string{"gnu general public license"}},
	{"Apache-2.0", []string{"apache license", "version 2.0"}},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "neither the name"}},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "may not be used to endorse"}},
	{"BSD-2-Clause", []string{"redistribution and use in source and binary forms"}},
	{"ISC", []string{"permission to use, copy, modify, and", "distribute this software", "provided that the above copyright notice"}},
	{"MIT", []string{"permission is hereby granted, free of charge", "the above copyright notice"}},
	{"Unlicense", []string{"this is free and unencumbered software"}},
	{"CC0-1.0", []string{"cc0 1.0 universal"}},
}

var spaces = regexp.MustCompile(`\s+`)

// classify names the licence of a text, or "".
func classify(text string) string {
	text = strings.ToLower(spaces.ReplaceAllString(text, " "))
	for _, m := range marks {
		if !slices.ContainsFunc(m.all, func(words string) bool { return !strings.Contains(text, words) }) {
			return m.name
		}
	}
	return ""
}

// licenceOf reads the licence file at the root of a module.
func licenceOf(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("not in the module cache")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		base := strings.ToUpper(e.Name())
		if e.IsDir() || !strings.HasPrefix(base, "LICEN") && !strings.HasPrefix(base, "COPYING") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return "", err
		}
		if name := classify(string(text)); name != "" {
			return name, nil
		}
	}
	return "", errors.New("no licence found")
}

// npmLicences checks the packages of a lock file, where there is one.
func npmLicences(path string, count map[string]int) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var lock struct {
		Packages map[string]struct {
			License string
			Dev     bool
		}
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var errs []error
	for name, p := range lock.Packages {
		if name == "" {
			continue // the root: ourselves
		}
		list := allowed
		if p.Dev {
			list = allowedInTests
		}
		if !slices.Contains(list, p.License) {
			errs = append(errs, fmt.Errorf("npm package %s: licence %q is not allowed here", name, p.License))
		}
		count[p.License]++
	}
	return errors.Join(errs...)
}
