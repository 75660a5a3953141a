package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"juli/internal/fault"
	"juli/internal/web"
)

const problemType = "application/problem+json"

// A Problem is a refusal in the form of RFC 9457.
type Problem struct {
	Type   string    `json:"type" format:"uri-reference" doc:"问题类型；没有专门说明的为 about:blank" example:"about:blank"`
	Title  string    `json:"title" doc:"HTTP 状态的中文名称" example:"没有找到"`
	Status int       `json:"status" doc:"HTTP 状态码" minimum:"400" maximum:"599" example:"404"`
	Detail string    `json:"detail" doc:"为什么拒绝，写给人看的一句话" example:"没有登记这家企业。"`
	Rule   string    `json:"rule" doc:"所依据规则的固定名称，供程序判断" example:"registry.no-enterprise"`
	Errors []Mistake `json:"errors,omitempty" doc:"不正确的参数" nullable:"false"`
}

var problemKind = reflect.TypeFor[Problem]()

// A Mistake is what is wrong with one parameter.
type Mistake struct {
	Where   string `json:"where" doc:"参数的位置和名称" example:"query.limit"`
	Message string `json:"message" doc:"错在哪里" example:"不能大于 200"`
}

// Error is the sentence.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of problem details.
func (p *Problem) ContentType(string) string { return problemType }

var titles = map[int]string{
	400: "请求不正确", 401: "需要登录", 403: "没有权限", 404: "没有找到", 405: "不支持这种方法", 406: "不支持这种格式", 409: "情况已经变化",
	413: "内容太大", 415: "不支持这种格式", 422: "参数不正确", 429: "请求太频繁", 431: "请求头太长", 500: "系统出现问题", 503: "暂时不可用",
}

// problemOf turns an error into a problem; the cause of a failure of ours goes
// to the log alone.
func problemOf(ctx context.Context, err error) *Problem {
	f := fault.From(err)
	status := web.Status(f)
	if status >= http.StatusInternalServerError {
		slog.LogAttrs(ctx, slog.LevelError, "api failed", slog.String("request", web.RequestID(ctx)), slog.String("rule", f.Rule), slog.Any("err", err))
	}
	p := &Problem{Type: "about:blank", Title: titles[status], Status: status, Detail: f.Text, Rule: f.Rule}
	for _, name := range slices.Sorted(maps.Keys(f.Fields)) {
		p.Errors = append(p.Errors, Mistake{name, f.Fields[name]})
	}
	return p
}

// The library's own refusals speak Chinese and look like ours. Both are
// settings of the whole program, and nothing else in it uses the library.
func init() {
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
		p := &Problem{Type: "about:blank", Title: titles[status], Status: status, Rule: "request.parameter", Detail: "请求的参数不正确，请对照接口说明改正。"}
		if status >= http.StatusInternalServerError {
			p.Rule, p.Detail = "internal", fault.From(errInternal).Text
		}
		for _, err := range errs {
			d, ok := errors.AsType[*huma.ErrorDetail](err)
			if ok {
				p.Errors = append(p.Errors, Mistake{d.Location, d.Message})
			}
		}
		return p
	}
	validation.MsgExpectedInteger = "应为整数"
	validation.MsgExpectedMinimumNumber = "不能小于 %v"
	validation.MsgExpectedMaximumNumber = "不能大于 %v"
	validation.MsgExpectedMinLength = "至少 %d 个字符"
	validation.MsgExpectedMaxLength = "最多 %d 个字符"
	validation.MsgExpectedOneOf = "只能是：%s"
	validation.MsgExpectedMatchPattern = "写法应符合 %s"
	validation.MsgExpectedBePattern = "应为 %s"
	validation.MsgExpectedRFC3339Date = "日期应写成 2021-12-31"
	validation.MsgExpectedRequiredProperty = "缺少 %s"
}

var errInternal = errors.New("internal")

// writeProblem answers outside an operation.
func writeProblem(w http.ResponseWriter, _ *http.Request, p *Problem) {
	h := w.Header()
	h.Set("Content-Type", problemType)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.Encode(p) //nolint:errcheck // the client has gone
}
