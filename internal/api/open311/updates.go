package open311

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/resident"
)

// asked are the parameters that the lists know. What is not among them would be
// ignored, and the answer would be to another question.
var asked = map[string][]string{
	"requests": {"service_request_id", "service_code", "start_date", "end_date", "status", "page", "page_size"},
	"updates":  {"service_request_id", "start_date", "end_date", "page", "page_size"},
}

func onlyAsked(v url.Values, list string) error {
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if name != "jurisdiction_id" && name != "api_key" && name != "extensions" && !slices.Contains(asked[list], name) {
			return fault.New(fault.Invalid, "open311.unknown", "%s: 不认识这个参数；可用的是 %s。", name, strings.Join(asked[list], ", "))
		}
	}
	return nil
}

// updates are the steps of the reports asked for in a time, oldest first: the words
// of an answer only once they were released. A client with a key also reads what it
// added itself.
func (a *API) updates(q question) (document, error) {
	list := []Update{}
	v := q.r.URL.Query()
	if err := onlyAsked(v, "updates"); err != nil {
		return document{}, err
	}
	err := a.read(q, func(ctx context.Context, tx *db.Tx, _ *resident.Book) error {
		ids, err := reportIDs(ctx, tx, v)
		if err != nil {
			return err
		}
		from, to, err := span(v, tx.Now)
		if err != nil {
			return err
		}
		if len(ids) > 0 && v.Get("start_date") == "" && v.Get("end_date") == "" { // all that became of them
			from = time.UnixMilli(0)
		}
		limit, skip, err := paged(v, rowsMax)
		if err != nil || v.Get("service_request_id") != "" && len(ids) == 0 {
			return err
		}
		if v.Get("api_key") == "" {
			list, err = steps(ctx, tx, ids, from, to, limit, skip)
			return err
		}
		c, err := a.client(ctx, tx, v.Get("api_key"))
		if err != nil {
			return err
		}
		list, err = a.stepsAnd(ctx, tx, c.ID, ids, from, to, limit, skip)
		return err
	})
	return document{list, updates{List: list}}, err
}

// reportIDs are the reports named; numbers that there are not are left out.
func reportIDs(ctx context.Context, tx *db.Tx, v url.Values) (ids []db.ID, err error) {
	numbers := listed(v.Get("service_request_id"))
	if len(numbers) > idsMax {
		return nil, fault.New(fault.Invalid, "open311.ids", "service_request_id: 一次最多 100 个。")
	}
	for _, n := range numbers {
		r, err := resident.ByNumber(ctx, tx, n)
		if fault.Is(err, "authz.not-found") {
			continue
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, r.ID)
	}
	return ids, nil
}

// steps are what the procedure did.
func steps(ctx context.Context, tx *db.Tx, ids []db.ID, from, to time.Time, limit, skip int) ([]Update, error) {
	passed, err := casework.Between(ctx, tx, resident.Machine, ids, from, to, limit, skip)
	list := make([]Update, 0, len(passed))
	for _, s := range passed {
		u, err := stepOf(ctx, tx, s)
		if err != nil {
			return nil, err
		}
		list = append(list, u)
	}
	return list, err
}

func stepOf(ctx context.Context, tx *db.Tx, s casework.Passed) (Update, error) {
	r, err := resident.ByID(ctx, tx, s.Case)
	if err != nil {
		return Update{}, err
	}
	u := Update{
		ID: r.ID.String() + "-" + strconv.FormatInt(s.Version, 10), Request: r.Number, Status: strings.ToUpper(statusWord(s.To)), Updated: stamp(s.At),
		Description: resident.Machine.StateTitle(s.To),
	}
	if s.To == resident.Answered && !r.Released.IsZero() && r.PublicAns != "" {
		u.Description += "：" + r.PublicAns
	}
	if s.To == resident.Closed {
		u.Description = notes(*r)
	}
	return u, nil
}

