package identity

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
)

// An Invite is one person to be invited: a new account with its first grant.
type Invite struct {
	Login    string // unique for ever; "" makes one
	Name     string // may be empty: the person fills it in
	Number   string // ID number, only noted: who joins must give the same; may be empty
	Phone    string
	Role     authz.Role
	Scope    authz.Scope
	Manager  bool
	From, To day.Date // From 0 is today
}

// An Invited is an account that waits for its person. Code is shown once.
type Invited struct {
	Account, Grant db.ID
	Login, Code    string
	Ends           time.Time // real
	Proposed       bool      // the grant waits for a second person's approval (AZ-5)
}

// Invite makes an account for a new person of one's own body. Grants of an
// authority's role wait for a checker; the person may take the account over
// meanwhile, but it can do nothing. It does not matter, and does not show, whether
// the person has been known before: that is found when the person joins.
func (s *Service) Invite(ctx context.Context, who authz.Actor, in Invite) (out Invited, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		out, err = s.InviteIn(ctx, tx, who, in)
		return err
	})
	return out, err
}

// InviteIn is Invite inside the caller's transaction.
func (s *Service) InviteIn(ctx context.Context, tx *db.Tx, who authz.Actor, in Invite) (Invited, error) {
	if err := requireGive(who, authz.AccountInvite, in.Role, in.Scope); err != nil {
		return Invited{}, err
	}
	if in.From == 0 {
		in.From = tx.Today()
	}
	if err := s.checkInvite(tx, in); err != nil {
		return Invited{}, err
	}
	p, err := insertPerson(ctx, tx)
	if err != nil {
		return Invited{}, err
	}
	if in.Login == "" {
		in.Login = "u" + strings.ToLower(p.String())
	}
	id, err := insertAccount(ctx, tx, p, in.Login, who.Account)
	if err != nil {
		return Invited{}, err
	}
	a := account{id: id, person: p, login: in.Login}
	if err := s.note(ctx, tx, id, in.Number); err != nil {
		return Invited{}, err
	}
	grant, state, err := s.give(ctx, tx, who, newGrant{
		account: id, person: a.person, role: in.Role, scope: in.Scope, manager: in.Manager, from: in.From, to: in.To,
	})
	if err != nil {
		return Invited{}, err
	}
	if err := s.describe(ctx, tx, &a, in.Name, "", in.Phone); err != nil { // after the grant: the role says how the name is shown
		return Invited{}, err
	}
	return s.sendCode(ctx, tx, who, a, grant, state == "proposed")
}

func (s *Service) sendCode(ctx context.Context, tx *db.Tx, who authz.Actor, a account, grant db.ID, proposed bool) (Invited, error) {
	ends := tx.Real.Add(s.Policy.InviteFor)
	shown, _, err := s.code(ctx, tx, a.id, "join", db.Millis(tx.Real), db.Millis(ends), int64(who.Account))
	if err != nil {
		return Invited{}, fmt.Errorf("invitation: %w", err)
	}
	err = audit.Append(ctx, tx, who, "identity.invited", object("account", a.id), map[string]any{"grant": grant, "login": a.login})
	return Invited{Account: a.id, Grant: grant, Login: a.login, Code: shown, Ends: ends, Proposed: proposed}, err
}

// InviteAgain makes a new one-time code for an account that nobody took over yet,
// or that got its first staff role and lacks a second factor; the old code dies.
func (s *Service) InviteAgain(ctx context.Context, who authz.Actor, id db.ID) (out Invited, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		out, err = s.InviteAgainIn(ctx, tx, who, id)
		return err
	})
	return out, err
}

// InviteAgainIn is InviteAgain inside the caller's transaction.
func (s *Service) InviteAgainIn(ctx context.Context, tx *db.Tx, who authz.Actor, id db.ID) (out Invited, err error) {
	if err := requireOver(ctx, tx, who, authz.AccountInvite, id); err != nil {
		return out, err
	}
	a, err := accountByID(ctx, tx, id)
	if err != nil {
		return out, err
	}
	if a.state == "suspended" || a.state == "active" && a.second != nil {
		return out, fault.New(fault.Conflict, "identity.invited", "这个账号已经激活，找回密码请走“找回账号”。")
	}
	out, err = s.sendCode(ctx, tx, who, a, 0, false)
	return out, err
}

var loginForm = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._-]{2,39}$`)

func (s *Service) checkInvite(tx *db.Tx, in Invite) error {
	if err := authz.CheckScope(in.Role, in.Scope); err != nil {
		return err
	}
	f := fault.New(fault.Invalid, "identity.invite", "请核对填写的内容。")
	if in.Login != "" && (!loginForm.MatchString(in.Login) || in.Login != FoldLogin(in.Login)) {
		f.With("login", "账号名为3至40个小写字母、数字或汉字，可含点、横线和下划线。")
	}
	if in.Phone != "" && !mobile(in.Phone) {
		f.With("phone", "手机号码应为11位数字。")
	}
	if len([]rune(in.Name)) > 50 {
		f.With("name", "姓名不超过50字。")
	}
	if err := s.checkTerm(tx.Today(), in.From, in.To); err != nil {
		for field, text := range fault.From(err).Fields {
			f.With(field, text)
		}
	}
	return f.OrNil()
}

// A RowResult is what became of one row of a file.
type RowResult struct {
	Row     int // from 1
	Invited Invited
	Err     *fault.Error // nil: good
}

// InviteRows invites many people from a file: all or nobody. With dry nothing is
// written. ok says whether every row was good; the results tell each row's refusal.
func (s *Service) InviteRows(ctx context.Context, who authz.Actor, rows []Invite, dry bool) (results []RowResult, ok bool, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		results, ok, err = s.InviteRowsIn(ctx, tx, who, rows, dry)
		return err
	})
	return results, ok, err
}

// InviteRowsIn is InviteRows inside the caller's transaction, which goes on where
// the rows were undone.
func (s *Service) InviteRowsIn(ctx context.Context, tx *db.Tx, who authz.Actor, rows []Invite, dry bool) (results []RowResult, ok bool, err error) {
	if len(rows) > rowsMax {
		return nil, false, fault.New(fault.TooLarge, "identity.rows", "一次最多邀请%d人。", rowsMax)
	}
	undo := fault.New(fault.Conflict, "identity.rows-undone", "有不合格的行，全部未导入。")
	err = tx.Try(ctx, func() error {
		results, ok = nil, true
		for i, in := range rows {
			var inv Invited
			rowErr := tx.Try(ctx, func() (err error) {
				inv, err = s.InviteIn(ctx, tx, who, in)
				return err
			})
			r := RowResult{Row: i + 1, Invited: inv}
			if rowErr != nil {
				r.Err, r.Invited, ok = fault.From(rowErr), Invited{}, false
				if r.Err.Kind == fault.Internal || r.Err.Kind == fault.StepUp {
					return rowErr
				}
			}
			results = append(results, r)
		}
		if dry || !ok {
			return undo
		}
		return nil
	})
	if fault.Is(err, undo.Rule) {
		err = nil
		for i := range results {
			results[i].Invited.Code = "" // nothing was written, no code is good
		}
	}
	return results, ok, err
}
