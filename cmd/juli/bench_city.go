package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strconv"
	"time"

	"juli/internal/app"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/importing"
	"juli/internal/registry"
	"juli/internal/seal"
	"juli/internal/sheet"
	"juli/rulebooks"
)

// The city of the measurements: the real one's size, and ten times it.
const (
	benchFirms = 902
	benchHomes = 2891
	benchTimes = 10
)

// benchDay is the day on which the city of the measurements stands.
var benchDay = day.Of(2022, time.January, 1)

var errRollBack = errors.New("measured")

// A bench is the throw-away city in which everything is measured.
type bench struct {
	*app.App
	say   io.Writer
	book  *credit.Book
	who   authz.Actor
	firms int // so far
	homes int
	rows  int
	last  db.ID // the newest evaluation
}

// openBench makes the city: a SQLite file in dir, or an empty PostgreSQL database.
func openBench(ctx context.Context, url, dir string) (*bench, error) {
	cfg := app.Config{DB: url, Keys: filepath.Join(dir, "bench.keys"), Folder: filepath.Join(dir, "files")}
	if url == "" {
		cfg.DB = "sqlite://" + filepath.Join(dir, "bench.db")
	}
	if err := seal.CreateFile(cfg.Keys); err != nil { // beside PostgreSQL none is made
		return nil, err
	}
	a, err := app.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	from := time.Now()
	a = a.On(a.DB.WithClock(func() time.Time { return benchDay.Time().Add(9*time.Hour + time.Since(from)) }))
	text, err := rulebooks.Files.ReadFile("credit/harbin-2021.yaml")
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	book, err := credit.Parse(text)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return &bench{App: a, book: book, who: authz.System("bench")}, nil
}

func (b *bench) tell(format string, args ...any) { fmt.Fprintf(b.say, format+"\n", args...) }

// grow brings the city to a number of enterprises, projects and scoring rows.
func (b *bench) grow(ctx context.Context, firms, homes, rows int) error {
	b.tell("建立 %d 家企业、%d 个项目、%d 条信用信息……", firms, homes, rows)
	var communities []code.Division
	err := b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		communities, err = db.All(ctx, tx, func(row db.Scanner) (d code.Division, err error) { return d, row.Scan(&d) },
			`SELECT code FROM division WHERE parent = '230103001' OR parent = '230102001' ORDER BY code LIMIT 50`)
		return err
	})
	if err != nil {
		return err
	}
	for _, f := range []struct {
		kind importing.Kind
		rows iter.Seq2[[]any, error]
	}{{importing.Enterprises, firmRows(b.firms, firms)}, {importing.Projects, homeRows(b.homes, homes, firms, communities)}} {
		content, err := fileOf(ctx, f.kind, sheet.CSV, f.rows)
		if err != nil {
			return err
		}
		out, err := b.importing().Import(ctx, b.who, importing.File{Kind: f.kind, Content: bytes.NewReader(content), Size: int64(len(content)), Reason: "性能测量"}, nil)
		if err != nil {
			return err
		}
		if err := out.Err(); err != nil {
			return err
		}
	}
	b.firms, b.homes = firms, homes
	if rows <= b.rows {
		return nil
	}
	return b.DB.Write(ctx, func(tx *db.Tx) error { return b.addRows(ctx, tx, rows-b.rows, rows) })
}

func (b *bench) importing() *importing.Service {
	return &importing.Service{DB: b.DB, Registry: b.Registry, Records: b.Records}
}

// fileOf writes rows as a file with the columns of its template.
func fileOf(ctx context.Context, kind importing.Kind, format sheet.Format, rows iter.Seq2[[]any, error]) ([]byte, error) {
	var out bytes.Buffer
	_, err := kind.Schema().Write(ctx, &out, format, rows)
	return out.Bytes(), err
}

// cells puts values in the order of a kind's columns.
func cells(kind importing.Kind, values map[string]any) []any {
	columns := kind.Schema().Columns
	row := make([]any, len(columns))
	for i, c := range columns {
		row[i] = values[c.Key]
	}
	return row
}

func firmCode(n int) code.USCC {
	u, err := code.MakeUSCC(fmt.Sprintf("91230103MA%07d", n))
	if err != nil {
		panic(err)
	}
	return u
}

