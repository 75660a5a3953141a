package campaign

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/money"
)

// An Inspection is one visit to one project by two inspectors.
type Inspection struct {
	ID, Campaign  db.ID
	Project       code.ProjectCode
	Enterprise    code.USCC
	Division      code.Division
	First, Second db.ID // accounts; the first leads
	FirstBody     string
	SecondBody    string
	Were          string // numbers of who was on it before and left it
	State         string
	Round         int64
	Due           day.Date
	MadeOn        day.Date
	Position      string
	Note          string
	Score         money.Points
	Applied       money.Points // of a hundred: how much of the checklist applied
	Passed        *bool
	SettledOn     day.Date
	ToMend        int64 // findings of the last visit that are not mended yet
	Case          casework.Case
}

func (x Inspection) place() authz.Place {
	return authz.Place{Division: x.Division, Enterprise: x.Enterprise, Project: string(x.Project)}
}

func (x Inspection) object() string { return "inspection:" + x.ID.String() }

// Turn is the inspector whose act the inspection waits for, 0 where it waits for
// none of the two: the first leads the visit, the second confirms and looks again.
func (x Inspection) Turn() db.ID {
	switch x.State {
	case Assigned:
		return x.First
	case Confirming, Mended:
		return x.Second
	}
	return 0
}

// StateTitle is the state in Chinese.
func (x Inspection) StateTitle() string { return InspectionMachine.StateTitle(x.State) }

// ResultTitle says whether the project passed, "" while that is not settled, and
// how much of what was found is still to be mended.
func (x Inspection) ResultTitle() string {
	title := x.verdict()
	if title != "" && x.ToMend > 0 {
		title += fmt.Sprintf("（%d 项待整改）", x.ToMend)
	}
	return title
}

// Good says whether the result stands and is a pass.
func (x Inspection) Good() bool { return x.verdict() == "合格" }

func (x Inspection) verdict() string {
	switch {
	case x.Passed == nil || x.SettledOn == 0:
		return ""
	case *x.Passed:
		return "合格"
	}
	return "不合格"
}

// A Finding is one fault that an inspection found.
type Finding struct {
	ID, Inspection db.ID
	Item           string
	Facts          string
	Deadline       string
	Due            day.Date
	Points         bool
	Case           db.ID // the case it became
	MendedOn       day.Date
	Photos         []Photo
}

// A Photo shows a finding, before or after it was mended.
type Photo struct {
	Item  string
	File  db.ID
	After bool
	At    int64
}

func readResult(text []byte) (list []Drawn, err error) { return list, json.Unmarshal(text, &list) }

const inspectionColumns = `i.id, i.campaign, i.project, i.enterprise, i.division, i.first_account, i.first_body, i.second_account, i.second_body, i.were,
	i.state, i.round, i.due, i.made_on, i.position, i.note, i.score, i.applied, i.passed, i.settled_on,
	(SELECT COUNT(*) FROM inspection_finding f WHERE f.inspection = i.id AND f.round = i.round AND f.mended_on IS NULL)`

func scanInspection(row db.Scanner) (x Inspection, err error) {
	return x, row.Scan(&x.ID, &x.Campaign, &x.Project, &x.Enterprise, &x.Division, &x.First, &x.FirstBody, &x.Second, &x.SecondBody, &x.Were,
		&x.State, &x.Round, &x.Due, &x.MadeOn, &x.Position, &x.Note, &x.Score, &x.Applied, &x.Passed, &x.SettledOn, &x.ToMend)
}

// findInspection reads one and its case, if the actor may do act there.
func findInspection(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, act authz.Act) (Inspection, error) {
	x, ok, err := db.One(ctx, tx, scanInspection, `SELECT `+inspectionColumns+` FROM inspection i WHERE i.id = $1`, id)
	if err == nil && !ok {
		err = missing()
	}
	if err != nil {
		return x, err
	}
	if err := authz.Require(who, act, x.place()); err != nil {
		return Inspection{}, err
	}
	x.Case, err = casework.Find(ctx, tx, InspectionMachine, id)
	return x, err
}

// Inspection reads an inspection for whoever may see it at its place. What is not
// confirmed yet is the officials' alone.
func (s *Campaigns) Inspection(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Inspection, error) {
	x, err := findInspection(ctx, tx, who, id, authz.InspectionRead)
	if err == nil && !Official(who) && (x.State == Assigned || x.State == Confirming || x.State == Dropped) {
		return Inspection{}, missing()
	}
	return x, err
}

// Official says whether the actor reads inspections as an authority does.
func Official(who authz.Actor) bool {
	for _, g := range who.Grants {
		if g.Role.Official() && !g.Role.Admin() || g.Role == authz.Association {
			return true
		}
	}
	return who.SystemName() != ""
}

// Findings lists what the last visit found, with photos, in the checklist's order
// of codes.
func Findings(ctx context.Context, tx *db.Tx, x Inspection) ([]Finding, error) {
	list, err := db.All(ctx, tx, func(row db.Scanner) (f Finding, err error) {
		return f, row.Scan(&f.ID, &f.Inspection, &f.Item, &f.Facts, &f.Deadline, &f.Due, &f.Points, &f.Case, &f.MendedOn)
	}, `SELECT id, inspection, item, facts, deadline, due, points, COALESCE(case_id, 0), mended_on FROM inspection_finding WHERE inspection = $1 AND round = $2 ORDER BY item`, x.ID, x.Round)
	if err != nil {
		return nil, err
	}
	photos, err := db.All(ctx, tx, func(row db.Scanner) (p Photo, err error) {
		return p, row.Scan(&p.Item, &p.File, &p.After, &p.At)
	}, `SELECT item, file, after, added_at FROM inspection_photo WHERE inspection = $1 ORDER BY added_at, file`, x.ID)
	for i := range list {
		for _, p := range photos {
			if p.Item == list[i].Item {
				list[i].Photos = append(list[i].Photos, p)
			}
		}
	}
	return list, err
}

// Answers are what was noted of each item at the last visit.
func Answers(ctx context.Context, tx *db.Tx, x Inspection) (map[string]Verdict, error) {
	out := map[string]Verdict{}
	type one struct {
		item string
		v    Verdict
	}
	for a, err := range db.Rows(ctx, tx, func(row db.Scanner) (a one, err error) { return a, row.Scan(&a.item, &a.v) },
		`SELECT item, verdict FROM inspection_answer WHERE inspection = $1 AND round = $2 ORDER BY item`, x.ID, x.Round) {
		if err != nil {
			return nil, err
		}
		out[a.item] = a.v
	}
	return out, nil
}

// gone are the numbers of all who are or were on the inspection.
func (x Inspection) gone(sent map[string]Sent) []string {
	out := strings.Fields(x.Were)
	for _, number := range sorted(sent) {
		if a := sent[number].Account; a == x.First || a == x.Second {
			out = append(out, number)
		}
	}
	return out
}
