package listing

import (
	"context"
	"fmt"
	"slices"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
)

// An Inspected is what inspections of a period say of a project.
type Inspected struct {
	Project code.ProjectCode
	Made    int64
	Score   money.Points // the mean
}

// A Cased is what cases of a period say of a project, or of an enterprise itself
// where Project is "".
type Cased struct {
	Enterprise  code.USCC
	Project     code.ProjectCode
	Found, Open int64
	Late        int64 // found in the period and not mended in time
	Exposed     int64 // exposures decided in the period
	RedLine     bool  // an open one touches a red line
}

// A Service makes the lists.
type Service struct {
	DB          *db.DB
	City        code.Division
	Calendar    *day.Calendar // nil: the library's
	Books       *Books
	Evaluations *credit.Evaluations
	Records     *credit.Records

	// Inspections and Cases tell what other rooms know of a period, nil where a
	// city does not have them.
	Inspections func(ctx context.Context, tx *db.Tx, from, to day.Date) ([]Inspected, error)
	Cases       func(ctx context.Context, tx *db.Tx, from, to day.Date, redLine []string) ([]Cased, error)
}

// robot takes the steps that follow by themselves.
var robot = authz.System("listing")

func (s *Service) calendar() *day.Calendar {
	if s.Calendar == nil {
		return day.DefaultCalendar()
	}
	return s.Calendar
}

func (s *Service) place() authz.Place { return authz.Place{Division: s.City} }

// A Batch is one issue of the lists.
type Batch struct {
	ID          db.ID
	Year        int
	Serial      int64
	Sides       Side
	Theme       string
	Title       string
	From, To    day.Date // the period that it judges
	Media       string
	Book        string // digest
	State       string
	Number      string // 文号, once published
	Digest      string // of what was published
	PublishedOn day.Date
	Inspections int64 // made in the period
	Inspected   int64 // projects inspected
}

// Object names the batch in the audit log.
func (b Batch) Object() string { return "listing_batch:" + b.ID.String() }

// Public says whether everybody may see the batch.
func (b Batch) Public() bool { return b.PublishedOn != 0 }

// StateTitle is the batch's state in Chinese.
func (b Batch) StateTitle() string { return BatchMachine.StateTitle(b.State) }

// An Opening is what a new batch is about.
type Opening struct {
	Sides    Side
	Theme    string
	From, To day.Date
	Media    string
}

const mediaMax = 200

// OpenIn begins the year's next batch.
func (s *Service) OpenIn(ctx context.Context, tx *db.Tx, who authz.Actor, o Opening) (Batch, error) {
	if err := authz.Require(who, authz.ListPropose, s.place()); err != nil {
		return Batch{}, err
	}
	book, err := s.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return Batch{}, err
	}
	o.Media = tidy(o.Media)
	if err := o.check(book, tx.Today()); err != nil {
		return Batch{}, err
	}
	year := tx.Today().Year()
	if err := tx.Lock(ctx, "listing_batch", year); err != nil {
		return Batch{}, err
	}
	last, err := lastSerial(ctx, tx, year)
	if err != nil {
		return Batch{}, err
	}
	b := Batch{
		ID: tx.NewID(), Year: year, Serial: last + 1, Sides: o.Sides, Theme: o.Theme, From: o.From, To: o.To, Media: o.Media, Book: book.Digest, State: Collecting,
		Title: fmt.Sprintf("%d年第%d批%s（%s）", year, last+1, o.Sides.Title(), book.ThemeTitle(o.Theme)),
	}
	if err := insertBatch(ctx, tx, b); err != nil {
		return Batch{}, err
	}
	if _, err := casework.Open(ctx, tx, who, BatchMachine, casework.Opening{
		ID: b.ID, Object: b.Object(), Title: b.Title, Place: s.place(), Way: casework.Way{Act: actOpen, Calendar: s.Calendar},
	}); err != nil {
		return Batch{}, err
	}
	return b, audit.Append(ctx, tx, who, "listing.opened", b.Object(), map[string]any{"title": b.Title, "theme": b.Theme})
}

func (o Opening) check(b *Book, today day.Date) error {
	f := fault.New(fault.Invalid, "listing.opening", "批次内容不完整。")
	if !slices.Contains([]Side{Red, Black, Both}, o.Sides) {
		f.With("sides", "请选择榜别。")
	}
	if !slices.ContainsFunc(b.Themes, func(n Named) bool { return n.Code == o.Theme }) {
		f.With("theme", "请选择主题。")
	}
	if o.From == 0 || o.To < o.From || o.To > today {
		f.With("to", "期间的止日不能早于起日，也不能晚于今天。")
	}
	if len([]rune(o.Media)) > mediaMax {
		f.With("media", fmt.Sprintf("不超过%d字。", mediaMax))
	}
	return f.OrNil()
}

// A Take is one act on a batch or an entry that the actor saw at a version.
type Take struct {
	ID      db.ID
	Version int64
	Note    string
	Seen    bool // every reply that will be public was read, by who publishes
}

// move takes an act on a batch and notes where it stands.
func (s *Service) move(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, act, event string) (Batch, error) {
	c, err := casework.Do(ctx, tx, who, BatchMachine, casework.Move{Case: t.ID, Version: t.Version, Way: casework.Way{Act: act, Note: tidy(t.Note), Calendar: s.Calendar}})
	if err != nil {
		return Batch{}, err
	}
	if _, err := tx.Exec(ctx, `UPDATE listing_batch SET state = $2, changed_at = $3 WHERE id = $1`, t.ID, c.State, db.Millis(tx.Now)); err != nil {
		return Batch{}, err
	}
	b, err := batchByID(ctx, tx, t.ID)
	if err != nil || event == "" {
		return b, err
	}
	return b, audit.Append(ctx, tx, who, event, b.Object(), map[string]any{"title": b.Title})
}

// Batch reads a batch for whoever may know of it: before publication only those
// who take part.
func (s *Service) Batch(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Batch, error) {
	b, err := batchByID(ctx, tx, id)
	if err != nil {
		return b, err
	}
	if b.Public() || worksOn(who) {
		return b, nil
	}
	return Batch{}, noBatch()
}

// worksOn says whether the actor takes part in making lists: officials and the
// association, not who stands on them.
func worksOn(who authz.Actor) bool {
	if who.SystemName() != "" {
		return true
	}
	for _, g := range who.Grants {
		if duty, ok := authz.DutyOf(g.Role); ok && duty.Kind == authz.ByDivision && !duty.Admin && authz.Can(who, authz.ListRead) {
			return true
		}
	}
	return false
}

func noBatch() error {
	return fault.New(fault.NotFound, "listing.no-batch", "没有找到这一批红黑榜。")
}
