package importing_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/city/town"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/deed"
	"juli/internal/fault"
	"juli/internal/importing"
	"juli/internal/job"
	"juli/internal/registry"
	"juli/internal/rulebook"
	"juli/internal/sheet"
	"juli/rulebooks"
)

// A world is a town with the service under test.
type world struct {
	*town.Town
	*importing.Service
	t     testing.TB
	clerk authz.Actor // of 南岗
}

func newWorld(t testing.TB, tn *town.Town) *world {
	t.Helper()
	text, err := rulebooks.Files.ReadFile("credit/harbin-2021.yaml")
	if err != nil {
		t.Fatal(err)
	}
	book, err := credit.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	files, err := blob.At(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	w := &world{Town: tn, t: t, clerk: official(authz.DistrictBureau, "230103")}
	w.Service = &importing.Service{
		DB: tn.DB, Registry: tn.Registry, Files: files,
		Ledger:  &deed.Service{DB: tn.DB, Keys: tn.Keys, Books: &deed.Books{City: "2301"}},
		Records: &credit.Records{DB: tn.DB, Books: func(context.Context, *db.Tx, day.Date) (*credit.Book, error) { return book, nil }},
		Actor: func(_ context.Context, _ *db.Tx, account db.ID) (authz.Actor, error) {
			who := w.clerk
			who.Account, who.Second = account, false
			return who, nil
		},
	}
	if text, err = rulebooks.Files.ReadFile("deed/harbin.yaml"); err != nil {
		t.Fatal(err)
	}
	tn.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := (&rulebook.Service{DB: tn.DB, Kinds: rulebook.KindsOf(deed.Kind())}).InstallIn(ctx, tx, authz.System("test"), text)
		return err
	})
	return w
}

func official(role authz.Role, at code.Division) authz.Actor {
	return authz.Actor{Account: 7, Person: 8, Second: true, Grants: []authz.Grant{{Role: role, Scope: authz.Scope{Division: at}}}}
}

func file(kind importing.Kind, content []byte) importing.File {
	return importing.File{Kind: kind, Content: bytes.NewReader(content), Size: int64(len(content)), Reason: "建账"}
}

// load imports a file and wants it told rightly.
func (w *world) load(who authz.Actor, f importing.File, want string) importing.Outcome {
	w.t.Helper()
	out, err := w.Import(w.t.Context(), who, f, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if got := told(out); got != want {
		w.t.Errorf("import: %s, want %s\n%v", got, want, out.Report.Problems)
	}
	return out
}

func told(o importing.Outcome) string {
	return fmt.Sprintf("%d rows: %d new, %d changed, %d same, %d wrong, committed %v", o.Rows, o.New, o.Changed, o.Same, o.Report.Total, o.Committed)
}

func problems(r sheet.Report) []string {
	var lines []string
	for _, p := range r.Problems {
		lines = append(lines, fmt.Sprintf("%d%s %s %s", p.Row, p.Column, p.Key, p.Rule))
	}
	slices.Sort(lines)
	return lines
}

const enterpriseHead = "统一社会信用代码,企业名称,企业类型,注册区划代码,成立日期,注册资本（元）,从业人数,法定代表人\n"

func enterprises(rows ...string) []byte {
	return []byte(enterpriseHead + strings.Join(rows, "\n") + "\n")
}

func TestTenWrongRowsAreToldAndNothingIsStored(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, town.Empty(t, d))
		u := func(n int) string { return string(town.USCC("230103", n)) }
		content := enterprises(
			u(1)+",甲物业,本地企业,230103,2010-01-01,500000.00,40,王建国",
			u(2)[:17]+"Z,乙物业,本地企业,230103,,,,",
			u(3)+",,本地企业,230103,,,,",
			u(4)+",丁物业,民营,230103,,,,",
			u(5)+",戊物业,本地企业,230103,2010-13-01,,,",
			u(6)+",己物业,本地企业,230103,,1e9,,",
			u(7)+",庚物业,本地企业,230103,,,许多,",
			u(8)+",辛物业,本地企业,230102,,,,",
			u(9)+",壬物业,本地企业,230199,,,,",
			u(1)+",癸物业,本地企业,230103,,,,",
			u(10)+",子物业,本地企业,230103,2022-01-01,-5,,王*",
		)
		want := []string{
			"10D division registry.reference", "11A uscc registry.twice", "12F capital sheet.min", "12H legal_person registry.masked",
			"3A uscc code.uscc-char", "4B name registry.required", "5C kind sheet.option", "6E founded sheet.date", "7F capital money.format",
			"8G staff sheet.int", "9D division registry.reference",
		}
		check, err := w.Check(t.Context(), w.clerk, file(importing.Enterprises, content), nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, problems(check.Report)); diff != "" {
			t.Errorf("problems (-want +got):\n%s", diff)
		}
		out := w.load(w.clerk, file(importing.Enterprises, content), "11 rows: 1 new, 0 changed, 0 same, 11 wrong, committed false")
		if diff := cmp.Diff(check.Report, out.Report); diff != "" {
			t.Errorf("check and import differ:\n%s", diff)
		}
		if f := fault.From(out.Err()); f.Fields["第 4 行 企业名称"] == "" {
			t.Errorf("fault = %v", f)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			n, err := registry.CountEnterprises(ctx, tx, registry.ListQuery{})
			if n != 0 {
				t.Errorf("%d enterprises were stored", n)
			}
			return err
		})

		var b bytes.Buffer
		if err := w.Annotate(t.Context(), &b, file(importing.Enterprises, content), out); err != nil {
			t.Fatal(err)
		}
		again, err := w.Check(t.Context(), w.clerk, file(importing.Enterprises, b.Bytes()), nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, problems(again.Report)); diff != "" {
			t.Errorf("the annotated file is judged differently:\n%s", diff)
		}
		in, err := w.Inspect(t.Context(), w.clerk, file(importing.Enterprises, b.Bytes()))
		if err != nil || in.Heads[len(in.Heads)-1] != sheet.ProblemHead || in.Samples[1][8] == "" {
			t.Errorf("annotated: %+v, %v", in, err)
		}
	})
}

