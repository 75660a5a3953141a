package resident_test

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"io"
	"testing"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/job"
	"juli/internal/resident"
)

// withPlace is a photo that says where it was taken, in its EXIF part.
func withPlace(t *testing.T) []byte {
	t.Helper()
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, image.NewGray(image.Rect(0, 0, 60, 40)), nil); err != nil {
		t.Fatal(err)
	}
	exif := append([]byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00"), []byte("GPS 45.75N 126.63E")...)
	head := []byte{0xFF, 0xD8, 0xFF, 0xE1, 0, byte(len(exif) + 2)}
	return append(append(head, exif...), plain.Bytes()[2:]...)
}

func TestPhotosArePaintedAnewByAJobAndShownOnlyWhenReleased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		park := func(name string, body []byte) *blob.Upload {
			up, err := w.Files.Park(t.Context(), name, bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			return up
		}
		whole := withPlace(t)
		good, broken := park("门.jpg", whole), park("坏.jpg", whole[:len(whole)-10])
		_, err := w.Files.Park(t.Context(), "程序.jpg", bytes.NewReader([]byte("MZ this is no picture at all")))
		wantRule(t, err, "blob.content")
		_, err = w.Files.Park(t.Context(), "无尺寸.jpg", bytes.NewReader(append([]byte("\xFF\xD8\xFF"), bytes.Repeat([]byte("x"), 100)...)))
		wantRule(t, err, "blob.content")
		_, err = w.Files.Park(t.Context(), "合同.pdf", bytes.NewReader([]byte("%PDF-1.7")))
		wantRule(t, err, "blob.content")
		var out resident.Receipt
		var raw db.ID
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			in := w.submission("door", anna)
			for _, up := range []*blob.Upload{good, broken} {
				f, err := up.Keep(ctx, tx)
				if err != nil {
					return err
				}
				in.Files = append(in.Files, f.ID)
			}
			raw = in.Files[0]
			out, err = w.SubmitIn(ctx, tx, authz.Anonymous, in)
			return err
		}))
		photos := func() (list []resident.Photo) {
			w.Read(func(ctx context.Context, tx *db.Tx) (err error) {
				list, err = resident.PhotosOf(ctx, tx, out.Report)
				return err
			})
			return list
		}
		seen := func(photo db.ID) error {
			return w.act(func(ctx context.Context, tx *db.Tx) error {
				_, err := resident.PublicPhoto(ctx, tx, out.Report, photo)
				return err
			})
		}
		first := photos()[0]
		wantRule(t, w.act(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.PhotoIn(ctx, tx, w.district, out.Report, first.ID)
			return err
		}), "authz.not-found")
		jobs := job.NewRunner(w.Town.DB)
		jobs.Handle(resident.PhotoJob, w.HandlePhotos)
		w.must(jobs.Drain(t.Context()))
		list := photos()
		if len(list) != 2 || list[0].State != "ready" || list[1].State != "bad" || list[0].File == raw {
			t.Fatalf("after the job: %+v", list)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			content, f, err := w.Files.Open(ctx, tx, list[0].File)
			if err != nil {
				return err
			}
			defer content.Close()
			text, err := io.ReadAll(content)
			if err != nil || bytes.Contains(text, []byte("GPS")) || f.Type != "image/jpeg" {
				t.Errorf("the photo still says where it was taken, or is no picture: %s, %v", f.Type, err)
			}
			if left, err := blob.Files(ctx, tx, raw); err != nil || len(left) != 0 {
				t.Errorf("the photo as it came is still there: %v, %v", left, err)
			}
			return nil
		})
		wantRule(t, seen(list[0].ID), "authz.not-found")
		take := w.take(out.Report, "")
		wantRule(t, w.act(func(ctx context.Context, tx *db.Tx) error {
			return w.ReleaseIn(ctx, tx, w.street, take, "单元门坏了，请联系13800000001", "", true)
		}), "resident.form")
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error {
			return w.ReleaseIn(ctx, tx, w.street, take, "单元门坏了", "", true)
		}))
		wantRule(t, seen(list[0].ID), "")
		take.Release = 1
		w.must(w.act(func(ctx context.Context, tx *db.Tx) error { return w.ReleaseIn(ctx, tx, w.street, take, "", "", true) }))
		wantRule(t, seen(list[0].ID), "authz.not-found")
	})
}
