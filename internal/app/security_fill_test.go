package app_test

import (
	"fmt"
	"strings"

	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/rulebooks"
)

// fixed are the values that a route's form can't guess.
func (x *trial) fixed(p, login string) map[string]string {
	switch p {
	case "/enterprise-account":
		return map[string]string{"uscc": spareUSCC(x.n)}
	case "/bureau/records/new", "/bureau/records/{id}/edit":
		return map[string]string{"document_number": fmt.Sprintf("哈测〔2021〕%d号", x.n), "document_issuer": "哈尔滨市住房和城乡建设局", "document_date": x.today().AddDays(-3).String(), "event": x.today().AddDays(-5).String(), "honour": "", "due": "", "document_expires": "", "enterprise": x.firmOf(login)}
	case "/enterprise/records/new", "/enterprise/records/{id}/edit":
		x.n++
		return map[string]string{"document_number": fmt.Sprintf("哈企〔2021〕%d号", x.n), "document_issuer": "哈尔滨市住房和城乡建设局", "document_date": x.today().AddDays(-3).String(), "event": x.today().AddDays(-5).String(), "honour": fmt.Sprint("荣誉", x.n), "document_expires": "", "do": []string{"draft", "submit"}[x.done["/enterprise/records/new"]%2]}
	case "/bureau/lists/new":
		return map[string]string{"from": x.today().AddMonths(-2).String(), "to": x.today().String()}
	case "/bureau/lists/{id}/nominate":
		return map[string]string{"kind": "PROJECT", "subject": x.anyProject(), "reason": "业主反映集中"}
	case "/bureau/cases/new":
		return map[string]string{"project": x.anyProject(), "enterprise": "", "found": x.today().String(), "violation": ""}
	case "/bureau/evaluations":
		return map[string]string{"purpose": credit.ForCorrection, "on": "2021-06-30", "why": "更正测试"}
	case "/admin/people-file", "/admin/people-invite":
		return map[string]string{"do": "act"}
	case "/account/deputies":
		return map[string]string{"from": x.today().String(), "to": x.today().AddDays(3).String()}
	}
	return nil
}

// prepare puts the files into a form that want more than a paper.
func (x *trial) prepare(p string, s *sending) bool {
	set := func(name string, body []byte) bool {
		if len(s.files) == 0 {
			return false
		}
		s.files[0].name, s.files[0].body = name, body
		return true
	}
	switch p {
	case "/admin/people-file":
		return set("办理.csv", []byte("账号,办理事项,接手人账号,原因\ncity3,停用,,测试\n"))
	case "/admin/people-invite":
		x.n++
		return set("邀请.csv", fmt.Appendf(nil, "账号,姓名,身份证号,手机号,角色,任职单位代码,单位管理员,授权截止日\nrow.%d,李四,,,物业管理协会,2301,否,2022-06-30\n", x.n))
	case "/bureau/rulebooks":
		text, err := rulebooks.Files.ReadFile("credit/harbin-2021.yaml")
		return err == nil && set("规则.yaml", []byte(strings.Replace(string(text), `version: "2021`, fmt.Sprintf(`version: "t%d`, x.n), 1)))
	case "/bureau/import":
		return set("人员.csv", []byte("叫什么,身份证号\n李四,230103199001010012\n"))
	}
	return true
}

// firmOf is an enterprise of somebody's area.
func (x *trial) firmOf(login string) (uscc string) {
	err := x.DB.Read(x.t.Context(), func(tx *db.Tx) (err error) {
		rows, _, err := registry.ListEnterprises(x.t.Context(), tx, registry.ListQuery{Division: x.people[login].Grants[0].Scope.Division.Up(code.District), Limit: 5})
		if err == nil && len(rows) > 0 {
			uscc = string(rows[x.n%len(rows)].USCC)
		}
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return uscc
}

// anyProject is a project that an enterprise manages.
func (x *trial) anyProject() (c string) {
	if err := x.DB.Read(x.t.Context(), func(tx *db.Tx) (err error) {
		c, err = db.Value[string](x.t.Context(), tx, `SELECT MIN(code) FROM project WHERE enterprise IS NOT NULL`)
		return err
	}); err != nil {
		x.t.Fatal(err)
	}
	return c
}
