package campaign

import (
	"context"
	"crypto/rand"
	"io"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/supervision"
)

// The kinds of campaigns: an assessment reports its results to the evaluation.
const (
	KindInspection = "inspection"
	KindAssessment = "assessment"
)

// Kinds, Themes list them with their titles (supervision.md §5).
var (
	KindTitles = []registry.Choice{{Code: KindInspection, Title: "专项检查"}, {Code: KindAssessment, Title: "服务质量评定"}}
	Themes     = []registry.Choice{
		{Code: "DAILY", Title: "日常巡查"},
		{Code: "SANITATION", Title: "环境卫生"},
		{Code: "SAFETY", Title: "安全生产"},
		{Code: "SNOW", Title: "清雪除冰"},
		{Code: "FLOOD", Title: "防汛"},
		{Code: "EPIDEMIC", Title: "疫情防控"},
		{Code: "QUALITY", Title: "服务质量"},
	}
)

// A Campaign is one round of inspections.
type Campaign struct {
	ID          db.ID
	Kind, Theme string
	Title       string
	Basis       string
	Division    code.Division   // whose bureau leads it
	Scope       []code.Division // where; none: the whole division
	Uses        []string        // of projects; none: all
	Grades      []string        // of the newest published result; none: all
	Items       []string        // of the checklist; none: all
	From, To    day.Date
	Sample      int
	SeedRule    string   // a public number named before; "": drawn by the system
	SeedOn      day.Date // the day on which that number is made public
	SeedDigits  int      // how many digits it has
	SeedNoted   string   // as the first of two persons entered it
	Book        string   // digest
	State       string

	PoolDigest, Seed, ResultDigest string
	PoolSize                       int64
	FrozenAt, DrawnAt, ConcludedAt int64
	Case                           casework.Case
}

func (c Campaign) place() authz.Place { return authz.Place{Division: c.Division} }

func (c Campaign) object() string { return "campaign:" + c.ID.String() }

// KindTitle is the kind in Chinese.
func (c Campaign) KindTitle() string { return titleIn(KindTitles, c.Kind) }

// ThemeTitle is the theme in Chinese.
func (c Campaign) ThemeTitle() string { return titleIn(Themes, c.Theme) }

// StateTitle is the state in Chinese.
func (c Campaign) StateTitle() string { return Machine.StateTitle(c.State) }

func titleIn(list []registry.Choice, key string) string {
	for _, c := range list {
		if c.Code == key {
			return c.Title
		}
	}
	return ""
}

// Campaigns is the service of one city.
type Campaigns struct {
	DB          *db.DB
	City        code.Division
	Calendar    *day.Calendar
	Books       *Books
	CreditBooks *credit.Books
	Evaluations *credit.Evaluations
	Cases       *supervision.Cases
	Random      io.Reader // numbers inspectors anew, seeds; nil: the machine's own randomness
}

// random fills b.
func (s *Campaigns) random(b []byte) error {
	if s.Random == nil {
		_, err := rand.Read(b)
		return err
	}
	_, err := io.ReadFull(s.Random, b)
	return err
}

const (
	titleMax  = 60
	basisMax  = 500
	sampleMax = 3000

	seedDigitsMin = 4
)

// check tells what is wrong with a draft.
func (c Campaign) check(b *Book, today day.Date) error {
	f := fault.New(fault.Invalid, "campaign.form", "请改正标出的内容。")
	if titleIn(KindTitles, c.Kind) == "" {
		f.With("kind", "请选择种类。")
	}
	if titleIn(Themes, c.Theme) == "" {
		f.With("theme", "请选择主题。")
	}
	if n := len([]rune(c.Title)); n < 2 || n > titleMax {
		f.With("title", "请填写 2 到 60 个字的名称。")
	}
	if n := len([]rune(c.Basis)); n == 0 || n > basisMax {
		f.With("basis", "请写明依据，不超过 500 字。")
	}
	if c.From == 0 || c.From < today {
		f.With("from", "开始日期不能早于今天。")
	}
	if c.To < c.From {
		f.With("to", "结束日期不能早于开始日期。")
	}
	if c.Sample < 1 || c.Sample > sampleMax {
		f.With("sample", "抽取数量应为 1 到 3000。")
	}
	c.checkSeed(f, today)
	for _, d := range c.Scope {
		if !c.Division.Contains(d) {
			f.With("scope", "范围应在本机关的辖区内。")
		}
	}
	if len(b.Checklist(c.From, c.Items)) == 0 {
		f.With("items", "所选检查内容在这个季节没有。")
	}
	for _, it := range c.Items {
		if _, ok := b.Item(it); !ok {
			f.With("items", "检查表里没有所选的内容。")
		}
	}
	return f.OrNil()
}

// checkSeed wants of an agreed number the day on which it is made public, which is
// still to come, and how many digits it has, so that nobody can choose it.
func (c Campaign) checkSeed(f *fault.Error, today day.Date) {
	if c.SeedRule == "" {
		return
	}
	if c.SeedOn <= today || c.SeedOn > c.To {
		f.With("seed_on", "请填写约定的数字在哪一天公布，应在今天之后、检查结束之前。")
	}
	if c.SeedDigits < seedDigitsMin || c.SeedDigits > seedMax {
		f.With("seed_digits", "请填写约定的数字一共有几位，4 到 100 位。")
	}
}

// CheckSeed says whether a number has the digits that were agreed on, and nothing
// but digits, blanks and signs between them.
func CheckSeed(seed string, digits int) bool {
	n := 0
	for _, r := range seed {
		switch {
		case r >= '0' && r <= '9':
			n++
		case !strings.ContainsRune(" +-,|", r):
			return false
		}
	}
	return digits == 0 || n == digits
}

// lead is the body that leads the campaign.
func (c Campaign) lead() *casework.Holder {
	role := authz.DistrictBureau
	if c.Division.Level() <= code.City {
		role = authz.CityBureau
	}
	h, _ := casework.HolderAt(role, c.place())
	return &h
}

// Draft begins a campaign.
func (s *Campaigns) Draft(ctx context.Context, who authz.Actor, c Campaign) (id db.ID, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error { id, err = s.DraftIn(ctx, tx, who, c); return err })
	return id, err
}

func joined[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, x := range list {
		words[i] = string(x)
	}
	slices.Sort(words)
	return strings.Join(slices.Compact(words), ",")
}

func split[T ~string](s string) []T {
	var out []T
	for w := range strings.SplitSeq(s, ",") {
		if w != "" {
			out = append(out, T(w))
		}
	}
	return out
}
