package bureau

import (
	"slices"
	"testing"

	"juli/internal/casework"
	"juli/internal/supervision"
	"juli/internal/web"
)

func named(fields []web.Field, name string) (web.Field, bool) {
	i := slices.IndexFunc(fields, func(f web.Field) bool { return f.Name == name })
	if i < 0 {
		return web.Field{}, false
	}
	return fields[i], true
}

func acts(m *casework.Machine, names ...string) (out []casework.Act) {
	for _, n := range names {
		a, _ := m.Act(n)
		out = append(out, a)
	}
	return out
}

func TestAReasonIsAskedForAsTheOfferedActsWantIt(t *testing.T) {
	for _, x := range []struct {
		offered  []string
		required bool
		when     string
	}{
		{[]string{supervision.ActPass, supervision.ActFail}, true, ""},
		{[]string{supervision.ActOrder, supervision.ActAskEnd}, false, "“提出终止”时必填"},
		{[]string{supervision.ActConfirm}, false, ""},
	} {
		fields := caseActFields(caseView{d: supervision.Dossier{Allowed: acts(supervision.CaseMachine, x.offered...)}})
		if note, ok := named(fields, "note"); !ok || note.Required != x.required || note.When != x.when {
			t.Errorf("%v: required %v, %q", x.offered, note.Required, note.When)
		}
	}
}

func TestAMeasureAsksOnlyForWhatAnOfferedActUses(t *testing.T) {
	for _, x := range []struct {
		offered                  []string
		document, mustDoc, dates bool
	}{
		{[]string{supervision.ActBack}, false, false, false},
		{[]string{supervision.ActSend}, false, false, false},
		{[]string{supervision.ActAccept, supervision.ActDecline}, true, true, false},
		{[]string{supervision.ActCarry, supervision.ActList}, true, false, true},
	} {
		v := measureView{d: supervision.MeasureDossier{Measure: supervision.Measure{Kind: supervision.Referral}, Allowed: acts(supervision.MeasureMachine, x.offered...)}}
		fields := carryFields(v)
		document, has := named(fields, "document")
		if _, dates := named(fields, "from"); has != x.document || document.Required != x.mustDoc || dates != x.dates {
			t.Errorf("%v: document %v (%v), days %v", x.offered, has, document.Required, dates)
		}
	}
}
