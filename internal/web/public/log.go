package public

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/tlog"
	"juli/internal/web"
)

const logTime = "2006-01-02 15:04"

// log lists the official acts of the public log, the newest first.
func (d *Desk) log(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	l, err := web.ReadList(r, web.ListSpec{})
	if err != nil {
		return err
	}
	before := int64(0)
	if after := l.After(); len(after) == 1 {
		if before, err = strconv.ParseInt(after[0], 10, 64); err != nil || before < 1 {
			return fault.New(fault.Invalid, "list.after", "页码不对，请从第一页看起。")
		}
	}
	v := logView{Table: web.Table{
		Caption: "公开日志", List: l, Cols: []web.Col{{Name: "序号", Num: true}, {Name: "事项"}, {Name: "内容"}, {Name: "机关"}, {Name: "时间"}},
		None: web.Nothing{Text: "还没有正式行为公布。评价结果、评价规则公布后会自动记入这里。", Act: web.Link{Text: "看评价规则", Href: "/rulebooks"}},
	}}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		entries, err := tlog.Entries(ctx, tx, "", before, l.Limit())
		if err != nil {
			return err
		}
		if v.Head, v.Any, err = tlog.Latest(ctx, tx); err != nil {
			return err
		}
		if v.Any {
			p, err := tlog.ProofOf(ctx, tx, v.Head.Size-1)
			if err != nil {
				return err
			}
			v.Key, v.Site = p.Verifier, web.Origin(r)
		}
		l.Total(v.Head.Size)
		for _, e := range web.Cut(l, entries, func(e tlog.Entry) []string { return []string{strconv.FormatInt(e.Number, 10)} }) {
			office, err := officeOf(ctx, tx, e.Act)
			if err != nil {
				return err
			}
			v.Table.Rows = append(v.Table.Rows, web.Row{Cells: []web.Cell{
				web.T(strconv.FormatInt(e.Number, 10)),
				{Text: e.Title, Href: logHref(e.Number), Sub: e.Act.Number},
				web.T(e.Text), web.T(office),
				{Text: e.At.In(day.Shanghai).Format(logTime), Nowrap: true},
			}})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, logPage(v))
}

type logView struct {
	Table web.Table
	Head  tlog.Checkpoint
	Any   bool
	Key   string // of the signatures
	Site  string // the address of this site
}

// file is the name of the newest entry's proof.
func (v logView) file() string { return fmt.Sprintf("juli-%d.tlog-proof", v.Head.Size-1) }

func logHref(number int64) string { return "/log/entries/" + strconv.FormatInt(number, 10) }

// officeOf names who acted by office: never a person.
func officeOf(ctx context.Context, tx *db.Tx, a tlog.Act) (string, error) {
	role := authz.Role(a.Role).Title()
	if role == "" {
		return "系统", nil
	}
	place, err := code.ParseDivision(a.Scope)
	if err != nil || len(a.Scope) <= len("2301") {
		return role, nil //nolint:nilerr // a scope that is no division, or the whole city, adds nothing to the role's name
	}
	names, err := registry.DivisionNames(ctx, tx, func(yield func(code.Division) bool) { yield(place) })
	return registry.BodyName(authz.Role(a.Role), names[place]), err
}

// logEntry is the proof page of one act (核验证明).
func (d *Desk) logEntry(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var p tlog.Proof
	var office string
	err := d.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if p, err = d.proof(ctx, tx, r); err != nil {
			return err
		}
		office, err = officeOf(ctx, tx, p.Entry.Act)
		return err
	})
	if err != nil {
		return err
	}
	e := p.Entry
	act := []web.Fact{
		{Name: "事项", Text: e.Title},
		{Name: "内容", Text: e.Text, Href: e.Href},
		{Name: "机关", Text: office},
		{Name: "时间", Text: e.At.In(day.Shanghai).Format(logTime)},
		{Name: "文号", Text: orNone(e.Act.Number)},
		{Name: "内容摘要（SHA-256）", Text: orNone(e.Digest), Wide: true},
	}
	proof := []web.Fact{
		{Name: "日志序号", Text: fmt.Sprintf("%d（从 0 起）", e.Number)},
		{Name: "签名时日志条数", Text: fmt.Sprintf("%d 条", p.Checkpoint.Size)},
		{Name: "签名时间", Text: p.Checkpoint.Real.In(day.Shanghai).Format(logTime)},
		{Name: "日志名称", Text: p.Origin},
		{Name: "本条哈希", Text: p.Leaf.String(), Wide: true},
		{Name: "日志公钥", Text: p.Verifier, Wide: true},
	}
	return web.Show(w, r, http.StatusOK, proofPage(p, act, proof))
}

func orNone(s string) string {
	if s == "" {
		return "无"
	}
	return s
}

func (d *Desk) proof(ctx context.Context, tx *db.Tx, r *http.Request) (tlog.Proof, error) {
	number, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil || number < 0 {
		return tlog.Proof{}, fault.New(fault.NotFound, "tlog.no-entry", "公开日志中没有这一条。")
	}
	return tlog.ProofOf(ctx, tx, number)
}

// logProof is the proof as a file that is checked without us.
func (d *Desk) logProof(w http.ResponseWriter, r *http.Request) error {
	var p tlog.Proof
	err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		p, err = d.proof(r.Context(), tx, r)
		return err
	})
	if err != nil {
		return err
	}
	web.Attachment(w, fmt.Sprintf("juli-%d.tlog-proof", p.Entry.Number), "text/plain; charset=utf-8")
	return plain(w, "no-cache", p.File())
}

// logCheckpoint, logKey and logTile serve the log as C2SP tlog-tiles has it.
func (d *Desk) logCheckpoint(w http.ResponseWriter, r *http.Request) error {
	c, err := d.head(r.Context())
	if err != nil {
		return err
	}
	return plain(w, "public, max-age=5", []byte(c.Note))
}

func (d *Desk) head(ctx context.Context) (c tlog.Checkpoint, err error) {
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		var has bool
		if c, has, err = tlog.Latest(ctx, tx); err == nil && !has {
			err = fault.New(fault.NotFound, "tlog.empty", "公开日志里还没有内容。")
		}
		return err
	})
	return c, err
}

func (d *Desk) logKey(w http.ResponseWriter, r *http.Request) error {
	var key string
	err := d.DB.Read(r.Context(), func(tx *db.Tx) error {
		p, err := tlog.ProofOf(r.Context(), tx, 0)
		key = p.Verifier
		return err
	})
	if err != nil {
		return err
	}
	return plain(w, "public, max-age=60", []byte(key+"\n"))
}

func (d *Desk) logTile(w http.ResponseWriter, r *http.Request) error {
	tile, err := tlog.ParsePath("tile/" + r.PathValue("path"))
	if err != nil {
		return err
	}
	var data []byte
	err = d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		data, err = tlog.Tile(r.Context(), tx, tile)
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, err = w.Write(data)
	return err
}

func plain(w http.ResponseWriter, cache string, text []byte) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", cache)
	_, err := w.Write(text)
	return err
}
