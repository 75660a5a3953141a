package open311

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/registry"
	"juli/internal/resident"
	"juli/internal/web"
)

const (
	spanMax     = 90 * 24 * time.Hour
	rowsDefault = 50
	rowsMax     = 1000
	skipMax     = 100_000
	idsMax      = 100
)

// instant reads a time of the specification: w3 date and time, or a day alone.
func instant(v url.Values, name string, otherwise time.Time) (time.Time, error) {
	s := v.Get(name)
	if s == "" {
		return otherwise, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, strings.ReplaceAll(s, " ", "+"), day.Shanghai); err == nil && t.Year() > 1970 && t.Year() < 9999 {
			return t, nil
		}
	}
	return otherwise, fault.New(fault.Invalid, "open311.date", "%s: 时间应写成 2021-06-01T00:00:00+08:00。", name)
}

// span is the time asked for: the last ninety days unless said otherwise.
func span(v url.Values, now time.Time) (from, to time.Time, err error) {
	if to, err = instant(v, "end_date", time.Time{}); err != nil {
		return from, to, err
	}
	if from, err = instant(v, "start_date", time.Time{}); err != nil {
		return from, to, err
	}
	switch {
	case from.IsZero() && to.IsZero():
		from, to = now.Add(-spanMax), now
	case from.IsZero():
		from = to.Add(-spanMax)
	case to.IsZero():
		to = from.Add(spanMax)
	}
	if to.Before(from) || to.Sub(from) > spanMax {
		return from, to, fault.New(fault.Invalid, "open311.span", "start_date, end_date: 起止时间不超过 90 天，且起不晚于止。")
	}
	return from, to, nil
}

// paged reads page and page_size.
func paged(v url.Values, otherwise int) (limit, skip int, err error) {
	limit, page := otherwise, 1
	for name, to := range map[string]*int{"page_size": &limit, "page": &page} {
		s := v.Get(name)
		if s == "" {
			continue
		}
		if *to, err = strconv.Atoi(s); err != nil || *to < 1 || *to > skipMax {
			return 0, 0, fault.New(fault.Invalid, "open311.page", "%s: 应为正整数。", name)
		}
	}
	limit = min(limit, rowsMax)
	if skip = (page - 1) * limit; skip > skipMax {
		return 0, 0, fault.New(fault.Invalid, "open311.page", "page: 页码太大，请缩短起止时间。")
	}
	return limit, skip, nil
}

// listed reads a list in commas.
func listed(s string) (list []string) {
	for one := range strings.SplitSeq(s, ",") {
		if one = strings.TrimSpace(one); one != "" {
			list = append(list, one)
		}
	}
	return list
}

func spanOf(v url.Values, book *resident.Book, now time.Time) (x resident.Span, err error) {
	if x.From, x.To, err = span(v, now); err != nil {
		return x, err
	}
	if x.Limit, x.Skip, err = paged(v, rowsDefault); err != nil {
		return x, err
	}
	for _, s := range listed(v.Get("status")) {
		switch strings.ToLower(s) {
		case "open":
			x.Open = true
		case "closed":
			x.Ended = true
		default:
			return x, fault.New(fault.Invalid, "open311.status", "status: 只能是 open、closed。")
		}
	}
	x.Topics = listed(v.Get("service_code"))
	for _, t := range x.Topics {
		if _, ok := book.Topic(t); !ok {
			return x, noService()
		}
	}
	return x, nil
}

func (a *API) requests(q question) (document, error) {
	list := []Request{}
	v := q.r.URL.Query()
	if err := onlyAsked(v, "requests"); err != nil {
		return document{}, err
	}
	err := a.read(q, func(ctx context.Context, tx *db.Tx, book *resident.Book) error {
		var rows []resident.Report
		if ids := listed(v.Get("service_request_id")); len(ids) > 0 { // it overrides every other argument
			if len(ids) > idsMax {
				return fault.New(fault.Invalid, "open311.ids", "service_request_id: 一次最多 100 个。")
			}
			for _, id := range ids {
				r, err := resident.ByNumber(ctx, tx, id)
				if fault.Is(err, "authz.not-found") {
					continue
				}
				if err != nil {
					return err
				}
				rows = append(rows, *r)
			}
		} else {
			x, err := spanOf(v, book, tx.Now)
			if err != nil {
				return err
			}
			if rows, err = resident.Within(ctx, tx, x); err != nil {
				return err
			}
		}
		var err error
		list, err = a.shown(ctx, tx, q, book, rows)
		return err
	})
	return document{list, requests{List: list}}, err
}

func (a *API) request(q question) (document, error) {
	list := []Request{}
	err := a.read(q, func(ctx context.Context, tx *db.Tx, book *resident.Book) error {
		r, err := resident.ByNumber(ctx, tx, q.id)
		if err != nil {
			return absent(err)
		}
		list, err = a.shown(ctx, tx, q, book, []resident.Report{*r})
		return err
	})
	return document{list, requests{List: list}}, err
}

