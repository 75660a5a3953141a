package resident_test

import (
	"context"
	"testing"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
)

func (w *world) correct(id db.ID, topic string) error {
	w.t.Helper()
	take := w.take(id, "工单归类有误")
	return w.act(func(ctx context.Context, tx *db.Tx) error { return w.CorrectIn(ctx, tx, w.street, take, topic) })
}

// TestACorrectedTopicMovesAReportToItsOfficeAndItsTerm: by the rulebook; whoever keeps
// it gains no day by it.
func TestACorrectedTopicMovesAReportToItsOfficeAndItsTerm(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d) // 2021-06-01, a Tuesday
		for _, tt := range []struct {
			name, from, to, on string
			state, due         string
			office, holder     authz.Role
		}{
			{"to another office, which has the whole term from now", "other", "heat", "2021-06-03", resident.Dispatched, "2021-06-08", authz.DistrictBureau, authz.DistrictBureau},
			{"a longer term counts from the dispatch", "clean", "door", "2021-06-03", resident.Dispatched, "2021-06-08", authz.Enterprise, authz.Enterprise},
			{"a shorter term counts from now, not later than before", "door", "lift", "2021-06-03", resident.Dispatched, "2021-06-07", authz.Enterprise, authz.Enterprise},
			{"a shorter term on the last day leaves that day", "door", "lift", "2021-06-08", resident.Dispatched, "2021-06-08", authz.Enterprise, authz.Enterprise},
			{"what waits to be signed goes where the rulebook sends it at once", "fees", "door", "2021-06-02", resident.Dispatched, "2021-06-09", authz.Enterprise, authz.Enterprise},
			{"what waits to be signed waits on", "fees", "heat", "2021-06-02", resident.Submitted, "", authz.DistrictBureau, authz.Subdistrict},
		} {
			id := w.report(tt.from, anna).Report
			later := w.on(tt.on)
			wantRule(t, later.correct(id, tt.to), "")
			r := later.see(id)
			if r.State != tt.state || r.Topic != tt.to || r.Office != tt.office || r.Case.Holder.Role != tt.holder {
				t.Errorf("%s: %s %s for %s with %s", tt.name, r.State, r.Topic, r.Office, r.Case.Holder.Key())
			}
			if tt.due != "" && (r.Due.String() != tt.due || r.Case.Due.String() != tt.due) {
				t.Errorf("%s: due %s and %s, want %s", tt.name, r.Due, r.Case.Due, tt.due)
			}
			if want := map[string]string{"heat": "供热", "door": "单元门", "lift": "电梯"}[tt.to] + "（" + r.Number + "）"; r.Case.Title != want {
				t.Errorf("%s: the to-do is called %s", tt.name, r.Case.Title)
			}
		}
	})
}

func TestATopicIsCorrectedWithAReasonByWhoSignsAndNotTooOften(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		id := w.report("clean", anna).Report
		take := resident.Take{Report: id, Version: w.see(id).Case.Version}
		wantRule(t, w.act(func(ctx context.Context, tx *db.Tx) error { return w.CorrectIn(ctx, tx, w.street, take, "door") }), "casework.note")
		for _, topic := range []string{"clean", "", "nothing"} {
			wantRule(t, w.correct(id, topic), "resident.topic")
		}
		wantRule(t, w.on("2021-08-30").correct(id, "door"), "resident.too-late")
		wantRule(t, w.correct(id, "door"), "")
		wantRule(t, w.correct(id, "clean"), "")
		wantRule(t, w.correct(id, "door"), "casework.often")
		w.WantAudit("resident_report:"+id.String(), "resident.reported", "resident.topic-corrected", "resident.topic-corrected")
	})
}

func TestALampThatIsOutIsFoundToBeARepair(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, text := range []string{"楼道灯不亮", "灯坏", "地下车库没有照明"} {
			in := w.submission("", anna)
			in.Body = text
			out, err := w.Submit(t.Context(), authz.Anonymous, in)
			wantRule(t, err, "")
			if r := w.see(out.Report); r.Topic != "repair" {
				t.Errorf("%s is taken for %s", text, r.Topic)
			}
		}
	})
}

// TestReportsOfDifferentTopicsAreMergedWithAReason: an order that was sorted wrongly is
// the same lamp as a resident's report.
func TestReportsOfDifferentTopicsAreMergedWithAReason(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, b := w.report("repair", anna), w.report("other", bob)
		kin := w.report("other", "13800000003")
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			alike, err := w.Alike(ctx, tx, w.see(b.Report))
			if err != nil || len(alike) != 2 || alike[0].ID != kin.Report || alike[1].ID != a.Report {
				t.Errorf("proposed: %v, %v", alike, err)
			}
			return nil
		})
		for _, tt := range []struct{ note, rule string }{{"", "resident.merge-why"}, {" ", "resident.merge-why"}, {"同一盏楼道灯", ""}} {
			take := resident.Take{Report: b.Report, Version: w.see(b.Report).Case.Version, Note: tt.note}
			wantRule(t, w.act(func(ctx context.Context, tx *db.Tx) error { return w.MergeIn(ctx, tx, w.street, take, a.Report) }), tt.rule)
		}
	})
}
