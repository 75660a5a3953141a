package city

import (
	"context"
	"crypto/rand"
	"fmt"
	mrand "math/rand/v2"
	"strings"
	"time"

	"juli/internal/authz"
	"juli/internal/code"
	"juli/internal/day"
	"juli/internal/db"
	"juli/internal/fault"
	"juli/internal/identity"
)

// An Account can sign in: its secrets are random for each database and stand in
// demo-accounts.json only.
type Account struct {
	Login    string `json:"login"`
	Name     string `json:"name"`
	Role     string `json:"role"`
	Title    string `json:"title"`
	Place    string `json:"place"`
	Password string `json:"password"`
	Secret   string `json:"totp_secret"`
}

// people keeps the accounts of the city: a few that can sign in, and the others
// as they are needed, invited and without a password.
type people struct {
	s        *Services
	names    *namer
	ids      map[string]db.ID
	actors   map[string]authz.Actor
	makers   [2]string // security administrators
	accounts []Account
	seats    []seat
	until    day.Date
	number   int
}

func newPeople(s *Services, seed uint64, until day.Date) *people {
	return &people{
		s: s, names: &namer{mrand.New(mrand.NewPCG(seed, 7)), map[string]bool{}}, ids: map[string]db.ID{}, actors: map[string]authz.Actor{},
		makers: [2]string{"secadmin1", "secadmin2"}, until: until,
	}
}

// actor is the holder of a login, with a fresh second factor.
func (p *people) actor(ctx context.Context, tx *db.Tx, login string) (authz.Actor, error) {
	if who, known := p.actors[login]; known {
		who.StepUp = tx.Real
		return who, nil
	}
	who, err := p.s.Identity.ActorOf(ctx, tx, p.ids[login])
	if err != nil {
		return who, fmt.Errorf("account %s: %w", login, err)
	}
	who = fresh(who, tx.Real)
	p.actors[login] = who
	return who, nil
}

// body is the nth person of a role at a place, counted from 1: another one for
// each act that needs another person.
func (p *people) body(ctx context.Context, tx *db.Tx, role authz.Role, scope authz.Scope, nth int) (authz.Actor, error) {
	login := fmt.Sprintf("%s-%s%s%s", shortRole(role), scope.Division, strings.ToLower(string(scope.Enterprise)), scope.Project)
	if nth > 1 {
		login += fmt.Sprintf("-%d", nth)
	}
	if named, ok := p.named(role, scope, nth); ok {
		login = named
	}
	if _, known := p.ids[login]; !known {
		if _, err := p.invite(ctx, tx, login, role, scope, false); err != nil {
			return authz.Actor{}, err
		}
	}
	return p.actor(ctx, tx, login)
}

// named is the login of a body that has sign-in accounts.
func (p *people) named(role authz.Role, scope authz.Scope, n int) (string, bool) {
	switch role {
	case authz.CityBureau:
		return fmt.Sprintf("city%d", n), true
	case authz.DistrictBureau:
		if word := districtWords[scope.Division]; word != "" {
			return fmt.Sprintf("%s%d", word, n), true
		}
	case authz.Association:
		return "association1", true
	}
	for _, x := range p.seats { // whoever comes after the last of them has no account that can sign in
		if x.role == role && x.scope == scope {
			if n--; n == 0 {
				return x.login, true
			}
		}
	}
	return "", false
}

// districtWords are the districts whose officials can sign in: three each, since
// who proposed, who identified and who decides an objection are three persons.
var districtWords = map[code.Division]string{
	"230102": "daoli", "230103": "nangang", "230104": "daowai", "230110": "xiangfang", "230109": "songbei", "230108": "pingfang",
}

func shortRole(r authz.Role) string {
	return map[authz.Role]string{
		authz.DistrictBureau: "qu", authz.Subdistrict: "jiedao", authz.Community: "shequ", authz.Enterprise: "qiye", authz.ProjectManager: "jingli", authz.Committee: "yeweihui",
	}[r]
}

