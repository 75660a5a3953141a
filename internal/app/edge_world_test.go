package app_test

import (
	"context"
	"net/http"

	"juli/internal/authz"
	"juli/internal/web"
)

// as is the site for one person: any token is theirs.
func as(tn town, who authz.Actor) http.Handler {
	return tn.HandlerAs(func(_ context.Context, token string) (authz.Actor, error) {
		if token == "" {
			return authz.Actor{}, web.NeedSignin()
		}
		return who, nil
	})
}
