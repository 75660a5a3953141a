// Package survey asks homes how satisfied they are with the service of their
// project, so that the answer can be trusted by those who did not like it.
//
//	plan ──→ planned ──open──→ open ──close──→ closed ──propose──→ proposed ──publish──→ published
//	            └───────────────┴────cancel──────┘  ↑────────return───┘
//
// A survey asks a sample. How many homes are needed follows from the margin and
// the confidence that the rulebook (kind "survey") asks for; which ones are drawn
// follows from a seed that is made as the survey opens and published with it, so
// that anybody can draw again. A home has one voice: a slip with a code that
// answers once, or the slip itself filled in on paper and entered by the community,
// of which another person reads a sample again without seeing the entry; where the
// two differ, the paper is looked at once more. What a home answered by code is
// kept apart from the home; nobody can look it up.
//
// Nothing is counted before a survey closes; then the counts are proposed and
// published by another person, each share with its numerator, denominator and
// Wilson interval, and go to credit if the rulebook says so.
//
//	book.go      the rulebook
//	rules.go     sample size, draw, interval, counting: whole numbers only
//	machine.go   the procedure
//	service.go   plan, open, close, cancel
//	answer.go    codes, slips, answers
//	paper.go     paper answers and their second reading
//	publish.go   propose, return, publish; credit
//	list.go      lists and totals
//	store.go     tables
package survey
