package admin

import (
	"maps"
	"slices"
	"strings"

	"juli/internal/authz"
	"juli/internal/web"
)

// EventTitle is what an event of the audit log is called; "" if it has no title.
func EventTitle(kind string) string { return eventTitles[kind] }

// eventGroups are the subjects of events, as the choice of kinds lists them.
var eventGroups = []struct{ name, title string }{
	{"credit.", "信用"},
	{"campaign.", "专项检查"},
	{"inspection.", "现场检查"},
	{"deed.", "实事"},
	{"listing.", "红黑榜"},
	{"registry.", "登记"},
	{"import.", "导入"},
	{"survey.", "满意度调查"},
	{"volunteer.", "志愿服务"},
	{"resident.", "诉求"},
	{"open311.", "开放接口"},
	{"rulebook.", "规则"},
	{"identity.", "账号"},
	{"notify.", "通知"},
	{"hook.", "数据推送"},
	{"casework.", "办件"},
	{"file.", "文件"},
	{"data.", "个人信息"},
	{"job.", "任务"},
	{"audit.", "审计"},
	{"request.", "请求"},
	{"city.", "演示城市"},
}

var eventTitles = map[string]string{
	"audit.exported": "导出审计记录", "audit.read": "查看审计记录", "data.unmasked": "查看完整个人信息", "file.read": "读取文件",
	"job.cancelled": "取消任务", "job.retried": "重试任务", "request.denied": "请求被拒绝", "request.failed": "请求失败",
	"city.forwarded": "推进演示城市的日历一天",

	"credit.annul-asked": "提请撤销信用信息", "credit.annul-refused": "不同意撤销信用信息", "credit.annulled": "撤销信用信息", "credit.answered": "答辩", "credit.checked": "核对信用信息", "credit.drafted": "起草信用信息",
	"credit.effective": "信用信息生效", "credit.evaluated": "完成信用评价", "credit.evaluation-asked": "发起信用评价", "credit.evaluation-cancelled": "取消信用评价",
	"credit.expired": "信用信息期满", "credit.exported": "导出信用信息", "credit.file-read": "读取信用信息的证明材料", "credit.identified": "认定信用信息",
	"resident.archived": "诉求归档", "resident.reported": "反映诉求", "resident.joined": "加入同一诉求", "resident.signed": "签收诉求", "resident.dispatched": "派单", "resident.refused": "不予受理诉求",
	"resident.returned": "退回重派", "resident.answered": "答复诉求", "resident.review-back": "审核退回答复", "resident.passed": "答复审核通过",
	"resident.extended": "诉求延期", "resident.released": "公开诉求内容", "resident.rated": "居民评价", "resident.rating-noted": "登记评价结果", "resident.reopened": "诉求重新办理",
	"resident.merged": "合并诉求", "resident.took-in": "并入诉求", "resident.unmerged": "拆分诉求", "resident.closed": "诉求办结", "resident.overdue": "诉求逾期",
	"resident.time-given": "准予延后", "resident.supervised": "诉求立案督办", "resident.code-sent": "发送验证码", "resident.secret-renewed": "找回查询凭证",
	"resident.phone-read": "查看诉求人联系方式", "resident.key-made": "新建接口密钥", "resident.key-ended": "停用接口密钥", "resident.exported": "导出诉求", "resident.added": "补充诉求说明", "resident.topic-corrected": "更正诉求类别",
	"hook.made": "新建推送订阅", "hook.paused": "暂停推送", "hook.halted": "连续失败，自动暂停推送", "hook.resumed": "恢复推送", "hook.ended": "停用推送订阅",
	"open311.key-made": "新建开放接口密钥", "open311.key-ended": "停用开放接口密钥",
	"resident.contacts-erased": "清除诉求人联系方式", "resident.words-erased": "清除诉求内容", "resident.key-contact-erased": "清除密钥联系方式", "volunteer.expired": "志愿者报名期满未确认", "volunteer.erased": "清除志愿者姓名和电话",
	"credit.imported": "导入历史信用信息", "credit.input-reported": "报告评价数据问题", "credit.noticed": "告知", "credit.objected": "提出异议",
	"credit.objection-dismissed": "异议不成立", "credit.objection-upheld": "异议成立", "credit.proposed": "申报信用信息", "credit.publish-proposed": "提请公布评价结果",
	"credit.mend-reported": "报告整改完成", "credit.mend-returned": "退回整改报告",
	"credit.relapsed":      "问题复发，撤销整改确认",
	"supervision.exported": "导出整改案件", "supervision.file-read": "查看案件材料",
	"supervision.registered": "登记问题线索", "supervision.verified": "核实问题", "supervision.found": "第二人核实问题", "supervision.dismissed": "认定查无此事",
	"supervision.handed": "移送其他部门", "supervision.joined": "案件增加来源", "supervision.merged": "合并案件", "supervision.unmerged": "拆分案件",
	"supervision.ordered": "责令限期整改", "supervision.replied": "企业陈述申辩", "supervision.plea-past": "陈述申辩期满", "supervision.extension-asked": "申请延期", "supervision.extended": "同意延期",
	"supervision.extension-denied": "不同意延期", "supervision.reported": "报告整改完成", "supervision.passed": "复查合格", "supervision.failed": "复查不合格",
	"supervision.longer-asked": "提出较长的整改期限", "supervision.hand-asked": "提出移送其他部门", "supervision.end-asked": "提出终止案件", "supervision.kept": "退回已查实", "supervision.called": "记录回访居民",
	"supervision.closed": "结案", "supervision.reopened": "重新打开案件", "supervision.ended": "终止案件", "supervision.overdue": "整改逾期", "supervision.pressed": "逾期案件已采取措施，另计期限", "supervision.archived": "案件归档",
	"supervision.measure-proposed": "提出处置措施", "supervision.measure-decided": "决定处置措施", "supervision.measure-moved": "处置措施进展", "supervision.measure-done": "执行处置措施",
	"credit.publish-refused": "不同意公布评价结果", "credit.published": "公布评价结果", "credit.rectified": "确认整改", "credit.refused": "不予认定",
	"credit.repair-applied": "申请信用修复", "credit.repair-granted": "准予信用修复", "credit.repair-refused": "不予信用修复", "credit.withdrawn": "撤回信用信息",

	"deed.accepted": "受理实事", "deed.begun": "开始办理实事", "deed.budget-set": "核定实事专项预算", "deed.called": "记录实事回访", "deed.closed": "实事销号",
	"deed.collected": "登记实事", "deed.confirmed": "群众凭码确认实事", "deed.declined": "不予受理实事", "deed.done": "实事办结", "deed.exported": "导出实事台账",
	"deed.file-added": "上传实事照片材料", "deed.file-read": "读取实事照片材料", "deed.imported": "导入往年实事", "deed.month-frozen": "报送并冻结实事月报", "deed.named": "登记实事回访对象",
	"deed.planned": "排定实事措施和期限", "deed.programme-added": "设立实事专项", "deed.published": "公开实事", "deed.published-total": "登记外部报表的实事合计", "deed.reported": "报告实事进展",
	"deed.resumed": "恢复办理实事", "deed.sent-back": "实事退回继续办理", "deed.sheet-read": "查看实事回访单", "deed.suspend-asked": "提请暂缓实事", "deed.suspend-refused": "不同意暂缓实事",
	"deed.suspended": "签批暂缓实事", "deed.unpublished": "实事不再公开", "deed.verified": "实事回访通过",

	"identity.code-failed": "激活码错误", "identity.deputised": "请人代理", "identity.deputy-ended": "结束代理", "identity.devices-forgotten": "忘记设备",
	"identity.grant-lapsed": "授权到期", "identity.grant-proposed": "提请授权", "identity.grant-refused": "不批准授权", "identity.granted": "授权",
	"identity.handed-over": "交接", "identity.initialised": "建立首个管理员", "identity.invited": "邀请人员", "identity.joined": "激活账号",
	"identity.linked": "关联同一人的账号", "identity.password-changed": "更改密码", "identity.reauth-failed": "确认密码失败", "identity.recovered": "找回账号",
	"identity.recovery-proposed": "提请找回账号", "identity.recovery-approved": "批准找回账号", "identity.recovery-cancelled": "取消找回账号", "identity.recovery-refused": "不批准找回账号",
	"identity.request-read": "查看企业账号申请", "identity.request-confirmed": "确认企业账号申请", "identity.request-refused": "退回企业账号申请",
	"identity.requested": "申请企业账号", "identity.resumed": "恢复账号", "identity.revoked": "撤销授权", "identity.second-changed": "更换身份验证器",
	"identity.second-failed": "登录时动态码错误", "identity.session-ended": "结束登录", "identity.sessions-ended": "结束其他登录", "identity.signed-in": "登录",
	"identity.signed-out": "退出登录", "identity.signin-failed": "登录失败", "identity.signin-throttled": "登录过于频繁", "identity.step-up": "再次确认身份",
	"identity.step-up-failed": "再次确认身份失败", "identity.suspended": "停用账号",

	"campaign.approved": "批准专项检查", "campaign.cancelled": "取消专项检查", "campaign.concluded": "总结专项检查", "campaign.drafted": "起草专项检查", "campaign.drawn": "抽取检查对象", "campaign.seed-noted": "登记约定的公开数字",
	"campaign.started": "开始专项检查", "inspection.confirmed": "确认检查问题", "inspection.dropped": "期满未检查", "inspection.photographed": "补充检查照片",
	"inspection.rechecked": "复查", "inspection.recused": "检查人员回避", "inspection.reported": "报告整改完成", "inspection.returned": "退回检查记录", "inspection.submitted": "提交检查记录",

	"casework.claim": "领取办件", "casework.release": "退回办件", "casework.reassign": "改派办件",

	"import.agreed": "同意导入历史信息", "import.asked": "提请导入", "import.left": "不同意导入历史信息",
	"notify.address-ended": "停用通知地址", "notify.address-set": "设置通知地址", "notify.opened": "打开通知", "notify.sent": "发出通知",

	"listing.ended": "榜单条目终止", "listing.notice": "拟列榜告知",
	"listing.abandoned": "终止红黑榜批次", "listing.approved": "审定红黑榜", "listing.collected": "查找红黑榜候选", "listing.confirmed": "区县确认列榜", "listing.corrected": "更正撤销列榜",
	"listing.correction-asked": "提请更正列榜", "listing.correction-refused": "维持列榜", "listing.dropped": "不予列榜", "listing.expired": "红黑榜期满", "listing.file-read": "读取列榜材料",
	"listing.followup-done": "办理黑榜后续措施", "listing.followup-opened": "交办黑榜后续措施", "listing.followup-void": "取消黑榜后续措施", "listing.nominated": "提名列榜候选",
	"listing.notified": "告知拟列榜", "listing.opened": "开始红黑榜批次", "listing.published": "公布红黑榜", "listing.rejected": "区县不同意列榜", "listing.removed": "期满移出榜单",
	"listing.reopened": "退回收集候选", "listing.repair-applied": "申请移出黑榜", "listing.repair-refused": "不予移出黑榜", "listing.repaired": "准予移出黑榜", "listing.replied": "对列榜陈述申辩",
	"listing.reply-lapsed": "期满未申辩", "listing.returned": "退回审定的红黑榜", "listing.scored": "完成评分选定", "listing.sent": "送区县复核", "listing.taken": "选定列榜候选",
	"listing.withheld": "隐去申辩中的个人信息", "listing.uncovered": "恢复公开申辩原文", "listing.weighed": "处理列榜申辩",

	"registry.accepted": "登记备案", "registry.building-put": "登记楼栋", "registry.draft-changed": "修改备案草稿", "registry.drafted": "起草备案",
	"registry.enterprise-added": "登记企业", "registry.enterprise-changed": "变更企业登记", "registry.exported": "导出登记", "registry.filed": "提交备案",
	"registry.imported": "导入登记", "registry.project-added": "登记项目", "registry.project-changed": "变更项目登记", "registry.returned": "退回备案",
	"registry.staff-put": "登记人员", "registry.withdrawn": "撤回备案",

	"survey.planned": "安排满意度调查", "survey.opened": "抽取住户并开始调查", "survey.closed": "结束满意度调查", "survey.cancelled": "取消满意度调查",
	"survey.slips-printed": "打印答卷单", "survey.slips-seen": "查看答卷码", "survey.slips-reissued": "换发答卷码", "survey.answered": "住户答卷", "survey.entered": "录入纸质答卷",
	"survey.checked": "复核纸质答卷", "survey.settled": "核定不一致的纸质答卷", "survey.proposed": "提请公布调查结果", "survey.returned": "退回调查结果", "survey.published": "公布调查结果",

	"volunteer.applied": "报名做志愿者", "volunteer.applied-again": "再次报名做志愿者", "volunteer.entered": "登记志愿者", "volunteer.accepted": "确认志愿者登记",
	"volunteer.refused": "不予登记志愿者", "volunteer.left": "志愿者退出", "volunteer.quit-unknown": "退出时未找到登记", "volunteer.called": "发布志愿服务招募",
	"volunteer.call-cancelled": "取消志愿服务招募", "volunteer.signed-up": "报名志愿服务", "volunteer.slip-printed": "打印服务确认单", "volunteer.slip-seen": "查看服务确认单", "volunteer.held": "登记服务时长",
	"volunteer.returned": "退回服务时长", "volunteer.confirmed": "确认服务时长",

	"rulebook.adopted": "批准规则施行", "rulebook.comment-opened": "公开征求规则意见", "rulebook.commented": "提出规则意见", "rulebook.retired": "废止规则", "rulebook.uploaded": "上传规则草案",
}

