package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTallyShowsPackagesFailuresAndSkips(t *testing.T) {
	const events = `{"Action":"output","Package":"p","Test":"TestGood","Output":"noise\n"}
{"Action":"pass","Package":"p","Test":"TestGood"}
{"Action":"output","Package":"p","Test":"TestBad","Output":"    want 1, got 2\n"}
{"Action":"fail","Package":"p","Test":"TestBad"}
{"Action":"output","Package":"p","Test":"TestLazy","Output":"    no server\n"}
{"Action":"skip","Package":"p","Test":"TestLazy"}
{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}
{"Action":"skip","Package":"q"}
{"Action":"build-output","ImportPath":"r","Output":"r.go:1: no such thing\n"}
go: a message
`
	tl := tally{lines: map[string]*strings.Builder{}}
	var out strings.Builder
	if err := tl.read(strings.NewReader(events), &out); err != nil {
		t.Fatal(err)
	}
	if tl.passed != 1 || tl.failed != 2 {
		t.Errorf("tally = %d passed, %d failed; want 1 and 2: a skip is a failure", tl.passed, tl.failed)
	}
	want := "    want 1, got 2\n    no server\np TestLazy skipped itself: a test that does not run has not passed\n" +
		"ok  \tp\t0.1s\nr.go:1: no such thing\ngo: a message\n"
	if out.String() != want {
		t.Errorf("shown:\n%s\nwant:\n%s", out.String(), want)
	}
}

func TestBrowserTestsAreFoundByTheirTag(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"walk_test.go":  "//go:build browser\n\npackage p\n\nfunc TestWalk(t *T) {}\nfunc TestMain(m *M) {}\nfunc helper() {}\n",
		"other_test.go": "//go:build windows\n\npackage p\n\nfunc TestOther(t *T) {}\n",
		"plain_test.go": "package p\n\nfunc FuzzPlain(f *F) {}\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := testPackage{dir: dir}
	if err := p.scan([]string{"plain_test.go"}, []string{"walk_test.go", "other_test.go"}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(p.browser, " "); got != "TestWalk" {
		t.Errorf("browser tests = %q, want TestWalk alone", got)
	}
	if got := strings.Join(p.fuzz, " "); got != "FuzzPlain" {
		t.Errorf("fuzz targets = %q, want FuzzPlain", got)
	}
}

func TestTheWidestPackageIsCutAndNothingIsLost(t *testing.T) {
	runs := cut([]testPackage{
		{path: "a", tests: []string{"TestA"}},
		{path: "wide", tests: []string{"T1", "T2", "T3", "T4", "T5", "T6"}},
		{path: "z"},
	})
	var got []string
	for _, r := range runs {
		got = append(got, strings.Join(r, " "))
	}
	want := `-run=^(T1|T5)$ wide
-p=1 a
-run=^(T2|T6)$ wide
-p=1 z
-run=^(T3)$ wide
-skip=^(T1|T5|T2|T6|T3)$ wide`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("runs:\n%s", text)
	}
	if cut(nil) != nil {
		t.Error("runs of nothing")
	}
}
