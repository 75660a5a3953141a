package main

import (
	"fmt"
	"io"

	"juli/internal/seal"
)

type keysCmd struct {
	Rotate keysRotateCmd `cmd:"" help:"换用新的数据密钥；原来加密的内容仍可读。"`
	Master keysMasterCmd `cmd:"" help:"在密钥文件中加一把新的主密钥，并改用它保护全部数据密钥。"`
}

type keysRotateCmd struct {
	database
	output
	vault
}

// Run makes a new data key, beside a running server (CRY-4).
func (c *keysRotateCmd) Run(e env) error {
	a, err := open(e, c.database, c.vault)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Keys.Rotate(e.ctx); err != nil {
		return err
	}
	return c.answer(e, map[string]bool{"rotated": true}, func(w io.Writer) {
		fmt.Fprintf(w, "新的数据密钥将在 %v 后启用，运行中的程序不用重启。\n", seal.Notice)
	})
}

type keysMasterCmd struct {
	database
	output
	vault
}

// Run makes a new master key and wraps every data key under it (CRY-4).
func (c *keysMasterCmd) Run(e env) error {
	a, err := open(e, c.database, c.vault)
	if err != nil {
		return err
	}
	defer a.Close()
	path, err := seal.Path(a.DB, c.Keys)
	if err != nil {
		return err
	}
	if err := seal.AddMaster(path); err != nil {
		return err
	}
	if err := a.Keys.Rewrap(e.ctx); err != nil {
		return err
	}
	return c.answer(e, map[string]bool{"master": true}, func(w io.Writer) {
		fmt.Fprintln(w, "已换用新的主密钥。请另存密钥文件；旧主密钥留在文件里，旧备份仍要用它。")
	})
}
