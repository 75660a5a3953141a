package resident

import (
	"context"
	"time"
	"unicode/utf8"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/casework"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
)

// ReleaseIn decides what everybody may read: the text as the official worded it,
// and whether the photos too: those that were painted anew and so could be looked at.
// Empty texts take it back. The resident's own words, unchanged, are published only by
// who says that they were checked.
func (s *Reports) ReleaseIn(ctx context.Context, tx *db.Tx, who authz.Actor, t Take, body, answer string, photos bool) error {
	r, err := s.locked(ctx, tx, who, t.Report, authz.ReportRelease)
	if err != nil {
		return err
	}
	if err := casework.Current(r.Case, t.Version); err != nil {
		return err
	}
	if r.Release != t.Release { // writing them does not move the case
		return fault.New(fault.Conflict, "resident.release-stale", "公开内容刚刚已由他人改写。请核对现在公开的内容后再保存，您填写的内容没有丢失。")
	}
	body, answer = tidy(body), tidy(answer)
	bad := fault.New(fault.Invalid, "resident.form", "请改正标出的内容。")
	for field, text := range map[string]string{"public_body": body, "public_answer": answer} {
		switch {
		case utf8.RuneCountInString(text) > bodyMax:
			bad.With(field, "不超过 2000 个字。")
		case notify.Personal(text):
			bad.With(field, "公开的内容里不能有电话、证件号码或邮箱。")
		}
	}
	if body != "" && body == tidy(r.Body) && !t.Checked {
		bad.With("public_body", "与居民的原文完全相同。请改写，或勾选“已逐句核对原文”。")
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	public := body != "" || answer != ""
	r.PublicBody, r.PublicAns, r.Released = body, answer, time.Time{}
	if public {
		r.Released = tx.Now
	}
	if err := updateReport(ctx, tx, r); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE resident_report SET release_no = release_no + 1 WHERE id = $1`, r.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE resident_photo SET released = ($2 AND state = 'ready') WHERE report = $1`, r.ID, public && photos); err != nil {
		return err
	}
	return audit.Append(ctx, tx, who, "resident.released", r.object(), audit.Change{Act: authz.ReportRelease, At: r.Place(), Detail: map[string]any{"photos": photos, "public": public}})
}

// notice puts a message into a body's box.
func (s *Reports) notice(ctx context.Context, tx *db.Tx, r *Report, h *casework.Holder, text string) error {
	if h.Project != "" { // a committee's desk has a to-do list and no letters
		return nil
	}
	to, link := notify.ToBody(h.Role, h.Division), "/bureau/reports/"+r.ID.String()
	if h.Enterprise != "" {
		to, link = notify.ToEnterprise(h.Enterprise), "/enterprise/reports/"+r.ID.String()
	}
	_, err := notify.Send(ctx, tx, authz.System("resident"), notify.Message{
		Kind: "resident.notice", Title: text, Body: "诉求 " + r.Number + "：" + text + "。", Object: r.object(), Link: link, To: []notify.Party{to},
	})
	return err
}
