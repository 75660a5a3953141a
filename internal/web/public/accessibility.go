package public

import (
	"net/http"

	"juli/internal/web"
)

// promises are what the site keeps for people who see, hear, move or read
// otherwise: the criterion and how it is kept. docs/accessibility.md names the tests (ACC-5).
var promises = [][2]string{
	{"1.1.1 图片有文字", "图表都有同样内容的表格，二维码旁写有网址"},
	{"1.3.1 结构能被程序读出", "标题、列表、表头、字段和说明都用规范的标记，页面没有需要浏览器修补的错误"},
	{"1.3.2、2.4.3 次序有意义", "键盘走过的次序就是阅读的次序"},
	{"1.3.5 字段用途可识别", "账号、密码、动态码都注明用途，可由密码管理器填写"},
	{"1.4.3、1.4.11 对比度", "文字不低于 4.5:1，浅色、深色两种外观都检查"},
	{"1.4.4、1.4.10 放大和重排", "320 像素宽（相当于放大到 400%）不需要左右滚动，大表格除外"},
	{"1.4.12 文字间距", "读者自己加大行距、字距，文字不被截断"},
	{"2.1.1、2.1.2 键盘", "主要事项全部能只用键盘办完，没有走不出去的地方"},
	{"2.2.1 时间够用", "登录超时前三分钟提醒，按一下键即可延长"},
	{"2.2.2 不自动刷新", "进度只在原处更新，页面不会自己重新载入"},
	{"2.4.7、2.4.11 看得见焦点", "焦点有不低于 3:1 的边框，不被遮住"},
	{"2.5.8 点按目标", "不小于 24 像素；长辈版不小于 44 像素，首页不小于 60 像素"},
	{"3.1.1 语言", "每页注明中文；日期都标明是日期，金额、面积、分值带单位"},
	{"3.2.3、3.2.6 位置一致", "帮助和页脚在每一页的同一处"},
	{"3.3.1、3.3.3 指出错误", "用文字写明哪一项、怎样改，并能一步到达该项"},
	{"3.3.7 不重复填写", "退回的表单保留已经填写的内容"},
	{"3.3.8 登录不考人", "没有验证码和题目，密码和动态码可以粘贴"},
	{"4.1.2、4.1.3 名称、角色、状态", "控件用浏览器自带的，结果和错误由读屏软件读出"},
	{"出错、空白、菜单展开等状态", "与其他页面同样检查"},
	{"不启用脚本", "主要事项同样能办"},
	{"高对比和减少动效", "跟随系统设置，内容不丢失"},
	{"长辈版：大字和间距", "正文不小于 18 磅，行距不小于 1.3 倍，字号分三档"},
	{"长辈版：一步到达并记住", "每页右上角切换，下次仍是长辈版"},
	{"长辈版：功能相同", "两个版本的链接和表单逐页比对，一项不少"},
}

// accessibility states item by item how the site meets its accessibility
// standards, and what it does not claim (ACC-5, ACC-6).
func (d *Desk) accessibility(w http.ResponseWriter, r *http.Request) error {
	t := web.Table{Caption: "逐项说明", Cols: []web.Col{{Name: "要求"}, {Name: "怎样做到"}}}
	for _, p := range promises {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{web.T(p[0]), web.T(p[1])}})
	}
	return web.Show(w, r, http.StatusOK, accessibilityPage(t))
}
