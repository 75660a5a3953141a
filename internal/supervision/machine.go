package supervision

import (
	"juli/internal/authz"
	"juli/internal/casework"
)

// The states of a case.
const (
	Registered = "registered"
	Verifying  = "verifying" // one person saw it, a second looks
	Found      = "found"
	Longer     = "longer"  // a deadline beyond the rulebook's waits for a second person
	Handing    = "handing" // likewise, to hand a verified case to another authority
	Ending     = "ending"  // likewise, to end it unmended
	Ordered    = "ordered"
	Asking     = "asking" // the enterprise asked for more time
	Overdue    = "overdue"
	Reported   = "reported"
	Passed     = "passed" // re-checked; residents may still contradict
	Closed     = "closed"
	Merged     = "merged"
	Archived   = "archived"
	NotFound   = "not-found"
	Handed     = "handed" // to another authority
	Ended      = "ended"
)

// The acts on a case.
const (
	ActRegister    = "register"
	ActVerify      = "verify"
	ActConfirm     = "confirm"
	ActDismiss     = "dismiss"
	ActMerge       = "merge"
	ActUnmerge     = "unmerge"
	ActHand        = "hand"
	ActOrder       = "order"
	ActLonger      = "longer" // asks for a deadline beyond the rulebook's
	ActGrantLonger = "order-longer"
	ActAskHand     = "ask-hand"
	ActAskEnd      = "ask-end"
	ActKeep        = "keep" // none of the three
	ActCall        = "call" // an office asked the residents
	ActReply       = "reply"
	ActAsk         = "ask"
	ActGrant       = "grant"
	ActDeny        = "deny"
	ActReport      = "report"
	ActLapse       = "lapse"
	ActPress       = "press"
	ActPass        = "pass"
	ActFail        = "fail"
	ActAgree       = "agree"
	ActSettle      = "settle"
	ActReopen      = "reopen"
	ActArchive     = "archive"
	ActEnd         = "end"
)

