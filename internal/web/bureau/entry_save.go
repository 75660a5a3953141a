package bureau

import (
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/web"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// receive checks uploads before any transaction; close drops what was not kept.
func (d *Desk) receive(ctx context.Context, who authz.Actor, files []*multipart.FileHeader) (ups []*blob.Upload, close func(), err error) {
	close = func() {
		for _, u := range ups {
			_ = u.Close() // what stays aside is collected later
		}
	}
	if len(files) == 0 {
		return nil, close, nil
	}
	if err := authz.RequireAny(who, authz.FileUpload); err != nil {
		return nil, close, err
	}
	for _, h := range files {
		u, err := d.receiveOne(ctx, h)
		if err != nil {
			if e := fault.From(err); e.Kind == fault.Invalid || e.Kind == fault.TooLarge {
				err = fault.New(fault.Invalid, e.Rule, "证明材料没有上传成功。").With("files", e.Text)
			}
			return ups, close, err
		}
		ups = append(ups, u)
	}
	return ups, close, nil
}

func (d *Desk) receiveOne(ctx context.Context, h *multipart.FileHeader) (u *blob.Upload, err error) {
	file, err := h.Open()
	if err != nil {
		return nil, err
	}
	u, err = d.Files.Receive(ctx, h.Filename, file)
	return u, errors.Join(err, file.Close())
}

// keep makes the uploads stay, in the act's transaction.
func keep(ctx context.Context, tx *db.Tx, ups []*blob.Upload) ([]credit.FileRef, error) {
	var refs []credit.FileRef
	for _, u := range ups {
		f, err := u.Keep(ctx, tx)
		if err != nil {
			return nil, err
		}
		refs = append(refs, credit.FileRef{ID: f.ID})
	}
	return refs, nil
}

// addRecord takes a new record in, as a draft or as a proposal.
func (d *Desk) addRecord(w http.ResponseWriter, r *http.Request) error {
	return d.take(w, r, 0)
}

// saveRecord changes a draft.
func (d *Desk) saveRecord(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	return d.take(w, r, id)
}

// editRecord shows the form of a draft.
func (d *Desk) editRecord(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	var e entry
	if err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) { e, err = d.draftEntry(r, tx, id); return err }); err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, entryPage(e, e.form()))
}

func (d *Desk) draftEntry(r *http.Request, tx *db.Tx, id db.ID) (e entry, err error) {
	ctx, who := r.Context(), web.Actor(r)
	if e.past, err = d.Records.DraftIn(ctx, tx, who, id); err != nil {
		return e, err
	}
	dossier, err := d.Records.Record(ctx, tx, who, id)
	if err != nil {
		return e, err
	}
	e.take = credit.Take{Record: id, Version: dossier.Case.Version}
	if e.likes, e.hidden, err = d.likenesses(ctx, tx, who, dossier); err != nil {
		return e, err
	}
	if e, err = d.withItem(ctx, tx, e, e.past.Item); err != nil {
		return e, err
	}
	return e, d.staffOf(ctx, tx, r, &e, dossier.Enterprise)
}

func (d *Desk) withItem(ctx context.Context, tx *db.Tx, e entry, item string) (entry, error) {
	book, err := d.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return e, err
	}
	e.book, e.item = book, book.Item(book.ItemNo(item))
	if e.item == nil {
		return e, fault.New(fault.Invalid, "credit.no-item", "现行评价规则中没有这个项目，请重新选择。")
	}
	return e, nil
}

// take reads the form of a record and keeps it.
func (d *Desk) take(w http.ResponseWriter, r *http.Request, id db.ID) error {
	ctx, who := r.Context(), web.Actor(r)
	e, err := d.postedEntry(r, id)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, e.fields()...)
	if err != nil {
		return err
	}
	again := func() templ.Component { return entryPage(e, f) }
	p := e.proposal(f)
	ups, done, err := d.receive(ctx, who, f.FileList("files"))
	defer done()
	if err != nil && !f.Take(err) {
		return err
	}
	if id != 0 {
		e.take.Version, _ = strconv.ParseInt(f.Str("version"), 10, 64)
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		q := p
		added, err := keep(ctx, tx, ups)
		if err != nil {
			return "", err
		}
		q.Files = append(q.Files[:len(q.Files):len(q.Files)], added...)
		return d.keepRecord(ctx, tx, r, e.take, q, f.Str("then") == thenPropose)
	}, again)
}

// postedEntry is the entry whose form was sent: the draft's, or the item's named in it.
func (d *Desk) postedEntry(r *http.Request, id db.ID) (e entry, err error) {
	err = d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if id != 0 {
			e, err = d.draftEntry(r, tx, id)
			return err
		}
		if e, err = d.withItem(r.Context(), tx, entry{}, web.Posted(r, "item")); err != nil {
			return err
		}
		uscc, err := code.ParseUSCC(web.Posted(r, "enterprise"))
		if err != nil {
			uscc = ""
		}
		return d.staffOf(r.Context(), tx, r, &e, uscc)
	})
	return e, err
}

// keepRecord stores a draft, or proposes it. What looks like a record that is
// there already stays a draft, so that nothing typed or uploaded is lost while
// somebody looks at the likeness.
func (d *Desk) keepRecord(ctx context.Context, tx *db.Tx, r *http.Request, t credit.Take, p credit.Proposal, propose bool) (string, error) {
	who := web.Actor(r)
	if err := inArea(ctx, tx, who, p); err != nil {
		return "", err
	}
	alike := false
	if propose && !p.Known {
		likes, hidden, err := d.Records.Likenesses(ctx, tx, who, p)
		if err != nil {
			return "", err
		}
		alike = len(likes)+hidden > 0
	}
	if t.Record == 0 && propose && !alike {
		id, err := d.Records.ProposeIn(ctx, tx, who, p)
		if err != nil {
			return "", repeated(err, "document_number")
		}
		web.Say(r, "已提出，等待下一步办理。")
		return "/bureau/records/" + id.String(), nil
	}
	id, err := d.Records.SaveDraftIn(ctx, tx, who, t, p)
	if err != nil {
		return "", err
	}
	to := "/bureau/records/" + id.String()
	switch {
	case alike:
		web.Say(r, "发现相似的信用信息，已存为草稿。请核对后再提出。")
	case propose:
		t.Version++
		if err := d.Records.ProposeDraftIn(ctx, tx, who, t); err != nil {
			return "", repeated(err, "document_number")
		}
		web.Say(r, "已提出，等待下一步办理。")
	default:
		web.Say(r, "草稿已保存。")
	}
	return to, nil
}
