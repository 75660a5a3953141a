package open311_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"juli/internal/city/town"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
)

func TestWordsAreReadByEverybodyOnceAnOfficialReleasedThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, format := range bothFormats {
			c := client{w, format}
			id := c.post("requests", w.door("description", "张三家门口的单元门坏了 "+format))[0]["service_request_id"]
			w.Write(func(ctx context.Context, tx *db.Tx) error {
				r, err := resident.ByNumber(ctx, tx, id)
				if err != nil {
					return err
				}
				take := resident.Take{Report: r.ID, Version: r.Case.Version}
				if err := w.reports.AnswerIn(ctx, tx, w.Firm(w.Jia.USCC), take, "已更换张三家门口的闭门器", nil); err != nil {
					return err
				}
				if r, err = resident.ByNumber(ctx, tx, id); err != nil {
					return err
				}
				take.Version = r.Case.Version
				return w.reports.ReleaseIn(ctx, tx, w.Community(town.Huayuan), take, "单元门坏了", "已更换闭门器", false)
			})
			one := c.get("requests/"+id, "")[0]
			if one["description"] != "单元门坏了" || one["service_notice"] != "已更换闭门器" || one["status"] != "open" {
				t.Errorf("%s: everybody reads %v", format, one)
			}
			steps := c.get("servicerequestupdates", "")
			if last := steps[len(steps)-1]; last["description"] != "已答复待审核：已更换闭门器" {
				t.Errorf("%s: the update is %v", format, last)
			}
		}
	})
}

func TestAnAddressThatAsksTooOftenWaits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for range 500 {
			if a := w.get("discovery.json"); a.status == http.StatusTooManyRequests {
				if a.head.Get("Retry-After") == "" || len(client{w, "json"}.read(a)) != 1 {
					t.Errorf("%v %s", a.head, a.body)
				}
				return
			}
		}
		t.Error("five hundred requests at once are answered")
	})
}

func TestTheSameRequestManyTimesAtOnceMakesOneReport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		var wg sync.WaitGroup
		answers := make([]answer, 8)
		for i := range answers {
			wg.Go(func() { answers[i] = w.post("requests.json", w.door()) })
		}
		wg.Wait()
		for _, a := range answers {
			if a.status != http.StatusCreated || string(a.body) != string(answers[0].body) {
				t.Errorf("%d\n%s", a.status, a.body)
			}
		}
		if n := w.count(); n != 1 {
			t.Errorf("%d reports", n)
		}
	})
}
