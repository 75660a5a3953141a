package web

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"rsc.io/qr"
)

// A Document is an official document as it is printed: issuer in red, 文号,
// title, addressee, text, signature and date (layout after GB/T 9704), with the
// proof that lets anyone check it at its foot.
type Document struct {
	Issuer string // "哈尔滨市南岗区住房和城乡建设局"
	Number string // "南住建物信〔2021〕37号"
	Title  string
	To     string // "冰城安居物业服务有限公司："
	Text   []string
	Body   templ.Component // after Text: a table, for instance
	Sign   string
	Date   string // "2021年12月31日"
	Proof  string // the address that the QR leads to
	Record string // "公开日志第 18,204 条"
}

// QRCode is text as an inline SVG, to be scanned from paper.
func QRCode(text, label string) templ.Component {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return templ.NopComponent // longer than a QR can hold; the address stands in words, too
	}
	const quiet = 4
	var b strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			run := x
			for run < c.Size && c.Black(run, y) {
				run++
			}
			if run > x {
				w := strconv.Itoa(run - x)
				b.WriteString("M" + strconv.Itoa(x+quiet) + " " + strconv.Itoa(y+quiet) + "h" + w + "v1h-" + w + "z")
				x = run
			}
		}
	}
	side := strconv.Itoa(c.Size + 2*quiet)
	return qrView("0 0 "+side+" "+side, b.String(), label)
}
