package public

import (
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/db"
	"juli/internal/resident"
	"juli/internal/web"
)

// open311 tells people what the interface is, how to get a key and how to ask: the
// open311Examples are whole, but for what is the reader's own ($KEY, $PROJECT, $NUMBER).
func (d *Desk) open311(w http.ResponseWriter, r *http.Request) error {
	var book *resident.Book
	err := d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		book, err = d.Reports.Books.InForce(r.Context(), tx, tx.Today())
		return err
	})
	if err != nil {
		return err
	}
	at := web.Address(r, open311Path)
	if d.Base != "" {
		at = d.Base + open311Path
	}
	return web.Show(w, r, http.StatusOK, open311Page(d.CityName, d.Jurisdiction, at, book))
}

const open311Path = "/open311"

func open311Page(city, jurisdiction, at string, book *resident.Book) templ.Component {
	p := web.Page{
		Title: "开放接口 Open311", Lead: city + "居民诉求的 GeoReport v2 接口：现有的城市随手拍类应用不用改动就能提交和查询",
		Crumbs: []web.Link{{Text: "首页", Href: "/"}, {Text: "开放数据", Href: "/open-data"}},
		Acts:   []web.Link{{Text: "discovery.json", Href: open311Path + "/discovery.json"}, {Text: "discovery.xml", Href: open311Path + "/discovery.xml"}},
	}
	return web.Whole(p,
		web.Section(web.Box{Title: "这是什么"}, web.Para(open311About(jurisdiction))),
		web.Section(web.Box{Title: "怎样取得密钥"}, web.Para(open311Keys)),
		web.Section(web.Box{Title: "能做什么"}, web.TableView(open311Resources())),
		web.Section(web.Box{Title: "怎样写明地点"}, web.Para(open311Places)),
		web.Section(web.Box{Title: "照片"}, web.Para(open311Media)),
		web.Section(web.Box{Title: "重发、补充和限制"}, web.Para(open311Limits)),
		web.Section(web.Box{Title: "例子"}, open311Examples(at, jurisdiction)...),
		web.Section(web.Box{Title: "类别（service_code）"}, web.TableView(open311Codes(book)), web.Quiet("类别取自正在施行的诉求办理规则，随规则变化；程序请读 services。")),
	)
}

func open311About(jurisdiction string) string {
	return "Open311 GeoReport v2 是各国城市通用的公开标准（规范：wiki.open311.org/GeoReport_v2），JSON 和 XML 两种格式。\n" +
		"jurisdiction_id 是 " + jurisdiction + "，可以不写。时间带时区，按北京时间。\n" +
		"查询不用密钥：任何人都能读到诉求的类别、小区、状态和日期；文字和照片经工作人员审核公开后才能读到。提交诉求和补充说明要有密钥。\n" +
		"经接口提交的诉求与网上反映的一样分派、答复和评价。"
}

const open311Keys = `密钥由系统管理员发放，用于一个系统、全市或一个区县。单位可以向市或区县住建局申请，写明系统名称、使用范围和单位的办公电话或邮箱。
密钥只显示一次，平台只存它的摘要；遗失的不能找回，只能停用后重发。密钥写在表单或网址的 api_key 里，请勿放进公开的网页或程序。
换发密钥后，用旧密钥提交的诉求不能再用新密钥补充。`

const open311Places = `本市按小区受理，只有坐标不能确定小区。按下列顺序查找，找到唯一的小区才受理：
一、address_id：16 位项目编码，可在“物业项目”或开放数据中查到；
二、attribute[project]：项目编码或小区全名；
三、address_string：小区全名或地址。
楼号写 attribute[building]（整数），具体位置写 attribute[spot]（不超过 100 个字）。lat、long 加密保存，只还给提交的系统。`

const open311Media = `以 multipart/form-data 提交时，可以附 media 照片最多 6 张，每张不超过 20 MB，JPG、PNG 或 WebP；拍摄地点等隐藏信息会自动去除。
用自己的密钥查询时，media_url 是刚才提交的第一张照片，取照片时在网址后加 ?api_key=密钥；处理完成前（通常几秒）取不到。审核公开以后，media_url 是人人可读的网址。
提交 media_url 网址的，作为对方系统的附注加密保存，只给办理人员看，不写入居民的诉求内容，平台不核对网址的内容。`

