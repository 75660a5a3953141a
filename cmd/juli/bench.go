package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"syscall"
	"time"

	"juli/internal/fault"
)

// benchRounds is how often each pair is measured; the median counts.
const benchRounds = 3

type benchCmd struct {
	output
	DB   string `name:"db" env:"JULI_BENCH_DB" help:"空的 PostgreSQL 数据库；不写则用临时 SQLite 文件。" placeholder:"URL"`
	Rows int    `default:"1000000" help:"信用信息条数。"`
	Only string `enum:",evaluate,import,pages,reports" default:"" help:"只测一项：evaluate、import、pages、reports。"`

	CPUProfile string `name:"cpuprofile" help:"把 CPU 剖析写入文件。" placeholder:"FILE"`
	MemProfile string `name:"memprofile" help:"把内存剖析写入文件。" placeholder:"FILE"`

	Ask bool `hidden:"" help:"只作为另一个进程请求标准输入里的网址，一行一个。"`
}

// A ratio is one measurement: what the platform costs against the bare thing,
// and how far it may go.
type ratio struct {
	Key   string  `json:"key"`
	Name  string  `json:"name"`
	Cost  float64 `json:"cost"`                // of ours, in Unit
	Bare  float64 `json:"bare"`                // of what it is compared with
	Unit  string  `json:"unit"`                // "s" wall-clock, "µs" of CPU per request
	Ratio float64 `json:"ratio"`               // Cost / Bare
	CPU   float64 `json:"cpu_ratio,omitempty"` // the same of processor times
	Goal  float64 `json:"goal"`                // highest Ratio, or highest Cost where Of is "cost"; 0 none
	Of    string  `json:"of"`                  // "ratio" or "cost"
	OK    bool    `json:"ok"`
}

func (r ratio) judged() ratio {
	if r.Bare > 0 {
		r.Ratio = r.Cost / r.Bare
	}
	value := r.Ratio
	if r.Of == "cost" {
		value = r.Cost
	}
	r.OK = r.Goal == 0 || value <= r.Goal
	return r
}

type benchAnswer struct {
	Engine  string  `json:"engine"`
	Rows    int     `json:"rows"`
	CPUs    int     `json:"cpus"`
	Load    string  `json:"load,omitempty"` // of the machine before the run, others' work included
	Results []ratio `json:"results"`
}

