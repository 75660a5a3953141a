package credit_test

import (
	"context"
	"slices"
	"testing"

	"juli/internal/authz"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/db/dbtest"
)

// byNumber are the records that somebody finds by a number.
func (w *world) byNumber(who authz.Actor, text string) (ids []db.ID) {
	w.t.Helper()
	w.must(w.d.Read(w.t.Context(), func(tx *db.Tx) error {
		found, err := w.s.ByNumber(w.t.Context(), tx, who, text, 20)
		for _, n := range found {
			if n.ItemTitle == "" || n.Enterprise == "" || n.Number == "" {
				w.t.Errorf("found without its names: %+v", n)
			}
			if !slices.Contains(ids, n.Record) {
				ids = append(ids, n.Record)
			}
		}
		return err
	}))
	return ids
}

func TestARecordIsFoundByItsNumbersByWhoMaySeeIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, "2021-07-05")
		id := w.noticed("南街改〔2021〕901号")
		notice := w.dossier(w.firm, id).Number
		if notice == "" {
			t.Fatal("the notice has no number")
		}
		finds := func(when string, who authz.Actor, text string, want bool) {
			t.Helper()
			if got := slices.Contains(w.byNumber(who, text), id); got != want {
				t.Errorf("%s, %q: found %v, want %v", when, text, got, want)
			}
		}
		for _, text := range []string{"南街改〔2021〕901号", "南街改[2021]901", "南街改（2021） 901号", notice} {
			finds("told, the firm", w.firm, text, true)
			finds("told, the district", district, text, true)
			finds("told, the public", authz.Anonymous, text, false)
			finds("told, another firm", w.rival, text, false)
			finds("told, another district", elsewhere, text, false)
		}
		take := w.take(id, "签到表")
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return w.s.ObjectIn(ctx, tx, w.firm, take, credit.Plain{Ground: "wrong_facts", Text: "不是我们的小区"})
		})
		take = w.take(id, "属实")
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return w.s.DecideObjectionIn(ctx, tx, district2, take, false)
		})
		letter := w.dossier(w.firm, id).Pleas[0].Number
		w.want(id, credit.RecordEffective)
		for _, text := range []string{"南街改〔2021〕901号", notice} {
			finds("in effect, the public", authz.Anonymous, text, true)
			finds("in effect, another firm", w.rival, text, true)
		}
		finds("the decision's letter, the firm", w.firm, letter, true)
		finds("the decision's letter, the public", authz.Anonymous, letter, false)
		finds("the decision's letter, another firm", w.rival, letter, false)
		finds("no number at all", w.firm, "南街改", false)
	})
}