// stepsAnd are the steps and, where they fall among them, what a client added.
func (a *API) stepsAnd(ctx context.Context, tx *db.Tx, client db.ID, ids []db.ID, from, to time.Time, limit, skip int) ([]Update, error) {
	passed, err := casework.Between(ctx, tx, resident.Machine, ids, from, to, skip+limit, 0)
	if err != nil {
		return nil, err
	}
	added, err := a.Reports.AddedBy(ctx, tx, client, ids, from, to, skip+limit)
	if err != nil {
		return nil, err
	}
	list := []Update{}
	for at := 0; at < skip+limit && len(passed)+len(added) > 0; at++ {
		own := len(passed) == 0 || len(added) > 0 && added[0].At.Before(passed[0].At)
		var u Update
		switch {
		case at < skip:
		case own:
			u, err = ownUpdate(ctx, tx, added[0])
		default:
			u, err = stepOf(ctx, tx, passed[0])
		}
		if err != nil {
			return nil, err
		}
		if at >= skip {
			list = append(list, u)
		}
		if own {
			added = added[1:]
		} else {
			passed = passed[1:]
		}
	}
	return list, nil
}

// ownUpdate is what a client added, under the number that it was told then.
func ownUpdate(ctx context.Context, tx *db.Tx, x resident.Added) (Update, error) {
	r, err := resident.ByID(ctx, tx, x.Report)
	if err != nil {
		return Update{}, err
	}
	u := Update{ID: x.ID.String(), Request: r.Number, Status: strings.ToUpper(statusWord(r.State)), Updated: stamp(x.At), Description: x.Text}
	if len(x.Media) > 0 {
		u.MediaURL = x.Media[0]
	}
	return u, nil
}

// statuses are what the clients send; none of them moves a procedure here: only
// who answers, reviews and rates does.
var statuses = []string{"", "OPEN", "CLOSED", "FIXED", "CONFIRMED", "INVESTIGATING", "ACTION_SCHEDULED", "IN_PROGRESS", "PLANNED", "DUPLICATE", "REOPENED"}

// update adds words to a report, once.
func (a *API) update(q question) (document, error) {
	ctx := q.r.Context()
	v, files, err := a.posted(q)
	if err != nil {
		return document{}, err
	}
	key, err := a.keyed(ctx, v)
	if err != nil {
		return document{}, err
	}
	if len(files) > 0 {
		return document{}, fault.New(fault.Invalid, "open311.media", "media: 补充说明不能附照片文件，请写 media_url。")
	}
	status := strings.ToUpper(strings.TrimSpace(v.Get("status")))
	if !slices.Contains(statuses, status) {
		return document{}, fault.New(fault.Invalid, "open311.status", "status: 没有这个状态。")
	}
	given := resident.Given{Media: slices.DeleteFunc(slices.Clone(v["media_url"]), func(s string) bool { return s == "" })}
	if err := check(given); err != nil {
		return document{}, err
	}
	text := v.Get("description")
	if status == "FIXED" || status == "REOPENED" {
		text += map[string]string{"FIXED": "（对方系统标为已修好）", "REOPENED": "（对方系统标为仍未修好）"}[status]
	}
	m, err := markOf(q.r, key, v, nil)
	if err != nil {
		return document{}, err
	}
	var id db.ID
	err = a.DB.Write(ctx, func(tx *db.Tx) error {
		from, err := a.client(ctx, tx, v.Get("api_key"))
		if err != nil {
			return err
		}
		if id, err = known(ctx, tx, "open311_update", "id", m); err != nil || id != 0 {
			return err
		}
		r, err := resident.ByNumber(ctx, tx, v.Get("service_request_id"))
		if err != nil {
			return absent(err)
		}
		id, err = a.Reports.AddRequestIn(ctx, tx, a.system(q), from, resident.Addition{Report: r.ID, Text: text, Status: status, Media: given.Media, Once: m.once, Digest: m.digest})
		return err
	})
	list := []Update{{ID: id.String(), Request: v.Get("service_request_id"), Description: v.Get("description")}}
	return document{list, updates{List: list}}, err
}