// TestAMissingColumnIsToldOnce: of the heads, not of every row; a file of changes
// need not have the column.
func TestAMissingColumnIsToldOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, town.Empty(t, d))
		one, two, three := string(town.USCC("230103", 1)), string(town.USCC("230103", 2)), string(town.USCC("230103", 3))
		w.load(w.clerk, file(importing.Enterprises, enterprises(one+",甲物业,本地企业,230103,,,,")), "1 rows: 1 new, 0 changed, 0 same, 0 wrong, committed true")
		heads := "统一社会信用代码,企业类型,注册区划代码\n"
		out := w.load(w.clerk, file(importing.Enterprises, []byte(heads+two+",本地企业,230103\n"+three+",本地企业,230103\n")), "2 rows: 0 new, 0 changed, 0 same, 1 wrong, committed false")
		if diff := cmp.Diff([]string{"1 name sheet.columns"}, problems(out.Report)); diff != "" || out.Report.Bad != 2 {
			t.Errorf("%d rows (-want +got):\n%s", out.Report.Bad, diff)
		}
		w.load(w.clerk, file(importing.Enterprises, []byte("统一社会信用代码,从业人数\n"+one+",50\n")), "1 rows: 0 new, 1 changed, 0 same, 0 wrong, committed true")
	})
}

func TestTheSameFileTwiceChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, town.Empty(t, d))
		u := string(town.USCC("230103", 1))
		first := enterprises(u+",甲物业,本地企业,230103,2010/1/1,500000,40,王建国", string(town.USCC("230103", 2))+",乙物业,本地企业,230103,,,,")
		dry, err := w.Check(t.Context(), w.clerk, file(importing.Enterprises, first), nil)
		if err != nil || told(dry) != "2 rows: 2 new, 0 changed, 0 same, 0 wrong, committed false" {
			t.Errorf("dry run: %s, %v", told(dry), err)
		}
		w.load(w.clerk, file(importing.Enterprises, first), "2 rows: 2 new, 0 changed, 0 same, 0 wrong, committed true")
		w.load(w.clerk, file(importing.Enterprises, first), "2 rows: 0 new, 0 changed, 2 same, 0 wrong, committed true")
		w.load(w.clerk, file(importing.Enterprises, bytes.Replace(first, []byte("乙物业"), []byte("乙物业服务"), 1)), "2 rows: 0 new, 1 changed, 1 same, 0 wrong, committed true")
		projects := []byte("项目名称,社区代码,建筑面积（㎡）,物业企业代码\n花园小区," + string(town.Huayuan) + ",12345.6," + u + "\n")
		w.load(w.clerk, file(importing.Projects, projects), "1 rows: 1 new, 0 changed, 0 same, 0 wrong, committed true")
		w.load(w.clerk, file(importing.Projects, projects), "1 rows: 0 new, 0 changed, 1 same, 0 wrong, committed true")
	})
}

func TestExportThenImportChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, town.New(t, d))
		w.load(w.Program, file(importing.Records, w.records()), "3 rows: 3 new, 0 changed, 0 same, 0 wrong, committed true")
		w.load(w.Program, file(importing.Deeds, []byte(deedHead+pastDeed+"\n")), "1 rows: 1 new, 0 changed, 0 same, 0 wrong, committed true")
		for _, kind := range importing.Kinds {
			for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
				var b bytes.Buffer
				n, err := w.Export(t.Context(), w.Program, &b, kind, "2301", format, false)
				if err != nil || n == 0 {
					t.Fatalf("export %s: %d, %v", kind, n, err)
				}
				w.load(w.Program, file(kind, b.Bytes()), fmt.Sprintf("%d rows: 0 new, 0 changed, %d same, 0 wrong, committed true", n, n))
			}
		}
	})
}

const recordHead = "项目代码,企业代码,项目编码,发生日期,事实,证明文件类型,文号,制发机关,文件日期,认定日期\n"

// records are three past records, two of them by one document.
func (w *world) records() []byte {
	item, proof := w.item()
	row := func(e code.USCC, project, number string) string {
		return strings.Join([]string{item, string(e), project, "2020-06-01", "=事实", proof, number, "市住建局", "2020-06-05", "2020-06-10"}, ",") + "\n"
	}
	return []byte(recordHead + row(w.Jia.USCC, string(w.Projects[0].Code), "哈住建〔2020〕1号") + row(w.Yi.USCC, string(w.Projects[3].Code), "哈住建〔2020〕1号") +
		row("", string(w.Projects[1].Code), "哈住建〔2020〕2号"))
}