// invite makes an account by one security administrator and has the other one
// approve what needs approval.
func (p *people) invite(ctx context.Context, tx *db.Tx, login string, role authz.Role, scope authz.Scope, manager bool) (identity.Invited, error) {
	maker, err := p.actor(ctx, tx, p.makers[0])
	if err != nil {
		return identity.Invited{}, err
	}
	out, err := p.s.Identity.InviteIn(ctx, tx, maker, identity.Invite{Login: login, Name: p.names.person(), Role: role, Scope: scope, Manager: manager, To: p.until})
	if err != nil {
		return out, fmt.Errorf("invite %s: %w", login, err)
	}
	if out.Proposed {
		checker, err := p.actor(ctx, tx, p.makers[1])
		if err != nil {
			return out, err
		}
		if err := p.s.Identity.ApproveIn(ctx, tx, checker, out.Grant); err != nil {
			return out, fmt.Errorf("approve %s: %w", login, err)
		}
	}
	p.ids[login] = out.Account
	return out, nil
}

// join takes an invitation over: password, second factor, identity.
func (p *people) join(ctx context.Context, login, oneTime string, role authz.Role, place string) error {
	a := Account{Login: login, Name: p.names.person(), Role: string(role), Title: role.Title(), Place: place, Password: "Jl-" + rand.Text()[:16] + "-7a"}
	p.number++
	from := identity.Origin{Addr: "127.0.0.1", Agent: "juli demo", Request: "demo"}
	number := idNumber(mrand.New(mrand.NewPCG(1, uint64(p.number))), 50_000+p.number)
	e, err := p.s.Identity.Join(ctx, from, identity.Joining{Code: oneTime, Name: a.Name, Number: number, Password: a.Password})
	for n := 0; n < 9 && fault.Is(err, "identity.password"); n++ { // by chance it holds a word that is not allowed
		a.Password = "Jl-" + rand.Text()[:16] + "-7a"
		e, err = p.s.Identity.Join(ctx, from, identity.Joining{Code: oneTime, Name: a.Name, Number: number, Password: a.Password})
	}
	if err != nil {
		return fmt.Errorf("join %s: %w", login, err)
	}
	if e.Secret != "" {
		a.Secret = e.Secret
		digits, err := identity.Code(e.Secret, time.Now())
		if err != nil {
			return err
		}
		if _, err := p.s.Identity.Enrol(ctx, from, e.Challenge, digits); err != nil {
			return fmt.Errorf("enrol %s: %w", login, err)
		}
	}
	p.accounts = append(p.accounts, a)
	return nil
}

// A seat is an account that can sign in.
type seat struct {
	login   string
	role    authz.Role
	scope   authz.Scope
	manager bool
	place   string
}

// settle makes the accounts that can sign in: the four administrators by their
// one-time codes, then everybody else by invitation.
func (p *people) settle(ctx context.Context, seats []seat) error {
	p.seats = seats
	first, err := p.s.Identity.Init(ctx, p.s.City)
	if err != nil {
		return err
	}
	for _, f := range first {
		if err := p.join(ctx, f.Login, f.Code, f.Role, "全市"); err != nil {
			return err
		}
	}
	err = p.s.DB.Read(ctx, func(tx *db.Tx) error {
		for _, f := range first {
			id, err := db.Value[db.ID](ctx, tx, `SELECT id FROM identity_account WHERE login = $1`, f.Login)
			if err != nil {
				return err
			}
			p.ids[f.Login] = id
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, x := range seats {
		var out identity.Invited
		err := p.s.DB.Write(ctx, func(tx *db.Tx) (err error) {
			out, err = p.invite(ctx, tx, x.login, x.role, x.scope, x.manager)
			return err
		})
		if err != nil {
			return err
		}
		if err := p.join(ctx, x.login, out.Code, x.role, x.place); err != nil {
			return err
		}
	}
	return nil
}
