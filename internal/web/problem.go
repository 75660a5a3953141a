package web

import (
	"encoding/json"
	"net/http"

	"juli/internal/fault"
)

// writeProblem answers a program with a refusal of the edge, in the form of
// RFC 9457; package api words those of its operations.
func writeProblem(w http.ResponseWriter, f *fault.Error) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	status := Status(f)
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.Encode(map[string]any{"type": "about:blank", "title": faultTitle(f), "status": status, "detail": f.Text, "rule": f.Rule}) //nolint:errcheck // the client has gone
}
