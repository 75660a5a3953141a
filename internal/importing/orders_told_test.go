package importing_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/city/town"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/importing"
	"juli/internal/resident"
	"juli/internal/sheet"
)

const topicHead = "工单编号,类型,问题类别,项目编码,小区名称,内容,手机号,受理日期\n"

// TestARowOfOrdersIsToldEverythingThatIsWrongWithItAtOnce: whoever mends a file and
// sends it again is not told the next mistake of the same row then.
func TestARowOfOrdersIsToldEverythingThatIsWrongWithItAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, town.New(t, d))
		w.hears(t)
		home := string(w.Projects[0].Code)
		for _, tt := range []struct{ row, want string }{
			{"GD1,骂人,没有的类别,,没有的小区,,123,1970-01-01", "body class estate phone received topic"},
			{"GD2,投诉,没有的类别," + home + ",,楼道没有打扫,123,", "phone topic"},
			{"GD 3,,," + home + ",,楼道没有打扫,,", "order_no"},
			{"GD4,,,,没有的小区,楼道没有打扫,,2031-01-01", "estate received"},
		} {
			out, err := w.Check(t.Context(), w.clerk, file(importing.Orders, []byte(topicHead+tt.row+"\n")), nil)
			var keys []string
			for _, p := range out.Report.Problems {
				keys = append(keys, p.Key)
				if p.Key == "topic" && !strings.Contains(p.Text, "电梯") {
					t.Errorf("%s: the topics are not listed: %s", tt.row, p.Text)
				}
			}
			slices.Sort(keys)
			if got := strings.Join(keys, " "); err != nil || got != tt.want || out.New != 0 {
				t.Errorf("%s: told %s, want %s; %d new, %v", tt.row, got, tt.want, out.New, err)
			}
		}
	})
}

// TestTheOrdersOfAFileAreNamedAndFoundByTheirNumbers: with the reports that were made
// of them; a topic may be written by its name, as the template offers it.
func TestTheOrdersOfAFileAreNamedAndFoundByTheirNumbers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, town.New(t, d))
		w.hears(t)
		home := string(w.Projects[0].Code)
		first, more := "NC0001,投诉,电梯,"+home+",,停了两天,,\n", "NC0002,,clean,"+home+",,没有打扫,,\n"
		w.load(w.clerk, file(importing.Orders, []byte(topicHead+first)), "1 rows: 1 new, 0 changed, 0 same, 0 wrong, committed true")
		out, err := w.Import(t.Context(), w.clerk, file(importing.Orders, []byte(topicHead+first+more)), nil)
		if err != nil || len(out.Orders) != 2 || !out.Orders[0].Known || out.Orders[1].Known || out.New != 1 || out.Same != 1 {
			t.Fatalf("the second file: %+v, %v", out, err)
		}
		everywhere := authz.Scopes(authz.System("test"), authz.ReportRead)
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			for ref, want := range map[string]int{"NC0001": 1, "NC0002": 1, "NC": 2, "NC0003": 0, out.Orders[0].Number: 1, "": 2} {
				q := resident.Query{Scopes: everywhere, Number: ref, Orders: true, Limit: 10}
				list, err := resident.List(ctx, tx, q)
				if err != nil || len(list) != want {
					t.Errorf("by %q %d reports are found, want %d, %v", ref, len(list), want, err)
				}
				q.Public = true
				if list, err = resident.List(ctx, tx, q); strings.HasPrefix(ref, "NC") && (err != nil || len(list) != 0) {
					t.Errorf("everybody finds %d reports by the order %s, %v", len(list), ref, err)
				}
			}
			for i, topic := range []string{"lift", "clean"} {
				r, err := w.Reports.Find(ctx, tx, authz.System("test"), out.Orders[i].Report)
				if err != nil || r.Topic != topic || r.SourceRef != out.Orders[i].Ref || r.Number != out.Orders[i].Number {
					t.Errorf("order %d is %+v, %v", i, r, err)
				}
			}
			return nil
		})
		var b bytes.Buffer
		if err := w.Template(t.Context(), &b, importing.Orders, sheet.XLSX); err != nil {
			t.Fatal(err)
		}
		book, err := sheet.Open(t.Context(), bytes.NewReader(b.Bytes()), int64(b.Len()), sheet.Standard)
		if err != nil {
			t.Fatal(err)
		}
		if in, err := importing.Orders.Schema().Inspect(t.Context(), book); err != nil || len(in.Missing)+len(in.Unknown) != 0 {
			t.Errorf("the template is not read again: %+v, %v", in, err)
		}
		if !strings.Contains(sheetText(t, b.Bytes()), "业委会和业主大会") {
			t.Error("the template does not list the topics")
		}
	})
}

// sheetText is everything that a workbook holds.
func sheetText(t *testing.T, book []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, in); err != nil {
			t.Fatal(err)
		}
		in.Close()
	}
	return all.String()
}
