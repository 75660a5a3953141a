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
