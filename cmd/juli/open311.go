package main

import (
	"context"
	"fmt"
	"io"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/resident"
)

type open311Cmd struct {
	Key     open311KeyCmd  `cmd:"" help:"为一个客户端新建密钥；密钥只显示这一次。"`
	KeyEnd  open311EndCmd  `cmd:"" name:"key-end" help:"停用一个密钥。"`
	KeyList open311ListCmd `cmd:"" name:"key-list" help:"列出密钥。"`
}

// keyman is who manages keys at the machine: who may open its database.
func keyman() authz.Actor { return authz.System("cli") }

type open311KeyCmd struct {
	database
	output
	vault
	Name     string `arg:"" help:"使用密钥的客户端。"`
	Division string `help:"可反映的区县代码，如 230102；不写为全市。" placeholder:"代码"`
	Contact  string `help:"客户端管理单位的办公电话或邮箱。" placeholder:"联系方式"`
}

// Run makes a key and shows it.
func (c *open311KeyCmd) Run(e env) error {
	a, err := open(e, c.database, c.vault)
	if err != nil {
		return err
	}
	defer a.Close()
	var id db.ID
	var key string
	err = a.DB.Write(e.ctx, func(tx *db.Tx) (err error) {
		id, key, err = a.Reports.MakeKeyIn(e.ctx, tx, keyman(), resident.KeyAsk{Channel: resident.Open311, Name: c.Name, Division: code.Division(c.Division), Contact: c.Contact})
		return err
	})
	if err != nil {
		return err
	}
	return c.answer(e, map[string]string{"id": id.String(), "api_key": key}, func(w io.Writer) {
		fmt.Fprintf(w, "编号 %s\n密钥 %s\n密钥只显示这一次，请以可靠的方式交给客户端的管理者。\n", id, key)
	})
}

type open311EndCmd struct {
	database
	output
	vault
	ID string `arg:"" name:"id" help:"密钥的编号。"`
}

// Run ends a key at once.
func (c *open311EndCmd) Run(e env) error {
	id, err := db.ParseID(c.ID)
	if err != nil {
		return fault.New(fault.Invalid, "cli.id", "编号的写法不正确：%s", c.ID)
	}
	a, err := open(e, c.database, c.vault)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.DB.Write(e.ctx, func(tx *db.Tx) error { return a.Reports.EndKeyIn(e.ctx, tx, keyman(), resident.Open311, id) }); err != nil {
		return err
	}
	return c.answer(e, map[string]string{"ended": id.String()}, func(w io.Writer) { fmt.Fprintln(w, "已停用。") })
}

type open311ListCmd struct {
	database
	output
	vault
}

// Run lists the keys, newest first; the keys themselves are kept nowhere.
func (c *open311ListCmd) Run(e env) error {
	a, err := open(e, c.database, c.vault)
	if err != nil {
		return err
	}
	defer a.Close()
	list := []resident.Key{}
	err = a.DB.Read(e.ctx, func(tx *db.Tx) error { return listKeys(e.ctx, tx, a.Reports, &list) })
	if err != nil {
		return err
	}
	return c.answer(e, list, func(w io.Writer) {
		for _, k := range list {
			state := "在用"
			if !k.Ended.IsZero() {
				state = k.Ended.In(day.Shanghai).Format("2006-01-02 15:04") + " 停用"
			}
			fmt.Fprintf(w, "%s  %s  %s  %s 新建  %s\n", k.ID, k.Name, k.Division, k.MadeAt.In(day.Shanghai).Format("2006-01-02 15:04"), state)
		}
	})
}

func listKeys(ctx context.Context, tx *db.Tx, reports *resident.Reports, list *[]resident.Key) error {
	keys, err := reports.KeysOf(ctx, tx, keyman(), resident.Open311)
	*list = append((*list)[:0], keys...)
	return err
}