// eventOptions lists the groups and, below each, its kinds.
func eventOptions() []web.Option {
	var all []web.Option
	kinds := slices.Sorted(maps.Keys(eventTitles))
	for _, g := range eventGroups {
		var own []web.Option
		for _, kind := range kinds {
			if strings.HasPrefix(kind, g.name) {
				own = append(own, web.Option{Value: kind, Text: g.title + "：" + eventTitles[kind]})
			}
		}
		if len(own) > 0 {
			all = append(append(all, web.Option{Value: g.name, Text: g.title + "（全部）"}), own...)
		}
	}
	return all
}

// eventTitle names a kind; one of an older program keeps its own name.
func eventTitle(kind string) string {
	if title := eventTitles[kind]; title != "" {
		return title
	}
	return kind
}

func actTitle(act string) string {
	if row, ok := authz.RowOf(authz.Act(act)); ok {
		return row.Title
	}
	return act
}

// detailNames are the words of an event's details, where they have Chinese ones.
var detailNames = map[string]string{
	"reason": "原因", "version": "版本", "source": "来源", "subject": "对象", "code": "编码", "rows": "行数", "file": "文件", "run": "导入编号", "kind": "种类", "object": "对象",
	"rule": "规则", "case": "办件", "to": "至", "from": "自", "account": "账号", "login": "账号", "role": "角色", "scope": "范围", "period": "评价期", "number": "文号",
	"evaluation": "评价编号", "corrects": "更正", "recovery": "找回编号", "state": "状态", "note": "意见", "digest": "摘要", "name": "名称", "title": "标题", "dropped": "未逐条记录的次数",
	"device": "设备", "item": "事项", "enterprise": "企业", "project": "项目", "channel": "渠道", "grant": "授权编号", "deputy": "代理人", "count": "数量", "new": "新增", "changed": "变更", "same": "无变化",
}
