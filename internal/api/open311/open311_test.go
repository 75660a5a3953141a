package open311_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/resident"
)

var bothFormats = []string{"json", "xml"}

func TestAClientOfTheSpecificationReportsAndFollowsInBothFormats(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, format := range bothFormats {
			c := client{w, format}
			var door row
			for _, s := range c.get("services", "jurisdiction_id=hrb.gov.cn") {
				if s["service_code"] == "door" {
					door = s
				}
			}
			if door["service_name"] != "单元门" || door["metadata"] != "true" || door["type"] != "realtime" || door["group"] != "维修" || door["keywords"] != "单元门,门禁,对讲" {
				t.Errorf("%s: the service is %v", format, door)
			}
			sent := c.post("requests", w.door("description", "单元门关不上，"+format))
			id := sent[0]["service_request_id"]
			if len(sent) != 1 || !resident.ValidNumber(id) || sent[0]["token"] != "" {
				t.Fatalf("%s: the answer is %v", format, sent)
			}
			r := w.report(id)
			if r.Channel != resident.Open311 || r.Project != w.Projects[0].Code || r.Building != 2 || r.Topic != "door" || r.State != resident.Dispatched {
				t.Errorf("%s: the report is %+v", format, r)
			}
			one := c.get("requests/"+id, "")
			if len(one) != 1 || one[0]["status"] != "open" || one[0]["status_notes"] != "办理中" || one[0]["address"] != w.Projects[0].Name || one[0]["description"] != "" || one[0]["lat"] != "" {
				t.Errorf("%s: everybody reads %v", format, one)
			}
			own := c.get("requests/"+id, "api_key="+w.key)[0]
			if own["description"] != "单元门关不上，"+format || own["lat"] != "45.757" || own["long"] != "126.6425" || !strings.HasPrefix(own["media_url"], "http://farm3") {
				t.Errorf("%s: the client reads of its own %v", format, own)
			}
			if token := c.get("tokens/"+r.ID.String(), ""); token[0]["service_request_id"] != id || token[0]["token"] != r.ID.String() {
				t.Errorf("%s: the token leads to %v", format, token)
			}
			if all := c.get("requests", "service_code=door&status=open"); all[0]["service_request_id"] != id {
				t.Errorf("%s: the newest is %v", format, all)
			}
			if steps := c.get("servicerequestupdates", ""); len(steps) < 2 || steps[len(steps)-1]["service_request_id"] != id || steps[len(steps)-1]["description"] != "办理中" || steps[len(steps)-1]["status"] != "OPEN" {
				t.Errorf("%s: the updates are %v", format, steps)
			}
		}
	})
}

func TestAServiceDefinitionListsItsAttributesInBothFormats(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		var def struct {
			Code       string `json:"service_code"`
			Attributes []struct {
				Variable bool
				Code     string
				Datatype string
				Required bool
				Order    int
				Values   []struct{ Key, Name string }
			}
		}
		a := w.get("v2/services/door.json")
		if err := json.Unmarshal(a.body, &def); err != nil || def.Code != "door" || len(def.Attributes) != 4 || !def.Attributes[0].Variable || def.Attributes[1].Datatype != "number" || def.Attributes[3].Values[1].Name != "求助" {
			t.Errorf("%v\n%s", err, a.body)
		}
		a = w.get("v2/services/door.xml")
		for _, part := range []string{"<service_definition><service_code>door</service_code><attributes><attribute><variable>true</variable><code>project</code>", "<values><value><key>CONSULT</key><name>咨询</name></value>"} {
			if !strings.Contains(string(a.body), part) {
				t.Errorf("%s is missing in\n%s", part, a.body)
			}
		}
	})
}

