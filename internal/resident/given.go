package resident

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
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
// word for how it stands, and moves nothing here. Media are addresses of pictures
// elsewhere.
type Addition struct {
	Report       db.ID
	Text, Status string
	Media        []string
	Once, Digest []byte
}

// AddRequestIn takes words that a client adds to a report that it brought. Below
// another's report they would stand as if its resident had said them.
func (s *Reports) AddRequestIn(ctx context.Context, tx *db.Tx, who authz.Actor, c Client, in Addition) (id db.ID, err error) {
	r, err := reportOf(ctx, tx, in.Report)
	if err != nil {
		return 0, err
	}
	if err := c.Reaches(r.Division); err != nil {
		return 0, err
	}
	if own, err := broughtBy(ctx, tx, c.ID, r.ID); err != nil {
		return 0, err
	} else if !own {
		return 0, fault.New(fault.Forbidden, "resident.key-own", "只能补充用这个密钥提交的诉求。")
	}
	if err := s.addIn(ctx, tx, who, r.ID, c, in.Text); err != nil {
		return 0, err
	}
	id = tx.NewID()
	var media []byte
	if len(in.Media) > 0 {
		if media, err = s.sealMedia(id, in.Media); err != nil {
			return 0, err
		}
	}
	said, err := s.Keys.Seal("open311_update", "said_sealed", id, []byte(tidy(in.Text)))
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO open311_update (id, report, client, once, digest, status, made_at, media_sealed, said_sealed, said_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		id, r.ID, c.ID, in.Once, in.Digest, in.Status, db.Millis(tx.Real), media, said, db.Millis(tx.Now))
	return id, err
}

func broughtBy(ctx context.Context, tx *db.Tx, client, report db.ID) (bool, error) {
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM open311_request WHERE report = $1 AND client = $2`, report, client)
	return n > 0, err
}

func (s *Reports) sealMedia(update db.ID, media []string) ([]byte, error) {
	plain, err := json.Marshal(media)
	if err != nil {
		return nil, fmt.Errorf("encode media: %w", err)
	}
	return s.Keys.Seal("open311_update", "media_sealed", update, plain)
}

// A Brought says which system brought a report, and the addresses of pictures that
// it gave: elsewhere, unseen by us, and no words of the resident.
type Brought struct {
	Client string
	Media  []string
}

// BroughtOf is the system of a report that came over the open interface, for who
// may read the report; the zero Brought for every other report.
func (s *Reports) BroughtOf(ctx context.Context, tx *db.Tx, report db.ID) (b Brought, err error) {
	name, ok, err := db.One(ctx, tx, func(row db.Scanner) (name string, err error) { return name, row.Scan(&name) },
		`SELECT k.name FROM open311_request q JOIN interface_key k ON k.id = q.client WHERE q.report = $1`, report)
	if err != nil || !ok {
		return b, err
	}
	b.Client = name
	g, _, err := s.given(ctx, tx, report, "")
	if err != nil {
		return b, err
	}
	b.Media = g.Media
	type row struct {
		id    db.ID
		media []byte
	}
	more, err := db.All(ctx, tx, func(sc db.Scanner) (x row, err error) { return x, sc.Scan(&x.id, &x.media) },
		`SELECT id, media_sealed FROM open311_update WHERE report = $1 AND media_sealed IS NOT NULL ORDER BY id LIMIT 100`, report)
	if err != nil {
		return b, err
	}
	for _, x := range more {
		plain, err := s.Keys.Open("open311_update", "media_sealed", x.id, x.media)
		if err != nil {
			return b, err
		}
		var list []string
		if err := json.Unmarshal(plain, &list); err != nil {
			return b, fmt.Errorf("decode media: %w", err)
		}
		b.Media = append(b.Media, list...)
	}
	return b, nil
}

// PhotoBroughtIn is the file of a photo that a client sent with a report of its
// own, released or not, once it was painted anew.
func (s *Reports) PhotoBroughtIn(ctx context.Context, tx *db.Tx, who authz.Actor, c Client, report, photo db.ID) (db.ID, error) {
	own, err := broughtBy(ctx, tx, c.ID, report)
	if err != nil {
		return 0, err
	}
	photos, err := PhotosOf(ctx, tx, report)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(photos, func(p Photo) bool { return p.ID == photo && p.Side == "report" })
	if !own || i < 0 || photos[i].File == 0 {
		return 0, noReport()
	}
	if photos[i].State != "ready" {
		return 0, fault.New(fault.NotFound, "resident.photo-raw", "照片正在处理，请稍后再取。")
	}
	return photos[i].File, audit.Append(ctx, tx, who, "file.read", "resident_report:"+report.String(), map[string]any{"photo": photo, "client": c.ID})
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
