package app_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"juli/internal/code"
	"juli/internal/credit"
	"juli/internal/db"
	"juli/internal/registry"
	reports "juli/internal/resident"
)

// residentsReport has a resident find the way from the public's first page to the
// form, and a second one to the report that is there already.
func (d *door) residentsReport() {
	at := d.link("", "/", "反映问题")
	for _, name := range d.placeNames() {
		at = d.link("", at, name)
	}
	at = d.link("", at, d.project.Name)
	at = d.link("", at, "单元门")
	d.first = d.send(at, "/door", "body", "单元门坏了三天，关不上，请尽快修理", "phone", anna, "spot", "二单元")
	r := d.reportOf(d.first)
	d.number = r.Number
	d.says("", d.first, d.number, "办理中")

	join := d.link("", at, "我也遇到了")
	d.second = d.send(join, d.number, "phone", bob)
	d.says("", d.second, d.number, "2 人")
}

// placeNames are the district, street and community of the project, as chips name them.
func (d *door) placeNames() (names []string) {
	d.t.Helper()
	d.must(d.DB.Read(d.t.Context(), func(tx *db.Tx) error {
		path, err := registry.DivisionPath(d.t.Context(), tx, d.project.Division)
		for _, x := range path {
			if x.Code.Level() > code.City {
				names = append(names, x.Name)
			}
		}
		return err
	}))
	return names
}

// enterpriseMends answers with a photo; another body looks whether it is so.
func (d *door) enterpriseMends() {
	d.day("2021-08-03")
	at := d.led("the firm", d.number, d.project.Name)
	d.attach("the firm", at, "photos", "answer", "已更换闭门器，单元门可以关闭")
	d.says("", d.first, "已答复待审核")
	at = d.led("the community", "审核答复", d.number)
	d.says("the community", at, "已更换闭门器")
	d.takes("the community", at, "act", reports.ActPass)
	told := d.texts()
	for _, phone := range []string{anna, bob} {
		if text := told[phone]; !strings.Contains(text, d.number) || !strings.Contains(text, "请查看并评价") {
			d.t.Errorf("%s is told %q", phone, text)
		}
	}
}

// residentSaysNo: one resident says yes, the first one no: it is opened again and
// waits for the enterprise until its term is over.
func (d *door) residentSaysNo() {
	d.day("2021-08-05")
	d.rate(d.second, "1", "")
	d.rate(d.first, "2", "第二天又关不上了")
	d.says("", d.first, "未解决，重新办理", "居民表示未解决")
	at := d.led("the firm", d.number)
	d.says("the firm", at, "重办次数1 次", "第二天又关不上了")
	if d.waits("the district", d.number) {
		d.t.Error("the district is asked before the enterprise's time is over")
	}
	d.day("2021-08-10") // the third working day
	if d.waits("the district", d.number) {
		d.t.Error("the district is asked on the last day of the enterprise's time")
	}
}

// districtSupervises makes a case of it, which two persons verify; the order's
// term passes too.
func (d *door) districtSupervises() {
	d.day("2021-08-11")
	at := d.led("the district", "督办", d.number)
	d.takes("the district", at, "act", reports.ActCase)
	d.says("", d.first, "已立案督办")
	if d.waits("the firm", "单元门", "整改") {
		d.t.Error("the enterprise is told of a case that nobody has verified")
	}
	at = d.led("the district", "核实", "单元门", d.project.Name)
	d.says("the district", at, "居民诉求 "+d.number)
	d.says("the district", d.link("the district", at, "查看诉求"), d.number, "第二天又关不上了")
	d.takes("the district", at, "act", "verify", "note", "现场查看，二单元门闭门器脱落")
	if again := d.fills("the district", at, at, "act", "confirm"); again.status != http.StatusUnprocessableEntity {
		d.t.Errorf("who verified confirms: %d", again.status)
	}
	at = d.led("the district's second", "第二人核实", "单元门", d.project.Name)
	d.takes("the district's second", at, "act", "confirm")
	d.says("the firm", d.led("the firm", "陈述申辩", "单元门", d.project.Name), "（含当日）")
	at = d.led("the district", "责令整改", "单元门", d.project.Name)
	d.takes("the district", at, "act", "order")
	at = d.led("the firm", "整改中", d.project.Name)
	d.says("the firm", at, "2021-08-18", "责令限期整改")
	d.day("2021-08-18")
	if d.waits("the district", "逾期未改", "单元门", d.project.Name) {
		d.t.Error("the case is late on its last day")
	}
}

// districtMeasures: one proposes that points are taken, another decides; a third
// act, by who did not propose it, makes a record of credit of it.
func (d *door) districtMeasures() {
	d.day("2021-08-19")
	at := d.led("the district", "逾期未改", "单元门", d.project.Name)
	measure := d.does("the district", at, "/measures", "kind", "CREDIT_DEDUCT", "reason", "居民反映未解决，责令后逾期未改")
	if page := d.reads("the district", measure); strings.Contains(page, measure+"/decide") {
		d.t.Error("who proposed the measure may decide it")
	}
	measure = d.led("the district's second", "信用扣分")
	d.says("the district's second", measure, d.project.Name, "居民诉求 "+d.number, "曾逾期", "没有答复", "12个月内查实")
	d.does("the district's second", measure, measure+"/decide", "act", "decide")
	d.settle()
	record := d.led("the district", "认定", "区县责令限期整改", d.project.Name)
	d.takes("the district", record, "act", credit.ActIdentify)
	d.settle()
	d.says("the firm", d.led("the firm", "区县责令限期整改", d.project.Name), "单元门")
}

