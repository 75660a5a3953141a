package notify

import (
	"testing"

	"juli/internal/authz"
	"juli/internal/day"
)

func TestServed(t *testing.T) {
	sent := day.MustParse("2021-06-08") // Tuesday; the 12th to 14th are free (端午)
	for _, tt := range []struct {
		name          string
		opened, today string
		deemed        string
		on, how       string
	}{
		{"unopened, no term", "", "2030-01-01", "0d", "", NotServed},
		{"opened", "2021-06-09", "2021-06-09", "0d", "2021-06-09", ByOpening},
		{"opened in the term", "2021-06-15", "2021-06-16", "7d", "2021-06-15", ByOpening},
		{"unopened in the term", "", "2021-06-14", "7d", "", NotServed},
		{"unopened on the term's last day", "", "2021-06-15", "7d", "2021-06-15", ByTerm},
		{"a free last day moves to the next working day", "", "2021-06-14", "5d", "", NotServed},
		{"and is deemed served then", "", "2021-06-15", "5d", "2021-06-15", ByTerm},
		{"opened after it was deemed served", "2021-06-20", "2021-06-21", "7d", "2021-06-15", ByTerm},
	} {
		var opened day.Date
		if tt.opened != "" {
			opened = day.MustParse(tt.opened)
		}
		s := Served(sent, opened, day.MustParse(tt.today), day.MustTerm(tt.deemed), day.DefaultCalendar())
		on := ""
		if s.On != 0 {
			on = s.On.String()
		}
		if on != tt.on || s.How != tt.how {
			t.Errorf("%s: %q %q, want %q %q", tt.name, on, s.How, tt.on, tt.how)
		}
	}
}

func TestPersonalDataIsSeen(t *testing.T) {
	for text, want := range map[string]bool{
		"关于3号楼电梯的告知书":                       false,
		"哈物信告〔2021〕12号":                     false,
		"91230103MA1BXXXX2A 信用信息告知":         false,
		"2301030010030001 号项目":              false,
		"2021-06-15 前整改":                    false,
		"/enterprise/records/0ABCDEFGHJKMN": false,
		"联系人 13800001111":                   true,
		"请致电0451-84601234。":                 true,
		"业主23010319800101123X的投诉":           true,
		"230103198001011231":                true,
		"转账至6222021234567890123":            true,
		"发送到 someone@example.cn":            true,

		"检查期 2021-1-30 2021-12-31":         false,
		"2021-06-15 3号楼 2单元 1801室":         false,
		"面积 1380.5 平方米，收费 1.8 元，共 13500 元": false,
		"室温 13.5 14.5 15.5 16.2 度":         false,
		"联系人 139 1234 5678":                true,
		"电话１３９１２３４５６７８":                    true,
		"139-1234-5678":                    true,
		"139.1234.5678 找王师傅":               true,
		"1 3 9 1 2 3 4 5 6 7 8":            true,
		"13912 345678":                     true,
		"139\u200b1234\u200b5678":          true,
		"+86 139 1234 5678":                true,
		"2021-06-15 13912345678":           true,
		"（0451）8460 1234":                  true,
		"证件 230103 19800101 123X":          true,
		"卡号 6222 0212 3456 7890 123":       true,
		"tel13912345678":                   true,
		"微信VX13912345678":                  true,
		"13912345678a":                     true,
		"139/1234/5678":                    true,
		"139、1234、5678":                    true,
		"139\n1234\n5678":                  true,
		"139    1234    5678":              true,
		"(139)12345678":                    true,
		"８６－１３９１２３４５６７８":                   true,
		"1/13912345678":                    true,
		"ID230102199001011234":             true,
		"一三九一二三四五六七八":                      true,
		"电话幺三九一二三四五六七八":                    true,
		"检查期 2021/1/30 2021/12/31":         false,
		"2021年一季度13次，二季度9次，共35项":           false,
		"摘要 1a6502b372d13541716781a1d433eb0431737389681c2301c1e2a994280726e5": false,
		"写信到 a＠b.cn":   true,
		"写信到 a @ b.cn": true,
	} {
		if got := personal(text); got != want {
			t.Errorf("personal(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestBoxes(t *testing.T) {
	who := authz.Actor{Account: 7, Second: true, Grants: []authz.Grant{
		{Role: authz.DistrictBureau, Scope: authz.Scope{Division: "230103"}},
		{Role: authz.Enterprise, Scope: authz.Scope{Enterprise: "91230103MA1BXXXX2A"}},
		{Role: authz.ProjectManager, Scope: authz.Scope{Enterprise: "91230103MA1BXXXX2A", Project: "2301030010030001"}},
		{Role: authz.Committee, Scope: authz.Scope{Project: "2301030010030001"}},
	}}
	want := []string{
		"account@" + who.Account.String(), "district_bureau@230103", "enterprise@91230103MA1BXXXX2A",
		"project_manager@2301030010030001", "committee@2301030010030001",
	}
	boxes := Boxes(who)
	if len(boxes) != len(want) {
		t.Fatalf("%v, want %v", boxes, want)
	}
	for i, b := range boxes {
		if b.Key() != want[i] || parseParty(b.Key()) != b {
			t.Errorf("box %d is %q, want %q", i, b.Key(), want[i])
		}
	}
	who.Second = false
	if boxes := Boxes(who); len(boxes) != 1 {
		t.Errorf("with a password alone: %v", boxes)
	}
}
