package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestPastRecordsNeedTwoPersons: one official of the city sends a file of past
// credit information, another finds it on the to-do list and agrees; only then is
// anything stored (AZ-5).
func TestPastRecordsNeedTwoPersons(t *testing.T) {
	tn := newTown(t)
	firm, _ := tn.firmAndDistrict(t)
	s := &story{clerk: newClerk(t, tn, "city1", "city2")}
	s.on("2021-08-02")
	const number = "哈消〔2021〕9001号"
	stored := func() int64 {
		return tn.count(t, `SELECT COUNT(*) FROM credit_record WHERE document_number = $1`, number)
	}

	f := s.as("city1").form(t, "/bureau/import", "/bureau/import", "kind", "records", "mode", "import")
	f.files = []file{{"file", "历史.csv", fmt.Appendf(nil, "项目代码,企业代码,发生日期,事实,证明文件类型,文号,制发机关,文件日期,认定日期\nHRB-N03,%s,2021-05-01,消防设施未保持完好,HLJ-N2,%s,消防救援机构,2021-05-06,2021-05-10\n", firm, number)}}
	sent := s.as("city1").send(t, f)
	if sent.status != http.StatusSeeOther {
		t.Fatalf("the file: %d %s", sent.status, complaint(sent.body))
	}
	run := sent.to()
	s.settle()
	if page := s.reads("city1", run); !strings.Contains(page, "另一人复核") || strings.Contains(page, run+"/second") || stored() != 0 {
		t.Errorf("its maker may agree to it, or it is stored already (%d)", stored())
	}
	if home := s.reads("city2", "/bureau/"); !strings.Contains(home, run) || !strings.Contains(home, "复核导入") {
		t.Error("nothing on the second person's to-do list leads there")
	}
	s.does("city2", run, run+"/second", "act", "take")
	s.settle()
	if stored() != 1 {
		t.Errorf("%d records after both agreed", stored())
	}
	if page := s.reads("city1", run); !strings.Contains(page, "同意导入") {
		t.Error("the maker does not see that it was agreed to")
	}
}

// A file that was checked and found right is imported from the page that says so,
// once however often the button is pressed; past records still wait for another
// person, and a file that brings nothing new says that nothing was written.
func TestACheckedFileIsImportedFromItsPage(t *testing.T) {
	tn := newTown(t)
	firm, _ := tn.firmAndDistrict(t)
	s := &story{clerk: newClerk(t, tn, "city1", "city2")}
	s.on("2021-08-02")
	check := func(content []byte) string {
		t.Helper()
		f := s.as("city1").form(t, "/bureau/import", "/bureau/import", "kind", "records", "mode", "check")
		f.files = []file{{"file", "历史.csv", content}}
		sent := s.as("city1").send(t, f)
		if sent.status != http.StatusSeeOther {
			t.Fatalf("the file: %d %s", sent.status, complaint(sent.body))
		}
		s.settle()
		return sent.to()
	}
	const head = "项目代码,企业代码,发生日期,事实,证明文件类型,文号,制发机关,文件日期,认定日期\n"
	right := fmt.Appendf(nil, head+"HRB-N03,%s,2021-05-01,消防设施未保持完好,HLJ-N2,哈消〔2021〕9002号,消防救援机构,2021-05-06,2021-05-10\n", firm)
	run := check(right)
	first := s.does("city1", run, run)
	if again := s.does("city1", run, run); again != first || first == run {
		t.Errorf("the button gave %s, then %s", first, again)
	}
	s.settle()
	if page := s.reads("city1", first); !strings.Contains(page, "另一人复核") {
		t.Error("the checked file does not wait for another person")
	}
	if home := s.reads("city2", "/bureau/"); !strings.Contains(home, first) {
		t.Error("nothing on the second person's to-do list leads there")
	}
	s.does("city2", first, first+"/second", "act", "take")
	s.settle()
	if n := tn.count(t, `SELECT COUNT(*) FROM credit_record WHERE document_number = '哈消〔2021〕9002号'`); n != 1 {
		t.Errorf("%d records after both agreed", n)
	}
	same := check(right)
	page := s.reads("city1", same)
	if !strings.Contains(page, "没有需要写入的内容") || strings.Contains(page, "已全部写入") || strings.Contains(page, "导入这个文件") {
		t.Error("the same file again is said to be written, or offered for import")
	}
	wrong := check(fmt.Appendf(nil, head+"HRB-X99,%s,2021-05-01,消防设施未保持完好,HLJ-N2,哈消〔2021〕9003号,消防救援机构,2021-05-06,2021-05-10\n", firm))
	if page := s.reads("city1", wrong); strings.Contains(page, "导入这个文件") {
		t.Error("a file with mistakes is offered for import")
	}
}
