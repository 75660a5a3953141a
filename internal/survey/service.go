package survey

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strconv"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/seal"
)

// A Service runs the surveys of a city.
type Service struct {
	DB          *db.DB
	Keys        *seal.Keys
	Calendar    *day.Calendar
	Books       *Books
	Registry    *registry.Service
	Evaluations *credit.Evaluations // takes published results
}

// A Plan is what is wanted of a new survey.
type Plan struct {
	Project code.ProjectCode
	Days    int64 // open for so long; 0: as the rulebook says
}

// A Take is one act on a survey as somebody saw it.
type Take struct {
	Survey  db.ID
	Version int64
	Note    string
}

const daysMax = 366

// PlanIn plans a survey of a project. A project has one at a time.
func (s *Service) PlanIn(ctx context.Context, tx *db.Tx, who authz.Actor, p Plan) (db.ID, error) {
	at, err := registry.PlaceOfProject(ctx, tx, p.Project)
	if fault.Is(err, "registry.no-project") {
		err = fault.New(fault.Invalid, "survey.project", "没有这个项目。").With("project", "没有这个项目，请核对项目编码。")
	}
	if err != nil {
		return 0, err
	}
	if err := authz.Require(who, authz.SurveyPlan, at); err != nil {
		return 0, err
	}
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return 0, err
	}
	project, err := s.Registry.Project(ctx, tx, p.Project)
	if err != nil {
		return 0, err
	}
	if p.Days == 0 {
		p.Days = book.Days
	}
	switch {
	case p.Days < 1 || p.Days > daysMax:
		return 0, fault.New(fault.Invalid, "survey.days", "开放天数应在 1 到 %d 之间。", daysMax).With("days", "请填写 1 到 366 之间的天数。")
	case project.Households < 1:
		return 0, fault.New(fault.Invalid, "survey.no-homes", "这个项目没有登记户数，不能抽样。").With("project", "这个项目没有登记户数，请先更正登记。")
	}
	if err := tx.Lock(ctx, "project", string(p.Project)); err != nil {
		return 0, err
	}
	busy, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM survey WHERE running = $1`, string(p.Project))
	if err != nil {
		return 0, err
	}
	if busy > 0 {
		return 0, fault.New(fault.Invalid, "survey.running", "这个项目还有没办完的调查。").With("project", "这个项目还有没办完的调查，办完或取消后才能再安排。")
	}
	x := Survey{
		ID: tx.NewID(), Book: book.Digest, Title: project.Name + " " + strconv.Itoa(tx.Today().Year()) + " 年满意度调查", Project: p.Project, projectID: project.ID, Division: at.Division, Enterprise: at.Enterprise,
		Homes: project.Households, Renovated: project.Renovated, Needed: book.Needed(project.Households), Drawn: book.Drawn(project.Households, project.Renovated), Days: p.Days, State: Planned,
	}
	if err := insert(ctx, tx, x); err != nil {
		return 0, err
	}
	_, err = casework.Open(ctx, tx, who, Machine, casework.Opening{
		ID: x.ID, Object: x.Object(), Title: x.Title, Place: at, Way: casework.Way{Act: ActPlan, Term: &book.Open, Calendar: s.Calendar},
	})
	if err != nil {
		return 0, err
	}
	return x.ID, audit.Append(ctx, tx, who, "survey.planned", x.Object(), audit.Change{Act: authz.SurveyPlan, At: at, Detail: map[string]any{"project": p.Project}})
}

// OpenIn draws the homes and lets them answer. Homes and enterprise are those of
// today; the seed is made now, so that nobody knew before who would be asked. Its
// digest is public at once and the seed itself with the result: nobody shall know from
// it which doors to knock at meanwhile.
func (s *Service) OpenIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	x, book, err := s.take(ctx, tx, who, t, authz.SurveyRun)
	if err != nil {
		return err
	}
	project, err := s.Registry.Project(ctx, tx, x.Project)
	if err != nil {
		return err
	}
	if project.Households > 0 {
		x.Homes, x.Needed, x.Drawn = project.Households, book.Needed(project.Households), book.Drawn(project.Households, x.Renovated)
	}
	var seed [32]byte
	rand.Read(seed[:])
	x.Enterprise, x.Seed = project.Enterprise, hex.EncodeToString(seed[:])
	homes := Draw(x.Seed, x.Homes, x.Drawn)
	x.Draw = DrawDigest(homes)
	x.Opened, x.Closes = tx.Today(), tx.Today().AddDays(int(x.Days))
	_, err = tx.Bulk(ctx, "survey_home", []string{"survey", "home", "issue", "code_blind", "mode"}, func(yield func([]any) bool) {
		for _, h := range homes {
			if !yield([]any{int64(x.ID), h, int64(1), s.blind(s.code(x.ID, h, 1)), ""}) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	at := x.place()
	return s.move(ctx, tx, who, x, t, casework.Way{Act: ActOpen, Due: x.Closes, Place: &at}, "survey.opened", map[string]any{"seed_digest": x.SeedDigest(), "digest": x.Draw, "homes": x.Homes, "count": x.Drawn, "to": x.Closes})
}

// CloseIn ends the asking: on its last day or later, or as soon as everybody who
// was drawn has answered.
func (s *Service) CloseIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	x, book, err := s.take(ctx, tx, who, t, authz.SurveyRun)
	if err != nil {
		return err
	}
	if x.State == Open && tx.Today() < x.Closes && x.Replies() < x.Drawn {
		return fault.New(fault.Invalid, "survey.not-yet", "调查开放到 %s，还不能结束。", x.Closes).With("act", "调查开放到 "+x.Closes.String()+"，到期或抽中的住户都答完后才能结束。")
	}
	return s.move(ctx, tx, who, x, t, casework.Way{Act: ActClose, Term: &book.Close}, "survey.closed", map[string]any{"digest": x.Draw, "count": x.Replies()})
}

// CancelIn calls a survey off, with its reason.
func (s *Service) CancelIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) error {
	x, _, err := s.take(ctx, tx, who, t, authz.SurveyCancel)
	if err != nil {
		return err
	}
	x.Why = t.Note
	return s.move(ctx, tx, who, x, t, casework.Way{Act: ActCancel, Note: t.Note}, "survey.cancelled", map[string]any{"reason": t.Note})
}

// AdvanceIn closes the surveys whose last day has passed: time ends them, not
// somebody who likes the answers so far. It tells how many.
func (s *Service) AdvanceIn(ctx context.Context, tx *db.Tx) (n int, err error) {
	late, err := casework.PastDue(ctx, tx, Machine, Open, tx.Today(), casework.Cursor{}, advanceMax)
	if err != nil {
		return 0, err
	}
	for _, c := range late {
		if err := s.CloseIn(ctx, tx, authz.System("survey-terms"), Take{Survey: c.ID, Version: c.Version}); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// advanceMax is how many surveys end in one transaction.
const advanceMax = 50

// Advance is AdvanceIn in transactions of its own, until nothing is left.
func (s *Service) Advance(ctx context.Context) error {
	for n := 1; n > 0; {
		err := s.DB.Write(ctx, func(tx *db.Tx) (err error) { n, err = s.AdvanceIn(ctx, tx); return err })
		if err != nil {
			return err
		}
	}
	return nil
}

func (x Survey) place() authz.Place {
	return authz.Place{Division: x.Division, Enterprise: x.Enterprise, Project: string(x.Project)}
}

// take reads a survey for an act of somebody who may do it there.
func (s *Service) take(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, act authz.Act) (Survey, *Book, error) {
	if err := tx.Lock(ctx, "case", t.Survey); err != nil {
		return Survey{}, nil, err
	}
	x, err := byID(ctx, tx, t.Survey)
	if err != nil {
		return x, nil, err
	}
	if err := authz.Require(who, act, x.place()); err != nil {
		return x, nil, err
	}
	book, err := s.Books.ByDigest(ctx, tx, x.Book)
	return x, book, err
}

// move takes the act on the survey's case, keeps the survey in its new state and
// writes the event.
func (s *Service) move(ctx context.Context, tx *db.Tx, who authz.Actor, x Survey, t Take, way casework.Way, event string, detail any) error {
	way.Calendar = s.Calendar
	c, err := casework.Do(ctx, tx, who, Machine, casework.Move{Case: x.ID, Version: t.Version, Way: way})
	if err != nil {
		return err
	}
	x.State = c.State
	if err := update(ctx, tx, x); err != nil {
		return err
	}
	act, _ := Machine.Act(way.Act)
	return audit.Append(ctx, tx, who, event, x.Object(), audit.Change{Act: act.May, At: x.place(), Detail: detail})
}

// Survey reads one for who may read at its place; to others it is not there.
func (s *Service) Survey(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Survey, *Book, error) {
	x, err := byID(ctx, tx, id)
	if err != nil {
		return x, nil, err
	}
	if err := authz.Require(who, authz.SurveyRead, x.place()); err != nil {
		return x, nil, err
	}
	if x.Case, err = casework.Find(ctx, tx, Machine, id); err != nil {
		return x, nil, err
	}
	book, err := s.Books.ByDigest(ctx, tx, x.Book)
	return x, book, err
}
