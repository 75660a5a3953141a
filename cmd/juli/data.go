package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"juli/internal/app"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/web"
)

// open opens the city for a command beside a running server.
func open(e env, d database, v vault) (*app.App, error) {
	if file, ok := strings.CutPrefix(d.DB, "sqlite://"); ok {
		if _, err := os.Stat(file); err != nil {
			return nil, fault.Wrap(err, fault.NotFound, "cli.no-database", "没有找到数据库 %s，请用 --db 指定。", d.DB)
		}
	}
	return app.Open(e.ctx, v.config(d))
}

// dateFlag reads a civil date, "" none.
func dateFlag(s string) (day.Date, error) {
	if s == "" {
		return 0, nil
	}
	d, err := day.Parse(s)
	if err != nil {
		return 0, fault.New(fault.Invalid, "cli.date", "日期应写成 2021-12-31。")
	}
	return d, nil
}

type evaluateCmd struct {
	database
	output
	vault
	AsOf     string `name:"as-of" help:"截至日期，默认今天（城市日历）。" placeholder:"DATE"`
	Rulebook string `type:"existingfile" help:"规则文件；不写则用现行规则。"`
	Compare  string `type:"existingfile" help:"另一份规则文件，比较谁升谁降。"`
}

type evaluateAnswer struct {
	Book       string        `json:"book"`
	Digest     string        `json:"digest"`
	AsOf       string        `json:"as_of"`
	Records    int64         `json:"records"`
	Subjects   []subjectLine `json:"subjects"`
	Shares     []shareLine   `json:"distribution"`
	Comparison *comparison   `json:"comparison,omitempty"`
}

type subjectLine struct {
	Kind   string `json:"kind"`
	ID     string `json:"id"`
	Code   string `json:"code,omitempty"`
	Name   string `json:"name,omitempty"`
	Score  string `json:"score,omitempty"`
	Grade  string `json:"grade,omitempty"`
	Status string `json:"status,omitempty"`
	Why    string `json:"why,omitempty"`
	Rank   int64  `json:"rank,omitempty"`
}

type shareLine struct {
	Grade    string `json:"grade"`
	Count    int64  `json:"enterprises"`
	Projects int64  `json:"projects"`
	Area     string `json:"area"`
}

type comparison struct {
	Before string      `json:"before"`
	After  string      `json:"after"`
	Was    []shareLine `json:"distribution_before"`
	Is     []shareLine `json:"distribution_after"`
	Moves  []moveLine  `json:"moves"`
}

type moveLine struct {
	ID     string   `json:"id"`
	Code   string   `json:"code"`
	Name   string   `json:"name"`
	From   string   `json:"from"`
	To     string   `json:"to"`
	Before string   `json:"score_before"`
	After  string   `json:"score_after"`
	Why    []string `json:"why"`
}

