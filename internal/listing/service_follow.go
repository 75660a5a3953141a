package listing

import (
	"context"
	"fmt"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Follow is what a district has to do about a subject that stood on the black
// list again.
type Follow struct {
	ID         db.ID
	Entry      db.ID
	Code       string
	Title      string
	Why        string
	Name       string // of the subject
	Enterprise code.USCC
	Project    string
	Division   code.Division
	State      string
	OpenedOn   day.Date
	DoneOn     day.Date
	Result     string
}

// Place is where the follow-up stands.
func (f Follow) Place() authz.Place {
	return authz.Place{Division: f.Division, Enterprise: f.Enterprise, Project: f.Project}
}

// Object names the follow-up in the audit log.
func (f Follow) Object() string { return "listing_followup:" + f.ID.String() }

// CountersOf counts a subject's black entries as of today.
func (s *Service) CountersOf(ctx context.Context, tx *db.Tx, kind SubjectKind, subject string, window day.Term) (Counters, error) {
	showings, err := db.All(ctx, tx, func(row db.Scanner) (x Showing, err error) { return x, row.Scan(&x.On, &x.Sides, &x.At) }, `
		SELECT b.published_on, b.sides, COALESCE(e.side, '')
		FROM listing_batch b
		LEFT JOIN listing_entry e ON e.batch = b.id AND e.kind = $1 AND e.subject = $2 AND e.listed_on IS NOT NULL AND e.state <> $3
		WHERE b.published_on IS NOT NULL ORDER BY b.published_on, b.year, b.ordinal LIMIT 2000`, string(kind), subject, Annulled)
	if err != nil {
		return Counters{}, err
	}
	return Count(showings, tx.Today(), window, s.calendar()), nil
}

// follow hands to the district what the counters of a new black entry call for.
func (s *Service) follow(ctx context.Context, tx *db.Tx, book *Book, e Entry) error {
	c, err := s.CountersOf(ctx, tx, e.Kind, e.Subject, book.Terms.Window)
	if err != nil {
		return err
	}
	for _, f := range book.Reached(c) {
		why := fmt.Sprintf("连续 %d 批列入黑榜，%s内列入 %d 次", c.Consecutive, book.Terms.Window.Chinese(), c.InWindow)
		id := tx.NewID()
		if _, err := tx.Exec(ctx, `
			INSERT INTO listing_followup (id, entry, code, title, why, enterprise, project, division, state, opened_on, done_on, result)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL, '')`,
			id, e.ID, f.Code, f.Title, why, string(e.Enterprise), e.Project, string(e.Division), FollowOpen, tx.Today()); err != nil {
			return err
		}
		object := "listing_followup:" + id.String()
		if _, err := casework.Open(ctx, tx, robot, FollowMachine, casework.Opening{
			ID: id, Object: object, Title: f.Title + "：" + e.Name, Place: e.Place(), Way: casework.Way{Act: actCall, Term: &f.Term, Calendar: s.Calendar},
		}); err != nil {
			return err
		}
		if err := audit.Append(ctx, tx, robot, "listing.followup-opened", object, map[string]any{"entry": e.ID, "code": f.Code}); err != nil {
			return err
		}
	}
	return nil
}

// FollowIn is the district's report of what it did.
func (s *Service) FollowIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take) (Follow, error) {
	f, err := s.Follow(ctx, tx, who, t.ID)
	if err != nil {
		return f, err
	}
	if err := authz.Require(who, authz.ListFollow, f.Place()); err != nil {
		return f, err
	}
	f.Result = tidy(t.Note)
	return s.settleFollow(ctx, tx, who, f, casework.Move{Case: f.ID, Version: t.Version, Way: casework.Way{Act: ActFollow, Note: f.Result}}, "listing.followup-done")
}

func (s *Service) settleFollow(ctx context.Context, tx *db.Tx, who authz.Actor, f Follow, m casework.Move, event string) (Follow, error) {
	c, err := casework.Do(ctx, tx, who, FollowMachine, m)
	if err != nil {
		return f, err
	}
	f.State, f.DoneOn = c.State, tx.Today()
	if _, err := tx.Exec(ctx, `UPDATE listing_followup SET state = $2, done_on = $3, result = $4 WHERE id = $1`, f.ID, f.State, f.DoneOn, f.Result); err != nil {
		return f, err
	}
	return f, audit.Append(ctx, tx, who, event, f.Object(), audit.Change{Act: authz.ListFollow, At: f.Place()})
}

// voidFollows cancels what an entry called for that should not have been.
func (s *Service) voidFollows(ctx context.Context, tx *db.Tx, entry db.ID) error {
	list, err := db.All(ctx, tx, scanFollow, followSelect+`WHERE f.entry = $1 AND f.state = $2 ORDER BY f.id`, entry, FollowOpen)
	for _, f := range list {
		if err == nil {
			_, err = s.settleFollow(ctx, tx, robot, f, casework.Move{Case: f.ID, Way: casework.Way{Act: actVoid}}, "listing.followup-void")
		}
	}
	return err
}

const followSelect = `
	SELECT f.id, f.entry, f.code, f.title, f.why, e.name, f.enterprise, f.project, f.division, f.state, f.opened_on, f.done_on, f.result
	FROM listing_followup f JOIN listing_entry e ON e.id = f.entry `

func scanFollow(row db.Scanner) (f Follow, err error) {
	return f, row.Scan(&f.ID, &f.Entry, &f.Code, &f.Title, &f.Why, &f.Name, &f.Enterprise, &f.Project, &f.Division, &f.State, &f.OpenedOn, &f.DoneOn, &f.Result)
}

// Follow reads a follow-up for who may see it.
func (s *Service) Follow(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Follow, error) {
	f, ok, err := db.One(ctx, tx, scanFollow, followSelect+`WHERE f.id = $1`, id)
	switch {
	case err != nil:
		return f, err
	case !ok:
		return f, fault.New(fault.NotFound, "listing.no-followup", "没有找到这件后续措施。")
	}
	return f, authz.Require(who, authz.ListRead, f.Place())
}
