package authz

// table is the duty matrix (职责矩阵): every act, and what each role may do of it.
//
// One letter per role, in the order of [Roles]:
//
//	public │ city, district, subdistrict, community │ association, enterprise,
//	project manager, committee, owner │ system, security, audit administrator
//
//	-  no
//	o  within the own scope: division subtree, enterprise, project
//	u  within the own scope, and at a place above it (a street about an
//	   enterprise that its district registered)
//	a  anywhere, and where there is no place at all
//	O  as o, A as a, but only who manages the body (its people, not its business)
//
// Flags: step-up (second factor ≤ 5 minutes old, SES-4), four-eyes (another
// natural person than the one before, AZ-5), sensitive (a read that is written
// to the audit log, AUD-1).
//
// Who takes which step of one kind of credit information is rulebook data
// (PC-45); the matrix is the outer limit.
var table = []struct {
	group string
	rows  []entry
}{
	{"登记", []entry{
		//                                          众 市区街社 协企项委主 系安审
		{RegistryPublic, "查看公开的登记信息", "a aaaa aaaaa aaa", 0},
		{RegistryRead, "查看登记信息", "- oooo uooo- ---", 0},
		{RegistryFile, "填报和变更登记信息", "- ---- -oo-- ---", 0},
		{RegistryCheck, "核对登记信息", "- oo-- ----- ---", FourEyes},
		{RegistryImport, "批量导入登记信息", "- oo-- ----- ---", 0},
		{RegistryExport, "导出登记信息", "- oooo oo--- ---", Sensitive},
	}},
	{"信用", []entry{
		{CreditPublic, "查看公开的信用结果", "a aaaa aaaaa aaa", 0},
		{CreditRead, "查看信用信息", "- oouu uooo- ---", 0},
		{CreditPropose, "提出信用信息", "- oouu uooo- ---", 0},
		{CreditWithdraw, "撤回本方提出的信用信息", "- oouu uooo- ---", 0},
		{CreditCheck, "核查信用信息", "- oooo ----- ---", FourEyes},
		{CreditIdentify, "认定信用信息", "- oooo ----- ---", FourEyes},
		{CreditNotify, "发出信用告知", "- oooo ----- ---", 0},
		{CreditAnswer, "答复信用告知", "- ---- -oo-- ---", 0},
		{CreditObject, "提出信用异议", "- ---- -oo-- ---", 0},
		{CreditDecideObjection, "处理信用异议", "- ooo- ----- ---", FourEyes},
		{CreditApplyRepair, "申请信用修复", "- ---- -oo-- ---", 0},
		{CreditDecideRepair, "决定信用修复", "- ooo- ----- ---", FourEyes},
		{CreditAnnul, "撤销信用信息", "- oo-- ----- ---", FourEyes},
		{CreditImport, "批量导入信用信息", "- oo-- ----- ---", 0},
		{CreditExport, "导出信用信息", "- oooo oo--- ---", Sensitive},
		{CreditReport, "查看和打印已公布的信用报告", "a aaaa aaaaa aaa", 0},
		{CreditEvaluate, "运行信用评价", "- oo-- ----- ---", 0},
		{CreditSimulate, "按规则草案模拟评价", "- oo-- ----- ---", 0},
		{CreditPublishPropose, "提请公布评价结果", "- o--- ----- ---", 0},
		{CreditPublishApprove, "批准公布评价结果", "- o--- ----- ---", StepUp | FourEyes},
		{CreditCorrect, "公布评价结果更正", "- o--- ----- ---", StepUp | FourEyes},
	}},
	{"诉求", []entry{
		{ReportPublic, "查看公开的诉求和办理情况", "a aaaa aaaaa aaa", 0},
		{ReportFile, "反映诉求、查询进展和评价", "a aaaa aaaaa aaa", 0},
		{ReportRead, "查看诉求", "- oooo oooo- ---", 0},
		{ReportSign, "签收、派单和退回诉求", "- oooo ----- ---", 0},
		{ReportAnswer, "答复诉求", "- oooo -ooo- ---", 0},
		{ReportReview, "审核诉求答复", "- oooo ----- ---", FourEyes},
		{ReportRelease, "公开诉求内容", "- oooo ----- ---", 0},
		{ReportMerge, "合并和拆分诉求", "- oooo ----- ---", 0},
		{ReportUrge, "督办逾期诉求", "- oo-- ----- ---", 0},
		{ReportImport, "导入12345工单", "- oo-- ----- ---", 0},
		{ReportExport, "导出诉求", "- oooo oo--- ---", Sensitive},
		{ReportPhone, "查看诉求人联系方式", "- oooo ----- ---", StepUp | Sensitive},
		{ReportOrders, "经接口交换12345工单（凭密钥）", "a aaaa aaaaa aaa", 0},
		{Open311, "经开放接口（Open311）查询和反映诉求（反映凭密钥）", "a aaaa aaaaa aaa", 0},
	}},
	{"实事", []entry{
		{DeedPublic, "查看公开的实事", "a aaaa aaaaa aaa", 0},
		{DeedConfirm, "凭确认码确认实事", "a aaaa aaaaa aaa", 0},
		{DeedRead, "查看实事台账", "- oooo o---- ---", 0},
		{DeedCollect, "登记实事", "- oooo ----- ---", 0},
		{DeedAccept, "受理和销号实事", "- oo-- ----- ---", 0},
		{DeedWork, "办理实事和报告进展", "- oooo ----- ---", 0},
		{DeedSign, "签批实事暂缓", "- oo-- ----- ---", StepUp | FourEyes},
		{DeedVerify, "回访实事的受益群众", "- oo-- ----- ---", FourEyes},
		{DeedSheet, "查看实事回访单", "- oo-- ----- ---", StepUp | Sensitive},
		{DeedPublish, "设置实事公开内容", "- oo-- ----- ---", 0},
		{DeedProgramme, "设立实事专项和预算", "- oo-- ----- ---", 0},
		{DeedMonth, "报送实事月报", "- oo-- ----- ---", 0},
		{DeedPublished, "登记外部报表的实事合计", "- o--- ----- ---", 0},
		{DeedImport, "导入往年实事", "- oo-- ----- ---", 0},
		{DeedExport, "导出实事台账", "- oooo o---- ---", Sensitive},
	}},
	{"红黑榜", []entry{
		{ListPublic, "查看公布的红黑榜", "a aaaa aaaaa aaa", 0},
		{ListRead, "查看红黑榜办理情况", "- oooo ooo-- ---", 0},
		{ListPropose, "编制和审定红黑榜", "- o--- ----- ---", 0},
		{ListNominate, "提名红黑榜候选", "- ooo- o---- ---", 0},
		{ListReview, "复核红黑榜候选", "- oo-- ----- ---", FourEyes},
		{ListReply, "对拟列入红黑榜陈述申辩", "- ---- -o--- ---", 0},
		{ListPublish, "公布红黑榜", "- o--- ----- ---", StepUp | FourEyes},
		{ListRepair, "申请移出黑榜", "- ---- -o--- ---", 0},
		{ListDecide, "决定移出黑榜", "- o--- ----- ---", FourEyes},
		{ListCorrect, "更正公布的红黑榜", "- o--- ----- ---", StepUp | FourEyes},
		{ListFollow, "办理黑榜后续措施", "- oo-- ----- ---", 0},
	}},
	{"监管", []entry{
		{SupervisionPublic, "查看公开的整改案件", "a aaaa aaaaa aaa", 0},
		{SupervisionRead, "查看整改案件", "- oooo uooo- ---", 0},
		{SupervisionRegister, "登记问题线索", "- oooo ----- ---", 0},
		{SupervisionVerify, "核实问题", "- oooo ----- ---", FourEyes},
		{SupervisionMerge, "合并和拆分案件", "- oooo ----- ---", 0},
		{SupervisionOrder, "责令整改、延期、移送和终止", "- ooo- ----- ---", FourEyes},
		{SupervisionReply, "陈述申辩", "- ---- -oo-- ---", 0},
		{SupervisionReport, "报告整改、申请延期", "- ---- -oo-- ---", 0},
		{SupervisionRecheck, "复查整改", "- oooo ----- ---", FourEyes},
		{SupervisionAgree, "代表居民确认已解决", "- ---- ---o- ---", 0},
		{SupervisionReopen, "重新打开案件", "- oooo ---o- ---", 0},
		{SupervisionPropose, "提出和执行处置措施", "- ooo- ----- ---", 0},
		{SupervisionDecide, "决定处置措施", "- ooo- ----- ---", StepUp | FourEyes},
	}},
	{"检查", []entry{
		{CampaignPublic, "查看公开的专项检查和抽取结果", "a aaaa aaaaa aaa", 0},
		{CampaignRead, "查看专项检查", "- ouuu o---- ---", 0},
		{CampaignDraft, "起草专项检查", "- oo-- ----- ---", 0},
		{CampaignApprove, "批准专项检查并封存抽取名单", "- oo-- ----- ---", StepUp | FourEyes},
		{CampaignDraw, "抽取检查对象和检查人员", "- oo-- ----- ---", 0},
		{CampaignConclude, "总结或取消专项检查", "- oo-- ----- ---", 0},
		{InspectionRead, "查看现场检查", "- oooo ooo-- ---", 0},
		{InspectionDo, "现场检查", "- ooo- ----- ---", 0},
		{InspectionConfirm, "确认检查发现的问题和复查", "- ooo- ----- ---", FourEyes},
		{InspectionMend, "报告检查问题的整改", "- ---- -oo-- ---", 0},
	}},
	{"规则", []entry{
		{RulebookRead, "查看规则", "a aaaa aaaaa aaa", 0},
		{RulebookUpload, "上传规则草案", "- o--- ----- ---", 0},
		{RulebookOpenComment, "公开征求规则意见", "- o--- ----- ---", 0},
		{RulebookComment, "对规则草案提意见", "- aaaa aaaaa ---", 0},
		{RulebookAdopt, "批准施行规则", "- o--- ----- ---", StepUp | FourEyes},
	}},
	{"满意度调查", []entry{
		{SurveyPublic, "查看公布的满意度调查，凭码答卷", "a aaaa aaaaa aaa", 0},
		{SurveyRead, "查看满意度调查", "- oooo -ooo- ---", 0},
		{SurveyPlan, "安排满意度调查", "- oooo ----- ---", 0},
		{SurveyRun, "开始、结束和汇总满意度调查", "- -ooo ----- ---", 0},
		{SurveySlips, "打印答卷单", "- --oo ----- ---", Sensitive},
		{SurveyPaper, "录入纸质答卷", "- --oo ----- ---", 0},
		{SurveyCheck, "复核纸质答卷", "- --oo ----- ---", FourEyes},
		{SurveyPublish, "公布满意度调查结果", "- oo-- ----- ---", StepUp | FourEyes},
		{SurveyCancel, "取消满意度调查", "- oo-- ----- ---", 0},
	}},
	{"志愿服务", []entry{
		{VolunteerPublic, "查看志愿服务，报名", "a aaaa aaaaa aaa", 0},
		{VolunteerRead, "查看志愿者名册", "- oooo ----- ---", 0},
		{VolunteerEnter, "登记志愿者", "- --oo ----- ---", 0},
		{VolunteerCall, "发布志愿服务招募", "- --oo ----- ---", 0},
		{VolunteerConfirm, "确认志愿服务时长", "- --oo ----- ---", FourEyes},
		{VolunteerServed, "由服务对象凭码确认时长", "a aaaa aaaaa aaa", 0},
	}},
	{"人员", []entry{
		{AccountSignIn, "登录和启用账号", "a aaaa aaaaa aaa", 0},
		{AccountSelf, "管理本人账号", "- aaaa aaaaa aaa", 0},
		{AccountDeputise, "请同事代理本人岗位", "- aaaa aaaa- ---", StepUp},
		{AccountRequest, "申请企业账号", "a aaaa aaaaa ---", 0},
		{AccountConfirm, "确认企业账号", "- oo-- ----- ---", StepUp | Sensitive},
		{AccountRead, "查看人员和授权", "- OOOO OO-O- -a-", Sensitive},
		{AccountInvite, "邀请本单位人员", "- OOOO OO-O- -a-", 0},
		{AccountSuspend, "停用和恢复账号", "- OOOO OO-O- -a-", 0},
		{AccountHandover, "移交离任人员的事项", "- OOOO OO-O- -a-", 0},
		{AccountEndSession, "结束他人的登录", "- OOOO OO-O- -a-", 0},
		{GrantPropose, "提出授权", "- OOOO OO-O- -a-", StepUp},
		{GrantApprove, "批准授权", "- OO-- ----- -a-", StepUp | FourEyes},
		{GrantRevoke, "收回授权", "- OOOO OO-O- -a-", StepUp},
		{RecoverPropose, "受理找回账号", "- OOOO OO-O- -a-", StepUp},
		{RecoverApprove, "批准找回账号", "- OO-- ----- -a-", StepUp | FourEyes},
	}},
	{"公共", []entry{
		{SiteUse, "使用网站", "a aaaa aaaaa aaa", 0},
		{OverviewRead, "查看全市概览", "- oooo o---- ---", 0},
		{LogRead, "查看和核验公开日志", "a aaaa aaaaa aaa", 0},
		{FeedRead, "订阅公开信息", "a aaaa aaaaa aaa", 0},
		{DutiesRead, "查看职责矩阵", "a aaaa aaaaa aaa", 0},
		{TodoRead, "查看待办", "- aaaa aaaa- aaa", 0},
		{FileUpload, "上传文件", "a aaaa aaaaa ---", 0},
		{FileRead, "查看未公开的文件", "- oouu uooo- ---", Sensitive},
		{NotifyRead, "收取消息", "- aaaa aaaaa aaa", 0},
		{NotifySend, "发出消息", "- oooo o---- ---", 0},
		{JobOwn, "查看和取消本人发起的任务", "- aaaa aaaa- aaa", 0},
		{DataExport, "导出个人信息", "- oo-- ----- ---", StepUp | FourEyes | Sensitive},
		{DataUnmask, "查看完整的个人信息", "- oooo -o--- ---", StepUp | Sensitive},
	}},
	{"运行", []entry{
		{JobRead, "查看任务队列", "- ---- ----- a--", 0},
		{JobCancel, "取消和重试任务", "- ---- ----- a--", 0},
		{SettingsRead, "查看系统设置", "- ---- ----- a--", 0},
		{SettingsEdit, "修改系统设置", "- ---- ----- a--", StepUp},
		{ReportKeys, "管理12345和开放接口的密钥", "- ---- ----- a--", StepUp},
		{ChannelEdit, "设置对外发送渠道", "- ---- ----- a--", StepUp},
		{HookManage, "管理公开信息的推送订阅", "- ---- ----- a--", StepUp},
		{BackupMake, "制作备份", "- ---- ----- a--", 0},
		{BackupReturn, "恢复备份", "- ---- ----- a--", StepUp | FourEyes},
		{KeyRotate, "轮换密钥", "- ---- ----- a--", StepUp | FourEyes},
		{Retention, "修改保留期限", "- ---- ----- a--", StepUp | FourEyes},
		{AuditRead, "查看审计记录", "- ---- ----- --a", Sensitive},
		{AuditExport, "导出审计记录", "- ---- ----- --a", StepUp | Sensitive},
		{DoctorRun, "运行系统自检", "- ---- ----- a-a", 0},
	}},
}

// Flags say what an act asks for beyond a role.
type Flags uint8

// The flags; see [table].
const (
	StepUp Flags = 1 << iota
	FourEyes
	Sensitive
)

type entry struct {
	act   Act
	title string
	cells string
	flags Flags
}
