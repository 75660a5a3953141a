package resident

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"juli/internal/authz"
	"juli/internal/db"
)

// Given is what a client of the open interface said that has no column of its
// own: kept sealed.
type Given struct {
	Text    string   `json:"text,omitempty"`
	Lat     string   `json:"lat,omitempty"`
	Long    string   `json:"long,omitempty"`
	Address string   `json:"address,omitempty"`
	Media   []string `json:"media,omitempty"`
	Email   string   `json:"email,omitempty"`
	First   string   `json:"first,omitempty"`
	Last    string   `json:"last,omitempty"`
	Phone   string   `json:"phone,omitempty"`
	Device  string   `json:"device,omitempty"`
	Account string   `json:"account,omitempty"`
}

// A Request is what a client sent. Once tells a retry from another request, digest
// is of all that it said.
type Request struct {
	Submission
	Given        Given
	Once, Digest []byte
}

// TakeRequestIn takes a report over the open interface, about a place that the
// client's key is for.
func (s *Reports) TakeRequestIn(ctx context.Context, tx *db.Tx, who authz.Actor, c Client, in Request) (Receipt, error) {
	if p, err := s.Registry.Project(ctx, tx, in.Project); err == nil { // one that is not there is refused below
		if err := c.Reaches(p.Division); err != nil {
			return Receipt{}, err
		}
	}
	in.Channel, in.Phone = Open311, Mobile(in.Given.Phone)
	out, err := s.SubmitIn(ctx, tx, who, in.Submission)
	if err != nil {
		return Receipt{}, err
	}
	plain, err := json.Marshal(in.Given)
	if err != nil {
		return Receipt{}, fmt.Errorf("encode what was given: %w", err)
	}
	sealed, err := s.Keys.Seal("open311_request", "given_sealed", out.Report, plain)
	if err != nil {
		return Receipt{}, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO open311_request (report, client, once, digest, given_sealed, made_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		out.Report, c.ID, in.Once, in.Digest, sealed, db.Millis(tx.Real))
	return out, err
}

// An Addition is what a client adds to a report later; status is the client's own
// word for how it stands, and moves nothing here.
type Addition struct {
	Report       db.ID
	Text, Status string
	Once, Digest []byte
}

// AddRequestIn takes words that a client adds to a report in its division.
func (s *Reports) AddRequestIn(ctx context.Context, tx *db.Tx, who authz.Actor, c Client, in Addition) (id db.ID, err error) {
	r, err := reportOf(ctx, tx, in.Report)
	if err != nil {
		return 0, err
	}
	if err := c.Reaches(r.Division); err != nil {
		return 0, err
	}
	if err := s.AddIn(ctx, tx, who, r.ID, in.Text); err != nil {
		return 0, err
	}
	id = tx.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO open311_update (id, report, client, once, digest, status, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, r.ID, c.ID, in.Once, in.Digest, in.Status, db.Millis(tx.Real))
	return id, err
}

// GivenBy is what a client gave with a report, if the report is its own and its
// term is not over.
func (s *Reports) GivenBy(ctx context.Context, tx *db.Tx, client, report db.ID) (g Given, ok bool, err error) {
	return s.given(ctx, tx, report, ` AND client = $2`, client)
}

func (s *Reports) given(ctx context.Context, tx *db.Tx, report db.ID, more string, args ...any) (g Given, ok bool, err error) {
	sealed, ok, err := db.One(ctx, tx, func(row db.Scanner) (b []byte, err error) { return b, row.Scan(&b) },
		`SELECT given_sealed FROM open311_request WHERE report = $1`+more, append([]any{report}, args...)...)
	if err != nil || !ok || len(sealed) == 0 {
		return g, false, err
	}
	plain, err := s.Keys.Open("open311_request", "given_sealed", report, sealed)
	if err != nil {
		return g, false, err
	}
	return g, true, json.Unmarshal(plain, &g)
}

// Mobile is a telephone as residents have them, "" for any other: that one is kept
// sealed with the rest but nothing is sent to it.
func Mobile(s string) string {
	s = strings.NewReplacer(" ", "", "-", "").Replace(s)
	s = strings.TrimPrefix(strings.TrimPrefix(s, "+86"), "0086")
	if ValidPhone(s) {
		return s
	}
	return ""
}
