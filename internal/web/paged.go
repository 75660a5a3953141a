package web

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"

	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/once"
)

// exportStep is how many rows of a file are read at once.
const exportStep = 200

// Paged reads a list whose service hands out its own cursors: the page that the
// address asks for, or for a file page after page until the end.
func Paged[T any](l *List, read func(after string, limit int) (rows []T, next string, err error)) ([]T, error) {
	after, limit := "", l.size()
	if key := l.After(); len(key) == 1 {
		after = key[0]
	}
	if l.Format != "" {
		limit = exportStep
	}
	var rows []T
	for {
		part, next, err := read(after, limit)
		if err != nil {
			return nil, err
		}
		if l.Format == "" {
			l.shown = len(part)
			if next != "" {
				raw, _ := json.Marshal([]string{next})
				l.next = base64.RawURLEncoding.EncodeToString(raw)
			}
			return part, nil
		}
		rows = append(rows, part...)
		l.shown = len(rows)
		if next == "" || len(rows) >= exportRows {
			return rows, nil
		}
		after = next
	}
}

// Once does something once, like [Act], where the answer is shown at once instead
// of on another page: a result for each of many rows. A second click gets the
// first one's answer.
func Once[T any](r *http.Request, d *db.DB, fn func(ctx context.Context, tx *db.Tx) (T, error)) (out T, err error) {
	st := stateOf(r.Context())
	key, scope, err := claim(r, st)
	if err != nil {
		return out, err
	}
	digest, err := st.form.digest()
	if err != nil {
		return out, err
	}
	var kept []byte
	err = d.Write(r.Context(), func(tx *db.Tx) error {
		err := st.recheck(r.Context(), tx)
		if err != nil {
			return err
		}
		_, kept, _, err = once.Do(r.Context(), tx, scope, key, digest, func() (int, []byte, error) {
			made, err := fn(r.Context(), tx)
			if err != nil {
				return 0, nil, err
			}
			text, err := json.Marshal(made)
			return http.StatusOK, text, err
		})
		return err
	})
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(kept, &out); err != nil {
		return out, fault.Wrap(err, fault.Internal, "form.answer", "结果无法显示。")
	}
	return out, nil
}

// Posted is one posted value before the form is read, for a form whose fields
// depend on it; "" if it is missing or came twice.
func Posted(r *http.Request, name string) string {
	b := stateOf(r.Context()).form
	if b == nil || len(b.values[name]) != 1 {
		return ""
	}
	return b.values[name][0]
}
