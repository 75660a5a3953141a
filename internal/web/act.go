package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/once"
)

// answer is what a form's key keeps, so that a second click or a reload leads to
// the same page and does nothing twice.
type answer struct {
	To   string `json:"to"`
	Said string `json:"said,omitempty"`
}

// Act does something once, however often its form is sent (MON-3): it claims the
// form's idempotency key, runs fn and keeps where fn leads to, in one
// transaction, and then sends the browser there. fn may run again after a
// deadlock, so it sets its results anew each time.
func Act(w http.ResponseWriter, r *http.Request, d *db.DB, fn func(ctx context.Context, tx *db.Tx) (to string, err error)) error {
	st := stateOf(r.Context())
	key, scope, err := claim(r, st)
	if err != nil {
		return err
	}
	digest, err := st.form.digest()
	if err != nil {
		return err
	}
	var kept []byte
	err = d.Write(r.Context(), func(tx *db.Tx) error {
		st.said = ""
		err := st.recheck(r.Context(), tx)
		if err != nil {
			return err
		}
		_, kept, _, err = once.Do(r.Context(), tx, scope, key, digest, func() (int, []byte, error) {
			to, err := fn(r.Context(), tx)
			if err != nil {
				return 0, nil, err
			}
			made, err := json.Marshal(answer{To: to, Said: st.said})
			return http.StatusSeeOther, made, err
		})
		return err
	})
	if err != nil {
		st.said = "" // nothing of it happened
		return err
	}
	var a answer
	if err := json.Unmarshal(kept, &a); err != nil {
		return err
	}
	st.said = a.Said
	return Redirect(w, r, a.To)
}

// recheck reads the actor's rights again, so that nothing commits after a
// revocation was acknowledged (SES-3).
func (st *state) recheck(ctx context.Context, tx *db.Tx) error {
	if !st.signed || st.site.Recheck == nil {
		return nil
	}
	who, err := st.site.Recheck(ctx, tx, st.who)
	if err == nil {
		st.who = who
	}
	return err
}

// claim is the key of the posted form and the scope it counts in: the route and
// the account, so that nobody meets another's answer.
func claim(r *http.Request, st *state) (key, scope string, err error) {
	if st.form == nil {
		return "", "", fault.New(fault.Invalid, "form.encoding", "提交的内容无法识别。")
	}
	key = st.form.values.Get(onceField)
	if len(key) < 16 || len(key) > 64 {
		return "", "", fault.New(fault.Invalid, "form.once", "这张表单缺少防重复标记，请返回重新打开。")
	}
	owner := st.who.Account.String()
	if owner == "" {
		sum := sha256.Sum256([]byte(st.secret)) // a token is never stored in clear
		owner = hex.EncodeToString(sum[:8])
	}
	return key, "form " + r.URL.Path + " " + owner, nil
}

// Submit is how a handler answers a form: if it is sound, fn runs as in [Act];
// if it is not, or fn refuses what was typed, the page is shown again with
// everything typed, the reasons and the refusal's status (422, or 429 for too often).
func Submit(w http.ResponseWriter, r *http.Request, d *db.DB, f *Form, fn func(ctx context.Context, tx *db.Tx) (to string, err error), again func() templ.Component) error {
	if !f.OK() {
		return Show(w, r, http.StatusUnprocessableEntity, again())
	}
	err := Act(w, r, d, fn)
	if err == nil {
		return nil
	}
	switch {
	case f.Take(err):
		return Show(w, r, http.StatusUnprocessableEntity, again())
	case f.TakeLimit(err):
		w.Header().Set("Retry-After", "60")
		return Show(w, r, http.StatusTooManyRequests, again())
	}
	return err
}

// TakeLimit is [Form.Take] for what was sent too often: who is to come back later
// keeps what was typed.
func (f *Form) TakeLimit(err error) bool {
	e := fault.From(err)
	if e == nil || e.Kind != fault.TooMany {
		return false
	}
	f.refused.Text, f.refused.Rule = e.Text, e.Rule
	return true
}

// Take moves a refusal of what was typed into the form and says whether it was
// one. Fields that the form does not have join the sentence at its top.
func (f *Form) Take(err error) bool {
	e := fault.From(err)
	if e == nil || e.Kind != fault.Invalid || e.Rule == "once.mismatch" {
		return false
	}
	f.refused.Text, f.refused.Rule = e.Text, e.Rule
	maps.Copy(f.top(), e.Fields)
	return true
}

func (f *Form) top() map[string]string {
	if f.refused.Fields == nil {
		f.refused.Fields = map[string]string{}
	}
	return f.refused.Fields
}
