package web_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"juli/internal/day"
	"juli/internal/money"
	"juli/internal/web"
)

// site is a site with nothing behind it but the edge and the design page.
func site() *web.Site {
	return &web.Site{
		City: "哈尔滨市", Search: "/search", Log: slog.New(slog.DiscardHandler),
		Desks: []web.Desk{{Home: "/", Nav: []web.Link{
			{Text: "企业信用", Href: "/enterprises"},
			{Text: "项目", Href: "/projects"},
			{Text: "红黑榜", Href: "/lists"},
			{Text: "组件", Href: "/design"},
			{Text: "开放数据", Href: "/data"},
			{Text: "职责边界", Href: "/duties", Count: "12"},
		}}},
		Footer: []web.Link{{Text: "职责边界", Href: "/duties"}, {Text: "无障碍声明", Href: "/accessibility"}, {Text: "公开日志", Href: "/log"}},
		Help:   web.Link{Text: "帮助与电话", Href: "/help"},
	}
}

// said is an element's text, spaces folded.
func said(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func inside(n *html.Node, id string) bool {
	for p := range n.Ancestors() {
		if attr(p, "id") == id {
			return true
		}
	}
	return false
}

// What the page of all components promises holds for every page made of them.
func TestTheDesignPageKeepsThePromises(t *testing.T) {
	h := site().Handler(http.NewServeMux())
	status, text, _ := get(t, h, "/design")
	if status != 200 {
		t.Fatalf("status %d: %s", status, text)
	}
	doc := parse(t, strings.NewReader(text))
	ids, labels, headings := map[string]int{}, map[string]bool{}, []string{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "style", strings.HasPrefix(a.Key, "on"):
				t.Errorf("<%s> has an attribute %s, which the policy forbids", n.Data, a.Key)
			case a.Key == "id":
				ids[a.Val]++
			}
		}
		switch n.Data {
		case "style":
			t.Error("a style element, which the policy forbids")
		case "script":
			if attr(n, "src") == "" || n.FirstChild != nil {
				t.Error("a script within the page, which the policy forbids")
			}
		case "label":
			labels[attr(n, "for")] = true
		case "h1":
			headings = append(headings, said(n))
		case "html":
			if attr(n, "lang") != "zh-CN" {
				t.Error("the page does not say that it is Chinese")
			}
		case "form":
			if attr(n, "method") == "post" && !strings.Contains(names(n), "_csrf") {
				t.Errorf("a form without a token: %s", names(n))
			}
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %q stands %d times", id, n)
		}
	}
	for _, f := range []string{"f-subject", "f-item", "f-happened", "f-note", "f-evidence", "find"} {
		if !labels[f] || ids[f] == 0 {
			t.Errorf("box %q and its label don't meet", f)
		}
	}
	if len(headings) != 2 || !strings.HasPrefix(headings[0], "组件") { // the second is the printed document's
		t.Errorf("headings %q", headings)
	}
}

func names(form *html.Node) string {
	var all []string
	for n := range form.Descendants() {
		if name := attr(n, "name"); name != "" {
			all = append(all, name)
		}
	}
	return strings.Join(all, " ")
}

