// Package fault is the one error type that people read.
//
// A fault says in one Chinese sentence what was refused and why, names the rule
// by a stable word that tests and translations key on, and may carry a sentence
// per form field. Its cause is only logged. Every other error that reaches an
// edge becomes Internal, so that an unforeseen message can never leak to a page.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Kind says what sort of refusal a fault is; edges map it to a status.
type Kind int

// The kinds, from the most harmless to the failure on our side.
const (
	Internal        Kind = iota // a failure of ours; the text says nothing of it
	Invalid                     // input breaks a rule
	NotFound                    // no such thing, or none that this actor may know of
	Forbidden                   // the actor's role doesn't do this act
	Unauthenticated             // nobody is signed in
	StepUp                      // signed in, but the second factor must be fresh
	Conflict                    // somebody was faster, or the state doesn't allow it
	TooMany                     // limits of rate
	TooLarge                    // limits of size
	Unavailable                 // try again later
)

var kindNames = [...]string{"internal", "invalid", "not-found", "forbidden", "unauthenticated", "step-up", "conflict", "too-many", "too-large", "unavailable"}

// String is the kind's stable name.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return "internal"
	}
	return kindNames[k]
}

// An Error is a refusal or a failure. Text and Fields are shown; Err is only logged.
type Error struct {
	Kind   Kind
	Rule   string            // stable name of the rule, e.g. "credit.future-date"
	Text   string            // one sentence for the user, in Chinese
	Fields map[string]string // form field → sentence
	Err    error             // cause
}

// New makes a fault; format is a Chinese sentence.
func New(kind Kind, rule, format string, args ...any) *Error {
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	return &Error{Kind: kind, Rule: rule, Text: text}
}

// Wrap makes a fault that keeps its cause for the log.
func Wrap(err error, kind Kind, rule, format string, args ...any) *Error {
	f := New(kind, rule, format, args...)
	f.Err = err
	return f
}

// With adds a sentence for one form field and returns e; the first sentence of a field stays.
func (e *Error) With(field, text string) *Error {
	if e.Fields == nil {
		e.Fields = map[string]string{}
	}
	if _, has := e.Fields[field]; !has {
		e.Fields[field] = text
	}
	return e
}

// OrNil is e if any field was refused, else nil: the end of a form's checks.
func (e *Error) OrNil() error {
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// Error shows rule, text, fields and cause, for logs and tests.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Rule, e.Text)
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		fmt.Fprintf(&b, " [%s: %s]", name, e.Fields[name])
	}
	if e.Err != nil {
		fmt.Fprintf(&b, " (%v)", e.Err)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// From finds the fault in err's tree. Any other error becomes Internal. From(nil) is nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Kind: Internal, Rule: "internal", Text: "系统出现问题，您填写的内容没有提交成功，请稍后再试。", Err: err}
}

// Is says whether err is a fault of that rule.
func Is(err error, rule string) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Rule == rule
}
