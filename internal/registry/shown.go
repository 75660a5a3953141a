package registry

import (
	"context"
	"maps"

	"juli/internal/code"
	"juli/internal/db"
	"juli/internal/money"
)

// Shown is a subject's values as people read them: figures grouped, places by
// their names. What is masked or cannot be read stays as it is.
func Shown(ctx context.Context, tx *db.Tx, cols []Column, values map[string]string) (map[string]string, error) {
	out := maps.Clone(values)
	for _, c := range cols {
		text := values[c.Key]
		switch c.Form {
		case MoneyForm:
			if n, err := money.ParseFen(text); err == nil {
				out[c.Key] = n.Format()
			}
		case AreaForm:
			if n, err := money.ParseArea(text); err == nil {
				out[c.Key] = n.Format()
			}
		case DivisionForm:
			names, err := DivisionNames(ctx, tx, func(yield func(code.Division) bool) { yield(code.Division(text)) })
			if err != nil {
				return nil, err
			}
			if name := names[code.Division(text)]; name != "" {
				out[c.Key] = name + "（" + text + "）"
			}
		}
	}
	return out, nil
}
