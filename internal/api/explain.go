package api

import (
	"context"

	"juli/internal/credit"
	"juli/internal/db"
)

// A Result is one subject's published result with its reasons.
type Result struct {
	Period       string      `json:"period" doc:"期次" example:"2021-H1"`
	AsOf         string      `json:"as_of" format:"date" doc:"数据截至日期" example:"2021-06-30"`
	Number       string      `json:"number" doc:"公布文号" example:"哈物信公〔2021〕1号"`
	Rulebook     string      `json:"rulebook" doc:"所依据规则的摘要（SHA-256）" example:"3f786850e387550fdab836ed7e6dc881de23001b3f786850e387550fdab836ed"`
	Notice       string      `json:"notice,omitempty" doc:"规则中含有假定数值等提示，须随结果一并显示" example:"演示规则，部分数值为假定"`
	Score        string      `json:"score,omitempty" doc:"得分，分；没有得分时不出现" pattern:"^-?[0-9]+(\\.[0-9]+)?$" example:"96.5000"`
	Grade        string      `json:"grade,omitempty" doc:"等级；只有状态时不出现" example:"AA"`
	ByScore      string      `json:"by_score,omitempty" doc:"只按得分应得的等级" example:"AAA"`
	Status       string      `json:"status,omitempty" doc:"状态代码" example:"not_rated"`
	Why          string      `json:"why,omitempty" doc:"状态的理由" example:"登记不满一期"`
	Provisional  bool        `json:"provisional" doc:"新进企业，暂定等级" example:"false"`
	Trial        bool        `json:"trial" doc:"试行期，结果不用于奖惩" example:"false"`
	Incomplete   bool        `json:"incomplete" doc:"部分区县尚未报送" example:"false"`
	Rank         int64       `json:"rank,omitempty" doc:"全市名次" example:"12"`
	RankDistrict int64       `json:"rank_district,omitempty" doc:"区县名次" example:"3"`
	Peers        *Peers      `json:"peers,omitempty" doc:"名次的分母；只有企业有"`
	Lines        []Line      `json:"lines" nullable:"false" doc:"逐条说明；计入的各条之和等于得分，不计入的写明原因"`
	Restraints   []Restraint `json:"restraints" nullable:"false" doc:"一票否决和等级上限"`
	Uses         []Use       `json:"uses" nullable:"false" doc:"结果运用"`
	History      []Past      `json:"history" nullable:"false" doc:"历次公布结果，先后为序"`
}

// Peers are the denominators of ranks.
type Peers struct {
	City     int64  `json:"city" doc:"全市有得分的企业，家" example:"880"`
	District int64  `json:"district" doc:"本区县有得分的企业，家" example:"120"`
	SizeName string `json:"size_name" doc:"所在的规模组" example:"10–50 万㎡"`
	Size     int64  `json:"size" doc:"同规模有得分的企业，家" example:"300"`
	SizeRank int64  `json:"size_rank" doc:"在同规模中的名次" example:"40"`
}

// A Line explains some points, or why a record gives none.
type Line struct {
	Kind       string `json:"kind" doc:"类别：base 基础分，projects 项目综合分，block 评分板块，record 记录，derived 关联记录，fact 登记数据，rank 排名，cap 类别上下限，clamp 总分范围，round 修约" example:"record"`
	Item       string `json:"item,omitempty" doc:"评分项目代码" example:"HRB-N04"`
	Title      string `json:"title" doc:"评分项目或类别的名称" example:"未按规定公示收费标准"`
	Record     string `json:"record,omitempty" doc:"信用信息编号，13 个字符" minLength:"13" maxLength:"13" example:"0NZ4Q8T1R0001"`
	Of         string `json:"of" doc:"对象：enterprise 企业，branch 分支机构，project 项目，manager 项目经理，staff 从业人员" example:"project"`
	OfCode     string `json:"of_code,omitempty" doc:"对象是项目时的项目编码" example:"2301030010030001"`
	OfName     string `json:"of_name,omitempty" doc:"对象是项目时的名称" example:"花园小区"`
	Identified string `json:"identified,omitempty" format:"date" doc:"认定日期" example:"2021-03-01"`
	Until      string `json:"until,omitempty" format:"date" doc:"计分的最后一天" example:"2022-02-28"`
	Points     string `json:"points" doc:"对得分的影响，分" pattern:"^-?[0-9]+(\\.[0-9]+)?$" example:"-3.0000"`
	Counts     bool   `json:"counts" doc:"是否计入" example:"true"`
	Reason     string `json:"reason" doc:"计入或不计入的原因代码" example:"counted"`
	ReasonText string `json:"reason_text" doc:"原因的中文说明" example:"计入"`
	Rule       string `json:"rule,omitempty" doc:"在规则文件中的位置" example:"items[HRB-N04].points"`
}

// A Restraint is a veto or a ceiling.
type Restraint struct {
	Item  string `json:"item,omitempty" doc:"评分项目代码" example:"HRB-V01"`
	Title string `json:"title,omitempty" doc:"评分项目名称" example:"发生重大安全责任事故"`
	Grade string `json:"grade" doc:"定为或不高于的等级" example:"D"`
	Veto  bool   `json:"veto" doc:"为真时直接定级，为假时是等级上限" example:"true"`
	Until string `json:"until,omitempty" format:"date" doc:"最后一天；直到解除时不出现" example:"2022-02-28"`
}

