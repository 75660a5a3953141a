package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// files lists the files of the repository as they lie here, committed or about
// to be, without those that .gitignore names. It asks git without its own
// folder, so that it works in a checkout that belongs to another user, in an
// unpacked archive, and with commits still to be made.
func files(ctx context.Context) ([]string, error) {
	temp, err := os.MkdirTemp("", "juli-files-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	dir := filepath.Join(temp, "empty.git")
	if _, err := output(ctx, "", nil, "git", "init", "--quiet", "--bare", dir); err != nil {
		return nil, err
	}
	listed, err := output(ctx, "", nil, "git", "--git-dir="+dir, "--work-tree=.",
		"ls-files", "-z", "--others", "--exclude-standard")
	if err != nil {
		return nil, err
	}
	if listed == "" {
		return nil, errors.New("no file found here")
	}
	return strings.Split(strings.TrimSuffix(listed, "\x00"), "\x00"), nil
}
