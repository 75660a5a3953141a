package app_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"strings"

	"juli/internal/campaign"
	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/registry"
	"juli/rulebooks"
)

// newReport is the route of a resident's report; a walk knows it by its address.
const newReport = "/report/new/{project}/{topic}"

// fixed are the values that a route's form can't guess.
func (x *trial) fixed(p, login string) map[string]string {
	if strings.HasPrefix(p, "/report/new/") {
		p = newReport
	}
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
	case "/bureau/campaigns/new":
		return map[string]string{"sample": "6", "from": x.today().String(), "to": x.today().AddDays(20).String(), "seed_rule": "", "scope": "", "uses": "", "grades": "", "items": "fire-lane"}
	case "/bureau/inspections/{id}/visit": // once what only has to be mended, once what leads to points
		return x.visit(x.done[p]%2 == 1)
	case "/report/find":
		return map[string]string{"number": x.anyReport(), "phone": fmt.Sprintf("1390000%04d", x.n%10000)}
	case newReport, "/report/join/{number}":
		x.n++
		return map[string]string{"building": "", "phone": fmt.Sprintf("1391111%04d", x.n%10000)}
	case "/bureau/reports/{id}/release":
		return map[string]string{"public_body": "单元门损坏", "public_answer": "已修复", "photos": ""}
	case "/bureau/evaluations":
		return map[string]string{"purpose": credit.ForCorrection, "on": "2021-06-30", "why": "更正测试"}
	case "/admin/people-file", "/admin/people-invite":
		return map[string]string{"do": "act"}
	case "/bureau/deeds/new":
		return map[string]string{"division": x.districtOf(login), "project": "", "order": "", "case": ""}
	case "/bureau/deeds/{id}":
		end := x.today().AddDays(30)
		return map[string]string{"starts": x.today().String(), "deadline": end.String(), "milestones": end.String() + " 完工", "percent": "90", "people": "20", "households": "5", "spent": "100.00"}
	case "/bureau/deeds/{id}/names":
		x.n++
		return map[string]string{"names": fmt.Sprintf("李测试 139%08d", x.n)}
	case "/bureau/deed-programmes/new", "/bureau/deed-programmes/{id}":
		return map[string]string{"budget": "2000.00", "starts": x.today().String(), "ends": x.today().AddDays(90).String()}
	case "/bureau/deed-months/{month}":
		return map[string]string{"matters": "1", "people": "2"}
	case "/account/deputies":
		return map[string]string{"from": x.today().String(), "to": x.today().AddDays(3).String()}
	}
	return nil
}

// visit is the record of an inspection: all is well but one thing.
func (x *trial) visit(points bool) map[string]string {
	text, err := rulebooks.Files.ReadFile("inspection/harbin.yaml")
	if err != nil {
		x.t.Fatal(err)
	}
	b, err := campaign.Parse(text)
	if err != nil {
		x.t.Fatal(err)
	}
	fill := map[string]string{"position": "45.75693,126.64240±12", "taken": ""}
	for _, s := range b.Sections {
		for _, it := range s.Items {
			fill["v-"+it.Code] = string(campaign.Good)
		}
	}
	fill["v-fire-lane"], fill["n-fire-lane"], fill["t-fire-lane"], fill["p-fire-lane"] = string(campaign.Bad), "堆有杂物", "3d", ""
	if points {
		fill["p-fire-lane"] = "1"
	}
	return fill
}

// prepare puts the files into a form that want more than a paper.
func (x *trial) prepare(p string, s *sending) bool {
	if strings.HasPrefix(p, "/report/new/") {
		p = newReport
	}
	set := func(name string, body []byte) bool {
		if len(s.files) == 0 {
			return false
		}
		s.files[0].name, s.files[0].body = name, body
		return true
	}
	switch p {
	case newReport, "/bureau/reports/{id}", "/enterprise/reports/{id}", "/committee/reports/{id}":
		set("门.png", photo())
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

// districtOf is somebody's district, 南岗 for who looks after more.
func (x *trial) districtOf(login string) string {
	if d := x.people[login].Grants[0].Scope.Division.Up(code.District); d != "" {
		return string(d)
	}
	return "230103"
}

// deedsOf are the pages of deeds in somebody's district that wait for an act which
// few deeds ever see: to be signed, to be called back.
func (x *trial) deedsOf(login string) []string {
	return x.pagesOf("/bureau/deeds/", "", `SELECT id FROM deed WHERE state IN ('suspending', 'done', 'collected') AND district = $1 ORDER BY id DESC LIMIT 10`, x.districtOf(login))
}

// repairsOf are the pages where an enterprise asks for what it mended to be repaired.
func (x *trial) repairsOf(login string) []string {
	return x.pagesOf("/enterprise/records/", "/repair", `
		SELECT record FROM credit_current WHERE state = 'effective' AND rectified IS NOT NULL AND enterprise = $1 ORDER BY record DESC LIMIT 10`, x.people[login].Grants[0].Scope.Enterprise)
}

func (x *trial) pagesOf(before, after, query string, args ...any) []string {
	var list []string
	err := x.DB.Read(x.t.Context(), func(tx *db.Tx) error {
		ids, err := db.All(x.t.Context(), tx, func(row db.Scanner) (id db.ID, err error) { return id, row.Scan(&id) }, query, args...)
		for _, id := range ids {
			list = append(list, before+id.String()+after)
		}
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return list
}

// anyReport is the number of some report.
func (x *trial) anyReport() (number string) {
	if err := x.DB.Read(x.t.Context(), func(tx *db.Tx) (err error) {
		number, err = db.Value[string](x.t.Context(), tx, `SELECT MAX(number) FROM resident_report`)
		return err
	}); err != nil {
		x.t.Fatal(err)
	}
	return number
}

// photo is a small picture.
func photo() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		panic(err) // a picture in memory
	}
	return b.Bytes()
}