// Run measures the platform's costs side by side with what they are compared
// with (docs/performance.md) in a database that it throws away.
func (c *benchCmd) Run(e env) error {
	if c.Ask {
		return ask(e.ctx, os.Stdin)
	}
	if c.Rows < 1000 || c.Rows > 10_000_000 {
		return fault.New(fault.Invalid, "cli.rows", "条数应在 1,000 至 10,000,000 之间。")
	}
	slog.SetDefault(slog.New(slog.NewJSONHandler(e.err, &slog.HandlerOptions{Level: slog.LevelWarn}))) // as serve has it
	dir, err := os.MkdirTemp("", "juli-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b, err := openBench(e.ctx, c.DB, dir)
	if err != nil {
		return err
	}
	defer b.Close()
	b.say = e.err
	done, err := c.profile()
	if err != nil {
		return err
	}
	out := benchAnswer{Engine: b.DB.Engine(), Rows: c.Rows, CPUs: runtime.NumCPU(), Load: machineLoad()}
	parts := []struct {
		name string
		run  func(context.Context) ([]ratio, error)
	}{
		{"import", b.imports},
		{"evaluate", func(ctx context.Context) ([]ratio, error) { return b.evaluations(ctx, c.Rows) }},
		{"pages", b.pages},
		{"reports", b.reports},
	}
	for _, p := range parts {
		if c.Only != "" && c.Only != p.name {
			continue
		}
		list, err := p.run(e.ctx)
		if err != nil {
			return fmt.Errorf("bench %s: %w", p.name, err)
		}
		out.Results = append(out.Results, list...)
	}
	if err := done(); err != nil {
		return err
	}
	return c.answer(e, out, func(w io.Writer) { printBench(w, out) })
}

func printBench(w io.Writer, out benchAnswer) {
	fmt.Fprintf(w, "%s，%d 条信用信息，%d 核，测前负载 %s\n", out.Engine, out.Rows, out.CPUs, out.Load)
	for _, r := range out.Results {
		goal, mark, cpu := "", "达到", ""
		if r.CPU > 0 {
			cpu = fmt.Sprintf("（处理器时间 %.2f 倍）", r.CPU)
		}
		if r.Goal > 0 {
			if goal = fmt.Sprintf("目标 ≤ %.1f 倍", r.Goal); r.Of == "cost" {
				goal = fmt.Sprintf("目标 ≤ %.0f %s", r.Goal, r.Unit)
			}
		} else {
			mark = ""
		}
		if !r.OK {
			mark = "未达到"
		}
		fmt.Fprintf(w, "  %-40s %10.3f %s，对照 %10.3f %s，%6.2f 倍%s　%s　%s\n", r.Name, r.Cost, r.Unit, r.Bare, r.Unit, r.Ratio, cpu, goal, mark)
	}
}

// profile starts what was asked for; the function that it gives ends it.
func (c *benchCmd) profile() (func() error, error) {
	if c.CPUProfile == "" && c.MemProfile == "" {
		return func() error { return nil }, nil
	}
	var cpu *os.File
	if c.CPUProfile != "" {
		var err error
		if cpu, err = os.Create(filepath.Clean(c.CPUProfile)); err != nil {
			return nil, err
		}
		if err := pprof.StartCPUProfile(cpu); err != nil {
			return nil, err
		}
	}
	return func() error {
		if cpu != nil {
			pprof.StopCPUProfile()
			if err := cpu.Close(); err != nil {
				return err
			}
		}
		if c.MemProfile == "" {
			return nil
		}
		f, err := os.Create(filepath.Clean(c.MemProfile))
		if err != nil {
			return err
		}
		defer f.Close()
		return pprof.Lookup("allocs").WriteTo(f, 0)
	}, nil
}

// A spent is what one side of a duel took, in seconds.
type spent struct{ wall, cpu float64 }

// duel runs two things in turn, ours and the bare one, and gives the medians of
// their wall-clock and processor times.
func duel(rounds int, ours, bare func() error) (cost, against spent, err error) {
	sides := [2]struct {
		run       func() error
		wall, cpu []float64
	}{{run: bare}, {run: ours}}
	for range rounds {
		for i := range sides {
			runtime.GC()
			start, before := time.Now(), processCPU()
			if err := sides[i].run(); err != nil {
				return spent{}, spent{}, err
			}
			sides[i].wall = append(sides[i].wall, time.Since(start).Seconds())
			sides[i].cpu = append(sides[i].cpu, (processCPU() - before).Seconds())
		}
	}
	of := func(i int) spent { return spent{median(sides[i].wall), median(sides[i].cpu)} }
	return of(1), of(0), nil
}

// against makes a ratio of two sides: of wall-clock times, and of processor times
// beside it, which say more while others use the machine. On PostgreSQL the
// server's own work is only in the first.
func (s spent) against(o spent, r ratio) ratio {
	r.Cost, r.Bare, r.Unit, r.Of = s.wall, o.wall, "s", "ratio"
	if o.cpu > 0 {
		r.CPU = s.cpu / o.cpu
	}
	return r.judged()
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// processCPU is what the process has computed so far, in the kernel and out of it.
func processCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// machineLoad is the system's load average, so that a reader sees who else worked.
func machineLoad() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	var one, five, fifteen string
	if _, err := fmt.Sscan(string(text), &one, &five, &fifteen); err != nil {
		return ""
	}
	return one + " " + five + " " + fifteen
}
