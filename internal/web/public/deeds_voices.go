package public

import (
	"juli/internal/deed"
	"juli/internal/web"
)

// deedVoices says what those served answered to the deed's last end.
func deedVoices(x deed.Public) string {
	a := x.Answers
	if a.Answered == 0 {
		return "还没有受益群众的确认。办结后由没有参与办理的工作人员回访，受益群众也可以凭回访单上的确认码自己确认。"
	}
	text := "已有 " + web.Count(a.Answered) + " 位受益群众答复（回访名单 " + web.Count(a.Named) + " 位）：" + web.Count(a.Solved) + " 位说已解决，" + web.Count(a.Satisfied) + " 位满意。"
	if a.Standing > 0 {
		text += "上次说没有解决的还有 " + web.Count(a.Standing) + " 位没有再次答复，按没有解决计。"
	}
	return text
}

// deedRound says what those served said of an end that was sent back, and why.
func deedRound(r deed.Round) string {
	a := r.Answers
	text := r.Done.String() + " 办结后，" + web.Count(a.Answered) + " 位受益群众答复（回访名单 " + web.Count(a.Named) + " 位）：" + web.Count(a.Solved) + " 位说已解决，" + web.Count(a.Satisfied) + " 位满意；" + r.Back.String() + " 退回继续办理"
	if r.Why == "" {
		return text + "（理由含个人信息，不公开）。"
	}
	return text + "，理由：" + r.Why
}
