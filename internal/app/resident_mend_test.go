//go:build !postgres

package app_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/job"
	reports "juli/internal/resident"
)

// order takes a 12345 order over and gives the report's page at the bureau's desk.
func (e *estate) order(ref, topic, body string) (id db.ID, desk string) {
	e.t.Helper()
	e.must(e.now.DB.Write(e.t.Context(), func(tx *db.Tx) error {
		out, _, err := e.now.Reports.TakeOrderIn(e.t.Context(), tx, authz.System("order-interface"), reports.Submission{SourceRef: ref, Class: "COMPLAINT", Topic: topic, Project: e.project.Code, Body: body})
		id = out.Report
		return err
	}))
	return id, "/bureau/reports/" + id.String()
}

// TestAnOrderThatWasSortedWronglyIsFoundCorrectedAndMergedByPages: the lamp of the
// hotline and the lamp of the resident are one.
func TestAnOrderThatWasSortedWronglyIsFoundCorrectedAndMergedByPages(t *testing.T) {
	e := newEstate(t)
	lamp := e.reportOf(e.handsIn("repair", "13912340001"))
	first, desk := e.order("NC-0001", "other", "楼道灯不亮")
	_, second := e.order("NC-0002", "other", "灯坏")
	if body := e.reads("the street", "/bureau/reports?q=NC-000"); !strings.Contains(body, desk) || !strings.Contains(body, second) {
		t.Error("the orders are not found by their numbers")
	}
	if body := e.reads("", "/reports?q=NC-000"); strings.Contains(body, "/reports/20") {
		t.Error("everybody finds reports by the numbers of orders")
	}
	e.does("the street", desk, first.String(), "act", "topic", "topic", "repair", "note", "工单内容是楼道灯")
	if body := e.reads("the firm", "/enterprise/"); !strings.Contains(body, "维修（") {
		t.Error("the to-do of the firm does not bear the new topic")
	}
	if body := e.reads("the street", second); !strings.Contains(body, lamp.Number+" · 维修") || !strings.Contains(body, "单元门坏了三天") {
		t.Error("the report of another topic is not offered to merge, with its first words")
	}
	e.does("the street", second, second[strings.LastIndexByte(second, '/')+1:], "act", "merge", "into", lamp.ID.String(), "note", "同一盏楼道灯")
	if body := e.reads("the firm", "/enterprise/reports/"+lamp.ID.String()); !strings.Contains(body, "灯坏") {
		t.Error("the firm does not read the merged order")
	}
}

// TestARepairIsNotComparedWithADoorWhoseWordsAreNotPublic: nobody could tell whether it
// is the same thing.
func TestARepairIsNotComparedWithADoorWhoseWordsAreNotPublic(t *testing.T) {
	e := newEstate(t)
	r := e.reportOf(e.handsIn("door", "13912340001"))
	at := "/report/new/" + string(e.project.Code) + "/"
	if strings.Contains(e.reads("", at+"repair"), r.Number) || !strings.Contains(e.reads("", at+"door"), r.Number) {
		t.Error("the door is asked about under repairs, or not under doors")
	}
	e.does("the community", "/bureau/reports/"+r.ID.String()+"/release", "/release", "public_body", "单元门损坏")
	if !strings.Contains(e.reads("", at+"repair"), r.Number) {
		t.Error("the door whose words are public is not asked about under repairs")
	}
}

func TestAnEstateThatWasSearchedForStandsBeforeTheDistricts(t *testing.T) {
	e := newEstate(t)
	body := e.reads("", "/report?q="+url.QueryEscape(e.project.Name))
	found, walk := strings.Index(body, "/report/new/"+string(e.project.Code)), strings.Index(body, "按区划查找")
	if found < 0 || walk < 0 || found > walk {
		t.Errorf("the estate stands at %d, the districts at %d", found, walk)
	}
}

// TestWhoeverPublishesAReportSeesItsPhotosAndStartsFromItsWordsOnlyIfAsked, and the
// resident opens the same photos by the link.
func TestWhoeverPublishesAReportSeesItsPhotosAndStartsFromItsWordsOnlyIfAsked(t *testing.T) {
	e := newEstate(t)
	follow := e.handsIn("door", "13912340001")
	r := e.reportOf(follow)
	e.photographed(r.ID)
	page := "/bureau/reports/" + r.ID.String() + "/release"
	words := func(path string) string {
		m := regexp.MustCompile(`(?s)<textarea[^>]*name="public_body"[^>]*>(.*?)</textarea>`).FindStringSubmatch(e.reads("the community", path))
		if m == nil {
			t.Fatal("no field for the public words")
		}
		return m[1]
	}
	if strings.Contains(words(page), "单元门坏了三天") || !strings.Contains(words(page+"?start=original"), "单元门坏了三天") {
		t.Error("the original stands in the field unasked, or not when asked for")
	}
	for who, path := range map[string]string{"the community": page, "": follow} {
		m := regexp.MustCompile(`<img src="([^"]*/photos/[^"]+)"`).FindStringSubmatch(e.reads(who, path))
		if m == nil {
			t.Fatalf("%s shows no photo", path)
		}
		if a := e.as(who).get(t.Context(), m[1]); a.status != 200 || !strings.HasPrefix(a.body, "\x89PNG") && !strings.HasPrefix(a.body, "\xFF\xD8") {
			t.Errorf("%s answers %d", m[1], a.status)
		}
	}
}

// photographed gives a report one photo, painted anew.
func (e *estate) photographed(report db.ID) {
	e.t.Helper()
	var b bytes.Buffer
	e.must(png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))))
	e.must(e.now.DB.Write(e.t.Context(), func(tx *db.Tx) error { return e.photographIn(e.t.Context(), tx, report, &b) }))
	jobs := job.NewRunner(e.now.DB)
	jobs.Handle(reports.PhotoJob, e.now.Reports.HandlePhotos)
	e.must(jobs.Drain(e.t.Context()))
}

func (e *estate) photographIn(ctx context.Context, tx *db.Tx, report db.ID, b *bytes.Buffer) error {
	up, err := e.now.Reports.Files.Park(ctx, "门.png", b)
	if err != nil {
		return err
	}
	f, err := up.Keep(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO resident_photo (id, report, side, file, state, released, added_at) VALUES ($1, $2, 'report', $3, 'raw', FALSE, 0)`, tx.NewID(), report, f.ID); err != nil {
		return err
	}
	_, err = job.Enqueue(ctx, tx, reports.PhotoJob, map[string]string{"report": report.String()}, job.Opts{})
	return err
}
