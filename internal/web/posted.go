package web

import (
	"mime/multipart"
	"net/http"
	"net/url"
)

// Sent reads what a program sent as a form, within the limits of a form
// (INP-1): it knows no cookies, so there is no token to ask for. What lies aside
// of its files goes with the request.
func Sent(r *http.Request) (url.Values, map[string][]*multipart.FileHeader, error) {
	st := stateOf(r.Context())
	if st.form == nil {
		b, err := readBody(r)
		if err != nil {
			return nil, nil, err
		}
		st.form = b
	}
	return st.form.values, st.form.files, nil
}
