package resident

import (
	"context"
	"strings"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/job"
)

// PhotoJob is the kind of the job that paints a report's photos anew.
const PhotoJob = "report-photos"

// A Photo belongs to a report or to its answer. It is shown once it was painted
// anew, to the public only when it was released.
type Photo struct {
	ID       db.ID
	Side     string // "report", "answer"
	File     db.ID
	State    string // "raw", "ready", "bad"
	Released bool
}

func scanPhoto(row db.Scanner) (p Photo, err error) {
	return p, row.Scan(&p.ID, &p.Side, &p.File, &p.State, &p.Released)
}

// PhotosOf lists a report's photos.
func PhotosOf(ctx context.Context, tx *db.Tx, report db.ID) ([]Photo, error) {
	return db.All(ctx, tx, scanPhoto, `SELECT id, side, file, state, released FROM resident_photo WHERE report = $1 ORDER BY id LIMIT 100`, report)
}

// addPhotos notes raw photos and asks the job to look at them.
func (s *Reports) addPhotos(ctx context.Context, tx *db.Tx, report db.ID, side string, files []db.ID) error {
	if len(files) == 0 {
		return nil
	}
	if len(files) > filesMax {
		return fault.New(fault.Invalid, "resident.form", "照片最多 6 张。").With("photos", "照片最多 6 张。")
	}
	for _, f := range files {
		if _, err := tx.Exec(ctx, `INSERT INTO resident_photo (id, report, side, file, state, released, added_at) VALUES ($1, $2, $3, $4, 'raw', FALSE, $5)`,
			tx.NewID(), report, side, f, db.Millis(tx.Now)); err != nil {
			return err
		}
	}
	_, err := job.Enqueue(ctx, tx, PhotoJob, map[string]string{"report": report.String()}, job.Opts{Attempts: 5})
	return err
}

// HandlePhotos paints the raw photos of a report anew: nothing but their pixels
// stays. What is no picture is marked and its file dropped.
func (s *Reports) HandlePhotos(ctx context.Context, j *job.Job) error {
	var args struct {
		Report db.ID `json:"report"`
	}
	if err := j.Args(&args); err != nil {
		return err
	}
	var raw []Photo
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		raw, err = db.All(ctx, tx, scanPhoto, `SELECT id, side, file, state, released FROM resident_photo WHERE report = $1 AND state = 'raw' ORDER BY id LIMIT 100`, args.Report)
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range raw {
		if err := s.repaint(ctx, j, p); err != nil {
			return err
		}
	}
	return nil
}

func (s *Reports) repaint(ctx context.Context, j *job.Job, p Photo) error {
	up, err := s.painted(ctx, p)
	if fault.From(err) != nil && fault.From(err).Kind != fault.Invalid && fault.From(err).Kind != fault.TooLarge {
		return err
	}
	if up != nil {
		defer up.Close()
	}
	return j.Write(ctx, func(tx *db.Tx) error {
		if up == nil {
			if _, err := tx.Exec(ctx, `UPDATE resident_photo SET state = 'bad', file = NULL WHERE id = $1 AND state = 'raw'`, p.ID); err != nil {
				return err
			}
			return blob.Delete(ctx, tx, p.File)
		}
		f, err := up.Keep(ctx, tx)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE resident_photo SET state = 'ready', file = $2 WHERE id = $1 AND state = 'raw'`, p.ID, f.ID)
		if err != nil || n == 0 {
			return err
		}
		return blob.Delete(ctx, tx, p.File)
	})
}

// painted is the photo without anything but its pixels, lying aside.
func (s *Reports) painted(ctx context.Context, p Photo) (up *blob.Upload, err error) {
	var content interface {
		Read([]byte) (int, error)
		Close() error
	}
	var f blob.File
	if err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { content, f, err = s.Files.Open(ctx, tx, p.File); return err }); err != nil {
		return nil, err
	}
	defer content.Close()
	return s.Files.Receive(ctx, "照片"+f.Name[max(strings.LastIndexByte(f.Name, '.'), 0):], content)
}

// PublicPhoto is the file of a photo that was released with its report.
func PublicPhoto(ctx context.Context, tx *db.Tx, report, photo db.ID) (db.ID, error) {
	return photoFile(ctx, tx, report, photo, true)
}

// PhotoIn is the file of a photo for whoever may read the report.
func (s *Reports) PhotoIn(ctx context.Context, tx *db.Tx, who authz.Actor, report, photo db.ID) (db.ID, error) {
	r, err := s.Find(ctx, tx, who, report)
	if err != nil {
		return 0, err
	}
	if err := authz.Require(who, authz.FileRead, r.Place()); err != nil {
		return 0, err
	}
	file, err := photoFile(ctx, tx, report, photo, false)
	if err != nil {
		return 0, err
	}
	return file, audit.Append(ctx, tx, who, "file.read", r.object(), audit.Change{Act: authz.FileRead, At: r.Place(), Detail: map[string]any{"photo": photo}})
}

func photoFile(ctx context.Context, tx *db.Tx, report, photo db.ID, released bool) (db.ID, error) {
	p, ok, err := db.One(ctx, tx, scanPhoto, `SELECT id, side, file, state, released FROM resident_photo WHERE id = $1 AND report = $2`, photo, report)
	if err != nil {
		return 0, err
	}
	if !ok || p.State != "ready" || released && !p.Released {
		return 0, noReport()
	}
	return p.File, nil
}
