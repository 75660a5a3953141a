//go:build !postgres

package app_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/db"
	reports "juli/internal/resident"
	"juli/internal/web"
)

// TestAResidentReportsWithoutAnAccount: a broken door, from a telephone to the
// hands of everybody whom it concerns, by pages alone.
func TestAResidentReportsWithoutAnAccount(t *testing.T) {
	e := newEstate(t)
	first := e.handsIn("door", "13912340001")
	r := e.reportOf(first)
	if !reportNumbered.MatchString(r.Number) || r.State != reports.Dispatched || r.Enterprise != e.project.Enterprise {
		t.Fatalf("reported: %s %s", r.Number, r.State)
	}
	public := "/reports/" + r.Number
	if body := e.reads("", public); strings.Contains(body, "单元门坏了三天") || strings.Contains(body, "13912340001") {
		t.Error("the public page shows what was not released")
	}
	if body := e.reads("", "/report/new/"+string(e.project.Code)+"/door"); !strings.Contains(body, r.Number) {
		t.Error("the open report is not offered to join")
	}
	second := e.confirmed("/report/join/"+r.Number, r.Number, "phone", "13912340002")
	page := "/enterprise/reports/" + r.ID.String()
	if !strings.Contains(e.reads("the firm", "/enterprise/"), page) {
		t.Error("the report does not wait at the enterprise's desk")
	}
	e.does("the firm", page, page, "act", "answer", "answer", "已更换闭门器")
	desk := "/bureau/reports/" + r.ID.String()
	if !strings.Contains(e.reads("the community", "/bureau/"), desk) {
		t.Error("the answer does not wait at the community's desk")
	}
	e.does("the community", desk, r.ID.String(), "act", "pass")
	e.does("the community", desk+"/release", "/release", "public_body", "单元门损坏", "public_answer", "已更换闭门器")
	e.site = e.now.HandlerAs(e.who)
	if body := e.reads("", public); !strings.Contains(body, "单元门损坏") || strings.Contains(body, "单元门坏了三天") {
		t.Error("the public page does not show the released words alone")
	}
	e.does("", second, "/report/follow", "solved", "1", "satisfied", "1")
	e.does("", first, "/report/follow", "solved", "2", "satisfied", "2")
	if r = e.reportOf(first); r.State != reports.Reopened || r.OutcomeTitle() != "居民表示未解决" {
		t.Errorf("not solved: %s %q", r.State, r.OutcomeTitle())
	}
	for _, path := range []string{public, first} { // everybody and who follows it read the same two days
		if body := e.reads("the firm", path); !strings.Contains(body, "首次答复期限") || !strings.Contains(body, "当前期限") || !strings.Contains(body, r.Due.String()) || !strings.Contains(body, r.Case.Due.String()) || r.Due == r.Case.Due {
			t.Errorf("%s does not name both terms of the reopened report: %s and %s", path, r.Due, r.Case.Due)
		}
	}
	if found := e.confirmed("/report/find", "/report/find", "number", r.Number, "phone", "13912340001"); !strings.HasPrefix(found, "/report/follow/") {
		t.Error("who lost the link got none")
	}
	if a := e.as("").get(t.Context(), first); a.status != http.StatusNotFound || !strings.Contains(a.body, "/report/find") {
		t.Errorf("the old link answers %d without a way to a new one", a.status)
	}
	if body := e.reads("", second); strings.Contains(body, "单元门坏了三天") {
		t.Error("who joined reads the first reporter's words")
	}
	mine := e.confirmed("/report/find", "/report/find", "phone", "13912340001")
	if to := e.does("", mine, "/report/mine", "report", r.ID.String()); !strings.HasPrefix(to, "/report/follow/") {
		t.Errorf("the list of a telephone leads to %s", to)
	}
}

