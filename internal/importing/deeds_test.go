package importing_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"juli/internal/city/town"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/deed"
	"juli/internal/importing"
	"juli/internal/money"
	"juli/internal/sheet"
)

const deedHead = "序号,事项名称,类别,来源,12345工单号,区划代码,登记日期,办结日期,销号日期,办理结果,受益人数（人）,统计口径,受益户数（户）,投入资金（元）\n"

const pastDeed = "2020-001,更换单元门,房屋和设施维修,群众反映,HRB1001,230103001003,2020-03-01,2020-05-20,2020-05-28,换好,480,按户籍或住户登记人数,160,36000.00"

func (w *world) served() (sum deed.Totals) {
	w.t.Helper()
	w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
		sum, err = deed.Solved(ctx, tx, "", tx.Today(), false)
		return err
	})
	return sum
}

// TestPastDeedsComeAllOrNoneAndOnce: a file with one wrong row brings nothing and
// tells of each row; a right one is counted once, however often it is sent, and
// comes out again as it can come in.
func TestPastDeedsComeAllOrNoneAndOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, town.New(t, d))
		good := pastDeed
		second := "2020-002,疏通排水,water,hotline,,230103,2020-03-01,2020-06-20,2020-06-28,通畅,20,现场清点,5,"
		second = strings.Replace(second, "现场清点", "按现场清点人数", 1)
		for _, tt := range []struct{ row, want string }{
			{"2020-003,修路,没有的类别,群众反映,,230103,2020-03-01,2020-06-20,2020-06-28,好,20,site,5,", "category"},
			{"2020-003,修路,road,群众反映,HRB1001,230103,2020-03-01,2020-06-20,2020-06-28,好,20,site,5,", "order"},
			{"2020-001,修路,road,群众反映,,230103,2020-03-01,2020-06-20,2020-06-28,好,20,site,5,", "serial"},
			{"2020-003,修路,road,群众反映,,230102,2020-03-01,2020-06-20,2020-06-28,好,20,site,5,", "division"},
			{"2020-003,修路,road,群众反映,,230103,2020-07-01,2020-06-20,2020-06-28,好,20,site,5,", "entered"},
			{"2020-003,修路,road,群众反映,,230103,2020-03-01,2020-06-29,2020-06-28,好,20,site,5,", "done"},
			{"2020-003,修路,road,群众反映,,230103,2020-03-01,2020-06-20,2031-06-28,好,20,site,5,", "closed"},
			{"2020-003,修路,road,群众反映,,230103,2020-03-01,2020-06-20,2020-06-28,好,0,site,,", "people"},
			{"2020-003,修路,road,群众反映,,230103,2020-03-01,2020-06-20,2020-06-28,好,20,猜的,5,", "how"},
			{"2020-003,修路,road,群众反映,,230103,2020-03-01,2020-06-20,2020-06-28,好,20,site,21,", "households"},
		} {
			out, err := w.Import(t.Context(), w.clerk, file(importing.Deeds, []byte(deedHead+good+"\n"+tt.row+"\n")), nil)
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, p := range out.Report.Problems {
				keys = append(keys, p.Key)
			}
			if out.Committed || out.Report.Bad != 1 || !slices.Equal(keys, []string{tt.want}) || out.Report.Problems[0].Row != 3 {
				t.Errorf("%s: committed %v, %v", tt.want, out.Committed, out.Report.Problems)
			}
		}
		if sum := w.served(); sum.Matters != 0 {
			t.Fatalf("a wrong file brought %+v", sum)
		}
		right := []byte(deedHead + good + "\n" + second + "\n")
		w.load(w.clerk, file(importing.Deeds, right), "2 rows: 2 new, 0 changed, 0 same, 0 wrong, committed true")
		w.load(w.clerk, file(importing.Deeds, right), "2 rows: 0 new, 0 changed, 2 same, 0 wrong, committed true")
		if sum := w.served(); sum.Matters != 2 || sum.People != 500 || sum.Spent != 36_000*money.Yuan {
			t.Errorf("imported: %+v", sum)
		}
		var b bytes.Buffer
		n, err := w.Export(t.Context(), w.clerk, &b, importing.Deeds, "230103", sheet.CSV, false)
		if err != nil || n != 2 {
			t.Fatalf("export: %d, %v", n, err)
		}
		w.load(w.clerk, file(importing.Deeds, b.Bytes()), "2 rows: 0 new, 0 changed, 2 same, 0 wrong, committed true")
	})
}

// TestAFrozenMonthTakesNoPastDeed: what a district has reported stays as it is.
func TestAFrozenMonthTakesNoPastDeed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, town.New(t, d))
		ledger := w.Ledger
		chief := w.Fresh(w.District(town.Huayuan))
		if _, err := ledger.Collect(t.Context(), chief, deed.Draft{Title: "修门", Category: "repair", Source: "report", Division: "230103", Detail: "门坏"}); err != nil {
			t.Fatal(err)
		}
		july := w.On("2021-07-02")
		july.Write(func(ctx context.Context, tx *db.Tx) error {
			if _, err := ledger.AdvanceIn(ctx, tx); err != nil {
				return err
			}
			r, err := ledger.Report(ctx, tx, chief, "2021-06")
			if err != nil {
				return err
			}
			return ledger.FreezeIn(ctx, tx, chief, deed.Take{Deed: r.Lines[0].Case.ID, Version: r.Lines[0].Case.Version})
		})
		w.Service.DB = july.DB
		row := "A1,修路,road,report,,230103,2021-03-01,2021-06-20,%s,好,20,site,5,\n"
		out, err := w.Import(t.Context(), w.clerk, file(importing.Deeds, []byte(deedHead+strings.Replace(row, "%s", "2021-06-28", 1))), nil)
		if err != nil || out.Committed || len(out.Report.Problems) != 1 || out.Report.Problems[0].Key != "closed" {
			t.Errorf("into a frozen month: %+v, %v", out.Report.Problems, err)
		}
		w.load(w.clerk, file(importing.Deeds, []byte(deedHead+strings.Replace(row, "%s", "2021-07-01", 1))), "1 rows: 1 new, 0 changed, 0 same, 0 wrong, committed true")
	})
}
