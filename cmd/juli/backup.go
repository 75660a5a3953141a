package main

import (
	"fmt"
	"io"
	"strings"

	"juli/internal/app"
	"juli/internal/backup"
)

// vault is where the key file and the uploaded files stand.
type vault struct {
	Keys  string `name:"keys" env:"JULI_KEYS" help:"密钥文件；SQLite 默认在数据库旁。" placeholder:"FILE"`
	Files string `name:"files" env:"JULI_FILES" help:"存放文件的目录；SQLite 默认在数据库旁。" placeholder:"DIR"`
}

func (v vault) config(d database) app.Config {
	return app.Config{DB: d.DB, Keys: v.Keys, Folder: v.Files}
}

type backupCmd struct {
	database
	output
	vault
	File string `arg:"" help:"写入的备份文件。"`
}

// Run copies the city into one sealed file while it runs.
func (c *backupCmd) Run(e env) error {
	keys, err := app.OpenMasters(c.config(c.database))
	if err != nil {
		return err
	}
	place, err := app.OpenPlace(e.ctx, c.config(c.database))
	if err != nil {
		return err
	}
	defer func() { _ = app.ClosePlace(place) }()
	m, err := backup.CreateFile(e.ctx, place, keys, c.File)
	if err != nil {
		return err
	}
	return c.answer(e, m, func(w io.Writer) {
		fmt.Fprintf(w, "已备份到 %s：%s\n", c.File, said(m))
		fmt.Fprintln(w, "密钥文件不在备份里，请另行妥善保存。")
	})
}

type verifyCmd struct {
	database
	output
	vault
	logCheck
	What string `arg:"" help:"备份文件，公开日志的网址（https://…/log），核验证明文件（.tlog-proof），或双随机抽取文件（.json）。"`
	Temp string `help:"临时恢复所用的目录，默认系统临时目录。" type:"existingdir" placeholder:"DIR"`
}

// Run checks a public log or one proof of it, or restores a copy of a backup to
// a temporary place and asks every invariant.
func (c *verifyCmd) Run(e env) error {
	if strings.HasSuffix(c.What, ".json") {
		return c.draw(e)
	}
	if c.of(c.What) {
		v, err := c.run(e.ctx, c.What)
		if err != nil {
			return err
		}
		return c.answer(e, v, v.print)
	}
	f, err := openFile(c.What)
	if err != nil {
		return err
	}
	defer f.Close()
	keys, err := app.OpenMasters(c.config(c.database))
	if err != nil {
		return err
	}
	m, err := backup.Verify(e.ctx, keys, f, c.Temp, app.Invariants()...)
	if err != nil {
		return err
	}
	return c.answer(e, m, func(w io.Writer) { fmt.Fprintf(w, "备份完好：%s\n", said(m)) })
}

type restoreCmd struct {
	database
	output
	vault
	File string `arg:"" type:"existingfile" help:"备份文件。"`
}

// Run puts a copy back into an empty database.
func (c *restoreCmd) Run(e env) error {
	keys, err := app.OpenMasters(c.config(c.database))
	if err != nil {
		return err
	}
	place, err := app.OpenPlace(e.ctx, c.config(c.database))
	if err != nil {
		return err
	}
	defer func() { _ = app.ClosePlace(place) }()
	f, err := openFile(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	m, err := backup.Restore(e.ctx, keys, f, place)
	if err != nil {
		return err
	}
	return c.answer(e, m, func(w io.Writer) { fmt.Fprintf(w, "已恢复：%s\n", said(m)) })
}

// said describes a backup in one line.
func said(m backup.Manifest) string {
	rows := int64(0)
	for _, n := range m.Rows {
		rows += n
	}
	return fmt.Sprintf("%d 张表，%d 行，%d 个文件；取自 %s", len(m.Rows), rows, m.Files, m.Taken)
}
