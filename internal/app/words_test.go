package app_test

import (
	"regexp"
	"strings"
	"testing"

	"juli/internal/db"
)

// A newcomer finds on the public pages what the rules do, and no word that
// contradicts another.
func TestThePublicPagesExplainThemselves(t *testing.T) {
	tn := newTown(t)
	s := &story{clerk: newClerk(t, tn, "city1", "firm1")}
	s.on("2021-08-02")
	has := func(login, page string, want, not []string) {
		t.Helper()
		body := s.reads(login, page)
		for _, w := range want {
			if !strings.Contains(body, w) {
				t.Errorf("%s does not say %q", page, w)
			}
		}
		for _, w := range not {
			if strings.Contains(body, w) {
				t.Errorf("%s says %q", page, w)
			}
		}
	}
	home := regexp.MustCompile(`<title>([^<]*)</title>`).FindStringSubmatch(s.reads("", "/"))
	if home == nil || strings.Count(home[1], "智慧物业") != 1 {
		t.Errorf("the front page is called %q", home)
	}
	var book, other string
	s.must(s.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		b, err := s.now.Books.InForce(t.Context(), tx, tx.Today())
		if err != nil {
			return err
		}
		book = b.Digest
		other, err = db.Value[string](t.Context(), tx, `SELECT MIN(digest) FROM rulebook WHERE city <> $1`, string(b.City))
		return err
	}))
	has("", "/rulebooks/"+book, []string{
		"原扣分加倍", "审核：区县住建局", "评分项目写明审核机关的才审核", "有三件以上整改尚未完成", "等级不高于 A", "一票否决，等级定为 C",
		"各在管项目的得分按建筑面积加权平均", "类别上限和下限", "演示口径，非正式评分标准。部分数值为假设",
	}, []string{"标准中的部分数值"})
	list := s.reads("", "/rulebooks")
	if i := strings.Index(list, "其他城市规则示例"); i < 0 || strings.Contains(list[i:], ">草案<") || !strings.Contains(list[i:], other) {
		t.Error("the rules of other cities do not stand apart as examples")
	}

	firm := string(tn.actor(t, "firm1").Grants[0].Scope.Enterprise)
	report := regexp.MustCompile(`<title>([^<]*)</title>`).FindStringSubmatch(s.reads("firm1", "/enterprises/"+firm+"/report"))
	if report == nil || !strings.Contains(report[1], "信用报告") {
		t.Errorf("the report is called %q", report)
	}
	has("", "/enterprises/"+firm, []string{"项目综合分怎样得出", "占比", `href="/login?to=`}, nil)
	has("firm1", "/enterprise/records/new", []string{"HRB-G05"}, []string{"HRB-B01"})
	has("firm1", "/enterprise/file", []string{"区（2301"}, nil)
	if kinds := s.reads("", "/league"); !strings.Contains(kinds, "单独排名") || !strings.Contains(kinds, "unit=branch") {
		t.Error("the league does not say that branches are ranked by themselves")
	}
}

// Letters can be told apart before they are opened.
func TestMessagesNameWhatTheyAreAbout(t *testing.T) {
	tn := newTown(t)
	s := &story{clerk: newClerk(t, tn, "city1", "firm1")}
	s.on("2021-08-02")
	var titles []string
	s.must(s.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
		titles, err = db.All(t.Context(), tx, func(row db.Scanner) (v string, err error) { return v, row.Scan(&v) },
			`SELECT title FROM notify_message WHERE kind = 'credit.notice' ORDER BY id LIMIT 50`)
		return err
	}))
	if len(titles) == 0 {
		t.Fatal("the town has no letters")
	}
	about := regexp.MustCompile(`^信用信息告知书：.+（[A-Z]+-[A-Z][0-9]+），.+$`)
	for _, title := range titles {
		if !about.MatchString(title) {
			t.Errorf("a letter is called %q", title)
		}
	}
}
