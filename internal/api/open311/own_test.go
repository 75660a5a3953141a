package open311_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/city/town"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/job"
	"juli/internal/resident"
)

func TestAClientAddsToItsOwnRequestsAloneAndIsNamed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, second := w.newKey("区级平台")
		web, err := w.reports.Submit(t.Context(), authz.Anonymous, resident.Submission{Channel: resident.Web, Topic: "door", Project: w.Projects[0].Code, Body: "单元门关不上", Phone: "13800000009"})
		w.ok(err)
		for _, format := range bothFormats {
			c := client{w, format}
			id := c.post("requests", w.door("description", "单元门关不上 "+format))[0]["service_request_id"]
			says := func(key, id string) answer {
				return w.post("servicerequestupdates."+format, url.Values{
					"api_key": {key}, "service_request_id": {id}, "status": {"FIXED"}, "description": {"现在门锁也坏了"}, "media_url": {"https://pictures.example.cn/lock.jpg"},
				})
			}
			for _, other := range []struct{ key, id string }{{second, id}, {w.key, web.Number}} {
				a := says(other.key, other.id)
				if list := c.read(a); a.status != http.StatusForbidden || !strings.Contains(list[0]["description"], "只能补充用这个密钥提交的诉求") {
					t.Errorf("%s: words below another's report: %d\n%s", format, a.status, a.body)
				}
			}
			if a := says(w.key, id); a.status != http.StatusCreated {
				t.Fatalf("%s: %d\n%s", format, a.status, a.body)
			}
			if a := says(w.key, id); a.status != http.StatusCreated {
				t.Fatalf("%s: again %d\n%s", format, a.status, a.body)
			}
			r := w.report(id)
			if want := "由开放接口“城市随手拍”补充】现在门锁也坏了（对方系统标为已修好）"; !strings.HasSuffix(r.Body, want) || strings.Contains(r.Body, "example.cn") || strings.Contains(r.Body, "flickr") {
				t.Errorf("%s: the report says %q", format, r.Body)
			}
			w.Read(func(ctx context.Context, tx *db.Tx) error {
				b, err := w.reports.BroughtOf(ctx, tx, r.ID)
				if err != nil || b.Client != "城市随手拍" || len(b.Media) != 2 || !strings.Contains(b.Media[0], "flickr") || b.Media[1] != "https://pictures.example.cn/lock.jpg" {
					t.Errorf("%s: brought %+v, %v", format, b, err)
				}
				kept, err := db.Value[[]byte](ctx, tx, `SELECT media_sealed FROM open311_update WHERE report = $1`, r.ID)
				if err != nil || len(kept) == 0 || bytes.Contains(kept, []byte("example.cn")) {
					t.Errorf("%s: kept %q, %v", format, kept, err)
				}
				return nil
			})
		}
		if r := w.report(web.Number); r.Body != "单元门关不上" {
			t.Errorf("the resident is made to say %q", r.Body)
		}
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			b, err := w.reports.BroughtOf(ctx, tx, w.report(web.Number).ID)
			if b.Client != "" || b.Media != nil {
				t.Errorf("brought by nobody: %+v", b)
			}
			return err
		})
	})
}

