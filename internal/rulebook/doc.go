// Package rulebook keeps the rules of a city as data: one YAML file per measure
// and version, checked when it is loaded and named by its digest in every
// result computed under it.
//
//	YAML text ──Parse──▶ Document ──Kind.Check──▶ the feature's own book
//	    │                 envelope, marks, values with line numbers
//	    └─ SHA-256 ─▶ digest        expressions: CEL, typed, cost-limited
//
//	draft ──▶ public comment ──▶ adopted ──▶ retired        (Service)
//
// The package knows the envelope that all kinds share (kind, code, version,
// legal basis, effective dates, state, marks). What the rest of a file means
// belongs to the feature: it registers a [Kind] in the [Kinds] that the program
// hands in. A [Value] reads one YAML node strictly: unknown keys, duplicate
// keys, aliases and inexact numbers are refused with the line where they stand.
//
// Each value may say how sure it is: verified in a published text, general
// knowledge, assumed, unknown. The marks are kept and shown.
package rulebook
