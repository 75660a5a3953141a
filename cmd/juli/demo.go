package main

import (
	"fmt"
	"io"

	"juli/internal/app"
	"juli/internal/city"
	"juli/internal/day"
)

type demoCmd struct {
	database
	output
	vault
	Scale string `enum:"small,city" default:"city" help:"规模：small（24 家企业）或 city（902 家企业、2,891 个项目）。"`
	Seed  uint64 `default:"1" help:"随机种子；相同的种子得到相同的城市。"`
	Until string `default:"2021-12-31" help:"城市日历停在这一天，之后按真实速度前进。" placeholder:"DATE"`
}

// Run fills an empty database with a synthetic city and prints its accounts.
func (c *demoCmd) Run(e env) error {
	until, err := dateFlag(c.Until)
	if err != nil {
		return err
	}
	cfg := c.config(c.database)
	a, err := app.Open(e.ctx, cfg)
	if err != nil {
		return err
	}
	defer a.Close()
	opt := demoOptions(c.Scale, c.Seed, until)
	if !c.JSON {
		opt.Progress = e.out
	}
	list, err := a.BuildDemo(e.ctx, opt)
	if err != nil {
		return err
	}
	return c.answer(e, list, func(w io.Writer) { printAccounts(w, c.DB, list) })
}

type forwardCmd struct {
	database
	output
	vault
	Days int `arg:"" help:"推进的天数，1 到 366。"`
}

// Run moves a demo city's calendar on; no server may look at it meanwhile.
func (c *forwardCmd) Run(e env) error {
	a, err := open(e, c.database, c.vault)
	if err != nil {
		return err
	}
	defer a.Close()
	release, err := a.DB.Exclusive("serve")
	if err != nil {
		return err
	}
	defer release()
	var today day.Date
	if err := a.Forward(e.ctx, c.Days, func(d day.Date) { today = d }); err != nil {
		return err
	}
	return c.answer(e, map[string]string{"today": today.String()}, func(w io.Writer) {
		fmt.Fprintf(w, "演示城市的今天是 %s，到期的事项已逐日办理。\n", today)
	})
}

func demoOptions(scale string, seed uint64, until day.Date) city.Options {
	if scale == "small" {
		return city.Options{Scale: city.Small, Seed: seed, Until: until}
	}
	return city.Options{Scale: city.City, Seed: seed, Until: until}
}

func printAccounts(w io.Writer, db string, list []city.Account) {
	fmt.Fprintf(w, "\n演示账号（另存于 %s，仅本人可读）：\n", city.AccountsPath(db))
	for _, a := range list {
		fmt.Fprintf(w, "  %-14s %-24s %s　%s\n", a.Login, a.Password, a.Title, a.Place)
	}
	fmt.Fprintln(w, "动态码：juli totp --db "+db+" 账号")
}

// demoOf tells whether the open database is a demo one.
func demoOf(a *app.App) bool { return a.DB.Offset() != 0 }
