package public

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/survey"
	"juli/internal/web"
)

// A home answers on one page: the code of its slip and six questions, without
// script. The code is typed and posted; it stands in no address and no log.

func publicID(r *http.Request) (db.ID, error) {
	id, err := db.ParseID(r.PathValue("id"))
	if err != nil || id == 0 {
		return 0, fault.New(fault.NotFound, "page.none", "没有这个页面。请检查网址，或从首页重新查找。")
	}
	return id, nil
}

var codeField = web.Field{Name: "code", Label: "答卷码", Required: true, Max: 30, Auto: "off", Hint: "答卷单上的 10 位字母和数字，大小写都可以"}

func startPage(f *web.Form) templ.Component {
	return web.Whole(web.Page{Title: "满意度答卷", Narrow: true, Lead: "社区送到家里的答卷单上有答卷码", Crumbs: []web.Link{{Text: "满意度调查", Href: "/surveys"}}},
		web.Section(web.Box{}, web.FormView(f, web.FormBox{Action: "/s", Submit: "开始答卷"})),
		web.Section(web.Box{Title: "不方便上网"}, web.Para("可以在答卷单上打勾，交给社区工作人员录入。")))
}

func (d *Desk) answerStart(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, startPage(web.NewForm(codeField)))
}

// answerFind finds the survey of a code and asks its questions.
func (d *Desk) answerFind(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r, codeField)
	if err != nil {
		return err
	}
	var x survey.Survey
	var book *survey.Book
	if f.OK() {
		err = d.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
			x, book, err = d.Surveys.Asked(r.Context(), tx, f.Str("code"))
			return err
		})
		if err == nil {
			return web.Show(w, r, http.StatusOK, answerPage(x, web.NewForm(answerFields(book)...).Set("code", f.Str("code"))))
		}
		if !f.Take(err) {
			return err
		}
	}
	return web.Show(w, r, http.StatusUnprocessableEntity, startPage(f))
}

func answerFields(b *survey.Book) []web.Field {
	return append([]web.Field{codeField}, web.SurveyFields(b)...)
}

func answerPage(x survey.Survey, f *web.Form) templ.Component {
	return web.Whole(web.Page{Title: x.Title, Narrow: true, Lead: "请在 " + x.Closes.String() + " 前答完，每户一份；您怎么答的，平台不记是哪一户", Crumbs: []web.Link{{Text: "满意度调查", Href: "/surveys"}}},
		web.Section(web.Box{}, web.FormView(f, web.FormBox{Action: "/s/" + x.ID.String(), Submit: "交卷"})))
}

func (d *Desk) asked(r *http.Request) (x survey.Survey, book *survey.Book, err error) {
	id, err := publicID(r)
	if err != nil {
		return x, nil, err
	}
	err = d.DB.Read(r.Context(), func(tx *db.Tx) (err error) { x, book, err = d.Surveys.Questions(r.Context(), tx, id); return err })
	return x, book, err
}

// answerPage is where the QR of a slip leads.
func (d *Desk) answerPage(w http.ResponseWriter, r *http.Request) error {
	x, book, err := d.asked(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, answerPage(x, web.NewForm(answerFields(book)...)))
}

func (d *Desk) answer(w http.ResponseWriter, r *http.Request) error {
	x, book, err := d.asked(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r, answerFields(book)...)
	if err != nil {
		return err
	}
	return web.Submit(w, r, d.DB, f, func(ctx context.Context, tx *db.Tx) (string, error) {
		web.Say(r, "已交卷，谢谢您。结果会在这里公布。")
		return "/surveys?project=" + string(x.Project), d.Surveys.AnswerIn(ctx, tx, web.Actor(r), x.ID, f.Str("code"), web.SurveyChoices(f, book))
	}, func() templ.Component { return answerPage(x, f) })
}
