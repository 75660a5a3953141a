//go:build !postgres

package app_test

import (
	"net/http"
	"strings"
	"testing"
)

// untimed leaves out how a page marks its dates.
var untimed = strings.NewReplacer("<time>", "", "</time>", "")

// caseOf registers a fault at a home by the pages and gives the case's address.
func (s *story) caseOf(h home, facts, spot string) string {
	s.t.Helper()
	return s.does(h.login, "/bureau/cases/new?project="+h.code, "/bureau/cases/new", "channel", "SELF_FOUND", "facts", facts, "spot", spot, "violation", "Q03")
}

// A case by its pages: what may be the same fault is told apart, merged and led to from
// both sides; the desk tells which colleague acted, the enterprise who leads the case;
// more time is asked for until a day, which the official sees and grants.
func TestACaseTellsWhoLeadsItAndUntilWhenItIsExtended(t *testing.T) {
	s := &story{clerk: newClerk(t, newTown(t), everybody...)}
	s.on("2021-08-02")
	h := s.homeOf("firm1", "nangang1", "daoli1")
	first, second := s.caseOf(h, "单元门损坏。", "3号楼2单元"), s.caseOf(h, "门禁坏了，门关不上。", "3号楼正门")
	page := s.reads(h.login, second)
	for _, want := range []string{" · 3号楼2单元 · 2021-08-02 发现", "违规事项相同或尚未核定", "单元门损坏。"} {
		if !strings.Contains(page, want) {
			t.Errorf("what may be the same fault is offered without %q", want)
		}
	}
	if strings.Contains(page, "违规事项尚未核定") {
		t.Error("the violation of a case is not named")
	}
	s.does(h.login, second, second, "act", "merge", "into", strings.TrimPrefix(first, "/bureau/cases/"))
	if !strings.Contains(s.reads(h.login, second), `href="`+first+`"`) || !strings.Contains(s.reads(h.login, first), `href="`+second+`"`) {
		t.Error("the merged case and its goal don't lead to each other")
	}

	s.does(h.login, first, first, "act", "verify", "violation", "Q03", "note", "现场看过")
	s.does(h.colleague, first, first, "act", "confirm", "note", "属实")
	s.does(h.login, first, first, "act", "order", "class", "deadline", "deadline", "2021-08-09", "note", "")
	page = s.reads(h.login, first)
	if one, other := s.accounts[h.login].Name, s.accounts[h.colleague].Name; one == other || !strings.Contains(page, one) || !strings.Contains(page, other) {
		t.Errorf("the desk does not tell %s from %s", one, other)
	}

	own := "/enterprise/cases/" + strings.TrimPrefix(first, "/bureau/cases/")
	page = s.reads("firm1", own)
	if !strings.Contains(page, "办案单位") || !strings.Contains(page, "住建局") || strings.Contains(page, s.accounts[h.colleague].Name) {
		t.Error("the enterprise reads who decided in person, or not which office leads the case")
	}
	if a := s.fills("firm1", own, own, "act", "ask", "until", "2021-09-30", "note", "配件未到"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "2021-08-16") {
		t.Errorf("asked for too long: %d", a.status)
	}
	s.does("firm1", own, own, "act", "ask", "until", "2021-08-14", "note", "配件未到")
	if page := untimed.Replace(s.reads(h.login, first)); !strings.Contains(page, "企业申请延至 2021-08-14；原期限 2021-08-09，最迟 2021-08-16") || !strings.Contains(page, `value="2021-08-14"`) {
		t.Error("who decides does not see the day that was asked for")
	}
	s.does(h.login, first, first, "act", "grant", "until", "2021-08-13", "note", "")
	if page := untimed.Replace(s.reads("firm1", own)); !strings.Contains(page, "整改期限</dt><dd>2021-08-13") || !strings.Contains(page, "申请延至 2021-08-14，已同意延期") {
		t.Error("the enterprise does not read until when it has time")
	}
}