// creditExplains: the city evaluates the quarter and publishes it; from the
// project's page the points lead to their record, the case and the measure.
func (d *door) creditExplains() {
	d.day("2021-10-08")
	at := d.led("city1", "运行评价")
	d.does("city1", at, "/bureau/evaluations", "purpose", credit.ForCycle)
	d.settle()
	at = d.led("city1", "提请公布")
	d.does("city1", at, at+"/propose")
	at = d.led("city2", "批准公布")
	d.says("city2", at, "与已公布的", "增减（家）")
	approve := regexp.MustCompile(`action="(/bureau/publications/[^"]+)"`).FindStringSubmatch(d.reads("city2", at))
	if approve == nil {
		d.t.Fatal("city2 finds no way to publish")
	}
	d.does("city2", at, approve[1], "decision", "publish")
	d.settle()
	areas := regexp.MustCompile(`data-th="面积（万㎡）"[^>]*>[\d,]{1,7}\.\d<`).FindAllString(d.reads("", "/"), -1)
	if len(areas) == 0 { // short enough for large type on a telephone
		d.t.Error("the home page does not give the areas by grade in 万㎡ with one place")
	}

	page := d.projectPage()
	d.says("", page, "区县责令限期整改", "−3")
	record := d.link("", page, "区县责令限期整改")
	d.says("", record, "整改案件", "信用扣分")
	lies := d.link("", record, "哈物监改案")
	d.says("", lies, "单元门", "曾逾期", "信用扣分", d.project.Name)
	if body := d.reads("", lies); strings.Contains(body, "第二天又关不上") || strings.Contains(body, "闭门器脱落") || strings.Contains(body, anna) {
		d.t.Error("the public page of the case tells what was not released")
	}
}

// projectPage is found from the public page of the report.
func (d *door) projectPage() string {
	public := d.link("", d.link("", d.link("", "/", "居民诉求"), d.number), d.project.Name)
	if !strings.HasPrefix(public, "/projects/") {
		d.t.Fatalf("the report leads to %s", public)
	}
	return public
}

// blackList: the next batch waits at the city, its candidates hold the project;
// the district looks, the enterprise answers, two of the city publish.
func (d *door) blackList() {
	var at string
	for _, line := range d.lines("city1", "选定候选", "红黑榜") {
		if strings.Contains(tags.ReplaceAllString(d.reads("city1", line), ""), "至 2021-10-08") {
			at = line
		}
	}
	if at == "" {
		d.t.Fatal("no batch up to this day waits for the city")
	}
	batch := regexp.MustCompile(`第\d+批`).FindString(d.reads("city1", at))
	candidates := d.link("city1", at, "候选")
	entry := ""
	for _, label := range nodesOf(d.reads("city1", candidates), "label", "") {
		if saysAll(label, []string{"黑榜 · " + d.project.Name + "（项目）"}) {
			entry = inputIn(label)
		}
	}
	if entry == "" {
		d.t.Fatalf("the project is no candidate of %s", at)
	}
	d.does("city1", candidates, candidates, "entry", entry)
	d.takes("city1", at, "act", "score")
	at = d.led("city1", "送区县复核", batch)
	d.takes("city1", at, "act", "send")
	d.takes("the district", d.led("the district", "复核列榜", d.project.Name), "act", "confirm")
	say := d.led("the firm", "待陈述申辩", d.project.Name)
	say = d.link("the firm", say, "陈述申辩")
	d.does("the firm", say, say, "text", "单元门已于8月25日整体更换，请社区复查。")
	d.takes("city1", d.led("city1", "审定", batch), "act", "approve")
	at = d.led("city2", "公布", batch)
	d.does("city2", at, at+"/publish", "decision", "publish", "seen", "1")
	d.settle()

	page := d.projectPage()
	d.says("", page, "黑榜")
	public := d.link("", page, "列入黑榜")
	d.says("", public, "黑榜", d.project.Name, "单元门已于8月25日整体更换", "逾期")
	d.says("", d.link("", public, "查实案件 1 件"), "单元门", d.project.Name)
}

// inputIn is the value of the input that a label holds.
func inputIn(label *html.Node) string {
	for x := range label.Descendants() {
		if x.Data == "input" {
			return attr(x, "value")
		}
	}
	return ""
}

// attach fills in a form that takes a photo along.
func (d *door) attach(login, page, field string, fill ...string) {
	d.t.Helper()
	var b bytes.Buffer
	d.must(png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))))
	c := d.as(login)
	f := c.form(d.t, page, page, fill...)
	f.files = []file{{field, "照片.png", b.Bytes()}}
	if a := c.send(d.t, f); a.status != http.StatusSeeOther {
		d.t.Fatalf("%s sends a photo: %d %s", login, a.status, complaint(a.body))
	}
}
