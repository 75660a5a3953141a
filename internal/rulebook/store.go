package rulebook

import (
	"context"
	"fmt"
	"time"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// A Version is one stored rulebook.
type Version struct {
	ID                db.ID
	Kind, Code        string
	Version           string
	City              code.Division
	Title             string
	Digest            string
	From, To          day.Date
	State             State
	UploadedAt        time.Time
	UploadedBy        db.ID // account, 0 = the program
	CommentFrom       day.Date
	CommentTo         day.Date // last day for comments
	AdoptedAt         time.Time
	RetiredAt         time.Time
	uploader, adopter db.ID // persons
}

// Name is code@version.
func (v Version) Name() string { return v.Code + "@" + v.Version }

const versionColumns = `
	SELECT id, kind, code, version, city, title, digest, effective_from, effective_to, state, uploaded_at, uploaded_by,
		uploaded_person, comment_from, comment_to, adopted_at, adopted_person, retired_at
	FROM rulebook `

func scanVersion(row db.Scanner) (v Version, err error) {
	var uploaded int64
	var adopted, retired, adopter *int64
	err = row.Scan(&v.ID, &v.Kind, &v.Code, &v.Version, &v.City, &v.Title, &v.Digest, &v.From, &v.To, &v.State, &uploaded, &v.UploadedBy,
		&v.uploader, &v.CommentFrom, &v.CommentTo, &adopted, &adopter, &retired)
	v.UploadedAt = db.FromMillis(uploaded)
	if adopted != nil {
		v.AdoptedAt = db.FromMillis(*adopted)
	}
	if retired != nil {
		v.RetiredAt = db.FromMillis(*retired)
	}
	if adopter != nil {
		v.adopter = db.ID(*adopter)
	}
	return v, err
}

func insertVersion(ctx context.Context, tx *db.Tx, v Version, text []byte) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO rulebook (id, kind, code, version, city, title, digest, body, effective_from, effective_to, state,
			uploaded_at, uploaded_by, uploaded_person)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		v.ID, v.Kind, v.Code, v.Version, string(v.City), v.Title, v.Digest, text, v.From, v.To, string(Draft),
		db.Millis(tx.Now), v.UploadedBy, v.uploader)
	if err != nil {
		return fmt.Errorf("insert rulebook: %w", err)
	}
	return nil
}

// Find is a stored version, NotFound "rulebook.not-found" if there is none.
func Find(ctx context.Context, tx *db.Tx, id db.ID) (Version, error) {
	return found(db.One(ctx, tx, scanVersion, versionColumns+`WHERE id = $1`, id))
}

// ByDigest is the version whose file has that SHA-256.
func ByDigest(ctx context.Context, tx *db.Tx, digest string) (Version, error) {
	return found(db.One(ctx, tx, scanVersion, versionColumns+`WHERE digest = $1`, digest))
}

func found(v Version, ok bool, err error) (Version, error) {
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "rulebook.not-found", "没有这份规则。")
	}
	return v, err
}

// TextOf is a stored version's file, byte for byte.
func TextOf(ctx context.Context, tx *db.Tx, id db.ID) ([]byte, error) {
	return db.Value[[]byte](ctx, tx, `SELECT body FROM rulebook WHERE id = $1`, id)
}

// A Filter narrows a list of versions; empty fields don't.
type Filter struct {
	Kind  string
	Code  string
	State State
}

const pageMax = 200

// List pages through the versions, newest first; after is the last id of the
// page before, 0 for the first.
func List(ctx context.Context, tx *db.Tx, f Filter, after db.ID, limit int) ([]Version, error) {
	if after == 0 {
		after = 1<<63 - 1
	}
	return db.All(ctx, tx, scanVersion, versionColumns+`
		WHERE ($1 = '' OR kind = $1) AND ($2 = '' OR code = $2) AND ($3 = '' OR state = $3) AND id < $4
		ORDER BY id DESC
		LIMIT $5`, f.Kind, f.Code, string(f.State), after, min(max(limit, 1), pageMax))
}

// InForce is the version of a kind that holds for a city on a day: adopted
// (or since retired), with dates that cover the day; the city's own before its
// province's, then the latest. An old day thus finds its old version (PC-11).
func InForce(ctx context.Context, tx *db.Tx, kind string, city code.Division, on day.Date) (Version, error) {
	list, err := db.All(ctx, tx, scanVersion, versionColumns+`
		WHERE kind = $1 AND state IN ('adopted', 'retired') AND effective_from <= $2 AND (effective_to IS NULL OR effective_to >= $2)
		ORDER BY effective_from, adopted_at, id
		LIMIT 1000`, kind, on)
	if err != nil {
		return Version{}, err
	}
	best, ok := Version{}, false
	for _, v := range list {
		if (v.City == city || v.City.Contains(city)) && (!ok || len(v.City) >= len(best.City)) {
			best, ok = v, true
		}
	}
	if !ok {
		return best, fault.New(fault.NotFound, "rulebook.none-in-force", "%s没有施行中的规则。", on)
	}
	return best, nil
}

// A Remark is a comment on a version in public comment.
type Remark struct {
	ID      db.ID
	At      time.Time
	Account db.ID
	Path    string // the place commented on, "" = the whole
	Body    string
}

func insertRemark(ctx context.Context, tx *db.Tx, book db.ID, r Remark) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO rulebook_comment (id, rulebook_id, at, account, path, body) VALUES ($1, $2, $3, $4, $5, $6)`,
		r.ID, book, db.Millis(tx.Now), r.Account, r.Path, r.Body)
	if err != nil {
		return fmt.Errorf("insert comment: %w", err)
	}
	return nil
}

// Remarks pages through the comments on a version, oldest first.
func Remarks(ctx context.Context, tx *db.Tx, book, after db.ID, limit int) ([]Remark, error) {
	return db.All(ctx, tx, func(row db.Scanner) (r Remark, err error) {
		var at int64
		err = row.Scan(&r.ID, &at, &r.Account, &r.Path, &r.Body)
		r.At = db.FromMillis(at)
		return r, err
	}, `
		SELECT id, at, account, path, body
		FROM rulebook_comment
		WHERE rulebook_id = $1 AND id > $2
		ORDER BY id
		LIMIT $3`, book, int64(after), min(max(limit, 1), pageMax))
}
