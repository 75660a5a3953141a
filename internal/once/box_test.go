package once_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/once"
)

// PI-7: who holds a copy of the table finds neither the answer, nor the key that
// opens it, nor what was asked; who sent the request gets the answer again.
func TestACopyOfTheTableGivesNoAnswerAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const scope, key, answer, body = "form /report/confirm/TICKETTICKET visitor", "KEYKEYKEYKEYKEYKEY", "/report/follow/SECRETSECRET", "phone=13900000001"
		do := func() (got []byte, replayed bool) {
			err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
				_, got, replayed, err = once.Do(t.Context(), tx, scope, key, []byte(body), func() (int, []byte, error) { return http.StatusSeeOther, []byte(answer), nil })
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return got, replayed
		}
		do()
		if got, replayed := do(); string(got) != answer || !replayed {
			t.Errorf("the sender gets %q again, replayed %v", got, replayed)
		}
		type row struct {
			scope, key   string
			body, answer []byte
		}
		var rows []row
		err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
			rows, err = db.All(t.Context(), tx, func(s db.Scanner) (r row, err error) { return r, s.Scan(&r.scope, &r.key, &r.body, &r.answer) }, `SELECT scope, key, body, answer FROM once_key`)
			return err
		})
		if err != nil || len(rows) != 1 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		whole := bytes.Join([][]byte{[]byte(rows[0].scope), []byte(rows[0].key), rows[0].body, rows[0].answer}, []byte("|"))
		for _, secret := range []string{"SECRETSECRET", "TICKETTICKET", "KEYKEY", "13900000001", "follow"} {
			if strings.Contains(string(whole), secret) {
				t.Errorf("the table holds %s", secret)
			}
		}
		err = d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE once_key SET answer = $1`, append(rows[0].answer[:len(rows[0].answer)-1:len(rows[0].answer)-1], rows[0].answer[len(rows[0].answer)-1]^1))
			if err != nil {
				return err
			}
			_, got, _, err := once.Do(t.Context(), tx, scope, key, []byte(body), func() (int, []byte, error) { return 0, nil, nil })
			if err == nil {
				t.Errorf("an altered answer opens as %q", got)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
