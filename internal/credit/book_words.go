package credit

// keyWords are the Chinese words for the keys of a credit rulebook, for
// comparing versions and for messages.
var keyWords = map[string]string{
	"kind": "种类", "code": "代码", "title": "名称", "city": "行政区划", "version": "版本", "effective": "生效期", "from": "起", "to": "止",
	"status": "状态", "successor": "后续版本", "basis": "依据", "number": "文号", "issuer": "制定机关", "article": "条款", "mark": "标注",
	"source": "来源", "sources": "来源表", "note": "说明", "value": "值", "banner": "提示语",
	"subjects": "评价对象", "enterprise": "企业", "branch": "分支机构", "project": "项目", "manager": "项目经理", "staff": "从业人员",
	"base": "基础分", "base_input": "基础分来源", "clamp": "总分范围", "min": "最低", "max": "最高", "round": "修约", "places": "小数位", "mode": "方式",
	"order": "运算次序", "grades": "等级", "ge": "不低于", "gt": "高于", "lt": "低于", "le": "不高于", "when": "条件", "rank_grades": "按名次定级",
	"peers": "同类范围", "tie": "并列规则", "rounding": "名次修约", "bands": "区间", "percent": "百分比", "min_score": "最低分",
	"branches": "分支机构归属", "local_branch": "省内企业分支机构", "outside_branch": "省外企业分支机构", "project_kinds": "项目类型",
	"facts": "数据", "type": "类型", "subject": "对象", "module": "来源模块", "eligibility": "参评条件", "why": "理由", "statuses": "状态等级",
	"grade": "等级", "show_score": "显示得分", "cycle": "评价周期", "unit": "周期", "publish_unit": "公布周期", "cutoff_after": "截止日（期末后天数）",
	"cutoffs": "指定截止日", "publish_by": "公布期限", "record_date": "归期日期", "accrual": "累计方式", "carry_over": "结转", "classes": "类别", "until": "至",
	"trial": "试行期", "first_half": "首个半年试行", "season": "季节", "last_day": "末日是否计入", "validity": "默认有效期", "valid": "有效期", "term": "期限", "next": "评定日数据",
	"compose": "项目得分合成", "method": "方法", "moved": "项目易主", "records": "记录归属", "no_project": "无项目", "zero_area": "面积为零",
	"blocks": "评分板块", "scorer": "评分方", "weight": "权重", "input": "报送分数", "projects": "项目综合分", "missing": "缺报处理", "full": "满分",
	"districts": "区县报送", "required": "必须报送", "newcomer": "新进入企业", "observe": "观察期", "sign": "正负", "cap": "上限", "floor": "下限",
	"evidence": "证明文件", "roles": "角色", "items": "评分项目", "class": "类别", "points": "分值", "levels": "级别表", "ratio": "按比例", "discretion": "自由裁量",
	"reason": "须写理由", "who": "裁量人", "from_order": "按所依据记录", "per_unit": "每次分值", "count": "次数", "per": "计算期", "repeat": "重复规则",
	"window": "时间窗", "factors": "倍数", "overdue": "逾期未改才计", "orders": "所依据项目", "dedup": "去重组", "fact": "取数", "over": "量词", "found": "系统发现条件",
	"rank": "名次触发", "by": "排名依据", "of": "排名对象", "top": "前几名", "bottom": "后几名", "also": "同时计入", "share": "比例", "veto": "一票否决", "blacklist": "黑名单",
	"procedure": "程序", "proposes": "申报人", "checks": "审核人", "identifies": "认定人", "repairable": "可修复", "derive": "关联计分", "to_class": "计入类别",
	"ceilings": "封顶规则", "not_above": "不高于", "ladders": "累计措施", "steps": "步骤", "step": "步骤", "at": "达到", "months": "月数",
	"lists": "名单", "enter": "列入条件", "periods": "连续期数", "leave": "退出", "repair": "信用修复", "rating": "再次评价", "hearing": "听证", "notice": "告知",
	"uses": "结果应用", "action": "措施", "sanction": "是否惩戒", "national": "全国清单条目", "procedures": "程序", "template": "文书", "series": "文号序列",
	"rectify": "整改期限", "objection": "异议", "copies": "份数", "grounds": "异议理由", "per_item": "每条次数", "suspends": "异议期间暂缓", "within": "时限", "decide": "复核期限",
	"decides": "决定人", "rectified": "须已整改", "min_age": "最短期限", "no_relapse": "无同类再犯", "effect": "效果", "reversal": "撤销", "rerun": "重算", "republish": "更正公布",
	"publication": "公布", "freeze": "定稿", "late": "迟到记录", "instead": "代替等级", "examples": "算例",
}
