package public

import (
	"net/http"

	"juli/internal/web"
)

// help tells a newcomer how to report, how to see what became of it, and whom to
// ask else. The foot of every page leads here (ACC-4).
func (d *Desk) help(w http.ResponseWriter, r *http.Request) error {
	steps := web.Table{Caption: "反映问题三步", Cols: []web.Col{{Name: "步骤"}, {Name: "怎样做"}}, Rows: []web.Row{
		{Cells: []web.Cell{web.L("一、选择小区", "/report"), web.T("输入小区名称的两个字，或按区县、街道、社区逐级查找。")}},
		{Cells: []web.Cell{web.T("二、选择问题类别"), web.T("页面会告诉您由谁答复、期限多长；已有人反映同一件事的，可以点“我也遇到了”。")}},
		{Cells: []web.Cell{web.T("三、说明情况"), web.T("写清什么时候、什么情况，可以附照片；填手机号，输入短信验证码即提交，不用注册。")}},
	}}
	return web.Show(w, r, http.StatusOK, web.Whole(
		web.Page{Title: "帮助", Lead: "怎样反映问题、查进展，遇到困难怎么办", Crumbs: []web.Link{{Text: "首页", Href: "/"}}, Acts: []web.Link{{Text: "反映问题", Href: "/report", Main: true}, {Text: "查询我反映的", Href: "/report/find"}}},
		web.Section(web.Box{Title: "反映问题，分三步"}, web.TableView(steps)),
		web.Section(web.Box{Title: "查进展", More: web.Link{Text: "查询我反映的", Href: "/report/find"}},
			web.Para("提交以后的那一页就是您的查询页，请收藏；能看到办到哪一步、答复和期限，答复后可以评价是否解决。"),
			web.Para("链接找不到了，凭手机号重新取得。记得编号的填编号，记不清可以不填。")),
		web.Section(web.Box{Title: "没收到验证码"},
			web.Para("先核对手机号，再看短信是否被拦截。在输入验证码的页面可以重新发送，以最新的一条为准；填写的内容和照片都保留，不用重填。"),
			web.Para("还是收不到的，请拨打 12345，由热线登记。")),
		web.Section(web.Box{Title: "看不清字，不方便用鼠标或屏幕", More: web.Link{Text: "无障碍说明", Href: "/accessibility"}},
			web.Para("每一页上方都可以切换到“长辈版”：字和按钮更大，功能相同，下次仍是长辈版。所有页面都能只用键盘操作，也能用读屏软件朗读。")),
		web.Section(web.Box{Title: "找人帮忙", More: web.Link{Text: "谁负责什么", Href: "/duties"}},
			web.Facts([]web.Fact{
				{Name: "电话", Text: "12345", Href: "tel:12345"},
				{Name: "当面", Text: "所在社区居委会，或区县住建局"},
				{Name: "账号", Text: "工作人员和企业的账号、密码问题，找本单位的管理员", Href: "/login"},
			}),
			web.Quiet("有人身危险的，请先拨打 110、119 或 120。")),
		web.Section(web.Box{Title: "还能查什么"}, web.Facts([]web.Fact{
			{Name: "居民诉求", Text: "大家反映的问题和办理情况", Href: "/reports"},
			{Name: "企业和小区", Text: "信用等级和理由", Href: "/enterprises"},
			{Name: "红黑榜", Text: "公布的名单", Href: "/lists"},
			{Name: "办实事", Text: "已办结的实事", Href: "/deeds"},
		})),
	))
}
