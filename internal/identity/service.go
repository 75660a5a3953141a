package identity

import (
	"context"
	"fmt"

	"juli/internal/audit"
	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/notify"
	"juli/internal/seal"
)

// A Service keeps people, accounts, grants and sessions.
type Service struct {
	DB      *db.DB
	Keys    *seal.Keys
	Denials *audit.Denials
	Policy  Policy
	Issuer  string // as an authenticator shows it

	// OnHandover moves a leaver's claimed work to the successor, in the same
	// transaction; app sets it to casework.HandOver.
	OnHandover func(ctx context.Context, tx *db.Tx, who authz.Actor, from db.ID, to authz.Actor, note string) (int, error)

	// Registered is what the register says of an enterprise; app sets it to
	// registry.Service.Firm. Who asks for an enterprise's account is decided upon
	// where the register has it.
	Registered func(ctx context.Context, tx *db.Tx, uscc code.USCC) (f Firm, ok bool, err error)
}

// New is a service with the default policy.
func New(d *db.DB, keys *seal.Keys) *Service {
	return &Service{DB: d, Keys: keys, Denials: &audit.Denials{DB: d}, Policy: DefaultPolicy(), Issuer: "聚力"}
}

// On is the same service on another view of the database: a simulated calendar.
func (s *Service) On(d *db.DB) *Service {
	c := *s
	c.DB, c.Denials = d, &audit.Denials{DB: d}
	return &c
}

// An Origin is where a request comes from.
type Origin struct {
	Addr    string
	Agent   string // the browser, as it names itself
	Request string // id
	Device  string // token of the device cookie, if the browser has one
}

func (o Origin) actor(account, person db.ID) authz.Actor {
	return authz.Actor{Account: account, Person: person, Request: o.Request, Addr: o.Addr}
}

// placeOf is where a body of that scope stands: a project lies in its community.
func placeOf(s authz.Scope) authz.Place {
	at := s.Place()
	if at.Project != "" && at.Division == "" {
		at.Division = code.ProjectCode(at.Project).Community()
	}
	return at
}

func object(kind string, id db.ID) string { return kind + ":" + id.String() }

// holdsToday is the condition under which a grant g counts; $n is today.
func holdsToday(n int) string {
	return fmt.Sprintf(`g.state = 'active' AND g.valid_from <= $%d AND g.valid_to >= $%d`, n, n)
}

// tell puts a message into somebody's box: the old channel of AUT-6.
func tell(ctx context.Context, tx *db.Tx, who authz.Actor, account db.ID, kind, title, body string) error {
	_, err := notify.Send(ctx, tx, who, notify.Message{
		Kind: kind, Title: title, Body: body, Object: object("account", account), Link: "/account",
		To: []notify.Party{notify.ToAccount(account)},
	})
	return err
}

func notFound() error {
	return fault.New(fault.NotFound, "identity.not-found", "没有找到这个账号。")
}

// checkTerm refuses a grant without a believable end (AZ-6).
func (s *Service) checkTerm(today, from, to day.Date) error {
	f := fault.New(fault.Invalid, "identity.term", "授权的起止日期不对。")
	switch {
	case from == 0:
		f.With("from", "请填写起始日期。")
	case to == 0:
		f.With("to", "请填写截止日期：授权必须有期限。")
	case to < from:
		f.With("to", "截止日期不能早于起始日期。")
	case to < today:
		f.With("to", "截止日期已过。")
	case to > from.AddMonths(12*s.Policy.GrantYears):
		f.With("to", fmt.Sprintf("授权最长%d年。", s.Policy.GrantYears))
	}
	return f.OrNil()
}

// requireSelf lets everybody who is signed in look after the own account, also
// while no grant holds.
func requireSelf(who authz.Actor) error {
	if who.SignedIn() {
		return nil
	}
	return authz.RequireAny(who, authz.AccountSelf)
}
