// Package casework leads cases through states, by people, in time.
//
// A procedure is a [Machine]: states and acts as data. An act says from which
// states to which one it leads, what duty it is (authz), who holds the case
// next and how long they have (民法典 arts. 201–203), and which earlier act must
// have been another person's (maker ≠ checker, AZ-5). Rulebooks may override
// terms and holders case by case.
//
//	Open ──→ case (state, version, due, holder) ──Move──→ case' … ──→ final state
//	             │                                │
//	             └── Todos: what waits for me     └── History: append-only steps
//
// No step can be skipped, repeated or taken twice (AZ-7): Move locks the case,
// asks permission, compares the version that the person saw (CRS-7) and only
// then looks at the state. Features own their rows and their audit events;
// casework owns where a case stands, who has it and by when.
//
// machine.go and rules.go are pure. service.go moves cases, todo.go lists what
// waits, handover.go gives it to others, bulk.go does many at once, diagram.go
// draws the machines for docs/workflows.md.
package casework
