package resident

import (
	"context"
	"slices"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/fault"
)

// Insider says whether an account is one of those who answer for a place or look
// after it: officials, the firm and its managers. They live somewhere too, but
// report and rate there by their telephone: otherwise a firm would confirm its own
// answers, and its rival would contest them.
func Insider(who authz.Actor, at authz.Place) bool { return holdsAny(who, at) }

func holdsAny(who authz.Actor, at authz.Place, more ...authz.Role) bool {
	return slices.ContainsFunc(who.Grants, func(g authz.Grant) bool {
		office := g.Role.Official() || g.Role == authz.Enterprise || g.Role == authz.ProjectManager || slices.Contains(more, g.Role)
		return office && g.Scope.Covers(at)
	})
}

// asResident refuses an account whose office the report concerns.
func (r *Report) asResident(who authz.Actor) error {
	if !holdsAny(who, r.Place(), r.Office) {
		return nil
	}
	return fault.New(fault.Conflict, "resident.insider", "您的账号负责这个小区的管理、答复或监督，不能以居民身份反映或评价。您本人是居民的，请退出登录后凭手机号办理。")
}

// spendDay refuses an account that spoke often enough today: signed in, nobody is
// asked for a code, so nothing else would bound how often one account complains of
// a rival. Visitors are bounded by their codes.
func (s *Reports) spendDay(ctx context.Context, tx *db.Tx, book *Book, account db.ID) error {
	if account == 0 {
		return nil
	}
	if err := tx.Lock(ctx, "account", account); err != nil {
		return err
	}
	n, err := db.Value[int64](ctx, tx, `SELECT COUNT(*) FROM resident_voice WHERE account = $1 AND joined_on = $2`, account, tx.Today())
	if err != nil {
		return err
	}
	if n >= book.Daily {
		return fault.New(fault.TooMany, "resident.daily", "这个账号今天已经反映 %d 件，达到每天的上限，请明天再反映。紧急情况请拨打 12345。", n)
	}
	return nil
}
