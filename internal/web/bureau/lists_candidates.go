package bureau

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/blob"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/listing"
	"juli/internal/registry"
	"juli/internal/web"
)

// candidateMax is how many candidates of a side one page offers: the best, or the worst.
const candidateMax = 50

func dayOrDash(d day.Date) web.Cell {
	if d == 0 {
		return web.T("—")
	}
	return web.D(d)
}

func candidateSpec(districts []web.Option) web.ListSpec {
	return web.ListSpec{Search: "项目或企业名称", Filters: []web.Filter{
		{Name: "side", Label: "榜别", Chips: true, Options: sideOptions}, {Name: "district", Label: "区县", Options: districts},
	}}
}

func candidateFields(rows []web.Option) []web.Field {
	return []web.Field{{Name: "entry", Label: "候选", Kind: web.Checks, Required: true, Options: rows, Hint: "选定后写明依据，送区县复核前仍可不予列入"}}
}

// An offer is one page of candidates; its list's state stands in the address, to
// which the form is sent too, so that a mistake leaves side, search and district
// as they were.
type offer struct {
	b    listing.Batch
	l    *web.List
	rows []web.Option
}

// offered reads the candidates of a batch that the page's list asks for: of the
// red side the best first, of the black the worst.
func (d *Desk) offered(ctx context.Context, r *http.Request) (v offer, err error) {
	id, err := pathID(r, "id")
	if err != nil {
		return v, err
	}
	err = d.DB.Read(ctx, func(tx *db.Tx) error {
		districts, err := districtOptions(ctx, tx)
		if err != nil {
			return err
		}
		if v.l, err = web.ReadList(r, candidateSpec(districts)); err != nil {
			return err
		}
		if v.b, err = d.Listing.Batch(ctx, tx, web.Actor(r), id); err != nil {
			return err
		}
		v.rows = nil
		for _, s := range []listing.Side{listing.Red, listing.Black} {
			if side := listing.Side(v.l.Get("side")); side != "" && s != side {
				continue
			}
			list, err := d.Listing.Entries(ctx, tx, web.Actor(r), listing.Query{
				Batch: id, Side: s, State: listing.Candidate, District: code.Division(v.l.Get("district")), Text: v.l.Q, Sort: "rank", Desc: s == listing.Red, Limit: candidateMax,
			})
			if err != nil {
				return err
			}
			options, err := d.candidateOptions(ctx, tx, web.Actor(r), v.b, list)
			if err != nil {
				return err
			}
			v.rows = append(v.rows, options...)
		}
		return nil
	})
	return v, err
}

// candidateOptions word candidates with where they lie, whose they are, and where
// else they are about to be named.
func (d *Desk) candidateOptions(ctx context.Context, tx *db.Tx, who authz.Actor, b listing.Batch, list []listing.Entry) ([]web.Option, error) {
	others, err := d.Listing.Others(ctx, tx, who, b, list)
	if err != nil {
		return nil, err
	}
	var firms []code.USCC
	var districts []code.Division
	for _, e := range list {
		firms, districts = append(firms, e.Enterprise), append(districts, e.Division.Up(code.District))
	}
	firm, err := registry.EnterpriseNames(ctx, tx, firms)
	if err != nil {
		return nil, err
	}
	district, err := registry.DivisionNames(ctx, tx, slices.Values(districts))
	out := make([]web.Option, len(list))
	for i, e := range list {
		out[i] = candidateOption(e)
		at := []string{district[e.Division.Up(code.District)]}
		if e.Kind == listing.OfProject {
			at = append(at, firm[e.Enterprise])
		}
		for _, o := range others {
			if o.Kind == e.Kind && o.Subject == e.Subject {
				at = append(at, "也在 "+o.String())
			}
		}
		out[i].Hint = join(join(at...), out[i].Hint)
	}
	return out, err
}

func candidateOption(e listing.Entry) web.Option {
	origin := e.Reason
	if e.Origin == listing.ByNomination {
		origin = "提名：" + e.Reason
	}
	return web.Option{
		Value: e.ID.String(), Text: e.Side.Title() + " · " + e.Name + "（" + e.Kind.Title() + "）", More: web.Link{Text: "查看" + e.Name, Href: "/bureau" + e.Page()},
		Hint: join(origin, web.ListScoreName+" "+web.ScoreText(e.Score, false)+" 分", web.Count(e.Homes)+" 户", "检查 "+web.Count(e.Inspections)+" 次", "查实案件 "+web.Count(e.CasesFound)+" 件", "不良信息 "+web.Count(e.Bad)+" 条"),
	}
}

func (d *Desk) candidates(w http.ResponseWriter, r *http.Request) error {
	v, err := d.offered(r.Context(), r)
	if err != nil {
		return err
	}
	if v.l.Format != "" {
		return v.l.Unknown("format")
	}
	return web.Show(w, r, http.StatusOK, candidatePage(v, web.NewForm(candidateFields(v.rows)...)))
}

