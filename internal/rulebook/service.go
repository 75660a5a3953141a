package rulebook

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

const remarkMax = 4000 // characters

// A Service keeps the versions of rulebooks: draft → public comment → adopted →
// retired. Who uploads a version never adopts it (maker ≠ checker).
type Service struct {
	DB    *db.DB
	Kinds Kinds
}

// place is where a rulebook stands: a city's belongs to that city; one of a
// province may be taken over by whoever may do the act at all.
func require(who authz.Actor, act authz.Act, city code.Division) error {
	if city.Level() < code.City {
		return authz.RequireAny(who, act)
	}
	return authz.Require(who, act, authz.Place{Division: city})
}

func object(id db.ID) string { return "rulebook:" + id.String() }

// Upload checks a file and stores it as a draft.
func (s *Service) Upload(ctx context.Context, who authz.Actor, text []byte) (v Version, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		v, err = s.UploadIn(ctx, tx, who, text)
		return err
	})
	return v, err
}

// UploadIn is Upload inside the caller's transaction. A draft of another city's
// measure may be uploaded for comparison; adopting it is another matter.
func (s *Service) UploadIn(ctx context.Context, tx *db.Tx, who authz.Actor, text []byte) (Version, error) {
	if err := authz.RequireAny(who, authz.RulebookUpload); err != nil {
		return Version{}, err
	}
	doc, err := s.Kinds.Check(text)
	if err != nil {
		return Version{}, err
	}
	if err := tx.Lock(ctx, "rulebook", doc.Digest); err != nil {
		return Version{}, err
	}
	_, exists, err := db.One(ctx, tx, scanVersion, versionColumns+`WHERE digest = $1`, doc.Digest)
	if err != nil {
		return Version{}, err
	}
	if exists {
		return Version{}, fault.New(fault.Conflict, "rulebook.same", "这份文件已经上传过，内容完全相同。")
	}
	v := Version{
		ID: tx.NewID(), Kind: doc.Kind, Code: doc.Code, Version: doc.Version, City: doc.City, Title: doc.Title, Digest: doc.Digest,
		From: doc.From, To: doc.To, State: Draft, UploadedAt: tx.Now, UploadedBy: who.Account, uploader: who.Person,
	}
	if err := insertVersion(ctx, tx, v, text); err != nil {
		return Version{}, err
	}
	return v, audit.Append(ctx, tx, who, "rulebook.uploaded", object(v.ID), map[string]any{"name": v.Name(), "digest": v.Digest})
}

// OpenComment puts a draft to public comment until a day.
func (s *Service) OpenComment(ctx context.Context, who authz.Actor, id db.ID, until day.Date) (v Version, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		v, err = s.OpenCommentIn(ctx, tx, who, id, until)
		return err
	})
	return v, err
}

// OpenCommentIn is OpenComment inside the caller's transaction.
func (s *Service) OpenCommentIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, until day.Date) (Version, error) {
	v, err := s.locked(ctx, tx, id)
	if err != nil {
		return v, err
	}
	if err := require(who, authz.RulebookOpenComment, v.City); err != nil {
		return v, err
	}
	switch {
	case v.State != Draft:
		return v, fault.New(fault.Conflict, "rulebook.state", "规则已是“%s”状态，不能公开征求意见。", v.State)
	case until <= tx.Today():
		return v, fault.New(fault.Invalid, "rulebook.comment-until", "征求意见的截止日应在今天之后。").With("until", "请填写今天之后的日期。")
	}
	v.State, v.CommentFrom, v.CommentTo = Comment, tx.Today(), until
	if err := s.set(ctx, tx, `UPDATE rulebook SET state = 'comment', comment_from = $2, comment_to = $3 WHERE id = $1 AND state = 'draft'`,
		id, v.CommentFrom, v.CommentTo); err != nil {
		return v, err
	}
	return v, audit.Append(ctx, tx, who, "rulebook.comment-opened", object(id), map[string]any{"name": v.Name(), "until": until})
}

// AddComment adds a comment on a version in public comment, on the whole or on
// one path.
func (s *Service) AddComment(ctx context.Context, who authz.Actor, id db.ID, path, body string) (r Remark, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		r, err = s.AddCommentIn(ctx, tx, who, id, path, body)
		return err
	})
	return r, err
}

