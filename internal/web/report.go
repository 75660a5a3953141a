package web

import (
	"strings"

	"github.com/a-h/templ"

	"juli/internal/resident"
)

// Opinions are what residents said of the answer to their report, for those who
// handle it; nothing where nobody said anything yet.
func Opinions(list []resident.Voice) templ.Component {
	if len(list) == 0 {
		return templ.NopComponent
	}
	t := Table{Caption: "居民评价", Cols: []Col{{Name: "评价日期"}, {Name: "已解决"}, {Name: "满意"}, {Name: "意见"}}}
	for _, v := range list {
		said := v.Said
		if said == "" {
			said = "—"
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{D(v.RatedOn), T(v.Solved.Title()), T(v.Satisfied.Title()), T(said)}})
	}
	return Section(Box{Title: "居民评价"}, TableView(t))
}

// Sayings are the words of the other residents of a report, for those who handle it;
// nothing where nobody wrote any.
func Sayings(list []resident.Saying) templ.Component {
	if len(list) == 0 {
		return templ.NopComponent
	}
	t := Table{Caption: "居民的补充说明", Cols: []Col{{Name: "日期"}, {Name: "来自"}, {Name: "内容"}}}
	for _, x := range list {
		t.Rows = append(t.Rows, Row{Cells: []Cell{D(x.On), T(x.By + "（" + x.Number + "）"), T(x.Text)}})
	}
	return Section(Box{Title: "居民的补充说明"}, TableView(t), Quiet("答复和审核时请一并考虑；不公开。"))
}

// PhotoSeen says what a photo of a report shows, for who cannot see it.
func PhotoSeen(p resident.Photo) string {
	if p.Side == "answer" {
		return "承办单位拍摄的处理后情形"
	}
	return "居民拍摄的问题现场"
}

// Source is by what way a report came in, and through which system.
func Source(r *resident.Report, b resident.Brought) Fact {
	text := resident.ChannelTitle(r.Channel)
	for _, more := range []string{r.SourceRef, b.Client} {
		if more != "" {
			text += "（" + more + "）"
		}
	}
	return Fact{Name: "来源", Text: text}
}

// BroughtMedia are the addresses of pictures elsewhere that a system gave with a
// report, as text: nobody here has seen what lies behind them.
func BroughtMedia(b resident.Brought) templ.Component {
	if len(b.Media) == 0 {
		return templ.NopComponent
	}
	return Section(Box{Title: "对方系统所附的照片网址"}, Para(strings.Join(b.Media, "\n")), Quiet("由开放接口“"+b.Client+"”提供，不是居民所写；平台没有核对网址的内容，请谨慎打开。"))
}
