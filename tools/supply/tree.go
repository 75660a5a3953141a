package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"
)

const fileMax = 2 << 20 // no source of ours is larger

// foreign are names under which third-party files come into a repository.
var foreign = regexp.MustCompile(`(^|/)(node_modules|vendor|third_party|bower_components)/|\.min\.(js|css)$|\.(woff2?|ttf|otf|ttc|eot|jar|dll|so|exe)$`)

// bundled is what `make assets` builds; only its notes are committed.
var bundled = regexp.MustCompile(`(^|/)assets/dist/`)

// notices are lines that other people's scripts and styles carry.
var notices = regexp.MustCompile(`(?i)@license|@preserve|/\*!|copyright \(c\)`)

// tree checks that the repository holds our own files alone, and that the lock
// file names packages without saying from which host they came.
func tree(ctx context.Context) (string, error) {
	names, err := files(ctx)
	if err != nil {
		return "", err
	}
	var errs []error
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		if err := checkFile(name, text); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return "", errors.Join(errs...)
	}
	return fmt.Sprintf("%d files, all our own", len(names)), nil
}

// checkFile says what is wrong with one file of the repository.
func checkFile(name string, text []byte) error {
	base := path.Base(name)
	switch {
	case foreign.MatchString(name):
		return fmt.Errorf("%s: third-party files come from npm or the module cache, never from the repository", name)
	case bundled.MatchString(name) && base != ".gitignore" && base != "README.txt":
		return fmt.Errorf("%s: bundles are built, not committed", name)
	case len(text) > fileMax:
		return fmt.Errorf("%s: %d bytes; nothing of ours is larger than %d", name, len(text), fileMax)
	case base == "package-lock.json" && bytes.Contains(text, []byte(`"resolved"`)):
		return fmt.Errorf("%s: holds download addresses; keep omit-lockfile-registry-resolved in .npmrc", name)
	case (strings.HasSuffix(name, ".js") || strings.HasSuffix(name, ".css")) && notices.Match(text):
		return fmt.Errorf("%s: carries somebody's licence notice; take it from npm by lock file", name)
	}
	return nil
}
