package deed

import (
	"context"
	"slices"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Served is one of the call-back list, masked; Answer once it was given.
type Served struct {
	ID          db.ID
	Name, Phone string
	Way         string
	Answer      *Answer
	Again       bool // said of the deed's last end that it is not solved
}

// A Dossier is one deed with all that the desk shows.
type Dossier struct {
	Deed
	Case       casework.Case
	Steps      []casework.Step
	Allowed    []casework.Act
	Milestones []Milestone
	Progress   []Progress
	Files      []File
	Served     []Served
	Answers    Answers
	Of         Programme
	Book       *Book
}

// Dossier reads one deed for who may; to others it isn't there (AZ-2).
func (s *Service) Dossier(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (x Dossier, err error) {
	if x.Deed, err = byID(ctx, tx, id); err != nil {
		return x, err
	}
	if err = authz.Require(who, authz.DeedRead, x.place()); err != nil {
		return x, err
	}
	if x.Book, err = s.Books.InForce(ctx, tx, tx.Today()); err != nil {
		return x, err
	}
	if x.Case, err = casework.Find(ctx, tx, Machine, id); err != nil {
		return x, err
	}
	if x.Steps, err = casework.History(ctx, tx, x.Case); err != nil {
		return x, err
	}
	x.Allowed = casework.AllowedBy(who, x.Case, x.Steps)
	if x.Milestones, err = milestonesOf(ctx, tx, id); err != nil {
		return x, err
	}
	if x.Progress, err = progressOf(ctx, tx, id); err != nil {
		return x, err
	}
	if x.Files, err = filesOf(ctx, tx, id); err != nil {
		return x, err
	}
	if x.Answers, err = s.answersOf(ctx, tx, id); err != nil {
		return x, err
	}
	if x.Programme != 0 {
		if x.Of, err = programmeByID(ctx, tx, x.Programme); err != nil {
			return x, err
		}
	}
	x.Served, err = s.servedOf(ctx, tx, id, false)
	return x, err
}

// May says whether the actor may take an act now.
func (x Dossier) May(act string) bool {
	return slices.ContainsFunc(x.Allowed, func(a casework.Act) bool { return a.Name == act })
}

// servedOf reads the call-back list of the deed's last end; in clear only for the
// sheet.
func (s *Service) servedOf(ctx context.Context, tx *db.Tx, id db.ID, clear bool) ([]Served, error) {
	round, err := s.round(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	type row struct {
		Served
		name, phone       []byte
		solved, satisfied *bool
	}
	rows, err := db.All(ctx, tx, func(r db.Scanner) (x row, err error) {
		return x, r.Scan(&x.ID, &x.name, &x.phone, &x.Way, &x.solved, &x.satisfied, &x.Again)
	}, `
		SELECT s.id, s.name_sealed, s.phone_sealed, COALESCE(a.way, ''), a.solved, a.satisfied, s.again IS NOT NULL
		FROM deed_served s LEFT JOIN deed_answer a ON a.served = s.id
		WHERE s.deed = $1 AND s.round = $2 ORDER BY s.id LIMIT 200`, id, round)
	if err != nil {
		return nil, err
	}
	var out []Served
	for _, x := range rows {
		if x.solved != nil {
			x.Answer = &Answer{*x.solved, *x.satisfied}
		}
		x.Name, x.Phone = "已按期删除", ""
		if len(x.name) > 0 {
			name, err := s.Keys.Open("deed_served", "name_sealed", x.ID, x.name)
			if err != nil {
				return nil, err
			}
			phone, err := s.Keys.Open("deed_served", "phone_sealed", x.ID, x.phone)
			if err != nil {
				return nil, err
			}
			x.Name, x.Phone = string(name), string(phone)
			if !clear {
				x.Name, x.Phone = masked(x.Name, x.Phone)
			}
		}
		out = append(out, x.Served)
	}
	return out, nil
}

// A Slip is one line of the call-back sheet: whom to call, and the code to give.
type Slip struct {
	Served
	Code string
}

// SheetIn is the call-back sheet with names and numbers in clear and a code for
// each who has not answered. Reading it is an event (AUD-1), so it wants a writing
// transaction.
func (s *Service) SheetIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Deed, []Slip, error) {
	d, err := byID(ctx, tx, id)
	if err != nil {
		return d, nil, err
	}
	if err := authz.Require(who, authz.DeedSheet, d.place()); err != nil {
		return d, nil, err
	}
	if d.State != Done {
		return d, nil, fault.New(fault.Conflict, "deed.sheet", "只有待回访的实事有回访单。")
	}
	if err := s.apart(ctx, tx, who, authz.DeedSheet, id); err != nil {
		return d, nil, err
	}
	list, err := s.servedOf(ctx, tx, id, true)
	if err != nil {
		return d, nil, err
	}
	var out []Slip
	for _, x := range list {
		one := Slip{Served: x}
		if x.Answer == nil {
			c := s.code(x.ID)
			one.Code = c[:4] + "-" + c[4:8] + "-" + c[8:]
		}
		out = append(out, one)
	}
	return d, out, audit.Append(ctx, tx, who, "deed.sheet-read", d.object(), audit.Change{Act: authz.DeedSheet, At: d.place(), Detail: map[string]any{"number": d.Number, "count": len(out)}})
}

// apart keeps who worked on a deed from what those it served say about it: the
// codes of the sheet are as good as their answers.
func (s *Service) apart(ctx context.Context, tx *db.Tx, who authz.Actor, act authz.Act, id db.ID) error {
	k, err := casework.Find(ctx, tx, Machine, id)
	if err != nil {
		return err
	}
	steps, err := casework.History(ctx, tx, k)
	if err != nil {
		return err
	}
	var persons []db.ID
	for _, x := range steps {
		if slices.Contains(workers, x.Act) {
			persons = append(persons, x.Person)
		}
	}
	return authz.RequireOther(who, act, persons...)
}

// Programme reads one programme for who may read deeds at all.
func (s *Service) Programme(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Programme, error) {
	if err := authz.RequireAny(who, authz.DeedRead); err != nil {
		return Programme{}, err
	}
	return programmeByID(ctx, tx, id)
}

// FileIn lets the actor read a file of a deed, which is an event.
func (s *Service) FileIn(ctx context.Context, tx *db.Tx, who authz.Actor, id, file db.ID) error {
	d, err := byID(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := authz.Require(who, authz.FileRead, d.place()); err != nil {
		return err
	}
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM deed_file WHERE deed = $1 AND file = $2`, id, file)
	if err != nil {
		return err
	}
	if n == 0 {
		return missing()
	}
	return audit.Append(ctx, tx, who, "deed.file-read", d.object(), audit.Change{Act: authz.FileRead, At: d.place(), Detail: map[string]any{"file": file}})
}

// Solved counts the deeds closed by a day in a division ("" everywhere): the sum
// of its rows. open counts those alone that the public sees.
func Solved(ctx context.Context, tx *db.Tx, division code.Division, on day.Date, open bool) (Totals, error) {
	t, _, err := db.One(ctx, tx, func(row db.Scanner) (t Totals, err error) {
		return t, row.Scan(&t.Matters, &t.People, &t.Households, &t.Spent)
	}, `
		SELECT COUNT(*), CAST(COALESCE(SUM(people), 0) AS BIGINT), CAST(COALESCE(SUM(households), 0) AS BIGINT), CAST(COALESCE(SUM(spent), 0) AS BIGINT)
		FROM deed
		WHERE closed_on <> '' AND closed_on <= $1 AND ($2 = '' OR division >= $2 AND division < $3) AND (is_open OR NOT $4)`,
		on.String(), string(division), string(division)+":", open)
	return t, err
}

// A Share is a district's part of the deeds that the public sees. Of those that are
// closed and had a promised end, so many were done by it.
type Share struct {
	District code.Division
	Totals
	Timely, Promised int64
}

// Shares sums the open deeds by district, in the order of their codes.
func Shares(ctx context.Context, tx *db.Tx) ([]Share, error) {
	return db.All(ctx, tx, func(row db.Scanner) (s Share, err error) {
		return s, row.Scan(&s.District, &s.Matters, &s.People, &s.Households, &s.Underway, &s.Timely, &s.Promised)
	}, `
		SELECT district, COUNT(*) FILTER (WHERE state = 'closed'), CAST(COALESCE(SUM(people) FILTER (WHERE state = 'closed'), 0) AS BIGINT),
			CAST(COALESCE(SUM(households) FILTER (WHERE state = 'closed'), 0) AS BIGINT), COUNT(*) FILTER (WHERE state <> 'closed'),
			COUNT(*) FILTER (WHERE `+timelyIf+`), COUNT(*) FILTER (WHERE `+promisedIf+`)
		FROM deed WHERE is_open GROUP BY district ORDER BY district LIMIT 200`)
}