// AddCommentIn is AddComment inside the caller's transaction.
func (s *Service) AddCommentIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID, path, body string) (Remark, error) {
	v, err := Find(ctx, tx, id)
	if err != nil {
		return Remark{}, err
	}
	if err := authz.RequireAny(who, authz.RulebookComment); err != nil {
		return Remark{}, err
	}
	body, path = strings.TrimSpace(body), strings.TrimSpace(path)
	switch {
	case v.State != Comment || tx.Today() > v.CommentTo:
		return Remark{}, fault.New(fault.Conflict, "rulebook.comment-closed", "这份规则不在征求意见期内。")
	case body == "" || utf8.RuneCountInString(body) > remarkMax || utf8.RuneCountInString(path) > 200:
		return Remark{}, fault.New(fault.Invalid, "rulebook.comment-body", "意见应为 1 到 %d 字。", remarkMax).With("body", fmt.Sprintf("请写 1 到 %d 字。", remarkMax))
	}
	r := Remark{ID: tx.NewID(), At: tx.Now, Account: who.Account, Path: path, Body: body}
	if err := insertRemark(ctx, tx, id, r); err != nil {
		return Remark{}, err
	}
	return r, audit.Append(ctx, tx, who, "rulebook.commented", object(id), map[string]any{"comment": r.ID})
}

// Adopt puts a version into force from its effective date. The person who
// uploaded it can't adopt it, and a running comment period must end first.
func (s *Service) Adopt(ctx context.Context, who authz.Actor, id db.ID) (v Version, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		v, err = s.AdoptIn(ctx, tx, who, id)
		return err
	})
	return v, err
}

// Adoptable lists the versions whose comment period is over and that the actor
// may adopt, newest first: those that somebody else uploaded (AZ-5).
func (s *Service) Adoptable(ctx context.Context, tx *db.Tx, who authz.Actor) (list []Version, err error) {
	if !authz.Can(who, authz.RulebookAdopt) {
		return nil, nil
	}
	all, err := List(ctx, tx, Filter{State: Comment}, 0, pageMax)
	for _, v := range all {
		if v.CommentTo < tx.Today() && MayAdopt(who, v) {
			list = append(list, v)
		}
	}
	return list, err
}

// MayAdopt says whether the actor may adopt a version of another's, if need be
// after a step-up.
func MayAdopt(who authz.Actor, v Version) bool {
	err := require(who, authz.RulebookAdopt, v.City)
	if e := fault.From(err); e != nil && e.Kind != fault.StepUp {
		return false
	}
	return authz.RequireOther(who, authz.RulebookAdopt, v.uploader) == nil
}

// AdoptIn is Adopt inside the caller's transaction. Versions of the same code
// that were in force without an end are retired from its first day on.
func (s *Service) AdoptIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (Version, error) {
	v, err := s.locked(ctx, tx, id)
	if err != nil {
		return v, err
	}
	if err := require(who, authz.RulebookAdopt, v.City); err != nil {
		return v, err
	}
	if who.SystemName() == "" {
		if err := authz.RequireOther(who, authz.RulebookAdopt, v.uploader); err != nil {
			return v, err
		}
	}
	switch {
	case v.State == Adopted || v.State == Retired:
		return v, fault.New(fault.Conflict, "rulebook.state", "规则已是“%s”状态。", v.State)
	case v.State == Comment && tx.Today() <= v.CommentTo:
		return v, fault.New(fault.Conflict, "rulebook.comment-open", "征求意见到 %s 截止，之后才能批准。", v.CommentTo)
	}
	if err := s.oneName(ctx, tx, v); err != nil {
		return v, err
	}
	if err := s.set(ctx, tx, `UPDATE rulebook SET state = 'adopted', adopted_at = $2, adopted_person = $3 WHERE id = $1 AND state IN ('draft', 'comment')`,
		id, db.Millis(tx.Now), who.Person); err != nil {
		return v, err
	}
	if _, err := tx.Exec(ctx, `
		UPDATE rulebook SET state = 'retired', effective_to = $4, retired_at = $5
		WHERE kind = $1 AND code = $2 AND state = 'adopted' AND effective_from < $3 AND (effective_to IS NULL OR effective_to >= $3)`,
		v.Kind, v.Code, v.From, v.From.AddDays(-1), db.Millis(tx.Now)); err != nil {
		return v, fmt.Errorf("retire predecessors: %w", err)
	}
	v.State, v.AdoptedAt, v.adopter = Adopted, tx.Now, who.Person
	return v, audit.Append(ctx, tx, who, "rulebook.adopted", object(id), map[string]any{"name": v.Name(), "digest": v.Digest, "from": v.From})
}

