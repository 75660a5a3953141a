package main

import (
	"fmt"
	"io"
	"os"

	"juli/internal/app"
	"juli/internal/fault"
	"juli/internal/rulebook"
)

type rulebookCmd struct {
	Check rulebookCheckCmd `cmd:"" help:"检查规则文件。"`
	Test  rulebookTestCmd  `cmd:"" help:"运行规则文件自带的算例。"`
}

type rulebookCheckCmd struct {
	Files []string `arg:"" type:"existingfile" help:"规则文件（YAML）。"`
	output
}

type checkedFile struct {
	File    string `json:"file"`
	OK      bool   `json:"ok"`
	Kind    string `json:"kind,omitempty"`
	Code    string `json:"code,omitempty"`
	Version string `json:"version,omitempty"`
	Digest  string `json:"digest,omitempty"`
	Problem string `json:"problem,omitempty"` // all of it as a text

	Problems []checkedProblem `json:"problems,omitempty"`
}

type checkedProblem struct {
	Line int    `json:"line"`
	Path string `json:"path,omitempty"`
	Text string `json:"text"`
}

// Run checks every file and fails if any is refused.
func (c *rulebookCheckCmd) Run(e env) error {
	kinds := app.Kinds()
	var all []checkedFile
	failed := false
	for _, name := range c.Files {
		out := checkedFile{File: name}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		doc, err := kinds.Check(text)
		if err != nil {
			failed, out.Problem = true, fault.From(err).Text
			for _, p := range rulebook.ProblemsOf(err) {
				out.Problems = append(out.Problems, checkedProblem(p))
			}
			for _, t := range fault.From(err).Fields {
				out.Problem += "\n" + t
			}
		} else {
			out.OK, out.Kind, out.Code, out.Version, out.Digest = true, doc.Kind, doc.Code, doc.Version, doc.Digest
		}
		all = append(all, out)
	}
	err := c.answer(e, all, func(w io.Writer) {
		for _, f := range all {
			if f.OK {
				fmt.Fprintf(w, "通过 %s  %s %s@%s  %s\n", f.File, f.Kind, f.Code, f.Version, f.Digest)
			} else {
				fmt.Fprintf(w, "不通过 %s\n%s\n", f.File, f.Problem)
			}
		}
	})
	if err == nil && failed {
		return errFailed
	}
	return err
}

type rulebookTestCmd struct {
	Files []string `arg:"" type:"existingfile" help:"规则文件（YAML）。"`
	output
}

type testedExample struct {
	File        string   `json:"file"`
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Line        int      `json:"line"`
	Constructed bool     `json:"constructed"`
	OK          bool     `json:"ok"`
	Expected    string   `json:"expected"`
	Got         string   `json:"got"`
	Trace       []string `json:"trace,omitempty"`
}

// Run runs the worked examples; a failing one prints expected, got and the
// lines of the score.
func (c *rulebookTestCmd) Run(e env) error {
	kinds := app.Kinds()
	all := []testedExample{}
	failed := 0
	for _, name := range c.Files {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		results, err := kinds.Test(text)
		if err != nil {
			return fault.New(fault.Invalid, "rulebook.check", "%s：%s", name, fault.From(err).Text) // not wrapped: the cause is the same list again
		}
		for _, r := range results {
			all = append(all, tested(name, r))
			if !r.OK {
				failed++
			}
		}
	}
	err := c.answer(e, all, func(w io.Writer) { printTested(w, all, failed) })
	if err == nil && failed > 0 {
		return errFailed
	}
	return err
}

func tested(file string, r rulebook.ExampleResult) testedExample {
	x := testedExample{File: file, ID: r.ID, Title: r.Title, Line: r.Line, Constructed: r.Constructed, OK: r.OK, Expected: r.Expected, Got: r.Got}
	if !r.OK {
		x.Trace = r.Trace
	}
	return x
}

func printTested(w io.Writer, all []testedExample, failed int) {
	for _, x := range all {
		if x.OK {
			continue
		}
		fmt.Fprintf(w, "不符 %s:%d %s %s\n  应为 %s\n  实为 %s\n", x.File, x.Line, x.ID, x.Title, x.Expected, x.Got)
		for _, t := range x.Trace {
			fmt.Fprintf(w, "    %s\n", t)
		}
	}
	fmt.Fprintf(w, "%d 个算例，%d 个相符，%d 个不符\n", len(all), len(all)-failed, failed)
}