func candidatePage(v offer, f *web.Form) templ.Component {
	at := "/bureau/lists/" + v.b.ID.String()
	var body templ.Component
	switch {
	case v.b.State != listing.Collecting:
		body = web.Empty(web.Nothing{Text: "这一批" + v.b.StateTitle() + "，不再增减候选。", Act: web.Link{Text: "返回这一批", Href: at}})
	case len(v.rows) == 0 && v.l.Narrowed():
		body = web.Words(web.Finder(v.l), web.Empty(web.Nothing{Text: "没有符合这些条件的候选。", Act: web.Link{Text: "清除全部条件", Href: v.l.Path}}))
	case len(v.rows) == 0:
		body = web.Empty(web.Nothing{Text: "没有候选。可以重新查找，或请区县、街道、协会提名。", Act: web.Link{Text: "返回这一批", Href: at}})
	default:
		body = web.Words(web.Finder(v.l), ask(f, web.FormBox{Action: v.l.With(), Submit: "选定", Cancel: at}))
	}
	return page(web.Page{Title: "候选", Desk: Key, Lead: v.b.Title + "；红榜从高分起，黑榜从低分起，" + listing.RankTies + "；每榜显示前 " + itoa(candidateMax) + " 个，选定后显示后面的", Crumbs: []web.Link{{Text: "红黑榜", Href: "/bureau/lists"}, {Text: v.b.Title, Href: at}}},
		card(web.Box{Title: "选择候选"}, body))
}

func (d *Desk) takeCandidates(w http.ResponseWriter, r *http.Request) error {
	v, err := d.offered(r.Context(), r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, candidateFields(nil)...)
	if err != nil {
		return err
	}
	var ids []db.ID
	for _, v := range f.All("entry") {
		one, err := db.ParseID(v)
		if err != nil {
			return fault.New(fault.Invalid, "form.unknown", "提交的内容里有这张表单没有的项目。")
		}
		ids = append(ids, one)
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "已选定 "+web.Count(int64(len(ids)))+" 个候选。")
		return "/bureau/lists/" + v.b.ID.String(), d.Listing.TakeIn(ctx, tx, web.Actor(r), v.b.ID, ids)
	}, later(func(ctx context.Context) (templ.Component, error) {
		now, err := d.offered(ctx, r)
		f.Fields[0].Options = now.rows
		return candidatePage(now, f), err
	}))
}

func nominateFields(b listing.Batch) []web.Field {
	side := web.Field{Name: "side", Label: "榜别", Kind: web.Radio, Required: true}
	for _, o := range sideOptions {
		if b.Sides.Has(listing.Side(o.Value)) {
			side.Options = append(side.Options, o)
		}
	}
	return []web.Field{
		side,
		{Name: "kind", Label: "对象", Kind: web.Radio, Required: true, Options: []web.Option{{Value: string(listing.OfProject), Text: "项目"}, {Value: string(listing.OfEnterprise), Text: "企业"}}},
		{Name: "subject", Label: "代码", Required: true, Max: 40, Hint: "项目编码，或企业的统一社会信用代码"},
		{Name: "reason", Label: "理由", Kind: web.Long, Required: true, Max: 500, Hint: "公布时会公开，不要写个人姓名、电话"},
		{Name: "files", Label: "证明材料", Kind: web.Files, Accept: blob.Accept, Hint: "系统内没有案件、检查或信用信息时必须上传"},
	}
}

func (d *Desk) nominationBatch(r *http.Request) (b listing.Batch, err error) {
	id, err := pathID(r, "id")
	if err != nil {
		return b, err
	}
	err = d.DB.Read(r.Context(), func(tx *db.Tx) error { b, err = d.Listing.Batch(r.Context(), tx, web.Actor(r), id); return err })
	return b, err
}

func nominatePage(b listing.Batch, f *web.Form) templ.Component {
	at := "/bureau/lists/" + b.ID.String()
	p := web.Page{Title: "提名", Desk: Key, Narrow: true, Lead: b.Title, Crumbs: []web.Link{{Text: "红黑榜", Href: "/bureau/lists"}, {Text: b.Title, Href: at}}}
	if b.State != listing.Collecting {
		return page(p, note(web.Warn, "不能提名", "这一批"+b.StateTitle()+"，请等下一批。"))
	}
	return page(p, card(web.Box{}, ask(f, web.FormBox{Submit: "提名", Cancel: at})))
}

func (d *Desk) nomination(w http.ResponseWriter, r *http.Request) error {
	b, err := d.nominationBatch(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, nominatePage(b, web.NewForm(nominateFields(b)...).Set("kind", string(listing.OfProject))))
}

func (d *Desk) nominate(w http.ResponseWriter, r *http.Request) error {
	b, err := d.nominationBatch(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, nominateFields(b)...)
	if err != nil {
		return err
	}
	up, err := web.Receive(r, d.Files, f, "files")
	if err != nil {
		return err
	}
	defer up.Close()
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		files, err := idsOf(ctx, tx, up)
		if err != nil {
			return "", err
		}
		_, err = d.Listing.NominateIn(ctx, tx, web.Actor(r), listing.Nomination{
			Batch: b.ID, Side: listing.Side(f.Str("side")), Kind: listing.SubjectKind(f.Str("kind")), Subject: f.Str("subject"), Reason: f.Str("reason"), Files: files,
		})
		web.Say(r, "已提名，由市住建局选定。")
		return "/bureau/lists/" + b.ID.String(), err
	}, func() templ.Component { return nominatePage(b, f) })
}