const open311Limits = `同一请求一天内重发，或用同一 Idempotency-Key 重发，只登记一件；同一键用于不同内容的答复 409。
补充说明只能加在本密钥提交的诉求下面，并写明来自哪个系统；status 只作说明，不改变办理状态。
一次查询的起止时间不超过 90 天，每页最多 1000 件。每个网络地址每秒 10 次，超过的答复 429，请按 Retry-After 等待。
错误按规范答复：400 内容不对，403 密钥不对，404 没有这一项。`

func open311Resources() web.Table {
	t := web.Table{Caption: "接口", Cols: []web.Col{{Name: "方法和地址"}, {Name: "内容"}, {Name: "密钥"}}}
	for _, x := range [][4]string{
		{"GET", "/open311/discovery", "说的是哪种接口、在哪里", "不用"},
		{"GET", "/open311/v2/services", "可以反映的类别", "不用"},
		{"GET", "/open311/v2/services/{service_code}", "一个类别要问的内容", "不用"},
		{"POST", "/open311/v2/requests", "提交一件诉求，可附照片", "要"},
		{"GET", "/open311/v2/requests", "一段时间的诉求，可按类别、状态、编号查", "不用；用本系统的密钥可读回自己提交的内容"},
		{"GET", "/open311/v2/requests/{service_request_id}", "一件诉求", "同上"},
		{"GET", "/open311/v2/tokens/{token}", "由凭证找到诉求编号", "凭 Idempotency-Key 查的要"},
		{"GET", "/open311/v2/servicerequestupdates", "一段时间的办理进展", "不用"},
		{"POST", "/open311/v2/servicerequestupdates", "补充说明", "要，只限自己提交的"},
		{"GET", "/open311/v2/media/{service_request_id}/{photo}", "没有公开的照片", "要，只限自己提交的"},
	} {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(x[0] + " " + x[1]), web.T(x[2]), web.T(x[3])}})
	}
	return t
}

func open311Codes(book *resident.Book) web.Table {
	t := web.Table{Caption: "类别", Cols: []web.Col{{Name: "代码"}, {Name: "名称"}, {Name: "上级"}}}
	for _, x := range book.Topics {
		up := "—"
		if x.Parent != "" {
			up = book.TopicTitle(x.Parent)
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(x.Code), web.T(x.Title), web.T(up)}})
	}
	return t
}

// open311Examples are commands that work as they stand, at the address of this page.
func open311Examples(at, jurisdiction string) (parts []templ.Component) {
	v2 := at + "/v2"
	for _, x := range [][2]string{
		{"可以反映的类别", `curl "` + v2 + `/services.json?jurisdiction_id=` + jurisdiction + `"`},
		{"提交一件诉求（$KEY 是密钥，$PROJECT 是项目编码）", `curl "` + v2 + `/requests.json" -d api_key="$KEY" -d service_code=door -d address_id="$PROJECT" -d "attribute[building]=2" --data-urlencode "description=二单元门关不上"`},
		{"连同照片提交", `curl "` + v2 + `/requests.json" -F api_key="$KEY" -F service_code=door -F address_id="$PROJECT" -F "description=三单元门关不上，见照片" -F media=@door.jpg`},
		{"查看进展（$NUMBER 是答复里的 service_request_id）", `curl "` + v2 + `/requests/$NUMBER.json"`},
		{"读回自己提交的内容", `curl "` + v2 + `/requests/$NUMBER.json?api_key=$KEY"`},
		{"补充说明", `curl "` + v2 + `/servicerequestupdates.json" -d api_key="$KEY" -d service_request_id="$NUMBER" -d status=OPEN --data-urlencode "description=现在门锁也坏了"`},
		{"未办结的单元门诉求", `curl "` + v2 + `/requests.json?service_code=door&status=open"`},
	} {
		parts = append(parts, web.Quiet(x[0]), web.Sample(x[1]))
	}
	return parts
}