// item is an item of the rulebook that needs neither level nor value, and a proof for it.
func (w *world) item() (item, proof string) {
	b, err := w.Records.Books(w.t.Context(), nil, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	it := b.Item(b.ItemNo("HRB-B05"))
	if it == nil {
		w.t.Fatal("the rulebook lacks HRB-B05")
	}
	return it.Code, ""
}

// What is taken over counts at once: another person of the body agrees to the
// checked file before anything of it is stored (AZ-5), whichever way it comes.
func TestPastRecordsWaitForASecondPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, town.New(t, d))
		runner := job.NewRunner(w.Service.DB)
		runner.Handle(importing.JobKind, w.Handle)
		maker, checker, stranger := official(authz.CityBureau, "2301"), official(authz.CityBureau, "2301"), official(authz.DistrictBureau, "230104")
		checker.Account, checker.Person, stranger.Account, stranger.Person = 98, 98, 97, 97
		w.Service.Actor = func(context.Context, *db.Tx, db.ID) (authz.Actor, error) { return maker, nil }
		var asked db.ID
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			up, err := w.Files.Put(ctx, tx, "历史.csv", bytes.NewReader(w.records()))
			if err != nil {
				return err
			}
			asked, err = w.EnqueueIn(ctx, tx, maker, importing.Request{Kind: importing.Records, File: up.ID, Asked: 77})
			return err
		})
		stored := func() (n int64) {
			if err := runner.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
				n, err = db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM credit_record`)
				return err
			})
			return n
		}
		if n := stored(); n != 0 {
			t.Fatalf("%d records were stored before anybody else looked", n)
		}
		decide := func(who authz.Actor, act, note string) error {
			return w.Service.DB.Write(t.Context(), func(tx *db.Tx) error {
				_, err := w.DecideIn(t.Context(), tx, who, asked, 1, act, note)
				return err
			})
		}
		for _, one := range []struct {
			who  authz.Actor
			act  string
			rule string
		}{
			{maker, importing.ActTake, "authz.same-person"},
			{stranger, importing.ActTake, "importing.not-found"},
			{checker, importing.ActLeave, "casework.note"},
			{checker, importing.ActTake, ""},
			{checker, importing.ActTake, "casework.stale"},
		} {
			if err := decide(one.who, one.act, ""); one.rule == "" && err != nil || one.rule != "" && !fault.Is(err, one.rule) {
				t.Errorf("account %s, %s: %v, want %q", one.who.Account, one.act, err, one.rule)
			}
		}
		if n := stored(); n != 3 {
			t.Errorf("%d records after the second person agreed, want 3", n)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			r, err := w.Run(ctx, tx, maker, asked)
			if err == nil && r.Second.Case.State != importing.Taken {
				t.Errorf("the case is %s", r.Second.Case.State)
			}
			return err
		})
	})
}

// A new event is no past one: within the term for objections it goes the
// ordinary way, and no body takes over what one above it identifies.
func TestWhatIsNotPastIsNotTakenOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, town.New(t, d))
		today := w.Today()
		row := func(item string, identified day.Date) []byte {
			proof := map[string]string{"HRB-N03": "HLJ-N2", "HRB-N01": "HLJ-N1"}[item]
			return []byte(recordHead + item + "," + string(w.Jia.USCC) + ",," + identified.AddDays(-5).String() + ",事实," + proof + ",9号,市局,," + identified.String() + "\n")
		}
		for _, one := range []struct {
			name    string
			who     authz.Actor
			content []byte
			rule    string
		}{
			{"identified yesterday", official(authz.CityBureau, "2301"), row("HRB-N03", today.AddDays(-1)), "identified credit.past-fresh"},
			{"long ago", official(authz.CityBureau, "2301"), row("HRB-N03", today.AddDays(-60)), ""},
			{"the district's by its district", w.clerk, row("HRB-N03", today.AddDays(-60)), ""},
			{"the city's by a district", w.clerk, row("HRB-N01", today.AddDays(-60)), "item credit.past-below"},
		} {
			out, err := w.Check(t.Context(), one.who, file(importing.Records, one.content), nil)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(problems(out.Report), "; ")
			if one.rule == "" && got != "" || one.rule != "" && !strings.Contains(got, one.rule) {
				t.Errorf("%s: %q, want %q", one.name, got, one.rule)
			}
		}
	})
}

func TestPastRecords(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, town.New(t, d))
		content := w.records()
		city := official(authz.CityBureau, "2301")
		dry, err := w.Check(t.Context(), city, file(importing.Records, content), nil)
		if err != nil || told(dry) != "3 rows: 3 new, 0 changed, 0 same, 0 wrong, committed false" {
			t.Errorf("dry run: %s, %v\n%v", told(dry), err, dry.Report.Problems)
		}
		w.load(city, file(importing.Records, content), "3 rows: 3 new, 0 changed, 0 same, 0 wrong, committed true")
		w.load(city, file(importing.Records, content), "3 rows: 0 new, 0 changed, 3 same, 0 wrong, committed true")

		item, proof := w.item()
		wrong := recordHead +
			"NONE," + string(w.Jia.USCC) + ",,2020-06-01,事实," + proof + ",1号,市局,,2020-06-10\n" +
			item + "," + string(w.Jia.USCC) + ",123,2020-06-01,事实," + proof + ",2号,市局,,2020-06-10\n" +
			item + "," + string(town.USCC("230103", 900)) + ",,2020-06-01,事实," + proof + ",3号,市局,,2020-06-10\n" +
			item + "," + string(w.Jia.USCC) + "," + string(w.Projects[0].Code) + ",2020-06-01,事实," + proof + ",4号,市局,,2020-05-10\n" +
			item + "," + string(w.Jia.USCC) + "," + string(w.Projects[0].Code) + ",2020-06-01,事实," + proof + ",,市局,,2020-06-10\n" +
			item + "," + string(w.Jia.USCC) + "," + string(w.Projects[0].Code) + ",,事实," + proof + ",6号,市局,,2020-06-10\n" +
			item + "," + string(w.Jia.USCC) + "," + string(w.Projects[0].Code) + ",2020-06-01,事实," + proof + ",7号,市局,,2020-06-10\n"
		out := w.load(city, file(importing.Records, []byte(wrong)), "7 rows: 1 new, 0 changed, 0 same, 6 wrong, committed false")
		rows := map[int]bool{}
		for _, p := range out.Report.Problems {
			rows[p.Row] = true
		}
		if got := slices.Sorted(maps.Keys(rows)); !slices.Equal(got, []int{2, 3, 4, 5, 6, 7}) {
			t.Errorf("wrong rows = %v: %v", got, out.Report.Problems)
		}
		// another district's enterprise doesn't exist for the clerk
		content = []byte(recordHead + item + "," + string(w.Bing.USCC) + "," + string(w.Projects[4].Code) + ",2020-06-01,事实," + proof + ",8号,市局,,2020-06-10\n")
		w.load(w.clerk, file(importing.Records, content), "1 rows: 0 new, 0 changed, 0 same, 1 wrong, committed false")
	})
}

func TestWhoMayImport(t *testing.T) {
	w := newWorld(t, town.Empty(t, dbtest.Any(t)))
	for _, kind := range importing.Kinds {
		for _, who := range []authz.Actor{authz.Anonymous, official(authz.Subdistrict, "230103001"), official(authz.Association, "2301")} {
			rule := "authz.denied"
			if len(who.Grants) == 0 {
				rule = "authz.anonymous"
			}
			if _, err := w.Import(t.Context(), who, file(kind, enterprises()), nil); !fault.Is(err, rule) {
				t.Errorf("%s by %v: %v", kind, who.Grants, err)
			}
			if _, err := w.Inspect(t.Context(), who, file(kind, enterprises())); !fault.Is(err, rule) {
				t.Errorf("inspect %s by %v: %v", kind, who.Grants, err)
			}
		}
	}
	if _, err := importing.ParseKind("votes"); !fault.Is(err, "importing.kind") {
		t.Errorf("an unknown kind: %v", err)
	}
}

func TestTemplatesAreFilesThatReadAsEmpty(t *testing.T) {
	w := newWorld(t, town.Empty(t, dbtest.Any(t)))
	for _, kind := range importing.Kinds {
		for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
			var b bytes.Buffer
			if err := w.Template(t.Context(), &b, kind, format); err != nil {
				t.Fatal(err)
			}
			w.load(w.clerk, file(kind, b.Bytes()), "0 rows: 0 new, 0 changed, 0 same, 0 wrong, committed true")
		}
	}
}

func TestImportAsAJob(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, town.Empty(t, d))
		runner := job.NewRunner(w.Service.DB)
		runner.Handle(importing.JobKind, w.Handle)
		u := string(town.USCC("230103", 1))
		run := func(content []byte, dry bool) (db.ID, importing.Run) {
			t.Helper()
			var id db.ID
			w.Write(func(ctx context.Context, tx *db.Tx) error {
				up, err := w.Files.Put(ctx, tx, "企业.csv", bytes.NewReader(content))
				if err != nil {
					return err
				}
				id, err = w.EnqueueIn(ctx, tx, w.clerk, importing.Request{Kind: importing.Enterprises, File: up.ID, Dry: dry})
				return err
			})
			if err := runner.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			var r importing.Run
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
				r, err = w.Run(ctx, tx, w.clerk, id)
				return err
			})
			if r.State != job.Done {
				t.Fatalf("job is %s: %s %s", r.State, r.Rule, r.Problem)
			}
			return id, r
		}
		good := enterprises(u + ",甲物业,本地企业,230103,,,,")
		if _, r := run(good, true); told(r.Outcome) != "1 rows: 1 new, 0 changed, 0 same, 0 wrong, committed false" {
			t.Errorf("dry: %s", told(r.Outcome))
		}
		if _, r := run(good, false); told(r.Outcome) != "1 rows: 1 new, 0 changed, 0 same, 0 wrong, committed true" {
			t.Errorf("import: %s", told(r.Outcome))
		}
		id, r := run(enterprises(u+",,本地企业,230103,,,,"), false)
		if told(r.Outcome) != "1 rows: 0 new, 0 changed, 0 same, 1 wrong, committed false" {
			t.Errorf("wrong: %s", told(r.Outcome))
		}
		var b bytes.Buffer
		if err := w.Annotated(t.Context(), &b, w.clerk, id); err != nil || !bytes.HasPrefix(b.Bytes(), []byte("PK")) {
			t.Errorf("annotated: %d bytes, %v", b.Len(), err)
		}
		other := w.clerk
		other.Account = 99
		if err := w.Annotated(t.Context(), &b, other, id); !fault.Is(err, "importing.not-found") {
			t.Errorf("another's run: %v", err)
		}
	})
}

// A row with a wrong code is told the rest of what is wrong with it; each day is
// blamed for itself.
func TestEveryMistakeOfAPastRecordIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, town.New(t, d))
		item, _ := w.item()
		city, jia, home := official(authz.CityBureau, "2301"), string(w.Jia.USCC), string(w.Projects[0].Code)
		for _, tt := range []struct{ row, want string }{
			{item + ",91230103MA0000000Z,123,2020-06-01,,,1号,,2031-01-01,2020-05-10", "企业代码 项目编码 事实 制发机关 文件日期 认定日期"},
			{item + "," + jia + "," + home + ",2031-06-01,事实,,1号,市局,,2031-06-10", "发生日期"},
			{item + "," + jia + "," + home + ",2020-06-01,事实,,1号,市局,,2031-06-10", "认定日期"},
			{item + "," + jia + "," + home + ",2020-06-01,事实,,1号,市局,,2019-06-10", "认定日期"},
			{"NONE," + string(town.USCC("230103", 900)) + ",2301030010030999,2020-06-01,事实,,,市局,,2020-06-10", "项目代码 企业代码 项目编码 文号"},
			{"HRB-G05," + string(w.Yi.USCC) + "," + home + ",2020-06-01,事实,NONE,1号,市局,,2020-06-10", "项目编码 级别 证明文件类型"},
		} {
			out, err := w.Check(t.Context(), city, file(importing.Records, []byte(recordHead+tt.row+"\n")), nil)
			if err != nil {
				t.Fatal(err)
			}
			told := map[string]bool{}
			for _, p := range out.Report.Problems {
				if told[p.Title] {
					t.Errorf("%s: %s is blamed twice", tt.row, p.Title)
				}
				told[p.Title] = true
			}
			want := strings.Fields(tt.want)
			slices.Sort(want)
			if got := slices.Sorted(maps.Keys(told)); !slices.Equal(got, want) {
				t.Errorf("%s\nblames %q, want %q", tt.row, got, want)
			}
		}
	})
}

// Judging a file needs no writer's place: somebody may write all the while.
func TestADryRunOfRecordsHoldsNobodyUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, town.New(t, d))
		err := d.Write(t.Context(), func(*db.Tx) error {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			out, err := w.Check(ctx, official(authz.CityBureau, "2301"), file(importing.Records, w.records()), nil)
			if err == nil && (out.New != 3 || out.Report.Total != 0) {
				t.Errorf("%s: %v", told(out), out.Report.Problems)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// The same file twice, the same proof twice in a file, an honour told by two
// documents, and a bulletin that names several projects: each is one record.
func TestPastRecordsAreTakenOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, town.New(t, d))
		city := official(authz.CityBureau, "2301")
		head := "项目代码,项目编码,发生日期,事实,文号,制发机关,认定日期,荣誉\n"
		row := func(home int, number, honour string) string {
			item, _ := w.item()
			return fmt.Sprintf("%s,%s,2020-06-01,事实,%s,市局,2020-06-10,%s\n", item, w.Projects[home].Code, number, honour)
		}
		content := []byte(head + row(0, "1号", "") + row(1, "1号", "") + row(0, "1号", "") + row(0, "2号", "诚信小区") + row(0, "3号", "诚信小区"))
		w.load(city, file(importing.Records, content), "5 rows: 3 new, 0 changed, 2 same, 0 wrong, committed true")
		w.load(city, file(importing.Records, content), "5 rows: 0 new, 0 changed, 5 same, 0 wrong, committed true")
		w.load(city, file(importing.Records, []byte(head+row(0, "4号", "诚信小区"))), "1 rows: 0 new, 0 changed, 1 same, 0 wrong, committed true")
	})
}
