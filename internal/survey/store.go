package survey

import (
	"context"
	"time"

	"juli/internal/casework"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/money"
)

// A Survey is one survey of one project.
type Survey struct {
	ID         db.ID
	Book       string // digest of its rulebook
	Title      string
	Project    code.ProjectCode
	Division   code.Division
	Enterprise code.USCC // who serves the project as the survey opens
	Homes      int64
	Renovated  bool
	Needed     int64 // answers for the rulebook's margin
	Drawn      int64
	Seed       string // "" until it opens; of the public, until the result is
	Sealed     string // the seed's digest, where read for the public
	Draw       string // digest of the drawn homes
	Days       int64
	Opened     day.Date
	Closes     day.Date
	State      string
	Why        string // of a cancelled one

	Online, Paper int64  // answers so far, however they came
	Tally                // frozen when the result is proposed
	Reread               // likewise
	Despite       string // why it is published although much differed
	Published     day.Date
	Case          casework.Case // where read

	projectID db.ID
	changed   int64
}

// StateTitle is the state in Chinese.
func (s Survey) StateTitle() string { return Machine.StateTitle(s.State) }

// Object names the survey in the audit log.
func (s Survey) Object() string { return "survey:" + s.ID.String() }

// Changed is when it last changed.
func (s Survey) Changed() time.Time { return db.FromMillis(s.changed) }

// Replies is how many homes have answered so far.
func (s Survey) Replies() int64 { return s.Online + s.Paper }

const columns = `id, book, title, project, project_id, division, enterprise, homes, renovated, needed, drawn, seed, draw, days, opened_on, closes_on, state, why,
	online, paper, answered, rated, satisfied, score, published_on, changed_at, checked, differed, mended, despite`

func scan(row db.Scanner) (s Survey, err error) {
	var score int64
	err = row.Scan(&s.ID, &s.Book, &s.Title, &s.Project, &s.projectID, &s.Division, &s.Enterprise, &s.Homes, &s.Renovated, &s.Needed, &s.Drawn, &s.Seed, &s.Draw, &s.Days, &s.Opened, &s.Closes,
		&s.State, &s.Why, &s.Online, &s.Paper, &s.Answered, &s.Rated, &s.Satisfied, &score, &s.Published, &s.changed, &s.Checked, &s.Differed, &s.Mended, &s.Despite)
	s.Score = money.Points(score)
	return s, err
}

func byID(ctx context.Context, tx *db.Tx, id db.ID) (Survey, error) {
	s, ok, err := db.One(ctx, tx, scan, `SELECT `+columns+` FROM survey WHERE id = $1`, id)
	if err == nil && !ok {
		err = notFound()
	}
	return s, err
}

func notFound() error {
	return fault.New(fault.NotFound, "authz.not-found", "没有找到您要查看的内容。")
}

func insert(ctx context.Context, tx *db.Tx, s Survey) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO survey (id, book, title, project, project_id, division, enterprise, homes, renovated, needed, drawn, seed, draw, days, state, running, why,
			online, paper, answered, rated, satisfied, score, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', '', $12, $13, $4, '', 0, 0, 0, 0, 0, 0, $14)`,
		s.ID, s.Book, s.Title, string(s.Project), s.projectID, string(s.Division), string(s.Enterprise), s.Homes, s.Renovated, s.Needed, s.Drawn, s.Days, s.State, db.Millis(tx.Now))
	return err
}

// update keeps what acts change.
func update(ctx context.Context, tx *db.Tx, s Survey) error {
	running := any(string(s.Project)) // one survey at a time of a project
	if s.State == Published || s.State == Cancelled {
		running = nil
	}
	_, err := tx.Exec(ctx, `
		UPDATE survey SET enterprise = $2, homes = $3, needed = $4, drawn = $5, seed = $6, draw = $7, opened_on = $8, closes_on = $9, state = $10, running = $11, why = $12,
			answered = $13, rated = $14, satisfied = $15, score = $16, published_on = $17, changed_at = $18,
			checked = $19, differed = $20, mended = $21, despite = $22
		WHERE id = $1`, s.ID, string(s.Enterprise), s.Homes, s.Needed, s.Drawn, s.Seed, s.Draw, s.Opened, s.Closes, s.State, running, s.Why,
		s.Answered, s.Rated, s.Satisfied, int64(s.Score), s.Published, db.Millis(tx.Now), s.Checked, s.Differed, s.Mended, s.Despite)
	return err
}

// A Paper is one paper answer as it was entered.
type Paper struct {
	ID      db.ID
	Home    int64
	Choices string
	Person  db.ID
	Checked bool
	Same    bool
	Right   string // as the second person read it
	Settled string // what the paper says where the two differ; "" not looked at yet
}

// papers lists the paper answers of a survey by home, checked or not.
func papers(ctx context.Context, tx *db.Tx, id db.ID) ([]Paper, error) {
	return db.All(ctx, tx, func(row db.Scanner) (p Paper, err error) {
		return p, row.Scan(&p.ID, &p.Home, &p.Choices, &p.Person, &p.Checked, &p.Same, &p.Right, &p.Settled)
	}, `SELECT a.id, a.home, a.choices, a.person, c.answer IS NOT NULL, COALESCE(c.same, FALSE), COALESCE(c.choices, ''), COALESCE(s.choices, '')
		FROM survey_answer a LEFT JOIN survey_check c ON c.survey = a.survey AND c.answer = a.id LEFT JOIN survey_settle s ON s.survey = a.survey AND s.answer = a.id
		WHERE a.survey = $1 AND a.mode = 'PAPER' ORDER BY a.home LIMIT $2`, id, answersMax)
}

// answers are the choices of every answer; where a second reading differed, what was
// settled counts.
func answers(ctx context.Context, tx *db.Tx, id db.ID) ([]string, error) {
	return db.All(ctx, tx, func(row db.Scanner) (s string, err error) { return s, row.Scan(&s) }, `
		SELECT COALESCE(s.choices, a.choices) FROM survey_answer a LEFT JOIN survey_settle s ON s.survey = a.survey AND s.answer = a.id
		WHERE a.survey = $1 ORDER BY a.id LIMIT $2`, id, answersMax)
}

// answersMax bounds the answers of one survey: no estate has so many homes.
const answersMax = 100_000

func insertAnswer(ctx context.Context, tx *db.Tx, survey db.ID, mode string, home any, choices string, account, person any) error {
	_, err := tx.Exec(ctx, `INSERT INTO survey_answer (survey, id, mode, home, choices, account, person, on_day) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		survey, tx.NewID(), mode, home, choices, account, person, tx.Today())
	if err != nil {
		return err
	}
	column := map[string]string{online: `UPDATE survey SET online = online + 1 WHERE id = $1`, paper: `UPDATE survey SET paper = paper + 1 WHERE id = $1`}[mode]
	_, err = tx.Exec(ctx, column, survey)
	return err
}

// How an answer came.
const (
	online = "ONLINE"
	paper  = "PAPER"
)