// Run evaluates the city under a book without storing or publishing anything.
func (c *evaluateCmd) Run(e env) error {
	asOf, err := dateFlag(c.AsOf)
	if err != nil {
		return err
	}
	a, err := open(e, c.database, c.vault)
	if err != nil {
		return err
	}
	defer a.Close()
	var out evaluateAnswer
	err = a.DB.Read(e.ctx, func(tx *db.Tx) error {
		book, err := c.book(e, a, tx, c.Rulebook, asOf)
		if err != nil {
			return err
		}
		trial, err := a.Evaluations.Try(e.ctx, tx, authz.System("cli"), credit.Request{Book: book, AsOf: asOf})
		if err != nil {
			return err
		}
		names, err := registry.SnapshotOn(e.ctx, tx, trial.Evaluation.AsOf)
		if err != nil {
			return err
		}
		out = evaluated(trial, names)
		if c.Compare == "" {
			return nil
		}
		other, err := c.book(e, a, tx, c.Compare, asOf)
		if err != nil {
			return err
		}
		after, err := a.Evaluations.Try(e.ctx, tx, authz.System("cli"), credit.Request{Book: other, AsOf: asOf})
		if err == nil {
			out.Comparison = compared(trial, after, names)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.answer(e, out, func(w io.Writer) { printEvaluated(w, out) })
}

func (c *evaluateCmd) book(e env, a *app.App, tx *db.Tx, file string, asOf day.Date) (*credit.Book, error) {
	if file == "" {
		if asOf == 0 {
			asOf = tx.Today()
		}
		return a.Books.InForce(e.ctx, tx, asOf)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return credit.Parse(text)
}

// called are the codes and names of subjects.
type called map[db.ID][2]string

func calledIn(s *registry.Snapshot) called {
	c := make(called, len(s.Enterprises)+len(s.Projects))
	for i := range s.Enterprises {
		c[s.Enterprises[i].ID] = [2]string{string(s.Enterprises[i].USCC), s.Enterprises[i].Name}
	}
	for i := range s.Projects {
		c[s.Projects[i].ID] = [2]string{string(s.Projects[i].Code), s.Projects[i].Name}
	}
	return c
}

func evaluated(t *credit.Trial, snap *registry.Snapshot) evaluateAnswer {
	names := calledIn(snap)
	out := evaluateAnswer{Book: t.Book.Name(), Digest: t.Book.Digest, AsOf: t.Evaluation.AsOf.String(), Records: t.Evaluation.Records, Subjects: []subjectLine{}}
	for i := range t.Standings {
		s := &t.Standings[i]
		n := names[s.Subject.ID]
		x := subjectLine{Kind: s.Subject.Kind.Key(), ID: s.Subject.ID.String(), Code: n[0], Name: n[1], Grade: s.Grade, Status: s.Status, Why: s.Why, Rank: s.RankCity}
		if s.Scored {
			x.Score = s.Score.String()
		}
		out.Subjects = append(out.Subjects, x)
	}
	out.Shares = shares(t.Distribution(credit.Enterprise, nil))
	return out
}

func shares(list []credit.Share) []shareLine {
	out := []shareLine{}
	for _, s := range list {
		g := s.Grade
		if g == "" {
			g = s.Status
		}
		out = append(out, shareLine{g, s.Count, s.Projects, s.Area.String()})
	}
	return out
}

func compared(before, after *credit.Trial, snap *registry.Snapshot) *comparison {
	names := calledIn(snap)
	c := credit.Compare(before, after, credit.Enterprise, func(d code.Division) string { return string(d) })
	out := &comparison{Before: before.Book.Name(), After: after.Book.Name(), Was: shares(c.Total.Before), Is: shares(c.Total.After), Moves: []moveLine{}}
	for _, m := range c.Moves {
		n := names[m.Subject.ID]
		x := moveLine{ID: m.Subject.ID.String(), Code: n[0], Name: n[1], From: gradeOf(m.Before), To: gradeOf(m.After), Before: m.Before.Score.String(), After: m.After.Score.String(), Why: []string{}}
		for i, cause := range m.Causes {
			if i == 5 {
				break
			}
			x.Why = append(x.Why, fmt.Sprintf("%s %s：%s → %s", cause.Item, cause.Title, cause.Before, cause.After))
		}
		out.Moves = append(out.Moves, x)
	}
	return out
}

func gradeOf(s credit.Standing) string {
	if s.Grade != "" {
		return s.Grade
	}
	return s.Status
}

func printEvaluated(w io.Writer, out evaluateAnswer) {
	fmt.Fprintf(w, "规则 %s，截至 %s，%d 条信用信息\n", out.Book, out.AsOf, out.Records)
	for _, s := range out.Shares {
		fmt.Fprintf(w, "  %-12s %5d 家企业 %6d 个项目 %16s ㎡\n", s.Grade, s.Count, s.Projects, s.Area)
	}
	if out.Comparison == nil {
		return
	}
	fmt.Fprintf(w, "改用 %s：%d 家企业等级变动\n", out.Comparison.After, len(out.Comparison.Moves))
	for _, s := range out.Comparison.Is {
		fmt.Fprintf(w, "  %-12s %5d 家企业 %6d 个项目 %16s ㎡\n", s.Grade, s.Count, s.Projects, s.Area)
	}
	for _, m := range out.Comparison.Moves {
		fmt.Fprintf(w, "  %s %s：%s（%s）→ %s（%s）\n", m.Code, m.Name, m.From, m.Before, m.To, m.After)
		for _, why := range m.Why {
			fmt.Fprintf(w, "      %s\n", why)
		}
	}
}

type figuresCmd struct {
	database
	output
	vault
	AsOf string `name:"as-of" help:"截至日期，默认今天（城市日历）。" placeholder:"DATE"`
}

// Run prints every city figure with its definition and the address of its records.
func (c *figuresCmd) Run(e env) error {
	asOf, err := dateFlag(c.AsOf)
	if err != nil {
		return err
	}
	a, err := open(e, c.database, c.vault)
	if err != nil {
		return err
	}
	defer a.Close()
	list, err := a.Figures(e.ctx, asOf)
	if err != nil {
		return err
	}
	return c.answer(e, list, func(w io.Writer) {
		for _, f := range list {
			rate := ""
			if f.Denominator != nil {
				rate = fmt.Sprintf("（%s）", web.Ratio(*f.Numerator, *f.Denominator))
			}
			fmt.Fprintf(w, "%-24s %16s %-4s%s  %s  %s\n", f.Key, f.Value, f.Unit, rate, f.Name, f.Records)
		}
	})
}
