package web

import (
	"strings"

	"juli/internal/money"
)

// ScoreText writes points with at least two places, with a true minus sign and,
// where asked for, a plus sign.
func ScoreText(p money.Points, sign bool) string { return scoreText(p, sign) }

func scoreText(p money.Points, sign bool) string {
	s := p.Format()
	if dot := strings.IndexByte(s, '.'); dot < 0 {
		s += ".00"
	} else if len(s)-dot == 2 {
		s += "0"
	}
	switch {
	case p < 0:
		return "−" + strings.TrimPrefix(s, "-")
	case sign && p > 0:
		return "+" + s
	}
	return s
}

// TenThousandArea writes a large area in 万㎡ with one place: "142.6".
func TenThousandArea(a money.Area) string {
	tenths := (int64(a)/50_000 + 1) / 2 // 0.1 万㎡ = 1,000 ㎡ = 100,000 units
	return group(tenths/10) + "." + num(tenths%10)
}

// TenThousandYuan writes a large amount in 万元 with two places: "15.10".
func TenThousandYuan(f money.Fen) string {
	cents := (int64(f)/5_000 + 1) / 2 // 0.01 万元 = 100 元 = 10,000 fen
	if f < 0 {
		cents = (int64(f)/5_000 - 1) / 2
	}
	return money.Fen(cents).Format()
}