func TestErrorsAreListsOfCodeAndDescriptionWithTheStatusOfTheSpecification(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ended, old := w.newKey("旧客户端")
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			return w.reports.EndKeyIn(ctx, tx, authz.System("test"), resident.Open311, ended)
		})
		for _, format := range bothFormats {
			c := client{w, format}
			for _, tt := range []struct {
				get    string
				post   url.Values
				status int
				says   string
			}{
				{get: "services.%s?jurisdiction_id=sfgov.org", status: 404, says: "jurisdiction_id"},
				{get: "services/nothing.%s", status: 404, says: "service_code"},
				{get: "requests/2021000000.%s", status: 404, says: "service_request_id"},
				{get: "tokens/0000000000009.%s", status: 404, says: "token"},
				{get: "nothing.%s", status: 404, says: "没有这个接口"},
				{get: "requests.%s?status=solved", status: 400, says: "status"},
				{get: "requests.%s?start_date=yesterday", status: 400, says: "start_date"},
				{get: "requests.%s?start_date=2021-01-01T00:00:00Z&end_date=2021-06-01T00:00:00Z", status: 400, says: "90"},
				{get: "requests.%s?page=0", status: 400, says: "page"},
				{get: "requests.%s?service_code=nothing", status: 404, says: "service_code"},
				{get: "requests.%s?api_key=nobody", status: 403, says: "API Key"},
				{post: w.door("api_key", ""), status: 403, says: "API Key"},
				{post: w.door("api_key", "nobody"), status: 403, says: "API Key"},
				{post: w.door("api_key", old), status: 403, says: "API Key"},
				{post: w.door("jurisdiction_id", "sfgov.org"), status: 404, says: "jurisdiction_id"},
				{post: w.door("service_code", ""), status: 400, says: "service_code"},
				{post: w.door("service_code", "nothing"), status: 404, says: "service_code"},
				{post: w.door("address_id", ""), status: 400, says: "address_id"},
				{post: w.door("address_id", "12345"), status: 400, says: "address_id"},
				{post: w.door("address_id", "", "address_string", "没有这个地方"), status: 400, says: "address_string"},
				{post: w.door("description", ""), status: 400, says: "description"},
				{post: w.door("lat", "north"), status: 400, says: "lat"},
				{post: w.door("lat", "91"), status: 400, says: "lat"},
				{post: w.door("long", ""), status: 400, says: "long"},
				{post: w.door("media_url", "javascript:alert(1)"), status: 400, says: "media_url"},
				{post: w.door("attribute[building]", "two"), status: 400, says: "attribute[building]"},
				{post: w.door("attribute[class]", "WISH"), status: 400, says: "attribute[class]"},
			} {
				var a answer
				name := tt.get
				if tt.post == nil {
					a = w.get("v2/" + strings.Replace(tt.get, "%s", format, 1))
				} else {
					a, name = w.post("requests."+format, tt.post), tt.post.Encode()
				}
				list := c.read(a)
				if a.status != tt.status || len(list) == 0 || list[0]["code"] != itoa(tt.status) || !strings.Contains(list[0]["description"], tt.says) {
					t.Errorf("%s %s = %d, want %d %s\n%s", format, name, a.status, tt.status, tt.says, a.body)
				}
			}
		}
		if n := w.count(); n != 0 {
			t.Errorf("%d reports came of refused requests", n)
		}
	})
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