// CaseMachine is the way of a case. Terms and the body that checks again come
// from the rulebook; the ordering body is the one that registered the case. What
// is found true isn't handed on, ended or given more time than the rulebook's by
// one person alone; and no office confirms in the residents' place.
var CaseMachine = casework.Must(casework.Machine{
	Name: "supervision_case", Title: "整改案件", Basis: "物业管理条例；黑龙江省住宅物业管理条例；各步骤期限由监管规则规定",
	States: []casework.State{
		{Name: Registered, Title: "待核实"},
		{Name: Verifying, Title: "待第二人核实"},
		{Name: Found, Title: "已查实"},
		{Name: Longer, Title: "已查实，待第二人决定整改期限"},
		{Name: Handing, Title: "已查实，待第二人决定是否移送"},
		{Name: Ending, Title: "已查实，待第二人决定是否终止"},
		{Name: Ordered, Title: "整改中"},
		{Name: Asking, Title: "申请延期"},
		{Name: Overdue, Title: "逾期未改"},
		{Name: Reported, Title: "待复查"},
		{Name: Passed, Title: "复查合格，待居民确认"},
		{Name: Closed, Title: "已结案"},
		{Name: Merged, Title: "已并入其他案件"},
		{Name: Archived, Title: "已归档", Final: true},
		{Name: NotFound, Title: "查无此事", Final: true},
		{Name: Handed, Title: "已移送其他部门", Final: true},
		{Name: Ended, Title: "已终止（未确认整改）", Final: true},
	},
	Acts: []casework.Act{
		{Name: ActRegister, Title: "登记", From: []string{casework.Start}, To: Registered, May: authz.SupervisionRegister},
		{Name: ActVerify, Title: "核实属实", From: []string{Registered}, To: Verifying, May: authz.SupervisionVerify, ByHolder: true, NeedsNote: true},
		{Name: ActConfirm, Title: "第二人核实属实", From: []string{Verifying}, To: Found, May: authz.SupervisionVerify, ByHolder: true, Not: []string{ActVerify}},
		{Name: ActDismiss, Title: "查无此事", From: []string{Registered, Verifying}, To: NotFound, May: authz.SupervisionVerify, ByHolder: true, NeedsNote: true},
		{Name: ActMerge, Title: "并入其他案件", From: []string{Registered, Verifying}, To: Merged, May: authz.SupervisionMerge},
		{Name: ActUnmerge, Title: "拆分恢复", From: []string{Merged}, To: Registered, May: authz.SupervisionMerge, NeedsNote: true},
		{Name: ActAskHand, Title: "提出移送其他部门", From: []string{Found}, To: Handing, May: authz.SupervisionOrder, ByHolder: true, NeedsNote: true},
		{Name: ActHand, Title: "移送其他部门", From: []string{Registered, Verifying, Handing}, To: Handed, May: authz.SupervisionOrder, ByHolder: true, NeedsNote: true, Not: []string{ActAskHand}},
		{Name: ActLonger, Title: "提出较长的整改期限", From: []string{Found, Overdue}, To: Longer, May: authz.SupervisionOrder, ByHolder: true, NeedsNote: true},
		{Name: ActGrantLonger, Title: "同意较长期限，责令整改", From: []string{Longer}, To: Ordered, May: authz.SupervisionOrder, ByHolder: true, Not: []string{ActLonger}, Holder: authz.Enterprise},
		{Name: ActAskEnd, Title: "提出终止", From: []string{Found, Overdue}, To: Ending, May: authz.SupervisionOrder, ByHolder: true, NeedsNote: true},
		{Name: ActEnd, Title: "终止", From: []string{Ending}, To: Ended, May: authz.SupervisionOrder, ByHolder: true, NeedsNote: true, Not: []string{ActAskEnd}},
		{Name: ActKeep, Title: "不这样办，退回已查实", From: []string{Longer, Handing, Ending}, To: Found, May: authz.SupervisionOrder, ByHolder: true, NeedsNote: true},
		{Name: ActOrder, Title: "责令限期整改", From: []string{Found, Overdue}, To: Ordered, May: authz.SupervisionOrder, ByHolder: true, Holder: authz.Enterprise},
		{Name: ActReply, Title: "陈述申辩", From: []string{Found, Longer, Handing, Ending, Ordered, Asking, Overdue, Reported, Passed, Closed}, To: casework.Same, May: authz.SupervisionReply, NeedsNote: true, Most: 3},
		{Name: ActAsk, Title: "申请延期", From: []string{Ordered}, To: Asking, May: authz.SupervisionReport, ByHolder: true, NeedsNote: true, Most: 1},
		{Name: ActGrant, Title: "同意延期", From: []string{Asking}, To: Ordered, May: authz.SupervisionOrder, ByHolder: true, Holder: authz.Enterprise},
		{Name: ActDeny, Title: "不同意延期", From: []string{Asking}, To: Ordered, May: authz.SupervisionOrder, ByHolder: true, NeedsNote: true, Holder: authz.Enterprise},
		{Name: ActReport, Title: "报告整改完成", From: []string{Ordered, Asking, Overdue}, To: Reported, May: authz.SupervisionReport, NeedsNote: true},
		{Name: ActLapse, Title: "逾期", From: []string{Ordered, Asking}, To: Overdue},
		{Name: ActPress, Title: "已提出或决定处置措施，另计期限", From: []string{Overdue}, To: casework.Same},
		{Name: ActPass, Title: "复查合格", From: []string{Reported}, To: Passed, May: authz.SupervisionRecheck, ByHolder: true, NeedsNote: true, Not: []string{ActOrder, ActReport}},
		{Name: ActFail, Title: "复查不合格", From: []string{Reported}, To: Ordered, May: authz.SupervisionRecheck, ByHolder: true, NeedsNote: true, Not: []string{ActOrder, ActReport}, Holder: authz.Enterprise},
		{Name: ActCall, Title: "记录回访居民", From: []string{Passed}, To: casework.Same, May: authz.SupervisionRecheck, ByHolder: true, NeedsNote: true},
		{Name: ActAgree, Title: "居民确认已解决", From: []string{Passed}, To: Closed, May: authz.SupervisionAgree, NeedsNote: true, Not: []string{ActPass, ActReport}},
		{Name: ActSettle, Title: "期满结案", From: []string{Passed}, To: Closed},
		{Name: ActReopen, Title: "重新打开", From: []string{Passed, Closed}, To: Ordered, May: authz.SupervisionReopen, NeedsNote: true, Holder: authz.Enterprise},
		{Name: ActArchive, Title: "归档", From: []string{Closed}, To: Archived},
	},
})
