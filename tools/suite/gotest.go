package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// An event is one line of go test -json.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Output     string
}

// A tally counts tests and remembers what failing ones printed.
type tally struct {
	passed, failed int
	lines          map[string]*strings.Builder // by package and test
}

// goTest runs go test over the packages, shows its ordinary lines and the
// output of failed tests, and fails where a test failed or skipped itself.
func (s *suite) goTest(ctx context.Context, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	t := tally{lines: map[string]*strings.Builder{}}
	read := t.read(out, os.Stdout)
	err = errors.Join(read, cmd.Wait())
	s.mu.Lock()
	s.passed += t.passed
	s.failed += t.failed
	s.mu.Unlock()
	if err == nil && t.failed > 0 {
		err = fmt.Errorf("%d tests failed or skipped themselves", t.failed)
	}
	return err
}

// read takes the events of one run and writes what a reader wants to see.
func (t *tally) read(in io.Reader, out io.Writer) error {
	lines := bufio.NewReaderSize(in, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				fmt.Fprintf(out, "%s", line) // not from a test: a message of the go command
			} else {
				t.take(e, out)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (t *tally) take(e event, out io.Writer) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "build-output":
		fmt.Fprint(out, e.Output)
	case "output":
		switch {
		case e.Test != "":
			if t.lines[key] == nil {
				t.lines[key] = new(strings.Builder)
			}
			t.lines[key].WriteString(e.Output)
		case e.Output != "PASS\n" && !strings.HasPrefix(e.Output, "testing: warning: no tests"):
			fmt.Fprint(out, e.Output)
		}
	case "pass":
		if e.Test != "" {
			t.passed++
		}
		delete(t.lines, key)
	case "fail", "skip":
		if e.Test == "" {
			return // the package's own line says it
		}
		t.failed++
		if kept := t.lines[key]; kept != nil {
			fmt.Fprint(out, kept.String())
		}
		if e.Action == "skip" {
			fmt.Fprintf(out, "%s %s skipped itself: a test that does not run has not passed\n", e.Package, e.Test)
		}
		delete(t.lines, key)
	}
}