// oneName refuses a second adopted version of one name: results are told apart by it.
func (s *Service) oneName(ctx context.Context, tx *db.Tx, v Version) error {
	n, err := db.Value[int64](ctx, tx, `
		SELECT COUNT(*) FROM rulebook WHERE kind = $1 AND code = $2 AND version = $3 AND state IN ('adopted', 'retired')`, v.Kind, v.Code, v.Version)
	if err == nil && n > 0 {
		err = fault.New(fault.Conflict, "rulebook.version-taken", "版本“%s”已经采用过，请改版本号后重新上传。", v.Version)
	}
	return err
}

// Retire ends a version on its last day.
func (s *Service) Retire(ctx context.Context, who authz.Actor, id db.ID, last day.Date) (v Version, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if v, err = s.locked(ctx, tx, id); err != nil {
			return err
		}
		if err := require(who, authz.RulebookAdopt, v.City); err != nil {
			return err
		}
		switch {
		case v.State != Adopted:
			return fault.New(fault.Conflict, "rulebook.state", "规则是“%s”状态，不能停用。", v.State)
		case last < v.From || v.To != 0 && last > v.To:
			return fault.New(fault.Invalid, "rulebook.retire", "停用日应在规则的施行期内。").With("last", "请填写施行期内的日期。")
		}
		v.State, v.To, v.RetiredAt = Retired, last, tx.Now
		if err := s.set(ctx, tx, `UPDATE rulebook SET state = 'retired', effective_to = $2, retired_at = $3 WHERE id = $1 AND state = 'adopted'`,
			id, last, db.Millis(tx.Now)); err != nil {
			return err
		}
		return audit.Append(ctx, tx, who, "rulebook.retired", object(id), map[string]any{"name": v.Name(), "last": last})
	})
	return v, err
}

// InstallIn stores a shipped rulebook and, if its file says so, adopts it: the
// program's own act when a city is set up. It does nothing when the file is
// there already.
func (s *Service) InstallIn(ctx context.Context, tx *db.Tx, who authz.Actor, text []byte) (Version, error) {
	if v, exists, err := db.One(ctx, tx, scanVersion, versionColumns+`WHERE digest = $1`, digest(text)); err != nil || exists {
		return v, err
	}
	if who.SystemName() == "" {
		return Version{}, fault.New(fault.Forbidden, "rulebook.install", "随程序提供的规则只能由程序安装。")
	}
	v, err := s.UploadIn(ctx, tx, who, text)
	if err != nil {
		return v, err
	}
	doc, err := Read(text)
	if err != nil || doc.State != Adopted {
		return v, err
	}
	return s.AdoptIn(ctx, tx, who, v.ID)
}

// locked is a version with its lock taken.
func (s *Service) locked(ctx context.Context, tx *db.Tx, id db.ID) (Version, error) {
	if err := tx.Lock(ctx, "rulebook", id); err != nil {
		return Version{}, err
	}
	return Find(ctx, tx, id)
}

// set changes one version and notices when somebody else was faster.
func (s *Service) set(ctx context.Context, tx *db.Tx, query string, args ...any) error {
	n, err := tx.Exec(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("change rulebook: %w", err)
	}
	if n != 1 {
		return fault.New(fault.Conflict, "rulebook.stale", "规则的状态已经变化，请刷新后再试。")
	}
	return nil
}

// Document reads a stored version again.
func (s *Service) Document(ctx context.Context, tx *db.Tx, id db.ID) (*Document, error) {
	text, err := TextOf(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return s.Kinds.Check(text)
}