func TestARequestSentTwiceMakesOneReport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		c := client{w, "json"}
		number := func(rows []row) string { return rows[0]["service_request_id"] }

		first := number(c.post("requests", w.door()))
		if again := number(c.post("requests", w.door())); again != first || w.count() != 1 {
			t.Errorf("the same body made %s and %s, %d reports", first, again, w.count())
		}
		if other := number(c.post("requests", w.door("description", "三号楼单元门关不上"))); other == first || w.count() != 2 {
			t.Errorf("another body made %s, %d reports", other, w.count())
		}
		_, second := w.newKey("另一个客户端")
		if other := number(c.post("requests", w.door("api_key", second))); other == first || w.count() != 3 {
			t.Errorf("the same body of another client made %s, %d reports", other, w.count())
		}
		keyed := number(c.post("requests", w.door(), "Idempotency-Key", "a-1"))
		if again := number(c.post("requests", w.door(), "Idempotency-Key", "a-1")); again != keyed || keyed == first || w.count() != 4 {
			t.Errorf("the same key made %s and %s, %d reports", keyed, again, w.count())
		}
		if a := w.post("requests.json", w.door("description", "另一件事"), "Idempotency-Key", "a-1"); a.status != http.StatusConflict {
			t.Errorf("another body under the same key: %d\n%s", a.status, a.body)
		}
		if token := c.get("tokens/a-1", "api_key="+w.key); number(token) != keyed {
			t.Errorf("the client's own key leads to %v", token)
		}
		if a := w.get("v2/tokens/a-1.json?api_key=" + second); a.status != http.StatusNotFound {
			t.Errorf("another client's key leads to %s", a.body)
		}
		w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE open311_request SET made_at = made_at - 86400001`)
			return err
		})
		if later := number(c.post("requests", w.door())); later == first {
			t.Error("a day later the same body is still a retry")
		}
	})
}

func TestAPlaceIsFoundByNameOrAddressWhereItIsTheOnlyOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		p := w.Projects[0]
		for _, how := range [][]string{{"address_string", p.Name}, {"attribute[project]", p.Name}, {"attribute[project]", string(p.Code)}} {
			v := w.door("address_id", "", how[0], how[1], "description", "单元门关不上 "+how[0]+how[1])
			rows := client{w, "json"}.post("requests", v)
			if r := w.report(rows[0]["service_request_id"]); r.Project != p.Code {
				t.Errorf("%v is %s, want %s", how, r.Project, p.Code)
			}
		}
	})
}

func TestWhatAClientTellsOfAPersonIsKeptSealed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		c := client{w, "json"}
		id := c.post("requests", w.door())[0]["service_request_id"]
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			sealed, err := db.Value[[]byte](ctx, tx, `SELECT given_sealed FROM open311_request`)
			if err != nil {
				return err
			}
			plain, err := w.Keys.Open("open311_request", "given_sealed", w.report(id).ID, sealed)
			if err != nil {
				return err
			}
			for _, said := range []string{"smit333", "Smith", "126.6425", "tt222111"} {
				if !bytes.Contains(plain, []byte(said)) || bytes.Contains(sealed, []byte(said)) {
					t.Errorf("%s: sealed %q, plain %q", said, sealed, plain)
				}
			}
			return nil
		})
		_, other := w.newKey("另一个客户端")
		for _, query := range []string{"", "?api_key=" + other} {
			a := w.get("v2/requests/" + id + ".json" + query)
			for _, said := range []string{"smit333", "Smith", "126.6425", "13800000001", "关不上", "flickr"} {
				if bytes.Contains(a.body, []byte(said)) {
					t.Errorf("others read %s:\n%s", said, a.body)
				}
			}
		}
	})
}

func TestAPhotoComesWithTheRequest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8))); err != nil {
			t.Fatal(err)
		}
		a := w.upload("requests.json", w.door(), "door.png", b.Bytes())
		if a.status != http.StatusCreated {
			t.Fatalf("%d\n%s", a.status, a.body)
		}
		r := w.report(client{w, "json"}.read(a)[0]["service_request_id"])
		w.Read(func(ctx context.Context, tx *db.Tx) error {
			photos, err := resident.PhotosOf(ctx, tx, r.ID)
			if len(photos) != 1 || photos[0].Side != "report" {
				t.Errorf("photos: %v", photos)
			}
			return err
		})
		if a := w.upload("requests.json", w.door(), "door.exe", []byte("MZ this is no picture at all")); a.status != http.StatusBadRequest || w.count() != 1 {
			t.Errorf("a program is taken: %d\n%s", a.status, a.body)
		}
	})
}

func TestAnUpdateAddsWordsOnceAndMovesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, format := range bothFormats {
			c := client{w, format}
			id := c.post("requests", w.door("description", "单元门关不上 "+format))[0]["service_request_id"]
			// as FixMyStreet sends it
			v := url.Values{
				"api_key": {w.key}, "jurisdiction_id": {"hrb.gov.cn"}, "service_request_id": {id}, "update_id": {"17"}, "updated_datetime": {"2021-06-01T10:00:00+08:00"},
				"status": {"OPEN"}, "email": {"test@example.com"}, "first_name": {"Test"}, "last_name": {"User"}, "title": {""}, "description": {"现在门锁也坏了"},
			}
			first := c.post("servicerequestupdates", v)
			again := c.post("servicerequestupdates", v)
			if len(first) != 1 || first[0]["update_id"] == "" || first[0]["update_id"] != again[0]["update_id"] {
				t.Errorf("%s: %v, then %v", format, first, again)
			}
			r := w.report(id)
			if strings.Count(r.Body, "现在门锁也坏了") != 1 || r.State != resident.Dispatched {
				t.Errorf("%s: %s, %q", format, r.State, r.Body)
			}
			v.Set("status", "MOOD")
			if a := w.post("servicerequestupdates."+format, v); a.status != http.StatusBadRequest {
				t.Errorf("%s: an unknown status is %d", format, a.status)
			}
			v.Set("status", "OPEN")
			v.Set("service_request_id", "1")
			if a := w.post("servicerequestupdates."+format, v); a.status != http.StatusNotFound {
				t.Errorf("%s: an update of nothing is %d", format, a.status)
			}
			v.Set("api_key", "")
			if a := w.post("servicerequestupdates."+format, v); a.status != http.StatusForbidden {
				t.Errorf("%s: an update without a key is %d", format, a.status)
			}
		}
	})
}

func TestRequestsAreNarrowedAndPaged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		c := client{w, "json"}
		var ids []string
		for _, text := range []string{"第一件", "第二件", "第三件"} {
			ids = append(ids, c.post("requests", w.door("description", text))[0]["service_request_id"])
		}
		lift := c.post("requests", w.door("service_code", "lift", "description", "电梯停了"))[0]["service_request_id"]
		names := func(query string) (list []string) {
			for _, r := range c.get("requests", query) {
				list = append(list, r["service_request_id"])
			}
			return list
		}
		today := w.Today()
		for _, tt := range []struct {
			query string
			want  []string
		}{
			{"", []string{lift, ids[2], ids[1], ids[0]}},
			{"page_size=2", []string{lift, ids[2]}},
			{"page_size=2&page=2", []string{ids[1], ids[0]}},
			{"page_size=2&page=3", nil},
			{"service_code=lift", []string{lift}},
			{"service_code=lift,door&page_size=1", []string{lift}},
			{"status=closed", nil},
			{"status=open,closed&page_size=1", []string{lift}},
			{"service_request_id=" + ids[0] + "," + lift + "&status=closed", []string{ids[0], lift}},
			{"service_request_id=1", nil},
			{"end_date=" + today.AddDays(-1).String(), nil},
			{"start_date=" + today.String() + "&page_size=1", []string{lift}},
			{"start_date=" + url.QueryEscape(today.String()+"T00:00:00+08:00") + "&page_size=1", []string{lift}},
		} {
			if got := names(tt.query); strings.Join(got, " ") != strings.Join(tt.want, " ") {
				t.Errorf("%s gives %v, want %v", tt.query, got, tt.want)
			}
		}
	})
}

func TestDiscoveryAndCrossOriginReadingAreOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.get("discovery.json")
		var found struct {
			Endpoints []struct {
				Specification, URL, Type string
				Formats                  []string
			}
		}
		if err := json.Unmarshal(a.body, &found); err != nil || len(found.Endpoints) != 1 || found.Endpoints[0].Specification != "http://wiki.open311.org/GeoReport_v2" || !strings.HasSuffix(found.Endpoints[0].URL, "/open311/v2") || len(found.Endpoints[0].Formats) != 2 {
			t.Errorf("%v\n%s", err, a.body)
		}
		if a.head.Get("Access-Control-Allow-Origin") != "*" {
			t.Error("other sites' pages may not read")
		}
		if x := w.get("discovery.xml"); !strings.Contains(string(x.body), "<formats><format>text/xml</format>") {
			t.Errorf("%s", x.body)
		}
		if a := w.post("requests.json", w.door()); a.head.Get("Access-Control-Allow-Origin") != "" {
			t.Error("other sites' pages may write")
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/open311/v2/services.json", nil)
		if a := w.do(r); a.status != http.StatusMethodNotAllowed || a.head.Get("Allow") != "GET" {
			t.Errorf("a service is posted: %d %s", a.status, a.body)
		}
	})
}
