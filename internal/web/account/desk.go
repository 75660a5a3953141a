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
func (d *Desk) Routes(mux *http.ServeMux) {
	mux.Handle("GET /login", web.Handler(d.loginPage))
	mux.Handle("POST /login", web.Handler(d.login))
	mux.Handle("POST /login/second", web.Handler(d.second))
	mux.Handle("POST /login/renew", web.Handler(d.renew))
	mux.Handle("POST /logout", web.Handler(d.logout))
	mux.Handle("GET /stepup", web.SignedInOnly(d.stepUpPage))
	mux.Handle("POST /stepup", web.SignedInOnly(d.stepUp))
	mux.Handle("GET /join", web.Handler(d.joinPage))
	mux.Handle("POST /join", web.Handler(d.join))
	mux.Handle("POST /join/enrol", web.Handler(d.enrol))
	mux.Handle("GET /account", web.SignedInOnly(d.account))
	mux.Handle("POST /account/sessions/{id}/end", web.SignedInOnly(d.endSession))
	mux.Handle("POST /account/sessions/end", web.SignedInOnly(d.endOthers))
	mux.Handle("POST /account/devices/forget", web.SignedInOnly(d.forgetDevices))
	mux.Handle("POST /account/recoveries/{id}/cancel", web.SignedInOnly(d.cancelRecovery))
	mux.Handle("GET /account/second", web.SignedInOnly(d.secondPage))
	mux.Handle("POST /account/second", web.SignedInOnly(d.beginSecond))
	mux.Handle("POST /account/second/confirm", web.SignedInOnly(d.confirmSecond))
	mux.Handle("GET /account/deputies", web.SignedInOnly(d.deputies))
	mux.Handle("POST /account/deputies", web.SignedInOnly(d.deputise))
	mux.Handle("POST /account/deputies/{id}/end", web.SignedInOnly(d.endDeputy))
	mux.Handle("GET /account/password", web.SignedInOnly(d.passwordPage))
	mux.Handle("POST /account/password", web.SignedInOnly(d.password))
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