// A Use is a consequence of the result, with its basis or as advice only.
type Use struct {
	Title  string `json:"title" doc:"措施" example:"减少检查频次"`
	Advice bool   `json:"advice" doc:"仅作建议，没有法律依据" example:"false"`
	Basis  string `json:"basis,omitempty" doc:"依据" example:"黑龙江省住宅物业管理条例第一百条"`
}

// A Past is the result of one published period.
type Past struct {
	Period string `json:"period" doc:"期次" example:"2020-H2"`
	Score  string `json:"score,omitempty" doc:"得分，分；没有得分时不出现" pattern:"^-?[0-9]+(\\.[0-9]+)?$" example:"95.0000"`
	Grade  string `json:"grade,omitempty" doc:"等级或状态代码" example:"A"`
}

func (r *Result) gradeOrStatus() string {
	if r.Grade != "" {
		return r.Grade
	}
	return r.Status
}

// latestResult is a subject's result in the newest published period, nil for none.
func (a *API) latestResult(ctx context.Context, tx *db.Tx, s credit.Subject) (*Result, error) {
	p, ok, err := a.latest(ctx, tx)
	if err != nil || !ok {
		return nil, err
	}
	return a.resultOf(ctx, tx, p, s)
}

// resultOf is a subject's explained result in a published period, nil for none.
// What is shown was frozen with the publication; only names are of today.
func (a *API) resultOf(ctx context.Context, tx *db.Tx, p credit.Release, s credit.Subject) (*Result, error) {
	at, ok, err := a.Evaluations.Standing(ctx, tx, p.Evaluation, s)
	if err != nil || !ok {
		return nil, err
	}
	run, err := a.Evaluations.Evaluation(ctx, tx, p.Evaluation)
	if err != nil {
		return nil, err
	}
	book, err := a.Books.ByDigest(ctx, tx, run.Book)
	if err != nil {
		return nil, err
	}
	explained, err := a.Evaluations.Explained(ctx, tx, p.Evaluation, at.Enterprise)
	if err != nil {
		return nil, err
	}
	o, ok := explained.OutcomeOf(at.Subject)
	if !ok {
		return nil, nil
	}
	r := resultHead(p, &at, book)
	if r.Lines, err = a.lines(ctx, tx, p, &at, &o, book); err != nil {
		return nil, err
	}
	r.Restraints, r.Uses = restraints(&o, book), uses(&o)
	if at.Scored && s.Kind == credit.Enterprise {
		n, err := a.Evaluations.PeersOf(ctx, tx, at)
		if err != nil {
			return nil, err
		}
		r.Peers = &Peers{n.City, n.District, n.SizeTitle, n.Size, n.SizeRank}
	}
	past, err := a.Evaluations.History(ctx, tx, s)
	for _, x := range past {
		r.History = append(r.History, Past{x.Period.Name, points(x.Scored, x.Score), x.Grade})
	}
	return r, err
}

func resultHead(p credit.Release, s *credit.Standing, b *credit.Book) *Result {
	return &Result{
		Period: p.Period, AsOf: p.AsOf.String(), Number: p.Number, Rulebook: b.Digest, Notice: b.Banner,
		Score: points(s.Scored, s.Score), Grade: s.Grade, ByScore: s.ByScore, Status: s.Status, Why: s.Why,
		Provisional: s.Provisional, Trial: s.Trial, Incomplete: s.Incomplete, Rank: s.RankCity, RankDistrict: s.RankDistrict,
		Lines: []Line{}, Restraints: []Restraint{}, Uses: []Use{}, History: []Past{},
	}
}

// lines are the explained lines with the names they refer to.
func (a *API) lines(ctx context.Context, tx *db.Tx, p credit.Release, at *credit.Standing, o *credit.Outcome, b *credit.Book) ([]Line, error) {
	entries, err := credit.EntriesOf(ctx, tx, at.Enterprise)
	if err != nil {
		return nil, err
	}
	held, err := a.Evaluations.ProjectsOf(ctx, tx, p.Evaluation, at.Enterprise)
	if err != nil {
		return nil, err
	}
	projects := make(map[db.ID]*credit.Ranked, len(held))
	for i := range held {
		projects[held[i].Subject.ID] = &held[i]
	}
	out := make([]Line, len(o.Lines))
	for i := range o.Lines {
		l := &o.Lines[i]
		of := o.Subject
		if l.From.ID != 0 {
			of = l.From
		}
		x := Line{
			Kind: l.Kind.Key(), Title: l.Kind.String(), Record: l.Record.String(), Of: of.Kind.Key(), Until: date(l.Until), Points: l.Points.String(),
			Counts: l.Reason.Counts(), Reason: l.Reason.Key(), ReasonText: l.Reason.String(), Rule: l.Path,
		}
		if it := b.Item(l.Item); it != nil {
			x.Item, x.Title = it.Code, it.Title
		}
		if e, ok := entries[l.Record]; ok {
			x.Identified = date(e.Identified)
		}
		if r := projects[of.ID]; r != nil {
			x.OfCode, x.OfName = r.Code, r.Name
		}
		out[i] = x
	}
	return out, nil
}

func restraints(o *credit.Outcome, b *credit.Book) []Restraint {
	out := []Restraint{}
	for _, r := range o.Restraints {
		x := Restraint{Grade: r.Grade, Veto: r.Set, Until: date(r.Until)}
		if it := b.Item(r.Item); it != nil {
			x.Item, x.Title = it.Code, it.Title
		}
		out = append(out, x)
	}
	return out
}

func uses(o *credit.Outcome) []Use {
	out := []Use{}
	for _, u := range o.Uses {
		out = append(out, Use{u.Title, u.Advice, u.Basis})
	}
	return out
}
