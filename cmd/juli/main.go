// Command juli is the whole platform in one program: it serves the city, fills
// a demo city, imports, evaluates, checks rulebooks, and looks after itself.
//
//	main.go       flags, environment, exit status
//	serve.go      serve, admin init, totp
//	demo.go       demo, forward
//	data.go       evaluate, figures
//	import.go     import
//	rulebook.go   rulebook check, rulebook test
//	doctor.go     doctor, migrate
//	keys.go       keys rotate, keys master
//	open311.go    open311 key, key-end, key-list
//	backup.go     backup, restore, verify
//	bench.go      bench
//
// docs/cli.md is its contract with other tools.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"

	"juli/internal/fault"
)

// version is stamped at build time.
var version = "dev"

// commands is what the command line says; every flag is mirrored by JULI_*.
type commands struct {
	Serve    serveCmd    `cmd:"" help:"启动平台。"`
	Demo     demoCmd     `cmd:"" help:"在空数据库中建立演示城市。"`
	Forward  forwardCmd  `cmd:"" help:"把演示城市的日历向前推进，到期的事项逐日办理。"`
	Admin    adminCmd    `cmd:"" help:"管理员账号。"`
	Totp     totpCmd     `cmd:"" help:"显示演示账号的动态码。"`
	Import   importCmd   `cmd:"" help:"导入企业、项目、人员、信用记录。"`
	Evaluate evaluateCmd `cmd:"" help:"按规则试算全市信用，不发布。"`
	Rulebook rulebookCmd `cmd:"" help:"检查、测试规则。"`
	Figures  figuresCmd  `cmd:"" help:"全市指标。"`
	Doctor   doctorCmd   `cmd:"" help:"检查设置、数据库结构和不变量。"`
	Migrate  migrateCmd  `cmd:"" help:"把数据库结构更新到本程序的版本。"`
	Keys     keysCmd     `cmd:"" help:"更换密钥。"`
	Open311  open311Cmd  `cmd:"" name:"open311" help:"开放接口（Open311）客户端的密钥。"`
	Backup   backupCmd   `cmd:"" help:"热备份。"`
	Restore  restoreCmd  `cmd:"" help:"从备份恢复。"`
	Verify   verifyCmd   `cmd:"" help:"核验备份、公开日志或核验证明。"`
	Bench    benchCmd    `cmd:"" help:"性能测量。"`

	Version kong.VersionFlag `help:"显示版本。"`
}

// database is the flag that most commands share.
type database struct {
	DB string `name:"db" env:"JULI_DB" default:"sqlite://data/juli.db" help:"数据库地址：sqlite:///路径 或 postgres://…" placeholder:"URL"`
}

// output is how a command answers: a person's text, or JSON for programs.
type output struct {
	JSON bool `name:"json" help:"输出 JSON。"`
}

// env is what a command runs in; tests give their own.
type env struct {
	ctx      context.Context
	out, err io.Writer
}

// answer prints v as JSON, or runs the printer for people.
func (o output) answer(e env, v any, people func(w io.Writer)) error {
	if !o.JSON {
		people(e.out)
		return nil
	}
	enc := json.NewEncoder(e.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// errFailed ends a command with status 1 after it has said itself what failed.
var errFailed = errors.New("failed")

// misused are the refusals of what a flag says: the program was not asked rightly.
var misused = map[string]bool{"cli.date": true, "cli.id": true, "app.admin-addr": true, "app.proxies": true}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once (SHD-1)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main without the process: 0 done, 1 refused or failed, 2 misused.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c commands
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("juli"), kong.Description("聚力：智慧物业管理平台。"), kong.UsageOnError(),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exit = code }),
		kong.Vars{"version": version}, kong.DefaultEnvars("JULI"))
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	if len(args) == 0 { // no command is a wrong usage, told by the help
		parser.Stdout = stderr
		_, _ = parser.Parse([]string{"--help"})
		return 2
	}
	kctx, err := parser.Parse(args)
	if exit >= 0 { // --help, --version
		return exit
	}
	if err != nil {
		fmt.Fprintf(stderr, "juli: 用法不对：%s。请看 juli --help。\n", inChinese(err))
		return 2
	}
	if err := kctx.Run(env{ctx, stdout, stderr}); err != nil {
		complain(stderr, err)
		if misused[fault.From(err).Rule] {
			return 2
		}
		return 1
	}
	return 0
}

// complain tells a person what was refused; the cause of a failure of ours is
// shown too, since whoever runs a command looks after the system.
func complain(w io.Writer, err error) {
	if errors.Is(err, errFailed) {
		return
	}
	f := fault.From(err)
	fmt.Fprintf(w, "juli: %s（%s）\n", f.Text, f.Rule)
	for _, name := range slices.Sorted(maps.Keys(f.Fields)) {
		fmt.Fprintf(w, "  %s：%s\n", name, f.Fields[name])
	}
	if f.Err != nil {
		fmt.Fprintf(w, "  %v\n", f.Err)
	}
}