func TestTheFormOfTheDesignPageAnswers(t *testing.T) {
	w := newWorld(t, false)
	c := w.client("")
	res, err := c.Get(w.URL + "/design")
	if err != nil {
		t.Fatal(err)
	}
	v := map[string][]string{}
	for n := range parse(t, res.Body).Descendants() {
		if n.Data == "input" && attr(n, "type") == "hidden" && strings.HasPrefix(attr(n, "name"), "_") {
			v[attr(n, "name")] = []string{attr(n, "value")}
		}
	}
	res.Body.Close()
	v["happened"] = []string{"2999-01-01"}
	v["source"] = []string{"rumour"}
	v["amount"] = []string{"12.345"}
	r := urlencoded(w, v)
	r.URL.Path = "/design"
	status, text := w.send(c, r)
	if status != 422 {
		t.Fatalf("status %d: %s", status, text)
	}
	for _, want := range []string{"请填写企业名称。", "发生日期不能晚于今天。", "请从列出的来源中选择。", "请上传证据。", `value="12.345"`, `href="#f-source-0"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the refused form lacks %s", want)
		}
	}
}

func TestDueOf(t *testing.T) {
	today := day.MustParse("2021-12-31")
	for due, want := range map[string]web.Due{
		"2021-12-30": {Text: "逾期 1 天", Sub: "12-30 到期", Tone: web.Bad},
		"2021-12-31": {Text: "今天", Sub: "12-31 到期", Tone: web.Warn},
		"2022-01-03": {Text: "还有 3 天", Sub: "2022-01-03 到期"},
	} {
		if got := web.DueOf(day.MustParse(due), today); got != want {
			t.Errorf("DueOf(%s) = %v, want %v", due, got, want)
		}
	}
	if got := web.DueOf(0, today); got.Text != "不限期" {
		t.Errorf("DueOf(0) = %v", got)
	}
}

func TestFiguresInWords(t *testing.T) {
	for got, want := range map[string]string{
		web.Percent(188, 406):                           "46.3%",
		web.Percent(1, 0):                               "—",
		web.Percent(0, 3):                               "0.0%",
		web.Percent(2, 3):                               "66.7%",
		web.Count(2891):                                 "2,891",
		web.Count(-1_234_567):                           "−1,234,567",
		web.Ratio(766, 1204):                            "766 / 1,204",
		web.ScoreText(91_3500, false):                   "91.35",
		web.ScoreText(money.Points(-2_0000), true):      "−2.00",
		web.ScoreText(5000, true):                       "+0.50",
		web.ScoreText(12345, false):                     "1.2345",
		web.TenThousandArea(money.Area(1_426_120_35)):   "142.6",
		web.TenThousandArea(money.Area(29_143_000_000)): "29,143.0",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// INP-6 where rows are written by hand.
func TestCellsAreEscaped(t *testing.T) {
	evil := `"><script>alert('x')</script>&`
	table := web.Table{
		Caption: evil, Cols: []web.Col{{Name: evil, Num: true}, {Name: evil}, {Name: evil}, {Name: evil}},
		Rows: []web.Row{{ID: evil, Cells: []web.Cell{
			{Text: evil, Sub: evil}, web.L(evil, evil), web.Tagged(evil, web.Tone(evil)), web.L("x", "javascript:alert(1)"),
		}}},
		Total: []web.Cell{web.T(evil), web.T(evil)},
	}
	var b strings.Builder
	if err := web.TableView(table).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	links := 0
	for n := range parse(t, strings.NewReader(b.String())).Descendants() {
		if n.Type == html.ElementNode && n.Data == "script" {
			t.Fatalf("a text became a script: %s", b.String())
		}
		if n.Data == "a" {
			links++
			if strings.HasPrefix(attr(n, "href"), "javascript:") {
				t.Errorf("a link runs a script: %s", attr(n, "href"))
			}
		}
	}
	if links != 2 || strings.Count(b.String(), "&lt;script&gt;") < 9 {
		t.Errorf("texts are missing: %s", b.String())
	}
}

// TestANumberIsRefusedByTheFieldsOwnName: what is counted at a field need not be a score.
func TestANumberIsRefusedByTheFieldsOwnName(t *testing.T) {
	w := newWorld(t, false)
	f := web.Field{Name: "value", Label: "数量或计量值", Kind: web.PointsIn}
	if why := w.refusal(f, "abc"); !strings.HasPrefix(why, "数量或计量值格式不对，应为数字") {
		t.Errorf("refused as %q", why)
	}
	p := web.Field{Name: "password", Label: "密码", Kind: web.Password, Required: true, Auto: "new-password"}
	if why := w.refusal(p, ""); why != "请设置密码。" {
		t.Errorf("refused as %q", why)
	}
}

// refusal is what a form of one field says of a value.
func (w *world) refusal(fd web.Field, value string) string {
	w.t.Helper()
	why := ""
	mux := http.NewServeMux()
	mux.Handle("GET /form", web.Handler(func(rw http.ResponseWriter, r *http.Request) error {
		return web.Show(rw, r, http.StatusOK, web.AskAll(web.NewForm(fd), web.FormBox{}))
	}))
	mux.Handle("POST /form", web.Handler(func(rw http.ResponseWriter, r *http.Request) error {
		f, err := web.ReadForm(r, fd)
		if err == nil {
			why = f.Why(fd.Name)
		}
		return err
	}))
	one := &world{t: w.t, site: w.site, Server: httptest.NewServer(w.site.Handler(mux))}
	defer one.Close()
	c := one.client("token-of-li")
	v := one.hidden(c)
	v.Set(fd.Name, value)
	one.post(c, v)
	return why
}

func TestLargeAmountsStandInTenThousands(t *testing.T) {
	for f, want := range map[money.Fen]string{15_104_900: "15.10", 15_105_000: "15.11", 0: "0.00", 5_000: "0.01", 4_999: "0.00", 1_200_000_000: "1,200.00", -15_105_000: "-15.11"} {
		if got := web.TenThousandYuan(f); got != want {
			t.Errorf("%d fen are %s 万元, want %s", f, got, want)
		}
	}
}

func TestAFigureWithoutRecordsIsNoLink(t *testing.T) {
	var b strings.Builder
	if err := web.Figures("这一批", []web.Figure{{Label: "期内检查", Value: "3", Unit: "次"}, {Label: "红榜", Value: "2", Unit: "条", Href: "/lists"}}).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), `href=""`) || strings.Count(b.String(), "<a ") != 1 || !strings.Contains(b.String(), "期内检查") {
		t.Error(b.String())
	}
}
