package api

import (
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

const about = `公众页面显示的全部内容，供程序读取：登记、公布的信用结果及其理由、规则、职责。不用登录，只能读取。

- 面积、得分、金额是十进制字符串，不要当作浮点数计算；日期为北京时间的年-月-日。
- 编号是 13 个字符的字符串；企业用统一社会信用代码，项目用项目编码。
- 列表按 next 翻页：把它原样放进下一次请求的 after，直到答复中没有 next。
- 答复可缓存 60 秒，带 ETag；每个地址平均每秒不超过 10 次请求。
- 出错时答复为 RFC 9457 的 application/problem+json，detail 是给人看的原因，rule 是供程序判断的固定名称。
- 每个答复的 X-Request-Id 是这次请求的编号，反映问题时请附上。`

// config is the library's configuration: no page of its own, which would load a
// script from another site, and no $schema in answers.
func (a *API) config() huma.Config {
	c := huma.DefaultConfig(a.CityName+"智慧物业开放接口", Version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", "", nil
	c.RejectUnknownQueryParameters = true
	c.Info.Description = about
	c.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	c.Info.Contact = &huma.Contact{Name: a.CityName + "住房和城乡建设局", URL: "/api"}
	c.Servers = []*huma.Server{{URL: "/", Description: "本站"}}
	c.Tags = []*huma.Tag{
		{Name: "city", Description: "全市指标、区划和职责"},
		{Name: "register", Description: "企业和项目的登记"},
		{Name: "results", Description: "公布的信用评价结果和理由"},
		{Name: "rulebooks", Description: "评价规则的各个版本"},
	}
	return c
}

// problemResponse describes a refusal.
func (a *API) problemResponse(text string) *huma.Response {
	return &huma.Response{Description: text, Content: map[string]*huma.MediaType{
		problemType: {Schema: a.huma.OpenAPI().Components.Schemas.Schema(problemKind, true, "Problem")},
	}}
}

var responseWords = map[string]string{
	"200": "成功", "304": "与 If-None-Match 中的 ETag 相同，没有变化", "404": "没有这个对象", "422": "参数不正确", "429": "请求太频繁，请按 Retry-After 等待", "500": "系统出现问题",
}

// finish adds what the library does not say of the answers: headers and words.
func (a *API) finish() {
	text := func(s string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Examples: []any{s}} }
	id := &huma.Header{Description: "请求编号", Schema: text("CPKXWTYNZ4Q8T1R0")}
	for _, path := range a.huma.OpenAPI().Paths {
		op := path.Get
		op.Security = []map[string][]string{}
		op.Responses["304"] = &huma.Response{}
		for status, r := range op.Responses {
			r.Description = responseWords[status]
			r.Headers = map[string]*huma.Header{"X-Request-Id": id}
			switch n, _ := strconv.Atoi(status); n {
			case 200, 304:
				r.Headers["ETag"] = &huma.Header{Description: "内容的标记，下次请求放进 If-None-Match", Schema: text(`"1f4a0c5b9d3e7a2b6c8d0e1f"`)}
				r.Headers["Cache-Control"] = &huma.Header{Description: "可缓存多久", Schema: text(cacheFor)}
			case 429:
				r.Headers["Retry-After"] = &huma.Header{Description: "请等待的秒数", Schema: text("10")}
			}
		}
	}
}
