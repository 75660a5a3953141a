package web

import (
	"net/http"
	"slices"
	"strings"

	"juli/internal/fault"
)

// The limits of INP-1. Over them a request is refused with 413 or 431 and the
// connection closed.
const (
	headerMax = 16 << 10
	bodyMax   = 1 << 20
	uploadMax = 20 << 20 // one file; the whole body of an upload may be a bodyMax longer
	fieldsMax = 1000
	partsMax  = 50
)

// shapes refuses requests that two programs could read in two ways (INP-9), and
// puts an end to every body.
func (s *Site) shapes(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		st := stateOf(r.Context())
		if r.Body != nil && r.Body != http.NoBody {
			st.rest = pace(w, r.Body)
			r.Body = st.rest
		}
		if f := s.misshapen(r); f != nil {
			w.Header().Set("Connection", "close")
			answerFault(w, r, f)
			return
		}
		limit := int64(bodyMax)
		if isMultipart(r) {
			limit += uploadMax
		}
		if r.ContentLength > limit {
			w.Header().Set("Connection", "close")
			answerFault(w, r, tooLarge())
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		next.ServeHTTP(w, r)
	})
}

func isMultipart(r *http.Request) bool {
	return strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "multipart/form-data")
}

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

func (s *Site) misshapen(r *http.Request) *fault.Error {
	switch {
	case !slices.Contains(methods, r.Method):
		return fault.New(fault.Invalid, "request.method", "不支持这种请求方法。")
	case r.URL.Host != "", !strings.HasPrefix(r.URL.Path, "/"), strings.ContainsRune(r.URL.Path, 0):
		return fault.New(fault.Invalid, "request.malformed", "网址的写法不正确。")
	case len(s.Hosts) > 0 && !slices.Contains(s.Hosts, hostname(r.Host)):
		return fault.New(fault.Invalid, "request.host", "本站不使用这个域名。")
	case headSize(r) > headerMax:
		return fault.New(fault.TooLarge, "request.header", "请求头太长。")
	case strings.Count(r.URL.RawQuery, "&") >= fieldsMax:
		return tooLarge()
	}
	for name := range r.Header {
		if strings.ContainsRune(name, '_') {
			return fault.New(fault.Invalid, "request.malformed", "请求头的写法不正确。")
		}
	}
	return nil
}

// headSize is how long the request's head was as it was sent, line ends included.
func headSize(r *http.Request) int {
	n := len(r.Method) + len(r.RequestURI) + len(r.Proto) + len("  \r\n\r\n") + len("Host: \r\n") + len(r.Host)
	for name, values := range r.Header {
		for _, v := range values {
			n += len(name) + len(v) + len(": \r\n")
		}
	}
	return n
}

func hostname(hostport string) string {
	if i := strings.LastIndexByte(hostport, ':'); i > strings.LastIndexByte(hostport, ']') {
		hostport = hostport[:i]
	}
	return strings.ToLower(strings.Trim(hostport, "[]"))
}

func tooLarge() *fault.Error {
	return fault.New(fault.TooLarge, "request.too-large", "提交的内容太大：一般表单不超过 1 MB，单个文件不超过 20 MB。")
}

// crossOrigin refuses writes that another site's page sent.
func crossOrigin(next http.Handler) http.Handler {
	c := http.NewCrossOriginProtection()
	c.SetDenyHandler(Handler(func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.Forbidden, "csrf.origin", "这个请求来自其他网站，已被拒绝。")
	}))
	return c.Handler(next)
}
