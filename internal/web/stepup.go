package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/fault"
)

// draftMax bounds a kept form, in bytes of its text.
const draftMax = 200_000

// stepFields ask for a fresh second factor, and carry where it was asked for.
var stepFields = []Field{
	{Name: "code", Label: "动态码", Kind: Code, Required: true, Max: 12, Auto: "one-time-code", Hint: "这一步事关重大，请再输入一次身份验证器上的 6 位数字"},
	{Name: "to", Kind: Carried, Max: 2048},
	{Name: "draft", Kind: Carried, Max: draftMax},
}

// StepUpForm is the form for a fresh second factor that leads to a page of ours.
func StepUpForm(to string) *Form { return NewForm(stepFields...).Set("to", Local(to)) }

// ReadStepUp reads it.
func ReadStepUp(r *http.Request) (*Form, error) { return ReadForm(r, stepFields...) }

// StepUpPage shows it.
func StepUpPage(f *Form) templ.Component {
	var parts []templ.Component
	back := "/account" // not the page asked for, which would only ask again
	if d, ok := readDraft(f.Str("draft")); ok {
		text := "您刚才填写的内容已保留，确认身份后可以继续提交。"
		if d.files() {
			text += "选择的文件不能保留，需要重新选择。"
		}
		parts, back = append(parts, Notice(Info, "", text)), Local(f.Str("to"))
	}
	parts = append(parts, Section(Box{}, FormView(f, FormBox{Action: "/stepup", Submit: "确认", Cancel: back})))
	return Whole(Page{Title: "再次确认身份", Narrow: true, Own: true}, parts...)
}

// SteppedUp gives the browser its new session token and goes on: to the form that
// was interrupted, filled in as it was, or else to the page asked for.
func SteppedUp(w http.ResponseWriter, r *http.Request, f *Form, token string) error {
	SetSession(r, token)
	d, ok := readDraft(f.Str("draft"))
	if !ok {
		Say(r, "身份已确认，五分钟内有效，请继续刚才的操作。")
		return Redirect(w, r, f.Str("to"))
	}
	stateOf(r.Context()).secret = token // the next form is of the new token
	w.Header().Set("Cache-Control", "no-store")
	return Show(w, r, http.StatusOK, Whole(Page{Title: "继续刚才的操作", Narrow: true, Own: true},
		Notice(Good, "", "身份已确认，五分钟内有效。刚才的操作还没有办理，请核对后重新提交。"),
		Section(Box{}, around(Ask(d.form(), FormBox{Action: Local(d.Action), Submit: "提交", Cancel: Local(f.Str("to"))}), []templ.Component{Inputs(d.form()), unseenInputs(d.Rest)}))))
}

// interrupted is the page that asks for the second factor and keeps what was typed
// into one of our own forms; nil if nothing was (ACC-4). What another site sent is
// never echoed.
func interrupted(r *http.Request) templ.Component {
	st := stateOf(r.Context())
	if st.asked == nil || !st.ownPage() {
		return nil
	}
	d := draftOf(st.asked, Local(r.URL.RequestURI()))
	text, err := json.Marshal(d)
	if err != nil || !d.typed() || base64.RawURLEncoding.EncodedLen(len(text)) > draftMax {
		return nil
	}
	return StepUpPage(StepUpForm(cameFrom(r)).Set("draft", base64.RawURLEncoding.EncodeToString(text)))
}

// A draft is a form as somebody had filled it in when a second factor was asked
// for. It travels through the browser; whoever alters it alters but the own form.
type draft struct {
	Action string
	Once   string
	Fields []Field             // those that can be drawn by themselves
	Values map[string][]string // of them, without secrets
	Rest   map[string][]string // of the others
	Files  []string            // fields in which files had been chosen
}

func draftOf(f *Form, action string) draft {
	d := draft{Action: action, Once: f.key, Values: map[string][]string{}, Rest: map[string][]string{}}
	for _, fd := range f.Fields {
		values := f.values[fd.Name]
		drawn := fd.Kind == Carried || fd.Label != "" && (fd.Kind != Checks || len(fd.Options) > 0)
		switch {
		case fd.secret():
			d.Fields = append(d.Fields, fd)
		case drawn:
			d.Fields, d.Values[fd.Name] = append(d.Fields, fd), values
		case len(values) > 0:
			d.Rest[fd.Name] = values
		}
		if len(f.files[fd.Name]) > 0 {
			d.Files = append(d.Files, fd.Name)
		}
	}
	return d
}

func readDraft(text string) (d draft, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) == 0 || json.Unmarshal(raw, &d) != nil {
		return draft{}, false
	}
	return d, d.Action != ""
}

func (d draft) files() bool { return len(d.Files) > 0 }

// typed says whether the draft holds more than what the page itself carries.
func (d draft) typed() bool {
	for _, fd := range d.Fields {
		if fd.Kind != Carried && len(d.Values[fd.Name]) > 0 {
			return true
		}
	}
	return d.files() || len(d.Rest) > 0
}

func (d draft) form() *Form {
	f := NewForm(d.Fields...)
	f.key = d.Once
	for name, values := range d.Values {
		f.values[name] = values
	}
	f.gone = d.Files
	return f
}

// stepUp answers a refusal for want of a fresh second factor.
func stepUp(w http.ResponseWriter, r *http.Request, f *fault.Error, to string) error {
	page := interrupted(r)
	if page == nil {
		return Redirect(w, r, to)
	}
	w.Header().Set("Cache-Control", "no-store")
	return Show(w, r, Status(f), page)
}
