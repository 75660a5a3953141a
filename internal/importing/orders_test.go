package importing_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"juli/internal/city/town"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
	"juli/internal/importing"
	"juli/internal/resident"
	"juli/internal/rulebook"
	"juli/internal/sheet"
)

func (w *world) hears(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile("../../rulebooks/resident/harbin.yaml")
	if err != nil {
		t.Fatal(err)
	}
	books := &rulebook.Service{DB: w.Town.DB, Kinds: rulebook.KindsOf(resident.Kind())}
	w.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := books.InstallIn(ctx, tx, w.Program, text)
		return err
	})
	w.Reports = &resident.Reports{DB: w.Town.DB, Keys: w.Keys, City: "2301", Books: &resident.Books{City: "2301"}, Registry: w.Town.Registry}
}

const orderHead = "工单编号,类型,项目编码,小区名称,区划代码,内容,手机号,受理日期\n"

func TestOrdersAreImportedWholeOrNotAtAll(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, town.New(t, d))
		w.hears(t)
		home, away := string(w.Projects[0].Code), string(w.Projects[2].Code) // 南岗 and 道里
		good := "GD1,投诉," + home + ",,,楼道三天没有打扫,13900000001,2021-05-28\nGD2,,,文昌家园,230103,单元门坏了,,\n"
		count := func() (n int64) {
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
				n, err = resident.Count(ctx, tx, resident.Query{Public: true})
				return err
			})
			return n
		}
		bad := good + "GD3,投诉,,没有的小区,230103,内容内容,,\nGD4,投诉," + away + ",,,内容内容,,\nGD5,骂人," + home + ",,,内容内容,,\nGD6,投诉," + home + ",,,内容内容,123,\n"
		w.load(w.clerk, file(importing.Orders, []byte(orderHead+bad)), "6 rows: 2 new, 0 changed, 0 same, 4 wrong, committed false")
		if n := count(); n != 0 {
			t.Errorf("%d reports of a file with mistakes", n)
		}
		w.load(w.clerk, file(importing.Orders, []byte(orderHead+good)), "2 rows: 2 new, 0 changed, 0 same, 0 wrong, committed true")
		w.load(w.clerk, file(importing.Orders, []byte(orderHead+good)), "2 rows: 0 new, 0 changed, 2 same, 0 wrong, committed true")
		for _, other := range []string{
			"GD1,投诉," + home + ",,,电梯停了,13900000001,2021-05-28\n", // here already, another matter
			"GD7,投诉," + home + ",,,电梯停了,,\nGD7,投诉," + home + ",,,没有打扫,,\n",
			"GD8,投诉," + home + ",,,电梯停了,,1970-01-01\n",
		} {
			rows := strings.Count(other, "\n")
			dry, err := w.Check(t.Context(), w.clerk, file(importing.Orders, []byte(orderHead+other)), nil)
			if err != nil || dry.Report.Total != 1 || dry.New != int64(rows-1) {
				t.Errorf("tried: %s, %v", told(dry), err)
			}
			w.load(w.clerk, file(importing.Orders, []byte(orderHead+other)), fmt.Sprintf("%d rows: %d new, 0 changed, 0 same, 1 wrong, committed false", rows, rows-1))
		}
		if n := count(); n != 2 {
			t.Errorf("%d reports, want 2", n)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			r, err := resident.OrderOf(ctx, tx, "GD2")
			if err != nil || r.Topic != "door" || r.Class != "HELP" || r.Project != w.Projects[1].Code {
				t.Errorf("the second order: %+v, %v", r, err)
			}
			return nil
		})
		var b bytes.Buffer
		if _, err := w.Export(t.Context(), w.Program, &b, importing.Orders, "2301", sheet.CSV, false); !fault.Is(err, "importing.export") {
			t.Errorf("export: %v", err)
		}
	})
}
