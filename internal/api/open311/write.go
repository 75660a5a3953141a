package open311

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"juli/internal/fault"
	"juli/internal/web"
)

// A document is the same in both formats: lists stand bare in JSON and under a
// root in XML.
type document struct{ json, xml any }

func both(v any) document { return document{v, v} }

const (
	asJSON = "json"
	asXML  = "xml"
)

func write(w http.ResponseWriter, r *http.Request, format string, status int, d document) {
	var b bytes.Buffer
	var err error
	kind := "text/xml; charset=utf-8"
	if format == asJSON {
		kind = "application/json; charset=utf-8"
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		err = enc.Encode(d.json)
	} else {
		b.WriteString(xml.Header)
		err = xml.NewEncoder(&b).Encode(d.xml)
	}
	if err != nil {
		slog.LogAttrs(r.Context(), slog.LevelError, "open311 failed", slog.String("request", web.RequestID(r.Context())), slog.Any("err", err))
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(b.Bytes()) //nolint:errcheck // the client has gone
	}
}

// refuse answers with the specification's list of errors: one for each field.
func refuse(w http.ResponseWriter, r *http.Request, format string, err error) {
	f := fault.From(err)
	status := statusOf(f)
	if status >= http.StatusInternalServerError {
		slog.LogAttrs(r.Context(), slog.LevelError, "open311 failed", slog.String("request", web.RequestID(r.Context())), slog.String("rule", f.Rule), slog.Any("err", err))
	}
	if f.Kind == fault.TooMany || f.Kind == fault.Unavailable {
		w.Header().Set("Retry-After", "10")
	}
	code := strconv.Itoa(status)
	list := []Refusal{}
	for _, name := range slices.Sorted(maps.Keys(f.Fields)) {
		list = append(list, Refusal{code, spoken(name) + ": " + f.Fields[name]})
	}
	if len(list) == 0 {
		list = append(list, Refusal{code, f.Text})
	}
	write(w, r, format, status, document{list, refusals{List: list}})
}

// fields are the names under which a client knows what it sent.
var fields = map[string]string{"body": "description", "topic": "service_code", "project": "address_id", "building": "attribute[building]", "spot": "attribute[spot]", "class": "attribute[class]", "photos": "media"}

func spoken(name string) string {
	if s := fields[name]; s != "" {
		return s
	}
	return name
}

// statusOf is the status that the specification wants: 400 for what was sent
// wrongly, 403 for a key that is missing or none, 404 for what is not there.
func statusOf(f *fault.Error) int {
	switch f.Kind {
	case fault.Invalid:
		if f.Rule == "request.method" || f.Rule == "request.slow" {
			return web.Status(f)
		}
		return http.StatusBadRequest
	case fault.Unauthenticated, fault.StepUp:
		return http.StatusForbidden
	}
	return web.Status(f)
}
