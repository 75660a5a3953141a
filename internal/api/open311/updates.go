package open311

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/resident"
)

// updates are the steps of all reports in a time, oldest first; the words of an
// answer only once they were released.
func (a *API) updates(q question) (document, error) {
	list := []Update{}
	v := q.r.URL.Query()
	err := a.read(q, func(ctx context.Context, tx *db.Tx, _ *resident.Book) error {
		from, to, err := span(v, tx.Now)
		if err != nil {
			return err
		}
		limit, skip, err := paged(v, rowsMax)
		if err != nil {
			return err
		}
		steps, err := casework.Between(ctx, tx, resident.Machine, from, to, limit, skip)
		if err != nil {
			return err
		}
		for _, s := range steps {
			r, err := resident.ByID(ctx, tx, s.Case)
			if err != nil {
				return err
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
			list = append(list, u)
		}
		return nil
	})
	return document{list, updates{List: list}}, err
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
	list := []Update{{ID: id.String()}}
	return document{list, updates{List: list}}, err
}