func TestAClientReadsItsOwnPhotoBackAndEverybodyTheReleasedOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		var b bytes.Buffer
		w.ok(png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8))))
		c := client{w, "json"}
		id := c.read(w.upload("requests.json", w.door(), "door.jpg", b.Bytes()))[0]["service_request_id"] // as some telephones name it
		_, second := w.newKey("区级平台")
		mine := c.get("requests/"+id, "api_key="+w.key)[0]["media_url"]
		path, ok := strings.CutPrefix(mine, "/open311/")
		if at := strings.Index(mine, "/open311/"); !ok && at >= 0 {
			path, ok = mine[at+len("/open311/"):], true
		}
		if !ok || strings.Contains(mine, w.key) {
			t.Fatalf("the client's photo is at %q", mine)
		}
		for _, query := range []string{"", "?api_key=" + second} {
			if got := c.get("requests/"+id, strings.TrimPrefix(query, "?"))[0]["media_url"]; got != "" {
				t.Errorf("others are told of a photo: %q", got)
			}
		}
		if a := w.get(path + "?api_key=" + w.key); a.status != http.StatusNotFound || !strings.Contains(string(a.body), "正在处理") {
			t.Errorf("before it was painted anew: %d\n%s", a.status, a.body)
		}
		jobs := job.NewRunner(w.DB)
		jobs.Handle(resident.PhotoJob, w.reports.HandlePhotos)
		w.ok(jobs.Drain(t.Context()))
		for query, status := range map[string]int{"": http.StatusForbidden, "?api_key=" + second: http.StatusNotFound} {
			if a := w.get(path + query); a.status != status {
				t.Errorf("%q opens the photo: %d", query, a.status)
			}
		}
		a := w.get(path + "?api_key=" + w.key)
		if picture, err := png.Decode(bytes.NewReader(a.body)); a.status != http.StatusOK || a.head.Get("Content-Type") != "image/png" || err != nil || picture.Bounds().Dx() != 8 {
			t.Errorf("the photo: %d %s, %v", a.status, a.head.Get("Content-Type"), err)
		}
		if a := w.get(path + "9?api_key=" + w.key); a.status != http.StatusBadRequest && a.status != http.StatusNotFound {
			t.Errorf("a photo that is none: %d", a.status)
		}
		r := w.report(id)
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			return w.reports.ReleaseIn(ctx, tx, w.Community(town.Huayuan), resident.Take{Report: r.ID, Version: r.Case.Version}, "单元门坏了", "", true)
		})
		if got := c.get("requests/"+id, "")[0]["media_url"]; !strings.Contains(got, "/reports/"+id+"/photos/") {
			t.Errorf("everybody reads the released photo at %q", got)
		}
	})
}

func TestAClientReadsItsOwnUpdatesBackAndThoseOfTheRequestsItNames(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		_, second := w.newKey("区级平台")
		for _, format := range bothFormats {
			c := client{w, format}
			id := c.post("requests", w.door("description", "单元门关不上 "+format))[0]["service_request_id"]
			other := c.post("requests", w.door("description", "另一扇门关不上 "+format))[0]["service_request_id"]
			said := c.post("servicerequestupdates", url.Values{"api_key": {w.key}, "service_request_id": {id}, "description": {"现在门锁也坏了"}, "media_url": {"https://pictures.example.cn/lock.jpg"}})[0]
			if said["description"] != "现在门锁也坏了" || said["service_request_id"] != id {
				t.Errorf("%s: the answer to the update is %v", format, said)
			}
			of := func(query string) (list []row) {
				for _, u := range c.get("servicerequestupdates", query) {
					if u["service_request_id"] != id {
						t.Errorf("%s: %s gives another's update: %v", format, query, u)
					}
					list = append(list, u)
				}
				return list
			}
			mine := of("service_request_id=" + id + "&api_key=" + w.key)
			own := mine[len(mine)-1]
			if own["update_id"] != said["update_id"] || own["description"] != "现在门锁也坏了" || own["media_url"] != "https://pictures.example.cn/lock.jpg" {
				t.Errorf("%s: the client's own update comes back as %v", format, own)
			}
			for _, query := range []string{"", "&api_key=" + second} {
				if got := of("service_request_id=" + id + query); len(got) != len(mine)-1 {
					t.Errorf("%s: others read %v", format, got)
				}
			}
			for page, u := range mine {
				if got := of("service_request_id=" + id + "&page_size=1&page=" + strconv.Itoa(page+1) + "&api_key=" + w.key); len(got) != 1 || got[0]["update_id"] != u["update_id"] {
					t.Errorf("%s: page %d is %v", format, page+1, got)
				}
			}
			if both := c.get("servicerequestupdates", "service_request_id="+id+","+other); len(both) <= len(mine)-1 {
				t.Errorf("%s: both requests: %v", format, both)
			}
			if none := c.get("servicerequestupdates", "service_request_id=2021-999999-9"); len(none) != 0 {
				t.Errorf("%s: a request that is none: %v", format, none)
			}
			for _, path := range []string{"servicerequestupdates", "requests"} {
				if a := w.get("v2/" + path + "." + format + "?service_request=" + id); a.status != http.StatusBadRequest || !strings.Contains(string(a.body), "service_request: ") {
					t.Errorf("%s: a parameter that nobody knows: %d", path, a.status)
				}
			}
		}
	})
}
