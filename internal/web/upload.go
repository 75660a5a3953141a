package web

import (
	"context"
	"io"
	"net/http"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/fault"
)

// Uploads are a form's files that passed the checks and lie aside until the act
// keeps them.
type Uploads []*blob.Upload

// Receive checks the files of a field and lays them aside, before any
// transaction. A file that is refused is noted at the field; close what came.
func Receive(r *http.Request, store *blob.Store, f *Form, field string) (Uploads, error) {
	var all Uploads
	for _, h := range f.FileList(field) {
		in, err := h.Open()
		if err != nil {
			all.Close()
			return nil, err
		}
		u, err := store.Receive(r.Context(), h.Filename, in)
		in.Close()
		switch e := fault.From(err); {
		case err == nil:
			all = append(all, u)
		case e.Kind == fault.Invalid || e.Kind == fault.TooLarge:
			f.Refuse(field, e.Text)
		default:
			all.Close()
			return nil, err
		}
	}
	return all, nil
}

// Keep makes the uploads stay, in the act's transaction.
func (u Uploads) Keep(ctx context.Context, tx *db.Tx) ([]blob.File, error) {
	var kept []blob.File
	for _, one := range u {
		file, err := one.Keep(ctx, tx)
		if err != nil {
			return nil, err
		}
		kept = append(kept, file)
	}
	return kept, nil
}

// Close drops what was not kept.
func (u Uploads) Close() {
	for _, one := range u {
		one.Close() // what stays aside is collected later
	}
}

// SendFile answers with a kept file, as an attachment. find asks for permission
// and names the file; it runs in a writing transaction, since reading what is not
// public is itself an event (AUD-1).
func SendFile(w http.ResponseWriter, r *http.Request, d *db.DB, store *blob.Store, find func(ctx context.Context, tx *db.Tx, who authz.Actor) (db.ID, error)) error {
	var content io.ReadSeekCloser
	var file blob.File
	err := d.Write(r.Context(), func(tx *db.Tx) error {
		if content != nil {
			content.Close()
		}
		id, err := find(r.Context(), tx, Actor(r))
		if err != nil {
			return err
		}
		content, file, err = store.Open(r.Context(), tx, id)
		return err
	})
	if content != nil {
		defer content.Close()
	}
	if err != nil {
		return err
	}
	Attachment(w, file.Name, file.Type)
	w.Header().Set("Content-Length", num(file.Size))
	if r.Method == http.MethodHead {
		return nil
	}
	_, err = io.Copy(w, content)
	if err != nil {
		panic(http.ErrAbortHandler) // half a file must not look whole
	}
	return nil
}

// Park lays the pictures of a field aside as they came, after a glance at each: a
// job paints them anew later, so that a form that many send at once is quick.
func Park(r *http.Request, store *blob.Store, f *Form, field string, most int) (Uploads, error) {
	var all Uploads
	if len(f.FileList(field)) > most {
		f.Refuse(field, "一次最多上传 "+itoa(most)+" 张照片。")
		return nil, nil
	}
	for _, h := range f.FileList(field) {
		in, err := h.Open()
		if err != nil {
			all.Close()
			return nil, err
		}
		u, err := store.Park(r.Context(), h.Filename, in)
		in.Close()
		switch e := fault.From(err); {
		case err == nil:
			all = append(all, u)
		case e.Kind == fault.Invalid || e.Kind == fault.TooLarge:
			f.Refuse(field, e.Text)
		default:
			all.Close()
			return nil, err
		}
	}
	return all, nil
}