func TestAnOrderIsCalledBack(t *testing.T) {
	e := newEstate(t)
	var id db.ID
	ctx := t.Context()
	take := func() reports.Take {
		var v int64
		e.must(e.DB.Read(ctx, func(tx *db.Tx) error {
			r, err := e.Reports.Find(ctx, tx, authz.System("test"), id)
			if err == nil {
				v = r.Case.Version
			}
			return err
		}))
		return reports.Take{Report: id, Version: v}
	}
	act := func(fn func(ctx context.Context, tx *db.Tx) error) {
		e.must(e.now.DB.Write(ctx, func(tx *db.Tx) error { return fn(ctx, tx) }))
	}
	act(func(ctx context.Context, tx *db.Tx) error {
		out, _, err := e.now.Reports.TakeOrderIn(ctx, tx, authz.System("order-interface"), reports.Submission{
			SourceRef: "GD-1", Class: "HELP", Topic: "door", Project: e.project.Code, Body: "单元门坏了",
		})
		id = out.Report
		return err
	})
	t1 := take()
	act(func(ctx context.Context, tx *db.Tx) error {
		return e.now.Reports.AnswerIn(ctx, tx, e.people["the firm"], t1, "已修", nil)
	})
	t2 := take()
	act(func(ctx context.Context, tx *db.Tx) error {
		return e.now.Reports.PassIn(ctx, tx, e.people["the community"], t2, false)
	})
	desk := "/bureau/reports/" + id.String()
	e.does("the street", desk, "/callback", "solved", "1", "satisfied", "2")
	if body := e.reads("the street", desk); !strings.Contains(body, "居民确认已解决") {
		t.Error("the call-back is not on the page")
	}
	e.on("2021-10-08")
	if body := e.reads("", "/reports/ratings?solved=1&satisfied=2"); !strings.Contains(body, "回访评价") {
		t.Error("the public has no list of ratings")
	}
	of := "enterprise=" + string(e.project.Enterprise) + "&quarter=2021Q3"
	if body := e.reads("", "/reports/ratings?"+of); !strings.Contains(body, "公布会认出个人") || strings.Contains(body, "2021年第三季度</td>") {
		t.Error("the rating of one resident can be read by everybody (PI-3)")
	}
	if body := e.reads("", "/reports/rates?by=enterprise&quarter=2021Q3"); !strings.Contains(body, "不公布") {
		t.Error("the rates of one resident's rating are published (PI-3)")
	}
	// a list of ratings holds nothing by which it could be laid beside the reports
	if head, _, _ := strings.Cut(strings.TrimPrefix(e.reads("", "/reports/ratings?format=csv"), "\ufeff"), "\n"); strings.TrimSpace(head) != "评价季度,已解决,满意" {
		t.Errorf("the list of ratings has the columns %s", head)
	}
	for _, times := range []string{"from=2021-08-01&to=2021-08-31", "quarter=2021-08"} {
		for _, page := range []string{"/reports/ratings", "/reports/rates"} {
			if a := e.as("").get(ctx, page+"?"+times); a.status != http.StatusBadRequest {
				t.Errorf("%s of a time of one's own choice: %d", page, a.status)
			}
		}
	}
}

// TestTheFormOfAReportIsLight: without script a telephone loads less than 50 kB,
// style and all, without any compression (issue 3 §3).
func TestTheFormOfAReportIsLight(t *testing.T) {
	e := newEstate(t)
	style := e.as("").get(t.Context(), web.AssetURL("juli.css")).body
	icon := e.as("").get(t.Context(), web.AssetURL("juli.svg")).body
	for _, path := range []string{"/report", "/report/new/" + string(e.project.Code), "/report/new/" + string(e.project.Code) + "/door"} {
		page := e.reads("", path)
		if n := len(page) + len(style) + len(icon); n >= 50_000 || len(style) < 10_000 {
			t.Errorf("%s: %d bytes, of them %d style", path, n, len(style))
		} else {
			t.Logf("%s: %d bytes", path, n)
		}
	}
}

// TestNeighboursTellByDayPlaceAndReleasedWordsWhetherItIsTheSame: who meets the same
// fault reads what is public of the reports near by, and never what nobody reviewed.
func TestNeighboursTellByDayPlaceAndReleasedWordsWhetherItIsTheSame(t *testing.T) {
	e := newEstate(t)
	r := e.reportOf(e.handsIn("door", "13912340001"))
	form := "/report/new/" + string(e.project.Code) + "/door"
	_, near, _ := strings.Cut(e.reads("", form), "是同一件事吗")
	near, _, _ = strings.Cut(near, "第三步")
	for _, words := range []string{r.Number, "<time>" + r.ReceivedOn.String(), "未写明楼栋", "详情未经审核，暂不公开"} {
		if !strings.Contains(near, words) {
			t.Errorf("before the release the list lacks %s: %s", words, near)
		}
	}
	if strings.Contains(near, "单元门坏了三天") || strings.Contains(near, "二单元") {
		t.Error("the list shows what nobody reviewed")
	}
	e.does("the community", "/bureau/reports/"+r.ID.String()+"/release", "/release", "public_body", "北门的单元门损坏")
	e.site = e.now.HandlerAs(e.who)
	if body := e.reads("", form); !strings.Contains(body, "北门的单元门损坏") || strings.Contains(body, "单元门坏了三天") {
		t.Error("the released words do not stand in the list, or the others do")
	}
}

// TestThePlaceOfAReportIsAskedBySearchAndDistrictsFirst: estates come once there is
// something to find them by, and nobody takes them away as a file here.
func TestThePlaceOfAReportIsAskedBySearchAndDistrictsFirst(t *testing.T) {
	e := newEstate(t)
	estate := `href="/report/new/` + string(e.project.Code) + `"`
	for _, path := range []string{"/report", "/report?at=2301"} {
		body := e.reads("", path)
		if strings.Contains(body, "/report/new/") || !strings.Contains(body, `name="q"`) || !strings.Contains(body, `class="chip" href="/report?at=`) {
			t.Errorf("%s does not ask for a name or a district alone", path)
		}
	}
	for _, path := range []string{"/report?q=" + url.QueryEscape(e.project.Name), "/report?at=" + string(e.project.Division.Up(3))} {
		found := e.reads("", path)
		if !strings.Contains(found, estate) || strings.Contains(found, "format=csv") {
			t.Errorf("%s: the estate is not found, or there are files", path)
		}
	}
	if a := e.as("").get(t.Context(), "/report?format=csv"); a.status != http.StatusBadRequest {
		t.Errorf("a file of the choices: %d", a.status)
	}
}
