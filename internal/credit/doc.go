// Package credit evaluates property-service enterprises, their projects and
// their managers under a city's credit measure.
//
// A measure is a rulebook (YAML, see docs/rulebooks.md), read once into a [Book].
// The engine knows no city: everything that differs between cities is data,
// along the 55 constructs PC-01 … PC-55 of the domain reference.
//
//	register, records, inputs ──▶ Bundle (one enterprise)
//	rulebook ──Parse──▶ Book ──┐      │
//	as-of day ────────────────▶ Evaluator ──▶ Result: score, grade, lines, signals, uses
//
// book_*.go read and check the rulebook. rules_*.go are pure: no ctx, SQL or
// clock; the day is an argument. A score is the sum of its lines; each line
// names its record and its place in the rulebook, and records that don't count
// stand there with the reason. An [Evaluator] takes one enterprise at a time
// and reuses its buffers, so that a city streams through.
//
// service_*.go and store_*.go keep the records, the evaluations and what is
// published.
package credit
