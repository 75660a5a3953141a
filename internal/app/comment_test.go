package app_test

import (
	"net/http"
	"strings"
	"testing"

	"juli/internal/day"
	"juli/rulebooks"
)

// A draft that is out for public comment is commented on by those who signed in,
// once however often the form is sent, and the drafters read it at their desk.
func TestADraftIsCommentedOn(t *testing.T) {
	s := &story{clerk: newClerk(t, newTown(t), "city1", "city2", "firm1")}
	s.on("2021-08-02")
	text, err := rulebooks.Files.ReadFile("credit/harbin-2021.yaml")
	s.must(err)
	draft := strings.Replace(string(text), `version: "2021`, `version: "2022-01-01-draft-2021`, 1)
	if draft == string(text) {
		draft = strings.Replace(string(text), "version: 2021-04-15", "version: 2022-01-01", 1)
	}
	v, err := s.now.Rulebooks.Upload(t.Context(), s.people["city1"], []byte(draft))
	s.must(err)
	page := "/rulebooks/" + v.Digest
	if res := s.as("firm1").send(t, sending{action: page + "/comments", values: s.as("firm1").form(t, "/account", "", "body", "早了", "path", "").values}); res.status == http.StatusSeeOther {
		t.Error("a draft was commented on before it was out for comment")
	}
	_, err = s.now.Rulebooks.OpenComment(t.Context(), s.people["city1"], v.ID, day.MustParse("2021-09-15"))
	s.must(err)

	if visitor := s.reads("", page); !strings.Contains(visitor, "登录后提意见") || strings.Contains(visitor, page+"/comments") {
		t.Error("a visitor is not told to sign in")
	}
	f := s.as("firm1").form(t, page, page+"/comments", "path", "HRB-N04", "body", "扣分过重，建议改为一分")
	c := s.as("firm1")
	for range 2 {
		if res := c.send(t, f); res.status != http.StatusSeeOther || res.to() != page {
			t.Fatalf("comment: %d %s", res.status, complaint(res.body))
		}
	}
	desk := s.reads("city2", "/bureau/rulebooks/"+v.ID.String())
	if n := strings.Count(desk, "扣分过重，建议改为一分"); n != 1 {
		t.Errorf("the drafters read the comment %d times", n)
	}
	if res := c.send(t, s.as("firm1").form(t, page, page+"/comments", "body", "")); res.status != http.StatusUnprocessableEntity {
		t.Errorf("an empty comment: %d", res.status)
	}
	s.on("2021-09-16")
	if late := s.reads("firm1", page); strings.Contains(late, page+"/comments") {
		t.Error("the form is still there after the last day")
	}
}
