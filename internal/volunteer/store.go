package volunteer

import (
	"context"
	"time"

	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Volunteer is one person of one community's roster, name masked.
type Volunteer struct {
	ID            db.ID
	Division      code.Division
	Shown         string // masked name
	Phone         string // masked
	Skills        string
	Open          bool // agreed to be named, masked, in public
	Source        string
	Consent       day.Date
	Joined, Ended day.Date
	Person        db.ID // of an account, 0: none
	State         string
	Minutes       int64
	Case          casework.Case
}

// StateTitle is the state in Chinese.
func (v Volunteer) StateTitle() string { return RosterMachine.StateTitle(v.State) }

// Object names the volunteer in the audit log.
func (v Volunteer) Object() string { return "volunteer:" + v.ID.String() }

const columns = `id, division, shown, skills, open, source, consent_on, joined_on, left_on, person, state, minutes, phone_sealed`

func (s *Service) scan(row db.Scanner) (v Volunteer, err error) {
	var phone []byte
	if err = row.Scan(&v.ID, &v.Division, &v.Shown, &v.Skills, &v.Open, &v.Source, &v.Consent, &v.Joined, &v.Ended, &v.Person, &v.State, &v.Minutes, &phone); err != nil {
		return v, err
	}
	if len(phone) == 0 { // its term was over
		return v, nil
	}
	plain, err := s.Keys.Open("volunteer", "phone_sealed", v.ID, phone)
	v.Phone = code.MaskPhone(string(plain))
	return v, err
}

func (s *Service) byID(ctx context.Context, tx *db.Tx, id db.ID) (Volunteer, error) {
	v, ok, err := db.One(ctx, tx, s.scan, `SELECT `+columns+` FROM volunteer WHERE id = $1`, id)
	if err == nil && !ok {
		err = notFound()
	}
	return v, err
}

func notFound() error {
	return fault.New(fault.NotFound, "authz.not-found", "没有找到您要查看的内容。")
}

// A Call is one occasion to serve.
type Call struct {
	ID       db.ID
	Division code.Division
	Title    string
	Task     string
	Place    string
	On       day.Date
	At       string // "09:00", "" the whole day
	Minutes  int64  // wanted of each
	Places   int64
	Signed   int64
	People   int64 // who came, once confirmed
	Total    int64 // confirmed minutes
	State    string
	Called   time.Time
	Changed  time.Time
	Case     casework.Case
}

// StateTitle is the state in Chinese.
func (c Call) StateTitle() string { return CallMachine.StateTitle(c.State) }

// Object names the call in the audit log.
func (c Call) Object() string { return "volunteer_call:" + c.ID.String() }

// Free is how many places are left.
func (c Call) Free() int64 { return c.Places - c.Signed }

const callColumns = `id, division, title, task, place, on_day, at_time, minutes, places, signed, people, total, state, changed_at,
	COALESCE((SELECT k.opened_at FROM casework_case k WHERE k.id = volunteer_call.id), 0)`

func scanCall(row db.Scanner) (c Call, err error) {
	var changed, called int64
	err = row.Scan(&c.ID, &c.Division, &c.Title, &c.Task, &c.Place, &c.On, &c.At, &c.Minutes, &c.Places, &c.Signed, &c.People, &c.Total, &c.State, &changed, &called)
	c.Changed, c.Called = db.FromMillis(changed), db.FromMillis(called)
	return c, err
}

func callByID(ctx context.Context, tx *db.Tx, id db.ID) (Call, error) {
	c, ok, err := db.One(ctx, tx, scanCall, `SELECT `+callColumns+` FROM volunteer_call WHERE id = $1`, id)
	if err == nil && !ok {
		err = notFound()
	}
	return c, err
}

func setCall(ctx context.Context, tx *db.Tx, c Call) error {
	_, err := tx.Exec(ctx, `UPDATE volunteer_call SET signed = $2, people = $3, total = $4, state = $5, changed_at = $6 WHERE id = $1`, c.ID, c.Signed, c.People, c.Total, c.State, db.Millis(tx.Now))
	return err
}

// A Signup is somebody who wants to come, or came.
type Signup struct {
	Volunteer
	Noted bool  // whether it was noted how long
	Came  int64 // minutes as noted, 0: did not come
}

func (s *Service) signups(ctx context.Context, tx *db.Tx, call db.ID) ([]Signup, error) {
	type row struct {
		id      db.ID
		minutes *int64
	}
	rows, err := db.All(ctx, tx, func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.id, &x.minutes) },
		`SELECT volunteer, minutes FROM volunteer_signup WHERE call = $1 ORDER BY at, volunteer LIMIT $2`, call, placesMax+waitingMax)
	if err != nil {
		return nil, err
	}
	var out []Signup
	for _, r := range rows {
		v, err := s.byID(ctx, tx, r.id)
		if err != nil {
			return nil, err
		}
		x := Signup{Volunteer: v, Noted: r.minutes != nil}
		if x.Noted {
			x.Came = *r.minutes
		}
		out = append(out, x)
	}
	return out, nil
}
