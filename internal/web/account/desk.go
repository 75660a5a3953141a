// Package account is everybody's desk for their own account: signing in with two
// factors, taking an invitation, a fresh second factor before weighty acts,
// sessions and passwords.
package account

import (
	"net/http"

	"github.com/a-h/templ"

	"juli/internal/authz"
	"juli/internal/db"
	"juli/internal/identity"
	"juli/internal/web"
)

// A Desk answers the account pages. Home is where somebody goes after signing in.
type Desk struct {
	DB       *db.DB
	Identity *identity.Service
	Home     func(authz.Actor) string
}

// Routes lists every page of the desk.
func (d *Desk) Routes(g *web.Gates) {
	g.On("GET /login", authz.AccountSignIn, web.Handler(d.loginPage))
	g.On("POST /login", authz.AccountSignIn, web.Handler(d.login))
	g.On("POST /login/second", authz.AccountSignIn, web.Handler(d.second))
	g.On("POST /login/renew", authz.AccountSignIn, web.Handler(d.renew))
	g.On("POST /logout", authz.AccountSignIn, web.Handler(d.logout))
	g.On("GET /stepup", authz.AccountSelf, web.Handler(d.stepUpPage))
	g.On("POST /stepup", authz.AccountSelf, web.Handler(d.stepUp))
	g.On("GET /join", authz.AccountSignIn, web.Handler(d.joinPage))
	g.On("POST /join", authz.AccountSignIn, web.Handler(d.join))
	g.On("POST /join/enrol", authz.AccountSignIn, web.Handler(d.enrol))
	g.On("GET /account", authz.AccountSelf, web.Handler(d.account))
	g.On("POST /account/sessions/{id}/end", authz.AccountSelf, web.Handler(d.endSession))
	g.On("POST /account/sessions/end", authz.AccountSelf, web.Handler(d.endOthers))
	g.On("POST /account/devices/forget", authz.AccountSelf, web.Handler(d.forgetDevices))
	g.On("POST /account/recoveries/{id}/cancel", authz.AccountSelf, web.Handler(d.cancelRecovery))
	g.On("GET /account/second", authz.AccountSelf, web.Handler(d.secondPage))
	g.On("POST /account/second", authz.AccountSelf, web.Handler(d.beginSecond))
	g.On("POST /account/second/confirm", authz.AccountSelf, web.Handler(d.confirmSecond))
	g.On("GET /account/deputies", authz.AccountSelf, web.Handler(d.deputies))
	g.On("POST /account/deputies", authz.AccountDeputise, web.Handler(d.deputise))
	g.On("POST /account/deputies/{id}/end", authz.AccountSelf, web.Handler(d.endDeputy))
	g.On("GET /account/password", authz.AccountSelf, web.Handler(d.passwordPage))
	g.On("POST /account/password", authz.AccountSelf, web.Handler(d.password))
}

func origin(r *http.Request) identity.Origin {
	who := web.Actor(r)
	return identity.Origin{Addr: who.Addr, Agent: r.UserAgent(), Request: web.RequestID(r.Context()), Device: web.Device(r)}
}

// entered gives the browser its session and leads on.
func (d *Desk) entered(w http.ResponseWriter, r *http.Request, p identity.Progress, to string) error {
	web.SetSession(r, p.Session)
	if p.Device != "" {
		web.SetDevice(r, p.Device)
	}
	if to = web.Local(to); to == "/" {
		who, err := d.Identity.Signed(r.Context(), p.Session)
		if err != nil {
			return err
		}
		to = d.Home(who)
	}
	return web.Redirect(w, r, to)
}

// again shows a form once more with why it was refused; other faults go on.
func again(w http.ResponseWriter, r *http.Request, f *web.Form, err error, page func() templ.Component) error {
	if !f.Take(err) {
		return err
	}
	return web.Show(w, r, http.StatusUnprocessableEntity, page())
}
