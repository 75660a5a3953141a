package web

import (
	"context"
	"net/http"
	"strconv"

	"juli/internal/authz"
)

// state is what the edge knows of one request; there is one per request, made
// by Site.requests, so that the outermost log line sees what the inner found.
type state struct {
	site   *Site
	id     string // of the request, on 5xx pages and in the log
	req    *http.Request
	who    authz.Actor
	secret string // what form tokens are bound to: the session's or the visitor's token
	signed bool   // secret is a session's
	view   View
	form   *body  // what was posted, read once
	asked  *Form  // the form that a handler read it as
	rest   *paced // the request's body, as far as it has not been read
	said   string
	set    []*http.Cookie // to be sent with the answer
	used   bool           // a form was drawn: a visitor needs a secret
}

type stateKey struct{}

var noSite = &Site{}

// stateOf is never nil, so that a component can be drawn outside a request.
func stateOf(ctx context.Context) *state {
	if s, ok := ctx.Value(stateKey{}).(*state); ok {
		return s
	}
	return &state{site: noSite}
}

// Actor is who asks: authz.Anonymous without a session.
func Actor(r *http.Request) authz.Actor { return stateOf(r.Context()).who }

// SignedIn says whether the request came with a session.
func SignedIn(r *http.Request) bool { return stateOf(r.Context()).who.Account != 0 }

// RequestID names the request in the log and on error pages.
func RequestID(ctx context.Context) string { return stateOf(ctx).id }

// A View is how a person wants to see pages; a cookie remembers it.
type View struct {
	Large bool   // the elderly edition (长辈版)
	Zoom  int    // 0–2, its size of type (ACC-6)
	Theme string // "", "light", "dark"
}

func itoa(n int) string { return strconv.Itoa(n) }
