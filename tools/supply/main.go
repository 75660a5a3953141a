// Command supply checks where the program comes from (SUP-1, SUP-3):
//
//	go run ./tools/supply tree|licences|sbom|repro|hooks …
//
// tree looks for third-party files in the repository and download addresses in
// the lock file; licences classifies every module and npm package that is
// linked, tested with or bundled; sbom writes bin/juli.cdx.json, a CycloneDX
// bill of materials, and compares it with the binary; repro builds twice in
// different folders and compares the bytes; hooks looks for test code in the
// release binary.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// checks by name. Each returns one line that says what it found in order.
var checks = map[string]func(ctx context.Context) (string, error){
	"tree":     tree,
	"licences": licences,
	"sbom":     sbom,
	"repro":    repro,
	"hooks":    hooks,
}

func main() {
	for _, name := range os.Args[1:] {
		check, ok := checks[name]
		if !ok {
			fmt.Fprintf(os.Stderr, "supply: no check %q\n", name)
			os.Exit(2)
		}
		said, err := check(context.Background())
		if err != nil {
			fmt.Fprintf(os.Stderr, "supply: %s: %v\n", name, err)
			os.Exit(1)
		}
		fmt.Printf("%s: %s\n", name, said)
	}
}

// output runs a command and returns what it printed.
func output(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var failure strings.Builder
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, failure.String())
	}
	return string(out), nil
}
