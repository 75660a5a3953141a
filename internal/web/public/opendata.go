package public

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/sheet"
	"juli/internal/web"
)

// A dataset is one open file: the same rows as csv and json.
type dataset struct {
	Key, Title, About string
	Columns           []string // keys; the first line of the csv
	rows              func(ctx context.Context, d *Desk, tx *db.Tx, yield func([]string) error) error
}

var datasets = []dataset{
	{"enterprises", "物业服务企业名录", "登记在册的企业，不含个人信息", []string{"uscc", "name", "kind", "division", "state", "projects", "managed_area"}, openEnterprises},
	{"projects", "物业服务项目名录", "登记在册的项目", []string{"code", "name", "kind", "division", "address", "area", "households", "enterprise"}, openProjects},
	{"lists", "红黑榜条目", "已公布的红黑榜条目，含已移出的", []string{"batch", "side", "kind", "subject", "name", "division", "reason", "score", "listed_on", "until", "ended_on", "ended_why"}, openLists},
	{"results", "企业信用评价结果", "最近一次公布的结果", []string{"period", "uscc", "name", "division", "score", "grade", "status", "rank", "projects", "area"}, openResults},
}

func (d *Desk) openData(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, openDataPage(datasets))
}

// openFile streams a dataset, e.g. /open-data/projects.csv.
func (d *Desk) openFile(w http.ResponseWriter, r *http.Request) error {
	name, format, _ := strings.Cut(r.PathValue("file"), ".")
	for _, s := range datasets {
		if s.Key == name && (format == "csv" || format == "json") {
			return d.stream(w, r, s, format)
		}
	}
	return fault.New(fault.NotFound, "open-data.none", "没有这个数据文件。")
}

func (d *Desk) stream(w http.ResponseWriter, r *http.Request, s dataset, format string) error {
	web.Attachment(w, s.Key+"."+format, "text/csv; charset=utf-8")
	put, end := csvWriter(w, s.Columns)
	if format == "json" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		put, end = jsonWriter(w, s.Columns)
	} else if _, err := w.Write([]byte("\xef\xbb\xbf")); err != nil { // spreadsheet programs take it for GBK otherwise
		return err
	}
	err := d.DB.Read(r.Context(), func(tx *db.Tx) error { return s.rows(r.Context(), d, tx, put) })
	if err != nil {
		return err
	}
	return end()
}

func csvWriter(w http.ResponseWriter, columns []string) (put func([]string) error, end func() error) {
	c := csv.NewWriter(w)
	first := true
	return func(row []string) error {
			if first {
				first = false
				if err := c.Write(columns); err != nil {
					return err
				}
			}
			for i := range row {
				row[i] = neutral(row[i])
			}
			return c.Write(row)
		}, func() error {
			c.Flush()
			return c.Error()
		}
}

// amount is a number as the datasets write it: it stays one.
var amount = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// neutral keeps a spreadsheet program from taking a name for a formula (INP-4).
func neutral(s string) string {
	if amount.MatchString(s) {
		return s
	}
	return sheet.Neutralise(s)
}

func jsonWriter(w http.ResponseWriter, columns []string) (put func([]string) error, end func() error) {
	sep := "[\n"
	return func(row []string) error {
			item := make(map[string]string, len(row))
			for i, v := range row {
				item[columns[i]] = v
			}
			b, err := json.Marshal(item)
			if err != nil {
				return err
			}
			_, err = w.Write(append([]byte(sep), b...))
			sep = ",\n"
			return err
		}, func() error {
			if sep == "[\n" {
				_, err := w.Write([]byte("[]\n"))
				return err
			}
			_, err := w.Write([]byte("\n]\n"))
			return err
		}
}

func openEnterprises(ctx context.Context, _ *Desk, tx *db.Tx, yield func([]string) error) error {
	for after := ""; ; {
		list, next, err := registry.ListEnterprises(ctx, tx, registry.ListQuery{Sort: registry.ByCode, After: after, Limit: 200})
		if err != nil {
			return err
		}
		for _, e := range list {
			if err := yield([]string{string(e.USCC), e.Name, string(e.Kind), string(e.Division), string(e.State), strconv.FormatInt(e.Projects, 10), e.Managed.String()}); err != nil {
				return err
			}
		}
		if after = next; next == "" {
			return nil
		}
	}
}

func openProjects(ctx context.Context, _ *Desk, tx *db.Tx, yield func([]string) error) error {
	for after := ""; ; {
		list, next, err := registry.ListProjects(ctx, tx, registry.ListQuery{Sort: registry.ByCode, After: after, Limit: 200})
		if err != nil {
			return err
		}
		for _, p := range list {
			if err := yield([]string{string(p.Code), p.Name, string(p.Use), string(p.Division), p.Address, p.Area.String(), strconv.FormatInt(p.Households, 10), string(p.Enterprise)}); err != nil {
				return err
			}
		}
		if after = next; next == "" {
			return nil
		}
	}
}

func openResults(ctx context.Context, d *Desk, tx *db.Tx, yield func([]string) error) error {
	p, ok, err := d.published(ctx, tx)
	if err != nil || !ok {
		return err
	}
	for after := ""; ; {
		list, next, err := d.Evaluations.Standings(ctx, tx, credit.League{Evaluation: p.Evaluation, Kind: credit.Enterprise, After: after, Limit: 200})
		if err != nil {
			return err
		}
		for _, x := range list {
			score, rank := "", ""
			if x.Scored {
				score, rank = x.Score.String(), strconv.FormatInt(x.RankCity, 10)
			}
			row := []string{p.Period, x.Code, x.Name, string(x.Division), score, x.Grade, x.Status, rank, strconv.FormatInt(x.Projects, 10), x.Area.String()}
			if err := yield(row); err != nil {
				return err
			}
		}
		if after = next; next == "" {
			return nil
		}
	}
}

func openLists(ctx context.Context, d *Desk, tx *db.Tx, yield func([]string) error) error {
	numbers := map[db.ID]string{}
	for q := (listing.Query{Public: true, Sort: "listed", Limit: 200}); ; {
		list, err := d.Listing.Entries(ctx, tx, visitor, q)
		if err != nil {
			return err
		}
		for _, e := range list {
			if numbers[e.Batch] == "" {
				b, err := d.Listing.Batch(ctx, tx, visitor, e.Batch)
				if err != nil {
					return err
				}
				numbers[e.Batch] = b.Number
			}
			ended := ""
			if e.EndedOn != 0 {
				ended = e.EndedOn.String()
			}
			row := []string{numbers[e.Batch], string(e.Side), string(e.Kind), e.Subject, e.Name, string(e.Division), e.Reason, e.Score.String(), e.ListedOn.String(), e.Until.String(), ended, e.EndedWhy}
			if err := yield(row); err != nil {
				return err
			}
		}
		if len(list) < q.Limit {
			return nil
		}
		q.After = listing.CursorOf(list[len(list)-1], q.Sort)
	}
}
