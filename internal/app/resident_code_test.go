//go:build !postgres

package app_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"juli/internal/authz"
)

func TestAWrongCodeIsSentAgainWhileWhatWasWrittenStays(t *testing.T) {
	e := newEstate(t)
	c := e.as("")
	code := func(page string) string {
		t.Helper()
		found := shownCode.FindStringSubmatch(c.get(t.Context(), page).body)
		if found == nil {
			t.Fatalf("%s shows no code", page)
		}
		return found[1]
	}
	sent := c.send(t, c.form(t, "/report/new/"+string(e.project.Code)+"/door", "/door", "body", "单元门坏了三天，请尽快修理", "phone", "13912340071"))
	page := sent.to()
	first := code(page)
	wrong := "000000"
	if first == wrong {
		wrong = "000001"
	}
	for range 5 {
		a := c.send(t, c.form(t, page, "/report/confirm", "code", wrong))
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "验证码不对或已过期") || !strings.Contains(a.body, `action="/report/confirm/again"`) {
			t.Fatalf("a wrong code: %d %s", a.status, complaint(a.body))
		}
	}
	a := c.send(t, c.form(t, page, "/report/confirm", "code", first))
	if a.status != http.StatusTooManyRequests || !strings.Contains(a.body, `action="/report/confirm/again"`) {
		t.Fatalf("too many wrong codes: %d %s", a.status, complaint(a.body))
	}
	if a = c.send(t, c.form(t, page, "/report/confirm/again")); a.status != http.StatusSeeOther || a.to() != page {
		t.Fatalf("another code: %d %s", a.status, complaint(a.body))
	}
	a = c.send(t, c.form(t, page, "/report/confirm", "code", code(page)))
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to(), "/report/follow/") {
		t.Fatalf("the new code: %d %s", a.status, complaint(a.body))
	}
	if body := e.reads("", a.to()); !strings.Contains(body, "单元门坏了三天") {
		t.Error("what was written before the first code is lost")
	}
	if a = c.get(t.Context(), page); a.status != http.StatusNotFound || !strings.Contains(a.body, "/report/find") {
		t.Errorf("a used code page answers %d without a way on", a.status)
	}
	again := c.form(t, "/report/find", "/report/find", "number", "", "phone", "13912340071")
	ticket := strings.TrimPrefix(c.send(t, again).to(), "/report/confirm/")
	for range 8 { // the tenth code of the day is the last
		if a = c.send(t, c.form(t, "/report/confirm/"+ticket, "/report/confirm/again")); a.status == http.StatusTooManyRequests {
			break
		}
	}
	if a.status != http.StatusTooManyRequests || !strings.Contains(a.body, "今天发送验证码的次数已到上限") || !strings.Contains(a.body, `action="/report/confirm"`) {
		t.Errorf("an eleventh code: %d %s", a.status, complaint(a.body))
	}
}

func TestASignedInAccountKeepsItsWordsWhenTheDayIsFull(t *testing.T) {
	e := newEstate(t)
	e.people["a rival"] = authz.Actor{Account: 9_100_001, Person: 9_100_101, Name: "a rival", Second: true}
	c := e.as("a rival")
	page := "/report/new/" + string(e.project.Code) + "/attitude"
	for i := range 6 {
		a := c.send(t, c.form(t, page, "/attitude", "class", "COMPLAINT", "body", "保安态度很差，多次辱骂"))
		if i < 5 {
			if a.status != http.StatusSeeOther {
				t.Fatalf("report %d: %d %s", i+1, a.status, complaint(a.body))
			}
			continue
		}
		if a.status != http.StatusTooManyRequests || !strings.Contains(a.body, "这个账号今天已经反映 5 件") || !strings.Contains(a.body, "保安态度很差，多次辱骂</textarea>") {
			t.Errorf("the sixth report: %d %s", a.status, complaint(a.body))
		}
	}
}

func TestARefusedReportSaysFirstWhyAndThatPhotosMustBeChosenAgain(t *testing.T) {
	e := newEstate(t)
	c := e.as("")
	s := c.form(t, "/report/new/"+string(e.project.Code)+"/door", "/door", "body", "", "phone", "1391234", "spot", "二单元门口")
	s.files = []file{{"photos", "door.png", pixel(t)}}
	a := c.send(t, s)
	if a.status != http.StatusUnprocessableEntity {
		t.Fatalf("without words: %d %s", a.status, complaint(a.body))
	}
	for _, why := range unhelpful(a.body) {
		t.Error(why)
	}
	_, main, _ := strings.Cut(a.body, "<main")
	summary, rest, _ := strings.Cut(main, "<h1")
	if !strings.Contains(summary, "data-errors") || !strings.Contains(summary, "照片：刚才选择的文件没有保留") || strings.Contains(rest, "data-errors") {
		t.Errorf("what one sees first is %s", summary)
	}
	if !strings.Contains(summary, "请填写情况") || !strings.Contains(summary, "请填写 11 位手机号") {
		t.Errorf("not all is told at once: %s", summary)
	}
	if !strings.Contains(rest, "二单元门口") {
		t.Error("what was typed is lost")
	}
	s = c.form(t, "/report/new/"+string(e.project.Code)+"/door", "/door", "body", "单元门关不上", "phone", "13912340072")
	if a := c.send(t, s); a.status != http.StatusSeeOther {
		t.Errorf("in order: %d", a.status)
	}
}

// pixel is a small picture.
func pixel(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