// firmRows are enterprises with names of many different characters.
func firmRows(from, to int) iter.Seq2[[]any, error] {
	first, second := []rune("新华民生安居长青银河金辉远大恒信嘉和瑞丰"), []rune("诚达宇通泰和盛世明德永康华茂润泽")
	return func(yield func([]any, error) bool) {
		for i := from; i < to; i++ {
			name := "哈尔滨" + string([]rune{first[i%20], second[i/20%16], first[i/320%20], second[i/6400%16]}) + "物业管理有限公司"
			row := cells(importing.Enterprises, map[string]any{
				"uscc": string(firmCode(i)), "name": name, "kind": "LOCAL", "legal_person": "王建国", "division": "230103",
				"address": "哈尔滨市南岗区红旗大街" + strconv.Itoa(i%999+1) + "号", "phone": "13812345678", "founded": day.Of(2010, time.May, 1),
				"staff": int64(40), "party_members": int64(3), "entered": day.Of(2019, time.January, 1),
			})
			if !yield(row, nil) {
				return
			}
		}
	}
}

func homeRows(from, to, firms int, communities []code.Division) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for i := from; i < to; i++ {
			row := cells(importing.Projects, map[string]any{
				"name": "花园" + strconv.Itoa(i+1) + "号小区", "division": string(communities[i%len(communities)]), "address": "花园街" + strconv.Itoa(i%999+1) + "号",
				"kind": "RESIDENTIAL", "area": int64(20_000_00 + i%97*1_000_00), "households": int64(300), "enterprise": string(firmCode(i % firms)),
				"entered": day.Of(2019, time.January, 1),
			})
			if !yield(row, nil) {
				return
			}
		}
	}
}

// evidence is what the rows are about, in turn: mostly small things at
// projects, some at the enterprise, some long expired.
var evidence = []struct {
	item, level, proof string
	home               bool
}{
	{"HRB-N11", "", "", true},
	{"HRB-N12", "", "", true},
	{"HRB-N05", "", "HLJ-N3", true},
	{"HRB-G08", "", "", true},
	{"HRB-B04", "", "", true},
	{"HRB-N12", "", "", true},
	{"HRB-G07", "", "", true},
	{"HRB-N11", "", "", true},
	{"HRB-N04", "", "HLJ-N3", true},
	{"HRB-N02", "ordinary", "HLJ-N2", false},
	{"HRB-G05", "city", "", false},
	{"HRB-N09", "", "", true},
	{"HRB-N01", "", "HLJ-N1", false},
	{"HRB-G11", "", "", true},
}

// addRows adds n rows over two years, spread over all enterprises so that there
// are total rows then.
func (b *bench) addRows(ctx context.Context, tx *db.Tx, n, total int) error {
	snap, err := registry.SnapshotOn(ctx, tx, benchDay)
	if err != nil {
		return err
	}
	homes := map[code.USCC][]db.ID{}
	for i := range snap.Projects {
		p := &snap.Projects[i]
		homes[p.Enterprise] = append(homes[p.Enterprise], p.ID)
	}
	err = credit.AddEntries(ctx, tx, func(yield func(credit.Entry) bool) {
		for i := range snap.Enterprises {
			firm := &snap.Enterprises[i]
			for j := n * i / len(snap.Enterprises); j < n*(i+1)/len(snap.Enterprises); j++ {
				if !yield(entry(tx.NewID(), firm.ID, homes[firm.USCC], b.rows+j)) {
					return
				}
			}
		}
	})
	b.rows = total
	return err
}

func entry(id, firm db.ID, homes []db.ID, j int) credit.Entry {
	about := &evidence[j%len(evidence)]
	event := benchDay.AddDays(-1 - j*37%730)
	e := credit.Entry{
		Enterprise: firm, ID: id, Record: id, Subject: credit.Subject{Kind: credit.Enterprise, ID: firm}, Item: about.item, Level: about.level,
		Event: event, Decision: event, Identified: event.AddDays(5), Effective: event.AddDays(20), Evidence: about.proof,
	}
	if about.home && len(homes) > 0 {
		e.Subject = credit.Subject{Kind: credit.Project, ID: homes[j/len(evidence)%len(homes)]}
	}
	return e
}
