package main

import (
	"fmt"
	"io"

	"juli/internal/app"
)

type doctorCmd struct {
	database
	output
	vault
}

// Run checks settings, schema and invariants, and fails if any is not in order.
func (c *doctorCmd) Run(e env) error {
	findings, err := app.Doctor(e.ctx, c.config(c.database))
	if err != nil {
		return err
	}
	bad := 0
	for _, f := range findings {
		if !f.OK {
			bad++
		}
	}
	err = c.answer(e, findings, func(w io.Writer) {
		for _, f := range findings {
			mark := "正常"
			if !f.OK {
				mark = "异常"
			}
			fmt.Fprintf(w, "%s  %s  %s\n", mark, f.Name, f.Detail)
		}
	})
	if err == nil && bad > 0 {
		return errFailed
	}
	return err
}

type migrateCmd struct {
	database
	output
	vault
	Grant string `help:"另给这个 PostgreSQL 角色运行所需的权限：不能改动表结构，不能修改只增不改的表。"`
}

// Run brings the schema up to date under the role that may define it; the
// server can then run under one that may not (INP-8).
func (c *migrateCmd) Run(e env) error {
	a, err := app.Open(e.ctx, c.config(c.database))
	if err != nil {
		return err
	}
	defer a.Close()
	if c.Grant != "" {
		if err := a.DB.GrantRun(e.ctx, c.Grant); err != nil {
			return err
		}
	}
	have, _, err := a.DB.SchemaVersion(e.ctx)
	if err != nil {
		return err
	}
	return c.answer(e, map[string]int64{"schema": have}, func(w io.Writer) { fmt.Fprintf(w, "数据库结构已是版本 %d。\n", have) })
}
