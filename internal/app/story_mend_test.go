//go:build !postgres

package app_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// districts are the logins of the district bureaus by their codes.
var districts = map[string]string{"230102": "daoli", "230103": "nangang", "230104": "daowai", "230108": "pingfang", "230109": "songbei", "230110": "xiangfang"}

var mendTodo = regexp.MustCompile(`href="(/enterprise/records/[^"/]+)"[^>]*>整改并报告：`)

// What bounds a grade stands on the enterprise's desk: from there it reports what it
// mended, with a photo; the district finds that among its own to-dos, returns it with
// a reason and confirms it the second time.
func TestAnEnterpriseReportsWhatItMendedFromItsDesk(t *testing.T) {
	s := &story{clerk: newClerk(t, newTown(t), everybody...)}
	s.on("2021-08-02")
	at := mendTodo.FindStringSubmatch(s.reads("firm1", "/enterprise/"))
	if at == nil {
		t.Fatal("nothing on the desk asks to be mended")
	}
	record, official := at[1], "/bureau/records/"+strings.TrimPrefix(at[1], "/enterprise/records/")
	s.reads("firm1", record)
	district := districts[s.word(`SELECT SUBSTR(division, 1, 6) FROM casework_case WHERE machine = 'credit_mend' AND object = $1`, "credit_record:"+strings.TrimPrefix(record, "/enterprise/records/"))]
	if page := s.reads("firm1", record); !strings.Contains(page, "由区县住建局确认") || !strings.Contains(page, record+"/mend") {
		t.Error("the record does not say who confirms what was mended, and where to report it")
	}
	if a := s.fills("firm1", record+"/mend", record+"/mend", "text", "已整改"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "请上传整改后的照片或材料") {
		t.Errorf("reported without a photo: %d", a.status)
	}
	report := func() {
		if a := s.attaches("firm1", record+"/mend", record+"/mend", "text", "门禁已修复，见照片"); a.status != http.StatusSeeOther {
			t.Fatalf("not reported: %d %s", a.status, complaint(a.body))
		}
	}
	asks := func(login, home, href string) bool { return strings.Contains(s.reads(login, home), `href="`+href+`"`) }
	report()
	if asks("firm1", "/enterprise/", record) || !asks(district+"2", "/bureau/?machine=credit_mend", official) {
		t.Error("it still waits for the enterprise, or not for the district")
	}
	s.does(district+"2", official, official, "act", "return-mend", "note", "照片看不清位置")
	if !asks("firm1", "/enterprise/", record) || !strings.Contains(s.reads("firm1", record), "照片看不清位置") {
		t.Error("what was returned does not wait for the enterprise, or does not say why")
	}
	report()
	s.does(district+"2", official, official, "act", "rectify", "on", "2021-08-01", "note", "现场已看")
	if page := s.reads("firm1", record); strings.Contains(page, "尚未完成整改") || strings.Contains(page, record+"/mend") {
		t.Error("it is confirmed, and still asked for")
	}
}
