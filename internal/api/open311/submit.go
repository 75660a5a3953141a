package open311

import (
	"context"
	"maps"
	"mime/multipart"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/resident"
	"juli/internal/web"
)

const (
	textMax  = 500 // of a field beside the description
	mediaMax = 6
)

// posted reads a form of a client, with the hash of all that it said.
func (a *API) posted(q question) (v url.Values, files []*multipart.FileHeader, err error) {
	if a.Full != nil {
		if err := a.Full(); err != nil {
			return nil, nil, err
		}
	}
	v, byName, err := web.Sent(q.r)
	if err != nil {
		return nil, nil, err
	}
	for name, value := range q.r.URL.Query() { // some clients put the key and the jurisdiction into the address
		if _, said := v[name]; !said {
			v[name] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		for _, text := range v[name] {
			if name != "description" && utf8.RuneCountInString(text) > textMax {
				return nil, nil, fault.New(fault.Invalid, "open311.long", "%.60s 太长，最多 500 个字。", name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		files = append(files, byName[name]...)
	}
	return v, files, a.jurisdiction(v.Get("jurisdiction_id"))
}

// submit takes a request: once for one Idempotency-Key, or for one body a day.
func (a *API) submit(q question) (document, error) {
	ctx := q.r.Context()
	v, files, err := a.posted(q)
	if err != nil {
		return document{}, err
	}
	key, err := a.keyed(ctx, v)
	if err != nil {
		return document{}, err
	}
	mark, err := markOf(q.r, key, v, files)
	if err != nil {
		return document{}, err
	}
	photos, err := a.park(ctx, files)
	if err != nil {
		return document{}, err
	}
	defer photos.Close()
	var number string
	err = a.DB.Write(ctx, func(tx *db.Tx) error {
		from, err := a.client(ctx, tx, v.Get("api_key")) // it may have ended meanwhile
		if err != nil {
			return err
		}
		report, err := known(ctx, tx, "open311_request", "report", mark)
		if err != nil {
			return err
		}
		if report != 0 {
			r, err := resident.ByID(ctx, tx, report)
			if err == nil {
				number = r.Number
			}
			return err
		}
		number, err = a.submitIn(ctx, tx, q, v, photos, from, mark)
		return err
	})
	list := []Accepted{{ID: number, Notice: "编号 " + number + "，可凭编号查询办理进展。"}}
	return document{list, accepted{List: list}}, err
}

// keyed says whose key came with a form.
func (a *API) keyed(ctx context.Context, v url.Values) (id db.ID, err error) {
	err = a.DB.Read(ctx, func(tx *db.Tx) error {
		c, err := a.client(ctx, tx, v.Get("api_key"))
		id = c.ID
		return err
	})
	return id, err
}

// park lays the pictures aside as they came; a job paints them anew.
func (a *API) park(ctx context.Context, files []*multipart.FileHeader) (all web.Uploads, err error) {
	if len(files) > mediaMax {
		return nil, fault.New(fault.Invalid, "open311.media", "media: 照片最多 6 张。")
	}
	one := func(h *multipart.FileHeader) (*blob.Upload, error) {
		in, err := h.Open()
		if err != nil {
			return nil, err
		}
		defer in.Close()
		return a.Files.Park(ctx, h.Filename, in)
	}
	for _, h := range files {
		u, err := one(h)
		if err != nil {
			all.Close()
			return nil, err
		}
		all = append(all, u)
	}
	return all, nil
}

func (a *API) submitIn(ctx context.Context, tx *db.Tx, q question, v url.Values, photos web.Uploads, from resident.Client, m mark) (string, error) {
	book, err := a.Reports.Books.InForce(ctx, tx, tx.Today())
	if err != nil {
		return "", err
	}
	if v.Get("service_code") == "" {
		return "", fault.New(fault.Invalid, "open311.no-service", "service_code was not provided: 请写明类别。")
	}
	if _, ok := book.Topic(v.Get("service_code")); !ok {
		return "", noService()
	}
	in, given, err := a.submission(ctx, tx, v)
	if err != nil {
		return "", err
	}
	kept, err := photos.Keep(ctx, tx)
	if err != nil {
		return "", err
	}
	for _, f := range kept {
		in.Files = append(in.Files, f.ID)
	}
	out, err := a.Reports.TakeRequestIn(ctx, tx, a.system(q), from, resident.Request{Submission: in, Given: given, Once: m.once, Digest: m.digest})
	return out.Number, err
}

// submission makes a resident's report of what a client sent.
func (a *API) submission(ctx context.Context, tx *db.Tx, v url.Values) (in resident.Submission, g resident.Given, err error) {
	g = resident.Given{
		Text: v.Get("description"),
		Lat:  v.Get("lat"), Long: v.Get("long"), Address: v.Get("address_string"), Media: slices.DeleteFunc(slices.Clone(v["media_url"]), func(s string) bool { return s == "" }), Email: v.Get("email"),
		First: v.Get("first_name"), Last: v.Get("last_name"), Phone: v.Get("phone"), Device: v.Get("device_id"), Account: v.Get("account_id"),
	}
	if err := check(g); err != nil {
		return in, g, err
	}
	in = resident.Submission{
		Topic: v.Get("service_code"), Class: v.Get("attribute[class]"), Spot: v.Get("attribute[spot]"), Body: v.Get("description"),
	}
	if in.Project, err = place(ctx, tx, v); err != nil {
		return in, g, err
	}
	if s := strings.TrimSpace(v.Get("attribute[building]")); s != "" {
		if in.Building, err = strconv.ParseInt(s, 10, 32); err != nil {
			return in, g, fault.New(fault.Invalid, "open311.building", "attribute[building]: 楼号应为整数。")
		}
	}
	return in, g, nil
}

func check(g resident.Given) error {
	for _, x := range []struct {
		name, value string
		most        float64
	}{{"lat", g.Lat, 90}, {"long", g.Long, 180}} {
		if x.value == "" {
			continue
		}
		if !decimal.MatchString(x.value) {
			return fault.New(fault.Invalid, "open311.point", "%s: 应为十进制度数（WGS84）。", x.name)
		}
		if n, err := strconv.ParseFloat(x.value, 64); err != nil || n > x.most || n < -x.most {
			return fault.New(fault.Invalid, "open311.point", "%s: 超出范围。", x.name)
		}
	}
	if (g.Lat == "") != (g.Long == "") {
		return fault.New(fault.Invalid, "open311.point", "lat, long: 两个应一起写。")
	}
	for _, m := range g.Media {
		if u, err := url.Parse(m); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return fault.New(fault.Invalid, "open311.media-url", "media_url: 应为 http 或 https 网址。")
		}
	}
	return nil
}
