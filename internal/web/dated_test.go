package web

import (
	"strings"
	"testing"
)

func TestDatesInTextsAreMarked(t *testing.T) {
	for text, want := range map[string]string{
		"2021-07-31":              "<time>2021-07-31</time>",
		"请在 2021-07-31 前提出":       "请在 <time>2021-07-31</time> 前提出",
		"2021-07-31 09:30 登录":     "<time>2021-07-31 09:30</time> 登录",
		"2021-07-31 至 2022-01-02": "<time>2021-07-31</time> 至 <time>2022-01-02</time>",
		"（harbin@2021-04-15）":     "（harbin@<time>2021-04-15</time>）",
		"<b>2021-07-31&":          "&lt;b&gt;<time>2021-07-31</time>&amp;",
		"t8-2021-07-31":           "t8-2021-07-31",
		"2021-07-312":             "2021-07-312",
		"2021-99-31":              "2021-99-31",
		"电话 0451-8888":            "电话 0451-8888",
	} {
		var b strings.Builder
		if err := Dated(text).Render(t.Context(), &b); err != nil || b.String() != want {
			t.Errorf("%s becomes %s, %v", text, b.String(), err)
		}
	}
}