// absent says in the specification's words that there is no such request.
func absent(err error) error {
	if !fault.Is(err, "authz.not-found") {
		return err
	}
	return fault.New(fault.NotFound, "open311.request", "service_request_id was not found: 没有这个编号的诉求。")
}

// token leads from what a client holds to the request: the id of the report, or
// the Idempotency-Key under which the client of the api_key sent it.
func (a *API) token(q question) (document, error) {
	list := []Token{}
	err := a.read(q, func(ctx context.Context, tx *db.Tx, _ *resident.Book) error {
		id, err := db.ParseID(q.id)
		if err != nil || id == 0 {
			if id, err = a.sent(ctx, tx, q); err != nil {
				return err
			}
		}
		r, err := resident.ByID(ctx, tx, id)
		if fault.Is(err, "authz.not-found") {
			return fault.New(fault.NotFound, "open311.token", "token was not found: 没有这个凭证。")
		}
		if err != nil {
			return err
		}
		list = append(list, Token{r.Number, q.id})
		return nil
	})
	return document{list, tokens{List: list}}, err
}

// sent is the report that a client sent under a key of its own, 0 none.
func (a *API) sent(ctx context.Context, tx *db.Tx, q question) (db.ID, error) {
	key := q.r.URL.Query().Get("api_key")
	if key == "" {
		return 0, nil
	}
	from, err := a.client(ctx, tx, key)
	if err != nil {
		return 0, err
	}
	id, _, err := db.One(ctx, tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) },
		`SELECT report FROM open311_request WHERE once = $1 ORDER BY made_at DESC LIMIT 1`, onceOf(from.ID, q.id))
	return id, err
}

// shown is what everybody may read of reports: kind, place, state and days;
// words and photos once they were released.
func (a *API) shown(ctx context.Context, tx *db.Tx, q question, book *resident.Book, rows []resident.Report) ([]Request, error) {
	var projects []code.ProjectCode
	for _, r := range rows {
		projects = append(projects, r.Project)
	}
	names, err := registry.ProjectNames(ctx, tx, projects)
	if err != nil {
		return nil, err
	}
	var from db.ID
	if key := q.r.URL.Query().Get("api_key"); key != "" {
		c, err := a.client(ctx, tx, key)
		if err != nil {
			return nil, err
		}
		from = c.ID
	}
	list := make([]Request, 0, len(rows))
	for _, r := range rows {
		x := Request{
			ID: r.Number, Status: statusWord(r.State), StatusNotes: notes(r), ServiceName: book.TopicTitle(r.Topic), ServiceCode: r.Topic, Agency: r.Office.Title(),
			Requested: stamp(r.ReceivedAt), Address: names[r.Project], AddressID: string(r.Project),
		}
		if x.Updated, err = a.updatedAt(ctx, tx, r); err != nil {
			return nil, err
		}
		if r.Due != 0 {
			x.Expected = stamp(r.Due.Time())
		}
		if !r.Released.IsZero() {
			x.Description, x.Notice = r.PublicBody, r.PublicAns
			if x.MediaURL, err = photoURL(ctx, tx, q, r); err != nil {
				return nil, err
			}
		}
		if from != 0 {
			if err := a.own(ctx, tx, q, from, r, &x); err != nil {
				return nil, err
			}
		}
		list = append(list, x)
	}
	return list, nil
}

func photoURL(ctx context.Context, tx *db.Tx, q question, r resident.Report) (string, error) {
	photos, err := resident.PhotosOf(ctx, tx, r.ID)
	for _, p := range photos {
		if p.Released && p.State == "ready" {
			return web.Address(q.r, "/reports/"+r.Number+"/photos/"+p.ID.String()), nil
		}
	}
	return "", err
}

// own gives a client back what it said itself: its words, its point and its photo.
func (a *API) own(ctx context.Context, tx *db.Tx, q question, from db.ID, r resident.Report, x *Request) error {
	g, ok, err := a.Reports.GivenBy(ctx, tx, from, r.ID)
	if err != nil || !ok {
		return err
	}
	x.Lat, x.Long = json.Number(g.Lat), json.Number(g.Long)
	if x.Description == "" {
		x.Description = g.Text
	}
	if x.MediaURL == "" {
		if x.MediaURL, err = ownPhoto(ctx, tx, q, r); err != nil {
			return err
		}
	}
	if x.MediaURL == "" && len(g.Media) > 0 {
		x.MediaURL = g.Media[0]
	}
	return nil
}

// updatedAt is when the report took its last step.
func (a *API) updatedAt(ctx context.Context, tx *db.Tx, r resident.Report) (string, error) {
	at, err := resident.MovedAt(ctx, tx, r.ID)
	return stamp(at), err
}

func stamp(t time.Time) string { return t.In(day.Shanghai).Format(time.RFC3339) }

// statusWord is open or closed. Closed is not solved: the notes say who confirmed.
func statusWord(state string) string {
	if (&resident.Report{State: state}).Ended() {
		return "closed"
	}
	return "open"
}

func notes(r resident.Report) string {
	if o := r.OutcomeTitle(); o != "" {
		return r.StateTitle() + "：" + o
	}
	return r.StateTitle()
}
